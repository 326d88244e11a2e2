/*
 * How a tensor is cut for streaming. The cut depends on the shape alone, never on threads, so that
 * sums taken piece by piece and merged in order have the same digits everywhere.
 */
#ifndef ROUNDEL_BENCH_PIECES_H
#define ROUNDEL_BENCH_PIECES_H

#include "tensor.h"

/* Stacked matrices (experts) are cut apart; 1 for a plain tensor. */
struct pieces {
    uint64_t ncols;
    uint64_t matrix_numel; /* weights in one matrix */
    uint64_t piece_numel;  /* weights in a piece; the last of a matrix may be shorter */
    uint64_t per_matrix;
    uint64_t count;
};

struct piece {
    uint64_t first; /* weight number in the tensor */
    size_t length;
    uint64_t matrix;
    uint64_t column; /* of the first weight */
};

/*
 * About 64 Ki weights a piece: whole rows, and a multiple of 256 weights, wherever 1 Mi weights
 * hold that; else rows are cut, at multiples of 256 weights. `nmatrices` divides the rows.
 */
struct pieces pieces_of(const struct tensor *tensor, uint64_t nmatrices);

struct piece piece_at(const struct pieces *pieces, uint64_t index);

#endif
