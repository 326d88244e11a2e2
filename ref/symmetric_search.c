#include "symmetric_search.h"

#include "block_stats.h"
#include "nearest.h"

enum {
    TRIES = 9
};

/* The sums of a coding: scale = xl / l2, explained part xl^2 / l2. */
struct fit {
    float xl, l2;
};

static int level_of(float v, int half_range)
{
    return rdl_clamp(rdl_nearest_int(v), -half_range, half_range - 1);
}

/* Levels as floats: the sums want them so, and one conversion serves both. */
static void round_levels(int n, int half_range, const float *x, float inverse_scale, float *levels)
{
    for (int i = 0; i < n; i++)
        levels[i] = (float)level_of(inverse_scale * x[i], half_range);
}

static struct fit fit_levels(int n, const float *wx, const float *w, const float *levels)
{
    struct fit fit = {0.0f, 0.0f};
    for (int i = 0; i < n; i++) {
        fit.xl += wx[i] * levels[i];
        fit.l2 += w[i] * levels[i] * levels[i];
    }
    return fit;
}

static void store_codes(int n, int half_range, const float *levels, uint8_t *codes)
{
    for (int i = 0; i < n; i++)
        codes[i] = (uint8_t)((int)levels[i] + half_range);
}

float rdl_symmetric_search(int n, int half_range, const float *x, const float *w, uint8_t *codes)
{
    float extreme;
    if (rdl_signed_absmax(n, x, &extreme) < RDL_SYMMETRIC_EPSILON) {
        memset(codes, 0, (size_t)n);
        return 0.0f;
    }
    float wx[RDL_SYMMETRIC_MAX_LENGTH], levels[RDL_SYMMETRIC_MAX_LENGTH];
    for (int i = 0; i < n; i++)
        wx[i] = w[i] * x[i];
    round_levels(n, half_range, x, -(float)half_range / extreme, levels);
    store_codes(n, half_range, levels, codes);
    struct fit fit = fit_levels(n, wx, w, levels);
    float scale = fit.l2 != 0.0f ? fit.xl / fit.l2 : 0.0f;
    float best = scale * fit.xl;
    for (int s = -TRIES; s <= TRIES; s++) {
        if (s == 0)
            continue;
        const float inverse = -((float)half_range + 0.1f * (float)s) / extreme;
        round_levels(n, half_range, x, inverse, levels);
        fit = fit_levels(n, wx, w, levels);
        if (fit.l2 > 0.0f && fit.xl * fit.xl > best * fit.l2) {
            store_codes(n, half_range, levels, codes);
            scale = fit.xl / fit.l2;
            best = scale * fit.xl;
        }
    }
    return scale;
}

float rdl_symmetric_extreme_scale(int n, int half_range, const float *x)
{
    float extreme;
    if (rdl_signed_absmax(n, x, &extreme) < RDL_SYMMETRIC_EPSILON)
        return 0.0f;
    return extreme / -(float)half_range;
}

void rdl_symmetric_codes(int n, int half_range, const float *x, float scale, uint8_t *codes)
{
    for (int i = 0; i < n; i++)
        codes[i] = (uint8_t)(level_of(x[i] / scale, half_range) + half_range);
}
