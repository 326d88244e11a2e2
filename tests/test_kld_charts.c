/* Charts of reports of eval and kld, end to end: what is drawn, and what is refused. */
#include "axis.h"
#include "chart_report.h"
#include "error.h"
#include "suite.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* ------------------------------------------------------------------------------------------------
 * Reports of eval
 */

#define TOKENS(numbers) ", \"per_token\": {\"kld\": [" numbers "]}"

static const char four_models[] =
    EVAL(MODEL("f4", "nearest", "4", "0.3", "5", "9", TOKENS("1, 1, 1, 1, 1, 1, 1, 1")) ","     /**/
         MODEL("f2", "ggml", "2", "0.1", "1", "10", TOKENS("1, 2, 8, 4, 3, 6, 5, 7")) ","       /**/
         MODEL("f4", "exact", "4", "0.01", "0.1", "1", TOKENS("0, 0, 0, 0, 0, 0, 0, 1e-3")) "," /**/
         MODEL("f6", "wls", "6", "0.001", "0.01", "0.1",
               TOKENS("1e-5, 1e-6")) "," /**/
                                     "{\"file\": \"f8 nearest\", \"format\": \"f8\", \"rounding\": "
                                     "\"nearest\", " /**/
                                     "\"absent\": \"needs importance\"}");

/* The model that is absent is told of. */
static cairo_surface_t *plot_models(const char *options, const char *said)
{
    struct program_result result = chart_run(four_models, options);
    ck_assert_msg(result.status == 0, "%s", result.err);
    ck_assert_ptr_nonnull(strstr(result.err, "left out 1 model(s) that were not measured\n"));
    ck_assert_str_eq(result.out, said);
    program_free(&result);
    return chart_open();
}

START_TEST(divergence_and_bits)
{
    cairo_surface_t *image = plot_models("--kind kld-bits", "");
    chart_check_steps(image, false);
    cairo_surface_destroy(image);
    image = plot_models("--kind kld-bits --statistic top5", "");
    chart_check_steps(image, false);
    cairo_surface_destroy(image);
}
END_TEST

START_TEST(divergence_and_error)
{
    cairo_surface_t *image =
        plot_models("--kind kld-error", "rank correlation 1.000 over 4 models; of 1 pairs of one "
                                        "format, less error means less divergence in 1\n");
    const struct chart_spot a = chart_find_below(image, CHART_GREEN),
                            b = chart_find_below(image, CHART_VERMILLION);
    const struct chart_spot c = chart_find_below(image, CHART_BLUE);
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
    const struct chart_spot first = chart_find_below(image, CHART_GREEN),
                            other = chart_find_below(image, CHART_VERMILLION);
    ck_assert_uint_gt(first.pixels, 50);
    ck_assert_uint_gt(other.pixels, 50);
    ck_assert_double_gt(first.x, other.x + 1000);
    /* 0.1 of 5 is 0.02. The axis is as high as half of the page's width of 504 points and 50. */
    const struct axis axis = axis_up(AXIS_LINEAR, 0.0004, 1.0196, 302, 0);
    ck_assert_double_eq_tol((other.y - first.y) * 72 / 300,
                            axis_place(&axis, 0.02) - axis_place(&axis, 1), 1);
    cairo_surface_destroy(image);
}
END_TEST

/* The mean and the top of a model are a decade from each other, in one row; more bits are above. */
START_TEST(divergence_by_format)
{
    cairo_surface_t *image = plot_models("--kind kld-formats", "");
    const struct chart_spot f6 = chart_find_below(image, CHART_GREEN),
                            f4 = chart_find_below(image, CHART_VERMILLION);
    const struct chart_spot f2 = chart_find_below(image, CHART_BLUE);
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
    cairo_surface_t *image = chart_plot(four_models, "--kind kld-tokens --rounding ggml,exact,wls");
    const struct chart_spot one = chart_find_below(image, CHART_BLUE),
                            two = chart_find_below(image, CHART_VERMILLION);
    const double width = one.right - one.left;
    ck_assert_double_gt(width, 1500);
    ck_assert_double_eq_tol(two.left - one.left, 2 * width / 3, 8);
    ck_assert_int_le(abs(two.right - one.right), 8);
    /* The largest are on the left. */
    const struct chart_area left = {one.left, one.top, one.left + 20, one.top + 40};
    ck_assert_uint_gt(chart_find(image, CHART_BLUE, left).pixels, 20);
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
    cairo_surface_destroy(chart_plot(report, "--kind kld-formats --size 3.5in"));
    struct program_result result = chart_run(report, "--kind kld-bits");
    ck_assert_int_eq(result.status, 3);
    ck_assert_ptr_nonnull(strstr(result.err,
                                 "r.json: \"others\": number 0: model \"/x/q4.kld\": no "
                                 "\"bits_per_weight\": roundel eval --json writes it"));
    program_free(&result);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * What is refused
 */

static const struct chart_refusal refusals[] = {
    {REPORT("compare", "\"total\": []"), "--kind kld-bits", 3,
     "a report of roundel compare, but this chart is of reports of roundel eval or kld --json"},
    {EVAL("1"), "--kind kld-bits", 3, "\"others\": number 0: no object"},
    {EVAL("{\"file\": \"x\"}"), "--kind kld-bits", 3,
     "model \"x\": \"kl_divergence\": \"mean\": \"value\" is no number"},
    {EVAL(MODEL("f", "r", "4", "0", "0.1", "1", "")), "--kind kld-error", 3,
     "model \"f r\": no \"weighted_rmse\" above 0"},
    {EVAL(MODEL("f", "r", "4", "1", "0.1", "1", "")), "--kind kld-tokens", 3,
     "no \"per_token\": roundel eval, or kld, writes it with --per-token"},
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
};

START_TEST(bad_reports_get_one_clear_line)
{
    chart_expect_refusal(&refusals[_i]);
}
END_TEST

int main(void)
{
    TCase *charts = tcase_create("charts");
    tcase_set_timeout(charts, 0);
    tcase_add_checked_fixture(charts, chart_setup, chart_teardown);
    tcase_add_test(charts, divergence_and_bits);
    tcase_add_test(charts, divergence_and_error);
    tcase_add_test(charts, divergence_and_error_of_one_format);
    tcase_add_test(charts, divergence_by_format);
    tcase_add_test(charts, tokens_are_sorted);
    tcase_add_test(charts, files_of_logits);
    int nrefusals = (int)(sizeof refusals / sizeof *refusals);
#ifdef ROUNDEL_SLOW_RUN
    nrefusals = 6;
#endif
    tcase_add_loop_test(charts, bad_reports_get_one_clear_line, 0, nrefusals);
    Suite *suite = suite_create("kld charts");
    suite_add_tcase(suite, charts);
    return suite_run(suite);
}
