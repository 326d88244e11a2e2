/*
 * Scales of the vector codebook formats: 4-bit codes c in units of d, of which a sub-block's scale
 * is 2 c + 1.
 */
#ifndef RDL_SIMD_CODEBOOK_SCALES_H
#define RDL_SIMD_CODEBOOK_SCALES_H

#include "lanes.h"
#include "super_blocks.h"

enum {
    CODEBOOK_SCALE_MAX = 15
};

/*
 * Codes the n scales of each of 16 super-blocks, those of super-block k at k * n: d is the largest
 * scale / 31, times a factor when it is stored. Where no scale is positive, d, codes and
 * `positive` are 0.
 */
RDL_INLINE void codebook_code_scales(size_t n, const float *scales, float fudge, uint16_t *d,
                                     uint8_t *codes, uint8_t *positive)
{
    float tile[RDL_MAX_SUB_BLOCKS * RDL_SLAB];
    int32_t coded[RDL_MAX_SUB_BLOCKS * RDL_SLAB];
    slab_to_lanes(n, scales, tile);
    vf largest = v_set(0.0f);
    for (size_t j = 0; j < n; j++)
        largest = v_max(largest, v_load(tile + j * RDL_SLAB));
    const vm any = v_lt(v_set(0.0f), largest);
    v_store_u8(positive, v_iselect(any, v_iset(1), v_iset(0)));
    const vf unit = v_div(largest, v_set((float)(2 * CODEBOOK_SCALE_MAX + 1)));
    const vf inverse = v_div(v_set(1.0f), unit);
    v_store_u16(d, v_to_f16(v_mul(unit, v_set(fudge))));
    for (size_t j = 0; j < n; j++) {
        const vf odd = v_mul(inverse, v_load(tile + j * RDL_SLAB));
        const vf half = v_mul(v_set(0.5f), v_sub(odd, v_set(1.0f)));
        const vi code = v_clamp(v_nearest_int(half), 0, CODEBOOK_SCALE_MAX);
        v_istore(coded + j * RDL_SLAB, v_iselect(any, code, v_iset(0)));
    }
    slab_from_lanes(n, coded, codes);
}

#endif
