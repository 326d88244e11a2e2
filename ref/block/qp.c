/*
 * Scale on integers from 0, ggml's make_qp_quants: nine inverse scales (N + 0.1 k) / largest,
 * k = -4 .. 4, N the last code, compared by their error before any refit; then coordinate descent
 * as in q3.c, under the block's factors, at most five passes.
 *
 * Not exact: a local optimum of the codes one by one. Meant for weights >= 0; negative ones get
 * code 0 here, where ggml lets their codes wrap around in a byte. On weights >= 0 the results are
 * ggml's.
 *
 * Complexity: about 15 n.
 */
#include "block/scale_search.h"

#include "nonnegative_search.h"

void rdl_solve_qp(const struct rdl_block *block, const struct rdl_solver_options *options,
                  void *scratch, uint8_t *codes, struct rdl_block_fit *fit)
{
    (void)options;
    (void)scratch;
    const float scale = rdl_nonnegative_search((int)block->n, block->grid.count - 1, block->x,
                                               block->weights, false, codes);
    rdl_scale_search_finish(block, scale, codes, fit);
}
