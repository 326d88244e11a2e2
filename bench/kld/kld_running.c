#include "kld_running.h"

#include "quantile.h"
#include <math.h>

void kld_running_add(struct kld_running *running, const struct kld_token *token)
{
    const double delta_p = (double)token->delta_p;
    nll_sums_add(&running->nll, token->nll, token->nll_base);
    moments_add(&running->kld, token->kld);
    moments_add(&running->delta_p_squared, delta_p * delta_p);
    moments_add(&running->same_top, token->same_top ? 1.0 : 0.0);
}

static struct kld_running_value mean_of(const struct moments *moments)
{
    return (struct kld_running_value){
        .value = moments->mean,
        .error = moments->count > 10 ? moments_standard_error(moments) : 0.0,
    };
}

struct kld_running_line kld_running_line(const struct kld_running *running)
{
    const struct nll_sums *sums = &running->nll;
    const double n = (double)sums->count;
    const double ppl = natural_exp(sums->nll / n), ppl_base = natural_exp(sums->base / n);
    const struct nll_errors errors = nll_sums_errors(sums, ppl, ppl_base);
    struct kld_running_line line = {
        .ppl = {ppl, ppl * errors.nll},
        .log_ratio = {sums->nll / n - sums->base / n, errors.difference},
        .kld = mean_of(&running->kld),
        .delta_p_rms = mean_of(&running->delta_p_squared),
        .same_top = mean_of(&running->same_top),
    };
    const double rms = sqrt(line.delta_p_rms.value);
    line.delta_p_rms.value = rms;
    line.delta_p_rms.error *= rms > 0.0 ? 0.5 / rms : 0.0;
    return line;
}

void kld_running_print_head(FILE *out)
{
    fprintf(out, "chunk             PPL               ln(PPL(Q)/PPL(base))          KL Divergence"
                 "              Δp RMS            Same top p\n");
}

void kld_running_print(const struct kld_running *running, size_t chunk, FILE *out)
{
    const struct kld_running_line line = kld_running_line(running);
    fprintf(out, "%4zu    %9.4f ± %9.4f", chunk, line.ppl.value, line.ppl.error);
    fprintf(out, "    %10.5f ± %10.5f", line.log_ratio.value, line.log_ratio.error);
    fprintf(out, "    %10.5f ± %10.5f", line.kld.value, line.kld.error);
    fprintf(out, "    %6.3f ± %6.3f %%", 100.0 * line.delta_p_rms.value,
            100.0 * line.delta_p_rms.error);
    fprintf(out, "    %6.3f ± %6.3f %%\n", 100.0 * line.same_top.value,
            100.0 * line.same_top.error);
}
