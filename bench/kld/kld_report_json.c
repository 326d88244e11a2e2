/* What `roundel kld --json` writes, and `roundel eval` in parts. Undefined numbers are null;
 * probabilities are fractions. */
#include "kld_report.h"

#include "confidence.h"
#include "kld_running.h"
#include "report.h"
#include <math.h>

static json_t *integer(uint64_t value)
{
    return json_integer((json_int_t)value);
}

/* The interval of `half` to both sides. */
static json_t *interval(double value, double half)
{
    if (!isfinite(value) || !isfinite(half))
        return json_null();
    return json_pack("[o, o]", report_real(value - half), report_real(value + half));
}

static json_t *estimate(const struct kld_estimate *e)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "value", report_real(e->value), "standard_error",
                     report_real(e->error), "interval_99", interval(e->value, e->half_99),
                     "chunk_standard_error", report_real(e->chunk_error), "chunk_interval_99",
                     interval(e->value, e->chunk_half_99));
}

json_t *kld_report_estimate_json(const struct kld_estimate *e)
{
    return estimate(e);
}

/* [{"level": 0.999, "value": ...}, ...] */
static json_t *quantiles(const double *levels, const double *values, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; list && i < count; i++)
        if (json_array_append_new(list, json_pack("{s:o, s:o}", "level", report_real(levels[i]),
                                                  "value", report_real(values[i]))) != 0) {
            json_decref(list);
            list = NULL;
        }
    return list;
}

static json_t *intervals(const struct kld_statistics *s)
{
    json_t *list = json_array();
    for (size_t i = 0; list && i < KLD_INTERVALS; i++)
        if (json_array_append_new(list, json_pack("{s:o, s:o, s:o}", "level",
                                                  report_real(kld_interval_levels[i]), "low",
                                                  report_real(s->kld_intervals[i].low), "high",
                                                  report_real(s->kld_intervals[i].high))) != 0) {
            json_decref(list);
            list = NULL;
        }
    return list;
}

/* ------------------------------------------------------------------------------------------------
 * The parts of a comparison
 */

static json_t *perplexity(const struct kld_statistics *s)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "ppl", estimate(&s->ppl), "ppl_base",
                     estimate(&s->ppl_base), "correlation", report_real(s->correlation),
                     "log_ratio", estimate(&s->log_ratio), "ratio", estimate(&s->ratio),
                     "difference", estimate(&s->difference));
}

static json_t *divergence(const struct kld_statistics *s)
{
    return json_pack("{s:o, s:o, s:o, s:{s:o, s:o}}", "mean", estimate(&s->kld), "quantiles",
                     quantiles(kld_levels, s->kld_quantiles, KLD_LEVELS), "quantile_intervals_99",
                     intervals(s), "top_5_percent", "value", report_real(s->tail_kld),
                     "standard_error", report_real(s->tail_error));
}

static json_t *delta_p(const struct kld_statistics *s)
{
    return json_pack("{s:o, s:o, s:o}", "mean", estimate(&s->delta_p), "rms",
                     estimate(&s->delta_p_rms), "quantiles",
                     quantiles(delta_p_levels, s->delta_p_quantiles, DELTA_P_LEVELS));
}

/* A share of the tokens: an estimate, and the interval that suits shares near 0 and 1. */
static json_t *share(const struct kld_estimate *e, size_t tokens)
{
    const uint64_t count = (uint64_t)(e->value * (double)tokens + 0.5);
    const struct share_interval wilson = wilson_interval(0.99, count, tokens);
    json_t *json = estimate(e);
    if (json && (json_object_set_new(json, "count", integer(count)) != 0 ||
                 json_object_set_new(json, "wilson_interval_99",
                                     json_pack("[o, o]", report_real(wilson.low),
                                               report_real(wilson.high))) != 0)) {
        json_decref(json);
        return NULL;
    }
    return json;
}

static json_t *agreement(const struct kld_statistics *s)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "same_top", share(&s->same_top, s->tokens),
                     "ref_top5", share(&s->ref_top5, s->tokens), "ref_top10",
                     share(&s->ref_top10, s->tokens), "eval_top5", share(&s->eval_top5, s->tokens),
                     "eval_top10", share(&s->eval_top10, s->tokens));
}

static json_t *restricted(const struct kld_statistics *s)
{
    json_t *list = json_array();
    for (size_t i = 0; list && i < s->ntops; i++)
        if (json_array_append_new(list, json_pack("{s:o, s:o, s:o}", "top", integer(s->tops[i]),
                                                  "kld", estimate(&s->top_kld[i]), "base_mass",
                                                  estimate(&s->top_mass[i]))) != 0) {
            json_decref(list);
            list = NULL;
        }
    return list;
}

static json_t *per_size(const struct kld_other_report *other)
{
    if (!(other->bytes > 0.0))
        return json_null();
    const struct kld_statistics *s = &other->statistics;
    const struct kld_size_metrics m = kld_size_metrics_of(other->bytes, s->ppl.value, s->kld.value,
                                                          s->delta_p_rms.value, s->same_top.value);
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "bytes", report_real(other->bytes),
                     "inv_ppl_per_mb", report_real(m.inv_ppl_per_mb), "inv_kld_per_gb",
                     report_real(m.inv_kld_per_gb), "inv_rms_per_gb", report_real(m.inv_rms_per_gb),
                     "top_p_per_gb", report_real(m.top_p_per_gb), "top_p_logit_per_gb",
                     report_real(m.top_p_logit_per_gb));
}

/* [value, standard error] of each column of a running line. */
static json_t *running_line(const struct kld_running *running, size_t chunk)
{
    const struct kld_running_line line = kld_running_line(running);
    return json_pack(
        "{s:o, s:[o, o], s:[o, o], s:[o, o], s:[o, o], s:[o, o]}", "chunk", integer(chunk), "ppl",
        report_real(line.ppl.value), report_real(line.ppl.error), "log_ratio",
        report_real(line.log_ratio.value), report_real(line.log_ratio.error), "kld",
        report_real(line.kld.value), report_real(line.kld.error), "delta_p_rms",
        report_real(line.delta_p_rms.value), report_real(line.delta_p_rms.error), "same_top",
        report_real(line.same_top.value), report_real(line.same_top.error));
}

static json_t *running_lines(const struct kld_tokens *tokens)
{
    json_t *list = json_array();
    struct kld_running running = {0};
    for (size_t i = 0; list && i < tokens->count; i++) {
        kld_running_add(&running, &tokens->items[i]);
        if ((i + 1) % tokens->per_chunk == 0 &&
            json_array_append_new(list, running_line(&running, (i + 1) / tokens->per_chunk)) != 0) {
            json_decref(list);
            list = NULL;
        }
    }
    return list;
}

typedef double token_number_fn(const struct kld_token *token);

static double token_kld(const struct kld_token *token)
{
    return token->kld;
}

static double token_nll(const struct kld_token *token)
{
    return (double)token->nll;
}

static double token_nll_base(const struct kld_token *token)
{
    return (double)token->nll_base;
}

static double token_delta_p(const struct kld_token *token)
{
    return (double)token->delta_p;
}

static json_t *numbers(const struct kld_tokens *tokens, token_number_fn *number)
{
    json_t *list = json_array();
    for (size_t i = 0; list && i < tokens->count; i++)
        if (json_array_append_new(list, report_real(number(&tokens->items[i]))) != 0) {
            json_decref(list);
            return NULL;
        }
    return list;
}

static json_t *per_token(const struct kld_tokens *tokens)
{
    return json_pack("{s:o, s:o, s:o, s:o}", "kld", numbers(tokens, token_kld), "nll",
                     numbers(tokens, token_nll), "nll_base", numbers(tokens, token_nll_base),
                     "delta_p", numbers(tokens, token_delta_p));
}

json_t *kld_report_other_json(const struct kld_other_report *other,
                              const struct kld_report_lists *lists)
{
    const struct kld_statistics *s = &other->statistics;
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "file",
                     report_string(other->name), "perplexity", perplexity(s), "kl_divergence",
                     divergence(s), "delta_p", delta_p(s), "agreement", agreement(s),
                     "restricted_kl_divergence", restricted(s), "per_size", per_size(other),
                     "running", lists->per_chunk ? running_lines(other->tokens) : json_null(),
                     "per_token", lists->per_token ? per_token(other->tokens) : json_null());
}

/* ------------------------------------------------------------------------------------------------
 * The whole
 */

static json_t *base_json(const struct kld_base_report *base)
{
    const uint64_t rows = logits_rows(&base->shape);
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "file", report_string(base->name),
        "context", integer(base->shape.context), "vocabulary", integer(base->shape.vocabulary),
        "chunks", integer(base->shape.chunks), "tokens", integer(rows), "ppl", estimate(&base->ppl),
        "clamp", report_real(base->clamp), "largest_range", report_real(base->largest_range),
        "targets_at_minimum", integer(base->at_minimum), "targets_at_minimum_share",
        report_real((double)base->at_minimum / (double)rows));
}

json_t *kld_report_pair_json(const struct kld_pair_report *pair)
{
    const struct kld_paired *p = &pair->values;
    const struct paired_result *change = &p->kld_change;
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:{s:o, s:o, s:o}, s:{s:o, s:o, s:o}}",
                     "first", report_string(pair->first), "second", report_string(pair->second),
                     "kld", estimate(&p->kld), "nll", estimate(&p->nll), "delta_p_squared",
                     estimate(&p->delta_p_squared), "same_top", estimate(&p->same_top),
                     "kld_change", "value", report_real(change->change), "low",
                     report_real(change->low), "high", report_real(change->high), "tokens",
                     "smaller_kld", report_real(change->better), "equal_kld",
                     report_real(change->equal), "larger_kld", report_real(change->worse));
}

bool kld_report_set_json(json_t *json, const struct kld_report *report)
{
    json_t *others = json_array();
    bool good = others != NULL;
    for (size_t i = 0; i < report->nothers; i++)
        good = json_array_append_new(
                   others, kld_report_other_json(&report->others[i], &report->lists)) == 0 &&
               good;
    good = json_object_set_new(json, "base", base_json(&report->base)) == 0 && good;
    good = json_object_set_new(json, "others", others) == 0 && good;
    return json_object_set_new(json, "paired",
                               report->paired ? kld_report_pair_json(report->paired)
                                              : json_null()) == 0 &&
           good;
}
