/*
 * The blocks of rows by their number: they lie one after another in source and destination,
 * whatever the rows; the importance begins anew with each row.
 */
#ifndef RDL_REF_ROW_BLOCKS_H
#define RDL_REF_ROW_BLOCKS_H

#include "kernel.h"

static inline size_t rdl_count_blocks(const struct rdl_rows *rows, size_t length)
{
    return rows->nrows * (rows->ncols / length);
}

/* Importance of block b of `length` weights; NULL without. */
static inline const float *rdl_block_importance(const struct rdl_rows *rows, size_t length,
                                                size_t b)
{
    return rows->importance ? rows->importance + b * length % rows->ncols : NULL;
}

#endif
