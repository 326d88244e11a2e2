#include "nonnegative_search.h"

#include "block_stats.h"
#include "nearest.h"

enum {
    MAX_PASSES = 5
};

/* What codes are made of. */
struct codes {
    int last;
    bool wraps; /* negative ones do, as bytes */
};

static int code_of(float v, struct codes codes)
{
    if (!codes.wraps)
        return rdl_clamp(rdl_nearest_int(v > 0.0f ? v : 0.0f), 0, codes.last);
    const int code = rdl_nearest_int(v);
    return code < codes.last ? code : codes.last;
}

/* The first candidate has no limit in the reference; where none is negative it needs none. */
static int first_code_of(float v, struct codes codes)
{
    return codes.wraps ? (uint8_t)rdl_nearest_int(v) : code_of(v, codes);
}

static float largest_of(int n, const float *x)
{
    float largest = 0.0f;
    for (int i = 0; i < n; i++)
        if (x[i] > largest)
            largest = x[i];
    return largest;
}

/* The inverse scale of least weighted error among (last code + s / 10) / largest, s = -4 .. 4. */
static float best_inverse_scale(int n, struct codes codes, const float *x, const float *w,
                                float largest)
{
    float best_inverse = (float)codes.last / largest;
    float scale = 1.0f / best_inverse;
    float best = 0.0f;
    for (int i = 0; i < n; i++) {
        const int code = first_code_of(best_inverse * x[i], codes);
        const float difference = x[i] - scale * (float)code;
        best += w[i] * difference * difference;
    }
    for (int s = -4; s <= 4; s++) {
        if (s == 0)
            continue;
        const float inverse = (0.1f * (float)s + (float)codes.last) / largest;
        scale = 1.0f / inverse;
        float error = 0.0f;
        for (int i = 0; i < n; i++) {
            const float difference = x[i] - scale * (float)code_of(inverse * x[i], codes);
            error += w[i] * difference * difference;
        }
        if (error < best) {
            best = error;
            best_inverse = inverse;
        }
    }
    return best_inverse;
}

/* The fit of given codes: scale = xl / l2, explained part xl^2 / l2. */
struct fit {
    float xl, l2;
};

/* Takes element i out, finds its best code for the scale of the rest and puts it back; true if that
 * improves the fit. */
static bool improve(float x, float w, struct codes codes, struct fit *fit, uint8_t *code)
{
    struct fit rest = {fit->xl - w * x * (float)*code, fit->l2 - w * (float)*code * (float)*code};
    if (!(rest.xl > 0.0f && rest.l2 > 0.0f))
        return false;
    const int other = code_of(x * rest.l2 / rest.xl, codes);
    if (other == *code)
        return false;
    rest.xl += w * x * (float)other;
    rest.l2 += w * (float)other * (float)other;
    if (!(rest.xl * rest.xl * fit->l2 > fit->xl * fit->xl * rest.l2))
        return false;
    *fit = rest;
    *code = (uint8_t)other;
    return true;
}

float rdl_nonnegative_search(int n, int code_max, const float *x, const float *w, bool as_reference,
                             uint8_t *codes)
{
    const float largest = largest_of(n, x);
    if (largest < RDL_SEARCH_EPSILON) {
        memset(codes, 0, (size_t)n);
        return 0.0f;
    }
    const struct codes kind = {code_max, as_reference};
    const float inverse = best_inverse_scale(n, kind, x, w, largest);
    struct fit fit = {0.0f, 0.0f};
    for (int i = 0; i < n; i++) {
        const int code = code_of(inverse * x[i], kind);
        codes[i] = (uint8_t)code;
        fit.xl += w[i] * x[i] * (float)code;
        fit.l2 += w[i] * (float)code * (float)code;
    }
    bool improved = true;
    for (int pass = 0; pass < MAX_PASSES && improved; pass++) {
        improved = false;
        for (int i = 0; i < n; i++)
            improved |= improve(x[i], w[i], kind, &fit, &codes[i]);
    }
    return fit.l2 > 0.0f ? fit.xl / fit.l2 : 0.0f;
}
