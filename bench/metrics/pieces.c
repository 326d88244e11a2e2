#include "pieces.h"

enum {
    PIECE = 65536,
    MOST = 1 << 20,
    LONGEST_BLOCK = 256
};

/* Rows after which the weight number is a multiple of 256 again; a power of two. */
static uint64_t rows_to_alignment(uint64_t ncols)
{
    uint64_t rows = LONGEST_BLOCK;
    while (rows > 1 && ncols % 2 == 0) {
        rows /= 2;
        ncols /= 2;
    }
    return rows;
}

static uint64_t piece_numel(uint64_t ncols)
{
    const uint64_t unit = rows_to_alignment(ncols);
    if (ncols > MOST / unit)
        return PIECE;
    const uint64_t units = PIECE / (unit * ncols);
    return (units ? units : 1) * unit * ncols;
}

struct pieces pieces_of(const struct tensor *tensor, uint64_t nmatrices)
{
    struct pieces p = {.ncols = tensor->ncols, .matrix_numel = tensor_numel(tensor) / nmatrices};
    if (p.matrix_numel == 0)
        return p;
    p.piece_numel = piece_numel(p.ncols);
    p.per_matrix = (p.matrix_numel - 1) / p.piece_numel + 1;
    p.count = p.per_matrix * nmatrices;
    return p;
}

struct piece piece_at(const struct pieces *pieces, uint64_t index)
{
    const uint64_t matrix = index / pieces->per_matrix;
    const uint64_t start = index % pieces->per_matrix * pieces->piece_numel;
    const uint64_t rest = pieces->matrix_numel - start;
    return (struct piece){
        .first = matrix * pieces->matrix_numel + start,
        .length = (size_t)(rest < pieces->piece_numel ? rest : pieces->piece_numel),
        .matrix = matrix,
        .column = start % pieces->ncols,
    };
}
