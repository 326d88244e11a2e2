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

#include "format_grid.h"
#include "packing.h"
#include "searches.h"

enum {
    RDL_SEARCH_MAX_SUB_BLOCKS = 16,
    RDL_SEARCH_MAX_LENGTH = 256 /* of a sub-block; if there are several, 32 */
};

/* What is stored, before packing. */
struct rdl_search_block {
    uint16_t d, dmin;                          /* units, binary16; dmin may be negative */
    int16_t scales[RDL_SEARCH_MAX_SUB_BLOCKS]; /* of the layout's integers */
    uint8_t mins[RDL_SEARCH_MAX_SUB_BLOCKS];
    uint8_t codes[RDL_SUPER_BLOCK]; /* numbers of the grid's values */
};

/* How d is stored where it is no binary16 number: so coarsely that all values can be tried. */
struct rdl_search_unit {
    float (*value)(uint16_t d);      /* ascending; > 0 */
    uint16_t (*round)(double value); /* of a value >= 0: the last one that is not above it, or 0 */
    uint16_t last;
};

/* What tells one format from another. */
struct rdl_search_layout {
    size_t block_bytes;
    int sub_blocks, length;            /* their product is the block length, at most 256 */
    const struct rdl_block_grid *grid; /* of the codes */
    int scale_first, scale_last; /* the integers that store scales; both 1: the scale is d itself.
                                    d sends the scale of largest magnitude to that of them. */
    int min_last;                /* mins are 0 .. min_last; 0: there are none */
    const struct rdl_search_unit *unit; /* NULL: binary16; else the scale is d itself */
    void (*pack)(const struct rdl_search_block *block, uint8_t *bytes);
};

/* One block that is searched. */
struct rdl_search_problem {
    const struct rdl_search_layout *layout;
    const float *x, *weights; /* the largest factor is in [1, 2], or all are 0 */
    enum rdl_scales scales;
    enum rdl_solver solver;
    struct rdl_solver_options options; /* of the solver, the target among them */
    void *scratch;
    void *joint; /* room of rdl_joint_scratch() for joint scales */
    /* By the solver: the real scales and offsets of the sub-blocks. */
    const struct rdl_block_fit *fits;
    /* -1: the fits' offsets are of both signs, and dmin is to be negative; else 1, and none is
     * positive. */
    int min_sign;
};

/* Finds what to store: all of the block but its codes. */
typedef void rdl_store_scales_fn(const struct rdl_search_problem *problem,
                                 struct rdl_search_block *block);

/* rdl_encode_fn and rdl_search_scratch_fn of a layout. */
void rdl_search_encode(const struct rdl_search_layout *layout, const struct rdl_rows *rows,
                       uint8_t *blocks);
size_t rdl_search_scratch(const struct rdl_search_layout *layout, const struct rdl_rows *rows);

#endif
