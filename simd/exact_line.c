/*
 * Sums over the weights of a block (exact_ops.h): groups of 8 weights are the lanes, which add up
 * in the order that the contract says. The scalar versions are in ref/block/exact_line.c and
 * exact_leaf.c. Bodies are expanded for the usual numbers of groups, so that all is in registers.
 */
#include "simd.h"

#include "doubles.h"
#include "exact_ops.h"

#include <math.h>

enum {
    MAX_GROUPS = RDL_BLOCK_MAX_LENGTH / RDL_DOUBLES
};

/* Runs a body with a constant number of groups where that is usual. */
#define WITH_GROUPS(n, body)                                                                       \
    do {                                                                                           \
        const int groups = ((n) + RDL_DOUBLES - 1) / RDL_DOUBLES;                                  \
        if (groups == 4)                                                                           \
            body(4);                                                                               \
        else if (groups == 2)                                                                      \
            body(2);                                                                               \
        else                                                                                       \
            body(groups);                                                                          \
    } while (0)

/* ------------------------------------------------------------------------------------------------
 * Deviations
 */

/* False if the deviation is one of rounding. */
RDL_INLINE bool measure(int groups, const double *x, const double *w,
                        struct rdl_exact_extent *extent)
{
    vd sum = d_set(0.0), moment = d_set(0.0), square = d_set(0.0), xx = d_set(0.0);
    for (int g = 0; g < groups; g++) {
        const vd w_here = d_load(w + RDL_DOUBLES * g);
        sum = d_add(sum, w_here);
        moment = d_add(moment, d_mul(w_here, d_load(x + RDL_DOUBLES * g)));
    }
    extent->w = d_sum(sum);
    extent->mean = d_sum(moment) / extent->w;
    const vd mean = d_set(extent->mean);
    for (int g = 0; g < groups; g++) {
        const vd w_here = d_load(w + RDL_DOUBLES * g), x_here = d_load(x + RDL_DOUBLES * g);
        const vd d = d_sub(x_here, mean);
        square = d_add(square, d_mul(d_mul(w_here, d), d));
        xx = d_add(xx, d_mul(d_mul(w_here, x_here), x_here));
    }
    extent->square = d_sum(square);
    extent->sigma = sqrt(extent->square / extent->w);
    return extent->square > 1e-14 * d_sum(xx);
}

RDL_INLINE double least_of(vd a)
{
    double lane[RDL_DOUBLES], least;
    d_store(lane, a);
    least = lane[0];
    for (int j = 1; j < RDL_DOUBLES; j++)
        least = lane[j] < least ? lane[j] : least;
    return least;
}

/* In binary32, where that holds them. */
RDL_INLINE void round_weights(struct rdl_exact_weights *rounded, int g, vd z, vd w)
{
    const vd least = d_set(0x1p-100), magnitude = d_abs(z);
    const dm lost =
        dm_or(d_lt(w, least), dm_and(d_lt(magnitude, least), d_lt(d_set(0.0), magnitude)));
    const dm holds = d_lt(d_where(lost, d_set(1.0)), d_set(0.5));
    d_to_floats(rounded->x + RDL_DOUBLES * g, d_where(holds, z));
    d_to_floats(rounded->w + RDL_DOUBLES * g, d_where(holds, w));
}

RDL_INLINE void deviate(int groups, const double *x, const double *w, double *z, double *u,
                        struct rdl_exact_weights *rounded, struct rdl_exact_extent *extent)
{
    const vd zero = d_set(0.0), mean = d_set(extent->mean);
    const vd per_sigma = d_set(1.0 / extent->sigma), per_w = d_set(1.0 / extent->w);
    vd low = zero, high = zero, above = zero;
    for (int g = 0; g < groups; g++) {
        const vd w_here = d_load(w + RDL_DOUBLES * g);
        const vd d = d_mul(d_sub(d_load(x + RDL_DOUBLES * g), mean), per_sigma);
        const vd z_here = d_where(d_lt(zero, w_here), d), u_here = d_mul(w_here, per_w);
        low = d_min(low, z_here);
        high = d_max(high, z_here);
        above = d_add(above, d_mul(u_here, d_max(zero, z_here)));
        d_store(z + RDL_DOUBLES * g, z_here);
        d_store(u + RDL_DOUBLES * g, u_here);
        round_weights(rounded, g, z_here, u_here);
    }
    extent->z_min = least_of(low);
    extent->z_max = -least_of(d_sub(zero, high));
    extent->z_above = d_sum(above);
}

bool RDL_TARGET_NAME(rdl_exact_deviations)(int n, const double *x, const double *w, double *z,
                                           double *u, struct rdl_exact_weights *rounded,
                                           struct rdl_exact_extent *extent)
{
    const int groups = (n + RDL_DOUBLES - 1) / RDL_DOUBLES;
    if (!measure(groups, x, w, extent))
        return false;
    rounded->n = n;
    deviate(groups, x, w, z, u, rounded, extent);
    return true;
}

/* ------------------------------------------------------------------------------------------------
 * Codes
 */

RDL_INLINE void fit_codes(int groups, const double *z, const double *w, const vd *codes,
                          struct rdl_exact_fit *fit)
{
    vd q = d_set(0.0), qq = q, zq = q;
    for (int g = 0; g < groups; g++)
        q = d_add(q, d_mul(d_load(w + RDL_DOUBLES * g), codes[g]));
    fit->q = d_sum(q);
    const vd mean = d_set(fit->q);
    for (int g = 0; g < groups; g++) {
        const vd d = d_sub(codes[g], mean), wd = d_mul(d_load(w + RDL_DOUBLES * g), d);
        qq = d_add(qq, d_mul(wd, d));
        zq = d_add(zq, d_mul(wd, d_load(z + RDL_DOUBLES * g)));
    }
    fit->qq = d_sum(qq);
    fit->zq = d_sum(zq);
}

RDL_INLINE void load_and_fit(int groups, const double *z, const double *w, const uint8_t *codes,
                             struct rdl_exact_fit *fit)
{
    vd code[MAX_GROUPS];
    for (int g = 0; g < groups; g++)
        code[g] = d_from_codes(codes + RDL_DOUBLES * g);
    fit_codes(groups, z, w, code, fit);
}

void RDL_TARGET_NAME(rdl_exact_fit)(int n, const double *z, const double *w, const uint8_t *codes,
                                    struct rdl_exact_fit *fit)
{
#define BODY(groups) load_and_fit(groups, z, w, codes, fit)
    WITH_GROUPS(n, BODY);
#undef BODY
}

/* The code nearest to y, of two the higher one. */
RDL_INLINE vd code_of(vd y, vd last)
{
    return d_truncate(d_add(d_min(d_max(d_set(0.0), y), last), d_set(0.5)));
}

RDL_INLINE void nearest_and_fit(int groups, const double *z, const double *w, int last, double tau,
                                double v, uint8_t *codes, struct rdl_exact_fit *fit)
{
    const vd tau_all = d_set(tau), v_all = d_set(v), last_all = d_set((double)last);
    vd code[MAX_GROUPS];
    for (int g = 0; g < groups; g++) {
        code[g] = code_of(d_add(d_mul(tau_all, d_load(z + RDL_DOUBLES * g)), v_all), last_all);
        d_to_codes(codes + RDL_DOUBLES * g, code[g]);
    }
    fit_codes(groups, z, w, code, fit);
}

void RDL_TARGET_NAME(rdl_exact_nearest_fit)(int n, const double *z, const double *w, int last,
                                            double tau, double v, uint8_t *codes,
                                            struct rdl_exact_fit *fit)
{
#define BODY(groups) nearest_and_fit(groups, z, w, last, tau, v, codes, fit)
    WITH_GROUPS(n, BODY);
#undef BODY
}

/* ------------------------------------------------------------------------------------------------
 * Leaves
 */

struct cell {
    vd tau, v, half_tau, half_v, last, count;
};

/* The lower codes of a group, and which weights have two; false if one has more. */
RDL_INLINE bool decide_group(const struct cell *cell, vd z, vd w, vd *low, unsigned *two)
{
    const vd y = d_add(d_mul(cell->tau, z), cell->v);
    const vd side = d_add(d_mul(d_abs(z), cell->half_tau), cell->half_v);
    const vd reach = d_add(side, d_mul(d_set(0x1p-40), d_add(side, cell->count)));
    const vd high = code_of(d_add(y, reach), cell->last);
    *low = code_of(d_sub(y, reach), cell->last);
    *two = dm_bits(dm_and(d_lt(*low, high), d_lt(d_set(0.0), w)));
    return dm_bits(d_lt(d_add(*low, d_set(1.0)), high)) == 0;
}

RDL_INLINE bool decide(int groups, const double *z, const double *w, const struct cell *cell,
                       struct rdl_exact_decided *decided)
{
    vd zq = d_set(0.0), q = zq, qq = zq;
    const vd base = d_set((double)decided->base);
    decided->undecided = 0;
    for (int g = 0; g < groups; g++) {
        const vd z_here = d_load(z + RDL_DOUBLES * g), w_here = d_load(w + RDL_DOUBLES * g);
        vd low;
        unsigned two;
        if (!decide_group(cell, z_here, w_here, &low, &two))
            return false;
        decided->undecided |= (uint64_t)two << (RDL_DOUBLES * g);
        d_to_codes(decided->codes + RDL_DOUBLES * g, low);
        const vd d = d_sub(low, base), wd = d_mul(w_here, d);
        zq = d_add(zq, d_mul(wd, z_here));
        q = d_add(q, wd);
        qq = d_add(qq, d_mul(wd, d));
    }
    decided->sums = (struct rdl_exact_sums){d_sum(zq), d_sum(q), d_sum(qq)};
    return true;
}

bool RDL_TARGET_NAME(rdl_exact_decide)(int n, const double *z, const double *w, int last,
                                       double tau, double v, double half_tau, double half_v,
                                       struct rdl_exact_decided *decided)
{
    const struct cell cell = {d_set(tau),          d_set(v),
                              d_set(half_tau),     d_set(half_v),
                              d_set((double)last), d_set((double)(last + 1))};
    const double inside = v > 0.0 ? v < (double)last ? v : (double)last : 0.0;
    decided->base = (int)(inside + 0.5);
#define BODY(groups) return decide(groups, z, w, &cell, decided)
    WITH_GROUPS(n, BODY);
#undef BODY
}
