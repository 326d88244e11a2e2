/* Byte table of the nearest IQ4_NL entry where bytes cannot be permuted in such number: words are
 * gathered. */
#ifndef RDL_SIMD_NEAREST_IQ4_GATHER_H
#define RDL_SIMD_NEAREST_IQ4_GATHER_H

static const int32_t nearest_word_table[512] = {
#include "nearest_half_units.inc"
};

RDL_INLINE ri r_byte_table_index(rf v)
{
    const rf half_units = r_mul(r_set(2.0f), v);
    const ri integer = r_truncate(half_units);
    /* One less where truncation went up. */
    const ri up = r_icount(r_iset(0), r_lt(half_units, r_to_float(integer)));
    return r_igather(nearest_word_table, r_iadd(r_isub(integer, up), r_iset(256)));
}

#endif
