/*
 * Roundings against each other on one tensor: every contestant encodes and decodes every piece, and
 * is measured on it. What is reported, times apart, is the same at every thread count.
 */
#ifndef ROUNDEL_BENCH_CONTEST_H
#define ROUNDEL_BENCH_CONTEST_H

#include "factors.h"
#include "gap_stats.h"
#include "metrics.h"
#include "pieces.h"
#include "tensor.h"

struct contest_gap;

struct contestant {
    enum rdl_format format;
    enum rdl_rounding rounding;
    enum rdl_scales scales;
    enum rdl_weighting weighting;
    enum rdl_target target, decode_target;
    bool exists;    /* the library has it, on some target */
    bool available; /* and on these; else it takes no part */
    bool plain;     /* encodes without importance, though there may be some */
    size_t
        baseline; /* contestant of the same format that it is compared with, itself included;
                     NO_BASELINE where there is none. It comes before those it is compared with. */
};

#define NO_BASELINE SIZE_MAX

/* What to do with rows that are no multiple of the block length. */
enum misfit {
    MISFIT_ERROR,
    MISFIT_FLATTEN, /* blocks run across rows; the last block of a matrix is filled with zeros */
    MISFIT_SKIP,
    MISFIT_COUNT
};

enum fit {
    FIT_ABSENT, /* the contestant is not available, or the tensor was not read */
    FIT_ROWS,
    FIT_FLATTENED,
    FIT_SKIPPED,         /* a misfit */
    FIT_NEEDS_IMPORTANCE /* the encoder does, and the tensor has none */
};

/* Takes the decoded weights of a piece; called by several threads at once. */
typedef void contest_values_fn(void *context, size_t contestant, const struct piece *piece,
                               const float *values);

struct contest {
    const struct contestant *contestants;
    size_t count;
    enum misfit misfit;
    enum rdl_weighting error_weighting; /* RDL_NATIVE: importance where there is one, else x^2 */
    bool go_on;                         /* encode bad data by the library's rule and count it */
    unsigned threads;                   /* > 0 */
    struct error_histogram *histograms; /* of the present tensor, one for each contestant */
    struct error_histogram *totals;     /* of all tensors */
    void *tables[RDL_FORMAT_COUNT];     /* of the contestants' formats; see job_memory.h */
    struct contest_gap *gap;            /* NULL where nobody asked for it */
    contest_values_fn *values;          /* NULL where nobody wants them */
    void *values_context;
};

/* How a contestant did on one tensor, or in total. */
struct outcome {
    enum fit fit;
    uint64_t weights, blocks, bytes;
    uint64_t padding;                      /* zeros that filled last blocks */
    uint64_t bad_blocks;                   /* only with go_on */
    double encode_seconds, decode_seconds; /* CPU time, summed over threads */
    struct error_sums sums;
    struct error_metrics metrics;
    struct gap_stats gap; /* where the contest measures it: excess over bounds */
};

static inline bool outcome_took_part(const struct outcome *outcome)
{
    return outcome->fit == FIT_ROWS || outcome->fit == FIT_FLATTENED;
}

/* What is known of a tensor besides the outcomes. */
struct contest_input {
    uint64_t hash; /* XXH3-64 of the binary32 weights, piece by piece */
    bool has_importance;
    enum rdl_weighting error_weighting; /* the one that was used */
};

/* Allocates the histograms and builds the tables of a contest whose other members are set. */
bool contest_open(struct contest *contest, struct error *error);
void contest_close(struct contest *contest);

/* Called after each piece, never by two threads at once. */
typedef void contest_progress_fn(void *context, uint64_t weights);

/*
 * Runs the contest on one tensor; `outcomes` has room for contest->count and is filled from
 * scratch. On false the error names the tensor and, for bad data, the
 * element.
 */
bool contest_run(struct contest *contest, const struct tensor *tensor,
                 const struct factors *factors, struct outcome *outcomes,
                 struct contest_input *input, contest_progress_fn *progress, void *context,
                 struct error *error);

/* The total of contestant `c` over the outcomes of `ntensors` tensors, [tensor * count + c]. */
bool contest_total(const struct contest *contest, size_t c, const struct outcome *outcomes,
                   size_t ntensors, struct outcome *total, struct error *error);

#endif
