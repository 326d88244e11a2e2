/* The nearest rows of a vector codebook, at one scale of every group, as cases of roundel-bench. */
#ifndef ROUNDEL_BENCH_ROW_CASES_H
#define ROUNDEL_BENCH_ROW_CASES_H

#include "error.h"
#include "roundel.h"

/*
 *   nearest_row/FORMAT[+sign]/TARGET
 *
 * Finds the rows of gaussian groups with log-normal factors at scales near the best ones; with
 * `+sign`, in formats that store seven of eight signs, one weight must have the wrong sign. Items
 * are groups, of 8 weights or 4.
 */
struct row_case {
    enum rdl_format format;
    enum rdl_target target;
    bool wrong;
};

enum {
    ROW_FORMATS = 5,
    ROW_CASES = 2 * ROW_FORMATS * RDL_TARGET_COUNT
};

struct row_cases {
    struct row_case cases[ROW_CASES];
    size_t count;
};

/* Registers all that exist on `targets` with Google Benchmark; the list must outlive its run. */
bool row_cases_register(struct row_cases *cases, unsigned targets, struct error *error);

#endif
