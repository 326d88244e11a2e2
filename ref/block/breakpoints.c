#include "block/breakpoints.h"

#include <math.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------
 * Order
 */

/* Heap sort: the earliest of those left goes to the end, then the list is turned round. */
static void sort(struct rdl_breakpoint *list, int count)
{
    rdl_breakpoint_heap(list, count);
    for (int left = count - 1; left > 0; left--) {
        const struct rdl_breakpoint first = list[0];
        list[0] = list[left];
        list[left] = first;
        rdl_breakpoint_sift(list, left, 0);
    }
    for (int low = 0, high = count - 1; low < high; low++, high--) {
        const struct rdl_breakpoint swapped = list[low];
        list[low] = list[high];
        list[high] = swapped;
    }
}

/* ------------------------------------------------------------------------------------------------
 * Codes
 */

/*
 * The code of t y for t just above a time >= 0; for y = 0 that of the least value. It is the number
 * of midpoints m <= t y, which come first: without the rounding of t y, those with m / y <= t if
 * y is positive, and m / y > t if it is negative.
 */
static int code_after(const struct rdl_block_grid *grid, double y, double time)
{
    if (y == 0.0)
        return rdl_block_nearest(grid, 0.0);
    int low = 0, high = grid->count - 1;
    while (low < high) {
        const int middle = low + (high - low) / 2;
        const bool is_passed = rdl_midpoint(grid, middle) / y <= time;
        if (is_passed == (y > 0.0))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int code_beyond(const struct rdl_walk *walk, int element, int code)
{
    return walk->y[element] > 0.0 ? code + 1 : code - 1;
}

/* Where a code is left; false if it is the last one on its side. */
static bool end_of_code(const struct rdl_walk *walk, int element, int code, double *time)
{
    const double y = walk->y[element];
    const int midpoint = y > 0.0 ? code : code - 1;
    if (y == 0.0 || midpoint < 0 || midpoint > walk->grid.count - 2)
        return false;
    *time = rdl_midpoint(&walk->grid, midpoint) / y;
    return true;
}

/* ------------------------------------------------------------------------------------------------
 * The walk
 */

static void start_heap(struct rdl_walk *walk, int n)
{
    for (int i = 0; i < n; i++) {
        walk->heap[walk->count].element = i;
        if (end_of_code(walk, i, walk->codes[i], &walk->heap[walk->count].time))
            walk->count++;
    }
    rdl_breakpoint_heap(walk->heap, walk->count);
    walk->next = walk->heap;
}

static void start_list(struct rdl_walk *walk, int n, struct rdl_breakpoint *room)
{
    for (int i = 0; i < n; i++) {
        double time;
        for (int code = walk->codes[i]; end_of_code(walk, i, code, &time);
             code = code_beyond(walk, i, code))
            room[walk->count++] = (struct rdl_breakpoint){time, i};
    }
    sort(room, walk->count);
    walk->next = room;
}

void rdl_walk_start(struct rdl_walk *walk, const struct rdl_block *block, double sign, double base,
                    double time, struct rdl_breakpoint *room)
{
    walk->grid = block->grid;
    walk->count = 0;
    walk->is_sorted = room != NULL;
    for (size_t i = 0; i < block->n; i++) {
        const bool counts = block->weights[i] > 0.0f;
        walk->y[i] = counts ? sign * ((double)block->x[i] - base) : 0.0;
        walk->codes[i] = (uint8_t)code_after(&block->grid, walk->y[i], time);
    }
    if (walk->is_sorted)
        start_list(walk, (int)block->n, room);
    else
        start_heap(walk, (int)block->n);
}

/* The breakpoint that has been passed gives way to the next one. */
static void advance(struct rdl_walk *walk, int element)
{
    if (walk->is_sorted) {
        walk->next++;
        walk->count--;
        return;
    }
    if (!end_of_code(walk, element, walk->codes[element], &walk->heap[0].time))
        walk->heap[0] = walk->heap[--walk->count];
    if (walk->count > 0)
        rdl_breakpoint_sift(walk->heap, walk->count, 0);
}

bool rdl_walk_step(struct rdl_walk *walk, struct rdl_step *step)
{
    if (walk->count == 0)
        return false;
    const int i = walk->next->element, code = walk->codes[i], beyond = code_beyond(walk, i, code);
    *step = (struct rdl_step){walk->next->time, i, rdl_block_value(&walk->grid, code),
                              rdl_block_value(&walk->grid, beyond)};
    walk->codes[i] = (uint8_t)beyond;
    advance(walk, i);
    return true;
}

/* ------------------------------------------------------------------------------------------------
 * Scales
 */

/*
 * Sums w y v and w v^2. In a walk no magnitude |v| shrinks, so that the first has an error of at
 * most m = steps * 2^-53 times sum w |y v|, the second one of m times itself. The score has then,
 * by Cauchy and Schwarz, an error of about 3 m sum w x^2: of 64 weights and 256 codes less than
 * 2^-37 of it.
 */
struct sums {
    double yv, vv;
};

static struct sums sum_start(const struct rdl_block *block, const struct rdl_walk *walk)
{
    struct sums sums = {0.0, 0.0};
    for (size_t i = 0; i < block->n; i++) {
        const double w = (double)block->weights[i];
        const double v = rdl_block_value(&walk->grid, walk->codes[i]);
        sums.yv += w * walk->y[i] * v;
        sums.vv += w * v * v;
    }
    return sums;
}

/* Products of binary32 values neither overflow nor underflow here; those of two sums might. */
static void keep_better(const struct rdl_block *block, const struct sums *sums,
                        const struct rdl_walk *walk, double *score, uint8_t *codes)
{
    if (!(sums->yv > 0.0) || !(sums->vv > 0.0))
        return;
    const double current = sums->yv * (sums->yv / sums->vv);
    if (current > *score) {
        *score = current;
        memcpy(codes, walk->codes, block->n);
    }
}

void rdl_walk_scales(const struct rdl_block *block, double sign, double from, double to,
                     struct rdl_breakpoint *room, double *score, uint8_t *codes)
{
    struct rdl_walk walk;
    rdl_walk_start(&walk, block, sign, 0.0, from, room);
    struct sums sums = sum_start(block, &walk);
    keep_better(block, &sums, &walk, score, codes);
    struct rdl_step step;
    while (rdl_walk_step(&walk, &step) && step.time <= to) {
        const double w = (double)block->weights[step.element];
        sums.yv += w * walk.y[step.element] * (step.to - step.from);
        sums.vv += w * ((step.to - step.from) * (step.to + step.from));
        if (!rdl_walk_is_tied(&walk, step.time))
            keep_better(block, &sums, &walk, score, codes);
    }
}

void rdl_finish_scale(const struct rdl_block *block, double score, uint8_t *codes,
                      struct rdl_block_fit *fit)
{
    fit->offset = 0.0;
    if (score > 0.0 && rdl_block_refit(block, codes, &fit->scale, &fit->offset)) {
        rdl_block_idle_codes(block, fit->scale, 0.0, codes);
    } else {
        fit->scale = 0.0;
        rdl_block_codes(block, 0.0, 0.0, codes);
    }
}

/* ------------------------------------------------------------------------------------------------
 * Scales and offsets
 */

/* Sums w q, w q^2 and w (x - mean) q. */
struct line_sums {
    double q, qq, xq;
};

/* The constant that fits best: an offset, or where that may not be positive the largest code. */
static void fill_constant(const struct rdl_line_search *search)
{
    const struct rdl_block *block = search->block;
    const bool by_code = block->grid.kind == RDL_BLOCK_AFFINE && search->mean > 0.0;
    memset(search->codes, by_code ? block->grid.count - 1 : 0, block->n);
}

void rdl_start_lines(struct rdl_line_search *search, const struct rdl_block *block, uint8_t *codes)
{
    double w = 0.0, x = 0.0;
    for (size_t i = 0; i < block->n; i++) {
        w += (double)block->weights[i];
        x += (double)block->weights[i] * (double)block->x[i];
    }
    *search = (struct rdl_line_search){
        .block = block, .w = w, .mean = x / w, .offsets_above = -INFINITY, .codes = codes};
    fill_constant(search);
}

/*
 * The spread sum w q^2 - (sum w q)^2 / w is a difference of rounded sums: below 2^-40 of its first
 * term it is taken for 0, that is the codes for constant. Codes rise with x, so that xq >= 0
 * but for rounding.
 */
static double gain_of(const struct rdl_line_search *search, const struct line_sums *sums)
{
    const double q_mean = sums->q / search->w, spread = sums->qq - sums->q * q_mean;
    if (!(spread > 0x1p-40 * sums->qq) || !(sums->xq > 0.0))
        return 0.0;
    const double scale = sums->xq / spread, offset = search->mean - scale * q_mean;
    if (!(offset > search->offsets_above))
        return 0.0;
    if (search->block->grid.kind == RDL_BLOCK_FREE || offset <= 0.0)
        return sums->xq * scale;
    const double xq = sums->xq + search->mean * sums->q; /* offset 0 */
    return xq > 0.0 ? xq * (xq / sums->qq) - search->w * search->mean * search->mean : 0.0;
}

static void add_code(const struct rdl_line_search *search, size_t i, double from, double to,
                     struct line_sums *sums)
{
    const double w = (double)search->block->weights[i], step = w * (to - from);
    sums->q += step;
    sums->qq += step * (to + from);
    sums->xq += step * ((double)search->block->x[i] - search->mean);
}

static void keep_better_line(struct rdl_line_search *search, const struct line_sums *sums,
                             const struct rdl_walk *walk)
{
    const double gain = gain_of(search, sums);
    if (gain > search->gain) {
        search->gain = gain;
        memcpy(search->codes, walk->codes, search->block->n);
    }
}

void rdl_walk_line(struct rdl_line_search *search, double base, double from,
                   struct rdl_breakpoint *room)
{
    struct rdl_walk walk;
    rdl_walk_start(&walk, search->block, 1.0, base, from, room);
    struct line_sums sums = {0.0, 0.0, 0.0};
    for (size_t i = 0; i < search->block->n; i++)
        add_code(search, i, 0.0, (double)walk.codes[i], &sums);
    keep_better_line(search, &sums, &walk);
    struct rdl_step step;
    while (rdl_walk_step(&walk, &step)) {
        add_code(search, (size_t)step.element, step.from, step.to, &sums);
        if (!rdl_walk_is_tied(&walk, step.time))
            keep_better_line(search, &sums, &walk);
    }
}

void rdl_finish_line(const struct rdl_line_search *search, struct rdl_block_fit *fit)
{
    rdl_block_refit(search->block, search->codes, &fit->scale, &fit->offset);
    rdl_block_idle_codes(search->block, fit->scale, fit->offset, search->codes);
}
