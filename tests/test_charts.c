/* Charts of reports of compare, eval, kld and project, end to end: what is drawn, and what is
 * refused. */
#include "chart_image.h"
#include "error.h"
#include "program.h"
#include "suite.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *directory;

static void setup(void)
{
    directory = program_directory();
}

static void teardown(void)
{
    program_remove_directory(directory);
}

/* ------------------------------------------------------------------------------------------------
 * Reports
 */

#define REPORT(command, members)                                                                   \
    "{\"roundel\": {\"command\": \"" command "\", \"version\": \"0.1.0\", \"compiler\": \"GNU\", " \
    "\"flags\": \"-O3\", \"commit\": \"abc\"}, " members "}"

/* A result of compare: of 1 bit a weight and more; `error` is relative. */
#define RESULT(rounding, bits, error, more)                                                        \
    "{\"format\": \"f" bits "\", \"rounding\": \"" rounding "\", \"scales\": \"default\", "        \
    "\"weighting\": \"native\", \"fit\": \"rows\", \"bits_per_weight\": " bits                     \
    ", \"rmse\": 0.5, \"relative_rmse\": " error ", \"sqnr_db\": " bits more "}"
#define COMPARE(results)                                                                           \
    REPORT("compare", "\"inputs\": [\"in\"], \"importance\": null, \"input_hash\": \"1\", "        \
                      "\"total\": [" results "]")

/* A model of eval. */
#define MODEL(format, rounding, bits, wrmse, kld, tail, more)                                      \
    "{\"file\": \"" format " " rounding "\", \"format\": \"" format                                \
    "\", \"rounding\": \"" rounding                                                                \
    "\", \"weighting\": \"native\", \"absent\": null, \"bits_per_weight\": " bits                  \
    ", \"weighted_rmse\": " wrmse ", \"kl_divergence\": {\"mean\": {\"value\": " kld               \
    ", \"interval_99\": null}, \"top_5_percent\": {\"value\": " tail                               \
    ", \"standard_error\": 0}}" more "}"
#define EVAL(models)                                                                               \
    REPORT("eval", "\"texts\": [{\"file\": \"t\"}], \"base\": {\"file\": \"b\", \"tokens\": 8}, "  \
                   "\"others\": [" models "]")

/* Plots a report into f.png; returns what the program wrote to stdout, then to stderr. */
static struct program_result run(const char *text, const char *options)
{
    char *path = program_file(directory, "r.json", text, strlen(text));
    struct program_result result =
        program_run("plot '%s' -o '%s/f.png' %s", path, directory, options);
    free(path);
    return result;
}

static cairo_surface_t *plot(const char *text, const char *options)
{
    struct program_result result = run(text, options);
    ck_assert_msg(result.status == 0, "%s", result.err);
    ck_assert_str_eq(result.err, "");
    program_free(&result);
    char path[512];
    snprintf(path, sizeof path, "%s/f.png", directory);
    return chart_image_open(path);
}

enum {
    BELOW_LEGEND = 46 * 300 / 72 /* pixels, where the legend has one line */
};

static struct chart_spot find(cairo_surface_t *image, unsigned colour)
{
    struct chart_area area = chart_image_area(image);
    area.top = BELOW_LEGEND;
    return chart_find(image, colour, area);
}

/* Three marks of the second, third and fourth series, at equal distances, to the right and `up`. */
static void check_steps(cairo_surface_t *image, bool up)
{
    const struct chart_spot a = find(image, CHART_BLUE), b = find(image, CHART_VERMILLION);
    const struct chart_spot c = find(image, CHART_GREEN);
    ck_assert_uint_gt(a.pixels, 50);
    ck_assert_uint_gt(b.pixels, 50);
    ck_assert_uint_gt(c.pixels, 50);
    /* Shapes have their middles elsewhere by a few pixels. */
    ck_assert_double_eq_tol(b.x - a.x, c.x - b.x, 4);
    ck_assert_double_eq_tol(b.y - a.y, c.y - b.y, 6);
    ck_assert_double_gt(b.x, a.x + 150);
    ck_assert_double_gt(up ? a.y - b.y : b.y - a.y, 100);
}

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
    const struct chart_spot spot = find(image, colour);
    return chart_pixel(image, (int)round(spot.x), (int)round(spot.y)) == colour;
}

START_TEST(bits_and_error)
{
    cairo_surface_t *image = plot(four_results, "--kind bits");
    check_steps(image, false);
    ck_assert(is_filled(image, CHART_BLUE) && is_filled(image, CHART_GREEN));
    cairo_surface_destroy(image);
    image = plot(COMPARE(RESULT("nearest", "4", "0.1", "") "," RESULT("ggml", "4", "0.2", "")),
                 "--kind bits");
    ck_assert(!is_filled(image, CHART_BLUE));
    cairo_surface_destroy(image);
}
END_TEST

/* sqnr_db is the bits: more is better, and 1 dB a bit is 5.02 short. */
START_TEST(bits_and_other_statistics)
{
    cairo_surface_t *image = plot(four_results, "--kind bits --statistic sqnr --size 3.5in");
    ck_assert_int_eq(cairo_image_surface_get_width(image), 1050);
    check_steps(image, true);
    ck_assert(is_filled(image, CHART_BLUE) && is_filled(image, CHART_GREEN));
    cairo_surface_destroy(image);
    image = plot(four_results, "--kind bits --statistic shortfall");
    const struct chart_spot low = find(image, CHART_BLUE), high = find(image, CHART_GREEN);
    ck_assert_double_gt(low.y, high.y + 100);
    cairo_surface_destroy(image);
}
END_TEST

/* Of 11110 weights, four bins of equal width and shares of a tenth of the one before: the second
 * rounding's line steps down by as much. */
START_TEST(histograms_are_steps)
{
#define HISTOGRAM                                                                                  \
    ", \"error_histogram\": {\"edges\": [0, 1, 2, 3, 4], \"counts\": [10000, 1000, 100, 10]}"
    cairo_surface_t *image = plot(COMPARE(RESULT("ggml", "4", "0.5", "") ","         /**/
                                          RESULT("exact", "4", "0.5", HISTOGRAM) "," /**/
                                          RESULT("wls", "4", "0.5", HISTOGRAM)),
                                  "--kind histogram --rounding exact,wls");
    /* The last curve is on top; the one below it shows through its dashes. */
    const struct chart_spot all = find(image, CHART_BLUE);
    ck_assert_uint_gt(all.pixels, 1000);
    double height[4];
    for (int bin = 0; bin < 4; bin++) {
        const int width = (all.right - all.left) / 4;
        const struct chart_area area = {all.left + bin * width + width / 4, BELOW_LEGEND,
                                        all.left + bin * width + 3 * width / 4, all.bottom + 1};
        const struct chart_spot step = chart_find(image, CHART_BLUE, area);
        ck_assert_int_lt(step.bottom - step.top, 8);
        height[bin] = step.y;
    }
    ck_assert_double_gt(height[1], height[0] + 50);
    ck_assert_double_eq_tol(height[1] - height[0], height[2] - height[1], 3);
    ck_assert_double_eq_tol(height[2] - height[1], height[3] - height[2], 3);
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
    cairo_surface_t *image = plot(
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
 * Reports of eval
 */

#define TOKENS(numbers) ", \"per_token\": {\"kld\": [" numbers "]}"

static const char four_models[] = EVAL(
    MODEL("f4", "nearest", "4", "0.3", "0.5", "0.9", TOKENS("1, 1, 1, 1, 1, 1, 1, 1")) ","    /**/
    MODEL("f2", "ggml", "2", "0.1", "0.1", "1", TOKENS("1, 2, 8, 4, 3, 6, 5, 7")) ","         /**/
    MODEL("f4", "exact", "4", "0.01", "0.01", "0.1", TOKENS("0, 0, 0, 0, 0, 0, 0, 1e-3")) "," /**/
    MODEL("f6", "wls", "6", "0.001", "0.001", "0.01",
          TOKENS("1e-5, 1e-6")) "," /**/
                                "{\"file\": \"f8 nearest\", \"format\": \"f8\", \"rounding\": "
                                "\"nearest\", " /**/
                                "\"absent\": \"needs importance\"}");

/* The model that is absent is told of. */
static cairo_surface_t *plot_models(const char *options, const char *said)
{
    struct program_result result = run(four_models, options);
    ck_assert_msg(result.status == 0, "%s", result.err);
    ck_assert_ptr_nonnull(strstr(result.err, "left out 1 model(s) that were not measured\n"));
    ck_assert_str_eq(result.out, said);
    program_free(&result);
    char path[512];
    snprintf(path, sizeof path, "%s/f.png", directory);
    return chart_image_open(path);
}

START_TEST(divergence_and_bits)
{
    cairo_surface_t *image = plot_models("--kind kld-bits", "");
    check_steps(image, false);
    cairo_surface_destroy(image);
    image = plot_models("--kind kld-bits --statistic top5", "");
    check_steps(image, false);
    cairo_surface_destroy(image);
}
END_TEST

START_TEST(divergence_and_error)
{
    cairo_surface_t *image =
        plot_models("--kind kld-error", "rank correlation 1.000 over 4 models; of 1 pairs of one "
                                        "format, less error means less divergence in 1\n");
    const struct chart_spot a = find(image, CHART_GREEN), b = find(image, CHART_VERMILLION);
    const struct chart_spot c = find(image, CHART_BLUE);
    ck_assert_double_gt(b.x, a.x + 150);
    ck_assert_double_eq_tol(b.x - a.x, c.x - b.x, 4);
    ck_assert_double_eq_tol(b.y - a.y, c.y - b.y, 6);
    cairo_surface_destroy(image);
}
END_TEST

/* What is the first of its format is at 1, 1; one model is far left of it and below. */
START_TEST(divergence_and_error_of_one_format)
{
    cairo_surface_t *image = plot_models("--kind kld-error --statistic relative",
                                         "rank correlation - over 1 models; of 1 pairs of one "
                                         "format, less error means less divergence in 1\n");
    const struct chart_spot first = find(image, CHART_GREEN), other = find(image, CHART_VERMILLION);
    ck_assert_uint_gt(first.pixels, 50);
    ck_assert_uint_gt(other.pixels, 50);
    ck_assert_double_gt(first.x, other.x + 1000);
    ck_assert_double_gt(other.y, first.y + 500);
    cairo_surface_destroy(image);
}
END_TEST

/* The mean and the top of a model are a decade from each other, in one row; more bits are above. */
START_TEST(divergence_by_format)
{
    cairo_surface_t *image = plot_models("--kind kld-formats", "");
    const struct chart_spot f6 = find(image, CHART_GREEN), f4 = find(image, CHART_VERMILLION);
    const struct chart_spot f2 = find(image, CHART_BLUE);
    ck_assert_double_gt(f4.y, f6.y + 50);
    ck_assert_double_gt(f2.y, f4.y + 50);
    const int decade = f6.right - f6.left; /* and a mark */
    ck_assert_int_gt(decade, 200);
    ck_assert_int_le(abs(f4.right - f4.left - decade), 6);
    ck_assert_int_le(abs(f4.left - f6.left - (f2.left - f4.left)), 6);
    /* Filled is the smaller one. */
    const int size = 22; /* pixels of a mark */
    ck_assert_uint_eq(chart_pixel(image, f2.left + size / 2, (int)round(f2.y)), CHART_BLUE);
    ck_assert_uint_ne(chart_pixel(image, f2.right - size / 2, (int)round(f2.y)), CHART_BLUE);
    cairo_surface_destroy(image);
}
END_TEST

/* The axis goes from one token of eight to all. The second model has one token with a divergence,
 * the third has two tokens: its curve begins at the middle one, two thirds of the way. */
START_TEST(tokens_are_sorted)
{
    cairo_surface_t *image = plot(four_models, "--kind kld-tokens --rounding ggml,exact,wls");
    const struct chart_spot one = find(image, CHART_BLUE), two = find(image, CHART_VERMILLION);
    const double width = one.right - one.left;
    ck_assert_double_gt(width, 1500);
    ck_assert_double_eq_tol(two.left - one.left, 2 * width / 3, 8);
    ck_assert_int_le(abs(two.right - one.right), 8);
    /* 10^-3 is above 10^-5, which is above 10^-6; the 0 is at the bottom. */
    ck_assert_int_lt(one.top, two.top - 100);
    ck_assert_int_lt(two.bottom, one.bottom - 20);
    ck_assert_double_eq_tol(2.0 * (two.bottom - two.top), two.top - one.top, 12);
    cairo_surface_destroy(image);
}
END_TEST

/* A report of kld has file names alone. */
START_TEST(files_of_logits)
{
    static const char report[] =
        REPORT("kld", "\"base\": {\"file\": \"b.kld\", \"tokens\": 8}, \"others\": [{\"file\": "
                      "\"/x/q4.kld\", \"kl_divergence\": {\"mean\": {\"value\": 0.1, "
                      "\"interval_99\": [0.05, 0.2]}, \"top_5_percent\": {\"value\": 1, "
                      "\"standard_error\": 0.1}}}]");
    cairo_surface_destroy(plot(report, "--kind kld-formats --size 3.5in"));
    struct program_result result = run(report, "--kind kld-bits");
    ck_assert_int_eq(result.status, 3);
    ck_assert_ptr_nonnull(strstr(result.err,
                                 "r.json: \"others\": number 0: model \"/x/q4.kld\": no "
                                 "\"bits_per_weight\": roundel eval --json writes it"));
    program_free(&result);
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
    cairo_surface_t *image = plot(laws, "--kind asymmetry");
    const struct chart_spot spot = find(image, CHART_BLUE);
    ck_assert_uint_gt(spot.pixels, 500);
    ck_assert_double_eq_tol(spot.x, (spot.left + spot.right) / 2.0, 60);
    cairo_surface_destroy(image);
    image = plot(laws, "--kind profile");
    const struct chart_spot curve = find(image, CHART_VERMILLION);
    cairo_surface_destroy(image);
    image = plot(laws, "--kind profile --law uniform --setting 2");
    ck_assert_uint_eq(find(image, CHART_BLUE).pixels, 0);
    cairo_surface_destroy(image);
    ck_assert_int_gt(curve.right - curve.left, 1500);
    ck_assert_int_gt(curve.bottom - curve.top, 500);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * What is refused
 */

static const struct {
    const char *report, *options;
    int status;
    const char *said;
} refusals[] = {
    {"{", "--kind bits", 3, "r.json: "},
    {"[]", "--kind bits", 3, "r.json: no report of roundel compare --json"},
    {EVAL(""), "--kind bits", 3,
     "r.json: a report of roundel eval, but this chart is of reports of roundel compare --json"},
    {COMPARE(""), "--kind kld-bits", 3,
     "a report of roundel compare, but this chart is of reports of roundel eval or kld --json"},
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
    {EVAL("1"), "--kind kld-bits", 3, "\"others\": number 0: no object"},
    {EVAL("{\"file\": \"x\"}"), "--kind kld-bits", 3,
     "model \"x\": \"kl_divergence\": \"mean\": \"value\" is no number"},
    {EVAL(MODEL("f", "r", "4", "0", "0.1", "1", "")), "--kind kld-error", 3,
     "model \"f r\": no \"weighted_rmse\" above 0"},
    {EVAL(MODEL("f", "r", "4", "1", "0.1", "1", "")), "--kind kld-tokens", 3,
     "no \"per_token\": roundel eval --per-token writes it"},
    {EVAL(MODEL("f", "r", "4", "1", "0.1", "1", TOKENS("1, null"))), "--kind kld-tokens", 3,
     "number 1 is none"},
    {EVAL(MODEL("f", "r", "4", "1", "0.1", "1", TOKENS("0, 0"))), "--kind kld-tokens", 3,
     "no divergence is above"},
    {EVAL(MODEL("f", "r", "4", "1", "0", "1", "")), "--kind kld-error", 3, "has no logarithm"},
    {EVAL(MODEL("f", "r", "4", "1", "1", "1", "")), "--kind kld-error --statistic relative", 3,
     "r.json: no format has two roundings to compare"},
    {EVAL(MODEL("f", "r", "4", "1", "0", "1", "")), "--kind kld-bits", 3,
     "no model has a divergence above 0"},
    {REPORT("eval", "\"base\": {}"), "--kind kld-formats", 3, "no array \"others\""},
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
    char *path =
        program_file(directory, "r.json", refusals[_i].report, strlen(refusals[_i].report));
    char arguments[1024];
    snprintf(arguments, sizeof arguments, "plot %s -o %s/f.png %s", path, directory,
             refusals[_i].options);
    program_expect_mistake(arguments, refusals[_i].status, refusals[_i].said);
    ck_assert_uint_eq(program_count_files(directory), 1);
    free(path);
}
END_TEST

START_TEST(reports_of_other_weights_do_not_mix)
{
    static const char other[] =
        REPORT("compare", "\"inputs\": [], \"input_hash\": \"2\", \"total\": []");
    char *first = program_file(directory, "a.json", four_results, strlen(four_results));
    char *second = program_file(directory, "b.json", other, strlen(other));
    char arguments[1024];
    snprintf(arguments, sizeof arguments, "plot %s %s --kind bits -o %s/f.png", first, second,
             directory);
    program_expect_mistake(arguments, 3, "b.json: of other weights than the first report");
    free(first);
    free(second);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Histograms that compare writes
 */

START_TEST(compare_writes_histograms)
{
    program_expect_mistake("compare synth:gaussian,shape=4x256 --histograms", 2,
                           "--histograms are for the JSON report: give --json FILE");
    char path[512];
    snprintf(path, sizeof path, "%s/h.json", directory);
    struct program_result result = program_run(
        "compare synth:gaussian,shape=16x256 --format q4_0 --rounding nearest --histograms "
        "--json %s",
        path);
    ck_assert_msg(result.status == 0, "%s", result.err);
    program_free(&result);
    result = program_run("plot %s --kind histogram -o %s/f.svg", path, directory);
    ck_assert_msg(result.status == 0, "%s", result.err);
    program_free(&result);
}
END_TEST

int main(void)
{
    TCase *charts = tcase_create("charts");
    tcase_set_timeout(charts, 0);
    tcase_add_checked_fixture(charts, setup, teardown);
    tcase_add_test(charts, bits_and_error);
    tcase_add_test(charts, bits_and_other_statistics);
    tcase_add_test(charts, histograms_are_steps);
    tcase_add_test(charts, heat_maps_have_rows_and_columns);
    tcase_add_test(charts, divergence_and_bits);
    tcase_add_test(charts, divergence_and_error);
    tcase_add_test(charts, divergence_and_error_of_one_format);
    tcase_add_test(charts, divergence_by_format);
    tcase_add_test(charts, tokens_are_sorted);
    tcase_add_test(charts, files_of_logits);
    tcase_add_test(charts, asymmetry_and_profiles);
    tcase_add_test(charts, compare_writes_histograms);
    tcase_add_test(charts, reports_of_other_weights_do_not_mix);
    int nrefusals = (int)(sizeof refusals / sizeof *refusals);
#ifdef ROUNDEL_SLOW_RUN
    nrefusals = 12;
#endif
    tcase_add_loop_test(charts, bad_reports_get_one_clear_line, 0, nrefusals);
    Suite *suite = suite_create("charts");
    suite_add_tcase(suite, charts);
    return suite_run(suite);
}
