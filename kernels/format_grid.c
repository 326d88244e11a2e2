/* The grids of formats whose weights choose their codes one by one. */
#include "format_grid.h"

#include "codebooks.h"

/* Twice the E2M1 values; its scale is a power of two, which is positive. */
static const float mxfp4[15] = {-12.0f, -8.0f, -6.0f, -4.0f, -3.0f, -2.0f, -1.0f, 0.0f,
                                1.0f,   2.0f,  3.0f,  4.0f,  6.0f,  8.0f,  12.0f};

/* All that the bits of a code can say, for searches and bounds alike: ggml's own encoders use
 * neither -128 in Q8_0 nor 2 in TQ2_0. */
const struct rdl_block_grid rdl_format_grids[RDL_FORMAT_COUNT] = {
    [RDL_Q8_0] = {RDL_BLOCK_SIGNED, 256, -128, NULL},
    [RDL_Q4_K] = {RDL_BLOCK_AFFINE, 16, 0, NULL},
    [RDL_Q5_K] = {RDL_BLOCK_AFFINE, 32, 0, NULL},
    [RDL_IQ4_NL] = {RDL_BLOCK_SIGNED, 16, 0, rdl_iq4_nl_values},
    [RDL_Q2_K] = {RDL_BLOCK_AFFINE, 4, 0, NULL},
    [RDL_Q3_K] = {RDL_BLOCK_SIGNED, 8, -4, NULL},
    [RDL_Q6_K] = {RDL_BLOCK_SIGNED, 64, -32, NULL},
    [RDL_IQ4_XS] = {RDL_BLOCK_SIGNED, 16, 0, rdl_iq4_nl_values},
    [RDL_Q4_0] = {RDL_BLOCK_SIGNED, 16, -8, NULL},
    [RDL_Q5_0] = {RDL_BLOCK_SIGNED, 32, -16, NULL},
    [RDL_MXFP4] = {RDL_BLOCK_POSITIVE, 15, 0, mxfp4},
    [RDL_TQ1_0] = {RDL_BLOCK_SIGNED, 3, -1, NULL},
    [RDL_TQ2_0] = {RDL_BLOCK_SIGNED, 4, -1, NULL},
};

bool rdl_format_grid(enum rdl_format format, struct rdl_block_grid *grid)
{
    if ((unsigned)format >= RDL_FORMAT_COUNT || rdl_format_grids[format].count == 0)
        return false;
    *grid = rdl_format_grids[format];
    return true;
}
