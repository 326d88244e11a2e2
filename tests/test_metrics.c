/* Error sums against values computed by hand, and in any order of work. */
#include "metrics.h"
#include "philox.h"
#include "suite.h"
#include <check.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Too large for the stack. */
static struct error_histogram histogram, other;

static void setup(void)
{
    memset(&histogram, 0, sizeof(histogram));
    memset(&other, 0, sizeof(other));
}

/* Uniform in [0, 1): element k of a sequence that the draw number selects. */
static double uniform(uint64_t k, uint32_t draw)
{
    const struct philox_point point = {.seed = 42, .element = k, .draw = draw};

    return (double)(philox(&point).word[0] >> 11) * 0x1p-53;
}

static struct error_sums piece(const float *x, const float *y, const float *w, size_t n,
                               size_t block_length, double *block_ee, double *block_wee)
{
    const struct metrics_input input = {x, y, w, n, block_length, 100};
    struct error_sums sums;

    metrics_piece(&input, &sums, &histogram, block_ee, block_wee);
    return sums;
}

/* e = 1, -1, 2, 0, -4: all sums are exact. */
static const float hand_x[] = {1.0f, 2.0f, -3.0f, 5.0f, 4.0f};
static const float hand_y[] = {2.0f, 1.0f, -1.0f, 5.0f, 0.0f};
static const float hand_w[] = {1.0f, 0.5f, 4.0f, 2.0f, 0.0f};

START_TEST(sums_of_a_small_vector)
{
    double ee[3], wee[3];
    const struct error_sums s = piece(hand_x, hand_y, hand_w, 5, 2, ee, wee);

    ck_assert_uint_eq(s.n, 5);
    ck_assert_uint_eq(s.non_finite, 0);
    ck_assert(s.ee == 22.0 && s.wee == 17.5 && s.w == 7.5);
    ck_assert(s.xx == 55.0 && s.yy == 31.0 && s.xy == 32.0);
    ck_assert(s.max_error == 4.0);
    ck_assert_uint_eq(s.max_index, 104);
    ck_assert(ee[0] == 2.0 && ee[1] == 4.0 && ee[2] == 16.0);
    ck_assert(wee[0] == 1.5 && wee[1] == 16.0 && wee[2] == 0.0);
}
END_TEST

START_TEST(metrics_of_a_small_vector)
{
    double ee[3], wee[3];
    const struct error_sums s = piece(hand_x, hand_y, hand_w, 5, 2, ee, wee);
    const struct error_metrics m = metrics_evaluate(&s, &histogram);

    ck_assert(m.rmse == sqrt(22.0 / 5.0));
    ck_assert(m.relative_rmse == sqrt(22.0 / 55.0));
    ck_assert(m.weighted_rmse == sqrt(17.5 / 7.5));
    ck_assert(m.cosine == 32.0 / sqrt(55.0 * 31.0));
    ck_assert(m.max_error == 4.0);
    /* 10 log10(2.5); the last digits are the logarithm's. */
    ck_assert_double_eq_tol(m.sqnr_db, 3.9794000867203760957, 1e-15 * 4);
    /* Ranks 3, 5, 5, 5 of 0, 1, 1, 2, 4: within 1/255, and not above the maximum. */
    ck_assert_double_eq_tol(m.p50, 1.0, 1.0 / 255.0);
    ck_assert(m.p95 == 4.0 && m.p99 == 4.0 && m.p999 == 4.0);
}
END_TEST

START_TEST(no_weights_are_weights_of_one)
{
    double ee[2], wee[2];
    const struct error_sums s = piece(hand_x, hand_y, NULL, 5, 4, ee, wee);
    const struct error_metrics m = metrics_evaluate(&s, &histogram);

    ck_assert(s.wee == 22.0 && s.w == 5.0);
    ck_assert(m.weighted_rmse == m.rmse);
    ck_assert(wee[0] == 6.0 && wee[1] == 16.0 && ee[0] == 6.0 && ee[1] == 16.0);
}
END_TEST

START_TEST(first_of_equal_maxima_is_named)
{
    const float x[] = {0.0f, 0.0f, 0.0f, 0.0f}, y[] = {1.0f, -2.0f, 2.0f, 1.0f};
    double ee[4], wee[4];

    for (size_t block_length = 1; block_length <= 4; block_length++) {
        const struct error_sums s = piece(x, y, NULL, 4, block_length, ee, wee);

        ck_assert(s.max_error == 2.0);
        ck_assert_uint_eq(s.max_index, 101);
    }
}
END_TEST

START_TEST(non_finite_errors_are_counted_and_kept_out)
{
    const float x[] = {1.0f, 1.0f, INFINITY, 1.0f, 3.0f, 1.0f};
    const float y[] = {NAN, 2.0f, INFINITY, -INFINITY, 3.0f, 3.0f};
    double ee[3], wee[3];
    const struct error_sums s = piece(x, y, NULL, 6, 2, ee, wee);
    const struct error_metrics m = metrics_evaluate(&s, &histogram);

    ck_assert_uint_eq(s.n, 3);
    ck_assert_uint_eq(s.non_finite, 3);
    ck_assert(s.ee == 5.0 && s.w == 3.0 && s.xx == 11.0 && s.yy == 22.0 && s.xy == 14.0);
    ck_assert(s.max_error == 2.0);
    ck_assert_uint_eq(s.max_index, 105);
    ck_assert(isnan(ee[0]) && isnan(ee[1]) && ee[2] == 4.0);
    ck_assert(isnan(wee[0]) && isnan(wee[1]) && wee[2] == 4.0);
    ck_assert(m.rmse == sqrt(5.0 / 3.0));
    ck_assert(m.p999 == 2.0);
}
END_TEST

START_TEST(degenerate_cases_are_the_documented_ones)
{
    const float zeros[2] = {0.0f, 0.0f}, some[2] = {3.0f, -4.0f}, bad[2] = {NAN, NAN};
    double ee[2], wee[2];
    struct error_sums s = piece(some, some, NULL, 0, 2, ee, wee);
    struct error_metrics m = metrics_evaluate(&s, &histogram);

    ck_assert(isnan(m.rmse) && isnan(m.relative_rmse) && isnan(m.weighted_rmse));
    ck_assert(isnan(m.sqnr_db) && isnan(m.cosine) && isnan(m.max_error));
    ck_assert(isnan(m.p50) && isnan(m.p95) && isnan(m.p99) && isnan(m.p999));

    s = piece(some, bad, NULL, 2, 2, ee, wee);
    m = metrics_evaluate(&s, &histogram);
    ck_assert(isnan(m.rmse) && isnan(m.max_error) && isnan(m.p50));
    ck_assert_uint_eq(s.non_finite, 2);

    s = piece(some, some, zeros, 2, 2, ee, wee);
    m = metrics_evaluate(&s, &histogram);
    ck_assert(m.rmse == 0.0 && m.relative_rmse == 0.0 && m.max_error == 0.0);
    ck_assert(isnan(m.weighted_rmse));
    ck_assert(isinf(m.sqnr_db) && m.sqnr_db > 0.0);
    ck_assert(m.cosine == 1.0);
    ck_assert(m.p50 == 0.0 && m.p999 == 0.0);

    s = piece(zeros, some, NULL, 2, 2, ee, wee);
    m = metrics_evaluate(&s, &histogram);
    ck_assert(m.rmse == sqrt(12.5) && m.weighted_rmse == m.rmse);
    ck_assert(isnan(m.relative_rmse) && isnan(m.sqnr_db) && isnan(m.cosine));

    s = piece(zeros, zeros, NULL, 2, 2, ee, wee);
    m = metrics_evaluate(&s, &histogram);
    ck_assert(m.rmse == 0.0);
    ck_assert(isnan(m.relative_rmse) && isnan(m.sqnr_db) && isnan(m.cosine));

    s = piece(some, zeros, NULL, 2, 2, ee, wee);
    m = metrics_evaluate(&s, &histogram);
    ck_assert(m.relative_rmse == 1.0 && m.sqnr_db == 0.0 && isnan(m.cosine));
}
END_TEST

START_TEST(cosine_stays_in_its_range)
{
    const float factor = _i == 0 ? -3.0f : 3.0f;

    for (uint64_t k = 0; k < 1000; k++) {
        float x[3], y[3];
        double ee[1], wee[1];

        for (uint32_t i = 0; i < 3; i++) {
            x[i] = (float)uniform(k, i);
            y[i] = factor * x[i];
        }
        const struct error_sums s = piece(x, y, NULL, 3, 3, ee, wee);
        const double cosine = metrics_evaluate(&s, &histogram).cosine;
        const double size = fabs(cosine);

        ck_assert(size <= 1.0 && size > 1.0 - 1e-12);
        ck_assert((cosine < 0.0) == (factor < 0.0f));
    }
}
END_TEST

START_TEST(largest_binary32_values_do_not_overflow)
{
    const float x[] = {FLT_MAX, -FLT_MAX}, y[] = {-FLT_MAX, FLT_MAX};
    double ee[1], wee[1];
    const struct error_sums s = piece(x, y, x, 1, 2, ee, wee);
    const struct error_metrics m = metrics_evaluate(&s, &histogram);

    ck_assert(m.max_error == 2.0 * (double)FLT_MAX && m.rmse == m.max_error);
    ck_assert(isfinite(m.weighted_rmse) && m.cosine == -1.0);
    ck_assert(m.p50 <= 0x1p128 && m.p50 > 0.99 * (double)FLT_MAX);
}
END_TEST

/* ---- the tree ---- */

enum {
    PIECES = 37,
    PIECE = 96,
    BLOCK = 32,
    WEIGHTS = PIECES * PIECE
};

static float tree_x[WEIGHTS], tree_y[WEIGHTS], tree_w[WEIGHTS];

static void fill_tree(void)
{
    for (uint64_t k = 0; k < WEIGHTS; k++) {
        tree_x[k] = (float)(uniform(k, 0) - 0.5);
        tree_y[k] = tree_x[k] + (float)(0.1 * uniform(k, 1) - 0.05);
        tree_w[k] = (float)uniform(k, 2);
    }
}

static void work_on(size_t p, struct error_sums *sums, struct error_histogram *counts)
{
    const size_t at = p * PIECE;
    const struct metrics_input input = {tree_x + at, tree_y + at, tree_w + at, PIECE, BLOCK, at};
    double ee[PIECE / BLOCK], wee[PIECE / BLOCK], baseline[PIECE / BLOCK];

    metrics_piece(&input, sums, counts, ee, wee);
    for (uint32_t b = 0; b < PIECE / BLOCK; b++)
        baseline[b] = 0.1 * uniform(p, 3 + b);
    paired_add(&sums->paired, ee, baseline, PIECE / BLOCK);
    paired_add(&sums->paired_weighted, wee, baseline, PIECE / BLOCK);
}

/* `_i` workers take turns in an order of their own; each has its histogram in real life. */
START_TEST(result_does_not_depend_on_who_worked_when)
{
    const size_t workers = (size_t)_i;
    struct error_sums in_order[PIECES], out_of_order[PIECES];
    struct error_histogram *counts = calloc(workers, sizeof(*counts));

    ck_assert_ptr_nonnull(counts);
    fill_tree();
    for (size_t p = 0; p < PIECES; p++)
        work_on(p, &in_order[p], &histogram);
    for (size_t i = 0; i < PIECES; i++) {
        const size_t p = (i * 11 + workers) % PIECES; /* 11 is prime to 37: a permutation */

        work_on(p, &out_of_order[p], &counts[i % workers]);
    }
    for (size_t worker = workers; worker-- > 0;)
        histogram_merge(&other, &counts[worker]);
    free(counts);

    const struct error_sums a = metrics_merge(in_order, PIECES);
    const struct error_sums b = metrics_merge(out_of_order, PIECES);

    ck_assert_mem_eq(&a, &b, sizeof(a));
    ck_assert_mem_eq(&histogram, &other, sizeof(histogram));
    ck_assert_uint_eq(a.n, WEIGHTS);
    ck_assert_uint_eq(a.paired.better + a.paired.equal + a.paired.worse, WEIGHTS / BLOCK);
}
END_TEST

START_TEST(threads_give_the_same_digits)
{
    struct error_sums alone[PIECES], together[PIECES];

    fill_tree();
    for (size_t p = 0; p < PIECES; p++)
        work_on(p, &alone[p], &histogram);
#pragma omp parallel num_threads(4)
    {
        struct error_histogram *own = calloc(1, sizeof(*own));

#pragma omp for schedule(dynamic)
        for (int p = 0; p < PIECES; p++)
            work_on((size_t)p, &together[p], own);
#pragma omp critical
        histogram_merge(&other, own);
        free(own);
    }

    const struct error_sums a = metrics_merge(alone, PIECES), b = metrics_merge(together, PIECES);

    ck_assert_mem_eq(&a, &b, sizeof(a));
    ck_assert_mem_eq(&histogram, &other, sizeof(histogram));
}
END_TEST

/* The tree of five is ((0 1) 2) (3 4): 1 vanishes beside 2^53, but 1 + 1 would not. */
START_TEST(tree_has_the_documented_shape)
{
    const double big = 0x1p53;
    const double values[] = {big, 1.0, 1.0, 1.0, 1.0};
    struct error_sums pieces[5];

    memset(pieces, 0, sizeof(pieces));
    for (int i = 0; i < 5; i++) {
        pieces[i].n = 1;
        pieces[i].ee = values[i];
        pieces[i].max_error = i == 1 || i == 4 ? 7.0 : 1.0;
        pieces[i].max_index = (uint64_t)i;
    }
    const struct error_sums sum = metrics_merge(pieces, 5);

    ck_assert(sum.ee == big + 2.0);
    ck_assert_uint_eq(sum.n, 5);
    ck_assert_uint_eq(sum.max_index, 1);
    ck_assert_uint_eq(metrics_merge(pieces, 0).n, 0);
    ck_assert(metrics_merge(pieces + 1, 1).ee == 1.0);
}
END_TEST

/* A piece of nothing but NaN in front must not give its place to a maximum of 0. */
START_TEST(empty_pieces_do_not_name_the_maximum)
{
    struct error_sums pieces[3];

    memset(pieces, 0, sizeof(pieces));
    pieces[0].non_finite = 4;
    pieces[1].n = 1;
    pieces[1].max_index = 9;
    pieces[2].n = 1;
    pieces[2].max_index = 11;
    const struct error_sums sum = metrics_merge(pieces, 3);

    ck_assert_uint_eq(sum.max_index, 9);
    ck_assert_uint_eq(sum.non_finite, 4);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("metrics");
    TCase *tc = tcase_create("all");

    tcase_set_timeout(tc, 0);
    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_test(tc, sums_of_a_small_vector);
    tcase_add_test(tc, metrics_of_a_small_vector);
    tcase_add_test(tc, no_weights_are_weights_of_one);
    tcase_add_test(tc, first_of_equal_maxima_is_named);
    tcase_add_test(tc, non_finite_errors_are_counted_and_kept_out);
    tcase_add_test(tc, degenerate_cases_are_the_documented_ones);
    tcase_add_loop_test(tc, cosine_stays_in_its_range, 0, 2);
    tcase_add_test(tc, largest_binary32_values_do_not_overflow);
    tcase_add_loop_test(tc, result_does_not_depend_on_who_worked_when, 1, 6);
    tcase_add_test(tc, threads_give_the_same_digits);
    tcase_add_test(tc, tree_has_the_documented_shape);
    tcase_add_test(tc, empty_pieces_do_not_name_the_maximum);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
