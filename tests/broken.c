#include "broken.h"

#include "../ref/nearest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    N = 32,
    Q8_0_BYTES = 34,
    IQ4_NL_BYTES = 18,
    Q4_K_BYTES = 144
};

/* What a kernel that was written again does otherwise. */
enum defect {
    NONE,
    TIES_TO_EVEN,       /* in place of away from zero */
    TIES_TO_SMALLER,    /* in place of larger codebook values */
    CONTRACTION,        /* sums as a fused multiply-add forms them */
    POSITIVE_ZERO,      /* a scale or value of -0 becomes +0 */
    SATURATION,         /* a scale that overflows becomes the largest finite one */
    REASSOCIATION,      /* sums of even and odd elements are added at the end */
    RECIPROCAL_MULTIPLY /* x * (1 / 127) in place of x / 127 */
};

static void store_scale(float scale, enum defect defect, uint8_t *block)
{
    uint16_t stored = rdl_f32_to_f16(scale);
    if (defect == POSITIVE_ZERO && stored == 0x8000)
        stored = 0;
    if (defect == SATURATION && (stored & 0x7FFF) == 0x7C00)
        stored--;
    memcpy(block, &stored, sizeof stored);
}

/* ------------------------------------------------------------------------------------------------
 * Q8_0 again
 */

static void q8_0_block(const float *x, enum defect defect, uint8_t *block)
{
    float largest = 0.0f;
    for (int i = 0; i < N; i++)
        largest = fmaxf(largest, fabsf(x[i]));
    const float d = defect == RECIPROCAL_MULTIPLY ? largest * (1.0f / 127.0f) : largest / 127.0f;
    const float inverse = d > 0.0f && isfinite(1.0f / d) ? 1.0f / d : 0.0f;
    store_scale(d, defect, block);
    for (int i = 0; i < N; i++) {
        const float v = x[i] * inverse;
        block[2 + i] = (uint8_t)(int)(defect == TIES_TO_EVEN ? rintf(v) : roundf(v));
    }
}

static void q8_0_rows(const struct rdl_rows *rows, enum defect defect, uint8_t *blocks)
{
    for (size_t b = 0; b < rows->nrows * (rows->ncols / N); b++)
        q8_0_block(rows->x + b * N, defect, blocks + b * Q8_0_BYTES);
}

/* ------------------------------------------------------------------------------------------------
 * IQ4_NL again: the search of specification section 6 with one function for every multiply-add
 */

static float multiply_add(float a, float b, float c, enum defect defect)
{
    /* The product is exact in binary64, so that only the sum is rounded. */
    return defect == CONTRACTION ? (float)((double)a * (double)b + (double)c) : a * b + c;
}

static int iq4_nl_code(float v, enum defect defect)
{
    int best = 0;
    for (int k = 1; k < 16; k++) {
        const float middle = 0.5f * (float)(rdl_codebook_iq4_nl[k - 1] + rdl_codebook_iq4_nl[k]);
        if (defect == TIES_TO_SMALLER ? v > middle : v >= middle)
            best = k;
    }
    return best;
}

struct sums {
    float numerator, denominator;
};

static struct sums iq4_nl_sums(const float *x, const float *w, float inverse, enum defect defect)
{
    struct sums part[2] = {{0.0f, 0.0f}, {0.0f, 0.0f}};
    for (int i = 0; i < N; i++) {
        struct sums *sums = &part[defect == REASSOCIATION ? i % 2 : 0];
        const float value = (float)rdl_codebook_iq4_nl[iq4_nl_code(inverse * x[i], defect)];
        sums->numerator = multiply_add(w[i] * value, x[i], sums->numerator, defect);
        sums->denominator = multiply_add(w[i] * value, value, sums->denominator, defect);
    }
    return (struct sums){part[0].numerator + part[1].numerator,
                         part[0].denominator + part[1].denominator};
}

static float iq4_nl_scale(const float *x, const float *w, enum defect defect)
{
    float extreme = 0.0f;
    for (int i = 0; i < N; i++)
        if (fabsf(x[i]) > fabsf(extreme))
            extreme = x[i];
    if (fabsf(extreme) < 1e-15f)
        return 0.0f;
    float scale = 0.0f, best = 0.0f;
    for (int t = -8; t <= 7; t++) {
        const float inverse = t == -8 ? 1.0f / (-extreme / -127.0f) : (float)(t - 127) / extreme;
        const struct sums sums = iq4_nl_sums(x, w, inverse, defect);
        if (!(sums.denominator > 0.0f))
            continue;
        if (t == -8 || sums.numerator * sums.numerator > best * sums.denominator) {
            scale = sums.numerator / sums.denominator;
            best = scale * sums.numerator;
        }
    }
    return scale;
}

static void iq4_nl_rows(const struct rdl_rows *rows, enum defect defect, uint8_t *blocks)
{
    for (size_t b = 0; b < rows->nrows * (rows->ncols / N); b++) {
        const float *x = rows->x + b * N;
        float squares = 0.0f, w[N];
        for (int i = 0; i < N; i++)
            squares = multiply_add(x[i], x[i], squares, defect);
        for (int i = 0; i < N; i++)
            w[i] = rows->importance
                       ? rows->importance[b * N % rows->ncols + (size_t)i] *
                             sqrtf(multiply_add(x[i], x[i], squares * (2.0f / N), defect))
                       : x[i] * x[i];
        const float scale = iq4_nl_scale(x, w, defect);
        const float inverse = scale != 0.0f ? 1.0f / scale : 0.0f;
        uint8_t *block = blocks + b * IQ4_NL_BYTES;
        store_scale(scale, defect, block);
        for (int i = 0; i < N / 2; i++)
            block[2 + i] = (uint8_t)(iq4_nl_code(inverse * x[i], defect) |
                                     iq4_nl_code(inverse * x[i + N / 2], defect) << 4);
    }
}

/* The absmax scale, then the nearest codes for the stored scale. */
static void iq4_nl_nearest_rows(const struct rdl_rows *rows, enum defect defect, uint8_t *blocks)
{
    rdl_iq4_nl_encode_nearest(rows, blocks);
    for (size_t b = 0; b < rows->nrows * (rows->ncols / N); b++) {
        uint8_t *block = blocks + b * IQ4_NL_BYTES;
        uint16_t stored;
        memcpy(&stored, block, sizeof stored);
        const float scale = rdl_f16_to_f32(stored);
        const float inverse = scale != 0.0f ? 1.0f / scale : 0.0f;
        const float *x = rows->x + b * N;
        for (int i = 0; i < N / 2; i++)
            block[2 + i] = (uint8_t)(iq4_nl_code(inverse * x[i], defect) |
                                     iq4_nl_code(inverse * x[i + N / 2], defect) << 4);
    }
}

/* One function for each kernel and defect. */
#define AGAIN(kernel, defect)                                                                      \
    static void kernel##_##defect(const struct rdl_rows *rows, uint8_t *blocks)                    \
    {                                                                                              \
        kernel##_rows(rows, defect, blocks);                                                       \
    }
AGAIN(q8_0, NONE)
AGAIN(q8_0, TIES_TO_EVEN)
AGAIN(q8_0, RECIPROCAL_MULTIPLY)
AGAIN(q8_0, SATURATION)
AGAIN(iq4_nl, NONE)
AGAIN(iq4_nl, CONTRACTION)
AGAIN(iq4_nl, REASSOCIATION)
AGAIN(iq4_nl, POSITIVE_ZERO)
AGAIN(iq4_nl_nearest, NONE)
AGAIN(iq4_nl_nearest, TIES_TO_SMALLER)

/* ------------------------------------------------------------------------------------------------
 * Trespasses and mix-ups around the reference of Q4_K
 */

static size_t q4_k_size(const struct rdl_rows *rows)
{
    return rows->nrows * (rows->ncols / 256) * Q4_K_BYTES;
}

static void swaps_two_blocks(const struct rdl_rows *rows, uint8_t *blocks)
{
    rdl_q4_k_encode_ggml(rows, blocks);
    if (rows->ncols < 512)
        return;
    uint8_t first[Q4_K_BYTES];
    memcpy(first, blocks, Q4_K_BYTES);
    memcpy(blocks, blocks + Q4_K_BYTES, Q4_K_BYTES);
    memcpy(blocks + Q4_K_BYTES, first, Q4_K_BYTES);
}

static void writes_a_byte_too_many(const struct rdl_rows *rows, uint8_t *blocks)
{
    rdl_q4_k_encode_ggml(rows, blocks);
    blocks[q4_k_size(rows)] = 0;
}

static void writes_a_byte_before(const struct rdl_rows *rows, uint8_t *blocks)
{
    rdl_q4_k_encode_ggml(rows, blocks);
    *(blocks - 1) = 0;
}

static void reads_a_float_too_many(const struct rdl_rows *rows, uint8_t *blocks)
{
    rdl_q4_k_encode_ggml(rows, blocks);
    const volatile float *x = rows->x;
    (void)x[rows->nrows * rows->ncols];
}

static void reads_a_float_before(const struct rdl_rows *rows, uint8_t *blocks)
{
    rdl_q4_k_encode_ggml(rows, blocks);
    const volatile float *x = rows->x;
    (void)*(x - 1);
}

static void reads_an_importance_too_many(const struct rdl_rows *rows, uint8_t *blocks)
{
    rdl_q4_k_encode_ggml(rows, blocks);
    const volatile float *importance = rows->importance;
    (void)importance[rows->ncols];
}

/* As a kernel that pads its input in place would do. */
static void writes_to_its_source(const struct rdl_rows *rows, uint8_t *blocks)
{
    rdl_q4_k_encode_ggml(rows, blocks);
    uintptr_t address = (uintptr_t)rows->x;
    volatile float *x = (volatile float *)address;
    x[0] = 0.0f;
}

static void encode_row(const struct rdl_rows *rows, size_t row, const float *importance,
                       size_t ncols, uint8_t *blocks)
{
    const struct rdl_rows one = {
        .x = rows->x + row * rows->ncols,
        .importance = importance,
        .nrows = 1,
        .ncols = ncols,
        .scratch = rows->scratch,
    };
    rdl_q4_k_encode_ggml(&one, blocks + row * (rows->ncols / 256) * Q4_K_BYTES);
}

static void ignores_the_last_block_of_a_row(const struct rdl_rows *rows, uint8_t *blocks)
{
    for (size_t row = 0; row < rows->nrows; row++)
        encode_row(rows, row, rows->importance, rows->ncols - 256, blocks);
}

/* From the second row on, each column has its neighbour's importance. */
static void uses_the_wrong_column(const struct rdl_rows *rows, uint8_t *blocks)
{
    float *shifted = malloc(rows->ncols * sizeof *shifted);
    if (!shifted)
        abort();
    for (size_t i = 0; i < rows->ncols; i++)
        shifted[i] = rows->importance[(i + 1) % rows->ncols];
    for (size_t row = 0; row < rows->nrows; row++)
        encode_row(rows, row, row ? shifted : rows->importance, rows->ncols, blocks);
    free(shifted);
}

static void ignores_the_importance(const struct rdl_rows *rows, uint8_t *blocks)
{
    struct rdl_rows without = *rows;
    without.importance = NULL;
    rdl_q4_k_encode_ggml(&without, blocks);
}

/* Sets bits in a byte that it did not clear. */
static void depends_on_its_destination(const struct rdl_rows *rows, uint8_t *blocks)
{
    const uint8_t before = blocks[0];
    rdl_q4_k_encode_ggml(rows, blocks);
    blocks[0] = (uint8_t)(blocks[0] | before);
}

/* Like a static buffer that a tail of fewer than four blocks does not fill. */
static void remembers_the_last_call(const struct rdl_rows *rows, uint8_t *blocks)
{
    static uint8_t last[Q4_K_BYTES];
    rdl_q4_k_encode_ggml(rows, blocks);
    if (rows->ncols / 256 % 4 == 3)
        memcpy(blocks, last, Q4_K_BYTES);
    memcpy(last, blocks, Q4_K_BYTES);
}

#define AROUND(function, complaint)                                                                \
    {                                                                                              \
#function, complaint, RDL_Q4_K, true, rdl_q4_k_encode_ggml, function                       \
    }
#define OUTSIDE "touches memory outside its buffers"
#define BESIDE  "writes outside its blocks"
#define BYTE    ", byte "

const struct test_encoder test_encoders[] = {
    {"q8_0 again", NULL, RDL_Q8_0, false, rdl_q8_0_encode, q8_0_NONE},
    {"q8_0, ties to even", BYTE, RDL_Q8_0, false, rdl_q8_0_encode, q8_0_TIES_TO_EVEN},
    {"q8_0, 1 / 127", BYTE, RDL_Q8_0, false, rdl_q8_0_encode, q8_0_RECIPROCAL_MULTIPLY},
    {"q8_0, saturation", BYTE, RDL_Q8_0, false, rdl_q8_0_encode, q8_0_SATURATION},
    {"iq4_nl again", NULL, RDL_IQ4_NL, false, rdl_iq4_nl_encode_ggml, iq4_nl_NONE},
    {"iq4_nl again", NULL, RDL_IQ4_NL, true, rdl_iq4_nl_encode_ggml, iq4_nl_NONE},
    {"iq4_nl, fused", BYTE, RDL_IQ4_NL, false, rdl_iq4_nl_encode_ggml, iq4_nl_CONTRACTION},
    {"iq4_nl, fused", BYTE, RDL_IQ4_NL, true, rdl_iq4_nl_encode_ggml, iq4_nl_CONTRACTION},
    {"iq4_nl, two sums", BYTE, RDL_IQ4_NL, true, rdl_iq4_nl_encode_ggml, iq4_nl_REASSOCIATION},
    {"iq4_nl, no -0", BYTE, RDL_IQ4_NL, true, rdl_iq4_nl_encode_ggml, iq4_nl_POSITIVE_ZERO},
    {"iq4_nl nearest again", NULL, RDL_IQ4_NL, false, rdl_iq4_nl_encode_nearest,
     iq4_nl_nearest_NONE},
    {"iq4_nl nearest, ties down", BYTE, RDL_IQ4_NL, false, rdl_iq4_nl_encode_nearest,
     iq4_nl_nearest_TIES_TO_SMALLER},
    {"the reference", NULL, RDL_Q4_K, true, rdl_q4_k_encode_ggml, rdl_q4_k_encode_ggml},
    AROUND(swaps_two_blocks, BYTE),
    AROUND(writes_a_byte_too_many, BESIDE),
    AROUND(writes_a_byte_before, OUTSIDE),
    AROUND(reads_a_float_too_many, OUTSIDE),
    AROUND(reads_a_float_before, OUTSIDE),
    AROUND(reads_an_importance_too_many, OUTSIDE),
    AROUND(writes_to_its_source, OUTSIDE),
    AROUND(ignores_the_last_block_of_a_row, BYTE),
    AROUND(uses_the_wrong_column, "row 1"),
    AROUND(ignores_the_importance, BYTE),
    AROUND(depends_on_its_destination, BYTE),
    AROUND(remembers_the_last_call, BYTE),
};
const size_t ntest_encoders = sizeof test_encoders / sizeof test_encoders[0];

/* ------------------------------------------------------------------------------------------------
 * Decoders of IQ4_NL
 */

static void iq4_nl_values(const uint8_t *blocks, size_t nblocks, enum defect defect, float *x)
{
    for (size_t i = 0; i < nblocks * N; i++) {
        const uint8_t *block = blocks + i / N * IQ4_NL_BYTES;
        const unsigned pair = block[2 + i % (N / 2)];
        uint16_t stored;
        memcpy(&stored, block, sizeof stored);
        const float value = (float)rdl_codebook_iq4_nl[i % N < N / 2 ? pair & 15 : pair >> 4];
        x[i] = value * rdl_f16_to_f32(stored);
        if (defect == POSITIVE_ZERO)
            x[i] += 0.0f;
    }
}

static void decodes_again(const uint8_t *blocks, size_t nblocks, float *x)
{
    iq4_nl_values(blocks, nblocks, NONE, x);
}

static void forgets_negative_zero(const uint8_t *blocks, size_t nblocks, float *x)
{
    iq4_nl_values(blocks, nblocks, POSITIVE_ZERO, x);
}

static void decodes_a_block_less(const uint8_t *blocks, size_t nblocks, float *x)
{
    rdl_iq4_nl_decode(blocks, nblocks - 1, x);
}

static void decodes_a_value_more(const uint8_t *blocks, size_t nblocks, float *x)
{
    rdl_iq4_nl_decode(blocks, nblocks, x);
    x[nblocks * N] = 0.0f;
}

static void reads_a_byte_more(const uint8_t *blocks, size_t nblocks, float *x)
{
    rdl_iq4_nl_decode(blocks, nblocks, x);
    const volatile uint8_t *bytes = blocks;
    (void)bytes[nblocks * IQ4_NL_BYTES];
}

static void makes_infinity_finite(const uint8_t *blocks, size_t nblocks, float *x)
{
    rdl_iq4_nl_decode(blocks, nblocks, x);
    for (size_t i = 0; i < nblocks * N; i++)
        if (isinf(x[i]))
            x[i] = copysignf(65504.0f, x[i]);
}

#define DECODER(function, complaint)                                                               \
    {                                                                                              \
#function, complaint, RDL_IQ4_NL, rdl_iq4_nl_decode, function                              \
    }

const struct test_decoder test_decoders[] = {
    DECODER(rdl_iq4_nl_decode, NULL),
    DECODER(decodes_again, NULL),
    DECODER(forgets_negative_zero, "value"),
    DECODER(decodes_a_block_less, "value"),
    DECODER(decodes_a_value_more, "writes outside its values"),
    DECODER(reads_a_byte_more, OUTSIDE),
    DECODER(makes_infinity_finite, "value"),
};
const size_t ntest_decoders = sizeof test_decoders / sizeof test_decoders[0];
