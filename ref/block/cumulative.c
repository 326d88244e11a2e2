/*
 * Cumulative search: every breakpoint of the codes (breakpoints.h), by a heap, in binary64.
 *
 * Without an offset it is exact. Let s be the scale of an optimum and q its codes. At s no other
 * code of any weight is better than q's, so q may be taken as nearest codes at s. If 1/s is no
 * breakpoint, q is a state of the walk of the sign of s. If it is one, the states on both sides of
 * it have at s the same error, and no greater one with their own best scales. So the state that
 * explains most of sum w x^2 with its best scale is an optimum. Scale 0, which explains nothing,
 * remains where positive scales do not help.
 *
 * With an offset the codes at (s, b) are nearest to t (x - b), and the states lie in the plane of t
 * and b. Walked are the lines of constant b = x_j for every j, and for grids that know no
 * positive offset b = 0 too; scored is every state with its own best scale and offset. That is not
 * exact: states between the lines are missed.
 *
 * The idea was published as a llama.cpp proposal, in the variants of sort.c, heap.c, heap_nl.c and
 * sweep.c; this one is free of their shortcuts. Complexity: n (count - 1) log n, with an offset n
 * times as much.
 */
#include "block/breakpoints.h"

#include <math.h>

static void solve_scale(const struct rdl_block *block, uint8_t *codes, struct rdl_block_fit *fit)
{
    double score = 0.0;
    rdl_walk_scales(block, 1.0, 0.0, INFINITY, NULL, &score, codes);
    if (block->grid.kind == RDL_BLOCK_SIGNED)
        rdl_walk_scales(block, -1.0, 0.0, INFINITY, NULL, &score, codes);
    rdl_finish_scale(block, score, codes, fit);
}

/* ------------------------------------------------------------------------------------------------
 * Scale and offset
 */

static bool is_new_base(const struct rdl_block *block, size_t j)
{
    if (!(block->weights[j] > 0.0f))
        return false;
    for (size_t i = 0; i < j; i++)
        if (block->weights[i] > 0.0f && block->x[i] == block->x[j])
            return false;
    return true;
}

static void solve_line(const struct rdl_block *block, uint8_t *codes, struct rdl_block_fit *fit)
{
    struct rdl_line_search search;
    rdl_start_lines(&search, block, codes);
    if (block->grid.kind == RDL_BLOCK_AFFINE)
        rdl_walk_line(&search, 0.0, 0.0, NULL);
    for (size_t j = 0; j < block->n; j++)
        if (is_new_base(block, j))
            rdl_walk_line(&search, (double)block->x[j], 0.0, NULL);
    rdl_finish_line(&search, fit);
}

void rdl_solve_cumulative(const struct rdl_block *block, const struct rdl_solver_options *options,
                          void *scratch, uint8_t *codes, struct rdl_block_fit *fit)
{
    (void)options;
    (void)scratch;
    if (rdl_block_has_offset(&block->grid))
        solve_line(block, codes, fit);
    else
        solve_scale(block, codes, fit);
}
