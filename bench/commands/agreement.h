/*
 * Do the targets agree? Every encoder and decoder of a target against the scalar one, on the inputs
 * of agreement_input.h, in several shapes: bytes of blocks, bits of decoded weights (a NaN equals
 * every NaN: sign and payload are not specified).
 */
#ifndef ROUNDEL_BENCH_AGREEMENT_H
#define ROUNDEL_BENCH_AGREEMENT_H

#include "agreement_input.h"
#include "error.h"
#include "roundel.h"

typedef enum rdl_status quantize_fn(const struct rdl_job *job, const float *x,
                                    const float *importance, void *blocks,
                                    struct rdl_report *report);
typedef enum rdl_status dequantize_fn(const struct rdl_job *job, const void *blocks, void *x);

struct agreement_options {
    uint64_t seed;
    unsigned formats; /* to compare: a set of bits 1u << format */
    /* What is checked: rdl_quantize() and rdl_dequantize(), but in tests of the check itself. */
    quantize_fn *quantize;
    dequantize_fn *dequantize;
};

/* A place that differs, and how to get there again. */
struct agreement_difference {
    bool found;
    bool decoding;
    enum rdl_format format;
    enum rdl_rounding rounding; /* of an encoder, as the next three */
    enum rdl_weighting weighting;
    const char *weights;    /* of agreement_weights_name() */
    const char *importance; /* of agreement_importance_name(), or "none" */
    const char *blocks;     /* of a decoder: agreement_blocks_name() */
    size_t nrows, ncols;
    size_t row, block, index; /* block in the row; byte, or weight, in the block */
    uint32_t scalar, target;  /* the byte, or the binary32 pattern */
};

struct agreement {
    enum rdl_target target;
    size_t encoders, decoders; /* compared: with and without importance is two encoders */
    uint64_t blocks, different;
    struct agreement_difference first;
};

/* Compares one target, which is not RDL_SCALAR and which this machine has, with scalar. False
 * without memory: differences are no error. */
bool agreement_check(const struct agreement_options *options, enum rdl_target target,
                     struct agreement *agreement, struct error *error);

#endif
