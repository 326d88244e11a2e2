/*
 * The exact search of a scale on every target of this machine against the scalar one, bit for bit:
 * whole searches on all sorts of blocks and grids, and each operation (exact_scale_ops.h), that of
 * the plain-C twin of the lanes included.
 */
#include "block/exact_grid.h"
#include "exact_blocks.h"
#include "exact_ops.h"
#include "suite.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_N = RDL_BLOCK_MAX_LENGTH,
#ifdef ROUNDEL_SLOW_RUN
    BLOCKS = 40,
    TRIALS = 100
#else
    BLOCKS = 400,
    TRIALS = 3000
#endif
};

static const float iq4_nl[] = {-127, -104, -83, -65, -49, -35, -22, -10,
                               1,    13,   25,  38,  53,  69,  89,  113};
static const float e2m1[] = {-12, -8, -6, -4, -3, -2, -1, 0, 1, 2, 3, 4, 6, 8, 12};
static const float eighths[] = {-1, -0.625f, -0.375f, -0.125f, 0, 0.25f, 0.5f, 1};
static const float two[] = {-1, 1};
static const float one_side[] = {1, 2, 5, 9, 11};
static const float uneven[] = {-3e10f, -1.5f, -1.25f, -0.1f, 0, 1e-6f, 2e-6f, 0.5f, 1, 1e20f};
static float long_table[200], longest[256]; /* filled by the first test that asks */

static const struct rdl_block_grid grids[] = {
    {RDL_BLOCK_SIGNED, 16, 0, iq4_nl},   {RDL_BLOCK_SIGNED, 16, -8, NULL},
    {RDL_BLOCK_SIGNED, 8, -4, NULL},     {RDL_BLOCK_SIGNED, 64, -32, NULL},
    {RDL_BLOCK_SIGNED, 32, -16, NULL},   {RDL_BLOCK_SIGNED, 256, -128, NULL},
    {RDL_BLOCK_SIGNED, 2, -1, NULL},     {RDL_BLOCK_SIGNED, 3, -1, NULL},
    {RDL_BLOCK_SIGNED, 16, 0, NULL},     {RDL_BLOCK_SIGNED, 16, -15, NULL},
    {RDL_BLOCK_SIGNED, 15, 0, e2m1},     {RDL_BLOCK_SIGNED, 8, 0, eighths},
    {RDL_BLOCK_SIGNED, 2, 0, two},       {RDL_BLOCK_SIGNED, 5, 0, one_side},
    {RDL_BLOCK_SIGNED, 10, 0, uneven},   {RDL_BLOCK_SIGNED, 200, 0, long_table},
    {RDL_BLOCK_SIGNED, 256, 0, longest}, {RDL_BLOCK_POSITIVE, 16, 0, iq4_nl},
    {RDL_BLOCK_POSITIVE, 16, -8, NULL},  {RDL_BLOCK_POSITIVE, 5, 0, one_side},
    {RDL_BLOCK_UNSIGNED, 4, 0, NULL},    {RDL_BLOCK_UNSIGNED, 16, 0, NULL},
    {RDL_BLOCK_UNSIGNED, 256, 0, NULL},
};

enum {
    NGRIDS = sizeof grids / sizeof grids[0]
};

static void fill_tables(void)
{
    for (int k = 0; k < 200; k++)
        long_table[k] = (float)((k - 90) * (100 + abs(k - 90))) / 128.0f;
    for (int k = 0; k < 256; k++)
        longest[k] = (float)(k - 128) * 0.37f;
}

static const struct rdl_exact_ops wide = {
#define RDL_EXACT_OP(name) .name = rdl_exact_##name##_wide,
#include "exact_ops.def"
#undef RDL_EXACT_OP
};

/* What is compared with RDL_SCALAR in test number i; NULL if this machine does not have it. */
static const struct rdl_exact_ops *ops_of(int i)
{
    if (i == RDL_TARGET_COUNT)
        return &wide;
    return rdl_detect_targets() >> i & 1u ? rdl_exact_ops((enum rdl_target)i) : NULL;
}

static const char *name_of(int i)
{
    return i == RDL_TARGET_COUNT ? "wide" : rdl_target_name((enum rdl_target)i);
}

/* Lengths 1 .. 64; every eighth block has magnitudes from all over binary32. */
static size_t draw_block(struct gap_source *source, unsigned number,
                         const struct rdl_block_grid *grid, struct exact_block *data)
{
    const uint64_t word = gap_source_word(source);
    const size_t n = word % 3 == 0 ? 32 : word % 3 == 1 ? 16 : 1 + (size_t)(word >> 8) % MAX_N;
    exact_block_draw(data, source, number, grid, n);
    for (size_t i = 0; number % 8 == 7 && i < n; i++) {
        const uint64_t bits = gap_source_word(source);
        const float x = ldexpf(data->x[i], (int)(bits >> 40) % 240 - 120);
        const float w = ldexpf(data->w[i], (int)(bits & 0xFFFF) % 200 - 100);
        data->x[i] = isfinite(x) ? x : 1.0f;
        data->w[i] = isfinite(w) ? w : 1.0f;
    }
    return n;
}

/* ------------------------------------------------------------------------------------------------
 * Searches
 */

struct solution {
    struct rdl_block_fit fit;
    uint8_t codes[MAX_N];
};

static void solve(const struct rdl_block *block, enum rdl_target target, double incumbent,
                  struct solution *solution)
{
    struct rdl_solver_options options = rdl_solver_defaults(RDL_SOLVE_EXACT, &block->grid);
    options.target = target;
    options.incumbent = incumbent;
    memset(solution, 0, sizeof *solution);
    ck_assert_int_eq(
        rdl_block_solve(RDL_SOLVE_EXACT, block, &options, NULL, solution->codes, &solution->fit),
        RDL_OK);
}

START_TEST(searches_have_the_bytes_of_scalar)
{
    const struct rdl_block_grid *const grid = &grids[_i];
    struct gap_source source = {.state = 31 + (uint64_t)_i};
    fill_tables();
    for (unsigned number = 0; number < BLOCKS; number++) {
        struct exact_block data;
        struct solution expected, solution;
        const size_t n = draw_block(&source, number, grid, &data);
        const struct rdl_block block = {n, data.x, data.w, *grid};
        solve(&block, RDL_SCALAR, INFINITY, &expected);
        const double incumbent = number % 5 == 0 ? expected.fit.error : INFINITY;
        for (int target = 1; target < RDL_TARGET_COUNT; target++) {
            if (!(rdl_detect_targets() >> target & 1u))
                continue;
            solve(&block, (enum rdl_target)target, incumbent, &solution);
            if (number % 5 == 0)
                solve(&block, RDL_SCALAR, incumbent, &expected);
            ck_assert_msg(memcmp(&solution, &expected, sizeof solution) == 0,
                          "%s, grid %d, block %u of %zu: error %a instead of %a",
                          rdl_target_name((enum rdl_target)target), _i, number, n,
                          solution.fit.error, expected.fit.error);
        }
    }
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Operations
 */

static double uniform(struct gap_source *source)
{
    return (double)(gap_source_word(source) >> 11) * 0x1p-53;
}

static void start_block(const struct rdl_exact_ops *ops, size_t n, const struct exact_block *data,
                        struct rdl_exact_block *block)
{
    float x[MAX_N] = {0.0f}, w[MAX_N] = {0.0f};
    memcpy(x, data->x, n * sizeof x[0]);
    memcpy(w, data->w, n * sizeof w[0]);
    memset(block, 0, sizeof *block);
    block->n = (int)n;
    ops->block(block, x, w);
}

START_TEST(sums_and_codes_have_the_bytes_of_scalar)
{
    const struct rdl_exact_ops *const ops = ops_of(_i), *const scalar = rdl_exact_ops(RDL_SCALAR);
    struct gap_source source = {.state = 32};
    fill_tables();
    for (unsigned number = 0; ops && number < TRIALS; number++) {
        struct exact_block data;
        struct rdl_exact_block block, other;
        struct rdl_exact_weights rounded = {0}, other_rounded = {0};
        struct rdl_exact_grid room;
        const struct rdl_block_grid *const chosen = &grids[number % NGRIDS];
        const size_t n = draw_block(&source, number, chosen, &data);
        start_block(scalar, n, &data, &block);
        start_block(ops, n, &data, &other);
        ck_assert_msg(memcmp(&block, &other, sizeof block) == 0, "%s, block %u", name_of(_i),
                      number);
        scalar->rounded(&block, &rounded);
        ops->rounded(&block, &other_rounded);
        ck_assert_msg(memcmp(&rounded, &other_rounded, sizeof rounded) == 0, "%s, block %u",
                      name_of(_i), number);

        const struct rdl_exact_grid *const grid = rdl_exact_grid_start(&room, chosen);
        const double largest = grid->last > -grid->first ? grid->last : -grid->first;
        const double from = (uniform(&source) - 0.5) * 3.0 * largest;
        const double to = number % 2 ? from : from * (1.0 + 0.01 * uniform(&source));
        uint8_t codes[2][MAX_N] = {{0}};
        double values[2][MAX_N] = {{0.0}};
        struct rdl_exact_scale_fit fit[2], ends[2];
        memset(ends, 0, sizeof ends);
        scalar->nearest(grid, block.n, block.x, from, codes[0], values[0]);
        ops->nearest(grid, block.n, block.x, from, codes[1], values[1]);
        ck_assert_msg(memcmp(codes[0], codes[1], MAX_N) == 0 &&
                          memcmp(values[0], values[1], sizeof values[0]) == 0,
                      "%s, block %u", name_of(_i), number);
        scalar->scale_fit(&block, values[0], &fit[0]);
        ops->scale_fit(&block, values[0], &fit[1]);
        ck_assert_msg(fit[0].xv == fit[1].xv && fit[0].vv == fit[1].vv &&
                          (fit[0].error == fit[1].error || fit[0].vv == 0.0),
                      "%s, block %u", name_of(_i), number);
        const bool changes = scalar->ends(&block, grid, from, to, &ends[0]);
        ck_assert_msg(ops->ends(&block, grid, from, to, &ends[1]) == changes, "%s, block %u",
                      name_of(_i), number);
        ck_assert_msg(ends[0].xv == ends[1].xv && ends[0].vv == ends[1].vv, "%s, block %u",
                      name_of(_i), number);
    }
}
END_TEST

/* Ascending, with ties; now and then g is 0 or overflows. */
static void draw_probes(struct gap_source *source, struct rdl_exact_probes *probes)
{
    double t = (uniform(source) - 0.7) * 100.0;
    probes->count = 1 + (int)(gap_source_word(source) % RDL_EXACT_MAX_POINTS);
    for (int p = 0; p < probes->count; p++) {
        const uint64_t word = gap_source_word(source);
        t += word % 4 == 0 ? 0.0 : uniform(source);
        probes->t[p] = (float)t;
        probes->g[p] = word % 64 == 1   ? 0.0f
                       : word % 64 == 2 ? INFINITY
                                        : (float)(uniform(source) * t * t * 0.1);
    }
    for (int p = probes->count; p < rdl_exact_whole(probes->count); p++) {
        probes->t[p] = probes->t[probes->count - 1];
        probes->g[p] = probes->g[probes->count - 1];
    }
}

START_TEST(points_and_gaps_have_the_bytes_of_scalar)
{
    const struct rdl_exact_ops *const ops = ops_of(_i), *const scalar = rdl_exact_ops(RDL_SCALAR);
    struct gap_source source = {.state = 33};
    for (unsigned number = 0; ops && number < TRIALS; number++) {
        struct rdl_exact_probes probes;
        struct rdl_exact_intervals open[2];
        draw_probes(&source, &probes);
        const double d = exp2(20.0 * uniform(&source) - 10.0);
        const struct rdl_exact_radius radius = {0.999,
                                                number % 16 ? 0.1 * uniform(&source) : INFINITY, d};
        ck_assert_msg(ops->least(&probes) == scalar->least(&probes), "%s, %u", name_of(_i), number);
        scalar->open(&probes, &radius, &open[0]);
        ops->open(&probes, &radius, &open[1]);
        ck_assert_msg(open[0].count == open[1].count, "%s, %u", name_of(_i), number);
        const size_t size = (size_t)open[0].count * sizeof open[0].from[0];
        ck_assert_msg(memcmp(open[0].from, open[1].from, size) == 0 &&
                          memcmp(open[0].to, open[1].to, size) == 0,
                      "%s, %u", name_of(_i), number);
    }
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Tables
 */

#define SAME(member)                                                                               \
    ck_assert_int_eq(memcmp(&filled.member, &rdl_exact_grid_iq4_nl.member, sizeof filled.member), 0)

START_TEST(table_of_iq4_nl_is_what_would_be_filled)
{
    static struct rdl_exact_grid filled;
    rdl_exact_grid_fill(&filled, &grids[0]);
    SAME(count);
    SAME(is_table);
    SAME(is_uneven);
    SAME(first);
    SAME(last);
    SAME(power);
    SAME(table_power);
    SAME(entries);
    SAME(midpoints);
    SAME(table.entries);
    SAME(table.origin);
    SAME(table.bins_per_unit);
    SAME(table.more);
    SAME(table.first);
    SAME(table.is_few);
    SAME(table.midpoints);
    SAME(table.wide.exist);
    SAME(table.wide.per_unit);
    SAME(table.wide.origin);
    SAME(table.wide.least);
    SAME(table.wide.largest);
    SAME(table.wide.midpoint);
    SAME(table.wide.entry);
}
END_TEST

/* The nearest entry by wide bins is the nearest one, for values about midpoints and ends too. */
START_TEST(wide_bins_find_the_nearest_entry)
{
    struct gap_source source = {.state = 34};
    int tables = 0;
    for (unsigned number = 0; number < TRIALS; number++) {
        static struct rdl_exact_grid grid;
        float entries[31], entry = -100.0f;
        const int count = 2 + (int)(gap_source_word(&source) % 30);
        for (int k = 0; k < count; k++)
            entries[k] = entry += (float)(1.0 + uniform(&source) * (number % 3 ? 10.0 : 3.0));
        rdl_exact_grid_fill(&grid, &(struct rdl_block_grid){RDL_BLOCK_SIGNED, count, 0, entries});
        if (!grid.table.wide.exist)
            continue;
        tables++;
        struct rdl_exact_weights one = {.n = 1, .x = {1.0f}, .w = {1.0f}};
        float t[RDL_EXACT_LANES], g[RDL_EXACT_LANES];
        for (int lane = 0; lane < RDL_EXACT_LANES; lane++) {
            const int k = (int)(gap_source_word(&source) % (unsigned)count);
            const double middle = k < count - 1 ? grid.midpoints[k] : 1000.0 * uniform(&source);
            t[lane] = (float)(middle * (1.0 + (double)(lane % 5 - 2) * 0x1p-23));
        }
        rdl_exact_ops(RDL_SCALAR)->table_points(&one, &grid.table, RDL_EXACT_LANES, t, g);
        for (int lane = 0; lane < RDL_EXACT_LANES; lane++) {
            float nearest = INFINITY;
            for (int k = 0; k < count; k++) {
                const float r = t[lane] - (float)grid.entries[k];
                nearest = fabsf(r) < nearest ? fabsf(r) : nearest;
            }
            ck_assert_msg(g[lane] == nearest * nearest, "table %u, y = %a", number,
                          (double)t[lane]);
        }
    }
    ck_assert_int_gt(tables, TRIALS / 4);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("exact scale ops");
    TCase *tcase = tcase_create("exact scale ops");
    tcase_set_timeout(tcase, 0);
    tcase_add_loop_test(tcase, searches_have_the_bytes_of_scalar, 0, NGRIDS);
    tcase_add_loop_test(tcase, sums_and_codes_have_the_bytes_of_scalar, 0, RDL_TARGET_COUNT + 1);
    tcase_add_loop_test(tcase, points_and_gaps_have_the_bytes_of_scalar, 0, RDL_TARGET_COUNT + 1);
    tcase_add_test(tcase, table_of_iq4_nl_is_what_would_be_filled);
    tcase_add_test(tcase, wide_bins_find_the_nearest_entry);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
