/* One thread's memory in a contest, large enough for any piece. */
#ifndef ROUNDEL_BENCH_CONTEST_WORKSPACE_H
#define ROUNDEL_BENCH_CONTEST_WORKSPACE_H

#include "metrics.h"
#include "tensor.h"

enum {
    WORKSPACE_PADDING = 256 /* zeros behind a piece: the longest block */
};

/* Squared errors of each block of a piece, plain and weighted. */
struct block_errors {
    double *plain, *weighted;
};

struct workspace {
    float *x;          /* weights, then zeros up to a whole block */
    float *importance; /* one factor for each weight, then zeros */
    float *w;          /* error weights */
    float *y;          /* decoded weights */
    uint8_t *blocks;
    struct block_errors *block_errors; /* of each contestant */
    struct error_histogram *histogram; /* of one contestant on one piece */
    void *scratch;                     /* of the encoders */
    size_t scratch_size;
    void *bound_scratch; /* of rdl_block_bound() */
    struct buffer read_buffer;
};

/* False without memory; nothing is then left to free. */
bool workspace_make(struct workspace *space, size_t contestants, size_t piece_numel,
                    size_t scratch_size, size_t bound_scratch_size);
void workspace_free(struct workspace *space, size_t contestants);

#endif
