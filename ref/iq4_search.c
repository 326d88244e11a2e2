#include "iq4_search.h"

#include "block_stats.h"
#include "nearest.h"
#include "packing.h"

enum {
    N = RDL_IQ4_SUB_BLOCK,
    TRIES = 7
};

struct rdl_iq4_sums rdl_iq4_fit(const float *x, const float *w, float inverse_scale)
{
    float values[N];
    for (int i = 0; i < N; i++)
        values[i] = (float)rdl_codebook_iq4_nl[rdl_nearest_iq4_nl(inverse_scale * x[i])];
    struct rdl_iq4_sums sums = {0.0f, 0.0f};
    for (int i = 0; i < N; i++) {
        const float weighted = w[i] * values[i];
        sums.numerator += weighted * x[i];
        sums.denominator += weighted * values[i];
    }
    return sums;
}

float rdl_iq4_search(const float *x, const float *w)
{
    const float first = (float)rdl_codebook_iq4_nl[0];
    float extreme;
    if (rdl_signed_absmax(N, x, &extreme) < RDL_IQ4_EPSILON)
        return 0.0f;
    /* The first coding sends the extreme element to +127, beyond the table's last entry; the scan
     * sends it to -127 and its surroundings. */
    struct rdl_iq4_sums sums = rdl_iq4_fit(x, w, 1.0f / (-extreme / first));
    float scale = sums.denominator > 0.0f ? sums.numerator / sums.denominator : 0.0f;
    float best = scale * sums.numerator;
    for (int t = -TRIES; t <= TRIES; t++) {
        sums = rdl_iq4_fit(x, w, ((float)t + first) / extreme);
        if (sums.denominator > 0.0f && sums.numerator * sums.numerator > best * sums.denominator) {
            scale = sums.numerator / sums.denominator;
            best = scale * sums.numerator;
        }
    }
    return scale;
}

float rdl_iq4_extreme_scale(const float *x)
{
    float extreme;
    if (rdl_signed_absmax(N, x, &extreme) < RDL_IQ4_EPSILON)
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
