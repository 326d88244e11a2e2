/* The solvers as cases of roundel-bench. */
#include "microbench.h"
#include "solver_cases.h"
#include "suite.h"

#include <check.h>
#include <stdio.h>

static struct solver_cases cases;

static enum microbench_result run(const char *filter)
{
    char program[] = "roundel-bench", time[] = "--benchmark_min_time=0.001", option[128];
    (void)snprintf(option, sizeof option, "--benchmark_filter=^%s$", filter);
    char *argv[] = {program, time, option, NULL};
    return microbench_run(3, argv);
}

/* Of every solver and grid two cases, where the library says that they go together; on a target
 * other than the scalar one, only of solvers that have code for it. */
START_TEST(all_pairs_are_cases)
{
    struct error error;
    ck_assert(solver_cases_register(&cases, 0, &error));
    ck_assert_uint_eq(cases.count, 0);
    ck_assert(solver_cases_register(&cases, rdl_detect_targets() & ~(1u << RDL_SCALAR), &error));
    for (size_t i = 0; i < cases.count; i++) {
        const enum rdl_solver solver = cases.cases[i].solver;
        ck_assert(solver <= RDL_SOLVE_QKX3 || solver == RDL_SOLVE_WLS ||
                  solver == RDL_SOLVE_HEAP_NL || solver == RDL_SOLVE_CUMULATIVE ||
                  solver == RDL_SOLVE_EXACT);
    }
    ck_assert(solver_cases_register(&cases, 1u << RDL_SCALAR, &error));
    size_t of_solver[RDL_SOLVER_COUNT] = {0};
    for (size_t i = 0; i < cases.count; i++) {
        const struct solver_case *c = &cases.cases[i];
        const struct rdl_block_grid *grid = &c->grid->grid;
        ck_assert(rdl_solver_support(c->solver, grid->kind, grid->entries != NULL));
        of_solver[c->solver]++;
    }
    ck_assert_uint_eq(of_solver[RDL_SOLVE_QX], 2 * 2 * 4);
    ck_assert_uint_eq(of_solver[RDL_SOLVE_NL], 2 * 2);
    ck_assert_uint_eq(of_solver[RDL_SOLVE_QKX2], 2 * 2 * 3);
    ck_assert_uint_eq(of_solver[RDL_SOLVE_EXACT], 2 * 9);
    for (int solver = 0; solver < RDL_SOLVER_COUNT; solver++)
        ck_assert_uint_gt(of_solver[solver], 0);
}
END_TEST

static const struct {
    const char *filter;
    enum microbench_result result;
} runs[] = {
    {"solve/exact/affine4/32/importance/scalar", MICROBENCH_OK},
    {"solve/.*/int3/16/uniform/scalar", MICROBENCH_OK},
    {"solve/qx/iq4_nl/32/uniform/scalar", MICROBENCH_USAGE}, /* there is no such case */
};

/* One run a process: Google Benchmark forgets its cases after it. */
START_TEST(cases_run)
{
    struct error error;
    ck_assert(solver_cases_register(&cases, 1u << RDL_SCALAR, &error));
    ck_assert_int_eq(run(runs[_i].filter), runs[_i].result);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("solver cases");
    TCase *tcase = tcase_create("solver cases");
    tcase_set_timeout(tcase, 0);
    tcase_add_test(tcase, all_pairs_are_cases);
    tcase_add_loop_test(tcase, cases_run, 0, sizeof runs / sizeof runs[0]);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
