/*
 * Decoding in two steps: super-blocks are prepared, a slab of them, and then their weights are
 * stored. What the first step leaves goes through memory, as a load there can broadcast or widen at
 * no further cost, where registers need shuffles, of which a CPU does one or two a cycle. But a
 * load of a part of a store of 64 bytes has to wait until the store has reached the cache, and that
 * is after all stores before it, those of weights included. Hence the slab: of IQ2_XXS on AVX-512
 * single super-blocks give 15.7 G weights/s, eight at a time 22.
 */
#ifndef RDL_SIMD_DECODE_SLAB_H
#define RDL_SIMD_DECODE_SLAB_H

#include "decode.h"

enum {
    RDL_DECODE_SLAB = 8
};

/* A super-block between the steps; what it means is the format's affair. */
struct prepared {
    RDL_ALIGNED float scales[16];
    RDL_ALIGNED float mins[16];
    RDL_ALIGNED float table[64];
    RDL_ALIGNED uint8_t codes[256];
    RDL_ALIGNED uint8_t signs[32];
};

typedef void prepare_fn(const uint8_t *block, struct prepared *prepared);
typedef void store_fn(const uint8_t *block, const struct prepared *prepared, float *x);

RDL_INLINE void decode_slabs(size_t block_bytes, prepare_fn *prepare, store_fn *store,
                             const uint8_t *blocks, size_t nblocks, float *x)
{
    struct prepared slab[RDL_DECODE_SLAB];
    while (nblocks > 0) {
        const size_t count = nblocks < RDL_DECODE_SLAB ? nblocks : RDL_DECODE_SLAB;
        for (size_t b = 0; b < count; b++)
            prepare(blocks + b * block_bytes, &slab[b]);
        THROUGH_MEMORY(slab);
        for (size_t b = 0; b < count; b++)
            store(blocks + b * block_bytes, &slab[b], x + b * RDL_SUPER_BLOCK);
        blocks += count * block_bytes;
        x += count * RDL_SUPER_BLOCK;
        nblocks -= count;
    }
}

/* Four codes to a lane. */
RDL_INLINE void store_codes(uint8_t *codes, ri bytes)
{
    r_istore((int32_t *)(void *)codes, bytes);
}

#endif
