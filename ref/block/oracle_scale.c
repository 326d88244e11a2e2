/*
 * The best scale and codes of a grid without offset, integers or a table, with proof.
 *
 * At a scale s = 1/t > 0 the best codes are the values nearest to t x. As t grows from 0, the code
 * of x changes only where t x crosses the midpoint m of two neighbouring values, at t = m / x; the
 * codes between two such events are the same. So the events in ascending order visit every vector
 * of codes that is nearest for some scale, the optimum among them: the optimum's codes are nearest
 * at its own scale, or replacing them would lower the error; if that scale is that of an event, the
 * codes on both sides of it have the same error there, and with their own best scale are no worse.
 * A negative scale is a positive one of -x. (The sweep is the cumulative search, published as a
 * llama.cpp proposal; written anew here, to judge cumulative.c and all others.)
 *
 * Given codes q leave the error sum w x^2 - A^2 / B with A = sum w x q and B = sum w q^2, their
 * best scale being A / B. An event moves a code away from 0: both its steps, w |x| dq to A and w
 * |q'^2 - q^2| to B, are positive, so B does not cancel, and rounding costs a few 2^-53 sum w x^2.
 * Two events in wrong order by rounding would hide only a vector whose codes are within 2^-51 of a
 * tie, and so no worse than a neighbour by more than that.
 *
 * The codes returned are the nearest ones at the best scale found, which are never worse than those
 * that led to it. Time O(n K log n) for K codes.
 */
#include "block/oracle_scale.h"

#include "block/block.h"
#include "block/oracle_events.h"

enum {
    MAX_LENGTH = RDL_BLOCK_LONG_LENGTH
};

/* The weights that count, times the sign of the scale that is looked for. */
struct elements {
    int count;
    double sign, x[MAX_LENGTH], w[MAX_LENGTH];
};

/* Sums of a vector of codes q: w x q and w q^2. */
struct sums {
    double xq, qq;
};

struct best {
    double score; /* the part of sum w x^2 that is explained */
    double scale;
};

static double midpoint(const struct rdl_block_grid *grid, int k)
{
    return 0.5 * (rdl_block_value(grid, k) + rdl_block_value(grid, k + 1));
}

/* The code at inverse scale 0. (Where 0 is a midpoint, its event comes at time 0.) */
static int start_code(const struct rdl_block_grid *grid)
{
    int code = 0;
    while (code < grid->count - 1 && midpoint(grid, code) < 0.0)
        code++;
    return code;
}

static struct elements elements_of(const struct rdl_block *block, double sign)
{
    struct elements elements = {.count = 0, .sign = sign};
    for (size_t i = 0; i < block->n; i++)
        if (block->weights[i] > 0.0f) {
            elements.x[elements.count] = sign * (double)block->x[i];
            elements.w[elements.count++] = (double)block->weights[i];
        }
    return elements;
}

static struct sums start_sums(const struct elements *elements, double value)
{
    struct sums sums = {0.0, 0.0};
    for (int i = 0; i < elements->count; i++) {
        sums.xq += elements->w[i] * elements->x[i] * value;
        sums.qq += elements->w[i] * value * value;
    }
    return sums;
}

/* The events of one element, in order: level k is the midpoint of codes k and k + 1. */
static size_t list_events(const struct rdl_block_grid *grid, int start, int element, double x,
                          struct rdl_event *events)
{
    const int step = x > 0.0 ? 1 : -1, first = x > 0.0 ? start : start - 1;
    size_t count = 0;
    for (int k = first; x != 0.0 && k >= 0 && k < grid->count - 1; k += step)
        events[count++] = (struct rdl_event){midpoint(grid, k) / x, (uint8_t)element, (uint8_t)k};
    return count;
}

static void apply(struct sums *sums, const struct elements *elements,
                  const struct rdl_block_grid *grid, const struct rdl_event *event)
{
    const double x = elements->x[event->element], w = elements->w[event->element];
    const double low = rdl_block_value(grid, event->level);
    const double high = rdl_block_value(grid, event->level + 1);
    const double step = x > 0.0 ? high - low : low - high;
    sums->xq += w * x * step;
    sums->qq += w * step * (low + high);
}

/* By quotients: A^2 B' can overflow where the entries of a table are large. */
static void consider(const struct sums *sums, double sign, struct best *best)
{
    if (!(sums->xq > 0.0) || !(sums->qq > 0.0))
        return;
    const double scale = sums->xq / sums->qq;
    const double score = scale * sums->xq;
    if (score > best->score)
        *best = (struct best){score, sign * scale};
}

static void sweep(const struct elements *elements, const struct rdl_block_grid *grid,
                  struct rdl_event *events, struct rdl_event *buffer, struct best *best)
{
    const int start = start_code(grid);
    size_t starts[MAX_LENGTH + 1] = {0};
    for (int i = 0; i < elements->count; i++)
        starts[i + 1] = starts[i] + list_events(grid, start, i, elements->x[i], events + starts[i]);
    const size_t count = starts[elements->count];
    const struct rdl_event *const sorted =
        rdl_merge_events(events, buffer, starts, elements->count);

    struct sums sums = start_sums(elements, rdl_block_value(grid, start));
    consider(&sums, elements->sign, best);
    for (size_t e = 0; e < count; e++) {
        apply(&sums, elements, grid, &sorted[e]);
        consider(&sums, elements->sign, best);
    }
}

static size_t event_capacity(const struct rdl_block_grid *grid, size_t n)
{
    return n * (size_t)(grid->count - 1);
}

size_t rdl_oracle_scale_scratch(const struct rdl_block_grid *grid, size_t n)
{
    return 2 * event_capacity(grid, n) * sizeof(struct rdl_event);
}

void rdl_oracle_scale(const struct rdl_block *block, void *scratch, uint8_t *codes,
                      struct rdl_block_fit *fit)
{
    struct rdl_event *const events = scratch;
    struct rdl_event *const buffer = events + event_capacity(&block->grid, block->n);
    struct best best = {0.0, 0.0};
    const int signs = block->grid.kind == RDL_BLOCK_SIGNED ? 2 : 1;
    for (int s = 0; s < signs; s++) {
        const struct elements elements = elements_of(block, s == 0 ? 1.0 : -1.0);
        sweep(&elements, &block->grid, events, buffer, &best);
    }
    rdl_block_codes(block, best.scale, 0.0, codes);
    rdl_block_refit(block, codes, &fit->scale, &fit->offset);
    rdl_block_idle_codes(block, fit->scale, fit->offset, codes);
}
