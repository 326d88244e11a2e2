#include "kld_token.h"

#include "log_sum_exp.h"
#include "quantile.h"
#include "top_tokens.h"
#include <stdlib.h>

/* ------------------------------------------------------------------------------------------------
 * The two distributions
 */

void kld_settings_fit(struct kld_settings *settings, uint32_t vocabulary)
{
    for (uint32_t i = 0; i < settings->ntops; i++)
        if (settings->tops[i] > vocabulary)
            settings->tops[i] = vocabulary;
}

bool kld_base_open(struct kld_base *base, const struct kld_settings *settings, uint32_t vocabulary,
                   struct error *error)
{
    *base = (struct kld_base){.settings = *settings, .n = vocabulary};
    kld_settings_fit(&base->settings, vocabulary);
    for (uint32_t i = 0; i < settings->ntops; i++)
        if (base->settings.tops[i] > base->nlargest)
            base->nlargest = base->settings.tops[i];
    base->log_probabilities = malloc(vocabulary * sizeof *base->log_probabilities);
    base->probabilities = malloc(vocabulary * sizeof *base->probabilities);
    base->largest = malloc((base->nlargest + (size_t)1) * sizeof *base->largest);
    if (base->log_probabilities && base->probabilities && base->largest)
        return true;
    kld_base_close(base);
    return fail(error, "no memory for a vocabulary of %lu", (unsigned long)vocabulary);
}

void kld_base_close(struct kld_base *base)
{
    free(base->log_probabilities);
    free(base->probabilities);
    free(base->largest);
    *base = (struct kld_base){0};
}

void kld_base_of_log_probabilities(struct kld_base *base)
{
    const float *const x = base->log_probabilities;
    for (uint32_t i = 0; i < base->n; i++)
        base->probabilities[i] = x[i] > base->settings.cutoff ? exp_f32(x[i]) : 0.0f;
    base->top = index_of_largest(x, base->n);
    top_tokens(x, base->n, base->nlargest, base->largest);
}

static float log_sum_of(const float *logits, uint32_t n)
{
    const float max = logits[index_of_largest(logits, n)];
    return max + log_sum_exp_above(logits, n, max);
}

void kld_base_of_logits(struct kld_base *base, const float *logits)
{
    const float log_sum = log_sum_of(logits, base->n);
    for (uint32_t i = 0; i < base->n; i++)
        base->log_probabilities[i] = logits[i] - log_sum;
    kld_base_of_log_probabilities(base);
}

struct kld_other kld_other_of_logits(const float *logits, uint32_t vocabulary)
{
    return (struct kld_other){.x = logits, .log_sum = log_sum_of(logits, vocabulary)};
}

struct kld_other kld_other_of_log_probabilities(const float *log_probabilities)
{
    return (struct kld_other){.x = log_probabilities};
}

/* ------------------------------------------------------------------------------------------------
 * The token
 */

static double divergence(const struct kld_base *base, const struct kld_other *other)
{
    double sum = 0.0;
    for (uint32_t i = 0; i < base->n; i++) {
        const float p = base->probabilities[i];
        if (p > 0.0f)
            sum += (double)(p * (base->log_probabilities[i] - other->x[i] + other->log_sum));
    }
    return sum;
}

/* ln of the sum of e^x over some tokens. */
static double log_sum_among(const float *x, const uint32_t *tokens, uint32_t count)
{
    double max = (double)x[tokens[0]], sum = 0.0;
    for (uint32_t i = 1; i < count; i++)
        max = (double)x[tokens[i]] > max ? (double)x[tokens[i]] : max;
    for (uint32_t i = 0; i < count; i++)
        sum += natural_exp((double)x[tokens[i]] - max);
    return max + natural_log(sum);
}

static struct kld_top divergence_among(const struct kld_base *base, const struct kld_other *other,
                                       uint32_t count)
{
    const float *const p = base->log_probabilities, *const q = other->x;
    const uint32_t *const tokens = base->largest;
    const double log_sum_p = log_sum_among(p, tokens, count);
    const double log_sum_q = log_sum_among(q, tokens, count);
    struct kld_top top = {.mass = natural_exp(log_sum_p)};
    for (uint32_t i = 0; i < count; i++) {
        const double log_p = (double)p[tokens[i]] - log_sum_p;
        const double log_q = (double)q[tokens[i]] - log_sum_q;
        top.kld += natural_exp(log_p) * (log_p - log_q);
    }
    return top;
}

void kld_token_of(const struct kld_base *base, const struct kld_other *other, uint32_t target,
                  struct kld_token *token)
{
    const uint32_t top = index_of_largest(other->x, base->n);
    *token = (struct kld_token){
        .nll = other->log_sum - other->x[target],
        .nll_base = -base->log_probabilities[target],
        .kld = divergence(base, other),
        .same_top = top == base->top,
        .rank = tokens_above(other->x, base->n, base->top),
        .rank_in_base = tokens_above(base->log_probabilities, base->n, top),
    };
    token->delta_p = exp_f32(-token->nll) - exp_f32(-token->nll_base);
    for (uint32_t i = 0; i < base->settings.ntops; i++)
        token->tops[i] = divergence_among(base, other, base->settings.tops[i]);
}
