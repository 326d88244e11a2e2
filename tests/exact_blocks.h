/*
 * Blocks on which the exact search is compared with the enumeration: the usual ones, ties of all
 * sorts, and those that the bounds of the search were made for.
 */
#ifndef ROUNDEL_EXACT_BLOCKS_H
#define ROUNDEL_EXACT_BLOCKS_H

#include "gap_blocks.h"
#include "roundel_block.h"

enum exact_kind {
    EXACT_GAUSSIAN,
    EXACT_LAPLACE,
    EXACT_SIXTEENTHS, /* multiples of 1/16 */
    EXACT_INTEGERS,
    EXACT_CONSTANT,
    EXACT_ZERO,
    EXACT_OUTLIER,
    EXACT_POSITIVE,
    EXACT_NEGATIVE,
    EXACT_SHIFTED_UP,
    EXACT_SHIFTED_DOWN,
    EXACT_HALF_ZERO,
    EXACT_REPRESENTABLE, /* scale times values, and an offset where the grid has one */
    EXACT_SINGLE,        /* one that is not 0 */
    EXACT_CUBES,
    EXACT_TINY,
    EXACT_HUGE,
    EXACT_TWO_VALUES,
    EXACT_NARROW,        /* 100 + .01 gaussian */
    EXACT_LIGHT_OUTLIER, /* 1000 times the others, with a factor of 1e-6 */
    EXACT_LIGHTER_OUTLIER,
    EXACT_THREE_OUTLIERS,
    EXACT_FAINT_POSITIVE, /* the part above 0 has less than 1e-6 of the sum of squares */
    EXACT_KINDS
};

const char *exact_kind_name(enum exact_kind kind);

struct exact_block {
    enum exact_kind kind;
    enum gap_weights weights;
    float x[RDL_BLOCK_MAX_LENGTH], w[RDL_BLOCK_MAX_LENGTH];
};

/* Block number 0, 1, ..: kinds in turn, and factors 1, x^2, root mean square + |x|, and
 * importance-like; a third of the factors of every fifth block is 0. */
void exact_block_draw(struct exact_block *block, struct gap_source *source, unsigned number,
                      const struct rdl_block_grid *grid, size_t n);

#endif
