/* `roundel compare`: searches by name, and their distance from the optimum. */
#include "compare_result.h"
#include "gap_sample.h"
#include "roundel_block.h"
#include "suite.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The result with this rounding, way to store scales and weighting. */
static const json_t *contestant_of(const json_t *report, const char *format, const char *rounding,
                                   const char *scales, const char *weighting)
{
    size_t i;
    const json_t *r;
    json_array_foreach(json_object_get(report, "total"), i, r)
    {
        if (strcmp(text_of(r, "format"), format) == 0 &&
            strcmp(text_of(r, "rounding"), rounding) == 0 &&
            strcmp(text_of(r, "scales"), scales) == 0 &&
            strcmp(text_of(r, "weighting"), weighting) == 0)
            return r;
    }
    return NULL;
}

/* ------------------------------------------------------------------------------------------------
 * Contestants
 */

START_TEST(lists_multiply)
{
    json_t *report = compare_json("synth:gaussian,shape=64x256 --format q4_k,q4_0 "
                                  "--rounding nearest,exact --scales max,exhaustive "
                                  "--weighting uniform,x2");
    ck_assert_uint_eq(json_array_size(json_object_get(report, "total")), 1 + 4 + 1 + 2);
    ck_assert_ptr_nonnull(contestant_of(report, "q4_k", "nearest", "default", "uniform"));
    ck_assert_ptr_nonnull(contestant_of(report, "q4_k", "exact", "max", "uniform"));
    ck_assert_ptr_nonnull(contestant_of(report, "q4_k", "exact", "exhaustive", "x2"));
    ck_assert_ptr_nonnull(contestant_of(report, "q4_0", "exact", "default", "x2"));
    ck_assert_ptr_null(contestant_of(report, "q4_0", "exact", "exhaustive", "x2"));
    const json_t *max = contestant_of(report, "q4_k", "exact", "max", "uniform");
    const json_t *best = contestant_of(report, "q4_k", "exact", "exhaustive", "uniform");
    ck_assert_double_lt(real_of(best, "rmse"), real_of(max, "rmse"));
    json_decref(report);
    struct program_result table = program_run("compare synth:gaussian,shape=2x256 --format q4_k "
                                              "--rounding exact --scales max --weighting x2");
    ck_assert_msg(strstr(table.out, "\nq4_k     exact/max:x2  4.500") != NULL, "%s", table.out);
    program_free(&table);
}
END_TEST

/* `all` takes what there is, without the oracle, and without a line for what there is not. */
START_TEST(all_is_usable)
{
    json_t *report = compare_json("synth:gaussian,shape=1x256 --format q4_0,tq1_0 --rounding all");
    size_t i;
    const json_t *r;
    bool exact = false;
    json_array_foreach(json_object_get(report, "total"), i, r)
    {
        ck_assert_str_ne(text_of(r, "rounding"), "oracle");
        ck_assert_str_eq(text_of(r, "fit"), "rows");
        exact |= strcmp(text_of(r, "rounding"), "exact") == 0;
    }
    ck_assert(exact);
    json_decref(report);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * The sample
 */

START_TEST(each_run_gives_one_block)
{
    static const uint64_t shapes[][2] = {{1, 1}, {7, 7}, {10, 3}, {1000, 999}, {12345, 2000}};
    for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++) {
        const struct gap_sample sample = {
            .seed = 3, .tensor = 4, .blocks = shapes[s][0], .count = shapes[s][1]};
        uint64_t run = 0;
        for (uint64_t block = 0; block < sample.blocks; block++) {
            const uint64_t of_block = gap_sample_run(&sample, block);
            ck_assert(of_block == run || of_block == run + 1);
            run = of_block;
        }
        ck_assert_uint_eq(run, sample.count - 1);
        for (run = 0; run < sample.count; run++) {
            const uint64_t block = gap_sample_block(&sample, run);
            ck_assert_uint_lt(block, sample.blocks);
            ck_assert_uint_eq(gap_sample_run(&sample, block), run);
        }
    }
}
END_TEST

START_TEST(seeds_and_tensors_tell_samples_apart)
{
    const struct gap_sample one = {.seed = 1, .tensor = 1, .blocks = 100000, .count = 10};
    struct gap_sample other = one;
    other.seed = 2;
    ck_assert_uint_ne(gap_sample_block(&one, 5), gap_sample_block(&other, 5));
    other = one;
    other.tensor = 2;
    ck_assert_uint_ne(gap_sample_block(&one, 5), gap_sample_block(&other, 5));
    ck_assert_uint_ne(gap_sample_block(&one, 5) % 10000, gap_sample_block(&one, 6) % 10000);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Figures
 */

enum {
    BLOCKS = 3
};

/* What compare must say of `nearest` Q4_0 blocks under weights x^2. */
static void expected_gap(const float *x, double excess[BLOCKS], double *sums)
{
    uint8_t blocks[BLOCKS * 18];
    float y[32 * BLOCKS], w[32];
    const struct rdl_job job = {
        .format = RDL_Q4_0, .rounding = RDL_NEAREST, .nrows = 1, .ncols = (size_t)32 * BLOCKS};
    ck_assert_int_eq(rdl_quantize(&job, x, NULL, blocks, NULL), RDL_OK);
    ck_assert_int_eq(rdl_dequantize(&job, blocks, y), RDL_OK);
    void *scratch = malloc(rdl_block_bound_scratch_size(RDL_Q4_0));
    double errors = 0.0, bounds = 0.0;
    for (int b = 0; b < BLOCKS; b++) {
        double error = 0.0, bound;
        for (int i = 0; i < 32; i++) {
            const double v = (double)x[32 * b + i], e = v - (double)y[32 * b + i];
            w[i] = (float)(v * v);
            error += v * v * e * e;
        }
        ck_assert_int_eq(rdl_block_bound(RDL_Q4_0, RDL_SCALAR, x + 32 * b, w, scratch, &bound),
                         RDL_OK);
        excess[b] = error / bound - 1.0;
        errors += error;
        bounds += bound;
    }
    *sums = errors / bounds - 1.0;
    free(scratch);
}

static double median_of_three(const double v[BLOCKS])
{
    return fmax(fmin(v[0], v[1]), fmin(fmax(v[0], v[1]), v[2]));
}

START_TEST(figures_are_those_of_the_blocks)
{
    float x[32 * BLOCKS];
    for (int i = 0; i < 32 * BLOCKS; i++)
        x[i] = (float)((i * 37 % 101) - 50) * (float)(1 + i / 32) * 0.01f;
    double excess[BLOCKS], sums;
    expected_gap(x, excess, &sums);
    char *directory = program_directory();
    char *path = program_file(directory, "x.f32", x, sizeof x);
    json_t *report = compare_json("%s --shape 1x96 --format q4_0 --rounding nearest --gap "
                                  "--error-weights x2 --per-tensor",
                                  path);
    const json_t *tensor = json_array_get(json_object_get(report, "tensors"), 0);
    const json_t *both[] = {
        result_of(json_object_get(report, "total"), "q4_0", "nearest"),
        result_of(json_object_get(tensor, "results"), "q4_0", "nearest"),
    };
    for (size_t i = 0; i < 2; i++) {
        const json_t *r = both[i];
        ck_assert_str_eq(text_of(r, "gap_weighting"), "x2");
        ck_assert_double_eq(real_of(r, "gap_blocks"), BLOCKS);
        ck_assert_double_eq(real_of(r, "gap_unbounded"), 0.0);
        ck_assert_double_eq_tol(real_of(r, "gap_mean"),
                                (excess[0] + excess[1] + excess[2]) / BLOCKS, 1e-6);
        ck_assert_double_eq_tol(real_of(r, "gap_median"), median_of_three(excess), 1e-6);
        ck_assert_double_eq_tol(real_of(r, "gap_max"), fmax(excess[0], fmax(excess[1], excess[2])),
                                1e-6);
        ck_assert_double_eq_tol(real_of(r, "gap_ratio_of_sums"), sums, 1e-6);
        ck_assert_double_eq(real_of(r, "gap_optimal_share"), 0.0);
    }
    ck_assert_ptr_nonnull(strstr(text_of(report, "caution"), "surrogate"));
    json_decref(report);
    free(path);
    program_remove_directory(directory);
}
END_TEST

/* On binary16 scales `exact` is above the optimum by roundings only, everything else by more. */
START_TEST(exact_is_next_to_the_optimum)
{
    json_t *report = compare_json("synth:gaussian,shape=8x256 --format q4_0,iq4_nl,tq1_0 --gap "
                                  "--rounding nearest,wls,exact --weighting uniform --sample all");
    static const char *const formats[] = {"q4_0", "iq4_nl", "tq1_0"};
    for (int i = 0; i < 3; i++) {
        const char *format = formats[i];
        const char *heuristic = i < 2 ? "wls" : "nearest";
        const double exact =
            real_of(contestant_of(report, format, "exact", "default", "uniform"), "gap_mean");
        const double other =
            real_of(contestant_of(report, format, heuristic, "default", "uniform"), "gap_mean");
        ck_assert(exact > -1e-6 && exact < 1e-4 && other > exact);
        ck_assert_double_gt(
            real_of(contestant_of(report, format, "nearest", "default", "uniform"), "gap_mean"),
            0.05);
    }
    json_decref(report);
}
END_TEST

/* Every format has figures; none of them is below the bound. */
START_TEST(every_format_is_measured)
{
    json_t *report = compare_json("synth:laplace,shape=2x256 --gap --format all --sample 2 "
                                  "--rounding nearest,ggml-fixed");
    size_t i, measured = 0;
    const json_t *r;
    json_array_foreach(json_object_get(report, "total"), i, r)
    {
        if (strcmp(text_of(r, "fit"), "rows") != 0)
            continue;
        ck_assert_double_eq(real_of(r, "gap_blocks"), 2.0);
        ck_assert_double_gt(real_of(r, "gap_mean"), -1e-6);
        measured++;
    }
    ck_assert_uint_ge(measured, RDL_FORMAT_COUNT);
    json_decref(report);
}
END_TEST

START_TEST(samples_are_of_the_size_asked_for)
{
    const char *input = "synth:gaussian,shape=64x256 --format q8_0,q4_k --rounding nearest --gap";
    json_t *some = compare_json("%s --sample 100", input);
    json_t *same = compare_json("%s --sample 100 --threads 3", input);
    json_t *other = compare_json("%s --sample 100 --seed 1", input);
    json_t *all = compare_json("%s --sample all", input);
    const json_t *q8_0 = result_of(json_object_get(some, "total"), "q8_0", "nearest");
    ck_assert_double_eq(real_of(q8_0, "gap_blocks"), 100.0);
    ck_assert_double_eq(
        real_of(result_of(json_object_get(some, "total"), "q4_k", "nearest"), "gap_blocks"), 64.0);
    ck_assert_double_eq(
        real_of(result_of(json_object_get(all, "total"), "q8_0", "nearest"), "gap_blocks"), 512.0);
    ck_assert_double_eq(
        real_of(result_of(json_object_get(same, "total"), "q8_0", "nearest"), "gap_mean"),
        real_of(q8_0, "gap_mean"));
    ck_assert_double_ne(
        real_of(result_of(json_object_get(other, "total"), "q8_0", "nearest"), "gap_mean"),
        real_of(q8_0, "gap_mean"));
    json_decref(some);
    json_decref(same);
    json_decref(other);
    json_decref(all);
}
END_TEST

/* Of several tensors, each has its own figures, and the total those of all blocks. */
START_TEST(tensors_add_up)
{
    json_t *report = compare_json("synth:gaussian,shape=4x256 synth:laplace,shape=12x256 "
                                  "--format q4_k --rounding ggml,nearest --gap --threads 2");
    const json_t *tensors = json_object_get(report, "tensors");
    for (int c = 0; c < 2; c++) {
        const char *rounding = c ? "nearest" : "ggml";
        double sum = 0.0, largest = 0.0;
        for (size_t t = 0; t < 2; t++) {
            const json_t *results = json_object_get(json_array_get(tensors, t), "results");
            const json_t *r = result_of(results, "q4_k", rounding);
            ck_assert_double_eq(real_of(r, "gap_blocks"), t ? 12.0 : 4.0);
            sum += real_of(r, "gap_mean") * (t ? 12.0 : 4.0);
            largest = fmax(largest, real_of(r, "gap_max"));
        }
        const json_t *r = result_of(json_object_get(report, "total"), "q4_k", rounding);
        ck_assert_double_eq(real_of(r, "gap_blocks"), 16.0);
        ck_assert_double_eq_tol(real_of(r, "gap_mean"), sum / 16.0, 1e-12);
        ck_assert_double_eq(real_of(r, "gap_max"), largest);
    }
    json_decref(report);
}
END_TEST

/* Bad blocks, misfit rows and stacked formats of 32 and 256 weights go through. */
START_TEST(odd_tensors_are_measured)
{
    float x[3 * 100];
    for (int i = 0; i < 300; i++)
        x[i] = 0.1f * (float)(i % 13 - 6);
    x[7] = NAN;
    char *directory = program_directory();
    char *path = program_file(directory, "x.f32", x, sizeof x);
    json_t *report =
        compare_json("%s --shape 3x100 --format q4_k,q4_0 --gap --go-on --rounding nearest", path);
    const json_t *q4_0 = result_of(json_object_get(report, "total"), "q4_0", "nearest");
    ck_assert_double_eq(real_of(q4_0, "blocks"), 10.0);
    ck_assert_double_eq(real_of(q4_0, "gap_blocks"), 9.0);
    ck_assert_double_eq(
        real_of(result_of(json_object_get(report, "total"), "q4_k", "nearest"), "gap_blocks"), 1.0);
    json_decref(report);
    free(path);
    program_remove_directory(directory);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Reports
 */

START_TEST(table_and_csv_say_what_they_are)
{
    const char *arguments =
        "synth:gaussian,shape=2x256 --format q4_0,tq1_0 --rounding nearest --gap";
    struct program_result table = program_run("compare %s", arguments);
    ck_assert_int_eq(table.status, 0);
    ck_assert_ptr_nonnull(strstr(table.out, "A weighted error is a surrogate"));
    ck_assert_ptr_nonnull(strstr(table.out, "\nq4_0     nearest            16 "));
    program_free(&table);
    struct program_result csv = program_run("compare %s --csv -", arguments);
    ck_assert_int_eq(strncmp(csv.out, "# a weighted error is a surrogate", 33), 0);
    ck_assert_ptr_nonnull(strstr(csv.out, ",gap_blocks,gap_unbounded,gap_mean,gap_median,gap_p99,"
                                          "gap_max,gap_ratio_of_sums,gap_optimal_share\n"));
    program_free(&csv);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("compare_gap");
    TCase *tcase = tcase_create("end to end");
    tcase_set_timeout(tcase, 0);
    tcase_add_test(tcase, lists_multiply);
    tcase_add_test(tcase, all_is_usable);
    tcase_add_test(tcase, each_run_gives_one_block);
    tcase_add_test(tcase, seeds_and_tensors_tell_samples_apart);
    tcase_add_test(tcase, figures_are_those_of_the_blocks);
    tcase_add_test(tcase, exact_is_next_to_the_optimum);
    tcase_add_test(tcase, every_format_is_measured);
    tcase_add_test(tcase, samples_are_of_the_size_asked_for);
    tcase_add_test(tcase, tensors_add_up);
    tcase_add_test(tcase, odd_tensors_are_measured);
    tcase_add_test(tcase, table_and_csv_say_what_they_are);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
