/* The optimum of a sub-block of the IQ2 and IQ3 formats, by the oracle of vector codebooks. */
#include "codebook_bound.h"

#include "block/oracle_codebook.h"

struct layout {
    const struct rdl_codebook *codebook;
    bool even_signs;
};

static const struct layout layouts[RDL_FORMAT_COUNT] = {
    [RDL_IQ2_XXS] = {&rdl_codebook_iq2_xxs, true}, [RDL_IQ2_XS] = {&rdl_codebook_iq2_xs, true},
    [RDL_IQ2_S] = {&rdl_codebook_iq2_s, false},    [RDL_IQ3_XXS] = {&rdl_codebook_iq3_xxs, true},
    [RDL_IQ3_S] = {&rdl_codebook_iq3_s, false},
};

size_t rdl_codebook_bound_scratch(enum rdl_format format)
{
    const struct rdl_codebook *const codebook = layouts[format].codebook;
    if (!codebook)
        return 0;
    return rdl_codebook_oracle_scratch(codebook, rdl_format_info(format)->sub_block_length);
}

double rdl_codebook_bound(enum rdl_format format, const float *x, const float *weights,
                          void *scratch)
{
    const struct rdl_codebook_block block = {
        .codebook = layouts[format].codebook,
        .even_signs = layouts[format].even_signs,
        .n = rdl_format_info(format)->sub_block_length,
        .x = x,
        .weights = weights,
    };
    struct rdl_codebook_fit fit;
    rdl_codebook_oracle(&block, scratch, &fit);
    return rdl_codebook_error(&block, &fit);
}
