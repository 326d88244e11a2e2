#include "simd.h"

#define RDL_REGISTERS (16 / RDL_WIDTH)

#include "symmetric_scales.h"
#include "symmetric_search.h"
#include "tile.h"

enum {
    N = SYMMETRIC_SUB_BLOCKS
};

/* From a tile of levels to bytes in the order of sub-blocks. */
static void store_codes(const float *levels, int8_t *codes)
{
    float ordered[SYMMETRIC_SCALES];
    for (size_t j = 0; j < N; j += RDL_WIDTH)
        for (size_t k = 0; k < RDL_SLAB; k += RDL_WIDTH)
            r_transpose(levels + j * RDL_LANES + k, RDL_LANES, ordered + k * N + j, N);
    for (size_t s = 0; s < SYMMETRIC_SCALES; s += RDL_WIDTH)
        r_store_u8((uint8_t *)codes + s, r_truncate(r_load(ordered + s)));
}

/* Levels of inverse * scale; the lowest one in the lanes of `zero`. */
RDL_INLINE void code(int limit, const float *tile, vf inverse, vm zero, int8_t *codes)
{
    float levels[SYMMETRIC_SCALES];
    for (size_t j = 0; j < N; j++) {
        const vf level = v_symmetric_level(v_mul(inverse, v_load(tile + j * RDL_LANES)),
                                           symmetric_half_range(limit));
        v_store(levels + j * RDL_LANES, v_select(zero, v_set(-(float)limit), level));
    }
    store_codes(levels, codes);
}

void symmetric_code_by_extreme(int limit, float smallest, const float *scales,
                               struct symmetric_scales *coded)
{
    float tile[RDL_TILE];
    tile_load(N, scales, RDL_SLAB, tile);
    vf extreme;
    const vf largest = symmetric_absmax(N, tile, &extreme);
    const vm zero = v_mor(v_lt(largest, v_set(smallest)), v_eq(largest, v_set(0.0f)));
    const vf inverse = v_div(v_set(-(float)limit), extreme);
    const vi d = v_to_f16(v_div(v_set(1.0f), inverse));
    v_store_u16(coded->d, v_iselect(zero, v_iset(0), d));
    v_store_u8(coded->zero, v_iselect(zero, v_iset(1), v_iset(0)));
    code(limit, tile, inverse, zero, coded->codes);
}

/* The sums that a scale is the quotient of are finite (see RDL_IMPORTANCE_MAX), and it is of the
 * size of the weights: scales are finite too. */
void symmetric_code_by_search(int limit, const float *scales, const float *w,
                              struct symmetric_scales *coded)
{
    float tile[RDL_TILE], factors[RDL_TILE], products[RDL_TILE];
    tile_load(N, scales, RDL_SLAB, tile);
    tile_load(N, w, RDL_SLAB, factors);
    const struct symmetric_fit fit =
        symmetric_search(N, symmetric_half_range(limit), tile, factors, products);
    v_store_u16(coded->d, v_to_f16(fit.scale));
    v_store_u8(coded->zero, v_iset(0));
    code(limit, tile, fit.inverse, fit.empty, coded->codes);
}
