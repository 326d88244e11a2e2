/* The grids on which searches of one block are judged and timed. */
#ifndef ROUNDEL_GAP_GRIDS_H
#define ROUNDEL_GAP_GRIDS_H

#include "roundel_block.h"

enum gap_grid_id {
    GAP_INT3,  /* [-4,3] */
    GAP_INT4,  /* [-8,7] */
    GAP_INT5,  /* [-16,15] */
    GAP_INT6,  /* [-32,31] */
    GAP_UINT4, /* 0 .. 15 */
    GAP_IQ4_NL,
    GAP_AFFINE2, /* scale and offset, 4 levels */
    GAP_AFFINE4, /* 16 levels */
    GAP_AFFINE5, /* 32 levels */
    GAP_GRID_COUNT
};

struct gap_grid {
    const char *name; /* "int3" */
    size_t n;         /* weights in a block */
    struct rdl_block_grid grid;
};

extern const struct gap_grid gap_grids[GAP_GRID_COUNT];

#endif
