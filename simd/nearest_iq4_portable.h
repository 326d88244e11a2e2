/* Looking up 16 words by the vocabulary: NEON and plain C. */
#ifndef RDL_SIMD_NEAREST_IQ4_PORTABLE_H
#define RDL_SIMD_NEAREST_IQ4_PORTABLE_H

RDL_INLINE ri nearest_place(rf v)
{
    const rf sum = r_add(r_mul(r_abs(v), r_set(1.0f / 46.0f)), r_set(1.0f));
    const ri bin = r_and(r_shr(r_bits(sum), 21), r_iset(7));
    return r_or(bin, r_and(r_shr(r_bits(v), 28), r_iset(8)));
}

/* The place has the sign already. */
RDL_INLINE rf nearest_pick(const float *table, ri place, rf sign)
{
    (void)sign;
    return r_table16(table, place);
}

#include "nearest_iq4_bins.h"
#include "nearest_iq4_gather.h"

#endif
