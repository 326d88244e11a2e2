/* From logits to probabilities. Exponentials and logarithms are those of quantile.h: the digits are
 * the same on every machine. */
#ifndef ROUNDEL_BENCH_LOG_SUM_EXP_H
#define ROUNDEL_BENCH_LOG_SUM_EXP_H

#include <stdint.h>

/* The first index of the largest of n > 0 numbers. */
uint32_t index_of_largest(const float *x, uint32_t n);

/* e^x rounded to binary32. */
float exp_f32(float x);

/* ln of the sum of e^(x[i] - max): terms in binary32, their sum in double, as llama.cpp's
 * perplexity tool has it. `max` is the largest of x. */
float log_sum_exp_above(const float *x, uint32_t n, float max);

#endif
