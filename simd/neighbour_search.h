/*
 * The choice among neighbours that the searches of the vector codebook formats end in, for 16
 * groups at a time: one from each of 16 sub-blocks. Here the neighbours of one group are in the
 * lanes, a run of them at a time; each lane adds up the costs of its row in the order of the
 * weights, as ref/cheapest_row.h does.
 *
 * The number of runs is looked at group by group: a mispredicted branch costs less than lists of
 * runs without branches (notes/performance/codebooks.md).
 */
#ifndef RDL_SIMD_NEIGHBOUR_SEARCH_H
#define RDL_SIMD_NEIGHBOUR_SEARCH_H

#include "lanes.h"
#include "neighbours.h"

#if RDL_REGISTERS * RDL_WIDTH != 16
#error "a run of neighbours fills a vector: RDL_REGISTERS is 16 / RDL_WIDTH"
#endif

enum {
    NEIGHBOUR_COSTS = 32 /* slots of a group's table of costs */
};

/*
 * Weight i of a group at level l costs slot i * (32 / length) + l. Slots of levels that there are
 * not are never looked at.
 */
struct neighbour_places {
    int32_t weight[NEIGHBOUR_COSTS];
    float level[NEIGHBOUR_COSTS]; /* 2 l + 1 */
};

static const struct neighbour_places neighbour_places_8 = {
    {0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3,
     4, 4, 4, 4, 5, 5, 5, 5, 6, 6, 6, 6, 7, 7, 7, 7},
    {1, 3, 5, 0, 1, 3, 5, 0, 1, 3, 5, 0, 1, 3, 5, 0,
     1, 3, 5, 0, 1, 3, 5, 0, 1, 3, 5, 0, 1, 3, 5, 0},
};

static const struct neighbour_places neighbour_places_4 = {
    {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1,
     2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3},
    {1, 3, 5, 7, 9, 11, 13, 15, 1, 3, 5, 7, 9, 11, 13, 15,
     1, 3, 5, 7, 9, 11, 13, 15, 1, 3, 5, 7, 9, 11, 13, 15},
};

RDL_INLINE const struct neighbour_places *neighbour_places(size_t length)
{
    return length == 8 ? &neighbour_places_8 : &neighbour_places_4;
}

/* The groups of 16 sub-blocks, with a copy of each weight for all of its slots. */
struct neighbour_groups {
    float magnitudes[RDL_LANES][NEIGHBOUR_COSTS];
    float roots[RDL_LANES][NEIGHBOUR_COSTS];
};

RDL_INLINE void neighbour_spread(size_t length, const float *values, float *slots)
{
    const int32_t *weight = neighbour_places(length)->weight;
    for (size_t k = 0; k < NEIGHBOUR_COSTS; k += RDL_WIDTH)
        r_store(slots + k, length == 8 ? r_table8(values, r_iload(weight + k))
                                       : r_table4(values, r_iload(weight + k)));
}

RDL_INLINE void neighbour_fill_costs(size_t length, const float *magnitudes, const float *roots,
                                     float scale, float *costs)
{
    const float *level = neighbour_places(length)->level;
    for (size_t k = 0; k < NEIGHBOUR_COSTS; k += RDL_WIDTH) {
        const rf difference = r_sub(r_mul(r_set(scale), r_load(level + k)), r_load(magnitudes + k));
        r_store(costs + k, r_mul(r_mul(r_load(roots + k), difference), difference));
    }
}

/* The least sums of parts of lists, and the words of their rows. */
struct neighbour_best {
    vf sum, word;
};

/* What weight i costs in 16 rows, given by their words. */
RDL_INLINE vf neighbour_cost(size_t length, const float *costs, size_t i, vi words)
{
    if (length == 8)
        return v_table16_quarter(costs + i / 4 * 16, (int)(i % 4), v_shr(words, 2 * (int)i));
    return v_table8(costs + 8 * i, v_shr(words, 3 * (int)i));
}

/* The sums of 16 rows. Costs are not negative, so that the reference's 0 + first is the first. */
RDL_INLINE vf neighbour_sum(size_t length, const float *costs, vi words)
{
    vf sum = neighbour_cost(length, costs, 0, words);
    for (size_t i = 1; i < length; i++)
        sum = v_add(sum, neighbour_cost(length, costs, i, words));
    return sum;
}

/* The first minimum of each lane over the runs of a list, of which there is at least one. */
RDL_INLINE struct neighbour_best neighbour_best_of(size_t length, const float *costs,
                                                   const uint16_t *runs, size_t nruns)
{
    vi word = v_load_u16(runs);
    vf least = neighbour_sum(length, costs, word);
    for (size_t r = 1; r < nruns; r++) {
        const vi other = v_load_u16(runs + r * RDL_RUN);
        const vf sum = neighbour_sum(length, costs, other);
        word = v_iselect(v_lt(sum, least), other, word);
        least = v_min(least, sum);
    }
    return (struct neighbour_best){least, v_float_of_bits(word)};
}

RDL_INLINE struct neighbour_best neighbour_load(const float *sums, const float *words, size_t k)
{
    return (struct neighbour_best){v_load(sums + k * RDL_LANES), v_load(words + k * RDL_LANES)};
}

/* Neighbouring lanes become one, which keeps the least sum, of equals the first; those of a come
 * before those of b. After four such steps, each lane is one of 16 groups. */
RDL_INLINE struct neighbour_best neighbour_meet(struct neighbour_best a, struct neighbour_best b)
{
    const vf first = v_evens(a.sum, b.sum), second = v_odds(a.sum, b.sum);
    return (struct neighbour_best){
        .sum = v_min(first, second),
        .word = v_select(v_lt(second, first), v_odds(a.word, b.word), v_evens(a.word, b.word)),
    };
}

RDL_INLINE struct neighbour_best neighbour_meet_four(const float *sums, const float *words,
                                                     size_t k)
{
    return neighbour_meet(
        neighbour_meet(neighbour_load(sums, words, k), neighbour_load(sums, words, k + 1)),
        neighbour_meet(neighbour_load(sums, words, k + 2), neighbour_load(sums, words, k + 3)));
}

/* The words of the least sums of 16 groups. */
RDL_INLINE vi neighbour_first_least(const float *sums, const float *words)
{
    const struct neighbour_best low =
        neighbour_meet(neighbour_meet_four(sums, words, 0), neighbour_meet_four(sums, words, 4));
    const struct neighbour_best high =
        neighbour_meet(neighbour_meet_four(sums, words, 8), neighbour_meet_four(sums, words, 12));
    return v_bits(neighbour_meet(low, high).word);
}

/*
 * Group k is rounded to point points[k] with scale scales[k]; returns the words of the first of the
 * cheapest rows of the points' lists.
 */
RDL_INLINE vi neighbour_search(size_t length, const struct rdl_neighbours *neighbours,
                               const struct neighbour_groups *groups, const float *scales,
                               const int32_t *points)
{
    float costs[NEIGHBOUR_COSTS];
    float sums[RDL_LANES * RDL_LANES], words[RDL_LANES * RDL_LANES];
    uint32_t spans[RDL_LANES];
    for (size_t k = 0; k < RDL_LANES; k++) {
        spans[k] = neighbours->spans[points[k]];
        __builtin_prefetch(neighbours->words + (spans[k] >> 8) * RDL_RUN);
    }
    for (size_t k = 0; k < RDL_LANES; k++) {
        neighbour_fill_costs(length, groups->magnitudes[k], groups->roots[k], scales[k], costs);
        const struct neighbour_best best = neighbour_best_of(
            length, costs, neighbours->words + (spans[k] >> 8) * RDL_RUN, spans[k] & 255);
        v_store(sums + k * RDL_LANES, best.sum);
        v_store(words + k * RDL_LANES, best.word);
    }
    return neighbour_first_least(sums, words);
}

#endif
