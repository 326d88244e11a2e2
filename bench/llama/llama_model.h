/*
 * Language models of the llama architecture, small enough to be held in memory as binary32: what
 * the forward pass (llama_forward.h) needs, from GGUF files and llama2.c checkpoints.
 *
 * A matrix has a row for each output: y[r] = sum of W[r][j] x[j]. There are no biases.
 */
#ifndef ROUNDEL_BENCH_LLAMA_MODEL_H
#define ROUNDEL_BENCH_LLAMA_MODEL_H

#include "tensor.h"

struct llama_shape {
    uint32_t width;        /* D: of the stream that layers add to */
    uint32_t feed_forward; /* F: of the gated layer */
    uint32_t layers;
    uint32_t heads, kv_heads; /* a query head n reads key/value head n / (heads / kv_heads) */
    uint32_t head_size;       /* width / heads, even */
    uint32_t vocabulary;
    uint32_t context; /* tokens that the model was made for */
    float epsilon;    /* of the norms */
    double rope_base;
};

/* Tensors outside the layers, and those of each layer. */
enum llama_tensor {
    LLAMA_TOKEN_EMBD,
    LLAMA_OUTPUT_NORM,
    LLAMA_OUTPUT,
    LLAMA_FIRST_LAYER
};
enum llama_layer_tensor {
    LLAMA_ATTN_NORM,
    LLAMA_ATTN_Q,
    LLAMA_ATTN_K,
    LLAMA_ATTN_V,
    LLAMA_ATTN_OUTPUT,
    LLAMA_FFN_NORM,
    LLAMA_FFN_GATE,
    LLAMA_FFN_UP,
    LLAMA_FFN_DOWN,
    LLAMA_LAYER_TENSORS
};

/* The number of a tensor of the layer among all. */
static inline size_t llama_index(uint32_t layer, enum llama_layer_tensor tensor)
{
    return LLAMA_FIRST_LAYER + (size_t)layer * LLAMA_LAYER_TENSORS + (size_t)tensor;
}

struct llama_model {
    struct llama_shape shape;
    struct tensor_list list;     /* the file's */
    const struct source *source; /* the file, or the first of several; the list's */
    size_t count;                /* of tensors that the model is made of */
    /* By number. A tied output (the embedding used once more) has no tensor of its own. */
    const struct tensor **tensors;
    float **values; /* the tied output's are the embedding's */
};

/*
 * Opens a GGUF file, a llama2.c checkpoint or "builtin:tinylm" and reads all weights. Refuses, by
 * name, what the forward pass does not know: other architectures, scaled rotary positions, biases,
 * experts, tensors that are missing, superfluous or of another shape, weights that are no finite
 * numbers. On false there is nothing to free.
 */
bool llama_open(struct llama_model *model, const char *spec, struct error *error);

void llama_free(struct llama_model *model);

/* True for a matrix that a quantizer would take by default: neither a vector nor a norm. */
bool llama_is_matrix(const struct tensor *tensor);

/* Weights of all tensors. */
uint64_t llama_numel(const struct llama_model *model);

#endif
