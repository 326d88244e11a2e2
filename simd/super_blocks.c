#include "simd.h"

#define RDL_REGISTERS (16 / RDL_WIDTH)

#include "nonnegative_search.h"
#include "super_blocks.h"
#include "tile.h"

enum {
    CELLS = RDL_MAX_SUB_BLOCKS * RDL_SLAB
};

/* The sum of the squares of each super-block, in order. */
static void add_squares(const float *x, size_t count, float *sums)
{
    vf sum = v_set(0.0f);
    for (size_t start = 0; start < RDL_SUPER_BLOCK; start += 16) {
        float tile[16 * RDL_LANES], run[16 * RDL_LANES];
        memset(run, 0, sizeof run);
        for (size_t k = 0; k < count; k++)
            memcpy(run + 16 * k, x + k * RDL_SUPER_BLOCK + start, 16 * sizeof *run);
        for (size_t k = 0; k < RDL_LANES; k += RDL_WIDTH)
            tile_transpose(16, run + 16 * k, k, tile);
        for (size_t i = 0; i < 16; i++) {
            const vf value = v_load(tile + i * RDL_LANES);
            sum = v_add(sum, v_mul(value, value));
        }
    }
    v_store(sums, sum);
}

void slab_fill_sigma2(size_t n, float factor, const float *x, size_t count, float *sigma2)
{
    float squares[RDL_SLAB];
    add_squares(x, count, squares);
    for (size_t k = 0; k < count; k++)
        for (size_t j = 0; j < n; j++)
            sigma2[k * n + j] = factor * squares[k] / (float)RDL_SUPER_BLOCK;
}

void slab_code_by_largest(size_t n, int code_max, const float *values, uint16_t *units,
                          uint8_t *codes)
{
    float tile[CELLS];
    int32_t coded[CELLS];
    slab_to_lanes(n, values, tile);
    vf largest = v_set(0.0f);
    for (size_t j = 0; j < n; j++)
        largest = v_max(largest, v_load(tile + j * RDL_LANES));
    const vm positive = v_lt(v_set(0.0f), largest);
    const vf limit = v_set((float)code_max);
    const vf inverse = v_select(positive, v_div(limit, largest), v_set(0.0f));
    for (size_t j = 0; j < n; j++)
        v_istore(coded + j * RDL_LANES,
                 v_nearest_int(v_mul(inverse, v_load(tile + j * RDL_LANES))));
    v_store_u16(units, v_to_f16(v_div(largest, limit)));
    slab_from_lanes(n, coded, codes);
}

void slab_code_by_search(size_t n, int code_max, const float *values, const float *w,
                         uint16_t *units, uint8_t *codes)
{
    float tile[CELLS], factors[CELLS];
    int32_t coded[CELLS];
    slab_to_lanes(n, values, tile);
    slab_to_lanes(n, w, factors);
    const vf scale =
        nonnegative_search(n, code_max, tile, factors, NONNEGATIVE_AS_REFERENCE, coded);
    v_store_u16(units, v_to_f16(scale));
    slab_from_lanes(n, coded, codes);
}
