#include "search/candidates.h"

#include "block/block.h"

#include <math.h>

void rdl_candidates_start(struct rdl_candidates *list, double weight, double limit)
{
    list->count = 0;
    list->weight = weight;
    list->limit = limit;
    list->reach = list->after = list->least = 0.0;
}

static bool is_near(double a, double b, double size)
{
    return fabs(a - b) <= 1e-11 * size;
}

/* Vectors with the same quadratic but for rounding are as good as one. */
static bool is_listed(const struct rdl_candidates *list, const struct rdl_candidate *candidate)
{
    for (int c = 0; c < list->count; c++)
        if (is_near(list->center[c], candidate->center, fabs(candidate->center)) &&
            is_near(list->stretch[c], candidate->stretch, candidate->stretch) &&
            is_near(list->scale[c], candidate->scale, fabs(candidate->scale)))
            return true;
    return false;
}

static void put(struct rdl_candidates *list, int c, const struct rdl_candidate *candidate)
{
    list->error[c] = candidate->error;
    list->scale[c] = candidate->scale;
    list->offset[c] = candidate->offset;
    list->stretch[c] = candidate->stretch;
    list->center[c] = candidate->center;
}

static int worst_of(const struct rdl_candidates *list)
{
    int worst = 0;
    for (int c = 1; c < list->count; c++)
        if (list->error[c] > list->error[worst])
            worst = c;
    return worst;
}

void rdl_candidates_add(struct rdl_candidates *list, const struct rdl_candidate *candidate)
{
    if (!(candidate->error <= list->limit) || is_listed(list, candidate))
        return;
    if (list->count < RDL_MAX_CANDIDATES) {
        put(list, list->count++, candidate);
        return;
    }
    const int worst = worst_of(list);
    if (candidate->error < list->error[worst])
        put(list, worst, candidate);
    list->limit = list->error[worst_of(list)];
}

bool rdl_candidates_add_codes(struct rdl_candidates *list, const struct rdl_block *block,
                              const uint8_t *codes)
{
    struct rdl_candidate candidate = {.center = 0.0};
    struct rdl_block free = *block;
    double v = 0.0, vv = 0.0;
    const bool has_offset = list->weight > 0.0;
    if (has_offset)
        free.grid.kind = RDL_BLOCK_FREE;
    if (!rdl_block_refit(&free, codes, &candidate.scale, &candidate.offset))
        return false;
    for (size_t i = 0; i < block->n; i++)
        v += (double)block->weights[i] * rdl_block_value(&block->grid, codes[i]);
    if (has_offset)
        candidate.center = v / list->weight;
    for (size_t i = 0; i < block->n; i++) {
        const double r = rdl_block_value(&block->grid, codes[i]) - candidate.center;
        vv += (double)block->weights[i] * (r * r);
    }
    candidate.stretch = vv;
    candidate.error = rdl_block_error(block, candidate.scale, candidate.offset, codes);
    const double limit = list->limit;
    list->limit = INFINITY;
    rdl_candidates_add(list, &candidate);
    list->limit = limit;
    return true;
}

void rdl_candidates_finish(struct rdl_candidates *list)
{
    list->reach = 0.0;
    list->least = INFINITY;
    for (int c = 0; c < list->count; c++) {
        if (list->error[c] < list->least)
            list->least = list->error[c];
        const double room = list->limit - list->error[c];
        const double reach = room > 0.0 ? sqrt(room / list->stretch[c]) : 0.0;
        if (reach > list->reach)
            list->reach = reach;
    }
}
