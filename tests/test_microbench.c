/* The C shim of Google Benchmark (microbench.cc), and the program roundel-bench end to end. */
#include "microbench.h"
#include "roundel.h"
#include "suite.h"
#include "topology.h"

#include <check.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* ------------------------------------------------------------------------------------------------
 * Reports
 */

static json_t *parse(const char *text)
{
    json_error_t error;
    json_t *report = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    ck_assert_msg(report != NULL, "line %d: %s", error.line, error.text);
    return report;
}

/* The only benchmark of a report. */
static const json_t *only(const json_t *report)
{
    const json_t *benchmarks = json_object_get(report, "benchmarks");
    ck_assert_uint_eq(json_array_size(benchmarks), 1);
    return json_array_get(benchmarks, 0);
}

static double number(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    ck_assert_msg(json_is_number(value), "no number '%s'", key);
    return json_number_value(value);
}

static const char *string(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));
    ck_assert_msg(value != NULL, "no string '%s'", key);
    return value;
}

/* What one iteration counts. Rates and times are quotients of the same integers by the same
 * seconds, so their product misses a whole number by a few roundings of binary64 only. */
static uint64_t per_iteration(const json_t *benchmark, const char *rate)
{
    ck_assert_str_eq(string(benchmark, "time_unit"), "ns");
    const double product = number(benchmark, rate) * number(benchmark, "cpu_time") * 1e-9;
    ck_assert_double_eq_tol(product, round(product), 1e-6);
    return (uint64_t)round(product);
}

/* ------------------------------------------------------------------------------------------------
 * The shim
 */

/* A case that counts its calls, and fails where it is told to. */
struct counted {
    unsigned setups, teardowns;
    uint64_t runs; /* since the last setup */
    bool fails_in_setup;
    uint64_t fails_at; /* the run that fails, counted from 1; 0 for none */
};

static struct counted counted;

static void *counted_setup(const void *user, const char **problem)
{
    ck_assert_ptr_eq(user, &counted);
    counted.setups++;
    counted.runs = 0;
    *problem = counted.fails_in_setup ? "no set today" : NULL;
    return counted.fails_in_setup ? NULL : &counted;
}

/* Long enough for a clock with ticks of a microsecond. */
static const char *counted_run(void *working_set)
{
    struct counted *c = working_set;
    c->runs++;
    for (volatile unsigned i = 0; i < 1000; i++)
        ;
    return c->runs == c->fails_at ? "no run today" : NULL;
}

static void counted_teardown(void *working_set)
{
    struct counted *c = working_set;
    c->teardowns++;
}

/* Runs the counted case alone, and gives the report. */
static json_t *run_counted(enum microbench_result expected)
{
    const struct microbench_case counted_case = {
        .name = "counted",
        .setup = counted_setup,
        .run = counted_run,
        .teardown = counted_teardown,
        .user = &counted,
        .items = 768,
        .bytes = 5001,
    };
    ck_assert(microbench_register(&counted_case));
    ck_assert(microbench_context("weather", "rain"));
    char path[] = "/tmp/test_microbench.XXXXXX";
    const int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    close(fd);
    char out[sizeof path + 32];
    snprintf(out, sizeof out, "--benchmark_out=%s", path);
    char program[] = "test", format[] = "--benchmark_out_format=json";
    char time[] = "--benchmark_min_time=0.01";
    char *argv[] = {program, out, format, time, NULL};
    ck_assert_int_eq(microbench_run(4, argv), expected);
    json_error_t error;
    json_t *report = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    ck_assert_msg(report != NULL, "line %d: %s", error.line, error.text);
    unlink(path);
    return report;
}

START_TEST(counters_are_those_of_the_iterations)
{
    json_t *report = run_counted(MICROBENCH_OK);
    const json_t *benchmark = only(report);
    ck_assert_str_eq(string(benchmark, "name"), "counted");
    ck_assert_uint_eq((uint64_t)number(benchmark, "iterations"), counted.runs);
    ck_assert_uint_eq(per_iteration(benchmark, "items_per_second"), 768);
    ck_assert_uint_eq(per_iteration(benchmark, "bytes_per_second"), 5001);
    ck_assert_str_eq(string(json_object_get(report, "context"), "weather"), "rain");
    ck_assert_uint_ge(counted.setups, 1);
    ck_assert_uint_eq(counted.teardowns, counted.setups);
    json_decref(report);
}
END_TEST

START_TEST(a_failing_setup_is_reported)
{
    counted.fails_in_setup = true;
    json_t *report = run_counted(MICROBENCH_FAILED);
    ck_assert(json_is_true(json_object_get(only(report), "error_occurred")));
    ck_assert_str_eq(string(only(report), "error_message"), "no set today");
    ck_assert_uint_eq(counted.teardowns, 0);
    json_decref(report);
}
END_TEST

START_TEST(a_failing_run_is_reported_and_ends_the_case)
{
    counted.fails_at = 1;
    json_t *report = run_counted(MICROBENCH_FAILED);
    ck_assert(json_is_true(json_object_get(only(report), "error_occurred")));
    ck_assert_str_eq(string(only(report), "error_message"), "no run today");
    ck_assert_uint_eq(counted.runs, 1);
    ck_assert_uint_eq(counted.setups, 1);
    ck_assert_uint_eq(counted.teardowns, 1);
    json_decref(report);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * The program
 */

/* Runs roundel-bench and returns what it wrote to stdout; free() it. */
static char *run_program(const char *arguments, int expected_status)
{
    char command[2048];
    const int length = snprintf(command, sizeof command, "%s '%s' %s", ROUNDEL_EMULATOR,
                                ROUNDEL_BENCH_PROGRAM, arguments);
    ck_assert_int_lt(length, (int)sizeof command);
    FILE *pipe = popen(command, "r");
    ck_assert_ptr_nonnull(pipe);
    enum {
        ROOM = 1 << 20
    };
    char *text = malloc(ROOM);
    ck_assert_ptr_nonnull(text);
    const size_t size = fread(text, 1, ROOM - 1, pipe);
    ck_assert_uint_lt(size, ROOM - 1);
    text[size] = '\0';
    const int status = pclose(pipe);
    ck_assert_msg(WIFEXITED(status), "%s", command);
    ck_assert_msg(WEXITSTATUS(status) == expected_status, "%s: exit status %d", command,
                  WEXITSTATUS(status));
    return text;
}

static json_t *run_program_json(const char *filter)
{
    char arguments[256];
    snprintf(arguments, sizeof arguments,
             "--benchmark_filter='^%s$' --benchmark_format=json --benchmark_min_time=0.001",
             filter);
    char *text = run_program(arguments, 0);
    json_t *report = parse(text);
    free(text);
    return report;
}

/* In DRAM an iteration is 64 rows of 4096 weights on any machine: 2^18 weights. */
static const struct counter_case {
    const char *filter, *name;
    uint64_t bytes;
} counter_cases[] = {
    {"memcpy/DRAM", "memcpy/DRAM", (1 << 18) * 4 * 2},
    {"store/DRAM", "store/DRAM", (1 << 18) * 4},
    {"read/DRAM", "read/DRAM", (1 << 18) * 4},
    {"dequantize/q8_0/scalar/DRAM", "dequantize/q8_0/scalar/DRAM",
     (1 << 18) * 4 + (1 << 18) / 32 * 34},
    {"quantize/q4_k/nearest/scalar/DRAM", "quantize/q4_k/nearest/scalar/DRAM",
     (1 << 18) * 4 + (1 << 18) / 256 * 144},
    {"quantize/q4_k/ggml[+]importance/scalar/DRAM", "quantize/q4_k/ggml+importance/scalar/DRAM",
     (1 << 18) * 4 + (1 << 18) / 256 * 144 + 4096 * 4},
};

START_TEST(a_case_counts_weights_and_bytes)
{
    const struct counter_case *c = &counter_cases[_i];
    json_t *report = run_program_json(c->filter);
    const json_t *benchmark = only(report);
    ck_assert_str_eq(string(benchmark, "name"), c->name);
    ck_assert_uint_eq(per_iteration(benchmark, "items_per_second"), 1 << 18);
    ck_assert_uint_eq(per_iteration(benchmark, "bytes_per_second"), c->bytes);
    json_decref(report);
}
END_TEST

START_TEST(the_context_says_what_was_measured)
{
    static const char *const keys[] = {
        "commit",   "compiler", "flags",   "cpu",          "data_caches",
        "topology", "core",     "targets", "working_sets", "store_and_read_vector_bytes"};
    json_t *report = run_program_json("store/DRAM");
    const json_t *context = json_object_get(report, "context");
    ck_assert_str_eq(string(context, "roundel"), rdl_version());
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        string(context, keys[i]);
    ck_assert_ptr_nonnull(strstr(string(context, "flags"), "-ffp-contract=off"));
    ck_assert_ptr_nonnull(strstr(string(context, "targets"), "scalar"));
    ck_assert_ptr_nonnull(strstr(string(context, "working_sets"), "DRAM"));
    json_decref(report);
}
END_TEST

START_TEST(repetitions_and_interleaving_work)
{
    char *text = run_program("--benchmark_filter='^(store|read)/DRAM$' --benchmark_format=json "
                             "--benchmark_min_time=0.001 --benchmark_repetitions=3 "
                             "--benchmark_enable_random_interleaving=true",
                             0);
    json_t *report = parse(text);
    unsigned iterations = 0, medians = 0;
    size_t i;
    json_t *benchmark;
    json_array_foreach(json_object_get(report, "benchmarks"), i, benchmark)
    {
        iterations += strcmp(string(benchmark, "run_type"), "iteration") == 0;
        medians += strstr(string(benchmark, "name"), "_median") != NULL;
    }
    ck_assert_uint_eq(iterations, 6);
    ck_assert_uint_eq(medians, 2);
    json_decref(report);
    free(text);
}
END_TEST

START_TEST(mistakes_are_usage_errors)
{
    free(run_program("--benchmark_filter='^no such case$' 2>&1", 2));
    free(run_program("--core=100000 2>&1", 2));
    free(run_program("--no-such-flag 2>&1", 2));
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * The list of cases: what the capability query offers, no more and no less
 */

/* A list of lines; true if one of them is `line`. */
static bool has_line(const char *text, const char *line)
{
    const size_t length = strlen(line);
    for (const char *at = text; (at = strstr(at, line)); at++)
        if ((at == text || at[-1] == '\n') && at[length] == '\n')
            return true;
    return false;
}

static unsigned cores;

static unsigned count_lines(const char *text, const char *ending)
{
    const size_t length = strlen(ending);
    unsigned count = 0;
    for (const char *end = text; (end = strchr(end, '\n')); end++)
        count += (size_t)(end - text) >= length && memcmp(end - length, ending, length) == 0;
    return count;
}

static void expect(const char *list, unsigned *expected, const char *name)
{
    ck_assert_msg(has_line(list, name), "no case '%s'", name);
    ++*expected;
}

/* The kernel on one thread, and in teams. */
static void expect_kernel(const char *list, unsigned *expected, const char *name)
{
    expect(list, expected, name);
    for (unsigned threads = 1; threads <= cores; threads *= 2) {
        char team[160];
        snprintf(team, sizeof team, "%s/threads:%u/real_time", name, threads);
        ck_assert_msg(has_line(list, team), "no case '%s'", team);
    }
}

static void expect_encoder(const char *list, unsigned *expected, const struct rdl_job *job)
{
    char name[128], kernel[64];
    const unsigned support =
        rdl_encoder_support(job->format, job->rounding, job->weighting, job->target);
    snprintf(kernel, sizeof kernel, "%s/%s", rdl_format_info(job->format)->name,
             rdl_rounding_name(job->rounding));
    if (job->weighting != RDL_NATIVE)
        snprintf(kernel + strlen(kernel), sizeof kernel - strlen(kernel), ":%s",
                 rdl_weighting_name(job->weighting));
    for (unsigned importance = RDL_PLAIN; importance <= RDL_WITH_IMPORTANCE; importance <<= 1) {
        snprintf(name, sizeof name, "quantize/%s%s/%s/DRAM", kernel,
                 importance == RDL_PLAIN ? "" : "+importance", rdl_target_name(job->target));
        if (support & importance)
            expect_kernel(list, expected, name);
    }
}

/* Into each kind of element, by plain and by non-temporal stores. */
static void expect_decoder(const char *list, unsigned *expected, const struct rdl_job *job)
{
    static const char *const outputs[] = {"",        ":f16",        ":bf16",
                                          "+stream", ":f16+stream", ":bf16+stream"};
    for (size_t i = 0; i < sizeof outputs / sizeof *outputs; i++) {
        char name[128];
        snprintf(name, sizeof name, "dequantize/%s%s/%s/DRAM", rdl_format_info(job->format)->name,
                 outputs[i], rdl_target_name(job->target));
        expect_kernel(list, expected, name);
    }
}

static void expect_format(const char *list, unsigned *expected, struct rdl_job job)
{
    for (unsigned rounding = 0; rounding < RDL_FIRST_SEARCH; rounding++)
        for (unsigned weighting = 0; weighting < RDL_WEIGHTING_COUNT; weighting++) {
            job.rounding = (enum rdl_rounding)rounding;
            job.weighting = (enum rdl_weighting)weighting;
            expect_encoder(list, expected, &job);
        }
    if (rdl_decoder_support(job.format, job.target))
        expect_decoder(list, expected, &job);
}

static void expect_cases(const char *arguments, unsigned targets)
{
    struct topology topology;
    struct error error;
    ck_assert_msg(topology_open(&topology, &error), "%s", error.text);
    cores = topology.cores;
    topology_close(&topology);
    char *list = run_program(arguments, 0);
    unsigned expected = 0, sizes = 0;
    static const char *const lines[] = {"memcpy/DRAM", "store/DRAM", "store+stream/DRAM",
                                        "read/DRAM"};
    for (size_t i = 0; i < 4; i++)
        expect(list, &expected, lines[i]);
    struct rdl_job job = {.ncols = 0};
    for (job.format = 0; job.format < RDL_FORMAT_COUNT; job.format++)
        for (job.target = 0; job.target < RDL_TARGET_COUNT; job.target++)
            if (targets >> job.target & 1u)
                expect_format(list, &expected, job);
    for (unsigned threads = 1; threads <= cores; threads *= 2)
        sizes++;
    ck_assert_uint_eq(count_lines(list, "/DRAM"), expected);
    ck_assert_uint_eq(count_lines(list, "/real_time"), (expected - 4) * sizes);
    free(list);
}

START_TEST(every_kernel_is_a_case)
{
    expect_cases("--benchmark_list_tests", rdl_detect_targets());
}
END_TEST

START_TEST(a_target_may_be_forced)
{
    expect_cases("--benchmark_list_tests --target=scalar", 1u << RDL_SCALAR);
    ck_assert_int_eq(setenv("RDL_TARGET", "scalar", 1), 0);
    expect_cases("--benchmark_list_tests", 1u << RDL_SCALAR);
    ck_assert_int_eq(setenv("RDL_TARGET", "nonsense", 1), 0);
    free(run_program("--benchmark_list_tests 2>&1", 2));
    free(run_program("--target=nonsense --benchmark_list_tests 2>&1", 2));
}
END_TEST

/* An iteration is 2^20 weights, and rates are per second of real time. */
START_TEST(a_team_case_counts_by_the_clock)
{
    static const char *const kernels[] = {"quantize/q8_0/nearest[+]importance/scalar",
                                          "dequantize/q8_0/scalar"};
    for (size_t i = 0; i < sizeof kernels / sizeof *kernels; i++) {
        char filter[128];
        snprintf(filter, sizeof filter, "%s/DRAM/threads:1/real_time", kernels[i]);
        json_t *report = run_program_json(filter);
        const json_t *benchmark = only(report);
        const double items =
            number(benchmark, "items_per_second") * number(benchmark, "real_time") * 1e-9;
        ck_assert_double_eq_tol(items, 1 << 20, 1e-5);
        json_decref(report);
    }
}
END_TEST

int main(void)
{
    TCase *shim = tcase_create("shim");
    tcase_set_timeout(shim, 0);
    tcase_add_test(shim, counters_are_those_of_the_iterations);
    tcase_add_test(shim, a_failing_setup_is_reported);
    tcase_add_test(shim, a_failing_run_is_reported_and_ends_the_case);
    TCase *program = tcase_create("program");
    tcase_set_timeout(program, 0);
    tcase_add_loop_test(program, a_case_counts_weights_and_bytes, 0,
                        sizeof counter_cases / sizeof counter_cases[0]);
    tcase_add_test(program, the_context_says_what_was_measured);
    tcase_add_test(program, repetitions_and_interleaving_work);
    tcase_add_test(program, mistakes_are_usage_errors);
    tcase_add_test(program, every_kernel_is_a_case);
    tcase_add_test(program, a_target_may_be_forced);
    tcase_add_test(program, a_team_case_counts_by_the_clock);
    Suite *suite = suite_create("microbench");
    suite_add_tcase(suite, shim);
    suite_add_tcase(suite, program);
    return suite_run(suite);
}
