/* Stored numbers to binary32. */
#ifndef ROUNDEL_BENCH_ELEMENT_H
#define ROUNDEL_BENCH_ELEMENT_H

#include "tensor.h"

/* Bytes of one element, 0 for the kinds that are no plain numbers (blocks, synthetic, other). */
size_t element_size(enum element_kind kind);

/*
 * Converts `count` plain numbers. F32, F16 and BF16 are exact; F64 is rounded to nearest and may
 * become infinite. `swapped`: the bytes are big-endian. `bytes` may have any alignment, and may be
 * `out` itself for ELEMENT_F32.
 */
void element_to_f32(enum element_kind kind, bool swapped, const uint8_t *bytes, size_t count,
                    float *out);

#endif
