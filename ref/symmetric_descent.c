#include "symmetric_search.h"

#include "block_stats.h"
#include "nearest.h"

enum {
    MAX_PASSES = 5
};

/* scale = xl / l2, explained part xl^2 / l2. */
struct fit {
    float xl, l2;
};

static float level_of(float v, struct rdl_levels levels)
{
    return (float)rdl_clamp(rdl_nearest_int(v), levels.first, levels.last);
}

/* Takes one element out, finds its best level for the scale of the rest and puts it back; true if
 * that improves the fit. `sign` is that of the scale. */
static bool improve(float x, struct rdl_levels levels, float sign, struct fit *fit, float *level)
{
    const float w = x * x;
    struct fit rest = {fit->xl - w * x * *level, fit->l2 - w * *level * *level};
    if (!(rest.xl * sign > 0.0f))
        return false;
    const float other = level_of(x * rest.l2 / rest.xl, levels);
    if (other == *level)
        return false;
    rest.xl += w * x * other;
    rest.l2 += w * other * other;
    if (!(rest.l2 > 0.0f && rest.xl * rest.xl * fit->l2 > fit->xl * fit->xl * rest.l2))
        return false;
    *fit = rest;
    *level = other;
    return true;
}

float rdl_symmetric_descent(int n, struct rdl_levels range, const float *x, bool as_reference,
                            uint8_t *codes)
{
    float extreme;
    if (rdl_signed_absmax(n, x, &extreme) < RDL_SEARCH_EPSILON) {
        memset(codes, 0, (size_t)n);
        return 0.0f;
    }
    const float inverse = (float)rdl_levels_end(range) / extreme;
    float levels[RDL_SYMMETRIC_MAX_LENGTH];
    struct fit fit = {0.0f, 0.0f};
    for (int i = 0; i < n; i++) {
        levels[i] = level_of(inverse * x[i], range);
        const float w = x[i] * x[i];
        fit.xl += w * x[i] * levels[i];
        fit.l2 += w * levels[i] * levels[i];
    }
    const float sign = as_reference || inverse > 0.0f ? 1.0f : -1.0f;
    bool improved = true;
    for (int pass = 0; pass < MAX_PASSES && improved; pass++) {
        improved = false;
        for (int i = 0; i < n; i++)
            improved |= improve(x[i], range, sign, &fit, &levels[i]);
    }
    for (int i = 0; i < n; i++)
        codes[i] = (uint8_t)((int)levels[i] - range.first);
    return fit.l2 > 0.0f ? fit.xl / fit.l2 : 0.0f;
}
