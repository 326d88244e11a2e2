/*
 * LSQK, least squares of whole super-blocks with mins, published for Q4_K and Q5_K but never merged
 * into ggml.
 *
 *   1. Each sub-block: its smallest weight to code 0, its largest to the last one; weighted least
 *      squares for scale and min. A min below 0 becomes 0, and the scale that of the codes which
 *      send the largest magnitude to the last one, without weights. But where no weight of the
 *      super-block is below 0, mins keep their sign and dmin is negative.
 *   2. d and dmin send the largest scale and min to the largest integer; integers are the nearest
 *      ones, or neighbours of those if that is better.
 *   3. Weighted least squares for d and dmin, given all integers and codes.
 *   4. Integers for these, from a larger neighbourhood.
 *
 * Published with weights |x|, which are the native ones of this rounding, for the least squares;
 * neighbourhoods are compared by the plain sum of squares. Known weaknesses: the sub-blocks'
 * lines are not searched for, and the two criteria differ where weights do. Sums are in binary64.
 */
#include "search/lsqk.h"

#include "block/block.h"
#include "search/stored.h"

#include <math.h>

enum {
    MAX_LENGTH = 32,
    NEAR = 1,
    FAR = 8
};

struct search {
    const struct rdl_search_problem *problem;
    double scale[RDL_SEARCH_MAX_SUB_BLOCKS], min[RDL_SEARCH_MAX_SUB_BLOCKS];
    struct rdl_search_block *block;
};

static struct rdl_block sub_block(const struct rdl_search_problem *problem, int j)
{
    const int n = problem->layout->length;
    return (struct rdl_block){.n = (size_t)n,
                              .x = problem->x + n * j,
                              .weights = problem->weights + n * j,
                              .grid = problem->layout->grid};
}

/* ------------------------------------------------------------------------------------------------
 * Lines of sub-blocks
 */

static bool has_factor(const struct rdl_block *block)
{
    for (size_t i = 0; i < block->n; i++)
        if (block->weights[i] > 0.0f)
            return true;
    return false;
}

/* Least squares for the codes from the smallest to the largest weight; any offset. */
static void fit_extremes(struct rdl_block *block, double *scale, double *offset)
{
    uint8_t codes[MAX_LENGTH];
    double low = INFINITY, high = -INFINITY;
    *scale = *offset = 0.0;
    for (size_t i = 0; i < block->n; i++) {
        const double x = (double)block->x[i];
        low = x < low ? x : low;
        high = x > high ? x : high;
    }
    if (!has_factor(block))
        return;
    block->grid.kind = RDL_BLOCK_FREE;
    rdl_block_codes(block, (high - low) / (double)(block->grid.count - 1), low, codes);
    (void)rdl_block_refit(block, codes, scale, offset);
}

/* Without offset and weights: the largest magnitude to the last code. */
static double fit_scale(const struct rdl_block *block)
{
    uint8_t codes[MAX_LENGTH];
    double most = 0.0, xq = 0.0, qq = 0.0;
    for (size_t i = 0; i < block->n; i++)
        if (fabs((double)block->x[i]) > most)
            most = fabs((double)block->x[i]);
    rdl_block_codes(block, most / (double)(block->grid.count - 1), 0.0, codes);
    for (size_t i = 0; i < block->n; i++) {
        xq += (double)block->x[i] * (double)codes[i];
        qq += (double)codes[i] * (double)codes[i];
    }
    return qq > 0.0 ? xq / qq : 0.0;
}

static bool none_below_zero(const struct rdl_search_problem *problem)
{
    const int n = problem->layout->sub_blocks * problem->layout->length;
    for (int i = 0; i < n; i++)
        if (problem->x[i] < 0.0f)
            return false;
    return true;
}

/* Real scales and mins, and the largest of them: of mins the one farthest on the side of dmin. */
static void fit_lines(struct search *search, double *largest_scale, double *largest_min)
{
    const bool is_negative = none_below_zero(search->problem);
    *largest_scale = *largest_min = 0.0;
    for (int j = 0; j < search->problem->layout->sub_blocks; j++) {
        struct rdl_block block = sub_block(search->problem, j);
        double offset;
        fit_extremes(&block, &search->scale[j], &offset);
        if (offset > 0.0 && !is_negative) {
            offset = 0.0;
            search->scale[j] = fit_scale(&block);
        }
        search->min[j] = -offset;
        if (search->scale[j] > *largest_scale)
            *largest_scale = search->scale[j];
        if (is_negative ? search->min[j] < *largest_min : search->min[j] > *largest_min)
            *largest_min = search->min[j];
    }
}

/* ------------------------------------------------------------------------------------------------
 * Neighbourhoods
 */

/* Plain sum of squares with nearest codes; INFINITY above the limit. */
static double squares(const struct rdl_block *block, double scale, double min, double limit)
{
    double error = 0.0;
    for (size_t i = 0; i < block->n && error <= limit; i++) {
        const double x = (double)block->x[i] + min;
        const int code = scale != 0.0 ? rdl_block_nearest(&block->grid, x / scale) : 0;
        const double difference = x - scale * (double)code;
        error += difference * difference;
    }
    return error <= limit ? error : INFINITY;
}

/* The integer nearest to a real value in units. */
static int integer_near(double value, double unit, int last)
{
    const double ratio = unit != 0.0 ? value / unit : 0.0;
    return (int)((ratio > 0.0 ? ratio < (double)last ? ratio : (double)last : 0.0) + 0.5);
}

/* Neighbours by |dl| + |dm|, then dl, then dm: the first of the best ones. */
static void choose_integers(struct search *search, int j, double d, double dmin, int reach)
{
    const struct rdl_search_layout *const layout = search->problem->layout;
    const struct rdl_block block = sub_block(search->problem, j);
    const int scale = integer_near(search->scale[j], d, layout->scale_last);
    const int min = integer_near(search->min[j], dmin, layout->min_last);
    double least = INFINITY;
    for (int distance = 0; distance <= 2 * reach; distance++)
        for (int dl = -reach; dl <= reach; dl++) {
            const int rest = distance - (dl < 0 ? -dl : dl);
            for (int dm = -rest; rest >= 0 && rest <= reach && dm <= rest; dm += 2 * rest) {
                const int l = scale + dl, m = min + dm;
                if (l >= 0 && l <= layout->scale_last && m >= 0 && m <= layout->min_last) {
                    const double error = squares(&block, d * (double)l, dmin * (double)m, least);
                    if (error < least) {
                        least = error;
                        search->block->scales[j] = (int16_t)l;
                        search->block->mins[j] = (uint8_t)m;
                    }
                }
                if (rest == 0)
                    break;
            }
        }
}

/* ------------------------------------------------------------------------------------------------
 * Units
 */

/* sums of w a a, w a m, w m m, w x a and w x m with a = scale * code. */
struct normal {
    double aa, am, mm, xa, xm;
};

static void add_sub_block(const struct search *search, int j, double d, double dmin,
                          struct normal *sums)
{
    const struct rdl_block block = sub_block(search->problem, j);
    const double l = (double)search->block->scales[j], m = (double)search->block->mins[j];
    uint8_t codes[MAX_LENGTH];
    rdl_block_codes(&block, d * l, -(dmin * m), codes);
    for (size_t i = 0; i < block.n; i++) {
        const double w = (double)block.weights[i], x = (double)block.x[i];
        const double a = l * (double)codes[i];
        sums->aa += w * a * a;
        sums->am += w * a * m;
        sums->mm += w * m * m;
        sums->xa += w * x * a;
        sums->xm += w * x * m;
    }
}

/* x ~ d a - dmin m; where that has no one solution of the same signs, d and dmin stay. */
static void refit_units(const struct search *search, double *d, double *dmin)
{
    struct normal sums = {0};
    for (int j = 0; j < search->problem->layout->sub_blocks; j++)
        add_sub_block(search, j, *d, *dmin, &sums);
    if (!(sums.mm > 0.0)) {
        if (sums.aa > 0.0 && sums.xa > 0.0)
            *d = sums.xa / sums.aa;
        return;
    }
    const double determinant = sums.aa * sums.mm - sums.am * sums.am;
    if (!(determinant > 1e-12 * sums.aa * sums.mm))
        return;
    const double new_d = (sums.xa * sums.mm - sums.xm * sums.am) / determinant;
    const double new_dmin = (sums.xa * sums.am - sums.xm * sums.aa) / determinant;
    if (new_d > 0.0 && new_dmin * *dmin > 0.0) {
        *d = new_d;
        *dmin = new_dmin;
    }
}

void rdl_lsqk(const struct rdl_search_problem *problem, struct rdl_search_block *block)
{
    const struct rdl_search_layout *const layout = problem->layout;
    struct search search = {.problem = problem, .block = block};
    double d, dmin;
    fit_lines(&search, &d, &dmin);
    d /= (double)layout->scale_last;
    dmin /= (double)layout->min_last;
    for (int j = 0; j < layout->sub_blocks; j++)
        choose_integers(&search, j, d, dmin, NEAR);
    refit_units(&search, &d, &dmin);
    block->d = rdl_f32_to_f16((float)d);
    block->dmin = rdl_f32_to_f16((float)dmin);
    if (!rdl_stored_is_finite(block->d) || !rdl_stored_is_finite(block->dmin))
        return;
    for (int j = 0; j < layout->sub_blocks; j++)
        choose_integers(&search, j, (double)rdl_f16_to_f32(block->d),
                        (double)rdl_f16_to_f32(block->dmin), FAR);
}
