/*
 * What one position of a text says about a model against its base: the quantities of which all
 * statistics are made. In the arithmetic of llama.cpp's perplexity tool: binary32, sums over the
 * vocabulary in double and in the order of the tokens.
 *
 *     struct kld_base base;   one for each thread
 *     for each position
 *         kld_base_of_logits() or kld_base_of_log_probabilities()
 *         for each model
 *             kld_other_...(), kld_token_of()
 *
 * Logits come from a model that runs, logarithms of probabilities from a file. Those of a file do
 * not add up to exactly 1 and are not made to: the raised tokens behind the clamp would take from
 * all others what they have too much.
 */
#ifndef ROUNDEL_BENCH_KLD_TOKEN_H
#define ROUNDEL_BENCH_KLD_TOKEN_H

#include "error.h"
#include <stdint.h>

enum {
    KLD_MAX_TOPS = 4
};

struct kld_settings {
    /* Tokens that the base finds less likely than e^cutoff are left out of the divergence;
     * -INFINITY takes all. The perplexity tools have KLD_CUTOFF. */
    float cutoff;
    uint32_t ntops, tops[KLD_MAX_TOPS]; /* sizes N of divergences restricted to the base's top N */
};
#define KLD_CUTOFF (-16.0f)

/* Lowers the tops to the vocabulary. */
void kld_settings_fit(struct kld_settings *settings, uint32_t vocabulary);

/* The base's distribution at one position. */
struct kld_base {
    struct kld_settings settings;
    uint32_t n;               /* vocabulary */
    float *log_probabilities; /* n; what a decoder may write to before ..._of_log_probabilities() */
    float *probabilities;     /* n; 0 below the cutoff */
    uint32_t top;             /* the most likely token, the first of equals */
    uint32_t nlargest, *largest; /* as many tokens as the largest of the tops, most likely first */
};

bool kld_base_open(struct kld_base *base, const struct kld_settings *settings, uint32_t vocabulary,
                   struct error *error);
void kld_base_close(struct kld_base *base); /* harmless on a zeroed one, and twice */

void kld_base_of_logits(struct kld_base *base, const float *logits);
void kld_base_of_log_probabilities(struct kld_base *base); /* of base->log_probabilities */

/* Another model's distribution: ln q[i] = x[i] - log_sum. */
struct kld_other {
    const float *x;
    float log_sum;
};
struct kld_other kld_other_of_logits(const float *logits, uint32_t vocabulary);
struct kld_other kld_other_of_log_probabilities(const float *log_probabilities);

/* The divergence among the base's top N alone, both distributions made to add up to 1 there, and
 * the probability that the base gives to them together. */
struct kld_top {
    double kld, mass;
};

struct kld_token {
    float nll, nll_base;         /* -ln of the target's probability */
    float delta_p;               /* change of the target's probability from the base to the other */
    double kld;                  /* base || other, in nats; may be a little below 0 */
    bool same_top;               /* both find the same token the most likely one */
    uint32_t rank, rank_in_base; /* how many tokens the other finds more likely than the base's
                                    top; the base than the other's top */
    struct kld_top tops[KLD_MAX_TOPS];
};

void kld_token_of(const struct kld_base *base, const struct kld_other *other, uint32_t target,
                  struct kld_token *token);

#endif
