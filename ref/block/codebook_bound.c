/* The optimum of a sub-block of the formats with vector codebooks, by their oracles. */
#include "codebook_bound.h"

#include "block/oracle_codebook.h"
#include "block/oracle_iq1.h"

struct layout {
    const struct rdl_codebook *codebook;
    bool even_signs;
};

static const struct layout layouts[RDL_FORMAT_COUNT] = {
    [RDL_IQ2_XXS] = {&rdl_codebook_iq2_xxs, true}, [RDL_IQ2_XS] = {&rdl_codebook_iq2_xs, true},
    [RDL_IQ2_S] = {&rdl_codebook_iq2_s, false},    [RDL_IQ3_XXS] = {&rdl_codebook_iq3_xxs, true},
    [RDL_IQ3_S] = {&rdl_codebook_iq3_s, false},
};

static bool is_iq1(enum rdl_format format)
{
    return format == RDL_IQ1_S || format == RDL_IQ1_M;
}

size_t rdl_codebook_bound_scratch(enum rdl_format format)
{
    const size_t length = rdl_format_info(format)->sub_block_length;
    return is_iq1(format) ? rdl_iq1_oracle_scratch(length)
                          : rdl_codebook_oracle_scratch(layouts[format].codebook, length);
}

double rdl_codebook_bound(enum rdl_format format, const float *x, const float *weights,
                          void *scratch)
{
    const size_t length = rdl_format_info(format)->sub_block_length;
    if (is_iq1(format))
        return rdl_iq1_oracle_error(length, x, weights, format == RDL_IQ1_S, scratch);
    const struct rdl_codebook_block block = {
        .codebook = layouts[format].codebook,
        .even_signs = layouts[format].even_signs,
        .n = length,
        .x = x,
        .weights = weights,
    };
    struct rdl_codebook_fit fit;
    rdl_codebook_oracle(&block, scratch, &fit);
    return rdl_codebook_error(&block, &fit);
}
