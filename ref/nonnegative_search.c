#include "nonnegative_search.h"

#include "nearest.h"

#include <stdbool.h>

#define EPSILON 1e-15f

enum {
    MAX_PASSES = 5
};

static int limited_code(float v, int code_max)
{
    const int code = rdl_nearest_int(v);
    return code < code_max ? code : code_max;
}

static float largest_of(int n, const float *x)
{
    float largest = 0.0f;
    for (int i = 0; i < n; i++)
        if (x[i] > largest)
            largest = x[i];
    return largest;
}

/* The inverse scale of least weighted error among (code_max + s / 10) / largest, s = -4 .. 4. */
static float best_inverse_scale(int n, int code_max, const float *x, const float *w, float largest)
{
    float best_inverse = (float)code_max / largest;
    float scale = 1.0f / best_inverse;
    float best = 0.0f;
    for (int i = 0; i < n; i++) {
        const uint8_t code = (uint8_t)rdl_nearest_int(best_inverse * x[i]);
        const float difference = x[i] - scale * (float)code;
        best += w[i] * difference * difference;
    }
    for (int s = -4; s <= 4; s++) {
        if (s == 0)
            continue;
        const float inverse = (0.1f * (float)s + (float)code_max) / largest;
        scale = 1.0f / inverse;
        float error = 0.0f;
        for (int i = 0; i < n; i++) {
            const float difference = x[i] - scale * (float)limited_code(inverse * x[i], code_max);
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
static bool improve(float x, float w, int code_max, struct fit *fit, uint8_t *code)
{
    struct fit rest = {fit->xl - w * x * (float)*code, fit->l2 - w * (float)*code * (float)*code};
    if (!(rest.xl > 0.0f && rest.l2 > 0.0f))
        return false;
    const int other = limited_code(x * rest.l2 / rest.xl, code_max);
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

float rdl_nonnegative_search(int n, int code_max, const float *x, const float *w, uint8_t *codes)
{
    const float largest = largest_of(n, x);
    if (largest < EPSILON) {
        memset(codes, 0, (size_t)n);
        return 0.0f;
    }
    const float inverse = best_inverse_scale(n, code_max, x, w, largest);
    struct fit fit = {0.0f, 0.0f};
    for (int i = 0; i < n; i++) {
        const int code = limited_code(inverse * x[i], code_max);
        codes[i] = (uint8_t)code;
        fit.xl += w[i] * x[i] * (float)code;
        fit.l2 += w[i] * (float)code * (float)code;
    }
    bool improved = true;
    for (int pass = 0; pass < MAX_PASSES && improved; pass++) {
        improved = false;
        for (int i = 0; i < n; i++)
            improved |= improve(x[i], w[i], code_max, &fit, &codes[i]);
    }
    return fit.l2 > 0.0f ? fit.xl / fit.l2 : 0.0f;
}
