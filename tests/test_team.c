/* Teams of threads (team.c): pinned, and with the bytes and reports of one thread. */
#include "team.h"

#include "binding.h"
#include "job_memory.h"
#include "suite.h"
#include "synth.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

static const unsigned team_sizes[] = {1, 2, 3, 7};

enum {
    NSIZES = sizeof team_sizes / sizeof *team_sizes,
    MAX_ROWS = 23,
    NCOLS = 512,
    MAX_BYTES = MAX_ROWS * NCOLS * 2
};

static struct error error;
static float weights[MAX_ROWS * NCOLS], importance[NCOLS];

static void fill(void)
{
    const struct synth gaussian = {
        .distribution = SYNTH_GAUSSIAN, .sigma = 0.02, .nrows = MAX_ROWS, .ncols = NCOLS};
    synth_fill(&gaussian, 0, MAX_ROWS * NCOLS, weights);
    for (size_t i = 0; i < NCOLS; i++)
        importance[i] = 1.0f + (float)(i % 5);
}

/* ------------------------------------------------------------------------------------------------
 * Bytes
 */

static struct rdl_job job_of(enum rdl_format format, size_t nrows, unsigned nthreads)
{
    struct rdl_job job = {
        .format = format, .rounding = RDL_GGML_FIXED, .nrows = nrows, .ncols = NCOLS};
    ck_assert_msg(job_memory_open_team(&job, nthreads, &error), "%s", error.text);
    return job;
}

static void expect_same_bytes(enum rdl_format format, size_t nrows, unsigned nthreads)
{
    static uint8_t expected[MAX_BYTES], blocks[MAX_BYTES];
    static float expected_values[MAX_ROWS * NCOLS], values[MAX_ROWS * NCOLS];
    struct rdl_job job = job_of(format, nrows, nthreads);
    ck_assert_uint_le(rdl_blocks_size(format, nrows, NCOLS), MAX_BYTES);

    memset(expected, 0xEE, sizeof expected); /* nothing may be written behind the blocks */
    memset(blocks, 0xEE, sizeof blocks);
    ck_assert_int_eq(rdl_quantize(&job, weights, importance, expected, NULL), RDL_OK);
    struct rdl_report report;
    ck_assert_int_eq(team_quantize(nthreads, &job, weights, importance, blocks, &report), RDL_OK);
    ck_assert_int_eq(report.status, RDL_OK);
    ck_assert_int_eq(memcmp(expected, blocks, sizeof blocks), 0);

    memset(expected_values, 0xEE, sizeof expected_values);
    memset(values, 0xEE, sizeof values);
    ck_assert_int_eq(rdl_dequantize(&job, expected, expected_values), RDL_OK);
    ck_assert_int_eq(team_dequantize(nthreads, &job, expected, values), RDL_OK);
    ck_assert_int_eq(memcmp(expected_values, values, sizeof values), 0);

    job.element = RDL_BF16;
    memset(expected_values, 0xEE, sizeof expected_values);
    memset(values, 0xEE, sizeof values);
    ck_assert_int_eq(rdl_dequantize(&job, expected, expected_values), RDL_OK);
    ck_assert_int_eq(team_dequantize(nthreads, &job, expected, values), RDL_OK);
    ck_assert_int_eq(memcmp(expected_values, values, sizeof values), 0);
    job_memory_close(&job);
}

/* None, fewer than threads, odd, one less and one more than a multiple of the threads. */
START_TEST(bytes_do_not_depend_on_the_team)
{
    static const size_t rows[] = {0, 1, 2, 3, 6, 8, 13, 14, 20, 22, MAX_ROWS};
    static const enum rdl_format formats[] = {RDL_Q8_0, RDL_Q4_K, RDL_IQ4_NL, RDL_IQ2_S};
    fill();
    for (size_t f = 0; f < sizeof formats / sizeof *formats; f++)
        for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
            expect_same_bytes(formats[f], rows[r], team_sizes[_i]);
}
END_TEST

START_TEST(every_thread_has_its_scratch)
{
    const unsigned nthreads = team_sizes[_i];
    struct rdl_job job = job_of(RDL_Q8_0, MAX_ROWS, nthreads);
    ck_assert_uint_ge(job.scratch_size, team_scratch_size(&job, nthreads));
    ck_assert_uint_eq(team_scratch_size(&job, nthreads), nthreads * team_scratch_size(&job, 1));
    ck_assert_uint_ge(team_scratch_size(&job, 1), rdl_scratch_size(&job));
    job_memory_close(&job);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Reports
 */

/* Weights of rows in the first, a middle and the last run of any team. */
static void spoil(void)
{
    weights[5 * NCOLS + 300] = NAN;
    weights[5 * NCOLS + 301] = INFINITY;
    weights[11 * NCOLS + 1] = INFINITY;
    weights[(MAX_ROWS - 1) * NCOLS + 511] = -INFINITY;
}

static void expect_report(const struct rdl_report *report, enum rdl_status status, size_t row,
                          size_t block, size_t column, size_t bad_blocks)
{
    ck_assert_int_eq(report->status, status);
    ck_assert_uint_eq(report->row, row);
    ck_assert_uint_eq(report->block, block);
    ck_assert_uint_eq(report->column, column);
    ck_assert_uint_eq(report->bad_blocks, bad_blocks);
}

START_TEST(first_bad_row_is_reported)
{
    static uint8_t expected[MAX_BYTES], blocks[MAX_BYTES];
    fill();
    spoil();
    const unsigned nthreads = team_sizes[_i];
    struct rdl_job job = job_of(RDL_Q4_K, MAX_ROWS, nthreads);
    struct rdl_report report;
    ck_assert_int_eq(team_quantize(nthreads, &job, weights, NULL, blocks, &report), RDL_WEIGHT_NAN);
    expect_report(&report, RDL_WEIGHT_NAN, 5, 1, 300, 0);
    /* The blocks before it are complete. */
    ck_assert_int_eq(rdl_quantize(&job, weights, NULL, expected, NULL), RDL_WEIGHT_NAN);
    ck_assert_int_eq(memcmp(expected, blocks, rdl_blocks_size(RDL_Q4_K, 5, NCOLS) + 144), 0);

    job.flags = RDL_GO_ON;
    ck_assert_int_eq(team_quantize(nthreads, &job, weights, NULL, blocks, &report), RDL_OK);
    expect_report(&report, RDL_WEIGHT_NAN, 5, 1, 300, 3);
    ck_assert_int_eq(rdl_quantize(&job, weights, NULL, expected, NULL), RDL_OK);
    ck_assert_int_eq(memcmp(expected, blocks, rdl_blocks_size(RDL_Q4_K, MAX_ROWS, NCOLS)), 0);
    job_memory_close(&job);
}
END_TEST

/* Bad importance belongs to no row, and nothing is written. */
START_TEST(bad_importance_is_reported_once)
{
    static uint8_t blocks[MAX_BYTES];
    fill();
    importance[400] = -1.0f;
    const unsigned nthreads = team_sizes[_i];
    struct rdl_job job = job_of(RDL_Q4_K, MAX_ROWS, nthreads);
    struct rdl_report report;
    ck_assert_int_eq(team_quantize(nthreads, &job, weights, importance, blocks, &report),
                     RDL_IMPORTANCE_INVALID);
    expect_report(&report, RDL_IMPORTANCE_INVALID, 0, 1, 400, 0);
    for (size_t i = 0; i < sizeof blocks; i++)
        ck_assert_uint_eq(blocks[i], 0);
    job.flags = RDL_GO_ON;
    ck_assert_int_eq(team_quantize(nthreads, &job, weights, importance, blocks, &report), RDL_OK);
    expect_report(&report, RDL_IMPORTANCE_INVALID, 0, 1, 400, MAX_ROWS);
    job_memory_close(&job);
}
END_TEST

START_TEST(wrong_calls_are_refused_as_by_the_library)
{
    static uint8_t blocks[MAX_BYTES];
    const unsigned nthreads = team_sizes[_i];
    struct rdl_job job = job_of(RDL_IQ2_S, MAX_ROWS, nthreads);
    struct rdl_report report;
    ck_assert_int_eq(team_quantize(nthreads, NULL, weights, NULL, blocks, &report),
                     RDL_NULL_POINTER);
    ck_assert_int_eq(team_quantize(nthreads, &job, NULL, NULL, blocks, NULL), RDL_NULL_POINTER);
    ck_assert_int_eq(team_quantize(nthreads, &job, weights, NULL, NULL, NULL), RDL_NULL_POINTER);
    ck_assert_int_eq(team_dequantize(nthreads, &job, NULL, weights), RDL_NULL_POINTER);
    struct rdl_job wrong = job;
    wrong.tables = NULL;
    ck_assert_int_eq(team_quantize(nthreads, &wrong, weights, NULL, blocks, &report),
                     RDL_TABLES_REQUIRED);
    wrong = job;
    wrong.ncols = NCOLS - 1;
    ck_assert_int_eq(team_quantize(nthreads, &wrong, weights, NULL, blocks, NULL), RDL_ROW_LENGTH);
    ck_assert_int_eq(team_dequantize(nthreads, &wrong, blocks, weights), RDL_ROW_LENGTH);
    wrong = job;
    wrong.nrows = SIZE_MAX / 2;
    ck_assert_int_eq(team_quantize(nthreads, &wrong, weights, NULL, blocks, NULL), RDL_TOO_LARGE);
    wrong = job;
    wrong.target = RDL_TARGET_COUNT;
    ck_assert_int_eq(team_dequantize(nthreads, &wrong, blocks, weights), RDL_UNKNOWN_VALUE);
    job_memory_close(&job);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Pinning
 */

static struct topology topology;

/* From the last core on, and after a team of another size. */
START_TEST(a_team_is_pinned_thread_by_thread)
{
    enum {
        THREADS = 3
    };
    ck_assert_msg(topology_open(&topology, &error), "%s", error.text);
    const unsigned first = topology.cores - 1;
    ck_assert_msg(team_pin(&topology, first, 1, &error), "%s", error.text);
    ck_assert_uint_eq(binding(&topology), topology_slot(&topology, first));
    unsigned bound[THREADS] = {UINT_MAX, UINT_MAX, UINT_MAX};
    ck_assert_msg(team_pin(&topology, first, THREADS, &error), "%s", error.text);
#pragma omp parallel num_threads(THREADS)
    bound[omp_get_thread_num()] = binding(&topology);
    for (unsigned thread = 0; thread < THREADS; thread++)
        ck_assert_uint_eq(bound[thread],
                          topology_slot(&topology, topology_slot_from(&topology, first, thread)));
    topology_close(&topology);
}
END_TEST

START_TEST(teams_go_round_the_cores)
{
    static const unsigned expected[] = {2, 0, 1, 5, 3, 4, 8};
    const struct topology three_cores = {.cores = 3};
    for (unsigned number = 0; number < sizeof expected / sizeof *expected; number++)
        ck_assert_uint_eq(topology_slot_from(&three_cores, 2, number), expected[number]);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("team");
    tcase_set_timeout(tcase, 0);
    tcase_add_loop_test(tcase, bytes_do_not_depend_on_the_team, 0, NSIZES);
    tcase_add_loop_test(tcase, every_thread_has_its_scratch, 0, NSIZES);
    tcase_add_loop_test(tcase, first_bad_row_is_reported, 0, NSIZES);
    tcase_add_loop_test(tcase, bad_importance_is_reported_once, 0, NSIZES);
    tcase_add_loop_test(tcase, wrong_calls_are_refused_as_by_the_library, 0, NSIZES);
    tcase_add_test(tcase, a_team_is_pinned_thread_by_thread);
    tcase_add_test(tcase, teams_go_round_the_cores);
    Suite *suite = suite_create("team");
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
