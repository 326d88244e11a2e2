/* Importance from a text: what the matrices of a model are multiplied with. */
#ifndef ROUNDEL_BENCH_IMATRIX_COLLECT_H
#define ROUNDEL_BENCH_IMATRIX_COLLECT_H

#include "eval_text.h"
#include "imatrix_sums.h"
#include "llama_model.h"
#include "progress.h"

/*
 * Runs the model over all chunks of the text (text->cut.first is 0: every token counts) and makes a
 * matrix of GGUF's meaning: for each weight matrix the sums of x_j^2 over all its inputs x, and how
 * many there were, in the order in which the model multiplies. Sums are taken in binary64, chunk by
 * chunk in the order of the text, so that no digit depends on the number of threads. On false there
 * is nothing to free.
 */
bool imatrix_collect(struct imatrix_sums *sums, const struct llama_model *model,
                     const struct eval_text *text, unsigned threads, struct progress *progress,
                     struct error *error);

#endif
