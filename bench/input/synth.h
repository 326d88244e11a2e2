/*
 * Synthetic tensors: weight k of tensor t is a function of (seed, t, k), the same on every machine,
 * compiler and thread count.
 */
#ifndef ROUNDEL_BENCH_SYNTH_H
#define ROUNDEL_BENCH_SYNTH_H

#include "tensor.h"

/*
 * A spec is
 *     synth:DISTRIBUTION[,sigma=S][,shape=ROWSxCOLS][,seed=N][,tensor=N]
 * in that order or another, without blanks, each key at most once. With z standard normal:
 *
 *     gaussian         S z
 *     laplace          two-sided exponential with standard deviation S
 *     student-t:NU     S z / sqrt(chi2 / NU), NU = 1..64 degrees of freedom. S is the scale: the
 *                      standard deviation is S sqrt(NU / (NU - 2)), and infinite for NU < 3
 *     uniform          between -S sqrt(3) and S sqrt(3): standard deviation S
 *     sparse:P         gaussian, but zero with probability P = 0..1
 *     outlier-columns  gaussian, but of every 197 columns, counted from 0, number 41 is multiplied
 *                      by 8 and number 140 by 30 (1 % of them; 197 is a prime, so they meet every
 *                      position of a block), and one weight in 8192, at random, by 20
 *
 *     S                1e-40 .. 1e20, default 0.02; no weight becomes infinite
 *     ROWSxCOLS        default 1024x1024
 *     seed             0 .. 2^64 - 1, default 0
 *     tensor           0 .. 2^32 - 1, default 0: another tensor number is an independent sample
 *
 * Example: synth:student-t:3,sigma=0.02,shape=4096x4096,seed=1
 */
enum synth_distribution {
    SYNTH_GAUSSIAN,
    SYNTH_LAPLACE,
    SYNTH_STUDENT_T,
    SYNTH_UNIFORM,
    SYNTH_SPARSE,
    SYNTH_OUTLIER_COLUMNS
};

struct synth {
    enum synth_distribution distribution;
    unsigned degrees_of_freedom; /* of SYNTH_STUDENT_T */
    double zero_probability;     /* of SYNTH_SPARSE */
    double sigma;
    uint64_t nrows, ncols;
    uint64_t seed;
    uint32_t tensor;
};

/*
 * Reads a spec; `synth` is only written on success. The error names the mistake and the nearest
 * valid choice.
 */
bool synth_parse(const char *spec, struct synth *synth, struct error *error);

/* Room for every canonical spec, with the NUL. */
enum {
    SYNTH_NAME_SIZE = 192
};

/* Writes the canonical spec: every key in the order above, "tensor" only if it is not 0. */
void synth_name(const struct synth *synth, char name[SYNTH_NAME_SIZE]);

/* Parses a spec and appends its tensor, which is named by the canonical spec. */
bool synth_open(const char *spec, struct tensor_list *list, struct error *error);

/*
 * Weights [first, first + count) in row-major order. Thread-safe, no state: any split gives the
 * same numbers.
 */
void synth_fill(const struct synth *synth, uint64_t first, size_t count, float *out);

void synth_free(struct synth *synth);

#endif
