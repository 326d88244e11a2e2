/* `roundel compare` on the targets of this machine: which one runs what, and what it says of it. */
#include "compare_result.h"
#include "options.h"
#include "suite.h"
#include "target_choice.h"

#include <stdlib.h>

static void expect_target(const json_t *result, const struct target_choice *choice,
                          enum rdl_format format, enum rdl_rounding rounding)
{
    enum rdl_target target, decode_target;
    const bool encodes = choose_encoder_target(choice, format, rounding, RDL_NATIVE, &target);
    const bool available = choose_decoder_target(choice, format, &decode_target) && encodes;
    ck_assert_str_eq(text_of(result, "target"), rdl_target_name(target));
    ck_assert_str_eq(text_of(result, "decode_target"), rdl_target_name(decode_target));
    ck_assert_str_eq(text_of(result, "fit"), available ? "rows" : "unavailable");
}

/* Each format runs on the best target that has it, which the rows name; on a forced target it runs
 * there or not at all. Quality is the same on all. */
START_TEST(rows_name_their_targets)
{
    struct target_choice choice;
    struct error error;
    ck_assert(target_choose(NULL, &choice, &error));
    json_t *best = compare_json("synth:gaussian,shape=4x512 --rounding nearest,ggml-fixed");
    const json_t *best_total = json_object_get(best, "total");
    for (unsigned f = 0; f < RDL_FORMAT_COUNT; f++)
        expect_target(result_of(best_total, axis_format(f), "ggml-fixed"), &choice,
                      (enum rdl_format)f, RDL_GGML_FIXED);
    for (unsigned t = 0; t < RDL_TARGET_COUNT; t++) {
        if (!(choice.offered >> t & 1u))
            continue;
        const char *name = rdl_target_name((enum rdl_target)t);
        ck_assert(target_choose(name, &choice, &error));
        json_t *report = compare_json("--target %s synth:gaussian,shape=4x512 "
                                      "--rounding nearest,ggml-fixed",
                                      name);
        const json_t *total = json_object_get(report, "total");
        for (unsigned f = 0; f < RDL_FORMAT_COUNT; f++) {
            const json_t *result = result_of(total, axis_format(f), "ggml-fixed");
            expect_target(result, &choice, (enum rdl_format)f, RDL_GGML_FIXED);
            if (strcmp(text_of(result, "fit"), "rows") == 0)
                ck_assert_double_eq(
                    real_of(result, "rmse"),
                    real_of(result_of(best_total, axis_format(f), "ggml-fixed"), "rmse"));
        }
        json_decref(report);
    }
    json_decref(best);
}
END_TEST

/* Formats that some target lacks say so in the table. */
START_TEST(missing_kernels_are_told)
{
    struct target_choice choice;
    struct error error;
    ck_assert(target_choose(NULL, &choice, &error));
    for (unsigned t = 0; t < RDL_TARGET_COUNT; t++) {
        const enum rdl_target target = (enum rdl_target)t;
        if (!(choice.offered >> t & 1u) ||
            target_has_encoder(RDL_TQ1_0, RDL_GGML, RDL_NATIVE, target) ||
            !target_has_encoder(RDL_Q4_K, RDL_GGML, RDL_NATIVE, target) ||
            !rdl_decoder_support(RDL_Q4_K, target))
            continue;
        ck_assert_int_eq(setenv("RDL_TARGET", rdl_target_name(target), 1), 0);
        struct program_result result = program_run(
            "compare synth:gaussian,shape=4x256 --format q4_k,tq1_0 --rounding nearest,ggml");
        char line[128];
        snprintf(line, sizeof line, "\n%-8s %-12s unavailable: no %s kernel\n", "tq1_0", "ggml",
                 rdl_target_name(target));
        ck_assert_msg(strstr(result.out, line) != NULL, "%s", result.out);
        program_free(&result);
    }
}
END_TEST

/* The largest tensor is timed whole; formats whose blocks do not fit its rows are not. */
START_TEST(throughput_is_of_the_largest_tensor)
{
    json_t *report = compare_json("synth:gaussian,shape=2x256 synth:laplace,shape=64x288 "
                                  "--format q4_k,q8_0 --rounding nearest --threads 3 --throughput");
    const json_t *throughput = json_object_get(report, "throughput");
    ck_assert_ptr_nonnull(strstr(text_of(throughput, "tensor"), "laplace"));
    ck_assert_double_eq(real_of(throughput, "threads"), 3.0);
    const json_t *results = json_object_get(throughput, "results");
    ck_assert_uint_eq(json_array_size(results), 2);
    const json_t *q8_0 = result_of(results, "q8_0", "nearest");
    ck_assert_double_gt(real_of(q8_0, "quantize_mweights_per_s"), 0.0);
    ck_assert_double_gt(real_of(q8_0, "dequantize_mweights_per_s"), 0.0);
    const json_t *q4_k = result_of(results, "q4_k", "nearest");
    ck_assert(json_is_null(json_object_get(q4_k, "quantize_mweights_per_s")));
    ck_assert(json_is_null(json_object_get(q4_k, "dequantize_mweights_per_s")));
    json_decref(report);

    struct program_result table =
        program_run("compare synth:gaussian,shape=8x256 --format q4_k --rounding nearest "
                    "--threads 2 --throughput");
    ck_assert_ptr_nonnull(strstr(table.out, "\nThroughput of 2 threads on synth:gaussian,"));
    program_free(&table);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("end to end");
    tcase_set_timeout(tcase, 0);
    tcase_add_test(tcase, rows_name_their_targets);
    tcase_add_test(tcase, missing_kernels_are_told);
    tcase_add_test(tcase, throughput_is_of_the_largest_tensor);
    Suite *suite = suite_create("compare_targets");
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
