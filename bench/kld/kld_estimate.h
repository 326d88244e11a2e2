/* Means over the tokens of a text, and how sure they are. */
#ifndef ROUNDEL_BENCH_KLD_ESTIMATE_H
#define ROUNDEL_BENCH_KLD_ESTIMATE_H

#include <stddef.h>

/*
 * Two standard errors and the half widths of two 99 % intervals (Student's t). The plain ones take
 * the tokens as independent; they are 0, and the interval NaN, for 10 tokens or fewer, as
 * llama.cpp's perplexity tool has it. Tokens of one chunk share their context: the others take only
 * the chunks as independent, and are NaN with fewer than two.
 */
struct kld_estimate {
    double value;
    double error, half_99;
    double chunk_error, chunk_half_99;
};

/* A number for each token, in the order of the text. */
struct kld_series {
    size_t count, per_chunk;
    double (*value)(const void *data, size_t index);
    const void *data;
};

/* The mean. A chunk that is not complete yet does not count for the chunks' errors. */
struct kld_estimate kld_mean(const struct kld_series *series);

/* Another plain error for the mean of `count` tokens, with its interval. */
void kld_set_error(struct kld_estimate *estimate, double error, size_t count);

/* `value` with `factor` (>= 0) times the errors of `from`: a function of the mean, and its
 * derivative. */
struct kld_estimate kld_derived(const struct kld_estimate *from, double value, double factor);

#endif
