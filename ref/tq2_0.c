/*
 * TQ2_0: super-blocks of 256 ternary weights, two bits each.
 *
 *   bytes 0..63 digits, as the pairs of the K-quants, 64..65 d (binary16)
 */
#include "kernel.h"
#include "packing.h"
#include "row_blocks.h"
#include "search/search.h"
#include "ternary.h"

#include <string.h>

enum {
    BLOCK_BYTES = 66,
    D = 64
};

static void pack(uint16_t d, const uint8_t *digits, uint8_t *block)
{
    rdl_pairs_pack(digits, block);
    memcpy(block + D, &d, 2);
}

void rdl_tq2_0_encode(const struct rdl_rows *rows, uint8_t *blocks)
{
    const size_t nblocks = rdl_count_blocks(rows, RDL_SUPER_BLOCK);
    for (size_t b = 0; b < nblocks; b++) {
        uint8_t digits[RDL_SUPER_BLOCK];
        const uint16_t d = rdl_ternary_digits(rows->x + b * RDL_SUPER_BLOCK, digits);
        pack(d, digits, blocks + b * BLOCK_BYTES);
    }
}

static void pack_found(const struct rdl_search_block *found, uint8_t *block)
{
    pack(found->d, found->codes, block);
}

/* Two bits hold a fourth digit, which stands for 2 and which decoders know; ggml never writes it.
 */
static const struct rdl_search_layout search = {
    .block_bytes = BLOCK_BYTES,
    .sub_blocks = 1,
    .length = RDL_TERNARY_BLOCK,
    .grid = {.kind = RDL_BLOCK_SIGNED, .count = 4, .first = -1},
    .scale_first = 1,
    .scale_last = 1,
    .pack = pack_found,
};

void rdl_tq2_0_encode_search(const struct rdl_rows *rows, uint8_t *blocks)
{
    rdl_search_encode(&search, rows, blocks);
}

size_t rdl_tq2_0_search_scratch(const struct rdl_rows *rows)
{
    return rdl_search_scratch(&search, rows);
}

void rdl_tq2_0_decode(const uint8_t *blocks, size_t nblocks, float *x)
{
    for (size_t b = 0; b < nblocks; b++) {
        const uint8_t *block = blocks + b * BLOCK_BYTES;
        uint8_t digits[RDL_SUPER_BLOCK];
        uint16_t d;
        memcpy(&d, block + D, 2);
        rdl_pairs_unpack(block, digits);
        rdl_ternary_decode(d, digits, x + b * RDL_SUPER_BLOCK);
    }
}
