/* The nearest rows of 16 groups, one after another. */
#include "row_runs.h"

extern rdl_least_rows_fn rdl_least_rows;

enum {
    LANES = RDL_LEAST_LANES
};

/* Costs of the points of some weights; `flips` is what the cheapest wrong sign adds. */
struct points {
    size_t count;
    float costs[RDL_HALF_POINTS], flips[RDL_HALF_POINTS];
};

static void join(const struct points *low, const struct points *high, struct points *both)
{
    both->count = low->count * high->count;
    for (size_t h = 0; h < high->count; h++)
        for (size_t l = 0; l < low->count; l++) {
            both->costs[low->count * h + l] = low->costs[l] + high->costs[h];
            both->flips[low->count * h + l] = rdl_lesser_cost(low->flips[l], high->flips[h]);
        }
}

static void fill_weight(const struct rdl_least_tile *tile, size_t levels, size_t i, size_t lane,
                        struct points *points)
{
    const float x = tile->x[i][lane], w = tile->w[i][lane];
    points->count = levels;
    for (size_t l = 0; l < levels; l++) {
        const float value = tile->values[l][lane], difference = x - value;
        points->costs[l] = w * (difference * difference);
        points->flips[l] = 4.0f * (w * x) * value;
    }
}

/* Weights two by two. */
static void fill_half(const struct rdl_least_tile *tile, const struct rdl_halved_codebook *codebook,
                      size_t first, size_t lane, struct points *half)
{
    struct points weights[4], pairs[2];
    for (size_t i = 0; i < codebook->half_length; i++)
        fill_weight(tile, codebook->levels, first + i, lane, &weights[i]);
    if (codebook->half_length == 2) {
        join(&weights[0], &weights[1], half);
        return;
    }
    join(&weights[0], &weights[1], &pairs[0]);
    join(&weights[2], &weights[3], &pairs[1]);
    join(&pairs[0], &pairs[1], half);
}

static uint16_t find(const struct rdl_halved_codebook *codebook, const struct rdl_least_tile *tile,
                     bool wrong, size_t lane, bool *sure)
{
    struct points first, last;
    float first_wrong[RDL_HALF_POINTS];
    fill_half(tile, codebook, 0, lane, &first);
    fill_half(tile, codebook, codebook->half_length, lane, &last);
    for (size_t h = 0; wrong && h < first.count; h++)
        first_wrong[h] = first.costs[h] + first.flips[h];
    const struct rdl_half_costs halves = {first.costs, last.costs, wrong ? first_wrong : NULL,
                                          wrong ? last.flips : NULL};
    return rdl_find_least_row(codebook, &halves, sure);
}

void rdl_least_rows(const struct rdl_halved_codebook *codebook, const struct rdl_least_tile *tile,
                    bool wrong, uint16_t *rows, bool *sure)
{
    for (size_t lane = 0; lane < LANES; lane++)
        rows[lane] = find(codebook, tile, wrong, lane, &sure[lane]);
}
