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

/* Takes one element out, finds its best level for the scale of the rest and puts it back; true if
 * that improves the fit. `sign` is that of the scale. */
static bool improve(float x, int half_range, float sign, struct fit *fit, int8_t *level)
{
    const float w = x * x;
    struct fit rest = {fit->xl - w * x * (float)*level,
                       fit->l2 - w * (float)*level * (float)*level};
    if (!(rest.xl * sign > 0.0f))
        return false;
    const int other =
        rdl_clamp(rdl_nearest_int(x * rest.l2 / rest.xl), -half_range, half_range - 1);
    if (other == *level)
        return false;
    rest.xl += w * x * (float)other;
    rest.l2 += w * (float)other * (float)other;
    if (!(rest.l2 > 0.0f && rest.xl * rest.xl * fit->l2 > fit->xl * fit->xl * rest.l2))
        return false;
    *fit = rest;
    *level = (int8_t)other;
    return true;
}

float rdl_symmetric_descent(int n, int half_range, const float *x, bool as_reference,
                            uint8_t *codes)
{
    float extreme;
    if (rdl_signed_absmax(n, x, &extreme) < RDL_SYMMETRIC_EPSILON) {
        memset(codes, 0, (size_t)n);
        return 0.0f;
    }
    const float inverse = -(float)half_range / extreme;
    int8_t levels[RDL_SYMMETRIC_MAX_LENGTH];
    struct fit fit = {0.0f, 0.0f};
    for (int i = 0; i < n; i++) {
        levels[i] = (int8_t)rdl_clamp(rdl_nearest_int(inverse * x[i]), -half_range, half_range - 1);
        const float w = x[i] * x[i], level = (float)levels[i];
        fit.xl += w * x[i] * level;
        fit.l2 += w * level * level;
    }
    const float sign = as_reference || extreme < 0.0f ? 1.0f : -1.0f;
    bool improved = true;
    for (int pass = 0; pass < MAX_PASSES && improved; pass++) {
        improved = false;
        for (int i = 0; i < n; i++)
            improved |= improve(x[i], half_range, sign, &fit, &levels[i]);
    }
    for (int i = 0; i < n; i++)
        codes[i] = (uint8_t)(levels[i] + half_range);
    return fit.l2 > 0.0f ? fit.xl / fit.l2 : 0.0f;
}
