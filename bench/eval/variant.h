/*
 * A model under a format, a rounding and a weighting: every matrix quantized and dequantized,
 * vectors and norms as they are. Rules may give tensors other formats and roundings, or leave them
 * as they are.
 *
 * Where the rounding needs importance and a matrix has none, the matrix is rounded without: by the
 * same search with weighting `uniform`, or by `ggml-fixed`. Such matrices are counted.
 */
#ifndef ROUNDEL_BENCH_VARIANT_H
#define ROUNDEL_BENCH_VARIANT_H

#include "contest.h"
#include "imatrix.h"
#include "llama_model.h"
#include "quantize_rules.h"
#include "target_choice.h"

/* What all variants of a model share. */
struct variant_maker {
    /* Filled by the caller, and kept by it. */
    const struct llama_model *model;
    const struct imatrix *imatrix; /* NULL for none */
    struct quantize_rules rules;   /* shared; uses are counted over all variants */
    struct target_choice target;   /* for roundings by rules */
    enum misfit misfit;
    enum rdl_weighting error_weighting; /* as in struct contest */
    bool go_on;
    unsigned threads;
    contest_progress_fn *progress; /* NULL for none */
    void *progress_context;
    /* Filled by variant_maker_open(). */
    float **values; /* of the present variant, in the places of model->values */
    float **own;    /* memory for them */
};

bool variant_maker_open(struct variant_maker *maker, struct error *error);
void variant_maker_close(struct variant_maker *maker); /* harmless on a zeroed one */

/* What became of the matrices. */
struct variant_errors {
    struct error_sums sums;  /* over all weights of quantized matrices */
    uint64_t weights, bytes; /* of quantized matrices */
    uint64_t model_bytes;    /* with everything else as the file has it */
    size_t matrices, skipped, without_importance;
    uint64_t bad_blocks; /* only with go_on */
};

/* True if a matrix, with importance or without, can be rounded so at all. */
bool variant_possible(const struct variant_maker *maker, const struct contestant *contestant);

/* Fills maker->values, good until the next call. */
bool variant_make(struct variant_maker *maker, const struct contestant *contestant,
                  struct variant_errors *errors, struct error *error);

/* NaN without weights. */
double variant_bits_per_weight(const struct variant_errors *errors);
double variant_rmse(const struct variant_errors *errors);
double variant_weighted_rmse(const struct variant_errors *errors);

#endif
