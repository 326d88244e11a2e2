/*
 * The vector codebooks once more, as decoders look them up: a row is the levels of its entries
 * (codebooks.h), packed into 16 bits. Rows of 8 weights have two bits a weight, rows of 4 four,
 * the first weight lowest.
 */
#ifndef RDL_CODEBOOK_LEVELS_H
#define RDL_CODEBOOK_LEVELS_H

#include <stdint.h>

extern const uint16_t rdl_levels_iq2_xxs[256];
extern const uint16_t rdl_levels_iq2_xs[512];
extern const uint16_t rdl_levels_iq2_s[1024];
extern const uint16_t rdl_levels_iq3_xxs[256];
extern const uint16_t rdl_levels_iq3_s[512];
extern const uint16_t rdl_levels_iq1_s[2048];

#endif
