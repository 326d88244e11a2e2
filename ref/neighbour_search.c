#include "neighbour_search.h"

#include "cheapest_row.h"
#include "nearest.h"

enum {
    MAX_COSTS = 32 /* 4 weights of 8 levels, or 8 of 3 */
};

/* Errors of all levels of all weights of a group: weight i at level l is costs[l * length + i]. A
 * row then costs one addition a weight. */
static RDL_SPECIALIZED void fill_costs(int length, int levels, const float *magnitudes,
                                       const float *roots, float scale, float *costs)
{
    for (int l = 0; l < levels; l++)
        for (int i = 0; i < length; i++) {
            const float difference = scale * (float)(2 * l + 1) - magnitudes[i];
            costs[l * length + i] = roots[i] * difference * difference;
        }
}

static RDL_SPECIALIZED void choose_rows(const struct rdl_codebook_target *target, int length,
                                        int levels, float inverse_scale, float scale,
                                        unsigned groups, struct rdl_codebook_choice *choice)
{
    const struct rdl_neighbours *tables = &target->neighbours;
    int rounded[RDL_CODEBOOK_MAX_SUB_BLOCK];
    for (int i = 0; i < target->length; i++) {
        const float level = 0.5f * (inverse_scale * target->magnitudes[i] - 1.0f);
        rounded[i] = rdl_clamp(rdl_nearest_int(level), 0, levels - 1);
    }
    for (int g = 0; g < target->length / length; g++) {
        if ((groups >> g & 1u) == 0)
            continue;
        unsigned point = 0;
        for (int i = length - 1; i >= 0; i--)
            point = point * (unsigned)levels + (unsigned)rounded[length * g + i];
        const uint32_t start = tables->starts[point] & ~(uint32_t)RDL_ON_GRID;
        const uint32_t end = tables->starts[point + 1] & ~(uint32_t)RDL_ON_GRID;
        uint16_t row = tables->rows[start];
        if (tables->starts[point] & RDL_ON_GRID) {
            choice->off_grid &= ~(1u << g);
        } else {
            float costs[MAX_COSTS];
            fill_costs(length, levels, target->magnitudes + length * g, target->roots + length * g,
                       scale, costs);
            row =
                rdl_cheapest_row(length, tables->rows + start, end - start, tables->levels, costs);
            choice->off_grid |= 1u << g;
        }
        choice->rows[g] = row;
        memcpy(choice->levels + length * g, tables->levels + row * length, (size_t)length);
    }
}

void rdl_choose_rows(const struct rdl_codebook_target *target, float inverse_scale, float scale,
                     unsigned groups, struct rdl_codebook_choice *choice)
{
    if (target->group == 8)
        choose_rows(target, 8, 3, inverse_scale, scale, groups, choice);
    else
        choose_rows(target, 4, 8, inverse_scale, scale, groups, choice);
}

struct rdl_codebook_fit rdl_fit_choice(const struct rdl_codebook_target *target,
                                       const struct rdl_codebook_choice *choice)
{
    struct rdl_codebook_fit fit = {0.0f, 0.0f};
    for (int i = 0; i < target->length; i++) {
        const float value = (float)(2 * choice->levels[i] + 1);
        fit.xl += target->weights[i] * target->magnitudes[i] * value;
        fit.l2 += target->weights[i] * value * value;
    }
    return fit;
}
