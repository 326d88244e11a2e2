#include "iq4_search.h"

#include "nearest.h"
#include "packing.h"

enum {
    N = RDL_IQ4_SUB_BLOCK
};

static inline float nearest_value(const void *table, float v)
{
    (void)table;
    return (float)rdl_codebook_iq4_nl[rdl_nearest_iq4_nl(v)];
}

float rdl_iq4_fit_scale(const float *x, const float *w, float inverse_scale)
{
    const struct rdl_table_search problem = rdl_iq4_problem(nearest_value, x, w);
    return rdl_table_fit(&problem, inverse_scale).scale;
}

float rdl_iq4_search(const float *x, const float *w)
{
    return rdl_iq4_search_with(nearest_value, x, w);
}

float rdl_iq4_extreme_scale(const float *x)
{
    float extreme;
    if (rdl_signed_absmax(N, x, &extreme) < RDL_SEARCH_EPSILON)
        return 0.0f;
    return extreme / (float)rdl_codebook_iq4_nl[0];
}

void rdl_iq4_decode(float scale, const uint8_t *nibbles, float *x)
{
    uint8_t codes[N];
    rdl_block_nibbles_unpack(nibbles, codes);
    for (int i = 0; i < N; i++)
        x[i] = scale * (float)rdl_codebook_iq4_nl[codes[i]];
}
