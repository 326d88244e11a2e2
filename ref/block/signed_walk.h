/*
 * What the published cumulative searches on grids of integers share (sort.c, heap.c): the part of
 * the time line that they walk, and the walk of both signs of the scale at once. For first <= 0.
 */
#ifndef RDL_REF_SIGNED_WALK_H
#define RDL_REF_SIGNED_WALK_H

#include "block/breakpoints.h"

struct rdl_time_range {
    double from, to;
};

/*
 * From (R / 2 + 1) / max |x|, where R is the magnitude of the end of the grid that is nearer to 0:
 * codes of magnitudes up to R / 2 have a double on the grid, and are a multiple of it. DEFECT: the
 * codes become greater than that at (R / 2 + 1/2) / max |x| already, and between the two there may
 * be an optimum (notes/search-defects.md).
 *
 * To (R' + 3/2) / |x of the largest w |x||, where R' is the magnitude of the other end: what clamps
 * the weight that counts most by more than a step and a half is not tried. On grids of few levels
 * this may be an optimum too.
 */
struct rdl_time_range rdl_published_range(const struct rdl_block *block);

/*
 * Both signs in one walk over the magnitudes of codes up to R': for each sign, those of weights
 * that are clamped stop. DEFECT, on purpose: the second sign is tried only where the sums w v^2 of
 * the two differ, as a sign of their having parted; but under equal factors they can part and be
 * equal again, with different codes.
 */
void rdl_walk_signed(const struct rdl_block *block, struct rdl_breakpoint *room, uint8_t *codes,
                     struct rdl_block_fit *fit);

#endif
