/*
 * Rows and signs of IQ2 and IQ3 groups at a scale against all of them, the lines of rows on every
 * target against scalar, and the best real scale by exclusion against
 * the oracle.
 */
#include "block/oracle_codebook.h"
#include "codebook_cases.h"
#include "search/codebook_exclusion.h"
#include "suite.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

enum {
#ifdef ROUNDEL_SLOW_RUN
    UNITS = 40
#else
    UNITS = 400
#endif
};

/* ------------------------------------------------------------------------------------------------
 * Rows and signs at a scale
 */

static struct rdl_code_rows code_rows(const struct format *format, enum rdl_target target,
                                      float **floats)
{
    *floats = malloc(rdl_code_rows_floats(format->codebook) * sizeof(float));
    return rdl_code_rows(format->codebook, format->words, target, *floats);
}

/* Between a row and the next, which tie there but for rounding. */
static double halfway(const struct rdl_codebook *codebook, int i, int weight)
{
    const uint8_t *entries = codebook->entries;
    const int row = i % (codebook->rows - 1), column = weight % codebook->length;
    return 0.5 * (double)(entries[row * codebook->length + column] +
                          entries[(row + 1) * codebook->length + column]);
}

static void check_nearest(const struct format *format, const struct rdl_code_rows *rows,
                          struct gap_source *source, int i)
{
    float x[8], w[8];
    double magnitudes[8], factors[8], values[RDL_MAX_LEVELS];
    /* A short number, so that products with magnitudes are exact in binary32. */
    const double scale =
        (double)(1 + gap_source_word(source) % 60) / (format->format == RDL_IQ3_S ? 128.0 : 512.0);
    gap_source_block(source, GAP_GAUSSIAN, i % 2 ? GAP_IMPORTANCE : GAP_UNIFORM, 8, x, w);
    for (int k = 0; k < 8; k++) {
        if (i % 5 == 0)
            x[k] = roundf(x[k]); /* ties */
        if (i % 3 == 0)
            x[k] = (float)(scale * halfway(format->codebook, i, k) * (1.0 + 1e-7 * ((i + k) % 4)));
        if (i % 7 == 0)
            w[k] *= k % 3 ? 0.0f : 1.0f;
        magnitudes[k] = fabs((double)x[k]);
        factors[k] = (double)w[k];
    }
    struct rdl_codebook_block block = {format->codebook, format->even_signs, 8, x, w};
    struct rdl_codebook_fit fit = {.scale = scale};
    rdl_codebook_nearest(&block, &fit);
    for (int l = 0; l < RDL_MAX_LEVELS; l++)
        values[l] = fit.scale * rows->magnitudes[l];
    unsigned negative = 0;
    for (int k = 0; k < 8; k++)
        negative |= (unsigned)(x[k] < 0.0f) << k;
    const struct rdl_unit unit = {factors, magnitudes,
                                  format->even_signs && __builtin_parity(negative)};
    struct rdl_unit_choice choice;
    rdl_nearest_rows(rows, 1, &(struct rdl_unit_search){unit, fit.scale, values, &choice});
    ck_assert_double_eq_tol(choice.error, rdl_codebook_error(&block, &fit), 1e-13);
    ck_assert_int_eq(choice.flipped >= 0, unit.odd);
    /* The same error from the rows, and no other. */
    struct rdl_codebook_fit chosen = {.scale = fit.scale};
    chosen.signs[0] = (uint8_t)(choice.flipped < 0 ? negative : negative ^ 1u << choice.flipped);
    for (int g = 0; g < 8 / format->codebook->length; g++)
        chosen.rows[g] = choice.rows[g];
    ck_assert_double_eq_tol(choice.error, rdl_codebook_error(&block, &chosen), 1e-13);
}

START_TEST(nearest_rows_are_nearest)
{
    struct gap_source source = {.state = 11};
    for (int f = 0; f < FORMATS; f++)
        for (unsigned t = 0; t < RDL_TARGET_COUNT; t++) {
            if (!(rdl_detect_targets() >> t & 1u))
                continue;
            float *floats;
            const struct rdl_code_rows rows = code_rows(&formats[f], (enum rdl_target)t, &floats);
            for (int i = 0; i < UNITS; i++)
                check_nearest(&formats[f], &rows, &source, i);
            free(floats);
        }
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Lines: every target has the scalar bits
 */

static void check_lines(const struct rdl_code_rows *scalar, const struct rdl_row_lines *lines,
                        const float *wx, const float *w, const float *points)
{
    static float a[2][RDL_MAX_ROWS], b[2][RDL_MAX_ROWS], wrong[2][RDL_MAX_ROWS];
    static uint16_t list[2][RDL_MAX_ROWS];
    const struct rdl_row_lines *both[2] = {scalar->lines, lines};
    uint16_t highest[2][4];
    size_t count[2];
    for (int k = 0; k < 2; k++)
        both[k]->fill(scalar->rows, scalar->words, (size_t)scalar->length, &scalar->levels, wx, w,
                      a[k], b[k], wrong[k]);
    ck_assert_mem_eq(a[0], a[1], scalar->rows * sizeof(float));
    ck_assert_mem_eq(b[0], b[1], scalar->rows * sizeof(float));
    ck_assert_mem_eq(wrong[0], wrong[1], scalar->rows * sizeof(float));
    for (size_t n = 1; n <= 4; n++) {
        for (int k = 0; k < 2; k++)
            both[k]->highest(scalar->rows, a[0], b[0], n, points, highest[k]);
        ck_assert_mem_eq(highest[0], highest[1], n * sizeof(uint16_t));
    }
    const float height = points[0] * a[0][highest[0][0]] - b[0][highest[0][0]];
    for (int k = 0; k < 2; k++)
        count[k] = both[k]->above(scalar->rows, a[0], b[0], points[0],
                                  height - 0.01f * fabsf(height), list[k]);
    ck_assert_uint_eq(count[0], count[1]);
    ck_assert_uint_ge(count[0], 1);
    ck_assert_mem_eq(list[0], list[1], count[0] * sizeof(uint16_t));
}

extern const struct rdl_row_lines rdl_row_lines_wide; /* the plain-C twin */

/* Lines of few heights: the first of the highest may be in any lane. */
static void check_ties(struct gap_source *source, const struct rdl_row_lines *lines)
{
    enum {
        ROWS = 256
    };
    float a[ROWS], b[ROWS];
    uint16_t highest[4], expected[4];
    const float points[4] = {1.0f, 2.0f, 3.0f, 0.0f};
    for (int r = 0; r < ROWS; r++) {
        a[r] = (float)(gap_source_word(source) % 3);
        b[r] = (float)(gap_source_word(source) % 64 / 63);
    }
    for (size_t n = 1; n <= 4; n++) {
        rdl_row_lines_of(RDL_SCALAR)->highest(ROWS, a, b, n, points, expected);
        lines->highest(ROWS, a, b, n, points, highest);
        ck_assert_mem_eq(highest, expected, n * sizeof(uint16_t));
    }
}

START_TEST(lines_of_all_targets_are_the_same)
{
    struct gap_source source = {.state = 12};
    for (int i = 0; i < UNITS; i++) {
        float x[8], w[8], wx[8], points[4], *floats;
        gap_source_block(&source, GAP_GAUSSIAN, GAP_IMPORTANCE, 8, x, w);
        for (int k = 0; k < 8; k++) {
            w[k] = i % 4 == 3 ? 0.0f : w[k]; /* all lines are equal: the first row */
            wx[k] = i % 4 == 2 ? w[k] : w[k] * fabsf(x[k]);
        }
        for (int k = 0; k < 4; k++)
            points[k] = (float)exp(8.0 * uniform(&source) - 2.0);
        const struct rdl_code_rows scalar = code_rows(&formats[i % FORMATS], RDL_SCALAR, &floats);
        for (unsigned t = 0; t < RDL_TARGET_COUNT; t++)
            if (rdl_detect_targets() >> t & 1u) {
                check_lines(&scalar, rdl_row_lines_of((enum rdl_target)t), wx, w, points);
                check_ties(&source, rdl_row_lines_of((enum rdl_target)t));
            }
        check_lines(&scalar, &rdl_row_lines_wide, wx, w, points);
        check_ties(&source, &rdl_row_lines_wide);
        free(floats);
    }
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * The best real scale
 */

/* Fills unit u with lines of its own. */
static void set_unit(const struct format *format, const struct rdl_code_rows *rows, int u,
                     const float *x, double *w, double *magnitudes,
                     struct rdl_exclusion_problem *problem)
{
    const size_t floats = rdl_code_rows_floats(format->codebook);
    struct rdl_code_rows *own = &problem->rows[u];
    bool odd = false;
    for (int i = 0; i < 8; i++) {
        magnitudes[i] = fabs((double)x[i]);
        odd ^= x[i] < 0.0f;
    }
    *own = *rows;
    for (int g = 0; g < 8 / format->codebook->length; g++) {
        own->a[g] += floats * (size_t)u;
        own->b[g] += floats * (size_t)u;
        own->wrong[g] += floats * (size_t)u;
    }
    problem->unit[u] = (struct rdl_unit){w, magnitudes, format->even_signs && odd};
    rdl_fill_lines(own, &problem->unit[u]);
}

static void check_exclusion(const struct format *format, const struct rdl_code_rows *rows,
                            enum gap_data data, struct gap_source *source)
{
    /* Few points that are none of the best: the rest is up to the gaps. */
    static const double points[3] = {10.0, 60.0, 150.0};
    float x[32], w[32];
    double factors[32], magnitudes[32], squares = 0.0;
    struct rdl_exclusion_problem problem = {
        .units = (int)format->sub_block / 8, .points = points, .count = 3, .rounds = 2};
    gap_source_block(source, data, GAP_IMPORTANCE, format->sub_block, x, w);
    for (size_t i = 0; i < format->sub_block; i++) {
        factors[i] = (double)w[i];
        squares += factors[i] * (double)x[i] * (double)x[i];
    }
    for (int u = 0; u < problem.units; u++)
        set_unit(format, rows, u, x + 8 * u, factors + 8 * u, magnitudes + 8 * u, &problem);
    const struct rdl_codebook_block block = {format->codebook, format->even_signs,
                                             format->sub_block, x, w};
    struct rdl_codebook_fit fit;
    struct rdl_exclusion_result result;
    void *scratch = malloc(rdl_codebook_oracle_scratch(format->codebook, format->sub_block));
    rdl_codebook_oracle(&block, scratch, &fit);
    free(scratch);
    rdl_exclude_scales(&problem, &result);
    ck_assert_double_eq_tol(result.error, rdl_codebook_error(&block, &fit), 2e-6 * squares);
    ck_assert_int_le(result.points, 200);
}

START_TEST(exclusion_finds_the_optimum)
{
    struct gap_source source = {.state = 17};
    for (int f = 0; f < FORMATS; f++) {
        float *floats =
            malloc(RDL_EXCLUSION_UNITS * sizeof(float) * rdl_code_rows_floats(formats[f].codebook));
        const struct rdl_code_rows rows =
            rdl_code_rows(formats[f].codebook, formats[f].words, RDL_SCALAR, floats);
        for (int i = 0; i < UNITS / 10; i++)
            check_exclusion(&formats[f], &rows, i % 2 ? GAP_LAPLACE : GAP_GAUSSIAN, &source);
        free(floats);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rows of codebooks");
    TCase *tcase = tcase_create("rows of codebooks");
    tcase_set_timeout(tcase, 300.0);
    tcase_add_test(tcase, nearest_rows_are_nearest);
    tcase_add_test(tcase, lines_of_all_targets_are_the_same);
    tcase_add_test(tcase, exclusion_finds_the_optimum);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
