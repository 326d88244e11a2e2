#include "gap_grids.h"

#include "codebooks.h"

const struct gap_grid gap_grids[GAP_GRID_COUNT] = {
    [GAP_INT3] = {"int3", 16, {.kind = RDL_BLOCK_SIGNED, .count = 8, .first = -4}},
    [GAP_INT4] = {"int4", 32, {.kind = RDL_BLOCK_SIGNED, .count = 16, .first = -8}},
    [GAP_INT5] = {"int5", 32, {.kind = RDL_BLOCK_SIGNED, .count = 32, .first = -16}},
    [GAP_INT6] = {"int6", 16, {.kind = RDL_BLOCK_SIGNED, .count = 64, .first = -32}},
    [GAP_UINT4] = {"uint4", 32, {.kind = RDL_BLOCK_UNSIGNED, .count = 16}},
    [GAP_IQ4_NL] = {"iq4_nl",
                    32,
                    {.kind = RDL_BLOCK_SIGNED, .count = 16, .entries = rdl_iq4_nl_values}},
    [GAP_AFFINE2] = {"affine2", 16, {.kind = RDL_BLOCK_AFFINE, .count = 4}},
    [GAP_AFFINE4] = {"affine4", 32, {.kind = RDL_BLOCK_AFFINE, .count = 16}},
    [GAP_AFFINE5] = {"affine5", 32, {.kind = RDL_BLOCK_AFFINE, .count = 32}},
};
