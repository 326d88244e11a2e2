/*
 * Lane-generic body of rdl_codebook_scan() and rdl_codebook_refine(): scale search of 16 sub-blocks
 * on a vector codebook. What the groups are rounded to is kept as words of levels (neighbours.h).
 */
#ifndef RDL_SIMD_CODEBOOK_SEARCH_H
#define RDL_SIMD_CODEBOOK_SEARCH_H

#include "codebook_target.h"
#include "neighbour_search.h"

enum {
    CODEBOOK_MAX_GROUPS = 8, /* of a sub-block */
    CODEBOOK_MAX_SCALES = 31 /* of a scan */
};

/* The scales tried: (top + step * s) / extent is the inverse scale for s = -last .. last. */
struct codebook_scan {
    int top, last;
    float step;
};

/* What is searched, and how. */
struct codebook_shape {
    size_t sub_block, length; /* weights of a sub-block, and of its groups, which share a row */
    struct codebook_scan scan;
};

/* Sums of the least-squares scale: scale = xl / l2, explained part xl^2 / l2. */
struct codebook_fit {
    vf xl, l2;
};

/* The word of each group. */
struct codebook_choice {
    uint16_t words[CODEBOOK_MAX_GROUPS][RDL_LANES];
};

/* The levels nearest to the magnitudes of group g, as one number with digits of this base. */
RDL_INLINE vi codebook_round(const struct codebook_shape *shape,
                             const struct codebook_target *target, size_t g, vf inverse, int base)
{
    const int level_max = shape->length == 8 ? 2 : 7;
    const float *magnitudes = target->magnitudes + shape->length * g * RDL_LANES;
    vi number = v_iset(0);
    int place = 1;
    for (size_t i = 0; i < shape->length; i++) {
        const vf odd = v_mul(inverse, v_load(magnitudes + i * RDL_LANES));
        const vf half = v_mul(v_set(0.5f), v_sub(odd, v_set(1.0f)));
        const vi level = v_clamp(v_nearest_int(half), 0, level_max);
        number = v_iadd(number, v_imul(level, v_iset(place)));
        place *= base;
    }
    return number;
}

RDL_INLINE vi codebook_point(const struct codebook_shape *shape,
                             const struct codebook_target *target, size_t g, vf inverse)
{
    return codebook_round(shape, target, g, inverse, shape->length == 8 ? 3 : 8);
}

/* The word of the point: that of its row if it is on the grid, and of no row if it is not. */
RDL_INLINE vi codebook_point_word(const struct codebook_shape *shape,
                                  const struct codebook_target *target, size_t g, vf inverse)
{
    return codebook_round(shape, target, g, inverse, shape->length == 8 ? 4 : 8);
}

RDL_INLINE void codebook_spread(const struct codebook_shape *shape,
                                const struct codebook_target *target, size_t g,
                                struct neighbour_groups *groups)
{
    for (size_t k = 0; k < RDL_LANES; k++) {
        const size_t first = shape->sub_block * k + shape->length * g;
        neighbour_spread(shape->length, target->natural_magnitudes + first, groups->magnitudes[k]);
        neighbour_spread(shape->length, target->natural_roots + first, groups->roots[k]);
    }
}

/* Chooses rows for group g, its inverse scales and scales given; returns their words. */
RDL_INLINE vi codebook_choose(const struct codebook_shape *shape,
                              const struct rdl_neighbours *neighbours,
                              const struct codebook_target *target, size_t g,
                              const struct neighbour_groups *groups, vf inverse,
                              const float *scales)
{
    int32_t points[RDL_LANES];
    v_istore(points, codebook_point(shape, target, g, inverse));
    return neighbour_search(shape->length, neighbours, groups, scales, points);
}

/* Adds what group g with these words explains. */
RDL_INLINE struct codebook_fit codebook_add_fit(const struct codebook_shape *shape,
                                                const struct codebook_target *target, size_t g,
                                                vi words, struct codebook_fit fit)
{
    static const float odd[8] = {1.0f, 3.0f, 5.0f, 7.0f, 9.0f, 11.0f, 13.0f, 15.0f};
    const int bits = shape->length == 8 ? 2 : 3;
    for (size_t i = 0; i < shape->length; i++) {
        const size_t row = (shape->length * g + i) * RDL_LANES;
        const vi level = v_shr(words, bits * (int)i);
        const vf value = shape->length == 8 ? v_table4(odd, level) : v_table8(odd, level);
        fit.xl = v_add(fit.xl, v_mul(v_load(target->products + row), value));
        fit.l2 = v_add(fit.l2, v_mul(v_mul(v_load(target->weights + row), value), value));
    }
    return fit;
}

/* A scan: what its scales give. */
struct codebook_candidates {
    float inverses[CODEBOOK_MAX_SCALES][RDL_LANES];
    float scales[CODEBOOK_MAX_SCALES][RDL_LANES];
    float xl[CODEBOOK_MAX_SCALES][RDL_LANES];
    float l2[CODEBOOK_MAX_SCALES][RDL_LANES];
    uint16_t words[CODEBOOK_MAX_SCALES][CODEBOOK_MAX_GROUPS][RDL_LANES];
};

RDL_INLINE void codebook_try_scales(const struct codebook_shape *shape,
                                    const struct rdl_neighbours *neighbours,
                                    const struct codebook_target *target, vf extent,
                                    struct codebook_candidates *candidates)
{
    const struct codebook_scan *scan = &shape->scan;
    for (int s = 0; s <= 2 * scan->last; s++) {
        const float top = (float)scan->top + (float)(s - scan->last) * scan->step;
        const vf inverse = v_div(v_set(top), extent);
        v_store(candidates->inverses[s], inverse);
        v_store(candidates->scales[s], v_div(v_set(1.0f), inverse));
        v_store(candidates->xl[s], v_set(0.0f));
        v_store(candidates->l2[s], v_set(0.0f));
    }
    for (size_t g = 0; g < shape->sub_block / shape->length; g++) {
        struct neighbour_groups groups;
        codebook_spread(shape, target, g, &groups);
        for (int s = 0; s <= 2 * scan->last; s++) {
            const vi words =
                codebook_choose(shape, neighbours, target, g, &groups,
                                v_load(candidates->inverses[s]), candidates->scales[s]);
            struct codebook_fit fit = {v_load(candidates->xl[s]), v_load(candidates->l2[s])};
            fit = codebook_add_fit(shape, target, g, words, fit);
            v_store(candidates->xl[s], fit.xl);
            v_store(candidates->l2[s], fit.l2);
            v_store_u16(candidates->words[s][g], words);
        }
    }
}

/* What a scan found. Where no scale explained anything, the words are 0 and the scale is the one
 * that it started with. */
struct codebook_found {
    vf scale, inverse; /* the inverse of the candidate, not of the scale */
    vm any;
};

RDL_INLINE struct codebook_found codebook_scan(const struct codebook_shape *shape,
                                               const struct rdl_neighbours *neighbours,
                                               const struct codebook_target *target, vf extent,
                                               vf scale, struct codebook_choice *choice)
{
    const size_t ngroups = shape->sub_block / shape->length;
    struct codebook_candidates candidates;
    codebook_try_scales(shape, neighbours, target, extent, &candidates);
    struct codebook_found found = {scale, v_set(0.0f), v_lt(v_set(0.0f), v_set(0.0f))};
    vf best = v_set(0.0f);
    memset(choice, 0, sizeof *choice);
    for (int s = 0; s <= 2 * shape->scan.last; s++) {
        const vf xl = v_load(candidates.xl[s]), l2 = v_load(candidates.l2[s]);
        const vm better = v_mand(v_lt(v_set(0.0f), l2), v_lt(v_mul(best, l2), v_mul(xl, xl)));
        const vf fitted = v_div(xl, l2);
        found.scale = v_select(better, fitted, found.scale);
        found.inverse = v_select(better, v_load(candidates.inverses[s]), found.inverse);
        found.any = v_mor(found.any, better);
        best = v_select(better, v_mul(fitted, xl), best);
        for (size_t g = 0; g < ngroups; g++)
            v_store_u16(choice->words[g], v_iselect(better, v_load_u16(candidates.words[s][g]),
                                                    v_load_u16(choice->words[g])));
    }
    return found;
}

/* Chooses the rows of a set of groups anew for these scales in lanes that have a positive scale,
 * group g where groups[g] is not zero; returns the scales that fit the outcome. */
RDL_INLINE vf codebook_refine(const struct codebook_shape *shape,
                              const struct rdl_neighbours *neighbours,
                              const struct codebook_target *target, const int32_t *groups,
                              vm active, vf scale, struct codebook_choice *choice)
{
    const vf inverse = v_div(v_set(1.0f), scale);
    float scales[RDL_LANES];
    struct codebook_fit fit = {v_set(0.0f), v_set(0.0f)};
    v_store(scales, scale);
    for (size_t g = 0; g < shape->sub_block / shape->length; g++) {
        struct neighbour_groups spread;
        codebook_spread(shape, target, g, &spread);
        const vm kept = v_ieq(v_iload(groups + g * RDL_LANES), v_iset(0));
        const vi chosen = codebook_choose(shape, neighbours, target, g, &spread, inverse, scales);
        const vi words = v_iselect(v_mandnot(active, kept), chosen, v_load_u16(choice->words[g]));
        v_store_u16(choice->words[g], words);
        fit = codebook_add_fit(shape, target, g, words, fit);
    }
    const vm fitted = v_mand(active, v_lt(v_set(0.0f), fit.l2));
    return v_select(fitted, v_div(fit.xl, fit.l2), scale);
}

#endif
