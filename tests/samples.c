#include "samples.h"

#include "fill.h"

#include <check.h>
#include <math.h>

static const enum weights kinds[] = {
    WEIGHTS_GAUSSIAN,    WEIGHTS_HEAVY_TAILS, WEIGHTS_SPARSE, WEIGHTS_CONSTANT,
    WEIGHTS_ALTERNATING, WEIGHTS_SPIKE,       WEIGHTS_RAMP,   WEIGHTS_TIES,
};

static const enum importances importance_kinds[] = {IMPORTANCE_ONES, IMPORTANCE_SPREAD,
                                                    IMPORTANCE_HOLES};

enum {
    KINDS = sizeof kinds / sizeof kinds[0],
    IMPORTANCES = sizeof importance_kinds / sizeof importance_kinds[0],
#if defined(ROUNDEL_SLOW_RUN)
    STEP = 5 /* an encoder takes each fifth sample, the next encoder others */
#else
    STEP = 1
#endif
};

/* Multiplies by a power of two so that the largest magnitude lies in [2^(least - 1), 2^most). */
static void fit_range(size_t n, int least, int most, float *x)
{
    float largest = 0.0f;
    for (size_t i = 0; i < n; i++)
        largest = fmaxf(largest, fabsf(x[i]));
    int exponent;
    (void)frexpf(largest, &exponent);
    const int shift = exponent > most ? most - exponent : exponent < least ? least - exponent : 0;
    for (size_t i = 0; i < n; i++)
        x[i] = ldexpf(x[i], shift);
}

static void fill_sample(size_t number, struct sample *sample)
{
    const struct encoder *encoder = sample->encoder;
    const size_t length = encoder->info->block_length;
    struct random random = {.seed = number};
    sample->number = number;
    sample->n = SAMPLE_BLOCKS * length;
    sample->kind = weights_name(kinds[number % KINDS]);
    fill_weights(kinds[number % KINDS], 1e6, &random, sample->n, sample->x);
    fill_importance(importance_kinds[number / KINDS % IMPORTANCES], &random, sample->n,
                    sample->importance);
    for (size_t i = 0; i < sample->n; i++)
        sample->importance[i] *= 0x1p-8f;
    for (size_t b = 0; b < sample->n; b += length) {
        fit_range(length, 7, 7, sample->x + b);
        for (size_t i = b; i < b + length; i += 16)
            fit_range(16, 1, 7, sample->x + i);
    }
}

static void decode(const struct encoder *encoder, const uint8_t *bytes, size_t n, float *y)
{
    const struct rdl_job job = {.format = encoder->format, .nrows = 1, .ncols = n};
    ck_assert_int_eq(rdl_dequantize(&job, bytes, y), RDL_OK);
}

void encode_sample(const struct encoder *encoder, const float *x, const float *importance, size_t n,
                   uint8_t *bytes)
{
    const struct rdl_job job = encoder_job(encoder, 1, n);
    ck_assert_int_eq(
        rdl_quantize(&job, x, encoder->with_importance ? importance : NULL, bytes, NULL), RDL_OK);
}

void pass(const struct encoder *encoder, const float *x, const float *importance, size_t n,
          float *y)
{
    uint8_t bytes[SAMPLE_MAX_BYTES];
    encode_sample(encoder, x, importance, n, bytes);
    decode(encoder, bytes, n, y);
}

void for_samples(enum rdl_rounding rounding, void (*check)(const struct sample *sample))
{
    size_t count;
    const struct encoder *encoders = encoder_list(&count);
    for (size_t e = 0; e < count; e++) {
        if (rounding != RDL_FIRST_SEARCH && encoders[e].rounding != rounding)
            continue;
        struct sample sample = {.encoder = &encoders[e]};
        for (size_t number = e % STEP; number < KINDS * IMPORTANCES; number += STEP) {
            fill_sample(number, &sample);
            check(&sample);
        }
    }
}

bool is_affine(const struct encoder *encoder)
{
    return encoder->info->grid == RDL_GRID_AFFINE;
}

bool is_codebook(const struct encoder *encoder)
{
    return encoder->info->grid == RDL_GRID_CODEBOOK;
}

bool is_iq1(const struct encoder *encoder)
{
    return encoder->format == RDL_IQ1_S || encoder->format == RDL_IQ1_M;
}
