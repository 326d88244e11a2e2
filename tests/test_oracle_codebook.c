/*
 * The oracle of vector codebooks: against all rows and signs of small codebooks, against the oracle
 * of grids where a codebook is one, and against a dense scan over scales of the formats' own.
 */
#include "block/oracle_codebook.h"
#include "oracle_samples.h"
#include "suite.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

enum {
    MAX_N = RDL_BLOCK_MAX_LENGTH,
#ifdef ROUNDEL_SLOW_RUN
    CASES = 15,
    SCALES = 500
#else
    CASES = 150,
    SCALES = 20000
#endif
};

/* Rows of small odd magnitudes; some equal, some dominated. */
static const uint8_t small_rows[32] = {1, 1, 1, 1, 3, 1, 1, 1, 1, 3, 5, 1, 7, 7, 1, 3,
                                       5, 5, 5, 5, 1, 1, 9, 1, 1, 1, 3, 1, 3, 7, 1, 1};

static const struct rdl_codebook small_of_4 = {small_rows, 5, 4, 1, 0, 0};
static const struct rdl_codebook small_of_8 = {small_rows, 4, 8, 1, 0, 0};

static double error_of(const struct rdl_codebook_block *block, const struct rdl_codebook_fit *fit)
{
    const double error = rdl_codebook_error(block, fit);
    ck_assert(isfinite(fit->scale) && fit->scale >= 0.0 && error >= 0.0);
    for (size_t i = 0; i < block->n / block->codebook->length; i++)
        ck_assert_int_lt(fit->rows[i], block->codebook->rows);
    for (size_t i = 0; block->even_signs && i < block->n / 8; i++)
        ck_assert_int_eq(__builtin_parity(fit->signs[i]), 0);
    return error;
}

static double solve(const struct rdl_codebook_block *block, struct rdl_codebook_fit *fit)
{
    void *scratch = malloc(rdl_codebook_oracle_scratch(block->codebook, block->n));
    rdl_codebook_oracle(block, scratch, fit);
    free(scratch);
    return error_of(block, fit);
}

static double sum_of_squares(const struct rdl_codebook_block *block)
{
    return sum_squares(
        &(struct rdl_block){.n = block->n, .x = block->x, .weights = block->weights});
}

/* ------------------------------------------------------------------------------------------------
 * All rows and signs
 */

/* The next combination of rows and permitted signs. */
static bool next_fit(const struct rdl_codebook_block *block, struct rdl_codebook_fit *fit)
{
    for (size_t u = 0; u < block->n / 8; u++) {
        do
            fit->signs[u]++;
        while (block->even_signs && __builtin_parity(fit->signs[u]));
        if (fit->signs[u] != 0)
            return true;
    }
    for (size_t g = 0; g < block->n / block->codebook->length; g++) {
        if (++fit->rows[g] < block->codebook->rows)
            return true;
        fit->rows[g] = 0;
    }
    return false;
}

static double best_scale(const struct rdl_codebook_block *block, const struct rdl_codebook_fit *fit)
{
    double a = 0.0, b = 0.0;
    for (size_t i = 0; i < block->n; i++) {
        const double w = (double)block->weights[i], value = rdl_codebook_value(block, fit, i);
        a += w * (double)block->x[i] * value;
        b += w * value * value;
    }
    return a > 0.0 ? a / b : 0.0;
}

/* At this scale; a negative one: at the best of every combination. */
static double brute_force(const struct rdl_codebook_block *block, double scale)
{
    struct rdl_codebook_fit fit = {.scale = scale};
    double least = INFINITY;
    do {
        if (scale < 0.0)
            fit.scale = best_scale(block, &fit);
        least = fmin(least, rdl_codebook_error(block, &fit));
    } while (next_fit(block, &fit));
    return least;
}

static void check_small(const struct rdl_codebook_block *block)
{
    struct rdl_codebook_fit fit;
    const double tolerance = 1e-12 * sum_of_squares(block);
    ck_assert_double_eq_tol(solve(block, &fit), brute_force(block, -1.0), tolerance);
    for (fit.scale = 0.0; fit.scale < 1.0; fit.scale = 2.0 * fit.scale + 0.1) {
        rdl_codebook_nearest(block, &fit);
        ck_assert_double_eq_tol(error_of(block, &fit), brute_force(block, fit.scale), tolerance);
    }
}

START_TEST(all_rows_and_signs_of_8_weights)
{
    static const struct rdl_codebook *const codebooks[2] = {&small_of_4, &small_of_8};
    struct gap_source source = {.state = 3};
    for (int i = 0; i < CASES; i++)
        for (int c = 0; c < 2; c++)
            for (int even = 0; even < 2; even++) {
                struct sample sample;
                draw_sample(&source, i, 8, &sample);
                check_small(
                    &(struct rdl_codebook_block){codebooks[c], even, 8, sample.x, sample.w});
            }
}
END_TEST

/* Two rows, and two units that share the scale. */
START_TEST(all_rows_and_signs_of_16_weights)
{
    struct rdl_codebook two_rows = {small_rows + 8, 2, 8, 1, 0, 0};
    struct gap_source source = {.state = 4};
    for (int i = 0; i < CASES / 10; i++) {
        struct sample sample;
        struct rdl_codebook_fit fit;
        draw_sample(&source, i, 16, &sample);
        const struct rdl_codebook_block block = {&two_rows, true, 16, sample.x, sample.w};
        ck_assert_double_eq_tol(solve(&block, &fit), brute_force(&block, -1.0),
                                1e-12 * sum_of_squares(&block));
    }
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Where a codebook is a grid
 */

/* Any magnitude of 1, 3, 5 with any sign at every weight. */
START_TEST(all_magnitudes_are_a_grid)
{
    static const float entries[6] = {-5, -3, -1, 1, 3, 5};
    uint8_t rows[81][4];
    for (int r = 0; r < 81; r++)
        for (int i = 0, rest = r; i < 4; i++, rest /= 3)
            rows[r][i] = (uint8_t)(1 + 2 * (rest % 3));
    const struct rdl_codebook codebook = {rows, 81, 4, 3, 0, 1};
    struct gap_source source = {.state = 5};
    for (int i = 0; i < CASES; i++) {
        struct sample sample;
        struct rdl_codebook_fit fit;
        draw_sample(&source, i, MAX_N, &sample);
        const struct rdl_codebook_block block = {&codebook, false, MAX_N, sample.x, sample.w};
        const struct rdl_block_grid grid = {RDL_BLOCK_POSITIVE, 6, 0, entries};
        ck_assert_double_eq_tol(solve(&block, &fit), optimum(sample.x, sample.w, MAX_N, grid),
                                1e-12 * sum_of_squares(&block));
    }
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * The codebooks of the formats
 */

static const struct format {
    const struct rdl_codebook *codebook;
    bool even_signs;
    size_t n;
} formats[5] = {
    {&rdl_codebook_iq2_xxs, true, 32}, {&rdl_codebook_iq2_xs, true, 16},
    {&rdl_codebook_iq2_s, false, 16},  {&rdl_codebook_iq3_xxs, true, 32},
    {&rdl_codebook_iq3_s, false, 32},
};

/* No best scale is greater: sum w |x| g / sum w g^2 for entries g. */
static double greatest_scale(const struct rdl_codebook_block *block)
{
    const uint8_t *const entries = block->codebook->entries;
    const size_t count = (size_t)block->codebook->rows * block->codebook->length;
    double extreme = 0.0, least = entries[0];
    for (size_t i = 0; i < block->n; i++)
        extreme = fmax(extreme, fabs((double)block->x[i]));
    for (size_t i = 0; i < count; i++)
        least = fmin(least, (double)entries[i]);
    return extreme / least;
}

/* Scales h apart miss the best scale s by h / 2 at most, which adds h^2 / 4 sum w v^2 to the error,
 * no more than (h / 2 s)^2 sum w x^2: at the optimum s^2 sum w v^2 is the part that is explained.
 */
START_TEST(dense_scan)
{
    struct gap_source source = {.state = 1234};
    for (int f = 0; f < 5; f++) {
        struct sample sample;
        struct rdl_codebook_fit fit, scanned;
        gap_source_block(&source, GAP_GAUSSIAN, GAP_IMPORTANCE, formats[f].n, sample.x, sample.w);
        const struct rdl_codebook_block block = {formats[f].codebook, formats[f].even_signs,
                                                 formats[f].n, sample.x, sample.w};
        const double error = solve(&block, &fit), step = greatest_scale(&block) / SCALES;
        double least = INFINITY;
        for (int i = 1; i <= SCALES; i++) {
            scanned.scale = step * i;
            rdl_codebook_nearest(&block, &scanned);
            least = fmin(least, error_of(&block, &scanned));
        }
        ck_assert_double_ge(least, error * (1.0 - 1e-12));
        ck_assert_double_le(least,
                            error + pow(0.5 * step / fit.scale, 2.0) * sum_of_squares(&block));
    }
}
END_TEST

/* Codes and scale of blocks that are representable. */
START_TEST(exact_blocks)
{
    struct gap_source source = {.state = 6};
    for (int i = 0; i < 5 * CASES; i++) {
        const struct format *const format = &formats[i % 5];
        struct rdl_codebook_fit made = {.scale = 0.015625 * (double)(1 + i % 7)}, fit;
        float x[MAX_N], w[MAX_N];
        const struct rdl_codebook_block block = {format->codebook, format->even_signs, format->n, x,
                                                 w};
        for (size_t g = 0; g < format->n / format->codebook->length; g++)
            made.rows[g] = (uint16_t)(gap_source_word(&source) % format->codebook->rows);
        for (size_t u = 0; u < format->n / 8; u++) {
            const unsigned signs = (unsigned)(gap_source_word(&source) % 128);
            made.signs[u] = (uint8_t)(2 * signs + (unsigned)__builtin_parity(signs));
        }
        for (size_t j = 0; j < format->n; j++) {
            x[j] = (float)(made.scale * rdl_codebook_value(&block, &made, j));
            w[j] = (float)(1 + gap_source_word(&source) % 9);
        }
        ck_assert_double_eq_tol(solve(&block, &fit), 0.0, 1e-24 * sum_of_squares(&block));
    }
}
END_TEST

START_TEST(zeros_cost_nothing)
{
    const float zeros[8] = {0.0f, -0.0f, 0, 0, 0, 0, 0, 0};
    const float ones[8] = {1, 1, 1, 1, 1, 1, 1, 1};
    struct rdl_codebook_fit fit;
    const struct rdl_codebook_block nothing = {&rdl_codebook_iq2_xxs, true, 8, zeros, ones};
    ck_assert(solve(&nothing, &fit) == 0.0 && fit.scale == 0.0);
    /* Without factors that count there is nothing to fit. */
    const struct rdl_codebook_block idle = {&rdl_codebook_iq3_xxs, true, 8, ones, zeros};
    ck_assert(solve(&idle, &fit) == 0.0 && fit.scale == 0.0);
    /* An odd number of negative weights, and a wrong sign at one of factor 0. */
    const float x[8] = {-8, 8, 8, 8, 8, 8, 8, 8}, w[8] = {1, 1, 1, 1, 0, 1, 1, 1};
    const struct rdl_codebook_block odd = {&rdl_codebook_iq2_xxs, true, 8, x, w};
    ck_assert(solve(&odd, &fit) == 0.0 && fit.signs[0] == 0x11);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("oracle of codebooks");
    TCase *tcase = tcase_create("codebooks");
    tcase_set_timeout(tcase, 300.0);
    tcase_add_test(tcase, all_rows_and_signs_of_8_weights);
    tcase_add_test(tcase, all_rows_and_signs_of_16_weights);
    tcase_add_test(tcase, all_magnitudes_are_a_grid);
    tcase_add_test(tcase, dense_scan);
    tcase_add_test(tcase, exact_blocks);
    tcase_add_test(tcase, zeros_cost_nothing);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
