/*
 * The choice among neighbours that the searches of the vector codebook formats end in, for 16
 * groups at a time: one from each of 16 sub-blocks. Here the neighbours of one group are in the
 * lanes, a run of them at a time; each lane adds up the costs of its row in the order of the
 * weights, as ref/cheapest_row.h does.
 *
 * Nothing but the number of runs behind the first depends on data, and it is looked at once for all
 * 16 groups: searching group after group, each with a loop over its own runs, mispredicts the end
 * of every one of them.
 */
#ifndef RDL_SIMD_NEIGHBOUR_SEARCH_H
#define RDL_SIMD_NEIGHBOUR_SEARCH_H

#include "lanes.h"
#include "neighbours.h"

#if RDL_REGISTERS * RDL_WIDTH != 16
#error "a run of neighbours fills a vector: RDL_REGISTERS is 16 / RDL_WIDTH"
#endif

enum {
    NEIGHBOUR_COSTS = 32,   /* slots of a group's table of costs */
    NEIGHBOUR_MAX_RUNS = 19 /* of a list */
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

/* The sums of 16 rows, given by their words. Costs are not negative, so that the reference's
 * 0 + first is the first. */
RDL_INLINE vf neighbour_sum(size_t length, const float *costs, vi words)
{
    const size_t slots = NEIGHBOUR_COSTS / length;
    const int bits = length == 8 ? 2 : 3;
    vf sum = length == 8 ? v_table4(costs, words) : v_table8(costs, words);
    for (size_t i = 1; i < length; i++) {
        const vi level = v_shr(words, bits * (int)i);
        sum = v_add(sum, length == 8 ? v_table4(costs + slots * i, level)
                                     : v_table8(costs + slots * i, level));
    }
    return sum;
}

/* The least sums of parts of lists, and the words of their rows. */
struct neighbour_best {
    vf sum, word;
};

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

static const int32_t neighbour_count[32] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10,
                                            11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
                                            22, 23, 24, 25, 26, 27, 28, 29, 30, 31};

/*
 * Group k is rounded to point points[k] with scale scales[k]; returns the words of the first of the
 * cheapest rows of the points' lists. No list has more than max_runs runs.
 */
RDL_INLINE vi neighbour_search(size_t length, size_t max_runs,
                               const struct rdl_neighbours *neighbours,
                               const struct neighbour_groups *groups, const float *scales,
                               const int32_t *points)
{
    float costs[RDL_LANES][NEIGHBOUR_COSTS];
    float sums[RDL_LANES * RDL_LANES], words[RDL_LANES * RDL_LANES]; /* best of each lane */
    int32_t rest[RDL_LANES * NEIGHBOUR_MAX_RUNS + 2 * RDL_LANES];    /* run | group << 16 */
    uint32_t runs[RDL_LANES];
    size_t nrest = 0;
    for (size_t k = 0; k < RDL_LANES; k++) {
        const uint32_t span = neighbours->spans[points[k]];
        runs[k] = span >> 8;
        __builtin_prefetch(neighbours->words + runs[k] * RDL_RUN);
        neighbour_fill_costs(length, groups->magnitudes[k], groups->roots[k], scales[k], costs[k]);
        for (size_t i = 0; i + 1 < max_runs; i += RDL_WIDTH)
            r_istore(rest + nrest + i, r_iadd(r_iset((int32_t)(runs[k] + 1 + (k << 16))),
                                              r_iload(neighbour_count + i)));
        nrest += (span & 255) - 1;
    }
    for (size_t k = 0; k < RDL_LANES; k++) {
        const vi word = v_load_u16(neighbours->words + runs[k] * RDL_RUN);
        v_store(sums + k * RDL_LANES, neighbour_sum(length, costs[k], word));
        v_store(words + k * RDL_LANES, v_float_of_bits(word));
    }
    for (size_t r = 0; r < nrest; r++) {
        const size_t k = (size_t)rest[r] >> 16, run = (size_t)rest[r] & 0xFFFF;
        const vi word = v_load_u16(neighbours->words + run * RDL_RUN);
        const vf sum = neighbour_sum(length, costs[k], word), best = v_load(sums + k * RDL_LANES);
        const vm less = v_lt(sum, best);
        v_store(sums + k * RDL_LANES, v_min(best, sum));
        v_store(words + k * RDL_LANES,
                v_select(less, v_float_of_bits(word), v_load(words + k * RDL_LANES)));
    }
    return neighbour_first_least(sums, words);
}

#endif
