/* A group of weights that takes a row of a vector codebook, for the oracle: oracle_codebook.h. */
#ifndef RDL_REF_ORACLE_GROUP_H
#define RDL_REF_ORACLE_GROUP_H

#include "block/oracle_codebook.h"

struct rdl_codebook_group {
    const struct rdl_codebook *codebook;
    /* Of the magnitudes: factor, factor * |x|, |x|. */
    double w[RDL_CODEBOOK_UNIT], wx[RDL_CODEBOOK_UNIT], x[RDL_CODEBOOK_UNIT];
};

static inline int rdl_groups_per_unit(const struct rdl_codebook *codebook)
{
    return RDL_CODEBOOK_UNIT / codebook->length;
}

static inline const uint8_t *rdl_codebook_row(const struct rdl_codebook *codebook, int row)
{
    return (const uint8_t *)codebook->entries + (size_t)row * codebook->length;
}

struct rdl_codebook_group rdl_codebook_group_at(const struct rdl_codebook_block *block, size_t unit,
                                                int group);

/* The weight whose wrong sign costs least with this row, the first of equals. */
int rdl_cheapest_flip(const struct rdl_codebook_group *group, const uint8_t *row);

/* One of the signs of these 8 weights must be wrong. */
bool rdl_needs_flip(const struct rdl_codebook_block *block, size_t unit);

#endif
