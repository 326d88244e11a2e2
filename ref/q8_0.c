/*
 * Q8_0: blocks of 32 weights, x = d * code. The reference's encoder uses the codes -127 .. 127, the
 * searches -128 too, which decoders know.
 *
 *   bytes 0..1 d (binary16), 2..33 signed codes
 */
#include "block_stats.h"
#include "kernel.h"
#include "nearest.h"
#include "row_blocks.h"
#include "search/search.h"

enum {
    N = 32,
    BLOCK_BYTES = 34,
    CODE_MAX = 127,
    CODE_MIN = -128
};

/* The codes belong to the scale before it is rounded to binary16: the reference's choice. Where
 * that scale is so small that its inverse is infinite, the stored one is zero, and so are the
 * codes. */
static void encode_block(const float *x, uint8_t *block)
{
    float signed_max;
    const float d = rdl_signed_absmax(N, x, &signed_max) / (float)CODE_MAX;
    const float exact_inverse = d != 0.0f ? 1.0f / d : 0.0f;
    const float inverse = isinf(exact_inverse) ? 0.0f : exact_inverse;
    const uint16_t stored = rdl_f32_to_f16(d);
    memcpy(block, &stored, 2);
    for (int i = 0; i < N; i++)
        block[2 + i] = (uint8_t)rdl_nearest_int_away(x[i] * inverse);
}

void rdl_q8_0_encode(const struct rdl_rows *rows, uint8_t *blocks)
{
    const size_t nblocks = rdl_count_blocks(rows, N);
    for (size_t b = 0; b < nblocks; b++)
        encode_block(rows->x + b * N, blocks + b * BLOCK_BYTES);
}

static void pack_found(const struct rdl_search_block *found, uint8_t *bytes)
{
    memcpy(bytes, &found->d, 2);
    for (int i = 0; i < N; i++)
        bytes[2 + i] = (uint8_t)(found->codes[i] + CODE_MIN);
}

static const struct rdl_search_layout search = {
    .block_bytes = BLOCK_BYTES,
    .sub_blocks = 1,
    .length = N,
    .grid = &rdl_format_grids[RDL_Q8_0],
    .scale_first = 1,
    .scale_last = 1,
    .pack = pack_found,
};

void rdl_q8_0_encode_search(const struct rdl_rows *rows, uint8_t *blocks)
{
    rdl_search_encode(&search, rows, blocks);
}

size_t rdl_q8_0_search_scratch(const struct rdl_rows *rows)
{
    return rdl_search_scratch(&search, rows);
}

void rdl_q8_0_decode(const uint8_t *blocks, size_t nblocks, float *x)
{
    for (size_t b = 0; b < nblocks; b++) {
        const uint8_t *block = blocks + b * BLOCK_BYTES;
        uint16_t stored;
        memcpy(&stored, block, 2);
        const float d = rdl_f16_to_f32(stored);
        for (int i = 0; i < N; i++)
            x[b * N + (size_t)i] = (float)(int8_t)block[2 + i] * d;
    }
}
