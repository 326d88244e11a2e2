/* From stored weights to the bytes of the new file, a few rows at a time. */
#ifndef ROUNDEL_BENCH_QUANTIZE_ROWS_H
#define ROUNDEL_BENCH_QUANTIZE_ROWS_H

#include "quantize_plan.h"

/* How a tensor is cut: runs of rows of one matrix, or runs of bytes where it is only copied. */
struct quantize_pieces {
    const struct quantize_tensor *tensor;
    uint64_t count;
    uint64_t rows_of_matrix, rows_of_piece, pieces_of_matrix;
};

struct quantize_pieces quantize_pieces_of(const struct quantize_tensor *tensor);

/* What one thread at a time works with; all zeros at first. */
struct quantize_worker {
    struct buffer weights, read, out, scratch;
    const uint8_t *bytes; /* of the last piece */
    size_t size;
    uint64_t bad; /* blocks, or numbers, that were made sane: RDL_GO_ON */
};

void quantize_worker_free(struct quantize_worker *worker);

/* Makes the bytes of piece `index`. `tables` are those of the format. Messages name file, tensor,
 * row and column. */
bool quantize_piece(const struct quantize_settings *settings, const void *tables,
                    const struct quantize_pieces *pieces, uint64_t index,
                    struct quantize_worker *worker, struct error *error);

#endif
