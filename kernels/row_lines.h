/*
 * The rows of a vector codebook as lines, for searches that look at all rows of a group of weights.
 *
 * A group with magnitudes x and factors w that takes the row g of magnitudes at scale s has the
 * error
 *
 *     sum w x^2 - s^2 (t a - b),    a = sum w x g,  b = sum w g^2,  t = 2 / s
 *
 * so that the nearest row is the highest of the lines t a - b at t. If one weight must have the
 * wrong sign, the cheapest one takes 2 min w x g from a.
 *
 * Codebooks are given by the words of codebook_levels.h: four parts of four bits, each the levels
 * of two weights, or of one.
 *
 * Sums have one order, so that all targets have the same bits.
 */
#ifndef RDL_ROW_LINES_H
#define RDL_ROW_LINES_H

#include "roundel.h"

enum {
    RDL_ROW_PARTS = 4,
    RDL_PART_LEVELS = 16,
    RDL_MAX_ROWS = 1024
};

/* Of every part, for each of its levels: w x g and w g^2, summed over its weights; the least w x g.
 * Levels that there are not are never looked at. */
struct rdl_row_tables {
    float a[RDL_ROW_PARTS][RDL_PART_LEVELS];
    float b[RDL_ROW_PARTS][RDL_PART_LEVELS];
    float least[RDL_ROW_PARTS][RDL_PART_LEVELS];
};

/* Rows are a multiple of 16. */
struct rdl_row_lines {
    /* The parts as (0 + 1) + (2 + 3). */
    void (*fill)(size_t rows, const uint16_t *words, const struct rdl_row_tables *tables, float *a,
                 float *b);
    /* wrong = a - 2 * least */
    void (*flip)(size_t rows, const uint16_t *words, const struct rdl_row_tables *tables,
                 const float *a, float *wrong);
    /* The highest line at each of 1 to 4 points, the first of equals: t a, rounded, less b. */
    void (*highest)(size_t rows, const float *a, const float *b, size_t count, const float *t,
                    uint16_t *highest);
    /* The rows of at least this height at t, in ascending order; returns their number. */
    size_t (*above)(size_t rows, const float *a, const float *b, float t, float height,
                    uint16_t *list);
};

/* NULL for a target that this build has not. */
const struct rdl_row_lines *rdl_row_lines_of(enum rdl_target target);

#endif
