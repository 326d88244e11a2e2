/* The formats of IQ2 and IQ3 as tests of their searches see them. */
#ifndef ROUNDEL_TESTS_CODEBOOK_CASES_H
#define ROUNDEL_TESTS_CODEBOOK_CASES_H

#include "codebook_levels.h"
#include "codebooks.h"
#include "gap_blocks.h"
#include "roundel.h"

struct format {
    enum rdl_format format;
    const struct rdl_codebook *codebook;
    const uint16_t *words;
    bool even_signs;
    size_t sub_block;
    double unit, sigma2_factor, share; /* of the scale; of ggml's weights */
    bool root;
};

static const struct format formats[] = {
    {RDL_IQ2_XXS, &rdl_codebook_iq2_xxs, rdl_levels_iq2_xxs, true, 32, 0.125, 1.0, 1.0, true},
    {RDL_IQ2_XS, &rdl_codebook_iq2_xs, rdl_levels_iq2_xs, true, 16, 0.125, 1.0, 1.0, true},
    {RDL_IQ2_S, &rdl_codebook_iq2_s, rdl_levels_iq2_s, false, 16, 0.125, 2.0, 0.25, false},
    {RDL_IQ3_XXS, &rdl_codebook_iq3_xxs, rdl_levels_iq3_xxs, true, 32, 0.25, 2.0, 0.0, false},
    {RDL_IQ3_S, &rdl_codebook_iq3_s, rdl_levels_iq3_s, false, 32, 1.0, 2.0, 0.0, false},
};

enum {
    FORMATS = sizeof formats / sizeof formats[0]
};

static inline double uniform(struct gap_source *source)
{
    return (double)(gap_source_word(source) >> 11) * 0x1p-53;
}

#endif
