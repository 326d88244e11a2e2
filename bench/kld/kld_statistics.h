/*
 * The statistics of a model against its base over the tokens of a text: those that llama.cpp's
 * perplexity tool prints, by its definitions, and some that were found useful since.
 *
 * They say how much the model's predictions moved, on this text. Probabilities and their changes
 * are fractions here; reports show them in percent.
 */
#ifndef ROUNDEL_BENCH_KLD_STATISTICS_H
#define ROUNDEL_BENCH_KLD_STATISTICS_H

#include "kld_estimate.h"
#include "kld_tokens.h"

enum {
    KLD_LEVELS = 11,
    DELTA_P_LEVELS = 13,
    KLD_INTERVALS = 3
};
/* What the quantiles below are of; falling, 1 is the maximum. */
extern const double kld_levels[KLD_LEVELS], delta_p_levels[DELTA_P_LEVELS];
/* Quantiles of the divergence that come with an interval. */
extern const double kld_interval_levels[KLD_INTERVALS];

/* NaN where no token is far enough out. */
struct kld_range {
    double low, high;
};

struct kld_statistics {
    size_t tokens, chunks;
    /* Perplexity. */
    struct kld_estimate ppl, ppl_base;
    double correlation;            /* of the two logarithms; NaN without scatter */
    struct kld_estimate log_ratio; /* ln(ppl / ppl_base) */
    struct kld_estimate ratio, difference;
    /* Divergence of the tokens, in nats. */
    struct kld_estimate kld;
    double kld_quantiles[KLD_LEVELS];
    struct kld_range kld_intervals[KLD_INTERVALS]; /* distribution-free, 99 % */
    double tail_kld, tail_error; /* mean of the twentieth of the tokens with the largest, and its
                                    standard error */
    /* The target's probability: its change from the base. */
    struct kld_estimate delta_p, delta_p_rms;
    double delta_p_quantiles[DELTA_P_LEVELS];
    /* The most likely tokens: both the same; the base's among the other's 5 and 10 most likely
     * ones; the other's among the base's. */
    struct kld_estimate same_top, ref_top5, ref_top10, eval_top5, eval_top10;
    /* Divergence among the base's top N; mass[i].value is its mean probability. */
    size_t ntops;
    uint32_t tops[KLD_MAX_TOPS];
    struct kld_estimate top_kld[KLD_MAX_TOPS], top_mass[KLD_MAX_TOPS];
};

/* Of at least one token. O(n log n); needs memory for n doubles. */
bool kld_statistics_of(const struct kld_tokens *tokens, const struct kld_settings *settings,
                       struct kld_statistics *statistics, struct error *error);

/* Perplexity from the tokens' -ln p alone. */
struct kld_estimate kld_perplexity(const float *nll, size_t count, size_t per_chunk);

/* Bigger is better. Undefined ones are infinite or NaN, which JSON shows as null. */
struct kld_size_metrics {
    double inv_ppl_per_mb, inv_kld_per_gb, inv_rms_per_gb, top_p_per_gb, top_p_logit_per_gb;
};
/* MB = 10^6 bytes, GB = 10^9; `rms` and `same_top` as fractions. */
struct kld_size_metrics kld_size_metrics_of(double bytes, double ppl, double kld, double rms,
                                            double same_top);

#endif
