#include "simd.h"

#define RDL_REGISTERS 4

#include "symmetric_compaction.h"
#include "symmetric_descent.h"
#include "tile.h"

enum {
    N = 16,
    HALF_RANGE = 4
};

_Static_assert((int)COMPACTION_PADDING >= (int)RDL_LANES, "a vector of scales behind the last");

/* The memory of a descent. */
struct tiles {
    float x[N * RDL_LANES], levels[N * RDL_LANES];
    float xl_terms[N * RDL_LANES], l2_terms[N * RDL_LANES];
};

RDL_INLINE struct descent descent_in(struct tiles *tiles)
{
    return (struct descent){.n = N,
                            .range = symmetric_half_range(HALF_RANGE),
                            .x = tiles->x,
                            .levels = tiles->levels,
                            .xl_terms = tiles->xl_terms,
                            .l2_terms = tiles->l2_terms};
}

/* Appends those of `count` sub-blocks, the first lanes, that a mask has. */
RDL_INLINE void list_lanes(vm mask, const uint16_t *numbers, size_t count,
                           struct sub_block_list *list)
{
    uint8_t flags[RDL_LANES];
    v_store_u8(flags, v_iselect(mask, v_iset(1), v_iset(0)));
    for (size_t k = 0; k < RDL_LANES && k < count; k++) {
        list->numbers[list->count] = numbers[k];
        list->count += flags[k];
    }
}

/* The tile of `count` listed sub-blocks of x; the other lanes repeat the last. */
RDL_INLINE void tile_load_listed(const float *x, const uint16_t *numbers, size_t count, float *tile)
{
    for (size_t k = 0; k < RDL_LANES; k += RDL_WIDTH) {
        float gathered[RDL_WIDTH * N];
        for (size_t lane = 0; lane < RDL_WIDTH; lane++) {
            const size_t place = k + lane < count ? k + lane : count - 1;
            memcpy(gathered + lane * N, x + (size_t)numbers[place] * N, N * sizeof *x);
        }
        tile_transpose(N, gathered, k, tile);
    }
}

/* Begins anew with the listed sub-blocks and makes at most so many passes; appends the sub-blocks
 * that may need more of them to another list. */
RDL_INLINE void descend_listed(bool as_reference, const float *x, const struct sub_block_list *list,
                               int passes, float *scales, struct sub_block_list *unsettled)
{
    for (size_t first = 0; first < list->count; first += RDL_LANES) {
        struct tiles tiles;
        struct descent descent = descent_in(&tiles);
        float results[RDL_LANES];
        const uint16_t *numbers = list->numbers + first;
        const size_t rest = list->count - first, count = rest < RDL_LANES ? rest : RDL_LANES;
        tile_load_listed(x, numbers, count, descent.x);
        descent_begin(&descent, as_reference);
        descend(&descent, passes);
        v_store(results, descent_scale(&descent));
        for (size_t k = 0; k < count; k++)
            scales[numbers[k]] = results[k];
        if (unsettled)
            list_lanes(descent_unsettled(&descent), numbers, count, unsettled);
    }
}

/*
 * Of gaussian sub-blocks, four in five are settled at the beginning and 95 % after a pass, but the
 * slowest lane of a vector would need four passes or five. So the unsettled ones of many
 * sub-blocks begin anew together, and once more after a pass.
 */
RDL_INLINE void descend_all(bool as_reference, const float *x, size_t sub_blocks, float *scales)
{
    struct sub_block_list unsettled = {.count = 0}, slow = {.count = 0};
    for (size_t s = 0; s < sub_blocks; s += RDL_LANES) {
        struct tiles tiles;
        struct descent descent = descent_in(&tiles);
        uint16_t numbers[RDL_LANES];
        for (size_t k = 0; k < RDL_LANES; k++)
            numbers[k] = (uint16_t)(s + k);
        tile_load(N, x + s * N, sub_blocks - s, descent.x);
        descent_begin(&descent, as_reference);
        v_store(scales + s, descent_scale(&descent));
        list_lanes(descent_unsettled(&descent), numbers, sub_blocks - s, &unsettled);
    }
    descend_listed(as_reference, x, &unsettled, 1, scales, &slow);
    descend_listed(as_reference, x, &slow, DESCENT_PASSES, scales, NULL);
}

void descend_to_scales(const float *x, size_t sub_blocks, bool as_reference, float *scales)
{
    if (as_reference)
        descend_all(true, x, sub_blocks, scales);
    else
        descend_all(false, x, sub_blocks, scales);
}

/* Few sub-blocks: those whose stored scale is zero. */
void descend_to_codes(const float *x, const struct sub_block_list *list, bool as_reference,
                      uint8_t *codes)
{
    for (size_t first = 0; first < list->count; first += RDL_LANES) {
        struct tiles tiles;
        struct descent descent = descent_in(&tiles);
        uint8_t is_empty[RDL_LANES];
        const uint16_t *numbers = list->numbers + first;
        const size_t rest = list->count - first, count = rest < RDL_LANES ? rest : RDL_LANES;
        tile_load_listed(x, numbers, count, descent.x);
        const vm empty = descent_begin(&descent, as_reference);
        v_store_u8(is_empty, v_iselect(empty, v_iset(1), v_iset(0)));
        descend(&descent, DESCENT_PASSES);
        for (size_t k = 0; k < count; k++)
            for (size_t i = 0; i < N; i++) {
                const int level = (int)descent.levels[i * RDL_LANES + k];
                codes[(size_t)numbers[k] * N + i] = is_empty[k] ? 0 : (uint8_t)(level + HALF_RANGE);
            }
    }
}
