/*
 * Two models' -ln p of the targets, together: means, and the variances and the covariance of the
 * means. Squares and products are rounded to binary32 before they are added in double, as in
 * llama.cpp's perplexity tool: the error of the ratio of two perplexities is a small difference of
 * such sums, and has the tool's digits only with its rounding (at 120 tokens the sixth digit).
 */
#ifndef ROUNDEL_BENCH_NLL_SUMS_H
#define ROUNDEL_BENCH_NLL_SUMS_H

#include <stdint.h>

/* Start with a zeroed struct. */
struct nll_sums {
    uint64_t count;
    double nll, base, nll_nll, base_base, nll_base;
};

void nll_sums_add(struct nll_sums *sums, float nll, float base);

/* Standard errors; 0 for 10 tokens or fewer. */
struct nll_errors {
    double nll, base;
    double difference;     /* of the logarithm of the perplexities' ratio */
    double ppl_difference; /* of the difference of the perplexities */
    double correlation;    /* of both means; NaN where one has no error */
};
struct nll_errors nll_sums_errors(const struct nll_sums *sums, double ppl, double ppl_base);

#endif
