#include "symmetric_search.h"

#include "block_stats.h"
#include "nearest.h"

enum {
    TRIES = 9
};

struct search {
    int n;
    struct rdl_levels range;
    const float *x, *w;
    float wx[RDL_SYMMETRIC_MAX_LENGTH];
    /* Of the candidate, as floats: the sums want them so, and one conversion serves both. */
    float levels[RDL_SYMMETRIC_MAX_LENGTH];
    uint8_t *codes; /* the best ones */
    struct rdl_symmetric_fit best;
};

static int level_of(float v, struct rdl_levels range)
{
    return rdl_clamp(rdl_nearest_int(v), range.first, range.last);
}

/* Sets the levels of a candidate; its fit has no scale yet. */
static struct rdl_symmetric_fit code(struct search *search, float inverse_scale)
{
    for (int i = 0; i < search->n; i++)
        search->levels[i] = (float)level_of(inverse_scale * search->x[i], search->range);
    struct rdl_symmetric_fit fit = {.xl = 0.0f, .l2 = 0.0f};
    for (int i = 0; i < search->n; i++) {
        fit.xl += search->wx[i] * search->levels[i];
        fit.l2 += search->w[i] * search->levels[i] * search->levels[i];
    }
    return fit;
}

static void take(struct search *search, struct rdl_symmetric_fit fit)
{
    for (int i = 0; i < search->n; i++)
        search->codes[i] = (uint8_t)((int)search->levels[i] - search->range.first);
    fit.scale = fit.l2 != 0.0f ? fit.xl / fit.l2 : 0.0f;
    fit.explained = fit.scale * fit.xl;
    search->best = fit;
}

static void try_inverse(struct search *search, float inverse_scale)
{
    const struct rdl_symmetric_fit fit = code(search, inverse_scale);
    if (fit.l2 > 0.0f && fit.xl * fit.xl > search->best.explained * fit.l2)
        take(search, fit);
}

/* The first candidate's codes are taken even if they explain nothing. Without the other end, s = 0
 * would repeat it. */
struct rdl_symmetric_fit rdl_symmetric_scan(int n, struct rdl_levels levels, const float *x,
                                            const float *w, float extreme, bool both_ends,
                                            uint8_t *codes)
{
    struct search search;
    search.n = n;
    search.range = levels;
    search.x = x;
    search.w = w;
    search.codes = codes;
    for (int i = 0; i < n; i++)
        search.wx[i] = w[i] * x[i];
    const int end = rdl_levels_end(levels);
    const float to_end = end < 0 ? -extreme : extreme, magnitude = (float)(end < 0 ? -end : end);
    take(&search, code(&search, magnitude / to_end));
    for (int s = -TRIES; s <= TRIES; s++) {
        const float step = 0.1f * (float)s;
        if (s != 0)
            try_inverse(&search, (magnitude + step) / to_end);
        if (both_ends)
            try_inverse(&search, ((float)levels.last + step) / extreme);
    }
    return search.best;
}

float rdl_symmetric_search(int n, struct rdl_levels levels, const float *x, const float *w,
                           uint8_t *codes)
{
    float extreme;
    if (rdl_signed_absmax(n, x, &extreme) < RDL_SEARCH_EPSILON) {
        memset(codes, 0, (size_t)n);
        return 0.0f;
    }
    return rdl_symmetric_scan(n, levels, x, w, extreme, false, codes).scale;
}

float rdl_symmetric_extreme_scale(int n, int half_range, const float *x)
{
    float extreme;
    if (rdl_signed_absmax(n, x, &extreme) < RDL_SEARCH_EPSILON)
        return 0.0f;
    return extreme / -(float)half_range;
}

void rdl_symmetric_codes(int n, int half_range, const float *x, float scale, uint8_t *codes)
{
    const struct rdl_levels levels = rdl_symmetric_levels(half_range);
    for (int i = 0; i < n; i++)
        codes[i] = (uint8_t)(level_of(x[i] / scale, levels) + half_range);
}
