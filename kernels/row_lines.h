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
    RDL_PART_LEVELS = 16,
    RDL_MAX_ROWS = 1024
};

/* The magnitudes of the two weights of a part, or of its one and 0, by the levels of the part; 0
 * for levels that there are not. Integers. */
struct rdl_part_levels {
    float low[RDL_PART_LEVELS], high[RDL_PART_LEVELS];
};

/* Rows are a multiple of 16, groups of 4 weights or 8. */
struct rdl_row_lines {
    /*
     * Lines of a group with these products w x and factors. Of the parts, with weights i and j (or
     * one): a and b are (wx_i g_i + wx_j g_j), (w_i g_i^2 + w_j g_j^2); of the row they are (part 0
     * + part 1) + (part 2 + part 3). If `wrong` is not NULL, it is a - 2 min wx g.
     */
    void (*fill)(size_t rows, const uint16_t *words, size_t length,
                 const struct rdl_part_levels *levels, const float *wx, const float *w, float *a,
                 float *b, float *wrong);
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
