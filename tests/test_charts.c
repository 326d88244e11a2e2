/* Charts of reports of compare and project, end to end: what is drawn, and what is refused. */
#include "chart_report.h"
#include "error.h"
#include "suite.h"

#include <check.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A result of compare: of 1 bit a weight and more; `error` is relative. */
#define RESULT(rounding, bits, error, more)                                                        \
    "{\"format\": \"f" bits "\", \"rounding\": \"" rounding "\", \"scales\": \"default\", "        \
    "\"weighting\": \"native\", \"fit\": \"rows\", \"bits_per_weight\": " bits                     \
    ", \"rmse\": 0.5, \"relative_rmse\": " error ", \"sqnr_db\": " bits more "}"
#define COMPARE(results)                                                                           \
    REPORT("compare", "\"inputs\": [\"in\"], \"importance\": null, \"input_hash\": \"1\", "        \
                      "\"total\": [" results "]")

/* ------------------------------------------------------------------------------------------------
 * Reports of compare
 */

static const char four_results[] =
    COMPARE(RESULT("nearest", "4", "0.9", "") "," RESULT("ggml", "2", "0.1", "") "," /**/
            RESULT("exact", "4", "0.01", "") "," RESULT(
                "wls", "6", "0.001", "") "," /**/
                                         "{\"format\": \"f\", \"rounding\": \"r\", \"scales\": "
                                         "\"default\", \"weighting\": \"native\", "
                                         "\"fit\": \"unavailable\"}");

/* Is the middle of the mark filled? */
static bool is_filled(cairo_surface_t *image, unsigned colour)
{
    const struct chart_spot spot = chart_find_below(image, colour);
    return chart_pixel(image, (int)round(spot.x), (int)round(spot.y)) == colour;
}

START_TEST(bits_and_error)
{
    cairo_surface_t *image = chart_plot(four_results, "--kind bits");
    chart_check_steps(image, false);
    ck_assert(is_filled(image, CHART_BLUE) && is_filled(image, CHART_GREEN));
    cairo_surface_destroy(image);
    image =
        chart_plot(COMPARE(RESULT("nearest", "4", "0.1", "") "," RESULT("ggml", "4", "0.2", "")),
                   "--kind bits");
    ck_assert(!is_filled(image, CHART_BLUE));
    cairo_surface_destroy(image);
}
END_TEST

/* sqnr_db is the bits: more is better, and 1 dB a bit is 5.02 short. */
START_TEST(bits_and_other_statistics)
{
    cairo_surface_t *image = chart_plot(four_results, "--kind bits --statistic sqnr --size 3.5in");
    ck_assert_int_eq(cairo_image_surface_get_width(image), 1050);
    chart_check_steps(image, true);
    ck_assert(is_filled(image, CHART_BLUE) && is_filled(image, CHART_GREEN));
    cairo_surface_destroy(image);
    image = chart_plot(four_results, "--kind bits --statistic shortfall");
    const struct chart_spot low = chart_find_below(image, CHART_BLUE),
                            high = chart_find_below(image, CHART_GREEN);
    ck_assert_double_gt(low.y, high.y + 100);
    cairo_surface_destroy(image);
}
END_TEST

/* Three bins of other widths, but with a tenth as many weights for each unit as the one before: the
 * second rounding's line steps down by as much. */
START_TEST(histograms_are_steps)
{
#define HISTOGRAM ", \"error_histogram\": {\"edges\": [0, 1, 4, 8], \"counts\": [10000, 3000, 400]}"
    cairo_surface_t *image = chart_plot(COMPARE(RESULT("ggml", "4", "0.5", "") ","         /**/
                                                RESULT("exact", "4", "0.5", HISTOGRAM) "," /**/
                                                RESULT("wls", "4", "0.5", HISTOGRAM)),
                                        "--kind histogram --rounding exact,wls");
    /* The last curve is on top; the one below it shows through its dashes. */
    const struct chart_spot all = chart_find_below(image, CHART_BLUE);
    ck_assert_uint_gt(all.pixels, 1000);
    static const double from[] = {0.02, 0.2, 0.6}, to[] = {0.1, 0.45, 0.9};
    double height[3];
    for (int bin = 0; bin < 3; bin++) {
        const double width = all.right - all.left;
        const struct chart_area area = {all.left + (int)(from[bin] * width), CHART_BELOW_LEGEND,
                                        all.left + (int)(to[bin] * width), all.bottom + 1};
        const struct chart_spot step = chart_find(image, CHART_BLUE, area);
        ck_assert_int_lt(step.bottom - step.top, 8);
        height[bin] = step.y;
    }
    ck_assert_double_gt(height[1], height[0] + 50);
    ck_assert_double_eq_tol(height[1] - height[0], height[2] - height[1], 3);
    cairo_surface_destroy(image);
}
END_TEST

#define TENSOR(name, figures)                                                                      \
    "{\"name\": \"" name "\", \"results\": [{\"format\": \"q4_k\", \"rounding\": \"ggml\", "       \
    "\"scales\": \"default\", \"weighting\": \"native\", \"fit\": \"rows\", " figures "}]}"

enum {
    VIRIDIS_LOW = 0x440154,
    VIRIDIS_HIGH = 0xfde725
};

/* The best tensor is right of the worst one and in the layer above. */
START_TEST(heat_maps_have_rows_and_columns)
{
    cairo_surface_t *image = chart_plot(
        REPORT("compare", "\"inputs\": [], \"tensors\": ["                                    /**/
               TENSOR("blk.1.a", "\"sqnr_db\": 1, \"relative_rmse\": 1, \"gap_mean\": 1") "," /**/
               TENSOR("blk.0.b", "\"sqnr_db\": 9, \"relative_rmse\": 1, \"gap_mean\": 1") "," /**/
               TENSOR("blk.0.a", "\"sqnr_db\": 5, \"relative_rmse\": 1, \"gap_mean\": null") "]"),
        "--kind heatmap --size 3.5in");
    struct chart_area cells = chart_image_area(image);
    cells.bottom /= 2; /* the colour bar has these colours too */
    const struct chart_spot low = chart_find(image, VIRIDIS_LOW, cells);
    const struct chart_spot high = chart_find(image, VIRIDIS_HIGH, cells);
    ck_assert_uint_gt(low.pixels, 2000);
    ck_assert_uint_gt(high.pixels, 2000);
    ck_assert_int_ge(high.left, low.right);
    ck_assert_int_le(high.bottom, low.top + 1);
    ck_assert_int_eq(high.right - high.left, low.right - low.left);
    cairo_surface_destroy(image);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Reports of project
 */

static const char laws[] =
    REPORT("project", "\"kind\": \"asymmetry\", \"laws\": ["
                      "{\"law\": \"gaussian\", \"n\": [2, 4, 8], \"value\": [0, 0.5, 0.75], "
                      "\"profile\": [{\"n\": 2, \"value\": [-1, 0]}]}, "
                      "{\"law\": \"uniform\", \"n\": [2, 4, 8], \"value\": [0, 0.25, 0.5], "
                      "\"profile\": [{\"n\": 2, \"value\": [-1, 0.5]}, "
                      "{\"n\": 3, \"value\": [-1, 0, 1]}]}]");

START_TEST(asymmetry_and_profiles)
{
    cairo_surface_t *image = chart_plot(laws, "--kind asymmetry");
    const struct chart_spot spot = chart_find_below(image, CHART_BLUE);
    ck_assert_uint_gt(spot.pixels, 500);
    ck_assert_double_eq_tol(spot.x, (spot.left + spot.right) / 2.0, 60);
    cairo_surface_destroy(image);
    image = chart_plot(laws, "--kind profile");
    const struct chart_spot curve = chart_find_below(image, CHART_VERMILLION);
    cairo_surface_destroy(image);
    image = chart_plot(laws, "--kind profile --law uniform --setting 2");
    ck_assert_uint_eq(chart_find_below(image, CHART_BLUE).pixels, 0);
    cairo_surface_destroy(image);
    ck_assert_int_gt(curve.right - curve.left, 1500);
    ck_assert_int_gt(curve.bottom - curve.top, 500);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * What is refused
 */

static const struct chart_refusal refusals[] = {
    {"{", "--kind bits", 3, "r.json: "},
    {"[]", "--kind bits", 3, "r.json: no report of roundel compare --json"},
    {REPORT("eval", "\"others\": []"), "--kind bits", 3,
     "r.json: a report of roundel eval, but this chart is of reports of roundel compare --json"},
    {COMPARE(""), "--kind asymmetry", 3, "is of reports of roundel project --json"},
    {REPORT("compare", "\"total\": []"), "--kind bits", 3, "no string \"input_hash\""},
    {REPORT("compare", "\"input_hash\": \"1\""), "--kind bits", 3, "\"total\": no array"},
    {COMPARE(""), "--kind bits", 3, "no measured result"},
    {COMPARE("1"), "--kind bits", 3, "\"total\": result 0: no string \"format\""},
    {COMPARE(RESULT("ggml", "-4", "0.1", "")), "--kind bits", 3,
     "result 0: \"bits_per_weight\" is no number from 0.01 to 1024"},
    {COMPARE(RESULT("ggml", "4", "1e300", "")), "--kind bits", 3, "\"relative_rmse\" is no number"},
    {COMPARE(RESULT("ggml", "4", "null", "")), "--kind bits", 3, "no measured result"},
    {COMPARE(RESULT("ggml", "4", "0.1", "")), "--kind bits --rounding exact", 3,
     "no measured result is of what --format, --rounding and --weighting say"},
    {COMPARE(""), "--kind bits --statistic mean", 2, "unknown statistic 'mean'"},
    {COMPARE(""), "--kind bits --rounding exakt", 2, "did you mean 'exact'?"},
    {COMPARE(""), "--kind bits --law uniform", 2, "a chart of kind bits has no --law"},
    {COMPARE(RESULT("ggml", "4", "0.1", "")), "--kind histogram", 3,
     "no \"error_histogram\": roundel compare writes it with --histograms"},
    {COMPARE(RESULT("ggml", "4", "0.1", HISTOGRAM) "," RESULT("ggml", "5", "0.1", HISTOGRAM)),
     "--kind histogram", 3, "of format f5, and there is format f4: --format chooses one"},
    {COMPARE(
         RESULT("ggml", "4", "0.1", ", \"error_histogram\": {\"edges\": [0, 1], \"counts\": []}")),
     "--kind histogram", 3, "are no arrays of 1 .. 4096 numbers"},
    {COMPARE(RESULT("ggml", "4", "0.1",
                    ", \"error_histogram\": {\"edges\": [0, 2, 1], \"counts\": [1, 1]}")),
     "--kind histogram", 3, "\"edges\" do not ascend from 0 (number 2)"},
    {COMPARE(RESULT("ggml", "4", "0.1",
                    ", \"error_histogram\": {\"edges\": [0, 1, 2], \"counts\": [1, -1]}")),
     "--kind histogram", 3, "\"counts\" has no number from 0 to 1e18 (number 1)"},
    {COMPARE(RESULT("ggml", "4", "0.1",
                    ", \"error_histogram\": {\"edges\": [0, 1, 2], \"counts\": [0, 0]}")),
     "--kind histogram", 3, "\"counts\" are all 0"},
    {COMPARE(""), "--kind heatmap", 3, "no array \"tensors\""},
    {REPORT("compare", "\"tensors\": [{}]"), "--kind heatmap", 3,
     "\"tensors\": number 0: no string"},
    {REPORT("compare", "\"tensors\": [" TENSOR("a", "\"sqnr_db\": 1") "]"),
     "--kind heatmap --statistic excess", 3,
     "tensor \"a\": result 0: no \"gap_mean\": roundel compare writes it with --gap"},
    {REPORT("compare", "\"tensors\": [" TENSOR("a", "\"sqnr_db\": null") "]"), "--kind heatmap", 3,
     "no tensor has a \"sqnr_db\""},
    {REPORT("project", "\"kind\": \"maps\""), "--kind profile", 3,
     "no array \"laws\": roundel project --asymmetry --json writes it"},
    {REPORT("project", "\"laws\": [{\"law\": \"cauchy\"}]"), "--kind asymmetry --law uniform", 3,
     "no law is what --law says; choices: cauchy"},
    {REPORT("project", "\"laws\": [{\"law\": \"a\", \"n\": [2, 2], \"value\": [0, 0]}]"),
     "--kind asymmetry", 3, "law \"a\": \"n\" does not ascend from 1 (number 1)"},
    {REPORT("project", "\"laws\": [{\"law\": \"a\", \"n\": [2], \"value\": [2]}]"),
     "--kind asymmetry", 3, "\"value\" has no number from -1 to 1 (number 0)"},
    {REPORT("project",
            "\"laws\": [{\"law\": \"a\", \"profile\": [{\"n\": 3, \"value\": [0, 0]}]}]"),
     "--kind profile", 3, "\"profile\": number 0: \"value\" is no array of 3 numbers"},
};

START_TEST(bad_reports_get_one_clear_line)
{
    chart_expect_refusal(&refusals[_i]);
}
END_TEST

START_TEST(reports_of_other_weights_do_not_mix)
{
    static const char other[] =
        REPORT("compare", "\"inputs\": [], \"input_hash\": \"2\", \"total\": []");
    char *first = program_file(chart_directory, "a.json", four_results, strlen(four_results));
    char *second = program_file(chart_directory, "b.json", other, strlen(other));
    char arguments[1024];
    snprintf(arguments, sizeof arguments, "plot %s %s --kind bits -o %s/f.png", first, second,
             chart_directory);
    program_expect_mistake(arguments, 3, "b.json: of other weights than the first report");
    free(first);
    free(second);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Histograms that compare writes
 */

static double number_of(const json_t *array, size_t index)
{
    return json_number_value(json_array_get(array, index));
}

/* All weights are counted, half of them up to the median's bin, and the largest in the last. */
static void check_histogram(const json_t *result)
{
    const json_t *histogram = json_object_get(result, "error_histogram");
    const json_t *edges = json_object_get(histogram, "edges");
    const json_t *counts = json_object_get(histogram, "counts");
    const double weights = json_number_value(json_object_get(result, "weights"));
    const double median = json_number_value(json_object_get(result, "error_p50"));
    const double most = json_number_value(json_object_get(result, "max_error"));
    const size_t count = json_array_size(counts);
    double sum = 0, below = 0, around = 0;
    ck_assert_uint_eq(count, 7 * 32 + 1);
    ck_assert_uint_eq(json_array_size(edges), count + 1);
    for (size_t i = 0; i < count; i++) {
        sum += number_of(counts, i);
        if (number_of(edges, i + 1) <= median)
            below += number_of(counts, i);
        else if (number_of(edges, i) <= median)
            around = number_of(counts, i);
    }
    ck_assert_double_eq(sum, weights);
    ck_assert(below < weights / 2 && below + around >= weights / 2);
    ck_assert(number_of(edges, count - 1) <= most && most <= number_of(edges, count));
    ck_assert_double_eq(number_of(edges, 0), 0);
    ck_assert_double_eq_tol(number_of(edges, count) / number_of(edges, 1), 128, 1);
}

START_TEST(compare_writes_histograms)
{
    program_expect_mistake("compare synth:gaussian,shape=4x256 --histograms", 2,
                           "--histograms are for the JSON report: give --json FILE");
    char path[512];
    snprintf(path, sizeof path, "%s/h.json", chart_directory);
    struct program_result result = program_run(
        "compare synth:gaussian,shape=16x256 --format q4_0 --rounding nearest --histograms "
        "--json %s",
        path);
    ck_assert_msg(result.status == 0, "%s", result.err);
    program_free(&result);
    json_t *tree = json_load_file(path, 0, NULL);
    ck_assert_ptr_nonnull(tree);
    check_histogram(json_array_get(json_object_get(tree, "total"), 0));
    json_decref(tree);
    result = program_run("plot %s --kind histogram -o %s/f.svg", path, chart_directory);
    ck_assert_msg(result.status == 0, "%s", result.err);
    program_free(&result);
}
END_TEST

int main(void)
{
    TCase *charts = tcase_create("charts");
    tcase_set_timeout(charts, 0);
    tcase_add_checked_fixture(charts, chart_setup, chart_teardown);
    tcase_add_test(charts, bits_and_error);
    tcase_add_test(charts, bits_and_other_statistics);
    tcase_add_test(charts, histograms_are_steps);
    tcase_add_test(charts, heat_maps_have_rows_and_columns);
    tcase_add_test(charts, asymmetry_and_profiles);
    tcase_add_test(charts, reports_of_other_weights_do_not_mix);
    tcase_add_test(charts, compare_writes_histograms);
    int nrefusals = (int)(sizeof refusals / sizeof *refusals);
#ifdef ROUNDEL_SLOW_RUN
    nrefusals = 6;
#endif
    tcase_add_loop_test(charts, bad_reports_get_one_clear_line, 0, nrefusals);
    Suite *suite = suite_create("charts");
    suite_add_tcase(suite, charts);
    return suite_run(suite);
}
