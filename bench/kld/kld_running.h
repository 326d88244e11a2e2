/* Statistics over the tokens so far, chunk by chunk: the lines that a perplexity tool prints while
 * it works. */
#ifndef ROUNDEL_BENCH_KLD_RUNNING_H
#define ROUNDEL_BENCH_KLD_RUNNING_H

#include "kld_token.h"
#include "moments.h"
#include "nll_sums.h"
#include <stdio.h>

/* Start with a zeroed struct. */
struct kld_running {
    struct nll_sums nll;
    struct moments kld, delta_p_squared, same_top;
};

void kld_running_add(struct kld_running *running, const struct kld_token *token);

/* A value with its standard error, 0 for 10 tokens or fewer. */
struct kld_running_value {
    double value, error;
};

struct kld_running_line {
    struct kld_running_value ppl, log_ratio, kld, delta_p_rms, same_top;
};

/* Of at least one token. */
struct kld_running_line kld_running_line(const struct kld_running *running);

/* The familiar table: its head, and the line after chunk number `chunk`, from 1. */
void kld_running_print_head(FILE *out);
void kld_running_print(const struct kld_running *running, size_t chunk, FILE *out);

#endif
