/* The divergence statistics on a worked example. */
#include "kld_example.h"
#include "kld_statistics.h"
#include "suite.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct kld_example example;

static struct kld_statistics statistics_of(const struct kld_tokens *tokens)
{
    struct kld_statistics s;
    struct error error;
    ck_assert(kld_statistics_of(tokens, &kld_example_settings, &s, &error));
    return s;
}

static struct kld_statistics statistics(float range)
{
    struct kld_tokens tokens = kld_example_tokens(&example, range, 0, 1, 1);
    const struct kld_statistics s = statistics_of(&tokens);
    kld_tokens_free(&tokens);
    return s;
}

static void make_example(void)
{
    kld_example_make(&example);
}

/* ------------------------------------------------------------------------------------------------
 * The worked example. Its figures come from the arithmetic of llama.cpp's perplexity tool.
 */

#define NEAR(value, expected, tolerance)                                                           \
    ck_assert_msg(fabs((value) - (expected)) <= (tolerance), "%s is %.12g, expected %.12g",        \
                  #value, (double)(value), (double)(expected))
#define NEAR_KLD(value, expected) NEAR(value, expected, 1e-7)
#define NEAR_PPL(value, expected) NEAR(value, expected, 1e-6 * fabs(expected))

START_TEST(the_first_tokens_are_as_worked)
{
    static const struct {
        double nll, nll_base, kld, delta_p;
        bool same_top;
    } expected[] = {
        {0.125694, 0.205771, 0.025252533, 0.067865, true},
        {0.046056, 0.033413, 0.004611592, -0.012151, true},
        {1.467600, 1.357387, 0.004085711, -0.026855, true},
    };
    struct kld_tokens tokens = kld_example_tokens(&example, 16.0f, 0, 1, 1);
    for (int i = 0; i < 3; i++) {
        const struct kld_token *token = &tokens.items[i];
        NEAR((double)token->nll, expected[i].nll, 6e-7);
        NEAR((double)token->nll_base, expected[i].nll_base, 6e-7);
        NEAR_KLD(token->kld, expected[i].kld);
        NEAR((double)token->delta_p, expected[i].delta_p, 6e-7);
        ck_assert(token->same_top == expected[i].same_top);
    }
    kld_tokens_free(&tokens);
}
END_TEST

/* What the two clamps differ in. */
static const struct clamped {
    float range;
    double ppl_base, ppl_base_error, covariance, log_ratio, log_ratio_error, ratio, ratio_error;
    double difference, difference_error, kld, kld_error, p10, p5, p1, p01, minimum;
} clamped[] = {
    {16.0f, 7.448319267, 2.193536058, 0.0868205959, -0.002711616, 0.016690568, 0.997292057,
     0.016645371, -0.020169627, 0.124013725, 0.012093976, 0.001585097, 3.3812e-5, 9.751e-6, 2.65e-7,
     -3.70e-7, -3.86e-7},
    {24.0f, 7.448319918, 2.193536320, 0.0868205989, -0.002711704, 0.016690552, 0.997291969,
     0.016645353, -0.020170278, 0.124013614, 0.012094448, 0.001585053, 3.4199e-5, 1.1211e-5,
     3.16e-7, -3.91e-7, -4.17e-7},
};

START_TEST(statistics_are_as_worked_with_each_clamp)
{
    const struct clamped *c = &clamped[_i];
    const struct kld_statistics s = statistics(c->range);
    ck_assert_uint_eq(s.tokens, 120);
    ck_assert_uint_eq(s.chunks, 40);
    NEAR_PPL(s.ppl.value, 7.428149641);
    NEAR_PPL(s.ppl.error, 2.193368445);
    NEAR_PPL(s.ppl_base.value, c->ppl_base);
    NEAR_PPL(s.ppl_base.error, c->ppl_base_error);
    NEAR(s.correlation, 0.99840172, 1e-7);
    NEAR_PPL(s.correlation * (s.ppl.error / s.ppl.value) * (s.ppl_base.error / s.ppl_base.value),
             c->covariance);
    NEAR(s.log_ratio.value, c->log_ratio, 1e-7);
    NEAR_PPL(s.log_ratio.error, c->log_ratio_error);
    NEAR_PPL(s.ratio.value, c->ratio);
    NEAR_PPL(s.ratio.error, c->ratio_error);
    NEAR(s.difference.value, c->difference, 1e-6);
    NEAR_PPL(s.difference.error, c->difference_error);
    NEAR_KLD(s.kld.value, c->kld);
    NEAR_KLD(s.kld.error, c->kld_error);
    const double quantiles[] = {0.074217796, 0.073938660, 0.071016051, 0.046855886,
                                0.039847538, 0.003367142, c->p10,      c->p5,
                                c->p1,       c->p01,      c->minimum};
    for (int i = 0; i < KLD_LEVELS; i++)
        NEAR_KLD(s.kld_quantiles[i], quantiles[i]);
}
END_TEST

START_TEST(probabilities_are_as_worked)
{
    const double delta_p[] = {7.910890,  7.872320,   7.445951,  5.984664,  2.684206,
                              0.327648,  -0.000467,  -0.297303, -3.418569, -4.662966,
                              -9.190932, -11.153498, -11.373276};
    const struct kld_statistics s = statistics(clamped[_i].range);
    NEAR(100.0 * s.delta_p.value, -0.0799510, 2e-6);
    NEAR(100.0 * s.delta_p.error, 0.2638045, 1e-6);
    for (int i = 0; i < DELTA_P_LEVELS; i++)
        NEAR(100.0 * s.delta_p_quantiles[i], delta_p[i], 5e-5);
    NEAR(100.0 * s.delta_p_rms.value, 2.8788779, 2e-6);
    NEAR(100.0 * s.delta_p_rms.error, 0.3128528, 1e-6);
    NEAR(100.0 * s.same_top.value, 94.166667, 1e-6);
    NEAR(100.0 * s.same_top.error, 2.148491, 1e-6);
}
END_TEST

START_TEST(derived_statistics_are_as_worked)
{
    const struct kld_statistics s = statistics(16.0f);
    NEAR(s.kld.half_99, 0.004149, 1e-6);
    NEAR(s.kld.half_99 / s.kld.error, 2.6177760, 1e-6);
    NEAR(100.0 * s.same_top.half_99, 5.624, 1e-3);
    NEAR_KLD(s.tail_kld, 0.062869951);
    NEAR(s.tail_error, 0.0073686, 1e-7);
}
END_TEST

START_TEST(ranks_are_as_worked)
{
    struct kld_tokens tokens = kld_example_tokens(&example, 16.0f, 0, 1, 1);
    int same = 0, ref_top2 = 0, eval_top2 = 0;
    for (size_t i = 0; i < tokens.count; i++) {
        same += tokens.items[i].same_top;
        ref_top2 += tokens.items[i].rank < 2;
        eval_top2 += tokens.items[i].rank_in_base < 2;
    }
    ck_assert_int_eq(same, 113);
    ck_assert_int_eq(ref_top2, 120);
    ck_assert_int_eq(eval_top2, 119);
    kld_tokens_free(&tokens);
}
END_TEST

/* The base as a running model has it: no grid, no clamp. */
START_TEST(a_base_of_logits_is_as_worked)
{
    const double klds[] = {0.009593968, 0.011559447, 0.012010684};
    const double masses[] = {0.944004765, 0.988078940, 0.998401032};
    const struct kld_statistics s = statistics(0.0f);
    for (int i = 0; i < 3; i++) {
        NEAR_KLD(s.top_kld[i].value, klds[i]);
        NEAR_KLD(s.top_mass[i].value, masses[i]);
    }
    NEAR_PPL(s.ppl_base.value, 7.448331);
    /* Among the whole vocabulary: the divergence itself. */
    NEAR_KLD(s.top_kld[3].value, s.kld.value);
    NEAR_KLD(s.top_mass[3].value, 1.0);
}
END_TEST

/* One row by hand: base 0, -3, -20, -30, other 0.25, -2.5, -18, -31. The targets 0 and 2. */
START_TEST(a_row_by_hand)
{
    const float logits[] = {0.0f, -3.0f, -20.0f, -30.0f};
    const float others[] = {0.25f, -2.5f, -18.0f, -31.0f};
    static const struct {
        float range;
        double nll_base;
    } clamps[] = {{16.0f, 16.0485878}, {24.0f, 20.0487709}};
    const struct kld_settings plain = {.cutoff = KLD_CUTOFF}, all = {.cutoff = -INFINITY};
    const struct kld_other other = kld_other_of_logits(others, 4);
    NEAR((double)other.log_sum, 0.311967611, 3e-8);
    struct kld_base base;
    struct kld_token token;
    struct logits_row facts;
    struct error error;
    ck_assert(kld_base_open(&base, &plain, 4, &error));
    for (int i = 0; i < 2; i++) {
        uint8_t row[16];
        logits_row_encode(logits, 4, clamps[i].range, row);
        ck_assert(logits_row_decode(row, 4, base.log_probabilities, &facts, &error));
        kld_base_of_log_probabilities(&base);
        kld_token_of(&base, &other, 0, &token);
        NEAR(token.kld, 0.001521687, 1e-9);
        NEAR((double)token.nll, 0.0619676, 5e-8);
        NEAR((double)token.delta_p, -0.0126604, 1e-7);
        kld_token_of(&base, &other, 2, &token);
        NEAR((double)token.nll, 18.3119678, 1e-6);
        NEAR((double)token.nll_base, clamps[i].nll_base, 1e-6);
    }
    kld_base_close(&base);
    ck_assert(kld_base_open(&base, &all, 4, &error));
    kld_base_of_logits(&base, logits);
    kld_token_of(&base, &other, 0, &token);
    NEAR(token.kld, 0.001523775, 2e-8);
    kld_base_close(&base);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Figures per size, from a published table: size in GB, top p in percent of it, ln(p / (1 - p)).
 */

static const struct {
    double gb, ppl_per_mb, kld_per_gb, rms_per_gb, top_p_per_gb, logit, logit_per_gb;
} sizes[] = {
    {26.32, 3.2171e-06, 0.05498, 0.16079, 2.6056, 0.7806, 2.9656},
    {24.57, 2.9514e-06, 0.04362, 0.14730, 2.5499, 0.5172, 2.1051},
    {30.17, 3.1418e-06, 0.07143, 0.17326, 2.4534, 1.0470, 3.4704},
    {28.56, 3.0029e-06, 0.05273, 0.15184, 2.3729, 0.7432, 2.6023},
    {34.34, 2.9564e-06, 0.08067, 0.17252, 2.2347, 1.1937, 3.4761},
    {35.4, 2.7426e-06, 0.07513, 0.16462, 2.1751, 1.2083, 3.4133},
    {44.0, 2.5197e-06, 0.10473, 0.16773, 1.8845, 1.5800, 3.5908},
    {40.57, 2.4948e-06, 0.07424, 0.15113, 1.9189, 1.2569, 3.0982},
    {42.6, 2.5214e-06, 0.12689, 0.19304, 1.9582, 1.6157, 3.7927},
    {44.96, 2.4003e-06, 0.13562, 0.19683, 1.8746, 1.6792, 3.7349},
    {41.66, 2.4589e-06, 0.09838, 0.17534, 1.9222, 1.3913, 3.3397},
};

START_TEST(figures_per_size_are_the_published_ones)
{
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const double gb = sizes[i].gb;
        const double ppl = 1.0 / (sizes[i].ppl_per_mb * 1000.0 * gb);
        const double kld = 1.0 / (sizes[i].kld_per_gb * gb);
        const double rms = 1.0 / (sizes[i].rms_per_gb * gb);
        const double p = sizes[i].top_p_per_gb * gb / 100.0;
        const struct kld_size_metrics m = kld_size_metrics_of(gb * 1e9, ppl, kld, rms, p);
        NEAR(m.inv_ppl_per_mb, sizes[i].ppl_per_mb, 1e-12);
        NEAR(m.inv_kld_per_gb, sizes[i].kld_per_gb, 1e-9);
        NEAR(m.inv_rms_per_gb, sizes[i].rms_per_gb, 1e-9);
        NEAR(m.top_p_per_gb, sizes[i].top_p_per_gb, 1e-9);
        NEAR(m.top_p_logit_per_gb, sizes[i].logit_per_gb, 5e-4);
        NEAR(m.top_p_logit_per_gb * gb / 100.0, sizes[i].logit, 2e-4);
    }
    /* 10 GB, perplexity 8, divergence 0.5, RMS 25 %, top p 1/2. */
    const struct kld_size_metrics m = kld_size_metrics_of(1e10, 8.0, 0.5, 0.25, 0.5);
    NEAR(m.inv_ppl_per_mb, 1.25e-5, 1e-18);
    NEAR(m.inv_kld_per_gb, 0.2, 1e-15);
    NEAR(m.inv_rms_per_gb, 0.4, 1e-15);
    NEAR(m.top_p_per_gb, 5.0, 1e-15);
    ck_assert(m.top_p_logit_per_gb == 0.0);
    ck_assert(!isfinite(kld_size_metrics_of(1e10, 8.0, 0.5, 0.25, 1.0).top_p_logit_per_gb));
    ck_assert(!isfinite(kld_size_metrics_of(1e10, 8.0, 0.5, 0.25, 0.0).top_p_logit_per_gb));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("kld");
    TCase *tcase = tcase_create("kld");
    tcase_set_timeout(tcase, 0);
    tcase_add_unchecked_fixture(tcase, make_example, NULL);
    tcase_add_test(tcase, the_first_tokens_are_as_worked);
    tcase_add_loop_test(tcase, statistics_are_as_worked_with_each_clamp, 0, 2);
    tcase_add_loop_test(tcase, probabilities_are_as_worked, 0, 2);
    tcase_add_test(tcase, derived_statistics_are_as_worked);
    tcase_add_test(tcase, ranks_are_as_worked);
    tcase_add_test(tcase, a_base_of_logits_is_as_worked);
    tcase_add_test(tcase, a_row_by_hand);
    tcase_add_test(tcase, figures_per_size_are_the_published_ones);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
