/* The comparison of targets with scalar (agreement.c): it sees what a broken kernel does. */
#include "agreement.h"

#include "suite.h"
#include "target_choice.h"

#include <math.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------
 * Kernels that stand in for those of a target: the scalar ones, with a defect
 */

enum {
    SEED = 3,
    FORMATS = 1u << RDL_Q4_K | 1u << RDL_IQ4_NL | 1u << RDL_Q8_0,
    Q4_K_BYTES = 144
};

static enum rdl_status scalar_quantize(const struct rdl_job *job, const float *x,
                                       const float *importance, void *blocks,
                                       struct rdl_report *report)
{
    struct rdl_job scalar = *job;
    scalar.target = RDL_SCALAR;
    return rdl_quantize(&scalar, x, importance, blocks, report);
}

static enum rdl_status scalar_dequantize(const struct rdl_job *job, const void *blocks,
                                         void *values)
{
    struct rdl_job scalar = *job;
    scalar.target = RDL_SCALAR;
    return rdl_dequantize(&scalar, blocks, values);
}

static bool is_broken(const struct rdl_job *job)
{
    return job->target != RDL_SCALAR && job->format == RDL_Q4_K && job->nrows == 3;
}

/* One bit of byte 5 of block 1 of row 2, with importance. */
static enum rdl_status flipping_quantize(const struct rdl_job *job, const float *x,
                                         const float *importance, void *blocks,
                                         struct rdl_report *report)
{
    const enum rdl_status status = scalar_quantize(job, x, importance, blocks, report);
    if (is_broken(job) && job->rounding == RDL_GGML && importance)
        ((uint8_t *)blocks)[(2 * 3 + 1) * Q4_K_BYTES + 5] ^= 1;
    return status;
}

/* The last byte of the last block stays as it was. */
static enum rdl_status forgetting_quantize(const struct rdl_job *job, const float *x,
                                           const float *importance, void *blocks,
                                           struct rdl_report *report)
{
    uint8_t *last = (uint8_t *)blocks + rdl_blocks_size(job->format, job->nrows, job->ncols) - 1;
    const uint8_t before = *last;
    const enum rdl_status status = scalar_quantize(job, x, importance, blocks, report);
    if (is_broken(job))
        *last = before;
    return status;
}

/* The sign of weight 17 of block 2 of row 1. */
static enum rdl_status negating_dequantize(const struct rdl_job *job, const void *blocks,
                                           void *values)
{
    const enum rdl_status status = scalar_dequantize(job, blocks, values);
    float *x = values;
    if (is_broken(job))
        x[job->ncols + 2 * 256 + 17] = -x[job->ncols + 2 * 256 + 17];
    return status;
}

/* Other NaNs than those of the scalar decoder. */
static enum rdl_status own_nan_dequantize(const struct rdl_job *job, const void *blocks,
                                          void *values)
{
    const enum rdl_status status = scalar_dequantize(job, blocks, values);
    float *x = values;
    for (size_t i = 0; job->target != RDL_SCALAR && i < job->nrows * job->ncols; i++)
        if (isnan(x[i]))
            x[i] = copysignf(NAN, signbit(x[i]) ? 1.0f : -1.0f);
    return status;
}

/* ------------------------------------------------------------------------------------------------
 * Checks
 */

/* A target with a Q4_K encoder and decoder; the machine need not have it. */
static bool find_target(enum rdl_target *target)
{
    for (unsigned t = 0; t < RDL_TARGET_COUNT; t++) {
        *target = (enum rdl_target)t;
        if (t != RDL_SCALAR && rdl_decoder_support(RDL_Q4_K, *target) &&
            target_has_encoder(RDL_Q4_K, RDL_GGML, RDL_NATIVE, *target))
            return true;
    }
    return false;
}

static bool check(quantize_fn *quantize, dequantize_fn *dequantize, struct agreement *agreement)
{
    const struct agreement_options options = {SEED, FORMATS, quantize, dequantize};
    struct error error;
    enum rdl_target target;
    if (!find_target(&target))
        return false; /* an architecture without SIMD targets */
    ck_assert_msg(agreement_check(&options, target, agreement, &error), "%s", error.text);
    ck_assert_int_eq(agreement->target, target);
    return true;
}

START_TEST(equal_kernels_agree)
{
    struct agreement agreement;
    if (!check(scalar_quantize, own_nan_dequantize, &agreement))
        return;
    ck_assert_uint_eq(agreement.different, 0);
    ck_assert(!agreement.first.found);
    size_t encoders = 0, decoders = 0;
    for (unsigned f = 0; f < RDL_FORMAT_COUNT; f++) {
        if (!(FORMATS >> f & 1u))
            continue;
        decoders += rdl_decoder_support((enum rdl_format)f, agreement.target);
        for (unsigned r = 0; r < RDL_FIRST_SEARCH; r++)
            for (unsigned w = 0; w < RDL_WEIGHTING_COUNT; w++) {
                const unsigned support =
                    rdl_encoder_support((enum rdl_format)f, (enum rdl_rounding)r,
                                        (enum rdl_weighting)w, agreement.target);
                encoders += (support & RDL_PLAIN) != 0;
                encoders += (support & RDL_WITH_IMPORTANCE) != 0;
            }
    }
    ck_assert_uint_eq(agreement.encoders, encoders);
    ck_assert_uint_eq(agreement.decoders, decoders);
    ck_assert_uint_gt(agreement.blocks, 50 * (encoders + decoders));
}
END_TEST

START_TEST(wrong_byte_is_found)
{
    struct agreement agreement;
    if (!check(flipping_quantize, scalar_dequantize, &agreement))
        return;
    ck_assert_uint_eq(agreement.different, AGREEMENT_WEIGHTS_COUNT * AGREEMENT_IMPORTANCE_COUNT);
    const struct agreement_difference *d = &agreement.first;
    ck_assert(d->found && !d->decoding);
    ck_assert_int_eq(d->format, RDL_Q4_K);
    ck_assert_int_eq(d->rounding, RDL_GGML);
    ck_assert_str_eq(d->weights, "gaussian");
    ck_assert_str_eq(d->importance, "spread");
    ck_assert_uint_eq(d->nrows, 3);
    ck_assert_uint_eq(d->ncols, 768);
    ck_assert_uint_eq(d->row, 2);
    ck_assert_uint_eq(d->block, 1);
    ck_assert_uint_eq(d->index, 5);
    ck_assert_uint_eq(d->target, d->scalar ^ 1u);
}
END_TEST

/* Whatever the byte should be, it is found where it should be another than 0xFF. */
START_TEST(forgotten_byte_is_found)
{
    struct agreement agreement;
    if (!check(forgetting_quantize, scalar_dequantize, &agreement))
        return;
    ck_assert_uint_gt(agreement.different, AGREEMENT_WEIGHTS_COUNT);
    ck_assert_uint_eq(agreement.first.row, 2);
    ck_assert_uint_eq(agreement.first.block, 2);
    ck_assert_uint_eq(agreement.first.index, Q4_K_BYTES - 1);
}
END_TEST

START_TEST(wrong_value_is_found)
{
    struct agreement agreement;
    if (!check(scalar_quantize, negating_dequantize, &agreement))
        return;
    ck_assert_uint_ge(agreement.different, 2); /* random bytes; zeros, which have signs too */
    const struct agreement_difference *d = &agreement.first;
    ck_assert(d->found && d->decoding);
    ck_assert_int_eq(d->format, RDL_Q4_K);
    ck_assert_str_eq(d->blocks, "random bytes");
    ck_assert_uint_eq(d->row, 1);
    ck_assert_uint_eq(d->block, 2);
    ck_assert_uint_eq(d->index, 17);
    ck_assert_uint_eq(d->target, d->scalar ^ 0x80000000u);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Inputs
 */

enum {
    COUNT = 8192
};

static float x[COUNT];

static const float *weights_of(enum agreement_weights kind)
{
    agreement_weights(kind, 1e7, SEED, COUNT, x);
    return x;
}

static size_t count_class(int class)
{
    size_t count = 0;
    for (size_t i = 0; i < COUNT; i++)
        count += fpclassify(x[i]) == class;
    return count;
}

START_TEST(weights_are_of_their_kind)
{
    for (unsigned kind = 0; kind < AGREEMENT_WEIGHTS_COUNT; kind++) {
        weights_of((enum agreement_weights)kind);
        const size_t bad = count_class(FP_NAN) + count_class(FP_INFINITE);
        ck_assert_msg((bad > 0) == (kind == AGREEMENT_BAD), "%s",
                      agreement_weights_name((enum agreement_weights)kind));
        for (size_t i = 0; i < COUNT && kind != AGREEMENT_BAD; i++)
            ck_assert(fabs((double)x[i]) <= 1e7);
    }
    weights_of(AGREEMENT_ZEROS);
    ck_assert_uint_gt(count_class(FP_ZERO), COUNT / 2);
    ck_assert_uint_gt(count_class(FP_NORMAL), 0);
    weights_of(AGREEMENT_TINY);
    ck_assert_uint_gt(count_class(FP_SUBNORMAL), COUNT / 20);
    weights_of(AGREEMENT_HUGE);
    size_t largest = 0;
    for (size_t i = 0; i < COUNT; i++)
        largest += fabsf(x[i]) == 1e7f;
    ck_assert_uint_gt(largest, 0);
    weights_of(AGREEMENT_BAD);
    ck_assert_uint_lt(count_class(FP_NAN), COUNT / 100);
}
END_TEST

START_TEST(seeds_make_other_inputs)
{
    static float other[COUNT];
    for (unsigned kind = 0; kind < AGREEMENT_WEIGHTS_COUNT; kind++) {
        weights_of((enum agreement_weights)kind);
        agreement_weights((enum agreement_weights)kind, 1e7, SEED + 1, COUNT, other);
        ck_assert_int_ne(memcmp(x, other, sizeof x), 0);
        agreement_weights((enum agreement_weights)kind, 1e7, SEED, COUNT, other);
        ck_assert_int_eq(memcmp(x, other, sizeof x), 0);
    }
}
END_TEST

START_TEST(importance_is_legal)
{
    for (unsigned kind = 0; kind < AGREEMENT_IMPORTANCE_COUNT; kind++) {
        agreement_importance((enum agreement_importance)kind, SEED, COUNT, x);
        for (size_t i = 0; i < COUNT; i++)
            ck_assert(x[i] >= 0.0f && x[i] <= RDL_IMPORTANCE_MAX);
        ck_assert_int_eq(count_class(FP_ZERO) > 0, kind != AGREEMENT_SPREAD);
    }
}
END_TEST

int main(void)
{
    TCase *kernels = tcase_create("kernels");
    tcase_set_timeout(kernels, 0);
    tcase_add_test(kernels, equal_kernels_agree);
    tcase_add_test(kernels, wrong_byte_is_found);
    tcase_add_test(kernels, forgotten_byte_is_found);
    tcase_add_test(kernels, wrong_value_is_found);
    TCase *inputs = tcase_create("inputs");
    tcase_set_timeout(inputs, 0);
    tcase_add_test(inputs, weights_are_of_their_kind);
    tcase_add_test(inputs, seeds_make_other_inputs);
    tcase_add_test(inputs, importance_is_legal);
    Suite *suite = suite_create("agreement");
    suite_add_tcase(suite, kernels);
    suite_add_tcase(suite, inputs);
    return suite_run(suite);
}
