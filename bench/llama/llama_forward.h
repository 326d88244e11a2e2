/*
 * The forward pass of a llama model in binary32, over all tokens of a chunk at once. Matrix
 * products are the BLAS's, so that the last bits differ between machines; they do not depend on
 * how many threads run chunks side by side, each with a workspace of its own.
 */
#ifndef ROUNDEL_BENCH_LLAMA_FORWARD_H
#define ROUNDEL_BENCH_LLAMA_FORWARD_H

#include "llama_model.h"

/* Called with the inputs of every matrix, nrows vectors x of ncols each, before W x is taken.
 * `tensor` is one of model->tensors. */
typedef void llama_inputs_fn(void *context, const struct tensor *tensor, const float *inputs,
                             size_t nrows, size_t ncols);

/* What one thread needs. */
struct llama_workspace {
    const struct llama_shape *shape;
    uint32_t tokens; /* room */
    float *stream;   /* [token][width]: what layers add to */
    float *normed, *q, *k, *v, *heads;
    float *scores; /* [token][token] of one head */
    float *gate, *up;
    float *cosine, *sine; /* [token][head_size / 2] */
};

/* Room for chunks of that many tokens; the model outlives it. On false there is nothing to close.
 */
bool llama_workspace_open(struct llama_workspace *space, const struct llama_model *model,
                          uint32_t tokens, struct error *error);
void llama_workspace_close(struct llama_workspace *space); /* harmless on a zeroed one */

/* A chunk, from an empty cache: `count` tokens of the vocabulary, and for which of them logits are
 * wanted. */
struct llama_chunk {
    const int32_t *tokens;
    uint32_t count, first, nrows; /* first + nrows <= count */
};

/*
 * Fills logits[nrows][vocabulary] for the tokens from `first` on. `values` are the model's, or
 * others in their places. `inputs` may be NULL; the output matrix sees the rows that are wanted.
 */
void llama_forward(const struct llama_model *model, float *const *values,
                   const struct llama_chunk *chunk, struct llama_workspace *space, float *logits,
                   llama_inputs_fn *inputs, void *context);

#endif
