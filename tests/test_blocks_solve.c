/*
 * rdl_blocks_solve(): on every target of this machine, and the plain-C twin of the lanes, the
 * results of the scalar solvers one by one, bit for bit, without an access outside the buffers.
 */
#include "exact_blocks.h"
#include "guard.h"
#include "hostile_blocks.h"
#include "lane_solvers.h"
#include "suite.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const float iq4_nl[] = {-127, -104, -83, -65, -49, -35, -22, -10,
                               1,    13,   25,  38,  53,  69,  89,  113};
static const float uneven[] = {-1.5f, -0.2f, 0.1f, 7.0f, 9.0f};
static const float one_side[] = {1, 2, 5};
static const float two_sides[] = {-1, 1};
static const float neighbours[] = {-1, 1, 1.0f + 0x1p-23f}; /* a midpoint of binary64 alone */
static const float far_ends[] = {-3e38f, -1e30f, 0.0f, 1e-40f, 1e30f, 3.4e38f};
static float long_table[200]; /* filled by main() */
/* Breakpoints of 2^22 + 1 and 2^22 + 2 are closer to each other than keys of lanes can tell. */
static const float close_times[] = {4194303.5f, 4194304.5f, 4194305.5f};

static const struct rdl_block_grid grids[] = {
    {RDL_BLOCK_SIGNED, 16, -8, NULL},      {RDL_BLOCK_SIGNED, 8, -4, NULL},
    {RDL_BLOCK_SIGNED, 3, -1, NULL},       {RDL_BLOCK_SIGNED, 64, -32, NULL},
    {RDL_BLOCK_SIGNED, 32, -16, NULL},     {RDL_BLOCK_SIGNED, 255, -127, NULL},
    {RDL_BLOCK_SIGNED, 256, -255, NULL},   {RDL_BLOCK_SIGNED, 16, 0, NULL},
    {RDL_BLOCK_SIGNED, 2, 0, NULL},        {RDL_BLOCK_SIGNED, 10, -2, NULL},
    {RDL_BLOCK_SIGNED, 10, -7, NULL},      {RDL_BLOCK_SIGNED, 16, 0, iq4_nl},
    {RDL_BLOCK_SIGNED, 5, 0, uneven},      {RDL_BLOCK_SIGNED, 3, 0, one_side},
    {RDL_BLOCK_SIGNED, 2, 0, two_sides},   {RDL_BLOCK_SIGNED, 6, 0, far_ends},
    {RDL_BLOCK_SIGNED, 3, 0, neighbours},  {RDL_BLOCK_SIGNED, 200, 0, long_table},
    {RDL_BLOCK_SIGNED, 3, 0, close_times}, {RDL_BLOCK_POSITIVE, 16, -8, NULL},
    {RDL_BLOCK_POSITIVE, 16, 0, iq4_nl},   {RDL_BLOCK_POSITIVE, 3, 0, one_side},
    {RDL_BLOCK_UNSIGNED, 16, 0, NULL},     {RDL_BLOCK_UNSIGNED, 2, 0, NULL},
    {RDL_BLOCK_UNSIGNED, 256, 0, NULL},    {RDL_BLOCK_AFFINE, 16, 0, NULL},
    {RDL_BLOCK_AFFINE, 4, 0, NULL},        {RDL_BLOCK_AFFINE, 32, 0, NULL},
    {RDL_BLOCK_AFFINE, 256, 0, NULL},      {RDL_BLOCK_FREE, 16, 0, NULL},
};

static const size_t lengths[] = {1, 3, 8, 16, 32, 33, 64};
static const size_t counts[] = {1, 7, 16, 100};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

enum {
    MAX_N = 64,
    MAX_COUNT = 100,
    MAX_WEIGHTS = MAX_N * MAX_COUNT,
    SENTINEL = 0x5A,
#ifdef ROUNDEL_SLOW_RUN
    ROUNDS = 1,
    STRIDE = 3, /* of the cases */
    MAX_BREAKPOINTS = 10000,
#else
    ROUNDS = 3,
    STRIDE = 1,
    MAX_BREAKPOINTS = 100000,
#endif
};

/* Some blocks, and what the scalar solver makes of them. */
struct sample {
    enum rdl_solver solver;
    const struct rdl_block_grid *grid;
    struct rdl_solver_options options;
    size_t n, count;
    bool weighted;
    float x[MAX_WEIGHTS], w[MAX_WEIGHTS];
    void *scratch;
    enum rdl_status status;
    size_t done;
    uint8_t codes[MAX_WEIGHTS];
    struct rdl_block_fit fits[MAX_COUNT];
};

static bool supports(enum rdl_solver solver, const struct rdl_block_grid *grid)
{
    return rdl_solver_support(solver, grid->kind, grid->entries != NULL);
}

static bool has_offset(const struct rdl_block_grid *grid)
{
    return grid->kind == RDL_BLOCK_AFFINE || grid->kind == RDL_BLOCK_FREE;
}

/* `exact` has lanes for the grids of formats without an offset, and leaves to the search of one
 * block what is not certain. With an offset, cumulative searches have none. */
static bool has_lanes(enum rdl_solver solver, const struct rdl_block_grid *grid)
{
    if (solver != RDL_SOLVE_EXACT)
        return wide_lane_solver(solver) && !(solver == RDL_SOLVE_CUMULATIVE && has_offset(grid));
    if (grid->kind != RDL_BLOCK_SIGNED)
        return false;
    const int count = grid->count;
    return grid->entries ? grid->entries == iq4_nl
                         : grid->first == -count / 2 &&
                               (count == 8 || count == 16 || count == 32 || count == 64);
}

/* ------------------------------------------------------------------------------------------------
 * Samples
 */

static void draw(struct sample *s, struct gap_source *source)
{
    for (size_t b = 0; b < s->count; b++) {
        struct exact_block block;
        const unsigned number = (unsigned)(gap_source_word(source) % (4 * EXACT_KINDS));
        exact_block_draw(&block, source, number, s->grid, s->n);
        hostile_block(source, s->n, block.x, block.w);
        for (size_t i = 0; i < s->n; i++) {
            s->x[b * s->n + i] = isfinite(block.x[i]) ? block.x[i] : 1.0f;
            s->w[b * s->n + i] = isfinite(block.w[i]) && block.w[i] >= 0.0f ? block.w[i] : 1.0f;
        }
    }
    s->weighted = gap_source_word(source) % 4 != 0;
    s->options = rdl_solver_defaults(s->solver, s->grid);
    if (gap_source_word(source) % 4 == 0) {
        const uint64_t word = gap_source_word(source);
        s->options.first = (float)(word % 64) / 16.0f - 3.0f;
        s->options.step = (float)(word / 64 % 16) / 64.0f;
        s->options.last = (int)(word / 1024 % 20) - 1;
        s->options.absolute = word >> 20 & 1;
        s->options.rounds = (int)(word >> 21 & 3);
    }
}

static void expect(struct sample *s)
{
    memset(s->codes, SENTINEL, sizeof s->codes);
    memset(s->fits, SENTINEL, sizeof s->fits);
    s->status = RDL_OK;
    s->options.target = RDL_SCALAR;
    for (s->done = 0; s->done < s->count; s->done++) {
        const size_t at = s->done * s->n;
        const struct rdl_block block = {s->n, s->x + at, s->weighted ? s->w + at : NULL, *s->grid};
        s->status = rdl_block_solve(s->solver, &block, &s->options, s->scratch, s->codes + at,
                                    s->fits + s->done);
        if (s->status != RDL_OK)
            return;
    }
}

/* ------------------------------------------------------------------------------------------------
 * The call, between inaccessible pages
 */

static struct guarded x_memory, w_memory, codes_memory, fits_memory;

struct call {
    const struct sample *sample;
    int target; /* RDL_TARGET_COUNT: the twin */
    struct rdl_block first;
    struct rdl_solver_options options;
    uint8_t *codes;
    struct rdl_block_fit *fits;
    size_t done;
    enum rdl_status status;
    size_t in_lanes; /* blocks that the twin has solved */
};

/* In place of rdl_blocks_solve(): what the lanes leave is taken from the scalar solver. */
static void call_twin(struct call *call)
{
    const struct sample *s = call->sample;
    rdl_solve_lanes_fn *const in_lanes = wide_lane_solver(s->solver);
    call->in_lanes = 0;
    call->status = s->status;
    for (call->done = 0; call->done < s->done; call->done++) {
        static uint8_t solved[RDL_SOLVE_LANES];
        const size_t b = call->done, k = b % RDL_SOLVE_LANES;
        struct rdl_block first = call->first;
        first.x += b * s->n;
        first.weights = first.weights ? first.weights + b * s->n : NULL;
        if (k == 0)
            in_lanes(s->count - b < RDL_SOLVE_LANES ? s->count - b : RDL_SOLVE_LANES, &first,
                     &call->options, call->codes + b * s->n, call->fits + b, solved);
        call->in_lanes += solved[k];
        if (!solved[k]) {
            memcpy(call->codes + b * s->n, s->codes + b * s->n, s->n);
            call->fits[b] = s->fits[b];
        }
    }
}

static void make_call(void *argument)
{
    struct call *call = argument;
    if (call->target == RDL_TARGET_COUNT) {
        call_twin(call);
        return;
    }
    call->done = call->sample->count;
    call->options.target = (enum rdl_target)call->target;
    call->status = rdl_blocks_solve(call->sample->solver, &call->done, &call->first, &call->options,
                                    call->sample->scratch, call->codes, call->fits);
}

static void place(struct call *call, enum placement placement)
{
    const struct sample *s = call->sample;
    const size_t weights = s->n * s->count, bytes = weights * sizeof(float);
    const size_t fits_bytes = s->count * sizeof *call->fits;
    float *x = (float *)(void *)guarded_place(&x_memory, bytes, 4, placement);
    float *w = (float *)(void *)guarded_place(&w_memory, bytes, 12, placement);
    call->codes = guarded_place(&codes_memory, weights, 1, placement);
    call->fits =
        (struct rdl_block_fit *)(void *)guarded_place(&fits_memory, fits_bytes, 8, placement);
    memset(codes_memory.bytes, SENTINEL, codes_memory.size);
    memset(fits_memory.bytes, SENTINEL, fits_memory.size);
    memcpy(x, s->x, bytes);
    memcpy(w, s->w, bytes);
    call->first = (struct rdl_block){s->n, x, s->weighted ? w : NULL, *s->grid};
    call->options = s->options;
}

static void check_call(struct call *call, enum placement placement)
{
    const struct sample *s = call->sample;
    place(call, placement);
    const char *target =
        call->target < RDL_TARGET_COUNT ? rdl_target_name((enum rdl_target)call->target) : "wide";
    ck_assert_msg(survives(make_call, call), "%s on %s, n %zu, count %zu: outside the buffers",
                  rdl_solver_name(s->solver), target, s->n, s->count);
    ck_assert_int_eq(call->status, s->status);
    ck_assert_uint_eq(call->done, s->done);
    for (size_t b = 0; b < s->count; b++)
        ck_assert_msg(memcmp(call->codes + b * s->n, s->codes + b * s->n, s->n) == 0 &&
                          memcmp(call->fits + b, s->fits + b, sizeof *s->fits) == 0,
                      "%s on %s, grid %d, n %zu, count %zu: block %zu: scale %.9g, not %.9g",
                      rdl_solver_name(s->solver), target, (int)(s->grid - grids), s->n, s->count, b,
                      call->fits[b].scale, s->fits[b].scale);
    ck_assert(guarded_all_else_is(&codes_memory, call->codes, s->n * s->count, SENTINEL));
    ck_assert(guarded_all_else_is(&fits_memory, (uint8_t *)call->fits,
                                  s->count * sizeof *call->fits, SENTINEL));
}

/* Every target; returns how many blocks the twin has not left to the scalar solver. */
static size_t check(const struct sample *s)
{
    static unsigned number;
    const unsigned targets = rdl_detect_targets();
    struct call call = {.sample = s};
    for (call.target = 0; call.target <= RDL_TARGET_COUNT; call.target++) {
        const bool is_twin = call.target == RDL_TARGET_COUNT;
        if (is_twin ? wide_lane_solver(s->solver) != NULL : targets >> call.target & 1u)
            check_call(&call, (enum placement)(number++ % PLACEMENT_COUNT));
    }
    return call.in_lanes;
}

/* ------------------------------------------------------------------------------------------------
 * Tests: the number of each is that of the solver
 */

static void open_sample(struct sample *s, enum rdl_solver solver, const struct rdl_block_grid *grid,
                        size_t n, size_t count)
{
    *s = (struct sample){.solver = solver, .grid = grid, .n = n, .count = count};
    const size_t size = rdl_block_scratch_size(solver, grid, n);
    s->scratch = size > 0 ? malloc(size) : NULL;
    ck_assert(size == 0 || s->scratch);
}

static void check_round(enum rdl_solver solver, const struct rdl_block_grid *grid, size_t n,
                        size_t count, struct gap_source *source)
{
    static struct sample s;
    open_sample(&s, solver, grid, n, count);
    draw(&s, source);
    expect(&s);
    ck_assert_int_eq(s.status, RDL_OK);
    check(&s);
    free(s.scratch);
}

/* Cumulative searches take time for every breakpoint of every weight. */
static bool takes_long(enum rdl_solver solver, const struct rdl_block_grid *grid, size_t n,
                       size_t count)
{
    const bool walks = solver == RDL_SOLVE_CUMULATIVE || solver == RDL_SOLVE_HEAP_NL;
    return walks && n * count * (size_t)grid->count > MAX_BREAKPOINTS;
}

/* Solvers without lanes may be slow, and have little that could go wrong here. */
START_TEST(every_target_is_scalar)
{
    const enum rdl_solver solver = (enum rdl_solver)_i;
    struct gap_source source = {.state = (uint64_t)_i + 1};
    for (size_t g = 0; g < COUNT(grids); g++) {
        if (!supports(solver, &grids[g]))
            continue;
        if (!has_lanes(solver, &grids[g])) {
            if (grids[g].count <= 8)
                check_round(solver, &grids[g], 3, 70, &source);
            continue;
        }
        for (int round = 0; round < ROUNDS; round++)
            for (size_t l = 0; l < COUNT(lengths); l++)
                for (size_t c = (l + g) % STRIDE; c < COUNT(counts); c += STRIDE)
                    if (!takes_long(solver, &grids[g], lengths[l], counts[c]))
                        check_round(solver, &grids[g], lengths[l], counts[c], &source);
    }
}
END_TEST

/* An error is that of the first bad block, and nothing is written behind it. */
START_TEST(stops_at_bad_data)
{
    static const size_t places[] = {0, 5, 40, 63, 64, 99};
    static const float bad[] = {NAN, INFINITY, -INFINITY};
    static struct sample s;
    const enum rdl_solver solver = (enum rdl_solver)_i;
    struct gap_source source = {.state = (uint64_t)_i + 1};
    for (size_t g = 0; g < COUNT(grids); g++) {
        if (!supports(solver, &grids[g]) || !has_lanes(solver, &grids[g]))
            continue;
        for (size_t p = 0; p < COUNT(places); p++)
            for (size_t k = (p + g) % STRIDE; k < 2 * COUNT(bad); k += 2 * STRIDE - 1) {
                open_sample(&s, solver, &grids[g], 5, MAX_COUNT);
                draw(&s, &source);
                s.weighted = s.weighted || k % 2 != 0;
                const size_t at = places[p] * s.n + gap_source_word(&source) % s.n;
                *(k % 2 ? &s.w[at] : &s.x[at]) = k == 3 ? -1.0f : bad[k / 2];
                expect(&s);
                ck_assert_int_ne(s.status, RDL_OK);
                ck_assert_uint_eq(s.done, places[p]);
                check(&s);
                free(s.scratch);
            }
    }
}
END_TEST

/* Or else the comparisons above would compare the scalar solver with itself. */
START_TEST(lanes_solve_plain_blocks)
{
    static struct sample s;
    const enum rdl_solver solver = (enum rdl_solver)_i;
    struct gap_source source = {.state = (uint64_t)_i + 1};
    for (size_t g = 0; g < COUNT(grids); g++) {
        if (!supports(solver, &grids[g]) || !has_lanes(solver, &grids[g]) ||
            grids[g].entries == far_ends)
            continue;
        open_sample(&s, solver, &grids[g], 16, MAX_COUNT);
        gap_source_block(&source, GAP_GAUSSIAN, GAP_IMPORTANCE, s.n * s.count, s.x, s.w);
        s.weighted = true;
        s.options = rdl_solver_defaults(solver, &grids[g]);
        expect(&s);
        const size_t in_lanes = check(&s);
        ck_assert_msg(in_lanes >= (solver == RDL_SOLVE_EXACT ? MAX_COUNT * 19 / 20 : MAX_COUNT),
                      "%s, grid %zu: %zu blocks", rdl_solver_name(solver), g, in_lanes);
        free(s.scratch);
    }
}
END_TEST

/* Where the order of breakpoints is not certain. */
START_TEST(lanes_leave_close_times)
{
    static struct sample s;
    const struct rdl_block_grid grid = {RDL_BLOCK_SIGNED, 3, 0, close_times};
    open_sample(&s, RDL_SOLVE_CUMULATIVE, &grid, 2, 1);
    s.options = rdl_solver_defaults(s.solver, &grid);
    s.x[0] = 4194305.0f;
    s.x[1] = 4194306.0f;
    expect(&s);
    ck_assert(!check(&s));
    s.x[1] = 4194305.0f;
    expect(&s);
    ck_assert(check(&s));
}
END_TEST

int main(void)
{
    for (size_t k = 0; k < COUNT(long_table); k++)
        long_table[k] = (float)(0.01 * (double)(k * k) - 90.0 + (double)k);
    const size_t weights = MAX_WEIGHTS * sizeof(float);
    if (!guarded_open(&x_memory, weights) || !guarded_open(&w_memory, weights) ||
        !guarded_open(&codes_memory, MAX_WEIGHTS) ||
        !guarded_open(&fits_memory, MAX_COUNT * sizeof(struct rdl_block_fit)))
        return EXIT_FAILURE;
    Suite *suite = suite_create("many blocks");
    TCase *tcase = tcase_create("many blocks");
    tcase_set_timeout(tcase, 0);
    tcase_add_loop_test(tcase, every_target_is_scalar, 0, RDL_SOLVER_COUNT);
    tcase_add_loop_test(tcase, stops_at_bad_data, 0, RDL_SOLVER_COUNT);
    tcase_add_loop_test(tcase, lanes_solve_plain_blocks, 0, RDL_SOLVER_COUNT);
    tcase_add_test(tcase, lanes_leave_close_times);
    suite_add_tcase(suite, tcase);
    const int status = suite_run(suite);
    guarded_close(&fits_memory);
    guarded_close(&codes_memory);
    guarded_close(&w_memory);
    guarded_close(&x_memory);
    return status;
}
