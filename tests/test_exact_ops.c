/*
 * The operations of the exact searches (exact_ops.h): every target of this machine, and the
 * plain-C twin of the lanes, against the scalar ones, bit for bit.
 */
#include "block/exact_points.h"
#include "exact_blocks.h"
#include "exact_targets.h"
#include "suite.h"

#include <check.h>
#include <math.h>
#include <string.h>

enum {
    NPOINTS = 5 * RDL_EXACT_LANES,
#ifdef ROUNDEL_SLOW_RUN
    BLOCKS = 200
#else
    BLOCKS = 4000
#endif
};

static float any_float(struct gap_source *source)
{
    static const float special[] = {0.0f, -0.0f, 0x1p-149f, 0x1p-126f, 0.5f, 1.5f,
                                    2.5f, 15.5f, 0x1p23f,   0x1p100f,  -0.5f};
    const uint64_t word = gap_source_word(source);
    if (word % 8 == 0)
        return special[word / 8 % (sizeof special / sizeof special[0])];
    const float fraction = (float)(word >> 40) * 0x1p-23f - 1.0f;
    return ldexpf(fraction, word % 8 == 1 ? (int)(word / 8 % 120) - 60 : 5);
}

static void draw_weights(struct gap_source *source, unsigned number,
                         struct rdl_exact_weights *weights)
{
    static const struct rdl_block_grid grid = {RDL_BLOCK_FREE, 16, 0, NULL};
    struct exact_block data;
    weights->n = (int)(number % RDL_BLOCK_MAX_LENGTH) + 1;
    exact_block_draw(&data, source, number, &grid, (size_t)weights->n);
    memcpy(weights->x, data.x, sizeof weights->x);
    memcpy(weights->w, data.w, sizeof weights->w);
}

/* ------------------------------------------------------------------------------------------------
 * Points
 */

START_TEST(points_have_the_bytes_of_scalar)
{
    const struct rdl_exact_ops *const ops = exact_target_ops(_i), *const scalar =
                                                                      rdl_exact_ops(RDL_SCALAR);
    struct gap_source source = {.state = 21};
    for (unsigned number = 0; ops && number < BLOCKS; number++) {
        struct rdl_exact_weights weights;
        float t[NPOINTS], u[NPOINTS], g[NPOINTS], expected[NPOINTS];
        draw_weights(&source, number, &weights);
        const int count = 1 + (int)(gap_source_word(&source) % NPOINTS);
        const float first = number % 3 == 0 ? -8.0f : 0.0f, last = number % 2 ? 3.0f : 15.0f;
        for (int p = 0; p < NPOINTS; p++) {
            t[p] = any_float(&source);
            u[p] = any_float(&source);
        }
        memset(g, 0, sizeof g);
        memset(expected, 0, sizeof expected);
        scalar->points(&weights, first, last, count, t, u, expected);
        ops->points(&weights, first, last, count, t, u, g);
        ck_assert_msg(memcmp(g, expected, sizeof g) == 0, "%s, block %u", exact_target_name(_i),
                      number);
    }
}
END_TEST

/* Ascending; every third table has bunches of entries, as far as bins allow. */
static int draw_table(struct gap_source *source, unsigned number, struct rdl_exact_table *table)
{
    static const double iq4_nl[] = {-127, -104, -83, -65, -49, -35, -22, -10,
                                    1,    13,   25,  38,  53,  69,  89,  113};
    double entries[64];
    if (number % 4 == 0)
        return rdl_exact_table_start(table, iq4_nl, 16) ? 16 : 0;
    const int count = 2 + (int)(gap_source_word(source) % 63);
    double entry = -120.0;
    for (int k = 0; k < count; k++) {
        entry += (double)(gap_source_word(source) >> 40) * 0x1p-24 * 240.0 / (double)count;
        entry += number % 3 == 0 && k % 4 == 0 ? 0.0 : 0x1p-10;
        entries[k] = entry;
    }
    return rdl_exact_table_start(table, entries, count) ? count : 0;
}

START_TEST(points_of_tables_have_the_bytes_of_scalar)
{
    const struct rdl_exact_ops *const ops = exact_target_ops(_i), *const scalar =
                                                                      rdl_exact_ops(RDL_SCALAR);
    struct gap_source source = {.state = 22};
    int tables = 0;
    for (unsigned number = 0; ops && number < BLOCKS; number++) {
        struct rdl_exact_weights weights;
        struct rdl_exact_table table;
        float t[NPOINTS], g[NPOINTS], expected[NPOINTS];
        draw_weights(&source, number, &weights);
        for (int p = 0; p < NPOINTS; p++)
            t[p] = any_float(&source);
        if (draw_table(&source, number, &table) == 0)
            continue;
        tables++;
        memset(g, 0, sizeof g);
        memset(expected, 0, sizeof expected);
        const int count = 1 + (int)(gap_source_word(&source) % NPOINTS);
        scalar->table_points(&weights, &table, count, t, expected);
        ops->table_points(&weights, &table, count, t, g);
        ck_assert_msg(memcmp(g, expected, sizeof g) == 0, "%s, block %u", exact_target_name(_i),
                      number);
    }
    ck_assert(!ops || tables > BLOCKS / 3);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("exact ops");
    TCase *tcase = tcase_create("exact ops");
    tcase_set_timeout(tcase, 0);
    tcase_add_loop_test(tcase, points_have_the_bytes_of_scalar, 1, EXACT_TARGETS);
    tcase_add_loop_test(tcase, points_of_tables_have_the_bytes_of_scalar, 1, EXACT_TARGETS);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
