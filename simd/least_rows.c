/* The nearest rows of 16 groups. Lanes are groups. */
#include "least_rows.h"

#include "simd.h"

#define RDL_REGISTERS (16 / RDL_WIDTH)

#include "lanes.h"

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

struct halves {
    float first[RDL_HALF_POINTS][RDL_LANES], last[RDL_HALF_POINTS][RDL_LANES];
    float first_wrong[RDL_HALF_POINTS][RDL_LANES], last_flips[RDL_HALF_POINTS][RDL_LANES];
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
                            struct halves *halves)
{
    struct part low, high;
    const size_t points = part_points(shape);
    fill_part(shape, tile, 0, &low);
    fill_part(shape, tile, 1, &high);
    for (size_t h = 0; h < points; h++)
        for (size_t l = 0; l < points; l++) {
            const vf cost = v_add(low.costs[l], high.costs[h]);
            v_store(halves->first[points * h + l], cost);
            if (shape->wrong)
                v_store(halves->first_wrong[points * h + l],
                        v_add(cost, v_min(low.flips[l], high.flips[h])));
        }
    fill_part(shape, tile, 2, &low);
    fill_part(shape, tile, 3, &high);
    for (size_t h = 0; h < points; h++)
        for (size_t l = 0; l < points; l++) {
            v_store(halves->last[points * h + l], v_add(low.costs[l], high.costs[h]));
            if (shape->wrong)
                v_store(halves->last_flips[points * h + l], v_min(low.flips[l], high.flips[h]));
        }
}

/* The least cost of a run's rows. */
RDL_INLINE vf least_in_run(const struct shape *shape, const struct rdl_halved_codebook *codebook,
                           const struct halves *halves, size_t run)
{
    const uint8_t *first = codebook->first;
    const size_t begin = codebook->begin[run], end = codebook->begin[run + 1];
    const uint8_t last = codebook->last[run];
    vf least = v_load(halves->first[first[begin]]);
    for (size_t row = begin + 1; row < end; row++)
        least = v_min(least, v_load(halves->first[first[row]]));
    if (shape->wrong) {
        vf wrong = v_load(halves->first_wrong[first[begin]]);
        for (size_t row = begin + 1; row < end; row++)
            wrong = v_min(wrong, v_load(halves->first_wrong[first[row]]));
        least = v_min(wrong, v_add(least, v_load(halves->last_flips[last])));
    }
    return v_add(least, v_load(halves->last[last]));
}

RDL_INLINE void find(const struct shape *shape, const struct rdl_halved_codebook *codebook,
                     const struct rdl_least_tile *tile, uint16_t *rows, bool *sure)
{
    struct halves halves;
    float least[RDL_LANES], others[RDL_LANES];
    int32_t runs[RDL_LANES];
    fill_halves(shape, tile, &halves);
    vf best = least_in_run(shape, codebook, &halves, 0), second = v_set(0x1p126f);
    vi best_run = v_iset(0);
    for (size_t run = 1; run < codebook->runs; run++) {
        const vf cost = least_in_run(shape, codebook, &halves, run);
        second = v_min(second, v_max(best, cost));
        best_run = v_iselect(v_lt(cost, best), v_iset((int32_t)run), best_run);
        best = v_min(best, cost);
    }
    v_store(least, best);
    v_store(others, second);
    v_istore(runs, best_run);
    for (size_t k = 0; k < RDL_LANES; k++) {
        const size_t run = (size_t)runs[k], last = codebook->last[run];
        const struct rdl_run_costs costs = {
            halves.first[0] + k, shape->wrong ? halves.first_wrong[0] + k : NULL,
            halves.last[last][k], shape->wrong ? halves.last_flips[last][k] : 0.0f, RDL_LANES};
        rows[k] = rdl_least_of_run(codebook, run, &costs, least[k], others[k], &sure[k]);
    }
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
