/* Weights as binary16 or bfloat16, and stores past the caches: what they are of the plain ones. */
#include "binary16.h"
#include "encoders.h"
#include "fill.h"
#include "guard.h"
#include "suite.h"

#include <math.h>
#include <string.h>

enum {
    MOST = 5 * 512 + 256, /* weights: a few runs of the library's buffer and a part of one */
    MOST_BYTES = MOST * sizeof(float),
    MOST_OFFSET = 64 /* bytes, the largest vector */
};

static const struct decoder *decoder_number(int i)
{
    size_t count;
    return &decoder_list(&count)[i];
}

static const enum rdl_element elements[] = {RDL_F32, RDL_F16, RDL_BF16};
static const unsigned flags[] = {0, RDL_STREAM};

static size_t element_bytes(enum rdl_element element)
{
    return element == RDL_F32 ? 4 : 2;
}

/* By its neighbours: x lies between a bfloat16 number and the next one away from zero. */
static uint16_t nearest_bfloat16(float x)
{
    const uint32_t bits = rdl_float_bits(x), low = bits >> 16;
    const double middle = (double)rdl_bits_float(low << 16 | 0x8000u), value = (double)x;
    if (fabs(value) == fabs(middle))
        return (uint16_t)(low + (low & 1));
    return (uint16_t)(fabs(value) > fabs(middle) ? low + 1 : low);
}

static bool is_right(enum rdl_element element, const uint8_t *actual, float x)
{
    if (element == RDL_F32) {
        float value;
        memcpy(&value, actual, sizeof value);
        return isnan(x) ? isnan(value) : rdl_float_bits(value) == rdl_float_bits(x);
    }
    uint16_t half;
    memcpy(&half, actual, sizeof half);
    if (element == RDL_F16)
        return isnan(x) ? (half & 0x7E00) == 0x7E00 : half == rdl_f32_to_f16(x);
    return isnan(x) ? (half & 0x7FC0) == 0x7FC0 : half == nearest_bfloat16(x);
}

struct call {
    const struct rdl_job *job;
    const uint8_t *blocks;
    void *x;
    enum rdl_status status;
};

static void call_dequantize(void *argument)
{
    struct call *call = argument;
    call->status = rdl_dequantize(call->job, call->blocks, call->x);
}

/* One output: each element is right, and nothing else is written. */
static void check_output(const struct rdl_job *job, const char *name, const uint8_t *blocks,
                         const float *expected, const struct guarded *memory, size_t offset,
                         enum placement placement)
{
    const size_t n = job->nrows * job->ncols, bytes = element_bytes(job->element);
    memset(memory->bytes, 0xA5, memory->size);
    uint8_t *x = guarded_place(memory, n * bytes, offset, placement);
    struct call call = {job, blocks, x, RDL_STATUS_COUNT};
    if (!survives(call_dequantize, &call))
        ck_abort_msg("%s: element %d, flags %u, %zu weights, %s: a fault", name, (int)job->element,
                     job->flags, n, placement_name(placement));
    ck_assert_int_eq(call.status, RDL_OK);
    ck_assert_msg(guarded_all_else_is(memory, x, n * bytes, 0xA5), "%s: writes beside", name);
    for (size_t i = 0; i < n; i++)
        if (!is_right(job->element, x + i * bytes, expected[i]))
            ck_abort_msg("%s: element %d, flags %u, offset %zu: weight %zu of %zu, %a, is wrong",
                         name, (int)job->element, job->flags, offset, i, n, (double)expected[i]);
}

/* At a few offsets, or at all. */
static void check_length(const struct decoder *decoder, const struct guarded *memory,
                         const uint8_t *blocks, size_t nblocks, size_t step)
{
    static float expected[MOST];
    struct rdl_job job = decoder_job(decoder, nblocks, decoder->info->block_length);
    job.target = RDL_SCALAR;
    ck_assert_int_eq(rdl_dequantize(&job, blocks, expected), RDL_OK);
    job.target = decoder->target;
    for (int e = 0; e < 3; e++)
        for (int f = 0; f < 2; f++) {
            job.element = elements[e];
            job.flags = flags[f];
            for (size_t offset = 0; offset < MOST_OFFSET;
                 offset += step * element_bytes(job.element))
                check_output(&job, decoder->name, blocks, expected, memory, offset, PLACE_ASKEW);
            check_output(&job, decoder->name, blocks, expected, memory, 0, PLACE_AT_FRONT);
            check_output(&job, decoder->name, blocks, expected, memory, 0, PLACE_AT_BACK);
        }
}

/* Random blocks, scales of every size, infinite and NaN included. */
START_TEST(elements_are_rounded_weights)
{
    const struct decoder *decoder = decoder_number(_i);
    static uint8_t blocks[MOST_BYTES];
    struct random random = {.seed = 0xE1E3};
    random_bytes(&random, sizeof blocks, blocks);
    struct guarded memory;
    ck_assert(guarded_open(&memory, MOST_BYTES));
    check_length(decoder, &memory, blocks, 1, 1);
    check_length(decoder, &memory, blocks, MOST / decoder->info->block_length, 7);
    guarded_close(&memory);
}
END_TEST

/* The conversions on what decoders rarely give: ties, the ends of both ranges, subnormal numbers,
 * infinities and NaNs. Every upper half, with lower halves about a half of the last place. */
static void check_passes(const struct rdl_passes *passes, const char *target)
{
    static const uint32_t lower[] = {0x0000, 0x0001, 0x0FFF, 0x1000, 0x1001, 0x2000, 0x3000,
                                     0x7FFF, 0x8000, 0x8001, 0xEFFF, 0xF000, 0xFFFF};
    enum {
        COUNT = sizeof lower / sizeof *lower
    };
    for (uint32_t upper = 0; upper < 0x10000; upper++) {
        float x[COUNT];
        uint16_t f16[COUNT], bf16[COUNT];
        for (int i = 0; i < COUNT; i++)
            x[i] = rdl_bits_float(upper << 16 | lower[i]);
        passes->to_f16(x, COUNT, f16);
        passes->to_bf16(x, COUNT, bf16);
        for (int i = 0; i < COUNT; i++)
            if (!is_right(RDL_F16, (uint8_t *)&f16[i], x[i]) ||
                !is_right(RDL_BF16, (uint8_t *)&bf16[i], x[i]))
                ck_abort_msg("%s: %a becomes 0x%04x, 0x%04x", target, (double)x[i], f16[i],
                             bf16[i]);
    }
}

/* The largest magnitude wherever it is, among any number of others. */
static void check_largest(const struct rdl_passes *passes, const char *target)
{
    enum {
        N = 200
    };
    struct random random = {.seed = 0x1A6};
    for (size_t n = 0; n <= N; n++)
        for (size_t at = 0; at < n; at++) {
            float x[N];
            uint32_t largest = 0;
            for (size_t i = 0; i < n; i++) {
                const uint32_t sign = (uint32_t)random_below(&random, 2) << 31;
                const uint32_t magnitude =
                    i == at ? 0x7F800000u - 2 + (uint32_t)random_below(&random, 5)
                            : (uint32_t)random_below(&random, 0x7F000000u);
                x[i] = rdl_bits_float(sign | magnitude);
                largest = magnitude > largest ? magnitude : largest;
            }
            const uint32_t found = passes->largest_magnitude(x, n);
            if (found != largest)
                ck_abort_msg("%s: %zu of %zu: 0x%08x, not 0x%08x", target, at, n, found, largest);
        }
}

#define RDL_ENCODER(format, rounding, weightings, importance, target, function)
#define RDL_DECODER(format, target, function)
#define RDL_PASSES(target, passes) {RDL_##target, &passes},
static const struct {
    enum rdl_target target;
    const struct rdl_passes *passes;
} targets[] = {
#include "kernels.def"
};
#undef RDL_ENCODER
#undef RDL_DECODER
#undef RDL_PASSES

START_TEST(passes_do_what_they_say)
{
    const enum rdl_target target = targets[_i].target;
    if (!(rdl_detect_targets() >> target & 1u))
        return;
    check_passes(targets[_i].passes, rdl_target_name(target));
    check_largest(targets[_i].passes, rdl_target_name(target));
}
END_TEST

START_TEST(bad_elements_are_refused)
{
    const struct decoder *decoder = decoder_number(0);
    struct rdl_job job = decoder_job(decoder, 1, decoder->info->block_length);
    const uint8_t block[256] = {0};
    float x[256];
    job.element = RDL_ELEMENT_COUNT;
    ck_assert_int_eq(rdl_dequantize(&job, block, x), RDL_UNKNOWN_VALUE);
    job.element = RDL_F32;
    job.flags = RDL_STREAM << 1;
    ck_assert_int_eq(rdl_dequantize(&job, block, x), RDL_UNKNOWN_VALUE);
}
END_TEST

int main(void)
{
    size_t ndecoders;
    (void)decoder_list(&ndecoders);
    Suite *suite = suite_create("dequantize_elements");
    TCase *tcase = tcase_create("dequantize_elements");
    tcase_set_timeout(tcase, 0);
    tcase_add_loop_test(tcase, elements_are_rounded_weights, 0, (int)ndecoders);
    tcase_add_loop_test(tcase, passes_do_what_they_say, 0, sizeof targets / sizeof *targets);
    tcase_add_test(tcase, bad_elements_are_refused);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
