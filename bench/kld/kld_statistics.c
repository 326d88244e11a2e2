#include "kld_statistics.h"

#include "confidence.h"
#include "moments.h"
#include "nll_sums.h"
#include "order.h"
#include "quantile.h"
#include <math.h>
#include <stdlib.h>

const double kld_levels[KLD_LEVELS] = {1.0, 0.999, 0.99, 0.95,  0.9, 0.5,
                                       0.1, 0.05,  0.01, 0.001, 0.0};
const double delta_p_levels[DELTA_P_LEVELS] = {1.0,  0.999, 0.99, 0.95, 0.9,   0.75, 0.5,
                                               0.25, 0.1,   0.05, 0.01, 0.001, 0.0};
const double kld_interval_levels[KLD_INTERVALS] = {0.99, 0.95, 0.9};

/* ------------------------------------------------------------------------------------------------
 * Series
 */

static const struct kld_token *token_at(const void *data, size_t index)
{
    return &((const struct kld_tokens *)data)->items[index];
}

static double nll(const void *data, size_t index)
{
    return (double)token_at(data, index)->nll;
}

static double nll_base(const void *data, size_t index)
{
    return (double)token_at(data, index)->nll_base;
}

static double log_ratio(const void *data, size_t index)
{
    return nll(data, index) - nll_base(data, index);
}

static double divergence(const void *data, size_t index)
{
    return token_at(data, index)->kld;
}

static double delta_p(const void *data, size_t index)
{
    return (double)token_at(data, index)->delta_p;
}

static double delta_p_squared(const void *data, size_t index)
{
    return delta_p(data, index) * delta_p(data, index);
}

static double same_top(const void *data, size_t index)
{
    return token_at(data, index)->same_top ? 1.0 : 0.0;
}

static double ref_top5(const void *data, size_t index)
{
    return token_at(data, index)->rank < 5 ? 1.0 : 0.0;
}

static double ref_top10(const void *data, size_t index)
{
    return token_at(data, index)->rank < 10 ? 1.0 : 0.0;
}

static double eval_top5(const void *data, size_t index)
{
    return token_at(data, index)->rank_in_base < 5 ? 1.0 : 0.0;
}

static double eval_top10(const void *data, size_t index)
{
    return token_at(data, index)->rank_in_base < 10 ? 1.0 : 0.0;
}

static struct kld_estimate mean_of(const struct kld_tokens *tokens,
                                   double (*value)(const void *data, size_t index))
{
    const struct kld_series series = {tokens->count, tokens->per_chunk, value, tokens};
    return kld_mean(&series);
}

/* ------------------------------------------------------------------------------------------------
 * Perplexity
 */

/* The difference of the perplexities to first order: its mean is not that difference, but its
 * scatter is. */
struct linear_difference {
    const struct kld_tokens *tokens;
    double ppl, ppl_base;
};

static double linear_difference(const void *data, size_t index)
{
    const struct linear_difference *d = data;
    return d->ppl * nll(d->tokens, index) - d->ppl_base * nll_base(d->tokens, index);
}

static struct nll_sums sums_of(const struct kld_tokens *tokens)
{
    struct nll_sums sums = {0};
    for (size_t i = 0; i < tokens->count; i++)
        nll_sums_add(&sums, tokens->items[i].nll, tokens->items[i].nll_base);
    return sums;
}

/* Intervals by chunks come from the tokens' differences, plain ones as in nll_sums.h. */
static void fill_perplexity(const struct kld_tokens *tokens, struct kld_statistics *s)
{
    struct kld_estimate mean = mean_of(tokens, nll), base = mean_of(tokens, nll_base);
    const double ppl = natural_exp(mean.value), ppl_base = natural_exp(base.value);
    const struct linear_difference linear = {tokens, ppl, ppl_base};
    const struct kld_series series = {tokens->count, tokens->per_chunk, linear_difference, &linear};
    struct kld_estimate difference = kld_mean(&series);
    s->log_ratio = mean_of(tokens, log_ratio);
    const struct nll_sums sums = sums_of(tokens);
    const struct nll_errors errors = nll_sums_errors(&sums, ppl, ppl_base);
    kld_set_error(&mean, errors.nll, tokens->count);
    kld_set_error(&base, errors.base, tokens->count);
    kld_set_error(&s->log_ratio, errors.difference, tokens->count);
    kld_set_error(&difference, errors.ppl_difference, tokens->count);
    const double ratio = natural_exp(s->log_ratio.value);
    s->ppl = kld_derived(&mean, ppl, ppl);
    s->ppl_base = kld_derived(&base, ppl_base, ppl_base);
    s->ratio = kld_derived(&s->log_ratio, ratio, ratio);
    s->difference = kld_derived(&difference, ppl - ppl_base, 1.0);
    s->correlation = errors.correlation;
}

struct nll_list {
    const float *nll;
};

static double listed_nll(const void *data, size_t index)
{
    return (double)((const struct nll_list *)data)->nll[index];
}

struct kld_estimate kld_perplexity(const float *nll_of_tokens, size_t count, size_t per_chunk)
{
    const struct nll_list list = {nll_of_tokens};
    const struct kld_series series = {count, per_chunk, listed_nll, &list};
    const struct kld_estimate mean = kld_mean(&series);
    const double ppl = natural_exp(mean.value);
    return kld_derived(&mean, ppl, ppl);
}

/* ------------------------------------------------------------------------------------------------
 * Distributions
 */

static void fill_sorted(const struct kld_tokens *tokens,
                        double (*value)(const void *data, size_t index), double *sorted)
{
    for (size_t i = 0; i < tokens->count; i++)
        sorted[i] = value(tokens, i);
    sort_ascending(sorted, tokens->count);
}

static void fill_quantiles(const double *sorted, size_t n, const double *levels, size_t nlevels,
                           double *quantiles)
{
    for (size_t i = 0; i < nlevels; i++)
        quantiles[i] = quantile_of_sorted(sorted, n, levels[i]);
}

static struct kld_range interval_of_quantile(const double *sorted, size_t n, double level)
{
    const struct rank_interval ranks = quantile_ranks(0.99, level, n);
    return (struct kld_range){
        .low = ranks.low > 0 ? sorted[ranks.low - 1] : (double)NAN,
        .high = ranks.high <= n ? sorted[ranks.high - 1] : (double)NAN,
    };
}

/*
 * The expected shortfall. Its error is that of q + E max(x - q, 0) / 0.05, where that of the
 * quantile q drops out to first order.
 */
static void fill_tail(const double *sorted, size_t n, struct kld_statistics *s)
{
    const size_t count = (n + 19) / 20;
    const double quantile = quantile_of_sorted(sorted, n, 0.95);
    struct moments tail = {0}, excess = {0};
    for (size_t i = n; i > 0; i--) {
        const double x = sorted[i - 1];
        if (n - i < count)
            moments_add(&tail, x);
        moments_add(&excess, x > quantile ? x - quantile : 0.0);
    }
    s->tail_kld = tail.mean;
    s->tail_error = moments_standard_error(&excess) / 0.05;
}

static void fill_divergence(const struct kld_tokens *tokens, double *sorted,
                            struct kld_statistics *s)
{
    s->kld = mean_of(tokens, divergence);
    fill_sorted(tokens, divergence, sorted);
    fill_quantiles(sorted, tokens->count, kld_levels, KLD_LEVELS, s->kld_quantiles);
    for (size_t i = 0; i < KLD_INTERVALS; i++)
        s->kld_intervals[i] = interval_of_quantile(sorted, tokens->count, kld_interval_levels[i]);
    fill_tail(sorted, tokens->count, s);
}

static void fill_delta_p(const struct kld_tokens *tokens, double *sorted, struct kld_statistics *s)
{
    s->delta_p = mean_of(tokens, delta_p);
    fill_sorted(tokens, delta_p, sorted);
    fill_quantiles(sorted, tokens->count, delta_p_levels, DELTA_P_LEVELS, s->delta_p_quantiles);
    const struct kld_estimate square = mean_of(tokens, delta_p_squared);
    const double rms = sqrt(square.value);
    s->delta_p_rms = kld_derived(&square, rms, rms > 0.0 ? 0.5 / rms : 0.0);
}

/* ------------------------------------------------------------------------------------------------
 * The most likely tokens
 */

struct top_series {
    const struct kld_tokens *tokens;
    size_t top;
};

static double top_kld(const void *data, size_t index)
{
    const struct top_series *s = data;
    return s->tokens->items[index].tops[s->top].kld;
}

static double top_mass(const void *data, size_t index)
{
    const struct top_series *s = data;
    return s->tokens->items[index].tops[s->top].mass;
}

static void fill_tops(const struct kld_tokens *tokens, const struct kld_settings *settings,
                      struct kld_statistics *s)
{
    s->same_top = mean_of(tokens, same_top);
    s->ref_top5 = mean_of(tokens, ref_top5);
    s->ref_top10 = mean_of(tokens, ref_top10);
    s->eval_top5 = mean_of(tokens, eval_top5);
    s->eval_top10 = mean_of(tokens, eval_top10);
    s->ntops = settings->ntops;
    for (size_t i = 0; i < s->ntops; i++) {
        const struct top_series top = {tokens, i};
        struct kld_series series = {tokens->count, tokens->per_chunk, top_kld, &top};
        s->tops[i] = settings->tops[i];
        s->top_kld[i] = kld_mean(&series);
        series.value = top_mass;
        s->top_mass[i] = kld_mean(&series);
    }
}

bool kld_statistics_of(const struct kld_tokens *tokens, const struct kld_settings *settings,
                       struct kld_statistics *statistics, struct error *error)
{
    double *sorted = malloc(tokens->count * sizeof *sorted);
    if (!sorted)
        return fail(error, "no memory to sort %zu tokens", tokens->count);
    *statistics = (struct kld_statistics){.tokens = tokens->count,
                                          .chunks = tokens->count / tokens->per_chunk};
    fill_perplexity(tokens, statistics);
    fill_divergence(tokens, sorted, statistics);
    fill_delta_p(tokens, sorted, statistics);
    fill_tops(tokens, settings, statistics);
    free(sorted);
    return true;
}

struct kld_size_metrics kld_size_metrics_of(double bytes, double ppl, double kld, double rms,
                                            double same_top_share)
{
    const double mb = bytes / 1e6, gb = bytes / 1e9, p = same_top_share;
    const bool has_logit = p > 0.0 && p < 1.0;
    const double logit = has_logit ? natural_log(p) - natural_log(1.0 - p) : (double)NAN;
    return (struct kld_size_metrics){
        .inv_ppl_per_mb = 1.0 / (ppl * mb),
        .inv_kld_per_gb = 1.0 / (kld * gb),
        .inv_rms_per_gb = 1.0 / (rms * gb),
        .top_p_per_gb = 100.0 * p / gb,
        .top_p_logit_per_gb = 100.0 * logit / gb,
    };
}
