/* The tokens with the largest logits. */
#ifndef ROUNDEL_BENCH_TOP_TOKENS_H
#define ROUNDEL_BENCH_TOP_TOKENS_H

#include <stdint.h>

/*
 * Indices of the `count` <= n largest of n numbers, largest first, the lower index first among
 * equals. O(n + m log count), where m of the numbers are larger than all but `count` before them.
 */
void top_tokens(const float *x, uint32_t n, uint32_t count, uint32_t *indices);

/* How many of the numbers are larger than x[index]: it is among the N largest if fewer than N. */
uint32_t tokens_above(const float *x, uint32_t n, uint32_t index);

#endif
