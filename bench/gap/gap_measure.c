#include "gap_measure.h"

#include "clock.h"
#include <stdlib.h>

enum {
    BATCH = 64 /* blocks that are timed together */
};

bool gap_method_applies(const struct gap_method *method, const struct gap_setting *setting)
{
    const struct rdl_block_grid *grid = &setting->grid->grid;
    if (method->positive && grid->kind != RDL_BLOCK_SIGNED)
        return false;
    return rdl_solver_support(method->solver, method->positive ? RDL_BLOCK_POSITIVE : grid->kind,
                              grid->entries != NULL);
}

/* All blocks of a setting, and what was found. */
struct measurement {
    const struct gap_setting *setting;
    float *x, *w;
    double *optima;  /* one a block */
    double *errors;  /* method after method, one a block */
    double *squares; /* sum w x^2, one a block */
    double *ordered; /* room for the statistics */
    double *seconds; /* of each method */
};

static void release(struct measurement *m)
{
    free(m->x);
    free(m->w);
    free(m->optima);
    free(m->errors);
    free(m->squares);
    free(m->ordered);
    free(m->seconds);
}

static bool allocate(struct measurement *m, size_t nmethods)
{
    const size_t blocks = m->setting->blocks, weights = blocks * m->setting->grid->n;
    m->x = calloc(weights, sizeof *m->x);
    m->w = calloc(weights, sizeof *m->w);
    m->optima = calloc(blocks, sizeof *m->optima);
    m->errors = calloc(blocks * nmethods, sizeof *m->errors);
    m->squares = calloc(blocks, sizeof *m->squares);
    m->ordered = calloc(blocks, sizeof *m->ordered);
    m->seconds = calloc(nmethods + 1, sizeof *m->seconds);
    return m->x && m->w && m->optima && m->errors && m->squares && m->ordered && m->seconds;
}

static void draw(const struct gap_run *run, struct measurement *m)
{
    const struct gap_setting *setting = m->setting;
    struct gap_source source = {.state = run->seed};
    for (size_t b = 0; b < setting->blocks; b++)
        gap_source_block(&source, run->data, setting->weights, setting->grid->n,
                         m->x + b * setting->grid->n, m->w + b * setting->grid->n);
}

/* Scratch for the judge and every method. */
static size_t scratch_size(const struct gap_run *run, const struct gap_setting *setting,
                           const struct gap_method *methods, size_t nmethods)
{
    size_t size = rdl_block_scratch_size(run->judge, &setting->grid->grid, setting->grid->n);
    for (size_t i = 0; i < nmethods; i++) {
        const size_t other =
            rdl_block_scratch_size(methods[i].solver, &setting->grid->grid, setting->grid->n);
        size = other > size ? other : size;
    }
    return size + 1;
}

/* Solves blocks that follow each other and writes their errors; returns the CPU time. */
static double solve(const struct gap_method *method, enum rdl_target target,
                    const struct rdl_block *first, size_t count, void *scratch, double *errors)
{
    uint8_t codes[BATCH * RDL_BLOCK_MAX_LENGTH];
    struct rdl_block_fit fits[BATCH] = {{0}};
    struct rdl_block block = *first;
    if (method->positive)
        block.grid.kind = RDL_BLOCK_POSITIVE;
    struct rdl_solver_options options =
        method->has_options ? method->options : rdl_solver_defaults(method->solver, &block.grid);
    options.target = target;
    const double start = thread_seconds();
    (void)rdl_blocks_solve(method->solver, &count, &block, &options, scratch, codes, fits);
    const double seconds = thread_seconds() - start;
    for (size_t b = 0; b < count; b++)
        errors[b] = fits[b].error;
    return seconds;
}

/* The blocks of a batch; adds up the time of each method. */
static void solve_batch(const struct gap_run *run, struct measurement *m, size_t batch,
                        const struct gap_method *methods, size_t nmethods, void *scratch)
{
    const struct gap_setting *setting = m->setting;
    const size_t first = batch * BATCH, n = setting->grid->n;
    const size_t rest = setting->blocks - first, count = rest < BATCH ? rest : BATCH;
    const struct rdl_block block = {
        .n = n,
        .x = m->x + first * n,
        .weights = m->w + first * n,
        .grid = setting->grid->grid,
    };
    for (size_t i = 0; i < count * n; i++)
        m->squares[first + i / n] +=
            (double)block.weights[i] * (double)block.x[i] * (double)block.x[i];
    const struct gap_method judge = {.solver = run->judge};
    (void)solve(&judge, run->target, &block, count, scratch, m->optima + first);
    for (size_t i = 0; i < nmethods; i++) {
        if (!gap_method_applies(&methods[i], setting))
            continue;
        const double seconds = solve(&methods[i], run->target, &block, count, scratch,
                                     m->errors + i * setting->blocks + first);
#pragma omp atomic
        m->seconds[i] += seconds;
    }
}

static bool solve_all(const struct gap_run *run, struct measurement *m,
                      const struct gap_method *methods, size_t nmethods)
{
    const size_t size = scratch_size(run, m->setting, methods, nmethods);
    const size_t nbatches = (m->setting->blocks + BATCH - 1) / BATCH;
    bool good = true;
#pragma omp parallel reduction(&& : good)
    {
        void *scratch = malloc(size);
        good = scratch != NULL;
#pragma omp for schedule(dynamic, 1)
        for (size_t batch = 0; batch < nbatches; batch++)
            if (scratch)
                solve_batch(run, m, batch, methods, nmethods, scratch);
        free(scratch);
    }
    return good;
}

static double sum_of(const double *values, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += values[i];
    return sum;
}

bool gap_measure(const struct gap_run *run, const struct gap_setting *setting,
                 const struct gap_method *methods, size_t nmethods, struct gap_result *results,
                 double *nmse, struct error *error)
{
    struct measurement m = {.setting = setting};
    bool good = allocate(&m, nmethods);
    if (good) {
        draw(run, &m);
        good = solve_all(run, &m, methods, nmethods);
    }
    if (good) {
        const double weights = (double)(setting->blocks * setting->grid->n);
        for (size_t i = 0; i < nmethods; i++)
            if (gap_method_applies(&methods[i], setting))
                results[i] = (struct gap_result){
                    .stats = gap_stats(setting->blocks, m.errors + i * setting->blocks, m.optima,
                                       m.ordered),
                    .ns_per_weight = 1e9 * m.seconds[i] / weights,
                };
        *nmse = sum_of(m.optima, setting->blocks) / sum_of(m.squares, setting->blocks);
    }
    release(&m);
    return good || fail(error, "out of memory for %zu blocks of %zu weights", setting->blocks,
                        setting->grid->n);
}
