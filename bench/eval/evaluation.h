/*
 * A model on a text: what it says about every scored token, and what other weights in its place
 * say. The model runs once, its logits stay in memory; chunks run side by side, each on one thread,
 * so that no digit depends on how many there are.
 */
#ifndef ROUNDEL_BENCH_EVALUATION_H
#define ROUNDEL_BENCH_EVALUATION_H

#include "eval_text.h"
#include "kld_tokens.h"
#include "llama_forward.h"
#include "logits_file.h"
#include "progress.h"

struct evaluation {
    /* Filled by the caller, and kept by it. */
    const struct llama_model *model;
    const struct eval_text *text;
    struct kld_settings settings; /* fitted to the vocabulary by evaluation_open() */
    unsigned threads;             /* > 0 */
    struct progress *progress;    /* a chunk of a model counts eval_chunk_work(); NULL for none */
    /* Filled by evaluation_open(). */
    size_t rows;   /* scored tokens */
    float *logits; /* of the model: [row][vocabulary] */
    float *nll;    /* of the model: -ln p of each target, by a softmax in binary64 */
};

/* Runs the model. On false there is nothing to close. */
bool evaluation_open(struct evaluation *evaluation, struct error *error);

void evaluation_close(struct evaluation *evaluation);

/* Runs the model with these weights in place of its own, and fills the list, which the caller
 * frees. */
bool evaluation_compare(const struct evaluation *evaluation, float *const *values,
                        struct kld_tokens *tokens, struct error *error);

/* Writes the model's logits to a file that is open for this text, and commits it. */
bool evaluation_write(const struct evaluation *evaluation, struct logits_writer *writer,
                      struct error *error);

/* One chunk's share of the progress bar, in units of a weight that is quantized. */
uint64_t eval_chunk_work(const struct llama_model *model, const struct eval_text *text);

#endif
