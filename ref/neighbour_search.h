/*
 * Rounding a sub-block to rows of a vector codebook, and the scale that fits the result: the steps
 * that the searches of the IQ2 and IQ3 formats repeat. They work with levels l and the odd numbers
 * 2 l + 1 in place of the magnitudes of the codebook, to which these are nearly proportional.
 * Specification: quantizers, sections 7.3, 7.5 and 7.6 (LEVEL, MAP, FIT).
 */
#ifndef RDL_REF_NEIGHBOUR_SEARCH_H
#define RDL_REF_NEIGHBOUR_SEARCH_H

#include "neighbours.h"

enum {
    RDL_CODEBOOK_MAX_SUB_BLOCK = 32,
    RDL_CODEBOOK_MAX_GROUPS = 8 /* of a sub-block */
};

/* What is searched: the magnitudes of a sub-block and their weights. */
struct rdl_codebook_target {
    struct rdl_neighbours neighbours;
    int length; /* 16 or 32 weights */
    int group;  /* 8 or 4 of them share a row */
    float largest;
    float magnitudes[RDL_CODEBOOK_MAX_SUB_BLOCK];
    float weights[RDL_CODEBOOK_MAX_SUB_BLOCK];
    float roots[RDL_CODEBOOK_MAX_SUB_BLOCK]; /* of the weights: they weigh the choice of a row */
};

/* A row for each group. */
struct rdl_codebook_choice {
    uint16_t rows[RDL_CODEBOOK_MAX_GROUPS];
    uint8_t levels[RDL_CODEBOOK_MAX_SUB_BLOCK];
    unsigned off_grid; /* set of the groups whose rounded levels are no row */
};

#define RDL_ALL_GROUPS 0xFFu

/*
 * Rounds each magnitude to the level nearest to it in units of the scale, then chooses for each
 * group of the set `groups` the row with these levels, or the neighbour of least error: sum of
 * root (scale (2 l + 1) - magnitude)^2. Other groups of the choice stay as they are.
 */
void rdl_choose_rows(const struct rdl_codebook_target *target, float inverse_scale, float scale,
                     unsigned groups, struct rdl_codebook_choice *choice);

/* Sums of the least-squares scale of a choice: scale = xl / l2, explained part xl^2 / l2. */
struct rdl_codebook_fit {
    float xl, l2;
};
struct rdl_codebook_fit rdl_fit_choice(const struct rdl_codebook_target *target,
                                       const struct rdl_codebook_choice *choice);

#endif
