/*
 * The nearest rows of units of hostile numbers against all rows, and the bounds of
 * codebook_scales.h against the errors that they bound.
 */
#include "codebook_cases.h"
#include "search/codebook_scales.h"
#include "suite.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

enum {
#ifdef ROUNDEL_SLOW_RUN
    UNITS = 8
#else
    UNITS = 40
#endif
};

static struct rdl_code_rows code_rows(const struct format *format, float **floats)
{
    *floats = malloc(rdl_code_rows_floats(format->codebook) * sizeof(float));
    return rdl_code_rows(format->codebook, format->words, RDL_SCALAR, *floats);
}

static void fill_values(const struct rdl_code_rows *rows, double scale, double *values)
{
    for (int l = 0; l < RDL_MAX_LEVELS; l++)
        values[l] = scale * rows->magnitudes[l];
}

/* ------------------------------------------------------------------------------------------------
 * Rows
 */

/* The least error of a group, by all rows; of all places for a wrong sign the best. */
static double least_error(const struct rdl_code_rows *rows, const double *w, const double *x,
                          const double *values, bool wrong)
{
    double least = INFINITY;
    for (size_t row = 0; row < rows->rows; row++) {
        double error = 0.0, flip = INFINITY;
        for (int i = 0; i < rows->length; i++) {
            const unsigned level = rows->words[row] >> rows->bits * i & ((1u << rows->bits) - 1);
            error += w[i] * ((x[i] - values[level]) * (x[i] - values[level]));
            flip = fmin(flip, 4.0 * w[i] * x[i] * values[level]);
        }
        least = fmin(least, wrong ? error + flip : error);
    }
    return least;
}

static double least_of_unit(const struct rdl_code_rows *rows, const struct rdl_unit *unit,
                            const double *values)
{
    double right = 0.0, change = INFINITY;
    for (int i = 0; i < 8; i += rows->length) {
        const double error = least_error(rows, unit->w + i, unit->x + i, values, false);
        right += error;
        if (unit->odd)
            change =
                fmin(change, least_error(rows, unit->w + i, unit->x + i, values, true) - error);
    }
    return unit->odd ? right + change : right;
}

/* Scales up to 2^100; the square of the largest value alone beyond binary32; weights of up to 2^128
 * that have a factor of 0. */
START_TEST(nearest_rows_of_hostile_units)
{
    struct gap_source source = {.state = 19};
    for (int f = 0; f < FORMATS; f++) {
        float *floats;
        const struct rdl_code_rows rows = code_rows(&formats[f], &floats);
        const double top = rows.magnitudes[rows.halved.levels - 1];
        double x[UNITS][8], w[UNITS][8], values[UNITS][RDL_MAX_LEVELS];
        struct rdl_unit_choice choices[UNITS];
        struct rdl_unit_search searches[UNITS];
        for (int k = 0; k < UNITS; k++) {
            const double largest = k % 4 == 0   ? 0x1.1p64
                                   : k % 4 == 1 ? exp2(200.0 * uniform(&source) - 100.0)
                                                : 1.0 + uniform(&source);
            const double scale = largest / top;
            for (int i = 0; i < 8; i++) {
                const bool idle = k % 2 == 0 && i % 3 == 0;
                x[k][i] = idle && k % 4 ? exp2(120.0 + 8.0 * uniform(&source))
                                        : uniform(&source) * (k % 4 ? 1.0 : largest);
                w[k][i] = idle ? 0.0 : uniform(&source);
            }
            fill_values(&rows, scale, values[k]);
            searches[k] = (struct rdl_unit_search){
                {w[k], x[k], formats[f].even_signs && k % 8 < 4}, scale, values[k], &choices[k]};
        }
        for (int k = 0; k < UNITS; k += RDL_UNIT_SEARCHES)
            rdl_nearest_rows(&rows, UNITS - k < RDL_UNIT_SEARCHES ? UNITS - k : RDL_UNIT_SEARCHES,
                             searches + k);
        for (int k = 0; k < UNITS; k++) {
            const double least = least_of_unit(&rows, &searches[k].unit, values[k]);
            ck_assert_double_eq_tol(choices[k].error, least, 1e-13 * least);
        }
        free(floats);
    }
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Bounds of what a sub-block can have at a scale
 */

static struct rdl_envelope fill_bounds(const struct rdl_code_rows *rows,
                                       const struct rdl_unit *unit, double middle,
                                       struct rdl_cell *cells, struct rdl_code_sub_block *bounds)
{
    const double first = middle / 1.7;
    bounds->window = (struct rdl_window){{first, 1.42 * first, 2.0 * first, 2.83 * first}};
    bounds->sum_squares = bounds->most_a = bounds->least_b = 0.0;
    for (int i = 0; i < 8; i++) {
        const double wx = unit->w[i] * unit->x[i], low = rows->magnitudes[0];
        bounds->sum_squares += wx * unit->x[i];
        bounds->most_a += wx * rows->magnitudes[rows->halved.levels - 1];
        bounds->least_b += unit->w[i] * (low * low);
    }
    rdl_fill_lines(rows, unit);
    return rdl_unit_envelope(rows, unit, &bounds->window, cells);
}

/* At scales far out of the window on both sides, and in it. */
static void check_bounds(const struct format *format, const struct rdl_code_rows *rows,
                         struct gap_source *source, bool odd)
{
    struct rdl_cell cells[RDL_UNIT_CELLS];
    struct rdl_code_sub_block bounds;
    float x[8], w[8];
    double magnitudes[8], factors[8], sum = 0.0, squares = 0.0;
    gap_source_block(source, GAP_GAUSSIAN, GAP_IMPORTANCE, 8, x, w);
    for (int i = 0; i < 8; i++) {
        magnitudes[i] = fabs((double)x[i]);
        factors[i] = (double)w[i];
        sum += factors[i] * magnitudes[i];
        squares += factors[i] * magnitudes[i] * magnitudes[i];
    }
    const struct rdl_unit unit = {factors, magnitudes, format->even_signs && odd};
    const double top = rows->magnitudes[rows->halved.levels - 1];
    bounds.envelope = fill_bounds(rows, &unit, 1.2 * top * sum / squares, cells, &bounds);
    for (int k = 0; k < 48; k++) {
        double values[RDL_MAX_LEVELS];
        const double t = bounds.window.points[0] * exp2(0.25 * (k - 21)), scale = 2.0 / t;
        struct rdl_unit_choice choice;
        fill_values(rows, scale, values);
        rdl_nearest_rows(rows, 1, &(struct rdl_unit_search){unit, scale, values, &choice});
        const double bound = rdl_code_error_bound(&bounds, scale);
        ck_assert_double_le(bound, choice.error * (1.0 + 1e-12));
        if (t >= bounds.window.points[0] && t <= bounds.window.points[3])
            ck_assert_double_ge(bound, choice.error - 1e-4 * (choice.error + squares));
    }
}

START_TEST(bounds_are_below_all_errors)
{
    struct gap_source source = {.state = 18};
    for (int f = 0; f < FORMATS; f++) {
        float *floats;
        const struct rdl_code_rows rows = code_rows(&formats[f], &floats);
        for (int i = 0; i < UNITS / 2; i++)
            check_bounds(&formats[f], &rows, &source, i % 2);
        free(floats);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bounds of codebooks");
    TCase *tcase = tcase_create("bounds of codebooks");
    tcase_set_timeout(tcase, 300.0);
    tcase_add_test(tcase, nearest_rows_of_hostile_units);
    tcase_add_test(tcase, bounds_are_below_all_errors);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
