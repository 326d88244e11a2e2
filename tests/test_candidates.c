/*
 * Candidates of sub-blocks: what a list says of stored scales and mins against a plain loop over
 * all of them; and the operations of targets, bit for bit.
 */
#include "exact_blocks.h"
#include "search/candidates.h"
#include "suite.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
#ifdef ROUNDEL_SLOW_RUN
    BLOCKS = 8 * EXACT_KINDS,
#else
    BLOCKS = 40 * EXACT_KINDS,
#endif
    CELLS = 8192,
    ARRAY = CELLS + 2 * RDL_EXACT_LANES
};

static const float iq4_nl[] = {-127, -104, -83, -65, -49, -35, -22, -10,
                               1,    13,   25,  38,  53,  69,  89,  113};

static const struct setting {
    struct rdl_block_grid grid;
    size_t n;
    int first, last, min_last;
    double tolerance;
    int part; /* of the blocks: plain loops are slow */
} settings[] = {
    {{RDL_BLOCK_AFFINE, 16, 0, NULL}, 32, 0, 63, 63, 0.06, 8},
    {{RDL_BLOCK_AFFINE, 32, 0, NULL}, 32, 0, 63, 63, 0.15, 8},
    {{RDL_BLOCK_AFFINE, 4, 0, NULL}, 16, 0, 15, 15, 0.1, 1},
    {{RDL_BLOCK_AFFINE, 4, 0, NULL}, 16, 0, 15, 15, 0.3, 1},
    {{RDL_BLOCK_SIGNED, 8, -4, NULL}, 16, -32, 31, 0, 0.05, 1},
    {{RDL_BLOCK_SIGNED, 64, -32, NULL}, 16, -128, 127, 0, 0.2, 1},
    {{RDL_BLOCK_SIGNED, 16, 0, iq4_nl}, 32, -32, 31, 0, 0.1, 1},
    {{RDL_BLOCK_SIGNED, 16, 0, iq4_nl}, 32, -32, 31, 0, 0.5, 1},
};

enum {
    SETTINGS = sizeof settings / sizeof settings[0]
};

static double unit_of(struct gap_source *source)
{
    return (double)(gap_source_word(source) >> 11) * 0x1p-53;
}

static struct rdl_candidates list;
static float cell_memory[5 * ARRAY];

/* ------------------------------------------------------------------------------------------------
 * Lists
 */

static double solve(const struct rdl_block *block, enum rdl_block_kind kind,
                    struct rdl_block_fit *fit)
{
    static void *scratch;
    uint8_t codes[RDL_BLOCK_MAX_LENGTH];
    struct rdl_block other = *block;
    other.grid.kind = kind;
    if (!scratch)
        scratch = malloc(2000000);
    ck_assert_uint_le(rdl_block_scratch_size(RDL_SOLVE_EXACT, &other.grid, other.n), 2000000);
    ck_assert_int_eq(rdl_block_solve(RDL_SOLVE_EXACT, &other, NULL, scratch, codes, fit), RDL_OK);
    return fit->error;
}

static double sum_factors(const struct rdl_block *block)
{
    double w = 0.0;
    for (size_t i = 0; i < block->n; i++)
        w += (double)block->weights[i];
    return w;
}

static double sum_squares(const struct rdl_block *block)
{
    double square = 0.0;
    for (size_t i = 0; i < block->n; i++)
        square += (double)block->weights[i] * (double)block->x[i] * (double)block->x[i];
    return square;
}

static void fill_list(const struct setting *setting, const struct rdl_block *block, int sign,
                      const struct rdl_block_fit *fit)
{
    struct rdl_block_fit unbounded;
    struct rdl_exact_cells cells[2];
    const bool has_offset = setting->min_last > 0;
    for (int k = 0; k < 2; k++)
        cells[k] = (struct rdl_exact_cells){.capacity = CELLS,
                                            .tau = cell_memory + (size_t)(2 * k) * ARRAY,
                                            .v = cell_memory + (size_t)(2 * k + 1) * ARRAY,
                                            .g = cell_memory + (size_t)4 * ARRAY};
    rdl_candidates_start(&list, has_offset ? sum_factors(block) : 0.0,
                         fit->error * (1.0 + setting->tolerance));
    if (has_offset)
        rdl_candidates_of_line(&list, block, sign, solve(block, RDL_BLOCK_FREE, &unbounded),
                               rdl_exact_ops(RDL_SCALAR), cells);
    else
        rdl_candidates_of_scale(&list, block, fit->error, rdl_exact_ops(RDL_SCALAR));
    rdl_candidates_finish(&list);
}

/* ------------------------------------------------------------------------------------------------
 * All integers
 */

static double error_of(const struct rdl_block *block, double scale, double offset, double limit)
{
    double error = 0.0;
    const int last = block->grid.count - 1;
    for (size_t i = 0; i < block->n && error < limit; i++) {
        const double x = (double)block->x[i] - offset;
        double nearest = INFINITY;
        if (!block->grid.entries && scale != 0.0) {
            const double y = x / scale - (double)block->grid.first;
            const int code = (int)((y > 0.0 ? y < (double)last ? y : (double)last : 0.0) + 0.5);
            nearest = x - scale * (double)(block->grid.first + code);
        }
        for (int k = 0; k <= last && (block->grid.entries || scale == 0.0); k++) {
            const double v = block->grid.entries ? (double)block->grid.entries[k] : 0.0;
            const double r = x - scale * v;
            nearest = fabs(r) < fabs(nearest) ? r : nearest;
        }
        error += (double)block->weights[i] * (nearest * nearest);
    }
    return error;
}

static double least_of_all(const struct setting *setting, const struct rdl_block *block, double d,
                           double dmin)
{
    double least = INFINITY;
    for (int l = setting->first; l <= setting->last; l++)
        for (int m = 0; m <= setting->min_last; m++) {
            const double error = error_of(block, d * (double)l, -dmin * (double)m, least);
            least = error < least ? error : least;
        }
    return least;
}

/* Units that send a scale and a min to integers of all sizes. */
static void draw_units(const struct setting *setting, const struct rdl_block_fit *fit, int sign,
                       struct gap_source *source, struct rdl_units *units)
{
    *units = (struct rdl_units){.scale_first = (double)setting->first,
                                .scale_last = (double)setting->last,
                                .min_last = (double)setting->min_last,
                                .most_more = 1000};
    for (int k = 0; k < RDL_UNITS; k++) {
        const double l =
            1.0 + (double)(gap_source_word(source) >> 40) * 0x1p-24 * (double)setting->last;
        const double m =
            1.0 + (double)(gap_source_word(source) >> 40) * 0x1p-24 * (double)setting->min_last;
        const double turn = setting->first < 0 && k % 2 ? -1.0 : 1.0;
        units->d[k] = fit->scale != 0.0 ? turn * fit->scale / l : 0.01;
        units->dmin[k] = -(double)sign * fabs(fit->offset) / m;
    }
}

/* What lists said of all pairs of units so far. */
static struct {
    int known, above;
} said;

static void check_block(const struct setting *setting, const struct rdl_block *block, int sign,
                        const struct rdl_block_fit *fit, struct gap_source *source)
{
    struct rdl_units units;
    double least[RDL_UNITS];
    fill_list(setting, block, sign, fit);
    draw_units(setting, fit, sign, source, &units);
    if (list.count == 0)
        return;
    ck_assert(rdl_exact_candidates_sum(&list, 1, &units, INFINITY, least));
    const double slack = 1e-12 * sum_squares(block);
    for (int k = 0; k < RDL_UNITS; k++) {
        const double expected = least_of_all(setting, block, units.d[k], units.dmin[k]);
        ck_assert_msg(least[k] >= expected * (1.0 - 1e-6) - slack, "%g below %g", least[k],
                      expected);
        if (least[k] <= list.limit) {
            ck_assert_msg(least[k] <= expected * (1.0 + 1e-5) + slack,
                          "%g above %g, limit %g, %d listed", least[k], expected, list.limit,
                          list.count);
            said.known++;
        } else {
            ck_assert_msg(expected >= list.limit * (1.0 - 1e-5) - slack, "%g, limit %g", expected,
                          list.limit);
            said.above++;
        }
    }
}

START_TEST(lists_have_the_best_integers)
{
    const struct setting *const setting = &settings[_i];
    struct gap_source source = {.state = 77};
    struct exact_block data;
    for (unsigned number = 0; number < (unsigned)(BLOCKS / setting->part); number++) {
        struct rdl_block_fit fit;
        exact_block_draw(&data, &source, number, &setting->grid, setting->n);
        const struct rdl_block block = {setting->n, data.x, data.w, setting->grid};
        if (!(sum_squares(&block) > 0.0))
            continue;
        (void)solve(&block, setting->grid.kind, &fit);
        check_block(setting, &block, -1, &fit, &source);
        if (setting->min_last == 0)
            continue;
        (void)solve(&block, RDL_BLOCK_FREE, &fit);
        if (fit.offset > 0.0)
            check_block(setting, &block, 1, &fit, &source);
    }
    ck_assert_int_gt(said.known, 3 * BLOCKS / setting->part / 3);
    ck_assert_int_gt(said.above, BLOCKS / setting->part / 3);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Any scale and offset
 */

/* What the list says. */
static double listed_error(double scale, double offset)
{
    double least = INFINITY;
    for (int c = 0; c < list.count; c++) {
        const double ds = scale - list.scale[c];
        const double rest = offset - list.offset[c] + list.center[c] * ds;
        const double error = list.error[c] + list.stretch[c] * ds * ds + list.weight * rest * rest;
        least = error < least ? error : least;
    }
    return least;
}

/* Points about the best ones of candidates, as far as the limit goes; returns how many were within
 * it. */
static int check_points(const struct rdl_block *block, struct gap_source *source)
{
    const double slack = 1e-12 * sum_squares(block);
    int within = 0;
    for (int k = 0; k < 40 && list.count > 0; k++) {
        const int c = (int)(gap_source_word(source) % (unsigned)list.count);
        const double room = list.limit - list.error[c];
        const double ds = (2.0 * unit_of(source) - 1.0) * sqrt(room / list.stretch[c]);
        const double turn = list.weight > 0.0 ? sqrt(room / list.weight) : 0.0;
        const double scale = list.scale[c] + ds;
        const double offset =
            list.offset[c] - list.center[c] * ds + (2.0 * unit_of(source) - 1.0) * turn;
        if (!(room > 0.0) || (block->grid.kind == RDL_BLOCK_AFFINE && offset > 0.0))
            continue;
        const double error = error_of(block, scale, offset, INFINITY);
        if (error > list.limit)
            continue;
        const double listed = listed_error(scale, offset);
        ck_assert_msg(fabs(listed - error) <= 1e-6 * error + slack, "%g for %g, limit %g", listed,
                      error, list.limit);
        within++;
    }
    return within;
}

START_TEST(lists_are_complete)
{
    const struct setting *const setting = &settings[_i];
    struct gap_source source = {.state = 78};
    struct exact_block data;
    int within = 0;
    for (unsigned number = 0; number < 4 * BLOCKS; number++) {
        struct rdl_block_fit fit;
        exact_block_draw(&data, &source, number, &setting->grid, setting->n);
        const struct rdl_block block = {setting->n, data.x, data.w, setting->grid};
        if (!(sum_squares(&block) > 0.0))
            continue;
        (void)solve(&block, setting->grid.kind, &fit);
        fill_list(setting, &block, -1, &fit);
        within += check_points(&block, &source);
    }
    ck_assert_int_gt(within, 10 * BLOCKS);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Operations
 */

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

enum {
    LISTS = 3
};

static void draw_lists(struct gap_source *source, struct rdl_candidates lists[LISTS])
{
    double after = 0.0;
    for (int j = LISTS - 1; j >= 0; j--) {
        struct rdl_candidates *const drawn = &lists[j];
        double smallest = INFINITY;
        rdl_candidates_start(drawn, gap_source_word(source) % 4 ? unit_of(source) : 0.0, 1.0);
        drawn->count = 1 + (int)(gap_source_word(source) % RDL_MAX_CANDIDATES);
        drawn->reach = 0.05 * unit_of(source);
        for (int c = 0; c < drawn->count; c++) {
            drawn->error[c] = unit_of(source);
            drawn->scale[c] = gap_source_word(source) % 8 ? unit_of(source) - 0.3 : 0.0;
            drawn->offset[c] = unit_of(source) - 0.7;
            drawn->stretch[c] = unit_of(source);
            drawn->center[c] = 15.0 * unit_of(source);
            smallest = drawn->error[c] < smallest ? drawn->error[c] : smallest;
        }
        drawn->after = after;
        after += smallest;
    }
}

static void draw_mixed_units(struct gap_source *source, unsigned turn, struct rdl_units *units)
{
    *units = (struct rdl_units){.scale_first = turn % 2 ? -32.0 : 0.0,
                                .scale_last = 31.0 + 32.0 * (turn % 3),
                                .min_last = turn % 5 ? 63.0 : 0.0,
                                .most_more = (int)(turn % 9)};
    for (int k = 0; k < RDL_UNITS; k++) {
        units->d[k] = gap_source_word(source) % 64 ? 0.03 * (unit_of(source) - 0.2) : 0.0;
        units->dmin[k] = gap_source_word(source) % 8 ? 0.03 * (unit_of(source) - 0.2) : 0.0;
    }
}

static double smallest_of(const double *sums)
{
    double smallest = INFINITY;
    for (int k = 0; k < RDL_UNITS; k++)
        smallest = sums[k] < smallest ? sums[k] : smallest;
    return smallest;
}

/* The sums of a batch are given up only if none of them is below the limit. */
START_TEST(sums_have_the_bytes_of_scalar)
{
    const struct rdl_exact_ops *const ops = ops_of(_i);
    struct gap_source source = {.state = 5};
    static struct rdl_candidates lists[LISTS];
    int given_up = 0;
    for (unsigned turn = 0; ops && turn < BLOCKS; turn++) {
        double sums[RDL_UNITS], expected[RDL_UNITS];
        struct rdl_units units;
        draw_lists(&source, lists);
        draw_mixed_units(&source, turn, &units);
        ck_assert(rdl_exact_candidates_sum(lists, LISTS, &units, INFINITY, expected));
        ck_assert(ops->candidates_sum(lists, LISTS, &units, INFINITY, sums));
        ck_assert_mem_eq(sums, expected, sizeof sums);
        const double part = 0.6 + 0.6 * unit_of(&source), limit = part * smallest_of(expected);
        const bool is_wanted = ops->candidates_sum(lists, LISTS, &units, limit, sums);
        ck_assert(rdl_exact_candidates_sum(lists, LISTS, &units, limit, expected) == is_wanted);
        ck_assert(is_wanted || part < 1.0 + 1e-9);
        given_up += !is_wanted;
    }
    ck_assert(!ops || (given_up > BLOCKS / 8 && given_up < BLOCKS));
}
END_TEST

START_TEST(states_have_the_bytes_of_scalar)
{
    const struct rdl_exact_ops *const ops = ops_of(_i);
    struct gap_source source = {.state = 6};
    static struct rdl_exact_states states, expected;
    int filled = 0;
    for (int turn = 0; ops && turn < BLOCKS; turn++) {
        struct rdl_exact_decided lower = {.base = 7, .sums = {0.3, 0.2, 1.0}};
        double w[RDL_BLOCK_MAX_LENGTH], wz[RDL_BLOCK_MAX_LENGTH];
        for (int i = 0; i < RDL_BLOCK_MAX_LENGTH; i++) {
            w[i] = unit_of(&source);
            wz[i] = w[i] * (unit_of(&source) - 0.4);
            lower.codes[i] = (uint8_t)(15 - i / 4);
            lower.undecided |= gap_source_word(&source) % 9 == 0 ? (uint64_t)1 << i : 0;
        }
        const double part = 0.5 * unit_of(&source);
        const bool fits = rdl_exact_states(wz, w, &lower, RDL_EXACT_STATES, part, &expected);
        ck_assert(ops->states(wz, w, &lower, RDL_EXACT_STATES, part, &states) == fits);
        if (!fits)
            continue;
        ck_assert_int_eq(states.count, expected.count);
        const size_t size = (size_t)states.count * sizeof(double);
        ck_assert(memcmp(states.zq, expected.zq, size) == 0);
        ck_assert(memcmp(states.q, expected.q, size) == 0);
        ck_assert(memcmp(states.qq, expected.qq, size) == 0);
        filled += states.count > 8;
    }
    ck_assert(!ops || filled > BLOCKS / 8);
}
END_TEST

START_TEST(possible_cells_are_those_of_scalar)
{
    const struct rdl_exact_ops *const ops = ops_of(_i);
    struct gap_source source = {.state = 7};
    float memory[2][3][128 + 2 * RDL_EXACT_LANES];
    for (int turn = 0; ops && turn < BLOCKS; turn++) {
        struct rdl_exact_cells cells[2];
        memset(memory, 0, sizeof memory);
        for (int k = 0; k < 2; k++)
            cells[k] = (struct rdl_exact_cells){.count = turn % 128,
                                                .capacity = 128,
                                                .tau = memory[k][0],
                                                .v = memory[k][1],
                                                .g = memory[k][2]};
        for (int p = 0; p < turn % 128; p++) {
            cells[0].tau[p] = cells[1].tau[p] = (float)(6.0 * unit_of(&source));
            cells[0].v[p] = cells[1].v[p] = (float)unit_of(&source);
            cells[0].g[p] = cells[1].g[p] = (float)(0.2 * unit_of(&source));
        }
        rdl_exact_cells_possible(&cells[0], 0.005f, 0.01f, 0.01f, 1e-5f);
        ops->cells_possible(&cells[1], 0.005f, 0.01f, 0.01f, 1e-5f);
        ck_assert_int_eq(cells[0].count, cells[1].count);
        const size_t size = (size_t)cells[0].count * sizeof(float);
        ck_assert(memcmp(memory[0][0], memory[1][0], size) == 0);
        ck_assert(memcmp(memory[0][1], memory[1][1], size) == 0);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("candidates");
    TCase *tests = tcase_create("candidates");
    tcase_set_timeout(tests, 600.0);
    tcase_add_loop_test(tests, lists_have_the_best_integers, 0, SETTINGS);
    tcase_add_loop_test(tests, lists_are_complete, 0, SETTINGS);
    tcase_add_loop_test(tests, sums_have_the_bytes_of_scalar, 0, RDL_TARGET_COUNT + 1);
    tcase_add_loop_test(tests, states_have_the_bytes_of_scalar, 0, RDL_TARGET_COUNT + 1);
    tcase_add_loop_test(tests, possible_cells_are_those_of_scalar, 0, RDL_TARGET_COUNT + 1);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
