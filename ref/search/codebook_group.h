/*
 * The rows of a vector codebook that a group of weights, or a unit of eight weights that share a
 * parity of signs, can take: as lines (row_lines.h), and the nearest one for values as stored.
 */
#ifndef RDL_REF_SEARCH_CODEBOOK_GROUP_H
#define RDL_REF_SEARCH_CODEBOOK_GROUP_H

#include "codebooks.h"
#include "least_rows.h"
#include "row_lines.h"
#include "sign_parity.h"

enum {
    RDL_MAX_LEVELS = 8,
    RDL_UNIT_SEARCHES = 32 /* together */
};

/* Weights of a sub-block are near 1, so that points t = 2 / scale beyond this are those of scales
 * that nobody wants; products with t stay finite. */
#define RDL_LAST_POINT 0x1p100

/* A codebook as searches see it. */
struct rdl_code_rows {
    const struct rdl_row_lines *lines;
    rdl_least_rows_fn *least;
    struct rdl_halved_codebook halved;
    const uint16_t *words;
    size_t rows;
    int length, bits; /* of a group: weights; of a word: bits of a weight */
    double magnitudes[RDL_MAX_LEVELS];
    struct rdl_part_levels levels;
    float *a[2], *wrong[2], *b[2]; /* lines of the groups of a unit, `rows` each */
};

/* Eight weights. */
struct rdl_unit {
    const double *w, *x; /* factors, magnitudes */
    bool odd;            /* one sign must be wrong */
};

/* What a unit takes. */
struct rdl_unit_choice {
    uint16_t rows[2]; /* of its groups */
    int flipped;      /* the weight of wrong sign, or -1 */
    double error;
};

/* Floats that the lines of a unit take. */
size_t rdl_code_rows_floats(const struct rdl_codebook *codebook);

struct rdl_code_rows rdl_code_rows(const struct rdl_codebook *codebook, const uint16_t *words,
                                   enum rdl_target target, float *floats);

/* Fills the lines of the groups. */
void rdl_fill_lines(const struct rdl_code_rows *rows, const struct rdl_unit *unit);

/* A unit and the values it is to take. */
struct rdl_unit_search {
    struct rdl_unit unit;
    double scale;         /* > 0 */
    const double *values; /* of the levels: scale * magnitude to within a rounding of binary32 */
    struct rdl_unit_choice *choice;
};

/*
 * The rows and the wrong sign of least error sum w (x - sign value)^2 in binary64, for up to
 * RDL_UNIT_SEARCHES units. Ties: the first row, the first weight, the first group. Lines are used
 * up.
 */
void rdl_nearest_rows(const struct rdl_code_rows *rows, int count,
                      const struct rdl_unit_search *searches);

#endif
