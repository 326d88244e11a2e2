/*
 * Google Benchmark for C: cases are registered here, and everything else (flags, timing,
 * repetitions, filters, JSON) is Google Benchmark's. No exception crosses this interface. Not
 * thread-safe.
 */
#ifndef ROUNDEL_BENCH_MICROBENCH_H
#define ROUNDEL_BENCH_MICROBENCH_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A case. Google Benchmark runs a case several times to find out how many iterations it takes, and
 * once for each repetition; each run is setup, iterations, teardown, on one thread. Only the
 * iterations are timed, in CPU time of the thread; or, for a case that starts threads of its own,
 * in real time, and then Google Benchmark puts "/real_time" behind the name.
 */
struct microbench_case {
    const char *name;
    /* Makes the working set. NULL on failure, with *problem a sentence that outlives the call. */
    void *(*setup)(const void *user, const char **problem);
    /* One iteration. NULL, or what went wrong. */
    const char *(*run)(void *working_set);
    void (*teardown)(void *working_set);
    const void *user;
    uint64_t items; /* of an iteration: counter items_per_second */
    uint64_t bytes; /* of an iteration, read and written: counter bytes_per_second */
    bool real_time;
};

/* Copies the case and its name; `user` must outlive microbench_run(). False without memory. */
bool microbench_register(const struct microbench_case *microbench_case);

/* Adds a line to the context of the report. The key must be new. False without memory. */
bool microbench_context(const char *key, const char *value);

enum microbench_result {
    MICROBENCH_OK,
    MICROBENCH_USAGE,  /* an unknown argument, or a filter that matches no case; it was printed */
    MICROBENCH_FAILED, /* a case failed: the report says why, and has the others */
    MICROBENCH_NO_MEMORY
};

/*
 * Runs what the command line asks for. As Google Benchmark does it, --help ends the process, and so
 * does a flag with a bad value.
 */
enum microbench_result microbench_run(int argc, char **argv);

#ifdef __cplusplus
}
#endif

#endif
