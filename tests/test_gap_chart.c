/* The chart of time and quality: its reports, its vertical axis, and `roundel plot --kind gap`. */
#include "axis.h"
#include "chart_image.h"
#include "gap_report.h"
#include "program.h"
#include "suite.h"
#include "symlog_axis.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *directory, *compare_report, *neon_report, *table_report;

#define ORIGIN(command)                                                                            \
    "\"roundel\": {\"command\": \"" command "\", \"version\": \"0.1.0\", \"compiler\": \"GNU\", "  \
    "\"flags\": \"-O3\", \"commit\": \"abc\"}"
#define RESULT(format, rounding, weighting, target, speed, gap)                                    \
    "{\"format\": \"" format "\", \"rounding\": \"" rounding "\", \"scales\": \"default\", "       \
    "\"weighting\": \"" weighting "\", \"gap_weighting\": \"uniform\", \"target\": \"" target      \
    "\", \"quantize_mweights_per_s\": " speed ", \"gap_mean\": " gap "}"

static char *write_report(const char *name, const char *text)
{
    return program_file(directory, name, text, strlen(text));
}

/* Fast and bad, slow and good, and one that is neither; of another target the slow one once more.
 */
static void setup(void)
{
    directory = program_directory();
    compare_report =
        write_report("compare.json", "{" ORIGIN("compare") ", \"gap\": {}, \"total\": [" /**/
                     RESULT("q4_k", "nearest", "native", "avx2", "1000", "0.1") ", "     /**/
                     RESULT("q4_k", "wls", "uniform", "avx2", "1", "0.2") ", "           /**/
                     RESULT("q4_k", "exact", "x2", "avx2", "10",
                            "-1e-9") ", " /**/
                                     "{\"format\": \"tq1_0\", \"gap_mean\": null}]}");
    neon_report = write_report("neon.json", "{" ORIGIN("compare") ", \"gap\": {}, \"total\": [" /**/
                               RESULT("q4_k", "exact", "x2", "neon", "0.1", "0") ", "           /**/
                               RESULT("q8_0", "exact", "x2", "neon", "0.1", "0") "]}");
    table_report =
        write_report("table.json",
                     "{" ORIGIN("gap-table") ", \"target\": \"scalar\", \"tables\": [{\"columns\": "
                                             "[{\"setting\": \"4 abs\", \"excess\": {\"qx\": "
                                             "{\"mean\": 0.5, \"p99\": 1, "
                                             "\"ns_per_weight\": 3}}}]}]}");
}

static void teardown(void)
{
    free(compare_report);
    free(neon_report);
    free(table_report);
    program_remove_directory(directory);
}

/* ------------------------------------------------------------------------------------------------
 * Reports
 */

START_TEST(points_are_those_of_the_reports)
{
    static struct gap_report report;
    struct error error;
    const char *paths[] = {compare_report, neon_report};
    const struct gap_choice choice = {.setting = "q4_k/uniform"};
    ck_assert_msg(gap_report_read(&report, paths, 2, &choice, &error), "%s", error.text);
    ck_assert_uint_eq(report.count, 4);
    static const struct {
        const char *label;
        enum rdl_target target;
        double nanoseconds, excess;
        bool pareto;
    } expected[] = {
        {"nearest", RDL_AVX2, 1.0, 0.1, true},
        {"exact:x2", RDL_AVX2, 100.0, 0.0, true},
        {"wls", RDL_AVX2, 1000.0, 0.2, false},
        {"exact:x2", RDL_NEON, 10000.0, 0.0, false},
    };
    for (size_t i = 0; i < 4; i++) {
        ck_assert_str_eq(report.points[i].label, expected[i].label);
        ck_assert_int_eq(report.points[i].target, expected[i].target);
        ck_assert_double_eq_tol(report.points[i].nanoseconds, expected[i].nanoseconds, 1e-9);
        ck_assert_double_eq(report.points[i].excess, expected[i].excess);
        ck_assert_int_eq(report.points[i].pareto, expected[i].pareto);
    }
    ck_assert_str_eq(report.setting, "q4_k/uniform");
    ck_assert_str_eq(report.origin.commit, "abc");
}
END_TEST

START_TEST(tables_have_columns)
{
    static struct gap_report report;
    struct error error;
    const char *paths[] = {table_report};
    const struct gap_choice choice = {.statistic = GAP_P99};
    ck_assert_msg(gap_report_read(&report, paths, 1, &choice, &error), "%s", error.text);
    ck_assert_uint_eq(report.count, 1);
    ck_assert_str_eq(report.setting, "4 abs");
    ck_assert_str_eq(report.points[0].label, "qx");
    ck_assert_double_eq(report.points[0].excess, 1.0);
    ck_assert_double_eq(report.points[0].nanoseconds, 3.0);
}
END_TEST

static void expect_refusal(const char *text, const char *said)
{
    char *path = write_report("bad.json", text), arguments[512];
    snprintf(arguments, sizeof arguments, "plot %s --kind gap -o %s/f.png", path, directory);
    program_expect_mistake(arguments, 3, said);
    free(path);
}

START_TEST(bad_reports_are_refused)
{
    expect_refusal("{", "bad.json");
    expect_refusal("[]", "no report of roundel: \"roundel\"");
    expect_refusal("{" ORIGIN("inspect") "}", "no report of roundel compare --gap or gap-table");
    expect_refusal("{" ORIGIN("compare") ", \"total\": []}", "no report of roundel compare --gap");
    expect_refusal("{" ORIGIN("compare") ", \"gap\": {}, \"total\": []}",
                   "no figure of excess over an optimum");
    expect_refusal("{" ORIGIN("compare") ", \"gap\": {}, \"total\": [{\"gap_mean\": 1}]}",
                   "result 0 of \"total\": no string \"format\"");
    expect_refusal("{" ORIGIN("compare") ", \"gap\": {}, \"total\": [" RESULT(
                       "q4_k", "wls", "uniform", "avx3", "1", "0.2") "]}",
                   "\"target\" is none that is known");
    expect_refusal("{" ORIGIN("compare") ", \"gap\": {}, \"total\": [" RESULT(
                       "q4_k", "wls", "uniform", "avx2", "0", "0.2") "]}",
                   "\"quantize_mweights_per_s\" is no number from");
    expect_refusal("{" ORIGIN("compare") ", \"gap\": {}, \"total\": [" RESULT(
                       "q4_k", "wls", "uniform", "avx2", "1", "1e300") "]}",
                   "\"gap_mean\" is no number from");
    expect_refusal("{" ORIGIN("gap-table") ", \"target\": \"avx2\", \"tables\": [{\"columns\": "
                                           "[{\"setting\": \"a\"}]}]}",
                   "column 0 of table 0: no object \"excess\"");
}
END_TEST

START_TEST(settings_are_chosen_by_name)
{
    char arguments[1024];
    snprintf(arguments, sizeof arguments, "plot %s %s --kind gap -o %s/f.png", compare_report,
             neon_report, directory);
    program_expect_mistake(arguments, 3,
                           "several settings; --setting chooses one: q4_k/uniform, q8_0/uniform");
    snprintf(arguments, sizeof arguments, "plot %s --kind gap --setting q4_0/x2 -o %s/f.png",
             compare_report, directory);
    program_expect_mistake(arguments, 3, "no setting 'q4_0/x2'; choices: q4_k/uniform");
    snprintf(arguments, sizeof arguments, "plot %s --kind gap --statistic men -o %s/f.png",
             compare_report, directory);
    program_expect_mistake(arguments, 2, "unknown statistic 'men'; did you mean 'mean'?");
    snprintf(arguments, sizeof arguments, "plot %s %s --kind speed -o %s/f.png", compare_report,
             neon_report, directory);
    program_expect_mistake(arguments, 2, "one report makes a chart of kind speed");
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Axes
 */

START_TEST(excess_goes_from_zero_up)
{
    struct symlog_axis axis = symlog_axis_around(0.03, 45.0, 500.0, 0.0);
    ck_assert_double_eq_tol(axis.linear, 0.01, 1e-15);
    ck_assert_double_eq_tol(axis.high, 100.0, 1e-9);
    ck_assert_double_eq(symlog_axis_place(&axis, 0.0), 500.0);
    ck_assert_double_eq_tol(symlog_axis_place(&axis, 0.005), 450.0, 1e-9);
    ck_assert_double_eq_tol(symlog_axis_place(&axis, 0.01), 400.0, 1e-9);
    ck_assert_double_eq_tol(symlog_axis_place(&axis, 1.0), 200.0, 1e-9);
    ck_assert_double_eq_tol(symlog_axis_place(&axis, 100.0), 0.0, 1e-9);
    axis = symlog_axis_around(0.0, 0.0, 1.0, 0.0);
    ck_assert_double_lt(axis.linear, axis.high);
    axis = symlog_axis_around(1e-9, 1e8, 1.0, 0.0);
    ck_assert_double_eq_tol(axis.high / axis.linear, 1e7, 1.0);
}
END_TEST

START_TEST(times_have_units)
{
    struct axis axis = axis_across(AXIS_LOG, 20.0, 3e6, 0.0, 400.0);
    axis.units = axis_picoseconds;
    struct tick ticks[AXIS_TICKS];
    const size_t count = axis_ticks(&axis, ticks);
    bool nanosecond = false, microsecond = false;
    for (size_t i = 0; i < count; i++) {
        nanosecond |= ticks[i].value == 1000.0 && strcmp(ticks[i].label, "1 ns") == 0;
        microsecond |= ticks[i].value == 1e6 && strcmp(ticks[i].label, "1 µs") == 0;
    }
    ck_assert(nanosecond && microsecond);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * The drawing
 */

enum {
    BELOW_LEGEND = 50 * 300 / 72 /* pixels */
};

/* The pixels of a colour, x from `from` up to `to`. */
static struct chart_spot find_spot(cairo_surface_t *image, unsigned colour, int from, int to)
{
    struct chart_area area = chart_image_area(image);
    area.top = BELOW_LEGEND;
    area.left = from;
    area.right = to;
    return chart_find(image, colour, area);
}

/* Marks of all shapes have their middle within a third of their height above the lowest pixel. */
static bool is_filled(cairo_surface_t *image, unsigned colour, const struct chart_spot *spot)
{
    return chart_pixel(image, (spot->left + spot->right) / 2, (spot->top + 2 * spot->bottom) / 3) ==
           colour;
}

static void plot(const char *name)
{
    struct program_result result =
        program_run("plot %s %s --kind gap --setting q4_k/uniform -o %s/%s", compare_report,
                    neon_report, directory, name);
    ck_assert_msg(result.status == 0, "%s", result.err);
    program_free(&result);
}

/* Of AVX2, 1 ns, 100 ns and 1 us, and 10, 0 and 20 %; the NEON mark is at 10 us and 0. */
START_TEST(marks_are_in_their_places)
{
    plot("f.png");
    char path[512];
    snprintf(path, sizeof path, "%s/f.png", directory);
    cairo_surface_t *image = chart_image_open(path);
    const int width = cairo_image_surface_get_width(image);
    const struct chart_spot avx2 = find_spot(image, CHART_BLUE, 0, width);
    const struct chart_spot neon = find_spot(image, CHART_GREEN, 0, width);
    ck_assert_uint_gt(neon.pixels, 0);
    const int size = neon.right - neon.left;
    ck_assert_int_lt(size, 40);
    const int decade = neon.right - avx2.right;
    ck_assert_int_gt(decade, 200);
    ck_assert_int_lt(abs(avx2.right - avx2.left - size - 3 * decade), 40); /* sizes differ */
    ck_assert_int_le(abs(avx2.bottom - neon.bottom), 6);
    ck_assert_int_gt(neon.bottom - avx2.top, 300);
    /* Filled on the front: the first two. */
    const int left = avx2.left + decade, right = avx2.right - decade / 2;
    const struct chart_spot first = find_spot(image, CHART_BLUE, 0, left),
                            best = find_spot(image, CHART_BLUE, left, right),
                            slow = find_spot(image, CHART_BLUE, right, width);
    ck_assert_int_eq(best.bottom, avx2.bottom);
    ck_assert_int_eq(slow.top, avx2.top);
    ck_assert(is_filled(image, CHART_BLUE, &first) && is_filled(image, CHART_BLUE, &best));
    ck_assert(!is_filled(image, CHART_BLUE, &slow) && !is_filled(image, CHART_GREEN, &neon));
    cairo_surface_destroy(image);
}
END_TEST

START_TEST(other_kinds_of_files)
{
    plot("f.pdf");
    plot("f.svg");
    ck_assert_uint_eq(program_count_files(directory), 5);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("gap chart");
    TCase *tcase = tcase_create("gap chart");
    tcase_set_timeout(tcase, 0);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, points_are_those_of_the_reports);
    tcase_add_test(tcase, tables_have_columns);
    tcase_add_test(tcase, bad_reports_are_refused);
    tcase_add_test(tcase, settings_are_chosen_by_name);
    tcase_add_test(tcase, excess_goes_from_zero_up);
    tcase_add_test(tcase, times_have_units);
    tcase_add_test(tcase, marks_are_in_their_places);
    tcase_add_test(tcase, other_kinds_of_files);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
