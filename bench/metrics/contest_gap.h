/*
 * How far the contestants' blocks are from the lower bound of rdl_block_bound(), on a sample of the
 * blocks of every tensor. The sample depends on the seed and the tensor's name alone; so do the
 * figures, at every number of threads.
 */
#ifndef ROUNDEL_BENCH_CONTEST_GAP_H
#define ROUNDEL_BENCH_CONTEST_GAP_H

#include "contest.h"
#include "gap_sample.h"

struct gap_series;

struct contest_gap {
    uint64_t most; /* blocks of a tensor and format; UINT64_MAX: all */
    uint64_t seed;
    enum rdl_weighting weighting; /* of the errors; RDL_NATIVE: each contestant's own */
    enum rdl_target target;       /* on which bounds are computed */
    struct gap_series *series;    /* [contestant] */
};

/* Allocates the series of a contest whose contestants are set. */
bool contest_gap_open(struct contest_gap *gap, const struct contest *contest, struct error *error);
void contest_gap_close(struct contest_gap *gap, size_t contestants);

/* The weighting of a contestant's errors. */
enum rdl_weighting contest_gap_weighting(const struct contest_gap *gap,
                                         const struct contestant *contestant);

/* Scratch for the bounds of all formats that take part, in bytes. */
size_t contest_gap_scratch(const struct contest *contest);

/* Makes room for the sample of a tensor, for every contestant. */
bool contest_gap_begin(struct contest *contest, const struct tensor *tensor, uint64_t nmatrices,
                       struct error *error);

/* What a contestant made of a piece. */
struct gap_piece {
    const struct rdl_job *job; /* rows and columns, in whole blocks */
    const float *x, *y;        /* before and after */
    const float *importance;   /* a factor for each weight; NULL where there is none */
    uint64_t matrix, start;    /* the piece's first weight in its matrix */
    void *scratch;
};

/* Measures the sampled blocks of a piece. Threads work on different pieces; one thread takes all
 * contestants of a piece. */
void contest_gap_measure(struct contest *contest, size_t c, const struct gap_piece *piece);

/* The statistics of a contestant on the tensor that came last, and on all. Without blocks where it
 * took no part. False without memory. */
bool contest_gap_evaluate(const struct contest *contest, size_t c, struct gap_stats *stats,
                          struct error *error);
bool contest_gap_total(const struct contest *contest, size_t c, struct gap_stats *stats,
                       struct error *error);

#endif
