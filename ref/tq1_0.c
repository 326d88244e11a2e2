/*
 * TQ1_0: super-blocks of 256 ternary weights, five to a byte.
 *
 *   bytes 0..31: digits of weights m + 32 n, 32..47: of 160 + m + 16 n (n = 0 .. 4),
 *   48..51: of 240 + m + 4 n (n = 0 .. 3), 52..53 d (binary16)
 *
 * A byte is a base-3 fraction: with v = 81 t0 + 27 t1 + 9 t2 + 3 t3 + t4 it holds ceil(256 v /
 * 243), so that multiplying by 3^n modulo 256 brings digit n to the top, where times 3 / 256 reads
 * it.
 */
#include "kernel.h"
#include "row_blocks.h"
#include "search/search.h"
#include "ternary.h"

#include <string.h>

enum {
    BLOCK_BYTES = 54,
    D = 52
};

/* A run of bytes whose byte m holds the digits of weights first + m + stride n. */
static const struct run {
    int byte, bytes, first, stride, digits;
} runs[] = {{0, 32, 0, 32, 5}, {32, 16, 160, 16, 5}, {48, 4, 240, 4, 4}};

enum {
    RUNS = sizeof runs / sizeof *runs
};

static uint8_t pack_byte(const struct run *run, const uint8_t *digits, int m)
{
    unsigned v = 0;
    for (int n = 0; n < 5; n++)
        v = 3 * v + (n < run->digits ? digits[run->first + m + run->stride * n] : 0);
    return (uint8_t)((256 * v + 242) / 243);
}

/* Digit by digit over all bytes of the run, which compilers vectorize. */
static void unpack_run(const struct run *run, const uint8_t *block, uint8_t *digits)
{
    uint8_t shifted[32];
    memcpy(shifted, block + run->byte, (size_t)run->bytes);
    for (int n = 0; n < run->digits; n++)
        for (int m = 0; m < run->bytes; m++) {
            digits[run->first + run->stride * n + m] = (uint8_t)(3 * shifted[m] >> 8);
            shifted[m] = (uint8_t)(3 * shifted[m]);
        }
}

static void pack(uint16_t d, const uint8_t *digits, uint8_t *block)
{
    for (int r = 0; r < RUNS; r++)
        for (int m = 0; m < runs[r].bytes; m++)
            block[runs[r].byte + m] = pack_byte(&runs[r], digits, m);
    memcpy(block + D, &d, 2);
}

void rdl_tq1_0_encode(const struct rdl_rows *rows, uint8_t *blocks)
{
    const size_t nblocks = rdl_count_blocks(rows, RDL_TERNARY_BLOCK);
    for (size_t b = 0; b < nblocks; b++) {
        uint8_t digits[RDL_TERNARY_BLOCK];
        const uint16_t d = rdl_ternary_digits(rows->x + b * RDL_TERNARY_BLOCK, digits);
        pack(d, digits, blocks + b * BLOCK_BYTES);
    }
}

static void pack_found(const struct rdl_search_block *found, uint8_t *block)
{
    pack(found->d, found->codes, block);
}

static const struct rdl_search_layout search = {
    .block_bytes = BLOCK_BYTES,
    .sub_blocks = 1,
    .length = RDL_TERNARY_BLOCK,
    .grid = {.kind = RDL_BLOCK_SIGNED, .count = 3, .first = -1},
    .scale_first = 1,
    .scale_last = 1,
    .pack = pack_found,
};

void rdl_tq1_0_encode_search(const struct rdl_rows *rows, uint8_t *blocks)
{
    rdl_search_encode(&search, rows, blocks);
}

size_t rdl_tq1_0_search_scratch(const struct rdl_rows *rows)
{
    return rdl_search_scratch(&search, rows);
}

void rdl_tq1_0_decode(const uint8_t *blocks, size_t nblocks, float *x)
{
    for (size_t b = 0; b < nblocks; b++) {
        const uint8_t *block = blocks + b * BLOCK_BYTES;
        uint8_t digits[RDL_TERNARY_BLOCK];
        uint16_t d;
        memcpy(&d, block + D, 2);
        for (int r = 0; r < RUNS; r++)
            unpack_run(&runs[r], block, digits);
        rdl_ternary_decode(d, digits, x + b * RDL_TERNARY_BLOCK);
    }
}
