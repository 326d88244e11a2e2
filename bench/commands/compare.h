/* What `roundel compare` found out, for its reports. */
#ifndef ROUNDEL_BENCH_COMPARE_H
#define ROUNDEL_BENCH_COMPARE_H

#include "contest.h"
#include "output.h"

struct compare_settings;

/* Of all threads together on one tensor, in millions of weights a second of real time; NaN for a
 * contestant that was not timed. */
struct throughput {
    double quantize, dequantize;
};

struct comparison {
    const char *const *inputs; /* as the user gave them */
    size_t ninputs;
    const char *importance;            /* the file of either; NULL if none was given */
    const struct imatrix *imatrix;     /* factors of columns, or */
    const struct tensor_list *factors; /* of weights; NULL */
    const char *baseline;              /* name of a rounding, or NULL */
    struct contest contest;
    const struct tensor **tensors; /* those compared */
    size_t ntensors;
    size_t vectors_left_out;             /* 1-D tensors */
    size_t unreadable_left_out;          /* tensors of types that hold no weights for us */
    size_t without_importance;           /* tensors that the file of importance does not name */
    struct contest_input *tensor_inputs; /* [tensor] */
    struct outcome *outcomes;            /* [tensor * contest.count + contestant] */
    struct outcome *totals;              /* [contestant] */
    uint64_t input_hash;                 /* of the tensors' hashes, in order */
    uint64_t seed;
    bool histograms;                   /* in the JSON report */
    struct throughput *throughputs;    /* [contestant]; NULL if they were not asked for */
    const struct tensor *timed_tensor; /* on which they were measured */
};

/* Millions of weights a second; NaN if nothing was timed. */
double mweights_per_second(uint64_t weights, double seconds);

/* Chooses the tensors to compare; comparison->tensors has room for all. False if none is left. */
bool comparison_select(struct comparison *comparison, const struct compare_settings *settings,
                       const struct tensor_list *list, struct error *error);

/*
 * The factors of a tensor, none if the file of importance does not name it. A file that holds one
 * tensor of factors need not name the only tensor that is compared. False if their shapes differ.
 */
bool comparison_factors(const struct comparison *comparison, const struct tensor *tensor,
                        struct factors *factors, struct error *error);

/* False if the file of importance names none of the tensors. */
bool comparison_check_importance(const struct comparison *comparison, struct error *error);

/* After the contest: false if no contestant took part on any tensor. */
bool comparison_check_ran(const struct comparison *comparison, struct error *error);

/* The tables; each tensor's too if asked for. */
void comparison_print(const struct comparison *comparison, bool per_tensor);

/* These end the output. */
bool comparison_write_json(const struct comparison *comparison, struct output *output,
                           struct error *error);

/* One line a contestant and tensor, then the totals with the tensor name "*". */
bool comparison_write_csv(const struct comparison *comparison, struct output *output,
                          struct error *error);

#endif
