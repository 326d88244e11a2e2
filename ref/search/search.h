/*
 * Searches of formats: the scales (and offsets) of the sub-blocks by a solver, then how they are
 * stored, then the nearest codes for what is stored.
 *
 * Every format whose sub-blocks take codes of one grid is a layout here, from Q4_0 (one sub-block,
 * the scale is d) to Q5_K (eight, with mins). A decoder's weight is
 *
 *     (d * scale) * value - dmin * min        in binary32, each operation rounded
 *
 * where `value` is that of the code. Errors are those of these weights, summed in binary64.
 */
#ifndef RDL_REF_SEARCH_H
#define RDL_REF_SEARCH_H

#include "packing.h"
#include "searches.h"

enum {
    RDL_SEARCH_MAX_SUB_BLOCKS = 16
};

/* What is stored, before packing. */
struct rdl_search_block {
    uint16_t d, dmin;                          /* binary16; dmin may be negative */
    int16_t scales[RDL_SEARCH_MAX_SUB_BLOCKS]; /* of the layout's integers */
    uint8_t mins[RDL_SEARCH_MAX_SUB_BLOCKS];
    uint8_t codes[RDL_SUPER_BLOCK]; /* numbers of the grid's values */
};

/* What tells one format from another. */
struct rdl_search_layout {
    size_t block_bytes;
    int sub_blocks, length;      /* their product is the block length, at most 256 */
    struct rdl_block_grid grid;  /* of the codes */
    int scale_first, scale_last; /* the integers that store scales; both 1: the scale is d itself */
    int min_last;                /* mins are 0 .. min_last; 0: there are none */
    /* RDL_NATIVE: the weights of the format's own encoder, for one block. */
    void (*native_weights)(const struct rdl_rows *rows, const float *x, const float *importance,
                           double mean_square, double *weights);
    void (*pack)(const struct rdl_search_block *block, uint8_t *bytes);
};

/* One block that is searched. */
struct rdl_search_problem {
    const struct rdl_search_layout *layout;
    const float *x, *weights; /* the largest factor is in [1, 2), or all are 0 */
    enum rdl_scales scales;
    enum rdl_solver solver;
    struct rdl_solver_options options; /* of the solver, the target among them */
    void *scratch;
    /* By the solver: the real scales and offsets. */
    struct rdl_block_fit fits[RDL_SEARCH_MAX_SUB_BLOCKS];
};

/* Finds what to store: all of the block but its codes. */
typedef void rdl_store_scales_fn(const struct rdl_search_problem *problem,
                                 struct rdl_search_block *block);

#endif
