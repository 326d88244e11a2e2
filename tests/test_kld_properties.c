/* Properties that divergence statistics must have. */
#include "kld_example.h"
#include "kld_paired.h"
#include "kld_running.h"
#include "kld_statistics.h"
#include "log_sum_exp.h"
#include "suite.h"
#include "top_tokens.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct kld_example example;

#define NEAR(value, expected, tolerance)                                                           \
    ck_assert_msg(fabs((value) - (expected)) <= (tolerance), "%s is %.12g, expected %.12g",        \
                  #value, (double)(value), (double)(expected))

static struct kld_statistics statistics_of(const struct kld_tokens *tokens)
{
    struct kld_statistics s;
    struct error error;
    ck_assert(kld_statistics_of(tokens, &kld_example_settings, &s, &error));
    return s;
}

static void make_example(void)
{
    kld_example_make(&example);
}

/* ------------------------------------------------------------------------------------------------
 * Properties
 */

START_TEST(the_order_of_chunks_does_not_matter)
{
    struct kld_tokens tokens = kld_example_tokens(&example, 24.0f, 0, 1, 1);
    struct kld_tokens shuffled = kld_example_tokens(&example, 24.0f, 11, 7, 1);
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
    struct kld_tokens once = kld_example_tokens(&example, 16.0f, 0, 1, 1);
    struct kld_tokens twice = kld_example_tokens(&example, 16.0f, 0, 1, 2);
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
    struct kld_tokens tokens = kld_example_tokens(&example, 16.0f, 0, 1, 1);
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
    ck_assert(kld_base_open(&base, &kld_example_settings, EXAMPLE_VOCABULARY, &error));
    for (int row = 0; row < EXAMPLE_ROWS; row++) {
        kld_example_feed(&example, &base, row, _i == 0 ? 16.0f : 24.0f);
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
    struct kld_tokens tokens = kld_example_tokens(&example, 16.0f, 0, 1, 1);
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
    struct kld_tokens tokens = kld_example_tokens(&example, 16.0f, 0, 1, 1);
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
    struct kld_tokens a = kld_example_tokens(&example, 16.0f, 0, 1, 1),
                      b = kld_example_tokens(&example, 16.0f, 0, 1, 1);
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

START_TEST(ranks_make_shares)
{
    struct kld_tokens tokens = kld_example_tokens(&example, 16.0f, 0, 1, 1);
    for (uint32_t i = 0; i < EXAMPLE_ROWS; i++) {
        tokens.items[i].rank = i % 12;
        tokens.items[i].rank_in_base = i % 20;
    }
    const struct kld_statistics s = statistics_of(&tokens);
    NEAR(s.ref_top5.value, 5.0 / 12.0, 1e-12);
    NEAR(s.ref_top10.value, 10.0 / 12.0, 1e-12);
    NEAR(s.eval_top5.value, 0.25, 1e-12);
    NEAR(s.eval_top10.value, 0.5, 1e-12);
    NEAR(s.eval_top10.error, sqrt(0.25 / 119.0), 1e-12);
    kld_tokens_free(&tokens);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * The largest of many, with ties
 */

START_TEST(top_tokens_are_the_first_of_a_sorted_list)
{
    enum {
        MOST = 40
    };
    uint32_t state = (uint32_t)_i + 1;
    for (uint32_t n = 1; n <= MOST; n++) {
        float x[MOST];
        uint32_t top[MOST];
        for (uint32_t i = 0; i < n; i++) {
            state = state * 1664525u + 1013904223u;
            x[i] = (float)((state >> 16) % (_i % 2 == 0 ? 7 : 1000)) - 400.0f;
        }
        for (uint32_t count = 0; count <= n; count++) {
            top_tokens(x, n, count, top);
            for (uint32_t k = 0; k < count; k++) {
                /* Exactly k tokens come before the one at place k. */
                uint32_t before = 0;
                for (uint32_t i = 0; i < n; i++)
                    before += x[i] > x[top[k]] || (x[i] == x[top[k]] && i < top[k]);
                ck_assert_uint_eq(before, k);
            }
        }
        ck_assert_uint_eq(index_of_largest(x, n), top[0]);
        for (uint32_t i = 0; i < n; i++)
            ck_assert((tokens_above(x, n, i) == 0) == (x[i] == x[top[0]]));
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("kld properties");
    TCase *tcase = tcase_create("kld properties");
    tcase_set_timeout(tcase, 0);
    tcase_add_unchecked_fixture(tcase, make_example, NULL);
    tcase_add_test(tcase, the_order_of_chunks_does_not_matter);
    tcase_add_test(tcase, twice_the_text_has_errors_smaller_by_the_root_of_two);
    tcase_add_test(tcase, errors_by_chunks_are_the_clustered_ones);
    tcase_add_loop_test(tcase, a_model_against_itself, 0, 2);
    tcase_add_loop_test(tcase, few_tokens_have_no_uncertainty, 1, 15);
    tcase_add_test(tcase, running_lines_end_at_the_statistics);
    tcase_add_test(tcase, pairs_share_what_the_text_does);
    tcase_add_test(tcase, ranks_make_shares);
    tcase_add_loop_test(tcase, top_tokens_are_the_first_of_a_sorted_list, 0, 4);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
