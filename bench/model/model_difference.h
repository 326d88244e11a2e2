/*
 * Where two models differ, tensor by tensor: bytes, blocks, weights. And why: copies of one model
 * in binary32, binary16 and bfloat16 have other weights where one is beyond the range of binary16,
 * subnormal there, or has more digits; the blocks that were quantized from them follow.
 */
#ifndef ROUNDEL_BENCH_MODEL_DIFFERENCE_H
#define ROUNDEL_BENCH_MODEL_DIFFERENCE_H

#include "tensor.h"

enum difference_cause {
    CAUSE_LARGE,     /* a weight above 65504, the largest number of binary16 */
    CAUSE_SMALL,     /* weights below 2^-14, where binary16 is subnormal or zero */
    CAUSE_PRECISION, /* other weights that differ */
    CAUSE_NONE,      /* blocks only: the weights that they came from are the same */
    CAUSE_COUNT
};

const char *difference_cause_name(enum difference_cause cause);

/* Why two numbers that differ do. */
enum difference_cause difference_cause_of(float a, float b);

struct weight_difference {
    uint64_t count, differing;
    uint64_t causes[CAUSE_COUNT];
};

struct tensor_difference {
    const struct tensor *a, *b; /* NULL where one has no tensor of the name */
    bool same_shape, same_type;
    bool has_weights; /* of shape and readable types: `weights` counts */
    bool has_blocks, has_sources;
    uint64_t nbytes, bytes;             /* where the types are the same */
    uint64_t nblocks, blocks;           /* of quantized tensors of the same type */
    struct weight_difference weights;   /* a against b, decoded */
    struct weight_difference sources;   /* what a and b were quantized from */
    uint64_t block_causes[CAUSE_COUNT]; /* of the blocks that differ: the first cause in them */
};

struct model_difference {
    struct tensor_difference *tensors; /* a's in their order, then those that only b has */
    size_t count;
    size_t differing; /* tensors */
};

/*
 * Compares the tensors of the same names. `from_a` and `from_b` are what the models were quantized
 * from; both NULL where that is not asked. The lists outlive the result. On false there is nothing
 * to free.
 */
bool model_difference_of(const struct tensor_list *a, const struct tensor_list *b,
                         const struct tensor_list *from_a, const struct tensor_list *from_b,
                         struct model_difference *difference, struct error *error);

void model_difference_free(struct model_difference *difference);

/* Whether anything differs: bytes, type, shape, or that only one has the tensor. */
bool tensor_differs(const struct tensor_difference *tensor);

#endif
