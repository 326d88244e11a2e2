/*
 * From d and dmin of `max` or of `qp`, whichever is better with the best integers: the d and dmin
 * of least squares for these and their codes, and the best integers again, while the error falls;
 * then d and dmin a few steps of binary16 up and down. Never worse than `qp` and `exhaustive`.
 */
#include "search/store.h"

#include "block/block.h"

#include <math.h>

enum {
    ROUNDS = 3,
    STEPS = 2
};

/* Sums of x ~ d a - dmin m with a = scale * value, over a block. */
struct sums {
    double aa, am, mm, ax, mx;
};

static void add_sub_block(const struct rdl_search_problem *problem,
                          const struct rdl_search_block *block, int j, struct sums *sums)
{
    const int n = problem->layout->length;
    uint8_t codes[RDL_SEARCH_MAX_LENGTH];
    rdl_stored_codes(problem, j, rdl_stored_scale_of(problem->layout, block, j), codes);
    const double min = (double)block->mins[j];
    for (int i = 0; i < n; i++) {
        const double x = (double)problem->x[n * j + i], w = (double)problem->weights[n * j + i];
        const double a =
            (double)block->scales[j] * rdl_block_value(problem->layout->grid, codes[i]);
        sums->aa += w * a * a;
        sums->am += w * a * min;
        sums->mm += w * min * min;
        sums->ax += w * a * x;
        sums->mx += w * min * x;
    }
}

/* The best d and dmin for the block's integers and codes; false if there are none, or d would
 * change its sign. */
static bool refit(const struct rdl_search_problem *problem, struct rdl_search_block *block)
{
    struct sums s = {0};
    for (int j = 0; j < problem->layout->sub_blocks; j++)
        add_sub_block(problem, block, j, &s);
    const double determinant = s.aa * s.mm - s.am * s.am;
    double d = s.ax / s.aa, dmin = 0.0;
    if (determinant > 1e-12 * s.aa * s.mm) {
        d = (s.ax * s.mm - s.mx * s.am) / determinant;
        dmin = (s.ax * s.am - s.mx * s.aa) / determinant;
    }
    if (!(fabs(d) < 65504.0 && fabs(dmin) < 65504.0) ||
        (problem->layout->min_last > 0 && !(d > 0.0)))
        return false;
    block->d = rdl_f32_to_f16((float)d);
    block->dmin = dmin != 0.0 ? rdl_f32_to_f16((float)dmin) : block->dmin;
    return true;
}

/* Takes other d and dmin with their best integers if the error is less. */
static bool improve(const struct rdl_search_problem *problem, uint16_t d, uint16_t dmin,
                    struct rdl_search_block *block, double *error)
{
    struct rdl_search_block other = *block;
    other.d = d;
    other.dmin = dmin;
    const double other_error = rdl_store_best(problem, &other, *error);
    if (!(other_error < *error))
        return false;
    *block = other;
    *error = other_error;
    return true;
}

void rdl_store_alternate(const struct rdl_search_problem *problem, struct rdl_search_block *block)
{
    if (!rdl_store_units(problem, block))
        return;
    double error = rdl_store_best(problem, block, INFINITY);
    struct rdl_search_block searched;
    rdl_store_qp(problem, &searched);
    if (rdl_stored_is_finite(searched.d) && rdl_stored_is_finite(searched.dmin))
        (void)improve(problem, searched.d, searched.dmin, block, &error);
    for (int round = 0; round < ROUNDS; round++) {
        struct rdl_search_block other = *block;
        if (!refit(problem, &other) || !improve(problem, other.d, other.dmin, block, &error))
            break;
    }
    /* First d, then dmin: all pairs of steps would take three times as long, for 0.1 % less. */
    const uint16_t d = block->d, dmin = block->dmin;
    for (int i = -STEPS; i <= STEPS; i++)
        (void)improve(problem, rdl_stored_step(d, i), dmin, block, &error);
    for (int i = -STEPS; i <= STEPS && problem->layout->min_last > 0; i++)
        (void)improve(problem, block->d, rdl_stored_step(dmin, i), block, &error);
}
