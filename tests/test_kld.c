/* The divergence statistics, on a worked example and by the properties they must have. */
#include "kld_example.h"
#include "kld_paired.h"
#include "kld_running.h"
#include "kld_statistics.h"
#include "suite.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------
 * Feeding, token by token
 */

static struct kld_example example;

static const struct kld_settings settings = {
    .cutoff = KLD_CUTOFF, .ntops = 4, .tops = {2, 3, 4, 9}};

/* `range` of the file that the base went through; 0 for its logits themselves. */
static void feed(struct kld_base *base, int row, float range)
{
    uint8_t bytes[64];
    struct logits_row facts;
    struct error error;
    if (range == 0.0f) {
        kld_base_of_logits(base, example.base[row]);
        return;
    }
    ck_assert_uint_le(logits_row_bytes(EXAMPLE_VOCABULARY), sizeof bytes);
    logits_row_encode(example.base[row], EXAMPLE_VOCABULARY, range, bytes);
    ck_assert(
        logits_row_decode(bytes, EXAMPLE_VOCABULARY, base->log_probabilities, &facts, &error));
    kld_base_of_log_probabilities(base);
}

/* Chunks in the order first, first + step, ... round the text, `times` times over. */
static struct kld_tokens tokens_in_order(float range, int first, int step, int times)
{
    struct kld_tokens tokens = {.per_chunk = EXAMPLE_PER_CHUNK};
    struct kld_base base;
    struct error error;
    ck_assert(kld_base_open(&base, &settings, EXAMPLE_VOCABULARY, &error));
    for (int i = 0; i < times * EXAMPLE_ROWS; i++) {
        const int chunk = (first + step * (i / EXAMPLE_PER_CHUNK)) % EXAMPLE_CHUNKS;
        const int row = chunk * EXAMPLE_PER_CHUNK + i % EXAMPLE_PER_CHUNK;
        feed(&base, row, range);
        const struct kld_other other = kld_other_of_logits(example.other[row], EXAMPLE_VOCABULARY);
        struct kld_token token;
        kld_token_of(&base, &other, logits_target(&example.shape, example.tokens, (uint64_t)row),
                     &token);
        ck_assert(kld_tokens_add(&tokens, &token, &error));
    }
    kld_base_close(&base);
    return tokens;
}

static struct kld_statistics statistics_of(const struct kld_tokens *tokens)
{
    struct kld_statistics s;
    struct error error;
    ck_assert(kld_statistics_of(tokens, &settings, &s, &error));
    return s;
}

static struct kld_statistics statistics(float range)
{
    struct kld_tokens tokens = tokens_in_order(range, 0, 1, 1);
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
    struct kld_tokens tokens = tokens_in_order(16.0f, 0, 1, 1);
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
    double ppl_base, ppl_base_error, log_ratio, log_ratio_error, ratio, ratio_error;
    double difference, difference_error, kld, kld_error, p10, p5, p1, p01, minimum;
} clamped[] = {
    {16.0f, 7.448319267, 2.193536058, -0.002711616, 0.016690568, 0.997292057, 0.016645371,
     -0.020169627, 0.124013725, 0.012093976, 0.001585097, 3.3812e-5, 9.751e-6, 2.65e-7, -3.70e-7,
     -3.86e-7},
    {24.0f, 7.448319918, 2.193536320, -0.002711704, 0.016690552, 0.997291969, 0.016645353,
     -0.020170278, 0.124013614, 0.012094448, 0.001585053, 3.4199e-5, 1.1211e-5, 3.16e-7, -3.91e-7,
     -4.17e-7},
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
    struct kld_tokens tokens = tokens_in_order(16.0f, 0, 1, 1);
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
 * Properties
 */

START_TEST(the_order_of_chunks_does_not_matter)
{
    struct kld_tokens tokens = tokens_in_order(24.0f, 0, 1, 1);
    struct kld_tokens shuffled = tokens_in_order(24.0f, 11, 7, 1);
    const struct kld_statistics a = statistics_of(&tokens), b = statistics_of(&shuffled);
    ck_assert(memcmp(tokens.items, shuffled.items, sizeof *tokens.items) != 0);
    const struct kld_estimate *as = &a.ppl, *bs = &b.ppl;
    NEAR(as->value, bs->value, 1e-12 * as->value);
    NEAR(as->error, bs->error, 1e-12 * as->error);
    NEAR(as->chunk_error, bs->chunk_error, 1e-12 * as->chunk_error);
    NEAR(a.correlation, b.correlation, 1e-12);
    NEAR(a.difference.error, b.difference.error, 1e-12);
    NEAR(a.kld.value, b.kld.value, 1e-12);
    NEAR(a.kld.chunk_error, b.kld.chunk_error, 1e-12);
    NEAR(a.tail_error, b.tail_error, 1e-12);
    NEAR(a.delta_p_rms.error, b.delta_p_rms.error, 1e-12);
    ck_assert_mem_eq(a.kld_quantiles, b.kld_quantiles, sizeof a.kld_quantiles);
    ck_assert_mem_eq(a.delta_p_quantiles, b.delta_p_quantiles, sizeof a.delta_p_quantiles);
    kld_tokens_free(&tokens);
    kld_tokens_free(&shuffled);
}
END_TEST

START_TEST(twice_the_text_has_errors_smaller_by_the_root_of_two)
{
    struct kld_tokens once = tokens_in_order(16.0f, 0, 1, 1);
    struct kld_tokens twice = tokens_in_order(16.0f, 0, 1, 2);
    const struct kld_statistics a = statistics_of(&once), b = statistics_of(&twice);
    const double tokens = sqrt(239.0 / 119.0), chunks = sqrt(79.0 / 39.0);
    NEAR(a.ppl.error / b.ppl.error, tokens, 1e-9);
    NEAR(a.kld.error / b.kld.error, tokens, 1e-9);
    NEAR(a.delta_p_rms.error / b.delta_p_rms.error, tokens, 1e-9);
    NEAR(a.same_top.error / b.same_top.error, tokens, 1e-9);
    NEAR(a.kld.chunk_error / b.kld.chunk_error, chunks, 1e-9);
    kld_tokens_free(&once);
    kld_tokens_free(&twice);
}
END_TEST

/* SE = sqrt(sum over chunks (S - m f)^2 * K / (K - 1)) / n, with the sums S of m tokens. */
START_TEST(errors_by_chunks_are_the_clustered_ones)
{
    struct kld_tokens tokens = tokens_in_order(16.0f, 0, 1, 1);
    const struct kld_statistics s = statistics_of(&tokens);
    const double m = EXAMPLE_PER_CHUNK, chunks = EXAMPLE_CHUNKS;
    double squares = 0.0;
    for (int k = 0; k < EXAMPLE_CHUNKS; k++) {
        double sum = 0.0;
        for (int i = 0; i < EXAMPLE_PER_CHUNK; i++)
            sum += tokens.items[k * EXAMPLE_PER_CHUNK + i].kld;
        squares += (sum - m * s.kld.value) * (sum - m * s.kld.value);
    }
    NEAR(s.kld.chunk_error, sqrt(squares * chunks / (chunks - 1.0)) / (m * chunks), 1e-12);
    kld_tokens_free(&tokens);
}
END_TEST

START_TEST(a_model_against_itself)
{
    struct kld_base base;
    struct kld_tokens tokens = {.per_chunk = EXAMPLE_PER_CHUNK};
    struct error error;
    ck_assert(kld_base_open(&base, &settings, EXAMPLE_VOCABULARY, &error));
    for (int row = 0; row < EXAMPLE_ROWS; row++) {
        feed(&base, row, _i == 0 ? 16.0f : 24.0f);
        const struct kld_other other = kld_other_of_logits(example.base[row], EXAMPLE_VOCABULARY);
        struct kld_token token;
        kld_token_of(&base, &other, logits_target(&example.shape, example.tokens, (uint64_t)row),
                     &token);
        ck_assert_double_le(fabs(token.kld), 1e-4);
        ck_assert(kld_tokens_add(&tokens, &token, &error));
    }
    const struct kld_statistics s = statistics_of(&tokens);
    NEAR(s.ratio.value, 1.0, 1e-4);
    ck_assert(s.same_top.value == 1.0);
    const struct kld_paired paired = kld_paired_of(&tokens, &tokens);
    ck_assert(paired.kld.value == 0.0 && paired.kld.half_99 == 0.0 && paired.nll.error == 0.0);
    kld_tokens_free(&tokens);
    kld_base_close(&base);
}
END_TEST

START_TEST(few_tokens_have_no_uncertainty)
{
    struct kld_tokens tokens = tokens_in_order(16.0f, 0, 1, 1);
    tokens.count = (size_t)_i;
    const struct kld_statistics s = statistics_of(&tokens);
    ck_assert((s.ppl.error == 0.0) == (_i <= 10));
    ck_assert((s.kld.error == 0.0) == (_i <= 10));
    ck_assert((isnan(s.correlation) != 0) == (_i <= 10));
    ck_assert((isnan(s.kld.half_99) != 0) == (_i <= 10));
    for (int i = 1; i < KLD_LEVELS; i++)
        ck_assert(s.kld_quantiles[i] <= s.kld_quantiles[i - 1]);
    for (int i = 1; i < DELTA_P_LEVELS; i++)
        ck_assert(s.delta_p_quantiles[i] <= s.delta_p_quantiles[i - 1]);
    kld_tokens_free(&tokens);
}
END_TEST

START_TEST(running_lines_end_at_the_statistics)
{
    struct kld_tokens tokens = tokens_in_order(16.0f, 0, 1, 1);
    const struct kld_statistics s = statistics_of(&tokens);
    struct kld_running running = {0};
    for (size_t i = 0; i < tokens.count; i++)
        kld_running_add(&running, &tokens.items[i]);
    const struct kld_running_line line = kld_running_line(&running);
    NEAR(line.ppl.value, s.ppl.value, 1e-13);
    NEAR(line.ppl.error, s.ppl.error, 1e-13);
    NEAR(line.log_ratio.value, s.log_ratio.value, 1e-15);
    ck_assert(line.log_ratio.error == s.log_ratio.error);
    ck_assert(line.kld.value == s.kld.value && line.kld.error == s.kld.error);
    ck_assert(line.delta_p_rms.value == s.delta_p_rms.value);
    NEAR(line.delta_p_rms.error, s.delta_p_rms.error, 1e-15);
    ck_assert(line.same_top.error == s.same_top.error);
    kld_tokens_free(&tokens);
}
END_TEST

/* A's divergence is B's plus 0, 0.1, 0.2 in turn. */
START_TEST(pairs_share_what_the_text_does)
{
    struct kld_tokens a = tokens_in_order(16.0f, 0, 1, 1), b = tokens_in_order(16.0f, 0, 1, 1);
    double sum = 0.0;
    for (size_t i = 0; i < a.count; i++) {
        sum += b.items[i].kld;
        a.items[i].kld += 0.1 * (double)(i % 3);
        a.items[i].same_top = a.items[i].same_top && i % 4 != 0;
    }
    const struct kld_paired paired = kld_paired_of(&a, &b);
    NEAR(paired.kld.value, 0.1, 1e-12);
    NEAR(paired.kld.error, sqrt(0.02 / 3.0 / 119.0), 1e-12);
    NEAR(paired.kld.half_99, 2.6177760 * sqrt(0.02 / 3.0 / 119.0), 1e-8);
    NEAR(paired.kld.chunk_error, 0.0, 1e-12);
    ck_assert(paired.nll.value == 0.0 && paired.nll.error == 0.0);
    NEAR(paired.kld_change.change, 12.0 / sum, 1e-9);
    NEAR(paired.kld_change.equal, 1.0 / 3.0, 1e-12);
    NEAR(paired.kld_change.worse, 2.0 / 3.0, 1e-12);
    ck_assert(paired.same_top.value < 0.0);
    kld_tokens_free(&a);
    kld_tokens_free(&b);
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
    {28.56, 3.0029e-06, 0.05273, 0.15184, 2.3729, 0.7432, 2.6023},
    {42.6, 2.5214e-06, 0.12689, 0.19304, 1.9582, 1.6157, 3.7927},
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
    tcase_add_test(tcase, the_order_of_chunks_does_not_matter);
    tcase_add_test(tcase, twice_the_text_has_errors_smaller_by_the_root_of_two);
    tcase_add_test(tcase, errors_by_chunks_are_the_clustered_ones);
    tcase_add_loop_test(tcase, a_model_against_itself, 0, 2);
    tcase_add_loop_test(tcase, few_tokens_have_no_uncertainty, 1, 15);
    tcase_add_test(tcase, running_lines_end_at_the_statistics);
    tcase_add_test(tcase, pairs_share_what_the_text_does);
    tcase_add_test(tcase, figures_per_size_are_the_published_ones);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
