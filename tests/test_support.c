/*
 * The capability queries agree with what the entry points accept, for every combination of format,
 * rounding, weighting, target and importance: nothing has to be found out by failing.
 */
#include "encoders.h"
#include "fill.h"
#include "suite.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_LENGTH = 256,
    MAX_BYTES = 4 * MAX_LENGTH
};

/* What the header says about a job that is right in everything else. */
static enum rdl_status promised(unsigned support, bool with_importance)
{
    if (support == 0)
        return RDL_UNSUPPORTED;
    if (with_importance)
        return support & RDL_WITH_IMPORTANCE ? RDL_OK : RDL_IMPORTANCE_REFUSED;
    return support & RDL_PLAIN ? RDL_OK : RDL_IMPORTANCE_REQUIRED;
}

static void check_combination(struct encoder encoder)
{
    const unsigned support =
        rdl_encoder_support(encoder.format, encoder.rounding, encoder.weighting, encoder.target);
    ck_assert_uint_eq(support & ~(RDL_PLAIN | RDL_WITH_IMPORTANCE), 0);
    const float x[MAX_LENGTH] = {0.0f}, importance[MAX_LENGTH] = {0.0f};
    uint8_t blocks[MAX_BYTES];
    /* Without rows nothing is run, so that any machine can ask for any target. */
    const bool runnable = rdl_detect_targets() >> encoder.target & 1u;
    for (size_t nrows = 0; nrows <= (runnable ? 1u : 0u); nrows++) {
        const struct rdl_job job =
            encoder_job(&encoder, nrows, rdl_format_info(encoder.format)->block_length);
        for (int with = 0; with <= 1; with++) {
            const enum rdl_status status =
                rdl_quantize(&job, x, with ? importance : NULL, blocks, NULL);
            ck_assert_msg(status == promised(support, with != 0), "%s/%s/%s/%s: %s",
                          rdl_format_info(encoder.format)->name,
                          rdl_rounding_name(encoder.rounding),
                          rdl_weighting_name(encoder.weighting), rdl_target_name(encoder.target),
                          rdl_status_text(status));
        }
    }
}

START_TEST(quantize_accepts_what_the_query_lists)
{
    struct encoder encoder = {.format = (enum rdl_format)_i};
    for (unsigned r = 0; r < RDL_FIRST_SEARCH; r++)
        for (unsigned w = 0; w < RDL_WEIGHTING_COUNT; w++)
            for (unsigned t = 0; t < RDL_TARGET_COUNT; t++) {
                encoder.rounding = (enum rdl_rounding)r;
                encoder.weighting = (enum rdl_weighting)w;
                encoder.target = (enum rdl_target)t;
                check_combination(encoder);
            }
}
END_TEST

START_TEST(dequantize_accepts_what_the_query_lists)
{
    struct decoder decoder = {.format = (enum rdl_format)_i};
    const struct rdl_format_info *info = rdl_format_info(decoder.format);
    const uint8_t blocks[MAX_BYTES] = {0};
    float x[MAX_LENGTH];
    for (unsigned t = 0; t < RDL_TARGET_COUNT; t++) {
        decoder.target = (enum rdl_target)t;
        const bool supported = rdl_decoder_support(decoder.format, decoder.target);
        const bool runnable = rdl_detect_targets() >> t & 1u;
        for (size_t nrows = 0; nrows <= (runnable ? 1u : 0u); nrows++) {
            const struct rdl_job job = decoder_job(&decoder, nrows, info->block_length);
            ck_assert_int_eq(rdl_dequantize(&job, blocks, x), supported ? RDL_OK : RDL_UNSUPPORTED);
        }
    }
}
END_TEST

START_TEST(values_out_of_range_are_not_supported)
{
    static const int wrong[] = {-1, 1000, 256, 1 << 16, -2147483647 - 1};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        const int v = wrong[i];
        ck_assert_uint_eq(rdl_encoder_support((enum rdl_format)v, RDL_GGML, RDL_NATIVE, RDL_SCALAR),
                          0);
        ck_assert_uint_eq(
            rdl_encoder_support(RDL_Q8_0, (enum rdl_rounding)v, RDL_NATIVE, RDL_SCALAR), 0);
        ck_assert_uint_eq(
            rdl_encoder_support(RDL_Q8_0, RDL_GGML, (enum rdl_weighting)v, RDL_SCALAR), 0);
        ck_assert_uint_eq(rdl_encoder_support(RDL_Q8_0, RDL_GGML, RDL_NATIVE, (enum rdl_target)v),
                          0);
        ck_assert(!rdl_decoder_support((enum rdl_format)v, RDL_SCALAR));
        ck_assert(!rdl_decoder_support(RDL_Q8_0, (enum rdl_target)v));
    }
    ck_assert_uint_eq(rdl_encoder_support(RDL_FORMAT_COUNT, RDL_GGML, RDL_NATIVE, RDL_SCALAR), 0);
    ck_assert_uint_eq(rdl_encoder_support(RDL_Q8_0, RDL_ROUNDING_COUNT, RDL_NATIVE, RDL_SCALAR), 0);
    ck_assert_uint_eq(rdl_encoder_support(RDL_Q8_0, RDL_GGML, RDL_WEIGHTING_COUNT, RDL_SCALAR), 0);
    ck_assert_uint_eq(rdl_encoder_support(RDL_Q8_0, RDL_GGML, RDL_NATIVE, RDL_TARGET_COUNT), 0);
    ck_assert(!rdl_decoder_support(RDL_FORMAT_COUNT, RDL_SCALAR));
    ck_assert(!rdl_decoder_support(RDL_Q8_0, RDL_TARGET_COUNT));
}
END_TEST

/* A target never changes a byte, nor what exists: fast kernels are chosen among scalar ones. The
 * entry points look at scales that overflow with the scalar decoder. */
START_TEST(scalar_has_everything)
{
    for (unsigned r = 0; r < RDL_FIRST_SEARCH; r++)
        for (unsigned w = 0; w < RDL_WEIGHTING_COUNT; w++)
            for (unsigned t = 0; t < RDL_TARGET_COUNT; t++) {
                const enum rdl_format f = (enum rdl_format)_i;
                const enum rdl_rounding rounding = (enum rdl_rounding)r;
                const enum rdl_weighting weighting = (enum rdl_weighting)w;
                const unsigned support =
                    rdl_encoder_support(f, rounding, weighting, (enum rdl_target)t);
                ck_assert_uint_eq(
                    support & ~rdl_encoder_support(f, rounding, weighting, RDL_SCALAR), 0);
                if (support)
                    ck_assert(rdl_decoder_support(f, RDL_SCALAR));
            }
    for (unsigned t = 0; t < RDL_TARGET_COUNT; t++)
        if (rdl_decoder_support((enum rdl_format)_i, (enum rdl_target)t))
            ck_assert(rdl_decoder_support((enum rdl_format)_i, RDL_SCALAR));
}
END_TEST

START_TEST(this_release_has_these_encoders)
{
    static const enum rdl_format formats[] = {RDL_Q8_0, RDL_Q4_K, RDL_Q5_K, RDL_IQ4_NL};
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        ck_assert_uint_eq(rdl_encoder_support(formats[i], RDL_GGML, RDL_NATIVE, RDL_SCALAR),
                          RDL_PLAIN | RDL_WITH_IMPORTANCE);
        ck_assert_uint_ne(rdl_encoder_support(formats[i], RDL_NEAREST, RDL_NATIVE, RDL_SCALAR), 0);
        ck_assert(rdl_decoder_support(formats[i], RDL_SCALAR));
    }
    ck_assert_uint_ne(rdl_encoder_support(RDL_IQ4_NL, RDL_GGML_REDUCED, RDL_NATIVE, RDL_SCALAR), 0);
}
END_TEST

START_TEST(machine_offers_known_targets)
{
    const unsigned targets = rdl_detect_targets();
    ck_assert(targets & 1u << RDL_SCALAR);
    ck_assert_uint_eq(targets >> RDL_TARGET_COUNT, 0);
    ck_assert_uint_eq(targets, rdl_detect_targets());
    /* No CPU has kernels of both architectures; AVX-512 includes AVX2. */
    ck_assert(!(targets >> RDL_NEON & 1u) || !(targets >> RDL_AVX2 & 1u));
    ck_assert(!(targets >> RDL_AVX512 & 1u) || (targets >> RDL_AVX2 & 1u));
}
END_TEST

/* kernels.def and the query are the same list. */
START_TEST(every_listed_kernel_has_a_function)
{
    size_t nencoders, ndecoders;
    const struct encoder *encoders = encoder_list(&nencoders);
    const struct decoder *decoders = decoder_list(&ndecoders);
    ck_assert_uint_gt(nencoders, 0);
    ck_assert_uint_gt(ndecoders, 0);
    for (size_t i = 0; i < nencoders; i++)
        ck_assert_msg(encoders[i].encode != NULL, "%s", encoders[i].name);
    for (size_t i = 0; i < ndecoders; i++)
        ck_assert_msg(decoders[i].decode != NULL, "%s", decoders[i].name);
}
END_TEST

/* `nearest` accepts importance, but has no use for it; nor has Q8_0 in any rounding. */
START_TEST(importance_without_use_changes_no_byte)
{
    size_t count;
    const struct encoder *encoder = &encoder_list(&count)[_i];
    if (!encoder->with_importance ||
        (encoder->rounding != RDL_NEAREST && encoder->format != RDL_Q8_0))
        return;
    const size_t length = encoder->info->block_length;
    float x[MAX_LENGTH], importance[MAX_LENGTH];
    uint8_t with[MAX_BYTES], without[MAX_BYTES];
    struct random random = {.seed = 1};
    fill_weights(WEIGHTS_GAUSSIAN, encoder->info->max_magnitude, &random, length, x);
    fill_importance(IMPORTANCE_HOLES, &random, length, importance);
    const struct rdl_job job = encoder_job(encoder, 1, length);
    ck_assert_int_eq(rdl_quantize(&job, x, importance, with, NULL), RDL_OK);
    ck_assert_int_eq(rdl_quantize(&job, x, NULL, without, NULL), RDL_OK);
    ck_assert_mem_eq(with, without, encoder->info->block_bytes);
}
END_TEST

int main(void)
{
    size_t nencoders;
    (void)encoder_list(&nencoders);
    Suite *suite = suite_create("support");
    TCase *tcase = tcase_create("support");
    tcase_set_timeout(tcase, 0);
    tcase_add_loop_test(tcase, quantize_accepts_what_the_query_lists, 0, RDL_FORMAT_COUNT);
    tcase_add_loop_test(tcase, dequantize_accepts_what_the_query_lists, 0, RDL_FORMAT_COUNT);
    tcase_add_test(tcase, values_out_of_range_are_not_supported);
    tcase_add_loop_test(tcase, scalar_has_everything, 0, RDL_FORMAT_COUNT);
    tcase_add_test(tcase, this_release_has_these_encoders);
    tcase_add_test(tcase, machine_offers_known_targets);
    tcase_add_test(tcase, every_listed_kernel_has_a_function);
    tcase_add_loop_test(tcase, importance_without_use_changes_no_byte, 0, (int)nencoders);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
