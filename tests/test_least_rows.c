/*
 * The nearest rows of 16 groups at once: against all rows in binary64, and every target and the
 * plain-C twin against scalar.
 */
#include "codebook_cases.h"
#include "least_rows.h"
#include "suite.h"

#include <check.h>
#include <math.h>

enum {
    LANES = RDL_LEAST_LANES,
#ifdef ROUNDEL_SLOW_RUN
    TILES = 6
#else
    TILES = 60
#endif
};

/* ------------------------------------------------------------------------------------------------
 * Tiles
 */

enum kind {
    ORDINARY,
    TIES,    /* halfway between a row and the next, but for a rounding or two */
    EQUALS,  /* the same weight throughout: rows of the same levels tie */
    ZEROS,   /* of factors, often of all */
    EXTREME, /* from subnormal numbers to the limit */
    KINDS
};

static float log_uniform(struct gap_source *source, double low, double high)
{
    return (float)exp2(low + (high - low) * uniform(source));
}

static void fill_lane(struct gap_source *source, const struct rdl_codebook *codebook,
                      enum kind kind, size_t lane, struct rdl_least_tile *tile)
{
    const uint8_t *entries = codebook->entries;
    const size_t length = codebook->length;
    const size_t row = (size_t)(gap_source_word(source) % (codebook->rows - 1u));
    float x[8], w[8];
    gap_source_block(source, GAP_GAUSSIAN, GAP_IMPORTANCE, 8, x, w);
    const float factor = log_uniform(source, -150.0, 14.0);
    const float scale =
        kind == EXTREME ? log_uniform(source, -140.0, 13.0) : log_uniform(source, -7.0, 0.0);
    for (size_t i = 0; i < length; i++) {
        tile->x[i][lane] = fabsf(x[i]);
        tile->w[i][lane] = w[i];
        const float between =
            0.5f * ((float)entries[row * length + i] + (float)entries[(row + 1) * length + i]);
        const double off = (double)(gap_source_word(source) % 4) * 1e-7;
        if (kind == TIES)
            tile->x[i][lane] = scale * between * (float)(1.0 + off);
        if (kind == EQUALS) {
            tile->x[i][lane] = tile->x[0][lane];
            tile->w[i][lane] = 1.0f;
        }
        if (kind == ZEROS && (lane % 4 == 0 || uniform(source) < 0.5))
            tile->w[i][lane] = 0.0f;
        if (kind == EXTREME) { /* one lane in four without any order */
            tile->x[i][lane] *= lane % 4 ? 16.0f * scale : log_uniform(source, -150.0, 17.0);
            tile->w[i][lane] *= lane % 4 ? factor : log_uniform(source, -150.0, 14.0);
        }
    }
    for (int r = 0; r < codebook->rows; r++)
        for (size_t i = 0; i < length; i++)
            tile->values[rdl_codebook_level(codebook, r, (int)i)][lane] =
                scale * (float)entries[(size_t)r * length + i];
}

/* ------------------------------------------------------------------------------------------------
 * Against all rows
 */

static double cost_of(const struct rdl_codebook *codebook, const struct rdl_least_tile *tile,
                      bool wrong, size_t lane, int row)
{
    double cost = 0.0, flip = INFINITY;
    for (int i = 0; i < codebook->length; i++) {
        const double x = (double)tile->x[i][lane], w = (double)tile->w[i][lane];
        const double value = (double)tile->values[rdl_codebook_level(codebook, row, i)][lane];
        cost += w * ((x - value) * (x - value));
        flip = fmin(flip, 4.0 * w * x * value);
    }
    return wrong ? cost + flip : cost;
}

/* The row is the least but for rounding, and beyond doubt if and only if, but for rounding, no
 * other is near. Returns whether it is so. */
static bool check_lane(const struct rdl_codebook *codebook, const struct rdl_least_tile *tile,
                       bool wrong, size_t lane, uint16_t found, bool sure)
{
    double others = INFINITY;
    const double cost = cost_of(codebook, tile, wrong, lane, found);
    ck_assert_uint_lt(found, codebook->rows);
    for (int row = 0; row < codebook->rows; row++)
        if (row != found)
            others = fmin(others, cost_of(codebook, tile, wrong, lane, row));
    ck_assert_double_le(cost, others * (1.0 + 0x1p-19) + 0x1p-101);
    if (sure)
        ck_assert_double_gt(others, cost * (1.0 + 0x1p-19) + 0x1p-101);
    else
        ck_assert_double_le(others, cost * (1.0 + 0x1p-17) + 0x1p-99);
    return sure;
}

START_TEST(rows_are_the_least_of_all)
{
    struct gap_source source = {.state = 21};
    for (int f = 0; f < FORMATS; f++) {
        struct rdl_halved_codebook halved;
        int sure_lanes[KINDS] = {0};
        rdl_halve_codebook(formats[f].codebook, &halved);
        for (int i = 0; i < TILES; i++) {
            const enum kind kind = (enum kind)(i % KINDS);
            const bool wrong = i / KINDS % 2;
            static struct rdl_least_tile tile;
            uint16_t rows[LANES];
            bool sure[LANES];
            for (size_t k = 0; k < LANES; k++)
                fill_lane(&source, formats[f].codebook, kind, k, &tile);
            rdl_least_rows_of(RDL_SCALAR)(&halved, &tile, wrong, rows, sure);
            for (size_t k = 0; k < LANES; k++)
                sure_lanes[kind] +=
                    check_lane(formats[f].codebook, &tile, wrong, k, rows[k], sure[k]);
        }
        const int lanes = LANES * (TILES / KINDS);
        ck_assert_int_ge(sure_lanes[ORDINARY], lanes - 1);
        ck_assert_int_gt(sure_lanes[EXTREME], 0);
        ck_assert_int_lt(sure_lanes[TIES], lanes);
        ck_assert_int_lt(sure_lanes[ZEROS], lanes - lanes / 5);
    }
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Targets
 */

extern rdl_least_rows_fn rdl_least_rows_wide; /* the plain-C twin */

static void check_target(const struct rdl_halved_codebook *halved,
                         const struct rdl_least_tile *tile, rdl_least_rows_fn *function)
{
    for (int wrong = 0; wrong < 2; wrong++) {
        uint16_t rows[2][LANES];
        bool sure[2][LANES];
        rdl_least_rows_of(RDL_SCALAR)(halved, tile, wrong, rows[0], sure[0]);
        function(halved, tile, wrong, rows[1], sure[1]);
        for (size_t k = 0; k < LANES; k++) {
            ck_assert_uint_eq(rows[0][k], rows[1][k]);
            ck_assert_int_eq(sure[0][k], sure[1][k]);
        }
    }
}

START_TEST(targets_find_the_same_rows)
{
    struct gap_source source = {.state = 22};
    for (int f = 0; f < FORMATS; f++) {
        struct rdl_halved_codebook halved;
        rdl_halve_codebook(formats[f].codebook, &halved);
        for (int i = 0; i < TILES; i++) {
            static struct rdl_least_tile tile;
            for (size_t k = 0; k < LANES; k++)
                fill_lane(&source, formats[f].codebook, (enum kind)((i + (int)k) % KINDS), k,
                          &tile);
            for (unsigned t = 1; t < RDL_TARGET_COUNT; t++)
                if (rdl_detect_targets() >> t & 1u)
                    check_target(&halved, &tile, rdl_least_rows_of((enum rdl_target)t));
            check_target(&halved, &tile, rdl_least_rows_wide);
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("least rows");
    TCase *tcase = tcase_create("least rows");
    tcase_set_timeout(tcase, 300.0);
    tcase_add_test(tcase, rows_are_the_least_of_all);
    tcase_add_test(tcase, targets_find_the_same_rows);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
