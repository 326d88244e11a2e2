/* What `roundel kld` prints. */
#include "kld_report.h"

#include "confidence.h"
#include "kld_running.h"
#include <inttypes.h>
#include <math.h>
#include <string.h>

enum {
    FEW_TOKENS = 100 /* quantiles of fewer mean little */
};

const char kld_report_legend[] =
    "± is one standard error, tokens taken as independent; 99 % where it says so.\n";

/* ------------------------------------------------------------------------------------------------
 * The base
 */

static void print_base(const struct kld_base_report *base, FILE *out)
{
    char name[256];
    const uint64_t rows = logits_rows(&base->shape);
    fprintf(out, "Base: %s\n", escape(name, sizeof name, base->name, strlen(base->name)));
    fprintf(out,
            "%" PRIu32 " chunks of %" PRIu32 " tokens, %" PRIu64
            " tokens scored, vocabulary %" PRIu32 "\n",
            base->shape.chunks, base->shape.context, rows, base->shape.vocabulary);
    if (isnan(base->clamp))
        fprintf(out, "Clamp of the file: not known (largest range of a row: %.3f nats)\n",
                base->largest_range);
    else
        fprintf(out, "Clamp of the file: %.0f nats\n", base->clamp);
    fprintf(out, "Targets at the smallest probability of their row: %" PRIu64 " (%.3f %%)\n",
            base->at_minimum, 100.0 * (double)base->at_minimum / (double)rows);
    fputs(kld_report_legend, out);
}

/* ------------------------------------------------------------------------------------------------
 * The familiar blocks
 */

void kld_report_print_ppl(const char *title, const struct kld_estimate *e, FILE *out)
{
    fprintf(out, "%-30s: %10.6f ± %10.6f\n", title, e->value, e->error);
}

static void print_perplexity(const struct kld_statistics *s, FILE *out)
{
    fprintf(out, "====== Perplexity statistics ======\n");
    kld_report_print_ppl("Mean PPL(Q)", &s->ppl, out);
    kld_report_print_ppl("Mean PPL(base)", &s->ppl_base, out);
    if (isnan(s->correlation))
        fprintf(out, "Cor(ln(PPL(Q)), ln(PPL(base))):      -\n");
    else
        fprintf(out, "Cor(ln(PPL(Q)), ln(PPL(base))): %6.2f%%\n", 100.0 * s->correlation);
    kld_report_print_ppl("Mean ln(PPL(Q)/PPL(base))", &s->log_ratio, out);
    kld_report_print_ppl("Mean PPL(Q)/PPL(base)", &s->ratio, out);
    kld_report_print_ppl("Mean PPL(Q)-PPL(base)", &s->difference, out);
}

/* "Maximum", "99.9%  ", "Median " ...: seven wide. */
static void print_level(double level, FILE *out)
{
    if (level == 1.0)
        fprintf(out, "Maximum");
    else if (level == 0.5)
        fprintf(out, "Median ");
    else if (level == 0.0)
        fprintf(out, "Minimum");
    else
        fprintf(out, "%4.1f%%  ", 100.0 * level);
}

static void print_divergence(const struct kld_statistics *s, FILE *out)
{
    fprintf(out, "====== KL divergence statistics ======\n");
    fprintf(out, "Mean    KLD: %10.6f ± %10.6f\n", s->kld.value, s->kld.error);
    for (size_t i = 0; i < KLD_LEVELS; i++) {
        print_level(kld_levels[i], out);
        fprintf(out, " KLD: %10.6f\n", s->kld_quantiles[i]);
    }
}

static void print_probability(const struct kld_statistics *s, FILE *out)
{
    fprintf(out, "====== Token probability statistics ======\n");
    fprintf(out, "Mean    Δp: %6.3f ± %5.3f %%\n", 100.0 * s->delta_p.value,
            100.0 * s->delta_p.error);
    for (size_t i = 0; i < DELTA_P_LEVELS; i++) {
        print_level(delta_p_levels[i], out);
        fprintf(out, " Δp: %6.3f%%\n", 100.0 * s->delta_p_quantiles[i]);
    }
    fprintf(out, "RMS Δp    : %6.3f ± %5.3f %%\n", 100.0 * s->delta_p_rms.value,
            100.0 * s->delta_p_rms.error);
    fprintf(out, "Same top p: %6.3f ± %5.3f %%\n", 100.0 * s->same_top.value,
            100.0 * s->same_top.error);
}

/* ------------------------------------------------------------------------------------------------
 * More
 */

static void print_interval(const char *title, const struct kld_estimate *e, double factor,
                           int digits, const char *unit, FILE *out)
{
    const double value = factor * e->value, half = factor * e->half_99;
    const double chunk_half = factor * e->chunk_half_99;
    fprintf(out, "%-22s %11.*f  99 %%: %.*f .. %.*f", title, digits, value, digits, value - half,
            digits, value + half);
    if (!isnan(chunk_half))
        fprintf(out, "; by chunks: %.*f .. %.*f", digits, value - chunk_half, digits,
                value + chunk_half);
    fprintf(out, "%s\n", unit);
}

static double kld_quantile(const struct kld_statistics *s, double level)
{
    size_t i = 0;
    while (kld_levels[i] != level)
        i++;
    return s->kld_quantiles[i];
}

static void print_quantile_intervals(const struct kld_statistics *s, FILE *out)
{
    for (size_t i = 0; i < KLD_INTERVALS; i++) {
        const double level = kld_interval_levels[i];
        const struct kld_range *range = &s->kld_intervals[i];
        char title[32], low[32] = "-", high[32] = "-";
        snprintf(title, sizeof title, "%.0f%% KLD", 100.0 * level);
        if (!isnan(range->low))
            snprintf(low, sizeof low, "%.6f", range->low);
        if (!isnan(range->high))
            snprintf(high, sizeof high, "%.6f", range->high);
        fprintf(out, "%-22s %11.6f  99 %%: %s .. %s\n", title, kld_quantile(s, level), low, high);
    }
}

/* By Wilson's interval: a share of nearly 1 has none of equal width to both sides. */
static void print_share(const char *title, const struct kld_estimate *e, size_t tokens, FILE *out)
{
    const uint64_t count = (uint64_t)(e->value * (double)tokens + 0.5);
    const struct share_interval wilson = wilson_interval(0.99, count, tokens);
    fprintf(out, "%-22s %11.3f  99 %%: %.3f .. %.3f %%\n", title, 100.0 * e->value,
            100.0 * wilson.low, 100.0 * wilson.high);
}

static void print_more(const struct kld_statistics *s, FILE *out)
{
    fprintf(out, "====== Intervals and derived statistics ======\n");
    print_interval("ln(PPL(Q)/PPL(base))", &s->log_ratio, 1.0, 6, "", out);
    print_interval("Mean KLD", &s->kld, 1.0, 6, "", out);
    print_quantile_intervals(s, out);
    fprintf(out, "%-22s %11.6f ± %.6f\n", "Mean KLD of worst 5 %", s->tail_kld, s->tail_error);
    for (size_t i = 0; i < s->ntops; i++) {
        char title[64];
        snprintf(title, sizeof title, "Mean KLD in top %" PRIu32, s->tops[i]);
        print_interval(title, &s->top_kld[i], 1.0, 6, "", out);
        fprintf(out, "%-22s %11.6f %%\n", "  their probability", 100.0 * s->top_mass[i].value);
    }
    print_share("Same top p", &s->same_top, s->tokens, out);
    print_share("Base's top in top 5", &s->ref_top5, s->tokens, out);
    print_share("Base's top in top 10", &s->ref_top10, s->tokens, out);
    print_share("Top in base's top 5", &s->eval_top5, s->tokens, out);
    print_share("Top in base's top 10", &s->eval_top10, s->tokens, out);
}

static void print_per_size(const struct kld_other_report *other, FILE *out)
{
    const struct kld_statistics *s = &other->statistics;
    const struct kld_size_metrics m = kld_size_metrics_of(other->bytes, s->ppl.value, s->kld.value,
                                                          s->delta_p_rms.value, s->same_top.value);
    fprintf(out, "====== Per size (%.0f bytes; MB = 10^6, GB = 10^9; bigger is better) ======\n",
            other->bytes);
    fprintf(out, "1/PPL per MB       : %.5g\n", m.inv_ppl_per_mb);
    fprintf(out, "1/KLD per GB       : %.5g\n", m.inv_kld_per_gb);
    fprintf(out, "1/RMS Δp per GB    : %.5g\n", m.inv_rms_per_gb);
    fprintf(out, "top p %% per GB     : %.5g\n", m.top_p_per_gb);
    if (isfinite(m.top_p_logit_per_gb))
        fprintf(out, "100 logit(p) per GB: %.5g\n", m.top_p_logit_per_gb);
    else
        fprintf(out, "100 logit(p) per GB: -\n");
}

/* All chunks, or the last alone. */
static void print_running(const struct kld_tokens *tokens, bool all, FILE *out)
{
    struct kld_running running = {0};
    kld_running_print_head(out);
    for (size_t i = 0; i < tokens->count; i++) {
        kld_running_add(&running, &tokens->items[i]);
        const bool last = i + 1 == tokens->count;
        if (last || (all && (i + 1) % tokens->per_chunk == 0))
            kld_running_print(&running, i / tokens->per_chunk + 1, out);
    }
}

void kld_report_print_other(const struct kld_other_report *other, bool per_chunk, FILE *out)
{
    char name[256];
    const bool few = other->statistics.tokens < FEW_TOKENS;
    fprintf(out, "\nQ: %s\n", escape(name, sizeof name, other->name, strlen(other->name)));
    if (few || per_chunk)
        print_running(other->tokens, per_chunk, out);
    if (few) {
        fprintf(out, "Fewer than %d tokens: no further statistics.\n", FEW_TOKENS);
        return;
    }
    print_perplexity(&other->statistics, out);
    print_divergence(&other->statistics, out);
    print_probability(&other->statistics, out);
    print_more(&other->statistics, out);
    if (other->bytes > 0.0)
        print_per_size(other, out);
}

/* ------------------------------------------------------------------------------------------------
 * Two others
 */

static void print_name(const char *letter, const char *name, FILE *out)
{
    char shown[256];
    fprintf(out, "%s: %s\n", letter, escape(shown, sizeof shown, name, strlen(name)));
}

void kld_report_print_pair(const struct kld_pair_report *pair, FILE *out)
{
    const struct kld_paired *p = &pair->values;
    const struct paired_result *change = &p->kld_change;
    fprintf(out, "\n====== Paired comparison, token by token ======\n");
    print_name("A", pair->first, out);
    print_name("B", pair->second, out);
    print_interval("KLD A - B", &p->kld, 1.0, 6, "", out);
    print_interval("ln PPL A - B", &p->nll, 1.0, 6, "", out);
    print_interval("Same top p A - B", &p->same_top, 100.0, 3, " %", out);
    fprintf(out, "%-22s %+10.2f %%  99 %%: %+.2f .. %+.2f %%\n", "KLD of A against B",
            100.0 * change->change, 100.0 * change->low, 100.0 * change->high);
    fprintf(out,
            "KLD of A is smaller at %.2f %% of the tokens, equal at %.2f %%, larger at %.2f %%\n",
            100.0 * change->better, 100.0 * change->equal, 100.0 * change->worse);
}

void kld_report_print(const struct kld_report *report, FILE *out)
{
    print_base(&report->base, out);
    if (report->nothers == 0) {
        fprintf(out, "====== Perplexity statistics ======\n");
        kld_report_print_ppl("Mean PPL(base)", &report->base.ppl, out);
    }
    for (size_t i = 0; i < report->nothers; i++)
        kld_report_print_other(&report->others[i], report->lists.per_chunk, out);
    if (report->paired && report->others[0].statistics.tokens >= FEW_TOKENS)
        kld_report_print_pair(report->paired, out);
}
