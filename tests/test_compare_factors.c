/* `roundel compare --factors`: importance of every single weight. */
#include "compare_result.h"
#include "fill.h"
#include "suite.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROWS = 6,
    COLUMNS = 256,
    N = ROWS * COLUMNS,
    BLOCK = 32,
    PATH = 512
};

static char *directory, *weights_path;
static float weights[N];

static void setup(void)
{
    struct random random = {.seed = 8};
    directory = program_directory();
    fill_weights(WEIGHTS_GAUSSIAN, 1.0, &random, N, weights);
    weights_path = program_file(directory, "weights.f32", weights, sizeof weights);
}

static void teardown(void)
{
    free(weights_path);
    program_remove_directory(directory);
}

static char *write_factors(const float *factors)
{
    return program_file(directory, "factors.f32", factors, N * sizeof *factors);
}

static json_t *compare_with(const float *factors, const char *more)
{
    char *path = write_factors(factors);
    json_t *report =
        compare_json("%s --shape 6x256 --factors %s --format q4_0,q4_k --rounding exact %s",
                     weights_path, path, more);
    free(path);
    return report;
}

static double figure_of(const json_t *report, const char *format, const char *weighting,
                        const char *figure)
{
    size_t i;
    const json_t *r;
    json_array_foreach(json_object_get(report, "total"), i, r)
    {
        if (strcmp(text_of(r, "format"), format) == 0 &&
            strcmp(text_of(r, "rounding"), "exact") == 0 &&
            strcmp(text_of(r, "weighting"), weighting) == 0)
            return real_of(r, figure);
    }
    ck_abort_msg("no result for %s under %s", format, weighting);
}

START_TEST(ones_are_uniform_weights)
{
    float ones[N];
    for (int i = 0; i < N; i++)
        ones[i] = 1.0f;
    json_t *report = compare_with(ones, "--weighting uniform,importance --gap");
    static const char *const formats[] = {"q4_0", "q4_k"};
    static const char *const figures[] = {"rmse", "weighted_rmse", "gap_mean"};
    for (int f = 0; f < 2; f++)
        for (int k = 0; k < 3; k++)
            ck_assert_double_eq(figure_of(report, formats[f], "uniform", figures[k]),
                                figure_of(report, formats[f], "importance", figures[k]));
    json_decref(report);
}
END_TEST

/* Where one weight of a block counts it is met, whatever the row does with its column elsewhere. */
START_TEST(rows_have_factors_of_their_own)
{
    float one_each[N] = {0.0f};
    for (int row = 0; row < ROWS; row++)
        for (int b = 0; b < COLUMNS / BLOCK; b++)
            one_each[row * COLUMNS + b * BLOCK + (5 * row + b) % BLOCK] = 1.0f;
    json_t *report = compare_with(one_each, "--weighting uniform,importance");
    ck_assert_double_lt(figure_of(report, "q4_0", "importance", "weighted_rmse"),
                        0.01 * figure_of(report, "q4_0", "uniform", "weighted_rmse"));
    json_decref(report);
}
END_TEST

static void expect_mistake(const char *arguments, int status, const char *said)
{
    char line[4 * PATH];
    (void)snprintf(line, sizeof line, "compare %s --shape 6x256 --format q4_0 --rounding exact %s",
                   weights_path, arguments);
    program_expect_mistake(line, status, said);
}

START_TEST(mistakes)
{
    float factors[N] = {0.0f};
    char option[PATH];
    factors[2 * COLUMNS + 7] = -1.0f;
    char *path = write_factors(factors);
    (void)snprintf(option, sizeof option, "--factors %s", path);
    expect_mistake(option, 3, "row 2, column 7: -1 is no factor");
    expect_mistake(option, 3, "factors.f32");
    strcat(option, " --importance builtin:tinylm");
    expect_mistake(option, 2, "give one");
    expect_mistake("--factors synth:gaussian,shape=6x128", 3, "6 rows of 128 factors");
    expect_mistake("--factors synth:gauss", 2, "gauss");
    expect_mistake("--factors missing.gguf", 3, "missing.gguf");
    expect_mistake("--factors builtin:tinylm", 3, "names no tensor");
    free(path);
}
END_TEST

/* Tensors of factors are found by name. */
START_TEST(names_decide)
{
    program_expect_mistake("compare builtin:tinylm --factors builtin:tinylm --format q4_0 "
                           "--rounding exact",
                           3, "is no factor");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("compare factors");
    TCase *tcase = tcase_create("factors");
    tcase_set_timeout(tcase, 300.0);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, ones_are_uniform_weights);
    tcase_add_test(tcase, rows_have_factors_of_their_own);
    tcase_add_test(tcase, mistakes);
    tcase_add_test(tcase, names_decide);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
