#include "microbench.h"

#include <benchmark/benchmark.h>

namespace
{

bool case_failed = false;

void fail(benchmark::State &state, const char *problem)
{
    case_failed = true;
    state.SkipWithError(problem);
}

void run_case(benchmark::State &state, const microbench_case &c)
{
    const char *problem = nullptr;
    void *working_set = c.setup(c.user, &problem);
    if (!working_set)
        return fail(state, problem);
    for (auto _ : state) {
        problem = c.run(working_set);
        if (problem) {
            fail(state, problem);
            break;
        }
        benchmark::ClobberMemory();
    }
    c.teardown(working_set);
    state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(c.items));
    state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(c.bytes));
}

} // namespace

bool microbench_register(const microbench_case *c)
try {
    benchmark::internal::Benchmark *registered =
        benchmark::RegisterBenchmark(c->name, run_case, *c);
    if (c->real_time)
        registered->UseRealTime();
    return true;
} catch (...) {
    return false;
}

bool microbench_context(const char *key, const char *value)
try {
    benchmark::AddCustomContext(key, value);
    return true;
} catch (...) {
    return false;
}

microbench_result microbench_run(int argc, char **argv)
try {
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv))
        return MICROBENCH_USAGE;
    const size_t matched = benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    if (matched == 0)
        return MICROBENCH_USAGE;
    return case_failed ? MICROBENCH_FAILED : MICROBENCH_OK;
} catch (...) {
    return MICROBENCH_NO_MEMORY;
}
