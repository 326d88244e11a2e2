#include "affine_search.h"

#include "nearest.h"

#include <math.h>

struct range {
    float min, max;
};

static struct range range_of(int n, const float *x)
{
    struct range r = {x[0], x[0]};
    for (int i = 1; i < n; i++) {
        if (x[i] < r.min)
            r.min = x[i];
        if (x[i] > r.max)
            r.max = x[i];
    }
    if (r.min > 0.0f)
        r.min = 0.0f;
    return r;
}

/* Codes as floats: the sums want them so, and one conversion serves them all. */
static void round_codes(int n, const float *x, float inverse_scale, float min, int code_max,
                        float *codes)
{
    for (int i = 0; i < n; i++)
        codes[i] = (float)rdl_clamp(rdl_nearest_int(inverse_scale * (x[i] - min)), 0, code_max);
}

static void store_codes(int n, const float *from, uint8_t *codes)
{
    for (int i = 0; i < n; i++)
        codes[i] = (uint8_t)from[i];
}

static float weighted_error(int n, const float *x, const float *w, const float *codes, float scale,
                            float min, bool absolute)
{
    float error = 0.0f;
    for (int i = 0; i < n; i++) {
        const float difference = scale * codes[i] + min - x[i];
        error += w[i] * (absolute ? fabsf(difference) : difference * difference);
    }
    return error;
}

/* Sums over the weights alone (w, x) and over weights and codes (l, l2, xl). */
struct sums {
    float w, x, l, l2, xl;
};

static void sum_weights(int n, const float *x, const float *w, struct sums *sums)
{
    sums->w = w[0];
    sums->x = w[0] * x[0];
    for (int i = 1; i < n; i++) {
        sums->w += w[i];
        sums->x += w[i] * x[i];
    }
}

static void sum_codes(int n, const float *x, const float *w, const float *codes, struct sums *sums)
{
    float l = 0.0f, l2 = 0.0f, xl = 0.0f;
    for (int i = 0; i < n; i++) {
        const float weighted = w[i] * codes[i];
        l += weighted;
        l2 += weighted * codes[i];
        xl += weighted * x[i];
    }
    sums->l = l;
    sums->l2 = l2;
    sums->xl = xl;
}

/* The least-squares scale and offset of given codes, the offset kept from being positive; false if
 * the codes are constant. */
static bool solve(const struct sums *s, float *scale, float *offset)
{
    const float determinant = s->w * s->l2 - s->l * s->l;
    if (!(determinant > 0.0f))
        return false;
    *scale = (s->w * s->xl - s->x * s->l) / determinant;
    *offset = (s->l2 * s->x - s->l * s->xl) / determinant;
    if (*offset > 0.0f) {
        *offset = 0.0f;
        *scale = s->xl / s->l2;
    }
    return true;
}

struct rdl_affine_fit rdl_affine_search(int n, const float *x, const float *w,
                                        const struct rdl_affine_grid *grid, uint8_t *codes)
{
    const struct range range = range_of(n, x);
    float offset = range.min;
    if (range.max == offset) {
        memset(codes, 0, (size_t)n);
        return (struct rdl_affine_fit){0.0f, -offset};
    }
    struct sums sums;
    sum_weights(n, x, w, &sums);

    const float first_inverse = (float)grid->code_max / (range.max - offset);
    float scale = 1.0f / first_inverse;
    float candidate[RDL_AFFINE_MAX_LENGTH];
    round_codes(n, x, first_inverse, offset, grid->code_max, candidate);
    store_codes(n, candidate, codes);
    float best = weighted_error(n, x, w, candidate, scale, offset, grid->absolute);

    for (int s = 0; s <= grid->last; s++) {
        /* The offset is the current best's: an accepted candidate moves those that follow. */
        const float inverse =
            (grid->first + grid->step * (float)s + (float)grid->code_max) / (range.max - offset);
        round_codes(n, x, inverse, offset, grid->code_max, candidate);
        sum_codes(n, x, w, candidate, &sums);
        float candidate_scale, candidate_offset;
        if (!solve(&sums, &candidate_scale, &candidate_offset))
            continue;
        const float error =
            weighted_error(n, x, w, candidate, candidate_scale, candidate_offset, grid->absolute);
        if (error < best) {
            best = error;
            scale = candidate_scale;
            offset = candidate_offset;
            store_codes(n, candidate, codes);
        }
    }
    return (struct rdl_affine_fit){scale, -offset};
}

struct rdl_affine_fit rdl_affine_min_max(int n, const float *x, int code_max)
{
    const struct range range = range_of(n, x);
    return (struct rdl_affine_fit){(range.max - range.min) / (float)code_max, -range.min};
}
