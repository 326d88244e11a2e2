/*
 * Rows, signs and codes of the scales of a super-block for a d as stored, by all rows.
 */
#ifndef RDL_REF_SEARCH_CODEBOOK_CHOICE_H
#define RDL_REF_SEARCH_CODEBOOK_CHOICE_H

#include "search/codebook_scales.h"

/* What a sub-block takes at a decoder's scale. */
struct rdl_code_choice {
    struct rdl_unit_choice units[RDL_CODEBOOK_MAX_SUB_BLOCK / RDL_SIGN_GROUP];
    double error; /* of x */
    uint8_t code;
};

/* With these codes; fills one choice for every sub-block. */
void rdl_choose_code_rows(const struct rdl_code_rows *rows,
                          const struct rdl_code_super_block *block, uint16_t d,
                          const uint8_t *codes, struct rdl_code_choice *choices);

/* Makes the code of every sub-block that counts the best of all, of equals the lowest. */
void rdl_try_other_codes(const struct rdl_code_rows *rows, const struct rdl_code_super_block *block,
                         uint16_t d, struct rdl_code_choice *choices);

#endif
