/*
 * IQ4_NL: blocks of 32 weights, x = d * V[code] with the 16-value table of codebooks.h.
 *
 *   bytes 0..1 d (binary16), 2..17 nibbles: byte 2 + j holds codes j (low) and j + 16 (high)
 */
#include "block_stats.h"
#include "iq4_search.h"
#include "kernel.h"
#include "nearest_iq4.h"
#include "packing.h"
#include "row_blocks.h"
#include "search/search.h"

enum {
    N = RDL_IQ4_SUB_BLOCK,
    BLOCK_BYTES = 18
};

static float inverse_of(float scale)
{
    return scale != 0.0f ? 1.0f / scale : 0.0f;
}

/* Stores the scale and the nearest codes for the given inverse scale. */
static void store(const float *x, float scale, float inverse_scale, uint8_t *block)
{
    const uint16_t stored = rdl_f32_to_f16(scale);
    memcpy(block, &stored, 2);
    uint8_t codes[N];
    for (int i = 0; i < N; i++)
        codes[i] = (uint8_t)rdl_nearest_iq4_nl(inverse_scale * x[i]);
    rdl_block_nibbles_pack(codes, block + 2);
}

RDL_WITH_NEAREST void encode_ggml_with(rdl_nearest_value_fn *nearest, const struct rdl_rows *rows,
                                       uint8_t *blocks)
{
    const size_t nblocks = rdl_count_blocks(rows, N);
    for (size_t b = 0; b < nblocks; b++) {
        const float *x = rows->x + b * N;
        const float sigma2 = rdl_add_squares(0.0f, x, N) * (2.0f / (float)N);
        float w[N];
        rdl_native_weights(N, x, rdl_block_importance(rows, N, b), sigma2, w);
        const float scale = rdl_iq4_search_with(nearest, x, w);
        store(x, scale, inverse_of(scale), blocks + b * BLOCK_BYTES);
    }
}

/* With each variant of nearest.def in the search. */
#define RDL_NEAREST_SIMD(variant, name)
#define RDL_NEAREST_SCALAR(variant, name)                                                          \
    static inline float value_##name(const void *table, float v)                                   \
    {                                                                                              \
        (void)table;                                                                               \
        return (float)rdl_codebook_iq4_nl[rdl_nearest_##name(v)];                                  \
    }                                                                                              \
    rdl_encode_fn rdl_iq4_nl_encode_##name;                                                        \
    void rdl_iq4_nl_encode_##name(const struct rdl_rows *rows, uint8_t *blocks)                    \
    {                                                                                              \
        encode_ggml_with(value_##name, rows, blocks);                                              \
    }
#include "nearest.def"

void rdl_iq4_nl_encode_ggml(const struct rdl_rows *rows, uint8_t *blocks)
{
    rdl_iq4_nl_encode_compare_and_count(rows, blocks);
}

/* One coding, one least-squares scale for it, the codes not looked at again. */
void rdl_iq4_nl_encode_ggml_reduced(const struct rdl_rows *rows, uint8_t *blocks)
{
    const size_t nblocks = rdl_count_blocks(rows, N);
    for (size_t b = 0; b < nblocks; b++) {
        const float *x = rows->x + b * N;
        float w[N];
        rdl_native_weights(N, x, NULL, 0.0f, w);
        const float inverse = inverse_of(rdl_iq4_extreme_scale(x));
        const float scale = rdl_iq4_fit_scale(x, w, inverse);
        store(x, inverse != 0.0f ? scale : 0.0f, inverse, blocks + b * BLOCK_BYTES);
    }
}

/* The codes are the nearest for the scale as stored. */
void rdl_iq4_nl_encode_nearest(const struct rdl_rows *rows, uint8_t *blocks)
{
    const size_t nblocks = rdl_count_blocks(rows, N);
    for (size_t b = 0; b < nblocks; b++) {
        const float *x = rows->x + b * N;
        const float scale = rdl_iq4_extreme_scale(x);
        const float stored = rdl_f16_to_f32(rdl_f32_to_f16(scale));
        store(x, scale, inverse_of(stored), blocks + b * BLOCK_BYTES);
    }
}

static void pack_found(const struct rdl_search_block *found, uint8_t *bytes)
{
    memcpy(bytes, &found->d, 2);
    rdl_block_nibbles_pack(found->codes, bytes + 2);
}

static const struct rdl_search_layout search = {
    .block_bytes = BLOCK_BYTES,
    .sub_blocks = 1,
    .length = N,
    .grid = &rdl_format_grids[RDL_IQ4_NL],
    .scale_first = 1,
    .scale_last = 1,
    .pack = pack_found,
};

void rdl_iq4_nl_encode_search(const struct rdl_rows *rows, uint8_t *blocks)
{
    rdl_search_encode(&search, rows, blocks);
}

size_t rdl_iq4_nl_search_scratch(const struct rdl_rows *rows)
{
    return rdl_search_scratch(&search, rows);
}

void rdl_iq4_nl_decode(const uint8_t *blocks, size_t nblocks, float *x)
{
    for (size_t b = 0; b < nblocks; b++) {
        const uint8_t *block = blocks + b * BLOCK_BYTES;
        uint16_t stored;
        memcpy(&stored, block, 2);
        rdl_iq4_decode(rdl_f16_to_f32(stored), block + 2, x + b * N);
    }
}
