/*
 * Q8_0's encoder: blocks of 32 weights, x = d * code.
 *
 * Two passes over a slab of blocks. The first takes them in runs, a register's worth of blocks:
 * maxima in natural order, register by register, and a transposition of the partial ones, so that a
 * lane gets the largest magnitude of a block; scales and their inverses are then computed for all
 * blocks of the run at once. The second makes the codes, in natural order again. Slabs are larger
 * than runs for the reason that decode_slab.h gives.
 */
#include "simd.h"

#include "kernel.h"
#include "lanes.h"

#include <math.h>
#include <string.h>

enum {
    N = 32,
    BLOCK_BYTES = 34,
    RUN = RDL_WIDTH, /* blocks of a run */
    SLAB = 64        /* blocks between the passes, a multiple of RUN */
};

/* The largest magnitudes of the first `count` blocks of a run; zeros for the others. Magnitudes are
 * ordered as their bits are. */
RDL_INLINE rf largest_magnitudes(const float *x, size_t count)
{
    float partial[RUN * RDL_WIDTH] = {0}, transposed[RUN * RDL_WIDTH];
    for (size_t b = 0; b < count; b++) {
        ri largest = r_iset(0);
        for (size_t i = 0; i < N; i += RDL_WIDTH)
            largest = r_imax(largest, r_bits(r_abs(r_load(x + N * b + i))));
        r_store(partial + b * RDL_WIDTH, r_float_of_bits(largest));
    }
    r_transpose(partial, RDL_WIDTH, transposed, RUN);
    ri largest = r_iset(0);
    for (size_t i = 0; i < RDL_WIDTH; i++)
        largest = r_imax(largest, r_bits(r_load(transposed + i * RUN)));
    return r_float_of_bits(largest);
}

/*
 * R: the nearest integer, ties away from zero, for |v| < 2^22. The addend is the largest number
 * below 1/2. With a fraction below 1/2 the sum does not reach the next integer, since the numbers
 * about it are no denser than 2^-24; with 1/2 or more it does, as ties are rounded to even.
 */
RDL_INLINE ri nearest_int_away(rf v)
{
    const ri sign = r_and(r_bits(v), r_iset(INT32_MIN));
    const rf almost_half = r_float_of_bits(r_or(sign, r_bits(r_set(0x1.FFFFFEp-2f))));
    return r_truncate(r_add(v, almost_half));
}

/* What the first pass leaves of a block. */
struct factors {
    float inverses[SLAB];
    uint16_t scales[SLAB];
};

/* Of a run. Where the inverse is infinite, the stored scale is zero, and so are the codes. */
RDL_INLINE void find_factors(const float *x, size_t count, float *inverses, uint16_t *scales)
{
    const rf d = r_div(largest_magnitudes(x, count), r_set(127.0f));
    const rf inverse = r_div(r_set(1.0f), d); /* infinite for zeros, too */
    r_store(inverses, r_select(r_lt(inverse, r_set(INFINITY)), inverse, r_set(0.0f)));
    r_store_u16(scales, r_to_f16(d));
}

/* The codes belong to the scale before it is rounded to binary16. */
RDL_INLINE void store_block(const float *x, float inverse, uint16_t scale, uint8_t *block)
{
    memcpy(block, &scale, 2);
    for (size_t i = 0; i < N; i += RDL_WIDTH)
        r_store_u8(block + 2 + i, nearest_int_away(r_mul(r_load(x + i), r_set(inverse))));
}

static void encode_slab(const float *x, size_t count, uint8_t *blocks)
{
    struct factors factors;
    size_t b = 0;
    for (; b + RUN <= count; b += RUN)
        find_factors(x + N * b, RUN, factors.inverses + b, factors.scales + b);
    if (b < count)
        find_factors(x + N * b, count - b, factors.inverses + b, factors.scales + b);
    for (b = 0; b < count; b++)
        store_block(x + N * b, factors.inverses[b], factors.scales[b], blocks + BLOCK_BYTES * b);
}

void RDL_TARGET_NAME(rdl_q8_0_encode)(const struct rdl_rows *rows, uint8_t *blocks)
{
    const size_t nblocks = rows->nrows * (rows->ncols / N);
    for (size_t b = 0; b < nblocks; b += SLAB)
        encode_slab(rows->x + b * N, nblocks - b < SLAB ? nblocks - b : SLAB,
                    blocks + b * BLOCK_BYTES);
}
