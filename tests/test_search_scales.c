/*
 * How searches store scales: `exhaustive` against a plain loop over all integers, each way against
 * the one before it, and all against ggml's encoders.
 */
#include "binary16.h"
#include "codebooks.h"
#include "fill.h"
#include "roundel_block.h"
#include "search_cases.h"
#include "search_weights.h"
#include "suite.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

enum {
#ifdef ROUNDEL_SLOW_RUN
    BLOCKS = 2,
#else
    BLOCKS = 12,
#endif
    LENGTH = 256,
    MAX_SUB_BLOCKS = 16
};

/* Formats whose scales are integers times d; those of mins come first. */
static const struct format {
    enum rdl_format format;
    int sub_blocks, first, last, min_last;
    struct rdl_block_grid grid;
    enum rdl_rounding rounding; /* a heuristic */
} formats[] = {
    {RDL_Q2_K, 16, 0, 15, 15, {.kind = RDL_BLOCK_AFFINE, .count = 4}, RDL_QKX2},
    {RDL_Q4_K, 8, 0, 63, 63, {.kind = RDL_BLOCK_AFFINE, .count = 16}, RDL_QKX2},
    {RDL_Q5_K, 8, 0, 63, 63, {.kind = RDL_BLOCK_AFFINE, .count = 32}, RDL_QKX3},
    {RDL_Q3_K, 16, -32, 31, 0, {.kind = RDL_BLOCK_SIGNED, .count = 8, .first = -4}, RDL_QX},
    {RDL_Q6_K, 16, -128, 127, 0, {.kind = RDL_BLOCK_SIGNED, .count = 64, .first = -32}, RDL_QX},
};

enum {
    FORMATS = sizeof formats / sizeof formats[0]
};

/* A block, its importance and, up to a power of two, the weights that these make. */
struct sample {
    float x[LENGTH], importance[LENGTH], weights[LENGTH];
};

static void draw(struct sample *sample, enum rdl_format format, enum rdl_weighting weighting,
                 enum weights weights, uint64_t seed)
{
    struct random random = {.seed = seed};
    fill_weights(weights, rdl_format_info(format)->max_magnitude, &random, LENGTH, sample->x);
    fill_importance(IMPORTANCE_HOLES, &random, LENGTH, sample->importance);
    rdl_search_weights(format, weighting, sample->x, sample->importance, 0.0f, sample->weights);
}

/* Encodes and decodes. */
static double encode(const struct search_case *search, const struct sample *sample, float *y)
{
    uint8_t block[LENGTH];
    ck_assert_int_eq(
        search_encode(search, sample->x, sample->importance, 1, LENGTH, 0, block, NULL), RDL_OK);
    search_decode(search->format, block, 1, LENGTH, y);
    return search_error(sample->x, y, sample->weights, LENGTH);
}

/* ------------------------------------------------------------------------------------------------
 * All integers, the simple way
 */

/* Fills y with the decoder's weights for the nearest codes; returns their error. */
static double nearest(const struct format *format, const struct sample *sample, int start,
                      float scale, float min, float *y)
{
    const int n = LENGTH / format->sub_blocks;
    double error = 0.0;
    for (int i = 0; i < n; i++) {
        const double x = (double)sample->x[start + i];
        double code = 0.0;
        if (scale != 0.0f) {
            const double last = (double)(format->grid.first + format->grid.count - 1);
            code = nearbyint((x + (double)min) / (double)scale);
            code = fmin(fmax(code, (double)format->grid.first), last);
        }
        y[i] = scale * (float)code - min;
        const double difference = x - (double)y[i];
        error += (double)sample->weights[start + i] * (difference * difference);
    }
    return error;
}

/* Where no weight that counts differs from 0, all integers are equally good, and 0 is taken. */
static bool counts(const struct format *format, const struct sample *sample, int start)
{
    for (int i = start; i < start + LENGTH / format->sub_blocks; i++)
        if (sample->x[i] != 0.0f && sample->weights[i] > 0.0f)
            return true;
    return false;
}

static void all_integers(const struct format *format, const struct sample *sample, int start,
                         float d, float dmin, float *y)
{
    double least = INFINITY;
    if (!counts(format, sample, start)) {
        (void)nearest(format, sample, start, 0.0f, 0.0f, y);
        return;
    }
    for (int l = format->first; l <= format->last; l++)
        for (int m = 0; m <= format->min_last; m++) {
            float other[LENGTH];
            const double error =
                nearest(format, sample, start, d * (float)l, dmin * (float)m, other);
            if (error < least) {
                least = error;
                for (int i = 0; i < LENGTH / format->sub_blocks; i++)
                    y[i] = other[i];
            }
        }
}

/* If no weight has code 0, codes one less and an offset one scale higher are the same. */
static double least_offset(const struct rdl_block *block, const uint8_t *codes,
                           const struct rdl_block_fit *fit)
{
    int lowest = block->grid.count - 1;
    for (size_t i = 0; i < block->n; i++)
        if (block->weights[i] > 0.0f && codes[i] < lowest)
            lowest = codes[i];
    double offset = fit->offset;
    while (lowest-- > 0 && offset + fit->scale <= 0.0)
        offset += fit->scale;
    return offset;
}

/* False if no weight is negative, where a negative dmin may be better. */
static bool brute_force(const struct format *format, const struct sample *sample, float *y)
{
    const size_t n = (size_t)(LENGTH / format->sub_blocks);
    void *scratch = malloc(rdl_block_scratch_size(RDL_SOLVE_EXACT, &format->grid, n) + 1);
    double extreme = 0.0, min = 0.0;
    bool any_negative = false;
    for (int i = 0; i < LENGTH; i++)
        any_negative |= sample->x[i] < 0.0f && sample->weights[i] > 0.0f;
    for (size_t start = 0; start < LENGTH; start += n) {
        const struct rdl_block block = {
            .n = n,
            .x = sample->x + start,
            .weights = sample->weights + start,
            .grid = format->grid,
        };
        uint8_t codes[LENGTH];
        struct rdl_block_fit fit;
        ck_assert_int_eq(rdl_block_solve(RDL_SOLVE_EXACT, &block, NULL, scratch, codes, &fit),
                         RDL_OK);
        extreme = fabs(fit.scale) > fabs(extreme) ? fit.scale : extreme;
        min = fmax(min, -least_offset(&block, codes, &fit));
    }
    free(scratch);
    const int largest = format->first < 0 ? format->first : format->last;
    const float d = rdl_f16_to_f32(rdl_f32_to_f16((float)(extreme / largest)));
    const float dmin =
        format->min_last ? rdl_f16_to_f32(rdl_f32_to_f16((float)(min / format->min_last))) : 0.0f;
    for (size_t start = 0; start < LENGTH; start += n)
        all_integers(format, sample, (int)start, d, dmin, y + start);
    return format->min_last == 0 || any_negative;
}

/* Targets of this machine in turn. */
static enum rdl_target some_target(int turn)
{
    const unsigned targets = rdl_detect_targets();
    unsigned t = RDL_SCALAR;
    for (; turn > 0; turn--)
        do
            t = (t + 1) % RDL_TARGET_COUNT;
        while (!(targets >> t & 1u));
    return (enum rdl_target)t;
}

START_TEST(exhaustive_is_the_best_of_all_integers)
{
    static const enum weights kinds[] = {WEIGHTS_GAUSSIAN, WEIGHTS_HEAVY_TAILS, WEIGHTS_SPARSE,
                                         WEIGHTS_TIES, WEIGHTS_UNDERFLOW};
    const struct format *format = &formats[_i];
    int compared = 0;
    for (int b = 0; b < BLOCKS; b++) {
        const struct search_case search = {
            .format = format->format,
            .rounding = RDL_EXACT,
            .weighting = b % 2 == 0 ? RDL_UNIFORM : RDL_IMPORTANCE_RMS,
            .scales = RDL_SCALES_EXHAUSTIVE,
            .target = some_target(b),
        };
        const enum weights kind = kinds[b % (int)(sizeof kinds / sizeof kinds[0])];
        struct sample sample;
        float expected[LENGTH], y[LENGTH];
        draw(&sample, format->format, search.weighting, kind, 100 + (uint64_t)b);
        if (!brute_force(format, &sample, expected))
            continue;
        (void)encode(&search, &sample, y);
        compared++;
        for (int i = 0; i < LENGTH; i++)
            ck_assert_msg(y[i] == expected[i], "%s %s: block %d, weight %d: %a, not %a",
                          search_name(&search), weights_name(kind), b, i, (double)y[i],
                          (double)expected[i]);
    }
    ck_assert_int_gt(compared, 0);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * One against another
 */

START_TEST(errors_are_in_order)
{
    const struct format *format = &formats[_i];
    struct search_case search = {.format = format->format};
    for (int b = 0; b < 2 * BLOCKS; b++) {
        search.rounding = b % 3 == 0 ? format->rounding : RDL_EXACT;
        search.weighting = b % 2 == 0 ? RDL_X2 : RDL_IMPORTANCE;
        const enum weights kind = b % 5 == 0 ? WEIGHTS_MIXED : WEIGHTS_GAUSSIAN;
        struct sample sample;
        float y[LENGTH];
        draw(&sample, format->format, search.weighting, kind, 900 + (uint64_t)b);
        double errors[RDL_SCALES_COUNT];
        for (unsigned s = RDL_SCALES_MAX; s <= RDL_SCALES_ALTERNATE; s++) {
            search.scales = (enum rdl_scales)s;
            errors[s] = encode(&search, &sample, y);
        }
        /* Each visits what the other has; the sums are in another order here. */
        const double slack = 1.0 + 1e-12;
        ck_assert(errors[RDL_SCALES_EXHAUSTIVE] <= errors[RDL_SCALES_MAX] * slack);
        ck_assert(errors[RDL_SCALES_ALTERNATE] <= errors[RDL_SCALES_EXHAUSTIVE] * slack);
        ck_assert(errors[RDL_SCALES_ALTERNATE] <= errors[RDL_SCALES_QP] * slack);
    }
}
END_TEST

/* Formats with one scale to the block; a scale of MXFP4 is a power of two. */
static const float mxfp4[15] = {-12.0f, -8.0f, -6.0f, -4.0f, -3.0f, -2.0f, -1.0f, 0.0f,
                                1.0f,   2.0f,  3.0f,  4.0f,  6.0f,  8.0f,  12.0f};

static const struct one_scale {
    enum rdl_format format;
    struct rdl_block_grid grid;
} one_scale[] = {
    {RDL_Q4_0, {.kind = RDL_BLOCK_SIGNED, .count = 16, .first = -8}},
    {RDL_Q5_0, {.kind = RDL_BLOCK_SIGNED, .count = 32, .first = -16}},
    {RDL_Q8_0, {.kind = RDL_BLOCK_SIGNED, .count = 256, .first = -128}},
    {RDL_IQ4_NL, {.kind = RDL_BLOCK_SIGNED, .count = 16, .entries = rdl_iq4_nl_values}},
    {RDL_MXFP4, {.kind = RDL_BLOCK_POSITIVE, .count = 15, .entries = mxfp4}},
};

/* Every code for every weight. */
static double error_at(const struct rdl_block *block, float d)
{
    double error = 0.0;
    for (size_t i = 0; i < block->n; i++) {
        double least = INFINITY;
        for (int k = 0; k < block->grid.count; k++) {
            const float value =
                block->grid.entries ? block->grid.entries[k] : (float)(block->grid.first + k);
            const double difference = (double)block->x[i] - (double)(d * value);
            least = fmin(least, difference * difference);
        }
        error += (double)block->weights[i] * least;
    }
    return error;
}

/* Of all powers of two; else of the optimal scale, rounded, and its neighbours. */
static double least_error_near(const struct rdl_block *block, enum rdl_format format)
{
    uint8_t codes[LENGTH];
    struct rdl_block_fit fit;
    ck_assert_int_eq(rdl_block_solve(RDL_SOLVE_EXACT, block, NULL, NULL, codes, &fit), RDL_OK);
    double least = INFINITY;
    for (int power = -128; format == RDL_MXFP4 && power <= 126; power++)
        least = fmin(least, error_at(block, (float)ldexp(1.0, power)));
    for (int step = -1; format != RDL_MXFP4 && step <= 1; step++) {
        const uint16_t rounded = rdl_f32_to_f16((float)fit.scale);
        least = fmin(least, error_at(block, rdl_f16_to_f32((uint16_t)(rounded + step))));
    }
    return least;
}

START_TEST(one_scale_is_the_best_there_is)
{
    const struct one_scale *format = &one_scale[_i];
    const struct search_case search = {
        .format = format->format, .rounding = RDL_EXACT, .weighting = RDL_IMPORTANCE};
    double error = 0.0, reference = 0.0;
    for (int b = 0; b < 4 * BLOCKS; b++) {
        struct sample sample;
        float y[LENGTH];
        uint8_t bytes[LENGTH];
        draw(&sample, format->format, search.weighting,
             b % 3 == 0 ? WEIGHTS_HEAVY_TAILS : WEIGHTS_GAUSSIAN, 40 + (uint64_t)b);
        sample.importance[0] = sample.weights[0] = 1.0f;
        rdl_search_weights(format->format, search.weighting, sample.x, sample.importance, 0.0f,
                           sample.weights);
        const struct rdl_block block = {
            .n = 32, .x = sample.x, .weights = sample.weights, .grid = format->grid};
        ck_assert_int_eq(search_encode(&search, sample.x, sample.importance, 1, 32, 0, bytes, NULL),
                         RDL_OK);
        search_decode(format->format, bytes, 1, 32, y);
        const double found = search_error(sample.x, y, sample.weights, 32);
        const double expected = least_error_near(&block, format->format);
        ck_assert_msg(fabs(found - expected) <= 1e-6 * expected, "%s: %g, not %g",
                      search_name(&search), found, expected);
        error += found;
        const struct rdl_job job = {
            .format = format->format, .rounding = RDL_GGML, .nrows = 1, .ncols = 32};
        ck_assert_int_eq(rdl_quantize(&job, sample.x, sample.importance, bytes, NULL), RDL_OK);
        search_decode(format->format, bytes, 1, 32, y);
        reference += search_error(sample.x, y, sample.weights, 32);
    }
    ck_assert_msg(error < reference, "%s", search_name(&search));
}
END_TEST

/* Sums over gaussian blocks, under ggml's own weights. */
START_TEST(searches_beat_ggml)
{
    const struct format *format = &formats[_i];
    const struct search_case search = {
        .format = format->format, .rounding = RDL_EXACT, .scales = RDL_SCALES_EXHAUSTIVE};
    double error = 0.0, reference = 0.0;
    for (int b = 0; b < BLOCKS; b++) {
        struct sample sample;
        float y[LENGTH];
        uint8_t block[LENGTH];
        draw(&sample, format->format, RDL_NATIVE, WEIGHTS_GAUSSIAN, 300 + (uint64_t)b);
        error += encode(&search, &sample, y);
        const struct rdl_job job = {
            .format = format->format, .rounding = RDL_GGML, .nrows = 1, .ncols = LENGTH};
        ck_assert_int_eq(rdl_quantize(&job, sample.x, sample.importance, block, NULL), RDL_OK);
        search_decode(format->format, block, 1, LENGTH, y);
        reference += search_error(sample.x, y, sample.weights, LENGTH);
    }
    ck_assert_msg(error < reference, "%s: %g, not less than %g", search_name(&search), error,
                  reference);
}
END_TEST

/* Weights that are all far above 0 have offsets above 0, which only a negative dmin can store. */
START_TEST(offsets_above_zero_are_stored)
{
    const struct format *format = &formats[_i];
    const size_t dmin_at = format->format == RDL_Q2_K ? 82 : 2;
    struct search_case search = {
        .format = format->format, .rounding = RDL_EXACT, .weighting = RDL_UNIFORM};
    struct sample sample;
    float y[LENGTH];
    draw(&sample, format->format, RDL_UNIFORM, WEIGHTS_GAUSSIAN, 7);
    for (int i = 0; i < LENGTH; i++)
        sample.x[i] = 3.0f + (float)(i * 37 % 64) / 64.0f;
    const double span = 1.0 / (double)(format->grid.count - 1);
    for (unsigned s = RDL_SCALES_MAX; s <= RDL_SCALES_ALTERNATE; s++) {
        search.scales = (enum rdl_scales)s;
        uint8_t block[LENGTH];
        ck_assert_int_eq(search_encode(&search, sample.x, NULL, 1, LENGTH, 0, block, NULL), RDL_OK);
        ck_assert_int_ne(block[dmin_at + 1] & 0x80, 0);
        /* That of a grid over the span of the weights; from 0 up it is 16 times that. */
        ck_assert(encode(&search, &sample, y) < 2.0 * LENGTH * span * span / 12.0);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("search_scales");
    TCase *tests = tcase_create("search_scales");
    tcase_set_timeout(tests, 600.0);
    tcase_add_loop_test(tests, exhaustive_is_the_best_of_all_integers, 0, FORMATS);
    tcase_add_loop_test(tests, errors_are_in_order, 0, FORMATS);
    tcase_add_loop_test(tests, one_scale_is_the_best_there_is, 0,
                        (int)(sizeof one_scale / sizeof one_scale[0]));
    tcase_add_loop_test(tests, searches_beat_ggml, 0, FORMATS);
    tcase_add_loop_test(tests, offsets_above_zero_are_stored, 0, 3);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
