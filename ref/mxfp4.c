/*
 * MXFP4: blocks of 32 weights, x = K[code] * 2^(e - 128) with the doubled E2M1 values K.
 *
 *   byte 0 e (E8M0), 1..16 nibbles
 */
#include "codebook_bound.h"
#include "kernel.h"
#include "nearest.h"
#include "row_blocks.h"
#include "search/store.h"

#include <math.h>
#include <string.h>

enum {
    N = 32,
    BLOCK_BYTES = 17
};

/* 2^(e - 128); the first two are subnormal. */
static float scale_of(uint8_t e)
{
    return e < 2 ? rdl_bits_float(0x00200000u << e) : rdl_bits_float((uint32_t)(e - 1) << 23);
}

static float largest_magnitude(const float *x)
{
    float largest = 0.0f;
    for (int i = 0; i < N; i++)
        if (fabsf(x[i]) > largest)
            largest = fabsf(x[i]);
    return largest;
}

/*
 * How far below 2^k (in units in the last place) a magnitude may lie for the reference's logarithm,
 * rounded to binary32, to say k: the spacing of numbers about k, over the slope of the logarithm.
 * It grows by powers of two of |k|.
 */
static uint32_t distance_that_counts_as_power(int k)
{
    static const uint32_t distance[7] = {0, 1, 2, 5, 11, 22, 44};
    if (k == 0 || k == 1)
        return 0;
    unsigned magnitude = k > 0 ? (unsigned)(k - 1) : (unsigned)-k;
    int t = 0;
    while (magnitude >>= 1)
        t++;
    return distance[t];
}

/* Floor of the base-2 logarithm as the reference finds it. Subnormals are below every scale. */
static uint8_t exponent_of(float largest)
{
    if (!(largest > 0.0f))
        return 0;
    const uint32_t bits = rdl_float_bits(largest);
    const int k0 = (int)(bits >> 23) - 127;
    const uint32_t to_next_power = 0x00800000u - (bits & 0x007FFFFFu);
    const int floor_log2 = to_next_power <= distance_that_counts_as_power(k0 + 1) ? k0 + 1 : k0;
    return (uint8_t)rdl_clamp(floor_log2 + 125, 0, 255);
}

/* The first code of least error; code 8, a second zero, is never that. */
static uint8_t nearest_code(float x, float scale)
{
    uint8_t best = 0;
    float least = INFINITY;
    for (uint8_t c = 0; c < 16; c++) {
        const float error = fabsf((float)rdl_codebook_mxfp4[c] * scale - x);
        if (error < least) {
            least = error;
            best = c;
        }
    }
    return best;
}

void rdl_mxfp4_encode(const struct rdl_rows *rows, uint8_t *blocks)
{
    const size_t nblocks = rdl_count_blocks(rows, N);
    for (size_t b = 0; b < nblocks; b++) {
        const float *x = rows->x + b * N;
        uint8_t *block = blocks + b * BLOCK_BYTES, codes[N];
        block[0] = exponent_of(largest_magnitude(x));
        const float scale = scale_of(block[0]);
        for (int i = 0; i < N; i++)
            codes[i] = nearest_code(x[i], scale);
        rdl_block_nibbles_pack(codes, block + 1);
    }
}

/* ------------------------------------------------------------------------------------------------
 * Searches: positive scales, which are powers of two, and a table whose zero occurs once
 */

enum {
    ZERO = 7,       /* its number among them */
    LARGEST_E = 254 /* 255 stands for NaN */
};

static float value_of_unit(uint16_t e)
{
    return scale_of((uint8_t)e);
}

/* The power of two at or below the value. */
static uint16_t round_unit(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return (uint16_t)rdl_clamp((int)(bits >> 52) - 1023 + 128, 0, LARGEST_E);
}

static void pack_found(const struct rdl_search_block *found, uint8_t *block)
{
    uint8_t codes[N];
    for (int i = 0; i < N; i++) {
        const int k = found->codes[i];
        codes[i] = (uint8_t)(k < ZERO ? 8 + ZERO - k : k - ZERO);
    }
    block[0] = (uint8_t)found->d;
    rdl_block_nibbles_pack(codes, block + 1);
}

static const struct rdl_search_unit unit = {
    .value = value_of_unit,
    .round = round_unit,
    .last = LARGEST_E,
};

static const struct rdl_search_layout search = {
    .block_bytes = BLOCK_BYTES,
    .sub_blocks = 1,
    .length = N,
    .grid = &rdl_format_grids[RDL_MXFP4],
    .scale_first = 1,
    .scale_last = 1,
    .unit = &unit,
    .pack = pack_found,
};

double rdl_mxfp4_least_error(const float *x, const float *weights)
{
    const struct rdl_search_problem problem = {.layout = &search, .x = x, .weights = weights};
    struct rdl_search_block block = {0};
    return rdl_store_best_unit(&problem, &block);
}

void rdl_mxfp4_encode_search(const struct rdl_rows *rows, uint8_t *blocks)
{
    rdl_search_encode(&search, rows, blocks);
}

size_t rdl_mxfp4_search_scratch(const struct rdl_rows *rows)
{
    return rdl_search_scratch(&search, rows);
}

void rdl_mxfp4_decode(const uint8_t *blocks, size_t nblocks, float *x)
{
    for (size_t b = 0; b < nblocks; b++) {
        const uint8_t *block = blocks + b * BLOCK_BYTES;
        const float scale = scale_of(block[0]);
        uint8_t codes[N];
        rdl_block_nibbles_unpack(block + 1, codes);
        for (size_t i = 0; i < N; i++)
            x[b * N + i] = (float)rdl_codebook_mxfp4[codes[i]] * scale;
    }
}
