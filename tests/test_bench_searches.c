/* The searches of formats as cases of roundel-bench: a choice of them. */
#include "microbench.h"
#include "microbench_cases.h"
#include "suite.h"
#include "working_set.h"

#include <check.h>
#include <stdio.h>

static const struct {
    const char *filter;
    enum microbench_result result;
} runs[] = {
    {"quantize/q4_0/exact:uniform/scalar/L1", MICROBENCH_OK},
    {"quantize/iq4_nl/exact:importance[+]importance/scalar/L1", MICROBENCH_OK},
    {"quantize/q4_k/qkx2:uniform/scalar/L1", MICROBENCH_OK},
    /* There are no such cases: one level, searches of importance that are asked for, no oracle. */
    {"quantize/.*/exact:.*/L2", MICROBENCH_USAGE},
    {"quantize/.*/qkx2:importance.*", MICROBENCH_USAGE},
    {"quantize/.*/exact:x2.*", MICROBENCH_USAGE},
    {"quantize/.*/oracle.*", MICROBENCH_USAGE},
};

/* One run a process: Google Benchmark forgets its cases after it. */
START_TEST(searches_are_cases)
{
    struct topology topology;
    struct bench_cases cases;
    struct error error;
    ck_assert(topology_open(&topology, &error));
    if (working_set_bytes(&topology, 0, LEVEL_L1) > 0) {
        ck_assert(bench_cases_register(&cases, &topology, 0, 1u << RDL_SCALAR, &error));
        char program[] = "roundel-bench", time[] = "--benchmark_min_time=0.001", option[128];
        (void)snprintf(option, sizeof option, "--benchmark_filter=^%s$", runs[_i].filter);
        char *argv[] = {program, time, option, NULL};
        ck_assert_int_eq(microbench_run(3, argv), runs[_i].result);
        bench_cases_free(&cases);
    }
    topology_close(&topology);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bench searches");
    TCase *tcase = tcase_create("bench searches");
    tcase_set_timeout(tcase, 0);
    tcase_add_loop_test(tcase, searches_are_cases, 0, sizeof runs / sizeof runs[0]);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
