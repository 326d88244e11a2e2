/* Calls that are wrong: each gets its status, and nothing is written. */
#include "encoders.h"
#include "suite.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_LENGTH = 256,
    MAX_BYTES = 4 * MAX_LENGTH,
    BACKGROUND = 0xAA
};

static const float zeros[MAX_LENGTH];

/* One block and what the call needs to encode and to decode it. */
struct call {
    struct rdl_job job;
    const float *importance;
    uint8_t blocks[MAX_BYTES];
    float x[MAX_LENGTH];
};

static struct call encoder_call(int i)
{
    size_t count;
    const struct encoder *encoder = &encoder_list(&count)[i];
    struct call call = {
        .job = encoder_job(encoder, 1, encoder->info->block_length),
        .importance = encoder->with_importance ? zeros : NULL,
    };
    memset(call.blocks, BACKGROUND, sizeof call.blocks);
    return call;
}

static struct call decoder_call(int i)
{
    size_t count;
    const struct decoder *decoder = &decoder_list(&count)[i];
    struct call call = {.job = decoder_job(decoder, 1, decoder->info->block_length)};
    memset(call.x, BACKGROUND, sizeof call.x);
    return call;
}

static bool is_background(const void *memory, size_t size)
{
    const unsigned char *bytes = memory;
    for (size_t i = 0; i < size; i++)
        if (bytes[i] != BACKGROUND)
            return false;
    return true;
}

/* The report of a call that never looked at data, whatever was in it before. */
static bool is_empty(const struct rdl_report *report)
{
    return report->status == RDL_OK && report->row == 0 && report->block == 0 &&
           report->column == 0 && report->bad_blocks == 0;
}

static void check_quantize(struct call *call, const float *x, void *blocks,
                           enum rdl_status expected)
{
    struct rdl_report report = {RDL_STATUS_COUNT, 1, 2, 3, 4};
    const enum rdl_status status = rdl_quantize(&call->job, x, call->importance, blocks, &report);
    ck_assert_msg(status == expected, "\"%s\" in place of \"%s\"", rdl_status_text(status),
                  rdl_status_text(expected));
    ck_assert(is_empty(&report));
    ck_assert(is_background(call->blocks, sizeof call->blocks));
    ck_assert_int_eq(rdl_quantize(&call->job, x, call->importance, blocks, NULL), expected);
}

static void check_dequantize(struct call *call, const void *blocks, float *x,
                             enum rdl_status expected)
{
    ck_assert_int_eq(rdl_dequantize(&call->job, blocks, x), expected);
    ck_assert(is_background(call->x, sizeof call->x));
}

/* The same mistake in both directions; what only one of them looks at is tested apart. */
static void check_either(struct call *call, bool encodes, enum rdl_status expected)
{
    if (encodes)
        check_quantize(call, zeros, call->blocks, expected);
    else
        check_dequantize(call, call->blocks, call->x, expected);
}

static const int wrong_values[] = {-1, 1000, 256, 1 << 16, -2147483647 - 1, 2147483647};

enum {
    NWRONG = sizeof wrong_values / sizeof wrong_values[0]
};

static void check_common_mistakes(const struct call *good, bool encodes)
{
    const size_t length = good->job.ncols;
    struct call call;
    for (int i = 0; i < NWRONG; i++) {
        call = *good;
        call.job.format = (enum rdl_format)wrong_values[i];
        check_either(&call, encodes, RDL_UNKNOWN_VALUE);
        call = *good;
        call.job.target = (enum rdl_target)wrong_values[i];
        check_either(&call, encodes, RDL_UNKNOWN_VALUE);
    }
    call = *good;
    call.job.format = RDL_FORMAT_COUNT;
    check_either(&call, encodes, RDL_UNKNOWN_VALUE);
    call = *good;
    call.job.target = RDL_TARGET_COUNT;
    check_either(&call, encodes, RDL_UNKNOWN_VALUE);
    for (unsigned bit = 0; bit < 32; bit++) {
        call = *good;
        call.job.flags = 1u << bit;
        if (call.job.flags != RDL_GO_ON && call.job.flags != RDL_STREAM) {
            check_either(&call, encodes, RDL_UNKNOWN_VALUE);
            call.job.flags |= RDL_GO_ON;
            check_either(&call, encodes, RDL_UNKNOWN_VALUE);
        }
    }
    const size_t odd_lengths[] = {1, length - 1, length + 1, 2 * length - 1, SIZE_MAX};
    for (size_t i = 0; i < sizeof odd_lengths / sizeof odd_lengths[0]; i++) {
        call = *good;
        call.job.ncols = odd_lengths[i];
        check_either(&call, encodes, RDL_ROW_LENGTH);
    }
    const size_t longest = SIZE_MAX / length * length;
    const size_t shapes[][2] = {
        {SIZE_MAX, length},
        {SIZE_MAX / length, length},
        {SIZE_MAX / sizeof(float) / length + 1, length},
        {1, longest},
        {SIZE_MAX, longest},
        {SIZE_MAX / 2 + 1, 2 * length},
    };
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        call = *good;
        call.job.nrows = shapes[i][0];
        call.job.ncols = shapes[i][1];
        check_either(&call, encodes, RDL_TOO_LARGE);
    }
}

START_TEST(quantize_refuses_wrong_calls)
{
    const struct call good = encoder_call(_i);
    check_common_mistakes(&good, true);
    struct call call;
    for (int i = 0; i < NWRONG; i++) {
        call = good;
        call.job.rounding = (enum rdl_rounding)wrong_values[i];
        check_either(&call, true, RDL_UNKNOWN_VALUE);
        call = good;
        call.job.weighting = (enum rdl_weighting)wrong_values[i];
        check_either(&call, true, RDL_UNKNOWN_VALUE);
    }
    call = good;
    call.job.rounding = RDL_ROUNDING_COUNT;
    check_either(&call, true, RDL_UNKNOWN_VALUE);
    call = good;
    call.job.weighting = RDL_WEIGHTING_COUNT;
    check_either(&call, true, RDL_UNKNOWN_VALUE);
}
END_TEST

START_TEST(quantize_refuses_null)
{
    struct call call = encoder_call(_i);
    check_quantize(&call, NULL, call.blocks, RDL_NULL_POINTER);
    check_quantize(&call, zeros, NULL, RDL_NULL_POINTER);
    struct rdl_report report = {RDL_STATUS_COUNT, 1, 2, 3, 4};
    ck_assert_int_eq(rdl_quantize(NULL, zeros, call.importance, call.blocks, &report),
                     RDL_NULL_POINTER);
    ck_assert(is_empty(&report));
    ck_assert_int_eq(rdl_quantize(NULL, zeros, call.importance, call.blocks, NULL),
                     RDL_NULL_POINTER);
    ck_assert(is_background(call.blocks, sizeof call.blocks));
}
END_TEST

START_TEST(quantize_refuses_little_scratch)
{
    struct call call = encoder_call(_i);
    const size_t needed = rdl_scratch_size(&call.job);
    if (call.job.target == RDL_SCALAR)
        ck_assert_uint_eq(needed, 0);
    if (needed == 0)
        return; /* no scratch is too little */
    call.job.scratch_size = needed - 1;
    check_either(&call, true, RDL_SCRATCH_TOO_SMALL);
    call.job.scratch_size = needed;
    call.job.scratch = NULL;
    check_either(&call, true, RDL_NULL_POINTER);
}
END_TEST

START_TEST(quantize_of_nothing_does_nothing)
{
    struct call call = encoder_call(_i);
    const size_t length = call.job.ncols;
    call.job.nrows = 0;
    check_quantize(&call, NULL, NULL, RDL_OK);
    check_quantize(&call, zeros, call.blocks, RDL_OK);
    call.job.ncols = SIZE_MAX / sizeof(float) / length * length;
    check_quantize(&call, NULL, NULL, RDL_OK);
    call.job.ncols = 0;
    check_quantize(&call, NULL, NULL, RDL_OK);
    call.job.nrows = SIZE_MAX;
    check_quantize(&call, NULL, NULL, RDL_OK);
}
END_TEST

START_TEST(dequantize_refuses_wrong_calls)
{
    const struct call good = decoder_call(_i);
    check_common_mistakes(&good, false);
    struct call call = good;
    check_dequantize(&call, NULL, call.x, RDL_NULL_POINTER);
    check_dequantize(&call, call.blocks, NULL, RDL_NULL_POINTER);
    ck_assert_int_eq(rdl_dequantize(NULL, call.blocks, call.x), RDL_NULL_POINTER);
    ck_assert(is_background(call.x, sizeof call.x));
}
END_TEST

START_TEST(dequantize_of_nothing_does_nothing)
{
    struct call call = decoder_call(_i);
    call.job.nrows = 0;
    check_dequantize(&call, NULL, NULL, RDL_OK);
    check_dequantize(&call, call.blocks, call.x, RDL_OK);
    call.job.nrows = SIZE_MAX;
    call.job.ncols = 0;
    check_dequantize(&call, NULL, NULL, RDL_OK);
}
END_TEST

/* The header: rounding and weighting are not used. */
START_TEST(dequantize_ignores_rounding_and_weighting)
{
    struct call call = decoder_call(_i);
    call.job.rounding = RDL_ROUNDING_COUNT;
    call.job.weighting = (enum rdl_weighting) - 1;
    ck_assert_int_eq(rdl_dequantize(&call.job, call.blocks, call.x), RDL_OK);
}
END_TEST

int main(void)
{
    size_t nencoders, ndecoders;
    (void)encoder_list(&nencoders);
    (void)decoder_list(&ndecoders);
    Suite *suite = suite_create("call errors");
    TCase *tcase = tcase_create("call errors");
    tcase_set_timeout(tcase, 0);
    tcase_add_loop_test(tcase, quantize_refuses_wrong_calls, 0, (int)nencoders);
    tcase_add_loop_test(tcase, quantize_refuses_null, 0, (int)nencoders);
    tcase_add_loop_test(tcase, quantize_refuses_little_scratch, 0, (int)nencoders);
    tcase_add_loop_test(tcase, quantize_of_nothing_does_nothing, 0, (int)nencoders);
    tcase_add_loop_test(tcase, dequantize_refuses_wrong_calls, 0, (int)ndecoders);
    tcase_add_loop_test(tcase, dequantize_of_nothing_does_nothing, 0, (int)ndecoders);
    tcase_add_loop_test(tcase, dequantize_ignores_rounding_and_weighting, 0, (int)ndecoders);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
