/* The weights of the errors that searches minimise: enum rdl_weighting. ref/search/weights.c; the
 * public face is rdl_block_weights(). */
#ifndef RDL_SEARCH_WEIGHTS_H
#define RDL_SEARCH_WEIGHTS_H

#include "roundel.h"

/*
 * Fills the weights of one block of the format. They are computed in binary64 and scaled by a power
 * of two, so that the largest one is in [1, 2], unless all are 0.
 *
 *   importance       of the block's columns; NULL: 1, except that `native` then has the weights
 *                    that the format's own encoder uses without importance
 *   row_mean_square  sigma2 of formats of 32-weight blocks: of the block's row
 *
 * Returns the power of two by which they were multiplied; 1 where all are 0.
 */
double rdl_search_weights(enum rdl_format format, enum rdl_weighting weighting, const float *x,
                          const float *importance, float row_mean_square, float *weights);

#endif
