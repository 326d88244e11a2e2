/* What `roundel compare` found out, for its reports. */
#ifndef ROUNDEL_BENCH_COMPARE_H
#define ROUNDEL_BENCH_COMPARE_H

#include "contest.h"

struct comparison {
    const char *const *inputs; /* as the user gave them */
    size_t ninputs;
    const char *importance; /* NULL if none was given */
    const char *baseline;   /* name of a rounding, or NULL */
    struct contest contest;
    const struct tensor **tensors; /* those compared */
    size_t ntensors;
    size_t vectors_left_out;             /* 1-D tensors */
    size_t unreadable_left_out;          /* tensors of types that hold no weights for us */
    size_t without_importance;           /* tensors that the importance matrix does not name */
    struct contest_input *tensor_inputs; /* [tensor] */
    struct outcome *outcomes;            /* [tensor * contest.count + contestant] */
    struct outcome *totals;              /* [contestant] */
    uint64_t input_hash;                 /* of the tensors' hashes, in order */
    uint64_t seed;
};

/* Throughput of one thread in millions of weights a second of its CPU time; NaN if nothing was
 * timed. */
double throughput(uint64_t weights, double seconds);

/* The tables; each tensor's too if asked for. */
void comparison_print(const struct comparison *comparison, bool per_tensor);

bool comparison_write_json(const struct comparison *comparison, const char *path,
                           struct error *error);

/* One line a contestant and tensor, then the totals with the tensor name "*". */
bool comparison_write_csv(const struct comparison *comparison, const char *path,
                          struct error *error);

#endif
