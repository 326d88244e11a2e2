/*
 * A vector codebook cut in two. The cost of a row is the sum of the costs of its halves, and there
 * are few different halves, 81 or 64: four weights of three levels, two of eight. As rows are
 * sorted by their last half first (codebooks.h), all with the same last half follow each other: of
 * such a run only the row with the least first half can be the least of all, so that a row costs
 * one comparison and a run the addition. Long runs are cut, so that it is short work to look at all
 * rows of one.
 */
#ifndef RDL_HALVED_CODEBOOK_H
#define RDL_HALVED_CODEBOOK_H

#include "codebooks.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    RDL_HALF_POINTS = 81, /* at most */
    RDL_HALVED_ROWS = 1024,
    RDL_RUN_ROWS = 4, /* at most */
    RDL_RUNS = RDL_HALF_POINTS + RDL_HALVED_ROWS / RDL_RUN_ROWS,
    RDL_HALVED_LEVELS = 8,
    RDL_HALF_STEP = 16
};

/* A half is the number of its levels, the first weight's the lowest digit, times RDL_HALF_STEP: the
 * place of its costs where 16 groups follow each other. */
struct rdl_halved_codebook {
    size_t rows, runs;
    size_t half_length, levels;
    float magnitudes[RDL_HALVED_LEVELS];
    uint16_t begin[RDL_RUNS + 1];           /* row of a run; `rows` behind the last one */
    uint16_t last[RDL_RUNS];                /* half of all rows of a run */
    uint16_t first[RDL_RUNS][RDL_RUN_ROWS]; /* halves of its rows; shorter runs repeat the last */
};

/* Of magnitudes, with 3 or 8 levels. */
void rdl_halve_codebook(const struct rdl_codebook *codebook, struct rdl_halved_codebook *halved);

#endif
