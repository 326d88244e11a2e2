/*
 * The number tables that define formats. Origin: the constants of the ggml library (MIT licence,
 * Copyright (c) 2023-2026 The ggml authors), taken over as numbers.
 */
#ifndef RDL_CODEBOOKS_H
#define RDL_CODEBOOKS_H

#include <stdint.h>

/* IQ4_NL and IQ4_XS: 16 reconstruction values, ascending; the index is the 4-bit code. */
static const int8_t rdl_codebook_iq4_nl[16] = {-127, -104, -83, -65, -49, -35, -22, -10,
                                               1,    13,   25,  38,  53,  69,  89,  113};

#endif
