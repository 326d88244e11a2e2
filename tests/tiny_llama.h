/* A llama model of a few hundred random weights, as files, and its logits by plain loops in double:
 * another way to what bench/llama does. */
#ifndef ROUNDEL_TESTS_TINY_LLAMA_H
#define ROUNDEL_TESTS_TINY_LLAMA_H

#include "error.h" /* before check.h, which has a macro named as its function fail() */
#include "hostile.h"
#include <stdbool.h>

enum {
    TINY_WIDTH = 24,
    TINY_HEADS = 6,
    TINY_KV_HEADS = 3,
    TINY_HEAD = TINY_WIDTH / TINY_HEADS,
    TINY_KV = TINY_KV_HEADS * TINY_HEAD,
    TINY_FORWARD = 32,
    TINY_LAYERS = 2,
    TINY_VOCABULARY = 265,
    TINY_CONTEXT = 16
};

struct tiny_layer {
    float attn_norm[TINY_WIDTH];
    float q[TINY_WIDTH * TINY_WIDTH], k[TINY_KV * TINY_WIDTH], v[TINY_KV * TINY_WIDTH];
    float output[TINY_WIDTH * TINY_WIDTH];
    float ffn_norm[TINY_WIDTH];
    float gate[TINY_FORWARD * TINY_WIDTH], down[TINY_WIDTH * TINY_FORWARD];
    float up[TINY_FORWARD * TINY_WIDTH];
};

struct tiny_llama {
    bool tied; /* the output is the embedding */
    float embedding[TINY_VOCABULARY * TINY_WIDTH];
    struct tiny_layer layers[TINY_LAYERS];
    float output_norm[TINY_WIDTH];
    float output[TINY_VOCABULARY * TINY_WIDTH];
};

void tiny_llama_make(struct tiny_llama *model, bool tied);

/* As llama2.c's file. */
struct bytes tiny_llama_checkpoint(const struct tiny_llama *model);

/* As a GGUF file, with faults where they are not NULL or 0. */
struct tiny_faults {
    const char *architecture;
    const char *missing_key, *missing_tensor;
    const char *key;          /* one more, u32 ... */
    uint32_t value;           /* ... with this value; in place of the model's own of that name */
    const char *tensor;       /* one more, of one row */
    const char *turned;       /* has rows and columns exchanged */
    const char *kind;         /* of the vocabulary */
    int32_t type_of_last;     /* token's */
    const char *text_of_last; /* token's */
    bool few_scores;
};
struct bytes tiny_llama_gguf(const struct tiny_llama *model, const struct tiny_faults *faults);

/* logits[count][TINY_VOCABULARY] */
void tiny_llama_logits(const struct tiny_llama *model, const int32_t *tokens, int count,
                       double *logits);

#endif
