/* The nearest rows of 16 groups, one after another. */
#include "least_rows.h"

extern rdl_least_rows_fn rdl_least_rows;

enum {
    LANES = RDL_LEAST_LANES
};

/* Costs of the points of some weights; `flips` is what the cheapest wrong sign adds. */
struct points {
    size_t count;
    float costs[RDL_HALF_POINTS], flips[RDL_HALF_POINTS];
};

static float lesser(float a, float b)
{
    return b < a ? b : a;
}

static void join(const struct points *low, const struct points *high, struct points *both)
{
    both->count = low->count * high->count;
    for (size_t h = 0; h < high->count; h++)
        for (size_t l = 0; l < low->count; l++) {
            both->costs[low->count * h + l] = low->costs[l] + high->costs[h];
            both->flips[low->count * h + l] = lesser(low->flips[l], high->flips[h]);
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

/* The least cost of a run's rows. */
static float least_in_run(const struct rdl_halved_codebook *codebook, size_t run,
                          const struct points *first, const float *first_wrong,
                          const struct points *last)
{
    const uint8_t *halves = codebook->first, half = codebook->last[run];
    const size_t begin = codebook->begin[run], end = codebook->begin[run + 1];
    float least = first->costs[halves[begin]];
    for (size_t row = begin + 1; row < end; row++)
        least = lesser(least, first->costs[halves[row]]);
    if (first_wrong) {
        float wrong = first_wrong[halves[begin]];
        for (size_t row = begin + 1; row < end; row++)
            wrong = lesser(wrong, first_wrong[halves[row]]);
        least = lesser(wrong, least + last->flips[half]);
    }
    return least + last->costs[half];
}

static uint16_t find(const struct rdl_halved_codebook *codebook, const struct rdl_least_tile *tile,
                     bool wrong, size_t lane, bool *sure)
{
    struct points first, last;
    float table[RDL_HALF_POINTS];
    const float *first_wrong = wrong ? table : NULL;
    fill_half(tile, codebook, 0, lane, &first);
    fill_half(tile, codebook, codebook->half_length, lane, &last);
    for (size_t h = 0; h < first.count; h++)
        table[h] = first.costs[h] + first.flips[h];
    float best = 0x1p126f, second = best;
    size_t best_run = 0;
    for (size_t run = 0; run < codebook->runs; run++) {
        const float cost = least_in_run(codebook, run, &first, first_wrong, &last);
        second = lesser(second, cost < best ? best : cost);
        best_run = cost < best ? run : best_run;
        best = lesser(best, cost);
    }
    const uint8_t half = codebook->last[best_run];
    const struct rdl_run_costs costs = {first.costs, first_wrong, last.costs[half],
                                        last.flips[half], 1};
    return rdl_least_of_run(codebook, best_run, &costs, best, second, sure);
}

void rdl_least_rows(const struct rdl_halved_codebook *codebook, const struct rdl_least_tile *tile,
                    bool wrong, uint16_t *rows, bool *sure)
{
    for (size_t lane = 0; lane < LANES; lane++)
        rows[lane] = find(codebook, tile, wrong, lane, &sure[lane]);
}
