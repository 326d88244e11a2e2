/*
 * roundel.h - block quantization of neural-network weights.
 *
 * The promise: a (format, rounding, weighting) triple gives the same block bytes on every target,
 * with every compiler and every number of threads. Rounding `ggml` gives the bytes of ggml's scalar
 * reference built without floating-point contraction (ggml commit d99724f2).
 *
 * Rules that hold for every function here:
 *
 * No allocation, no I/O, no global state. Every function is re-entrant and thread-safe; different
 * threads may work on different rows of one tensor, and the bytes do not depend on how rows are
 * split.
 *
 * Blocks may have any alignment; arrays of float have float's own. Nothing outside the stated
 * ranges is read or written. Source and destination must not overlap.
 *
 * The floating-point environment must be the default one: round to nearest, subnormals on. Hosts
 * are little-endian.
 *
 * Licence: MIT.
 */
#ifndef ROUNDEL_H
#define ROUNDEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define RDL_API __attribute__((visibility("default")))
#else
#define RDL_API
#endif

#define RDL_VERSION_MAJOR 0
#define RDL_VERSION_MINOR 1
#define RDL_VERSION_PATCH 0

/* ------------------------------------------------------------------------------------------------
 * The axes
 */

/* Block formats of the llama.cpp family, in the order in which reports list them. */
enum rdl_format {
    RDL_Q8_0,
    RDL_Q4_K,
    RDL_Q5_K,
    RDL_IQ4_NL,
    RDL_IQ2_XXS,
    RDL_IQ2_XS,
    RDL_IQ2_S,
    RDL_IQ3_XXS,
    RDL_IQ3_S,
    RDL_Q2_K,
    RDL_Q3_K,
    RDL_Q6_K,
    RDL_IQ4_XS,
    RDL_Q4_0,
    RDL_Q5_0,
    RDL_MXFP4,
    RDL_TQ1_0,
    RDL_TQ2_0,
    RDL_IQ1_S,
    RDL_IQ1_M,
    RDL_FORMAT_COUNT
};

/* How weights become codes. */
enum rdl_rounding {
    /* The scale from the largest magnitude (or from minimum and maximum), then the nearest code for
     * the stored scale (Q8_0, TQ1_0, TQ2_0: for the scale before it is stored, as in ggml). The
     * baseline: no search, weights and importance are ignored. */
    RDL_NEAREST,
    /* ggml's quantizer for models, byte for byte, defects included. */
    RDL_GGML,
    /* The same without its known defects; where it has none, the same bytes. Formats for which ggml
     * insists on importance work without it, with a weighting that their files in ref/ state. */
    RDL_GGML_FIXED,
    /* ggml's second, cheaper IQ4_NL encoder (its row reference conversion): one least-squares fit,
     * no scan of scales. Byte for byte, except that a block whose largest magnitude is below 1e-15
     * gets the codes of zero, where the reference leaves stale memory. */
    RDL_GGML_REDUCED,
    /*
     * Searches, from here on: real scales (and offsets) of the sub-blocks by the solver of
     * roundel_block.h that has the name, then the stored ones by enum rdl_scales, and the nearest
     * codes for these. Any weighting; any format that has the solver's kind of grid.
     */
    RDL_NEAREST_REFIT,
    RDL_QX,
    RDL_QXG,
    RDL_Q3,
    RDL_Q3_FIXED,
    RDL_QP,
    RDL_NL,
    RDL_NLG,
    RDL_QKX1,
    RDL_QKX2,
    RDL_QKX3,
    RDL_ALT,
    RDL_WLS,
    RDL_SORT,
    RDL_SORT_SIGNED,
    RDL_HEAP,
    RDL_HEAP_SIGNED,
    RDL_HEAP_NL,
    RDL_HEAP_NL_FAST,
    RDL_SWEEP,
    RDL_SWEEP_BASES,
    RDL_CUMULATIVE,
    RDL_ORACLE, /* enumeration: proves `exact` right, slowly */
    RDL_EXACT,  /* proven optima of the sub-blocks; on vector codebooks too */
    /* Least squares of whole super-blocks, published for Q4_K and Q5_K: ref/lsqk.c. */
    RDL_LSQK,
    /* Proven optima and RDL_SCALES_JOINT: the best that is known for a stored super-block. */
    RDL_JOINT,
    RDL_ROUNDING_COUNT,
    RDL_FIRST_SEARCH = RDL_NEAREST_REFIT
};

/*
 * How a search stores the scales of a super-block: integers times a binary16 unit d (offsets:
 * integers times dmin). Formats with one scale to the block have the first two only.
 */
enum rdl_scales {
    RDL_SCALES_DEFAULT, /* RDL_SCALES_JOINT for `joint`; else the last of max .. exhaustive there is
                         */
    RDL_SCALES_MAX,     /* d sends the largest scale to the largest integer; nearest integers and
                         * their neighbours */
    RDL_SCALES_QP,      /* d and integers by weighted least squares on the scales, as ggml does it
                         * with importance */
    RDL_SCALES_EXHAUSTIVE, /* d as for max; the best of all integers */
    RDL_SCALES_ALTERNATE,  /* exhaustive and a least-squares d in turn */
    RDL_SCALES_JOINT,      /* a search of d, with the best of all integers for each */
    RDL_SCALES_JOINT_FULL, /* over every d and dmin about the natural one: slow */
    RDL_SCALES_COUNT
};

/*
 * The weights w_i of the error sum w_i (x_i - q_i)^2 that a rounding minimises. sigma2 is the mean
 * of x^2 over the super-block (over the row for formats of 32-weight blocks).
 */
enum rdl_weighting {
    RDL_NATIVE,         /* what the format's own encoder uses, with or without importance */
    RDL_UNIFORM,        /* 1 */
    RDL_X2,             /* x^2 */
    RDL_ABS,            /* |x| */
    RDL_RMS_ABS,        /* sqrt(sigma2) + |x| */
    RDL_IMPORTANCE,     /* importance of the column */
    RDL_IMPORTANCE_RMS, /* importance * sqrt(sigma2 + x^2) */
    RDL_WEIGHTING_COUNT
};

/* Instruction sets. A target never changes a byte. */
enum rdl_target {
    RDL_SCALAR, /* plain C, any machine */
    RDL_AVX2,   /* all of x86-64-v3: AVX2, FMA, F16C, BMI1, BMI2, LZCNT, MOVBE */
    RDL_AVX512, /* that and AVX-512 F, BW, DQ, VL and VBMI */
    RDL_NEON,   /* Advanced SIMD of AArch64 */
    RDL_TARGET_COUNT
};

/* What the codes of a sub-block stand for. */
enum rdl_grid {
    RDL_GRID_SYMMETRIC, /* scale * integer */
    RDL_GRID_AFFINE,    /* scale * integer - min */
    RDL_GRID_TABLE,     /* scale * entry of a 16-value table */
    RDL_GRID_CODEBOOK,  /* scale * row of a vector codebook, signs apart */
    RDL_GRID_TERNARY,   /* scale * {-1, 0, 1}, or a ternary codebook with an offset */
    RDL_GRID_COUNT
};

struct rdl_format_info {
    const char *name;          /* lower case: "q4_k" */
    const char *ggml_name;     /* as ggml and GGUF tools print it: "Q4_K" */
    uint32_t gguf_type;        /* tensor type id in GGUF files */
    uint32_t block_length;     /* weights */
    uint32_t block_bytes;      /* bytes */
    uint32_t sub_block_length; /* weights that share one coded scale */
    double bits_per_weight;
    enum rdl_grid grid;
    /* No weight of larger magnitude can be represented (an upper bound: the largest finite scale
     * times the largest code). */
    double max_magnitude;
};

/* Names as the command line and reports spell them; NULL for a value out of range. Thread-safe,
 * O(1). */
RDL_API const struct rdl_format_info *rdl_format_info(enum rdl_format format);
RDL_API const char *rdl_rounding_name(enum rdl_rounding rounding);
RDL_API const char *rdl_weighting_name(enum rdl_weighting weighting);
RDL_API const char *rdl_scales_name(enum rdl_scales scales);
RDL_API const char *rdl_target_name(enum rdl_target target);
RDL_API const char *rdl_grid_name(enum rdl_grid grid);

/* "0.1.0" */
RDL_API const char *rdl_version(void);

/* ------------------------------------------------------------------------------------------------
 * What exists, and what this machine can run
 */

#define RDL_PLAIN           1u /* works without importance */
#define RDL_WITH_IMPORTANCE 2u /* works with importance */

/*
 * Says which encoders exist: a set of RDL_PLAIN and RDL_WITH_IMPORTANCE, 0 if there is no such
 * encoder. It speaks of the library, not of the machine: see rdl_detect_targets(). Where an encoder
 * accepts importance but its algorithm has no use for it (`nearest`; Q8_0), the bytes are those
 * without. Linear in the number of encoders (tens).
 */
RDL_API unsigned rdl_encoder_support(enum rdl_format format, enum rdl_rounding rounding,
                                     enum rdl_weighting weighting, enum rdl_target target);

/* Says whether the rounding of this format can store its scales so; RDL_SCALES_DEFAULT goes with
 * every rounding that the format has, the others with searches alone. */
RDL_API bool rdl_scales_support(enum rdl_format format, enum rdl_rounding rounding,
                                enum rdl_scales scales);

/* Says whether the format can be dequantized on the target. */
RDL_API bool rdl_decoder_support(enum rdl_format format, enum rdl_target target);

/*
 * The targets that this CPU and its operating system offer, as a set of bits 1u << target. Asks the
 * CPU on each call (about a microsecond under a hypervisor): keep the result.
 */
RDL_API unsigned rdl_detect_targets(void);

/* ------------------------------------------------------------------------------------------------
 * Quantize and dequantize
 */

enum rdl_status {
    RDL_OK,
    /* The call is wrong: nothing was written. */
    RDL_NULL_POINTER,
    RDL_UNKNOWN_VALUE, /* a format, rounding, weighting, scales or target out of range; unknown
                          flags */
    RDL_UNSUPPORTED,   /* no such encoder or decoder: see rdl_encoder_support() */
    RDL_IMPORTANCE_REQUIRED, /* this encoder does not work without importance */
    RDL_IMPORTANCE_REFUSED,  /* this encoder does not work with importance */
    RDL_ROW_LENGTH,          /* ncols is no multiple of the block length */
    RDL_TOO_LARGE,           /* sizes in bytes overflow size_t */
    RDL_SCRATCH_TOO_SMALL,
    RDL_TABLES_REQUIRED,  /* this encoder needs the tables of its format: see rdl_tables_build() */
    RDL_TABLES_TOO_SMALL, /* less memory than rdl_tables_size() says */
    /* The data is bad: see struct rdl_report for the place. */
    RDL_WEIGHT_NAN,
    RDL_WEIGHT_INFINITE,
    RDL_SCALE_OVERFLOW,     /* finite weights too large for the format's scale */
    RDL_IMPORTANCE_INVALID, /* NaN, negative, or above RDL_IMPORTANCE_MAX */
    RDL_STATUS_COUNT
};

/* One English sentence without a full stop; NULL for a value out of range. */
RDL_API const char *rdl_status_text(enum rdl_status status);

/*
 * Importance above this is refused. With weights of at most max_magnitude (below 2^28 for every
 * format that searches) no sum that a search divides then overflows binary32: 256 weights * level
 * 127 * importance 1e16 * sqrt(3) * 2^56 = 4.1e37. Products of two sums, and sums of weighted
 * squared errors, may; a candidate whose score is so lost is not taken.
 */
#define RDL_IMPORTANCE_MAX 1e16f

/* What rdl_dequantize() writes. */
enum rdl_element {
    RDL_F32,
    RDL_F16,  /* binary16 */
    RDL_BF16, /* the upper half of binary32 */
    RDL_ELEMENT_COUNT
};

/* Flags of a job. */
#define RDL_GO_ON  1u /* rdl_quantize(): encode bad data by the rule below instead of stopping */
#define RDL_STREAM 2u /* rdl_dequantize(): store past the caches */

struct rdl_job {
    enum rdl_format format;
    enum rdl_rounding rounding;   /* not used by rdl_dequantize */
    enum rdl_weighting weighting; /* not used by rdl_dequantize */
    enum rdl_scales scales;       /* not used by rdl_dequantize */
    enum rdl_target target;       /* the caller vouches that the CPU has it */
    size_t nrows;                 /* 0 is legal: nothing happens */
    size_t ncols;                 /* weights in a row, a multiple of the block length, 0 too */
    unsigned flags;               /* 0, or RDL_GO_ON or RDL_STREAM */
    void *scratch;                /* at least rdl_scratch_size() bytes, NULL if that is 0 */
    size_t scratch_size;
    const void *tables; /* of this format, by rdl_tables_build(); NULL if rdl_tables_size() is 0 */
    enum rdl_element element; /* of what rdl_dequantize() writes; 0 is RDL_F32 */
};

/* The first bad datum that rdl_quantize() met, and how many blocks were affected. */
struct rdl_report {
    enum rdl_status status; /* RDL_OK, or one of the statuses about data */
    size_t row;             /* of the first bad block; 0 for RDL_IMPORTANCE_INVALID */
    size_t block;           /* its number in its row */
    size_t column;     /* first offending column; for RDL_SCALE_OVERFLOW the largest weight's */
    size_t bad_blocks; /* blocks encoded by the rule of RDL_GO_ON, over all rows */
};

/*
 * Scratch that rdl_quantize() needs, in bytes, whatever the number and length of rows: 0 for most
 * encoders; searches need that of their solver, which is some hundred kilobytes for `exact` and
 * `oracle` with an offset (Q2_K, Q4_K, Q5_K). Beside it, kernels take at most 64 KiB of stack.
 */
RDL_API size_t rdl_scratch_size(const struct rdl_job *job);

/*
 * Tables of neighbouring codebook rows, which the searching encoders of the vector codebook formats
 * (IQ2, IQ3, IQ1) need: `ggml`, `ggml-fixed`. Rounding `nearest` and decoders do without; there,
 * and where the size is 0, the `tables` of a job are not looked at.
 *
 * rdl_tables_size() is their size in bytes: below a megabyte for any format, 0 for formats without
 * such encoders and for a value out of range.
 *
 * rdl_tables_build() fills the first rdl_tables_size() bytes of `tables`, which is aligned as
 * malloc aligns. The bytes are the same each time. They hold no address, so that they may be copied
 * to other memory of that alignment; they are only read afterwards, and any number of threads may
 * share them. Milliseconds. Status: RDL_OK (also where the size is 0: nothing is written then),
 * RDL_UNKNOWN_VALUE, RDL_NULL_POINTER, RDL_TABLES_TOO_SMALL.
 */
RDL_API size_t rdl_tables_size(enum rdl_format format);
RDL_API enum rdl_status rdl_tables_build(enum rdl_format format, void *tables, size_t size);

/* Bytes of `nrows` rows of blocks; 0 if ncols is no multiple of the block length or on overflow. */
RDL_API size_t rdl_blocks_size(enum rdl_format format, size_t nrows, size_t ncols);

/*
 * Encodes nrows x ncols weights.
 *
 *   x           nrows * ncols weights, row after row
 *   importance  one factor >= 0 per column, used for every row, or NULL
 *   blocks      rdl_blocks_size(format, nrows, ncols) bytes: row after row, no padding
 *   report      filled if not NULL
 *
 * Normal data. Every finite weight is normal, subnormals and both zeros included. A block whose
 * scale underflows binary16 decodes to zeros; that is not an error. Zeros in the importance are
 * normal.
 *
 * Bad data. A NaN or infinite weight; a weight above the format's max_magnitude, or a block whose
 * scale, rounded to binary16, is not finite (RDL_SCALE_OVERFLOW); an importance that is NaN,
 * negative or above RDL_IMPORTANCE_MAX. The importance is looked at first, all of it (also by
 * encoders that have no use for it); then rows in order. A scale can overflow where no weight is
 * large for the format: where two weights of nearly the same value have all importance, the
 * least-squares scale is rounding noise; and the scale of IQ1_M can be eight times its weights.
 *
 * Without RDL_GO_ON the call stops at the first bad block and returns its status. Blocks before it,
 * in row order, are complete; the bad block and those after it have unspecified contents, except
 * that bad importance stops the call before anything is written.
 *
 * With RDL_GO_ON it returns RDL_OK, and each bad block is encoded as if its data were sane: a NaN
 * is 0, weights are clamped to [-65504, 65504] (the largest binary16 number), an importance that is
 * NaN or negative is 0, one above the maximum is the maximum. If its scale overflows even then,
 * every importance is 1; and then weights are halved until it does not. Other blocks are untouched
 * by their neighbours' badness, but in Q4_0 and Q5_0 with importance: there weights depend on the
 * mean square of the row, to which blocks with bad weights or bad importance add their sane weights
 * (blocks that overflow only when they are encoded, the weights as they are).
 *
 * Time: linear in nrows * ncols.
 */
RDL_API enum rdl_status rdl_quantize(const struct rdl_job *job, const float *x,
                                     const float *importance, void *blocks,
                                     struct rdl_report *report);

/*
 * The number of the first block whose stored scale is no finite number (binary16 infinity or NaN;
 * 255, which stands for NaN, in MXFP4), or nblocks if there is none or the format is unknown. Other
 * blocks are valid; all of them decode to finite numbers, but for MXFP4 exponents above 252, whose
 * largest codes are beyond binary32. Linear in nblocks.
 */
RDL_API size_t rdl_check_blocks(enum rdl_format format, const void *blocks, size_t nblocks);

/*
 * Decodes nrows x ncols weights into `x`: nrows * ncols elements of the job's type, of any
 * alignment that its C type (float, uint16_t) has, row after row.
 *
 * Any bytes are safe to decode. A stored scale that is infinite or NaN gives infinities and NaNs by
 * the format's formula; the sign and payload of such a NaN are unspecified, everything else is the
 * same bits on every target. RDL_F16 and RDL_BF16 are the binary32 weights rounded to the nearest
 * number of the type, ties to even; beyond its range that is infinity, and a NaN stays a (quiet)
 * NaN. RDL_F16 knows subnormal numbers, and rounds to zero what is below half of the smallest.
 *
 * With RDL_STREAM the stores go past the caches, on targets that have such stores (AVX2, AVX-512;
 * others take no notice). That pays if `x` is larger than the last-level cache and is not read
 * again soon: memory is then not read before it is written. Where `x` fits into a cache it costs
 * several times as much. Later stores, and other threads that are told by them, see all of `x`.
 */
RDL_API enum rdl_status rdl_dequantize(const struct rdl_job *job, const void *blocks, void *x);

/* ------------------------------------------------------------------------------------------------
 * The nearest IQ4_NL entry
 */

/*
 * Ways to find the index of the IQ4_NL value nearest to a number: of two nearest values the larger
 * one, and 15 for NaN. All give the same index for every float, except RDL_NEAREST_LOOKUP_TABLE,
 * which gives 0 where the others give 15: for numbers from 2^31 up, infinity, and NaN. The search
 * of an encoder never asks for these; the codes of a block whose scale is far below its weights
 * may.
 */
enum rdl_nearest_variant {
    RDL_NEAREST_BINARY_SEARCH,     /* bisection with branches, as in ggml */
    RDL_NEAREST_LOOKUP_TABLE,      /* the integer part in a table of 241, then one comparison */
    RDL_NEAREST_COMPARE_AND_COUNT, /* fifteen comparisons, no branch */
    RDL_NEAREST_PERMUTE_SEARCH,    /* bisection without branches, midpoints looked up */
    RDL_NEAREST_TWO_LEVEL,         /* a bin by arithmetic, then one comparison */
    RDL_NEAREST_BYTE_TABLE,        /* the integer part of twice the number in a table of 512 */
    RDL_NEAREST_VARIANT_COUNT
};

/* "binary-search" ..; NULL for a value out of range. */
RDL_API const char *rdl_nearest_variant_name(enum rdl_nearest_variant variant);

/* Says whether the variant exists on the target. */
RDL_API bool rdl_nearest_support(enum rdl_nearest_variant variant, enum rdl_target target);

/*
 * index[i] = 0 .. 15, of the IQ4_NL value nearest to x[i], i < n; any floats. The caller vouches
 * that the CPU has the target. Linear in n. Status: RDL_OK, RDL_UNKNOWN_VALUE, RDL_UNSUPPORTED,
 * RDL_NULL_POINTER (n > 0 only).
 */
RDL_API enum rdl_status rdl_iq4_nl_nearest(enum rdl_nearest_variant variant, enum rdl_target target,
                                           size_t n, const float *x, uint8_t *index);

#ifdef __cplusplus
}
#endif

#endif
