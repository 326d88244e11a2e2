/*
 * The kernel contract: what rdl_quantize() and rdl_dequantize() promise to every encoder and
 * decoder, and what these owe. kernels.def lists all of them; each lives in ref/ or simd/.
 */
#ifndef RDL_KERNEL_H
#define RDL_KERNEL_H

#include "roundel.h"

#if defined(__FAST_MATH__)
#error "Roundel's bytes are defined by IEEE arithmetic: build without -ffast-math"
#endif
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "Roundel stores blocks as little-endian structs: big-endian hosts are not supported"
#endif
#if defined(__FLT_EVAL_METHOD__) && __FLT_EVAL_METHOD__ != 0
#error "Roundel needs float arithmetic in binary32 (on 32-bit x86: -msse2 -mfpmath=sse)"
#endif

/*
 * A set of whole rows to encode. Rows follow each other without padding in x, and their blocks
 * without padding in the destination; the importance (NULL or ncols factors) is the same for all.
 *
 * Promised: ncols is a positive multiple of the block length; every x is finite and at most the
 * format's max_magnitude in magnitude; every importance is finite and in [0, RDL_IMPORTANCE_MAX];
 * it is NULL or not as the encoder's row in kernels.def allows; scratch is as large as asked for;
 * tables are those of the format if the encoder's row says that it needs them.
 * mean_square: NULL, or (one row only) the mean of x^2 of the row of which these blocks are a part.
 * Owed: every byte of every block, each a function of its row alone. A scale may overflow binary16:
 * the caller of the encoder looks for that.
 */
struct rdl_rows {
    const float *x;
    const float *importance;
    size_t nrows, ncols;
    const float *mean_square;
    void *scratch;
    const void *tables;
    /* For searches; encoders that kernels.def lists know theirs. The scales are not the default. */
    enum rdl_format format;
    enum rdl_rounding rounding;
    enum rdl_weighting weighting;
    enum rdl_scales scales;
    enum rdl_target target;
};

/* sum + x_0^2 + x_1^2 + ..., in this order: the order is part of the bytes. */
static inline float rdl_add_squares(float sum, const float *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        sum += x[i] * x[i];
    return sum;
}

/* For encoders whose weights depend on the whole row. */
static inline float rdl_row_mean_square(const struct rdl_rows *rows, size_t row)
{
    if (rows->mean_square)
        return *rows->mean_square;
    return rdl_add_squares(0.0f, rows->x + row * rows->ncols, rows->ncols) / (float)rows->ncols;
}

/* In a row of kernels.def, beside RDL_PLAIN and RDL_WITH_IMPORTANCE. */
#define RDL_NEEDS_TABLES 4u

typedef void rdl_encode_fn(const struct rdl_rows *rows, uint8_t *blocks);

/* Decodes `nblocks` blocks of any content. */
typedef void rdl_decode_fn(const uint8_t *blocks, size_t nblocks, float *x);

/*
 * What a target has besides: passes over n floats, or `size` bytes, of any number and alignment.
 *
 * largest_magnitude: of floats without their signs, ordered by their bits; above 0x7F800000 for
 * NaN, 0 for none. to_f16, to_bf16: as rdl_dequantize() says. stream: copies, by stores that do not
 * fill the caches where the target has such; end_stream: makes them visible in order.
 */
struct rdl_passes {
    uint32_t (*largest_magnitude)(const float *x, size_t n);
    void (*to_f16)(const float *x, size_t n, uint16_t *to);
    void (*to_bf16)(const float *x, size_t n, uint16_t *to);
    void (*stream)(const uint8_t *from, size_t size, uint8_t *to);
    void (*end_stream)(void);
};

/* A function may serve several rows of the list. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wredundant-decls"
#define RDL_ENCODER(format, rounding, weightings, importance, target, function)                    \
    rdl_encode_fn function;
#define RDL_DECODER(format, target, function) rdl_decode_fn function;
#define RDL_PASSES(target, passes)            extern const struct rdl_passes passes;
#include "kernels.def"
#undef RDL_ENCODER
#undef RDL_DECODER
#undef RDL_PASSES
#pragma GCC diagnostic pop

#endif
