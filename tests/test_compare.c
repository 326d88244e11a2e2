/* `roundel compare` from end to end: what it computes, what it prints. */
#include "compare_result.h"
#include "suite.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* All formats on many weights take minutes under emulators. */
#ifdef ROUNDEL_SLOW_RUN
#define SOME_FORMATS " --format q8_0,q4_k,iq4_nl,iq2_xs"
#else
#define SOME_FORMATS ""
#endif

/* ------------------------------------------------------------------------------------------------
 * What it computes
 */

START_TEST(default_input_compares_the_embedded_model)
{
    struct program_result result = program_run("compare" SOME_FORMATS);
    ck_assert_int_eq(result.status, 0);
    ck_assert_ptr_nonnull(strstr(result.out, "44 tensors, 4851712 weights of builtin:tinylm"));
    ck_assert_ptr_nonnull(strstr(result.out, "iq4_nl"));
    ck_assert_ptr_nonnull(strstr(result.out, "surrogate"));
    ck_assert_str_eq(result.err, "");
    program_free(&result);
}
END_TEST

/*
 * One block of Q8_0 whose scale is exactly 1 (largest magnitude 127), so that codes are the weights
 * rounded away from zero at ties: 30 integers without error, 0.5 -> 1 and -0.25 -> 0. Errors: 0.5
 * and 0.25.
 */
START_TEST(figures_by_hand)
{
    float x[32] = {127.0f, 0.5f, -0.25f};
    double xx = 127.0 * 127.0 + 0.25 + 0.0625, yy = 127.0 * 127.0 + 1.0, xy = 127.0 * 127.0 + 0.5;
    for (int i = 3; i < 32; i++) {
        x[i] = (float)i;
        xx += i * i;
        yy += i * i;
        xy += i * i;
    }
    char *directory = program_directory();
    char *path = program_file(directory, "x.f32", x, sizeof x);
    json_t *report = compare_json("%s --shape 1x32 --format q8_0 --rounding nearest "
                                  "--error-weights abs",
                                  path);
    const json_t *r = result_of(json_object_get(report, "total"), "q8_0", "nearest");
    const double ee = 0.25 + 0.0625, sum_abs = 127.0 + 0.75 + (31.0 * 32.0 / 2.0 - 3.0);
    ck_assert_double_eq(real_of(r, "rmse"), sqrt(ee / 32.0));
    ck_assert_double_eq_tol(real_of(r, "relative_rmse"), sqrt(ee / xx), 1e-15);
    ck_assert_double_eq_tol(real_of(r, "weighted_rmse"),
                            sqrt((0.5 * 0.25 + 0.25 * 0.0625) / sum_abs), 1e-15);
    ck_assert_double_eq_tol(real_of(r, "sqnr_db"), 10.0 * log10(xx / ee), 1e-12);
    ck_assert_double_eq_tol(real_of(r, "cosine"), xy / sqrt(xx * yy), 1e-15);
    ck_assert_double_eq(real_of(r, "max_error"), 0.5);
    ck_assert_double_eq(real_of(r, "error_p50"), 0.0);
    ck_assert_double_eq(real_of(r, "bits_per_weight"), 8.5);
    ck_assert_double_eq(real_of(r, "blocks"), 1.0);
    json_decref(report);
    struct program_result table =
        program_run("compare %s --shape 1x32 --format q8_0 --rounding nearest,ggml", path);
    ck_assert_msg(strstr(table.out, "  equal error in every block\n") != NULL, "%s", table.out);
    program_free(&table);
    free(path);
    program_remove_directory(directory);
}
END_TEST

START_TEST(baseline_is_paired_within_the_format)
{
    json_t *report = compare_json("synth:gaussian,shape=64x256 --format iq4_nl,q4_k "
                                  "--rounding nearest,ggml --baseline ggml");
    const json_t *total = json_object_get(report, "total");
    const json_t *ggml = result_of(total, "q4_k", "ggml"),
                 *near = result_of(total, "q4_k", "nearest");
    const double expected = pow(real_of(near, "rmse"), 2.0) / pow(real_of(ggml, "rmse"), 2.0) - 1.0;
    ck_assert_double_eq_tol(real_of(near, "mse_change"), expected, 1e-12);
    ck_assert_double_lt(real_of(near, "mse_change_low"), expected);
    ck_assert_double_gt(real_of(near, "mse_change_high"), expected);
    ck_assert_double_eq(real_of(ggml, "mse_change"), 0.0);
    ck_assert_double_eq(real_of(ggml, "blocks_equal"), 1.0);
    json_decref(report);
}
END_TEST

/* Nothing but times may depend on the number of threads. */
static void forget_times(json_t *value)
{
    size_t i;
    json_t *element;
    const char *key;
    void *next;
    if (json_is_object(value)) {
        json_object_del(value, "quantize_mweights_per_s");
        json_object_del(value, "dequantize_mweights_per_s");
        json_object_del(value, "threads");
        json_object_foreach_safe(value, next, key, element) forget_times(element);
    }
    json_array_foreach(value, i, element) forget_times(element);
}

static void expect_same_digits(const char *arguments)
{
    json_t *one = compare_json("--threads 1 %s", arguments);
    json_t *three = compare_json("--threads 3 %s", arguments);
    ck_assert_int_eq(json_integer_value(json_object_get(three, "threads")), 3);
    forget_times(one);
    forget_times(three);
    ck_assert_msg(json_equal(one, three), "digits depend on the threads: %s", arguments);
    json_decref(one);
    json_decref(three);
}

START_TEST(threads_do_not_change_digits)
{
    expect_same_digits("synth:student-t:4,shape=300x1024" SOME_FORMATS);
    expect_same_digits("synth:laplace,shape=700x288 synth:sparse:0.9,shape=10x100000" SOME_FORMATS);
    expect_same_digits("builtin:tinylm --importance builtin:tinylm --include blk.0" SOME_FORMATS);
}
END_TEST

START_TEST(importance_changes_the_bytes_and_the_error_weights)
{
    const char *arguments = "--include blk.1.ffn_down --format q4_k --rounding ggml";
    json_t *plain = compare_json("%s", arguments);
    json_t *weighted = compare_json("%s --importance builtin:tinylm", arguments);
    json_t *judged =
        compare_json("%s --importance builtin:tinylm --error-weights uniform", arguments);
    const json_t *p = result_of(json_object_get(plain, "total"), "q4_k", "ggml");
    const json_t *j = result_of(json_object_get(judged, "total"), "q4_k", "ggml");
    const json_t *tensor = json_array_get(json_object_get(weighted, "tensors"), 0);
    ck_assert_str_eq(text_of(tensor, "error_weights"), "importance");
    ck_assert(json_is_true(json_object_get(tensor, "importance")));
    ck_assert_double_ne(real_of(p, "rmse"), real_of(j, "rmse"));
    ck_assert_double_eq(real_of(j, "rmse"), real_of(j, "weighted_rmse"));
    json_decref(plain);
    json_decref(weighted);
    json_decref(judged);
}
END_TEST

/* 200 rows of 100: 20000 weights are 78 whole blocks of 256 and 32 weights. */
START_TEST(misfit_rows)
{
    const char *input = "synth:gaussian,shape=200x100 --format q4_k,q8_0 --rounding nearest";
    json_t *report = compare_json("%s --on-misfit flatten", input);
    const json_t *q4_k = result_of(json_object_get(report, "total"), "q4_k", "nearest");
    ck_assert_str_eq(
        text_of(
            json_array_get(
                json_object_get(json_array_get(json_object_get(report, "tensors"), 0), "results"),
                0),
            "fit"),
        "flattened");
    ck_assert_double_eq(real_of(q4_k, "blocks"), 79.0);
    ck_assert_double_eq(real_of(q4_k, "padding"), 224.0);
    ck_assert_double_eq(real_of(q4_k, "weights"), 20000.0);
    json_decref(report);

    report = compare_json("%s --on-misfit skip synth:uniform,shape=2x256", input);
    ck_assert_double_eq(
        real_of(result_of(json_object_get(report, "total"), "q4_k", "nearest"), "weights"), 512.0);
    json_decref(report);

    program_expect_mistake(
        "compare synth:gaussian,shape=200x100 --format q4_k --on-misfit error", 3,
        "rows of 100 weights are no multiple of the 256 weights of a q4_k block");
}
END_TEST

START_TEST(unavailable_pairs_are_marked)
{
    json_t *report = compare_json("synth:gaussian,shape=4x256 --format q4_k,iq4_nl "
                                  "--rounding nearest,ggml-reduced");
    const json_t *total = json_object_get(report, "total");
    ck_assert_str_eq(text_of(result_of(total, "q4_k", "ggml-reduced"), "fit"), "unavailable");
    ck_assert_str_eq(text_of(result_of(total, "iq4_nl", "ggml-reduced"), "fit"), "rows");
    json_decref(report);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Reports
 */

static size_t count_fields(const char *line, size_t length)
{
    size_t fields = 1;
    bool quoted = false;
    for (size_t i = 0; i < length; i++) {
        if (line[i] == '"')
            quoted = !quoted;
        fields += line[i] == ',' && !quoted;
    }
    return fields;
}

START_TEST(csv_has_one_line_a_result_and_the_same_columns)
{
    struct program_result result =
        program_run("compare synth:gaussian,shape=4x256 synth:student-t:4,shape=4x256 "
                    "--format q4_k,q8_0 --rounding nearest --csv -");
    ck_assert_int_eq(result.status, 0);
    size_t lines = 0;
    size_t columns = 0;
    for (const char *line = result.out; *line; line += strcspn(line, "\n") + 1) {
        const size_t fields = count_fields(line, strcspn(line, "\n"));
        columns = lines++ ? columns : fields;
        ck_assert_uint_eq(fields, columns);
    }
    ck_assert_uint_eq(lines, 1 + 2 * 2 + 2);
    ck_assert_int_eq(
        strncmp(result.out,
                "tensor,format,rounding,scales,weighting,target,decode_target,fit,weights", 72),
        0);
    ck_assert_ptr_nonnull(
        strstr(result.out, "\"synth:student-t:4,sigma=0.02,shape=4x256,seed=0\""));
    program_free(&result);
}
END_TEST

START_TEST(json_says_where_it_comes_from)
{
    json_t *report = compare_json("synth:gaussian,shape=4x256 --seed 7 --threads 1 --format q8_0");
    const json_t *roundel = json_object_get(report, "roundel");
    ck_assert_str_eq(text_of(roundel, "command"), "compare");
    ck_assert_ptr_nonnull(strstr(text_of(roundel, "flags"), "-ffp-contract=off"));
    text_of(roundel, "compiler");
    text_of(roundel, "commit");
    ck_assert_int_eq(json_integer_value(json_object_get(report, "seed")), 7);
    ck_assert_uint_eq(strlen(text_of(report, "input_hash")), 16);
    ck_assert_ptr_nonnull(
        strstr(text_of(json_array_get(json_object_get(report, "tensors"), 0), "name"), "seed=7"));
    json_decref(report);
}
END_TEST

START_TEST(json_file_appears_whole_or_not_at_all)
{
    char *directory = program_directory();
    struct program_result result =
        program_run("compare synth:gaussian,shape=4x256 --json %s/r.json", directory);
    ck_assert_int_eq(result.status, 0);
    ck_assert_ptr_nonnull(strstr(result.out, "q4_k"));
    program_free(&result);
    char path[256];
    snprintf(path, sizeof path, "%s/r.json", directory);
    json_t *report = json_load_file(path, 0, NULL);
    ck_assert_ptr_nonnull(report);
    json_decref(report);
    program_remove_directory(directory);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Bad data
 */

static void write_probe(const char *directory, char **path, float value)
{
    float x[4 * 256];
    for (int i = 0; i < 4 * 256; i++)
        x[i] = 0.01f * (float)(i % 7);
    x[2 * 256 + 70] = value;
    *path = program_file(directory, "probe.f32", x, sizeof x);
}

START_TEST(bad_weights_are_named)
{
    static const struct {
        float value;
        const char *said;
    } probes[] = {
        {NAN, "row 2, column 70: a weight is NaN"},
        {-INFINITY, "row 2, column 70: a weight is infinite"},
        {3e38f, "row 2, column 70: the weights are too large for the format's scale"},
    };
    char *directory = program_directory();
    for (size_t i = 0; i < sizeof probes / sizeof *probes; i++) {
        char *path, arguments[512];
        write_probe(directory, &path, probes[i].value);
        snprintf(arguments, sizeof arguments, "compare %s --shape 4x256 --format q8_0,q4_k", path);
        program_expect_mistake(arguments, 3, probes[i].said);
        program_expect_mistake(arguments, 3, path);
        json_t *report = compare_json("%s --shape 4x256 --go-on", path);
        const json_t *r = result_of(json_object_get(report, "total"), "q8_0", "ggml");
        ck_assert_double_eq(real_of(r, "bad_blocks"), 1.0);
        ck_assert_double_eq(real_of(r, "non_finite"), isfinite(probes[i].value) ? 0.0 : 1.0);
        json_decref(report);
        free(path);
    }
    program_remove_directory(directory);
}
END_TEST

/* One NaN: one bad block and one weight without error, however many roundings see it. */
START_TEST(table_counts_weights_once)
{
    char *directory = program_directory(), *path;
    write_probe(directory, &path, NAN);
    struct program_result result =
        program_run("compare %s --shape 4x256 --format q8_0,q4_k --go-on", path);
    ck_assert_int_eq(result.status, 0);
    ck_assert_msg(strstr(result.out, "Bad data: up to 1 block") != NULL, "%s", result.out);
    ck_assert_msg(strstr(result.out, "Non-finite: up to 1 weight") != NULL, "%s", result.out);
    program_free(&result);
    free(path);
    program_remove_directory(directory);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("compare");
    TCase *tcase = tcase_create("end to end");
    tcase_set_timeout(tcase, 0);
    tcase_add_test(tcase, default_input_compares_the_embedded_model);
    tcase_add_test(tcase, figures_by_hand);
    tcase_add_test(tcase, baseline_is_paired_within_the_format);
    tcase_add_test(tcase, threads_do_not_change_digits);
    tcase_add_test(tcase, importance_changes_the_bytes_and_the_error_weights);
    tcase_add_test(tcase, misfit_rows);
    tcase_add_test(tcase, unavailable_pairs_are_marked);
    tcase_add_test(tcase, csv_has_one_line_a_result_and_the_same_columns);
    tcase_add_test(tcase, json_says_where_it_comes_from);
    tcase_add_test(tcase, json_file_appears_whole_or_not_at_all);
    tcase_add_test(tcase, bad_weights_are_named);
    tcase_add_test(tcase, table_counts_weights_once);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
