/* Sizes and contents of the benchmarks' working sets (working_set.c), and the loops that measure
 * memory (bandwidth.c). */
#include "bandwidth.h"
#include "suite.h"
#include "synth.h"
#include "working_set.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static void check_sizes(const char *description, const uint64_t expected[LEVEL_COUNT])
{
    struct topology topology;
    struct error error;
    ck_assert_int_eq(setenv("HWLOC_SYNTHETIC", description, 1), 0);
    ck_assert_msg(topology_open(&topology, &error), "%s", error.text);
    for (unsigned level = 0; level < LEVEL_COUNT; level++)
        ck_assert_uint_eq(working_set_bytes(&topology, 0, (enum memory_level)level),
                          expected[level]);
    topology_close(&topology);
    unsetenv("HWLOC_SYNTHETIC");
}

START_TEST(sizes_follow_the_caches)
{
    const uint64_t MiB = 1 << 20;
    check_sizes("l3:1(size=33554432) l2:1(size=1048576) l1d:1(size=49152) core:1 pu:1",
                (const uint64_t[]){24576, MiB / 2, 16 * MiB, 128 * MiB});
    check_sizes("l2:1(size=524288) l1d:1(size=32768) core:1 pu:1",
                (const uint64_t[]){16384, MiB / 4, 0, 64 * MiB});
    check_sizes("l3:1(size=1073741824) core:1 pu:1",
                (const uint64_t[]){0, 0, 512 * MiB, 1024 * MiB});
    check_sizes("pu:1", (const uint64_t[]){0, 0, 0, 64 * MiB});
}
END_TEST

START_TEST(levels_have_names)
{
    static const char *const names[LEVEL_COUNT] = {"L1", "L2", "L3", "DRAM"};
    for (unsigned level = 0; level < LEVEL_COUNT; level++)
        ck_assert_str_eq(memory_level_name((enum memory_level)level), names[level]);
    ck_assert_ptr_null(memory_level_name(LEVEL_COUNT));
}
END_TEST

/* Blocks of Q4_K: 144 bytes for 256 weights. */
static const struct plan_case {
    uint64_t bytes;
    size_t ncols, nrows, rows_per_step;
} plan_cases[] = {
    {24576, 1024, 4, 4},       /* (24576 - 4096) / 4672 = 4.4; rows of 4096 would be 0.4 */
    {16384, 256, 13, 13},      /* (16384 - 1024) / 1168 = 13.2; rows of 1024 would be 2.6 */
    {524288, 4096, 27, 27},    /* (524288 - 16384) / 18688 = 27.2 */
    {16777216, 4096, 896, 64}, /* 896.9; 64 rows are 2^18 weights */
    {134217728, 4096, 7168, 64},
    {1000, 256, 1, 1}, /* too small for anything */
    {0, 256, 1, 1},
};

START_TEST(plans_fit)
{
    const struct plan_case *c = &plan_cases[_i];
    const struct working_set_plan plan =
        plan_working_set(c->bytes, rdl_blocks_size(RDL_Q4_K, 1, 256));
    ck_assert_uint_eq(plan.ncols, c->ncols);
    ck_assert_uint_eq(plan.row_bytes, rdl_blocks_size(RDL_Q4_K, 1, c->ncols));
    ck_assert_uint_eq(plan.nrows, c->nrows);
    ck_assert_uint_eq(plan.rows_per_step, c->rows_per_step);
}
END_TEST

START_TEST(steps_walk_round_the_rows)
{
    const struct working_set_plan plan = {.ncols = 256, .nrows = 6, .rows_per_step = 2};
    struct working_set set;
    ck_assert(working_set_open(&set, &plan));
    for (unsigned round = 0; round < 2; round++)
        for (size_t row = 0; row < plan.nrows; row += plan.rows_per_step)
            ck_assert_uint_eq(working_set_step(&set), row);
    working_set_close(&set);
}
END_TEST

/* Two and a bit times the 2^18 fresh weights, to see where they repeat and end. */
START_TEST(weights_are_the_published_ones_and_repeat)
{
    enum {
        FRESH = 1 << 18,
        COUNT = 2 * FRESH + 4096
    };
    const struct working_set_plan plan = {
        .ncols = 4096, .row_bytes = 64, .nrows = COUNT / 4096, .rows_per_step = 1};
    struct working_set set;
    ck_assert(working_set_open(&set, &plan));
    struct synth synth;
    struct error error;
    ck_assert(synth_parse("synth:gaussian,sigma=0.02", &synth, &error));
    float *expected = malloc(FRESH * sizeof *expected);
    ck_assert_ptr_nonnull(expected);
    synth_fill(&synth, 0, FRESH, expected);
    ck_assert_mem_eq(set.weights, expected, FRESH * sizeof *expected);
    ck_assert_mem_eq(set.weights + FRESH, expected, FRESH * sizeof *expected);
    ck_assert_mem_eq(set.weights + 2 * FRESH, expected, 4096 * sizeof *expected);
    ck_assert_ptr_eq(set.blocks, set.weights + COUNT);
    for (size_t i = 0; i < plan.nrows * plan.row_bytes; i++)
        ck_assert_uint_eq(set.blocks[i], 0);
    free(expected);
    working_set_close(&set);
}
END_TEST

START_TEST(importance_is_positive_and_varies)
{
    float *importance = sample_importance(4096);
    ck_assert_ptr_nonnull(importance);
    double sum = 0;
    for (unsigned i = 0; i < 4096; i++) {
        ck_assert(importance[i] >= 0.05f);
        sum += importance[i];
    }
    /* The mean of 0.05 + g^2 is 1.05, its standard error sqrt(2 / 4096) = 0.022. */
    ck_assert_double_eq_tol(sum / 4096, 1.05, 5 * 0.022);
    free(importance);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Loops
 */

enum {
    LOOP_WORDS = 512 / sizeof(uint32_t)
};

/* From the narrowest to the widest that this machine runs. */
static unsigned loop_targets(int i)
{
    static const unsigned sets[] = {1u << RDL_SCALAR, 1u << RDL_SCALAR | 1u << RDL_AVX2, ~0u};
    return sets[i] & rdl_detect_targets();
}

static bool is_zero(const uint32_t *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (words[i])
            return false;
    return true;
}

START_TEST(store_writes_every_word_and_no_other)
{
    static _Alignas(64) uint32_t words[LOOP_WORDS + 32];
    memset(words, 0, sizeof words);
    bandwidth_loops(loop_targets(_i))->store(words + 16, LOOP_WORDS * sizeof words[0]);
    for (unsigned i = 0; i < LOOP_WORDS; i++)
        ck_assert_uint_ne(words[16 + i], 0);
    ck_assert(is_zero(words, 16));
    ck_assert(is_zero(words + 16 + LOOP_WORDS, 16));
}
END_TEST

START_TEST(read_sees_every_word_and_no_other)
{
    static _Alignas(64) uint32_t words[LOOP_WORDS + 32], sink[16];
    const struct bandwidth_loops *loops = bandwidth_loops(loop_targets(_i));
    for (unsigned i = 0; i < LOOP_WORDS + 32; i++) {
        memset(words, 0, sizeof words);
        memset(sink, 0, sizeof sink);
        words[i] = 1;
        loops->read(words + 16, LOOP_WORDS * sizeof words[0], sink);
        ck_assert_msg(is_zero(sink, 16) == (i < 16 || i >= 16 + LOOP_WORDS), "word %u", i);
    }
}
END_TEST

START_TEST(loops_are_as_wide_as_the_targets_allow)
{
    ck_assert_uint_eq(bandwidth_loops(1u << RDL_SCALAR)->vector_bytes, 16);
    const unsigned widest = bandwidth_loops(rdl_detect_targets())->vector_bytes;
    ck_assert_uint_eq(widest, rdl_detect_targets() & 1u << RDL_AVX512 ? 64
                              : rdl_detect_targets() & 1u << RDL_AVX2 ? 32
                                                                      : 16);
}
END_TEST

int main(void)
{
    TCase *sets = tcase_create("working sets");
    tcase_set_timeout(sets, 0);
    tcase_add_test(sets, sizes_follow_the_caches);
    tcase_add_test(sets, levels_have_names);
    tcase_add_loop_test(sets, plans_fit, 0, sizeof plan_cases / sizeof plan_cases[0]);
    tcase_add_test(sets, steps_walk_round_the_rows);
    tcase_add_test(sets, weights_are_the_published_ones_and_repeat);
    tcase_add_test(sets, importance_is_positive_and_varies);

    TCase *loops = tcase_create("loops");
    tcase_set_timeout(loops, 0);
    tcase_add_loop_test(loops, store_writes_every_word_and_no_other, 0, 3);
    tcase_add_loop_test(loops, read_sees_every_word_and_no_other, 0, 3);
    tcase_add_test(loops, loops_are_as_wide_as_the_targets_allow);

    Suite *suite = suite_create("working_set");
    suite_add_tcase(suite, sets);
    suite_add_tcase(suite, loops);
    return suite_run(suite);
}
