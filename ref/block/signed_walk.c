#include "block/signed_walk.h"

#include <math.h>
#include <string.h>

static int last_of(const struct rdl_block_grid *grid)
{
    return grid->first + grid->count - 1;
}

static int nearer_end(const struct rdl_block_grid *grid)
{
    return -grid->first < last_of(grid) ? -grid->first : last_of(grid);
}

static int farther_end(const struct rdl_block_grid *grid)
{
    return -grid->first < last_of(grid) ? last_of(grid) : -grid->first;
}

struct rdl_time_range rdl_published_range(const struct rdl_block *block)
{
    double max = 0.0, most = 0.0, of_most = 0.0;
    for (size_t i = 0; i < block->n; i++) {
        const double w = (double)block->weights[i], x = fabs((double)block->x[i]);
        if (w > 0.0 && x > max)
            max = x;
        if (w * x > most) {
            most = w * x;
            of_most = x;
        }
    }
    const int first = nearer_end(&block->grid) / 2 + 1, last = farther_end(&block->grid);
    return (struct rdl_time_range){(double)first / max, ((double)last + 1.5) / of_most};
}

/* ------------------------------------------------------------------------------------------------
 * Both signs at once
 */

enum {
    SIGNS = 2
};

/* One sign of the scale. */
struct orientation {
    int limit[RDL_BLOCK_MAX_LENGTH]; /* of the magnitudes of codes */
    double xv, vv;                   /* sums w |x| |v| and w v^2 */
};

struct search {
    const struct rdl_block *block;
    struct rdl_walk walk; /* of |x| on magnitudes: its codes, before limits */
    struct orientation signs[SIGNS];
    double score;
    int best_sign;
    uint8_t best[RDL_BLOCK_MAX_LENGTH];
};

static int magnitude(const struct orientation *sign, size_t i, int code)
{
    return code < sign->limit[i] ? code : sign->limit[i];
}

/* Positive scales have positive codes for positive weights. */
static void start_sign(const struct search *search, int s, struct orientation *sign)
{
    const struct rdl_block *block = search->block;
    sign->xv = sign->vv = 0.0;
    for (size_t i = 0; i < block->n; i++) {
        const bool positive_code = (block->x[i] > 0.0f) == (s == 0);
        sign->limit[i] = positive_code ? last_of(&block->grid) : -block->grid.first;
        const double w = (double)block->weights[i];
        const double v = (double)magnitude(sign, i, search->walk.codes[i]);
        sign->xv += w * search->walk.y[i] * v;
        sign->vv += w * v * v;
    }
}

static void start(struct search *search, double time, struct rdl_breakpoint *room)
{
    float x[RDL_BLOCK_MAX_LENGTH];
    struct rdl_block magnitudes = *search->block;
    for (size_t i = 0; i < magnitudes.n; i++)
        x[i] = fabsf(magnitudes.x[i]);
    magnitudes.x = x;
    magnitudes.grid = (struct rdl_block_grid){.kind = RDL_BLOCK_UNSIGNED,
                                              .count = farther_end(&search->block->grid) + 1};
    rdl_walk_start(&search->walk, &magnitudes, 1.0, 0.0, time, room);
    for (int s = 0; s < SIGNS; s++)
        start_sign(search, s, &search->signs[s]);
}

static void keep_better(struct search *search, int s)
{
    const struct orientation *sign = &search->signs[s];
    if (!(sign->xv > 0.0) || !(sign->vv > 0.0))
        return;
    const double score = sign->xv * (sign->xv / sign->vv);
    if (score > search->score) {
        search->score = score;
        search->best_sign = s;
        memcpy(search->best, search->walk.codes, search->block->n);
    }
}

static bool step_sign(struct search *search, const struct rdl_step *step, int s)
{
    struct orientation *sign = &search->signs[s];
    if (step->to > (double)sign->limit[step->element])
        return false;
    const double w = (double)search->block->weights[step->element];
    sign->xv += w * search->walk.y[step->element];
    sign->vv += w * (step->from + step->to);
    return true;
}

/* A sign is tried when it has taken a step; the second one only where it seems to differ. */
static void step_signs(struct search *search, const struct rdl_step *step)
{
    const bool first = step_sign(search, step, 0), second = step_sign(search, step, 1);
    if (first)
        keep_better(search, 0);
    if (second && search->signs[0].vv != search->signs[1].vv) /* the defect */
        keep_better(search, 1);
}

static void store(const struct search *search, uint8_t *codes)
{
    const struct rdl_block *block = search->block;
    for (size_t i = 0; i < block->n; i++) {
        const int v = magnitude(&search->signs[search->best_sign], i, search->best[i]);
        const bool positive = (block->x[i] > 0.0f) == (search->best_sign == 0);
        codes[i] = (uint8_t)((positive ? v : -v) - block->grid.first);
    }
}

void rdl_walk_signed(const struct rdl_block *block, struct rdl_breakpoint *room, uint8_t *codes,
                     struct rdl_block_fit *fit)
{
    const struct rdl_time_range range = rdl_published_range(block);
    struct search search;
    search.block = block;
    search.score = 0.0;
    start(&search, range.from, room);
    for (int s = 0; s < SIGNS; s++)
        keep_better(&search, s);
    struct rdl_step step;
    while (rdl_walk_step(&search.walk, &step) && step.time <= range.to)
        step_signs(&search, &step);
    if (search.score > 0.0)
        store(&search, codes);
    rdl_finish_scale(block, search.score, codes, fit);
}
