/*
 * The best real scale of a sub-block on a vector codebook by exclusion: Theorem 1 of
 * notes/exact-search.md, which needs no more than the least error at some scales. An alternative to
 * the envelopes that the encoders use (codebook_envelope.h), kept to be measured against them:
 * notes/codebook-exact.md.
 */
#ifndef RDL_REF_SEARCH_CODEBOOK_EXCLUSION_H
#define RDL_REF_SEARCH_CODEBOOK_EXCLUSION_H

#include "search/codebook_envelope.h"

enum {
    RDL_EXCLUSION_UNITS = 4
};

struct rdl_exclusion_problem {
    int units;
    /* Each with lines of its own, filled. */
    struct rdl_code_rows rows[RDL_EXCLUSION_UNITS];
    struct rdl_unit unit[RDL_EXCLUSION_UNITS];
    /* Inverse scales to begin with: rising, positive. */
    const double *points;
    int count;
    int rounds; /* of points in the middle of gaps */
};

struct rdl_exclusion_result {
    double scale, error;
    int points; /* at which all units were looked at */
    int gaps;   /* that were left */
};

void rdl_exclude_scales(const struct rdl_exclusion_problem *problem,
                        struct rdl_exclusion_result *result);

#endif
