/* The nearest rows of 16 groups. Lanes are groups. */
#include "simd.h"

#define RDL_REGISTERS (16 / RDL_WIDTH)

#include "row_runs.h"

extern rdl_least_rows_fn RDL_TARGET_NAME(rdl_least_rows);

enum {
    PARTS = 4,      /* of a group */
    PART_POINTS = 9 /* two weights of three levels; one of eight are 8 */
};

/* A constant wherever it is used. */
struct shape {
    size_t levels, part_length;
    bool wrong;
};

/* Costs of the points of some weights; `flips` is what the cheapest wrong sign adds. */
struct part {
    vf costs[PART_POINTS], flips[PART_POINTS];
};

RDL_INLINE size_t part_points(const struct shape *shape)
{
    return shape->part_length == 2 ? shape->levels * shape->levels : shape->levels;
}

RDL_INLINE void fill_weight(const struct shape *shape, const struct rdl_least_tile *tile, size_t i,
                            vf *costs, vf *flips)
{
    const vf x = v_load(tile->x[i]), w = v_load(tile->w[i]);
    const vf slope = v_mul(v_set(4.0f), v_mul(w, x));
    for (size_t l = 0; l < shape->levels; l++) {
        const vf value = v_load(tile->values[l]), difference = v_sub(x, value);
        costs[l] = v_mul(w, v_mul(difference, difference));
        flips[l] = v_mul(slope, value);
    }
}

RDL_INLINE void fill_part(const struct shape *shape, const struct rdl_least_tile *tile, size_t k,
                          struct part *part)
{
    if (shape->part_length == 1) {
        fill_weight(shape, tile, k, part->costs, part->flips);
        return;
    }
    vf costs[2][3], flips[2][3];
    for (size_t i = 0; i < 2; i++)
        fill_weight(shape, tile, 2 * k + i, costs[i], flips[i]);
    for (size_t point = 0; point < PART_POINTS; point++) {
        part->costs[point] = v_add(costs[0][point % 3], costs[1][point / 3]);
        part->flips[point] = v_min(flips[0][point % 3], flips[1][point / 3]);
    }
}

RDL_INLINE void fill_halves(const struct shape *shape, const struct rdl_least_tile *tile,
                            struct half_costs *halves)
{
    struct part low, high;
    const size_t points = part_points(shape);
    fill_part(shape, tile, 0, &low);
    fill_part(shape, tile, 1, &high);
    for (size_t h = 0; h < points; h++)
        for (size_t l = 0; l < points; l++) {
            const vf cost = v_add(low.costs[l], high.costs[h]);
            v_store(halves->first + (points * h + l) * RDL_LANES, cost);
            if (shape->wrong)
                v_store(halves->first_wrong + (points * h + l) * RDL_LANES,
                        v_add(cost, v_min(low.flips[l], high.flips[h])));
        }
    fill_part(shape, tile, 2, &low);
    fill_part(shape, tile, 3, &high);
    for (size_t h = 0; h < points; h++)
        for (size_t l = 0; l < points; l++) {
            v_store(halves->last + (points * h + l) * RDL_LANES,
                    v_add(low.costs[l], high.costs[h]));
            if (shape->wrong)
                v_store(halves->last_flips + (points * h + l) * RDL_LANES,
                        v_min(low.flips[l], high.flips[h]));
        }
}

RDL_INLINE void find(const struct shape *shape, const struct rdl_halved_codebook *codebook,
                     const struct rdl_least_tile *tile, uint16_t *rows, bool *sure)
{
    struct half_costs halves;
    fill_halves(shape, tile, &halves);
    find_least_rows(codebook, &halves, shape->wrong, rows, sure);
}

void RDL_TARGET_NAME(rdl_least_rows)(const struct rdl_halved_codebook *codebook,
                                     const struct rdl_least_tile *tile, bool wrong, uint16_t *rows,
                                     bool *sure)
{
    if (codebook->levels == 3 && wrong)
        find(&(struct shape){3, 2, true}, codebook, tile, rows, sure);
    else if (codebook->levels == 3)
        find(&(struct shape){3, 2, false}, codebook, tile, rows, sure);
    else if (wrong)
        find(&(struct shape){8, 1, true}, codebook, tile, rows, sure);
    else
        find(&(struct shape){8, 1, false}, codebook, tile, rows, sure);
}
