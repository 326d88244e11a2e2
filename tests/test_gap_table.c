/* The distance from the optimum: its blocks, its statistics, and the command `roundel gap-table`.
 */
#include "gap_presets.h"
#include "gap_stats.h"
#include "program.h"
#include "suite.h"

#include <check.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------
 * Blocks
 */

START_TEST(blocks_are_those_of_the_recipe)
{
    struct gap_source words = {.state = 1234};
    ck_assert_uint_eq(gap_source_word(&words), 0xbb0cf61b2f181cdbu);
    struct gap_source source = {.state = 1234};
    float x[32], w[32];
    gap_source_block(&source, GAP_GAUSSIAN, GAP_UNIFORM, 32, x, w);
    static const float expected[] = {-0.661067307f, -0.436561823f, -0.618260264f, 1.67791963f};
    for (size_t i = 0; i < 4; i++)
        ck_assert_float_eq_tol(x[i], expected[i], 1e-7f); /* libm's last place */
    for (size_t i = 0; i < 32; i++)
        ck_assert_float_eq(w[i], 1.0f);
}
END_TEST

START_TEST(factors_are_what_their_names_say)
{
    float x[16], w[16];
    double square = 0.0;
    for (unsigned kind = 0; kind < GAP_WEIGHTS_COUNT; kind++) {
        struct gap_source source = {.state = 5};
        gap_source_block(&source, GAP_LAPLACE, (enum gap_weights)kind, 16, x, w);
        square = 0.0;
        for (size_t i = 0; i < 16; i++)
            square += (double)x[i] * (double)x[i] / 16.0;
        for (size_t i = 0; i < 16; i++) {
            const double v = (double)x[i];
            const double expected[] = {1.0, v * v, fabs(v), sqrt(square) + fabs(v)};
            if (kind == GAP_IMPORTANCE)
                ck_assert_float_gt(w[i], 0.0f);
            else
                ck_assert_float_eq(w[i], (float)expected[kind]);
        }
    }
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Statistics
 */

START_TEST(statistics_of_known_excesses)
{
    static const double optima[] = {2.0, 1.0, 4.0, 0.0, 1.0, 0.0};
    static const double errors[] = {2.0, 1.5, 5.0, 0.0, 1.000001, 3.0};
    double room[6];
    const struct gap_stats stats = gap_stats(6, errors, optima, room);
    ck_assert_uint_eq(stats.blocks, 6);
    ck_assert_uint_eq(stats.unbounded, 1);
    ck_assert_double_eq_tol(stats.mean, (0.5 + 0.25 + 1e-6) / 5.0, 1e-12);
    ck_assert_double_eq_tol(stats.median, 1e-6, 1e-12);
    ck_assert_double_eq_tol(stats.p99, 0.25 + 0.96 * 0.25, 1e-12);
    ck_assert_double_eq(stats.max, 0.5);
    ck_assert_double_eq_tol(stats.sums, 12.500001 / 8.0 - 1.0, 1e-12);
    ck_assert_double_eq(stats.optimal, 0.5);
    const struct gap_stats none = gap_stats(0, errors, optima, room);
    ck_assert(isnan(none.mean) && isnan(none.optimal) && isnan(none.sums));
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * The tables
 */

/* Published means of the excess, in percent, on 20,000 gaussian blocks: preset, setting, method. */
static const struct {
    unsigned preset, setting;
    const char *method;
    double mean, tolerance;
} published[] = {
    {0, 0, "nearest", 14.0, 2.0},
    {0, 0, "nearest-refit", 10.1, 2.5},
    {0, 4, "qx", 1.96, 0.8},
    {0, 3, "q3", 25.0, 6.0},
    {0, 0, "optimum of scales > 0", 13.0, 3.5},
    {1, 0, "nearest-refit", 15.0, 2.5},
    {1, 2, "nl", 9.70, 2.5},
    {1, 1, "nlg", 5.19, 2.0},
    {2, 5, "qkx1", 24.4, 5.0},
    {2, 6, "qkx2", 11.1, 3.5},
    {2, 6, "qkx3", 4.23, 2.0},
};

START_TEST(means_are_as_published)
{
    const struct gap_preset *preset = gap_preset(published[_i].preset);
    struct gap_setting setting = preset->settings[published[_i].setting];
    setting.blocks = 400;
    const struct gap_run run = {.data = GAP_GAUSSIAN, .judge = RDL_SOLVE_ORACLE, .seed = 1234};
    struct gap_result results[16];
    struct error error;
    double nmse;
    ck_assert(
        gap_measure(&run, &setting, preset->methods, preset->nmethods, results, &nmse, &error));
    bool found = false;
    for (size_t i = 0; i < preset->nmethods; i++) {
        const char *name = preset->methods[i].name;
        if (!gap_method_applies(&preset->methods[i], &setting))
            continue;
        ck_assert_msg(results[i].stats.mean > -1e-6, "%s is better than the optimum", name);
        if (strcmp(name, "exact") == 0)
            ck_assert_msg(results[i].stats.optimal == 1.0, "exact is not, on %s", setting.name);
        if (strcmp(name, published[_i].method) != 0)
            continue;
        found = true;
        ck_assert_msg(fabs(100.0 * results[i].stats.mean - published[_i].mean) <
                          published[_i].tolerance,
                      "%s on %s: %.2f %%, published %.2f", name, setting.name,
                      100.0 * results[i].stats.mean, published[_i].mean);
    }
    ck_assert(found);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * The command
 */

START_TEST(command_prints_tables)
{
    struct program_result all = program_run("gap-table --blocks 20");
    ck_assert_int_eq(all.status, 0);
    ck_assert_str_eq(all.err, "");
    const struct gap_preset *preset;
    for (size_t i = 0; (preset = gap_preset(i)); i++)
        for (size_t k = 0; k < preset->nmethods; k++)
            ck_assert_ptr_nonnull(strstr(all.out, preset->methods[k].name));
    ck_assert_ptr_nonnull(strstr(all.out, "\nIn percent; a weighted error is a surrogate: "));
    program_free(&all);
    struct program_result one = program_run("gap-table --blocks 20 --table TABLE --threads 1");
    struct program_result two = program_run("gap-table --blocks 20 --table table --threads 2");
    ck_assert_str_eq(one.out, two.out);
    ck_assert_ptr_null(strstr(one.out, "qkx2"));
    program_free(&one);
    program_free(&two);
}
END_TEST

START_TEST(command_writes_json)
{
    struct program_result result =
        program_run("gap-table --json - --table affine --blocks 8 --data laplace --judge exact");
    ck_assert_int_eq(result.status, 0);
    json_error_t error;
    json_t *report = json_loads(result.out, JSON_REJECT_DUPLICATES, &error);
    ck_assert_msg(report != NULL, "%s", error.text);
    const char *data, *judge;
    json_t *tables;
    ck_assert_int_eq(
        json_unpack(report, "{s:s, s:s, s:o}", "data", &data, "judge", &judge, "tables", &tables),
        0);
    ck_assert_str_eq(data, "laplace");
    ck_assert_str_eq(judge, "exact");
    json_t *columns = json_object_get(json_array_get(tables, 0), "columns");
    ck_assert_uint_eq(json_array_size(columns), gap_preset(2)->nsettings);
    json_t *exact = json_object_get(json_object_get(json_array_get(columns, 0), "excess"), "exact");
    ck_assert_int_eq(json_integer_value(json_object_get(exact, "blocks")), 8);
    ck_assert_double_eq(json_real_value(json_object_get(exact, "optimal_share")), 1.0);
    ck_assert_double_gt(json_real_value(json_object_get(exact, "ns_per_weight")), 0.0);
    ck_assert_ptr_nonnull(json_string_value(json_object_get(report, "target")));
    ck_assert_ptr_nonnull(
        strstr(json_string_value(json_object_get(report, "caution")), "a surrogate"));
    json_decref(report);
    program_free(&result);
}
END_TEST

START_TEST(mistakes_are_named)
{
    program_expect_mistake("gap-table --table afine", 2, "did you mean 'affine'?");
    program_expect_mistake("gap-table --data cauchy", 2, "gaussian, laplace");
    program_expect_mistake("gap-table --blocks 0", 2, "blocks");
    program_expect_mistake("gap-table --target axv2", 2, "did you mean 'avx2'?");
    program_expect_mistake("gap-table --judge qx", 2, "oracle, exact");
    program_expect_mistake("gap-table tinylm", 2, "takes no argument 'tinylm'");
    program_expect_mistake("gap-table --json /nonexistent/x.json", 2, "/nonexistent/x.json");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("gap table");
    TCase *tcase = tcase_create("gap table");
    tcase_set_timeout(tcase, 0);
    tcase_add_test(tcase, blocks_are_those_of_the_recipe);
    tcase_add_test(tcase, factors_are_what_their_names_say);
    tcase_add_test(tcase, statistics_of_known_excesses);
    tcase_add_loop_test(tcase, means_are_as_published, 0, sizeof published / sizeof published[0]);
    tcase_add_test(tcase, command_prints_tables);
    tcase_add_test(tcase, command_writes_json);
    tcase_add_test(tcase, mistakes_are_named);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
