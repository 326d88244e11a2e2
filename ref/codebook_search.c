#include "codebook_search.h"

float rdl_codebook_scan(const struct rdl_codebook_target *target,
                        const struct rdl_codebook_scan *scan, float extent, float scale,
                        struct rdl_codebook_choice *choice)
{
    float best = 0.0f;
    for (int s = -scan->last; s <= scan->last; s++) {
        const float inverse = ((float)scan->top + (float)s * scan->step) / extent;
        struct rdl_codebook_choice candidate = {.off_grid = 0};
        rdl_choose_rows(target, inverse, 1.0f / inverse, RDL_ALL_GROUPS, &candidate);
        const struct rdl_codebook_fit fit = rdl_fit_choice(target, &candidate);
        if (fit.l2 > 0.0f && fit.xl * fit.xl > best * fit.l2) {
            scale = fit.xl / fit.l2;
            best = scale * fit.xl;
            *choice = candidate;
        }
    }
    return scale;
}

float rdl_codebook_refine(const struct rdl_codebook_target *target, unsigned groups, float scale,
                          struct rdl_codebook_choice *choice)
{
    rdl_choose_rows(target, 1.0f / scale, scale, groups, choice);
    const struct rdl_codebook_fit fit = rdl_fit_choice(target, choice);
    return fit.l2 > 0.0f ? fit.xl / fit.l2 : scale;
}

bool rdl_codebook_search(const struct rdl_codebook_target *target,
                         const struct rdl_codebook_scan *scan, struct rdl_codebook_choice *choice,
                         float *scale)
{
    const float extent = target->largest;
    *choice = (struct rdl_codebook_choice){.off_grid = 0};
    *scale = rdl_codebook_scan(target, scan, extent, extent / (float)scan->top, choice);
    if (choice->off_grid && *scale > 0.0f)
        *scale = rdl_codebook_refine(target, choice->off_grid, *scale, choice);
    return true;
}
