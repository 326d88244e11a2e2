#include "gap_measure.h"

#include <stdlib.h>

bool gap_method_applies(const struct gap_method *method, const struct gap_setting *setting)
{
    const struct rdl_block_grid *grid = &setting->grid;
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
};

static void release(struct measurement *m)
{
    free(m->x);
    free(m->w);
    free(m->optima);
    free(m->errors);
    free(m->squares);
    free(m->ordered);
}

static bool allocate(struct measurement *m, size_t nmethods)
{
    const size_t blocks = m->setting->blocks, weights = blocks * m->setting->n;
    m->x = calloc(weights, sizeof *m->x);
    m->w = calloc(weights, sizeof *m->w);
    m->optima = calloc(blocks, sizeof *m->optima);
    m->errors = calloc(blocks * nmethods, sizeof *m->errors);
    m->squares = calloc(blocks, sizeof *m->squares);
    m->ordered = calloc(blocks, sizeof *m->ordered);
    return m->x && m->w && m->optima && m->errors && m->squares && m->ordered;
}

static void draw(const struct gap_run *run, struct measurement *m)
{
    const struct gap_setting *setting = m->setting;
    struct gap_source source = {.state = run->seed};
    for (size_t b = 0; b < setting->blocks; b++)
        gap_source_block(&source, run->data, setting->weights, setting->n, m->x + b * setting->n,
                         m->w + b * setting->n);
}

/* Scratch for the judge and every method. */
static size_t scratch_size(const struct gap_run *run, const struct gap_setting *setting,
                           const struct gap_method *methods, size_t nmethods)
{
    size_t size = rdl_block_scratch_size(run->judge, &setting->grid, setting->n);
    for (size_t i = 0; i < nmethods; i++) {
        const size_t other = rdl_block_scratch_size(methods[i].solver, &setting->grid, setting->n);
        size = other > size ? other : size;
    }
    return size + 1;
}

static double solve(const struct gap_method *method, struct rdl_block block, void *scratch)
{
    uint8_t codes[RDL_BLOCK_MAX_LENGTH];
    struct rdl_block_fit fit;
    if (method->positive)
        block.grid.kind = RDL_BLOCK_POSITIVE;
    (void)rdl_block_solve(method->solver, &block, method->has_options ? &method->options : NULL,
                          scratch, codes, &fit);
    return fit.error;
}

static void solve_block(const struct gap_run *run, struct measurement *m, size_t b,
                        const struct gap_method *methods, size_t nmethods, void *scratch)
{
    const struct gap_setting *setting = m->setting;
    const struct rdl_block block = {
        .n = setting->n,
        .x = m->x + b * setting->n,
        .weights = m->w + b * setting->n,
        .grid = setting->grid,
    };
    for (size_t i = 0; i < block.n; i++)
        m->squares[b] += (double)block.weights[i] * (double)block.x[i] * (double)block.x[i];
    const struct gap_method judge = {.solver = run->judge};
    m->optima[b] = solve(&judge, block, scratch);
    for (size_t i = 0; i < nmethods; i++)
        if (gap_method_applies(&methods[i], setting))
            m->errors[i * setting->blocks + b] = solve(&methods[i], block, scratch);
}

static bool solve_all(const struct gap_run *run, struct measurement *m,
                      const struct gap_method *methods, size_t nmethods)
{
    const size_t size = scratch_size(run, m->setting, methods, nmethods);
    bool good = true;
#pragma omp parallel reduction(&& : good)
    {
        void *scratch = malloc(size);
        good = scratch != NULL;
#pragma omp for schedule(dynamic, 16)
        for (size_t b = 0; b < m->setting->blocks; b++)
            if (scratch)
                solve_block(run, m, b, methods, nmethods, scratch);
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
                 const struct gap_method *methods, size_t nmethods, struct gap_stats *stats,
                 double *nmse, struct error *error)
{
    struct measurement m = {.setting = setting};
    bool good = allocate(&m, nmethods);
    if (good) {
        draw(run, &m);
        good = solve_all(run, &m, methods, nmethods);
    }
    if (good) {
        for (size_t i = 0; i < nmethods; i++)
            if (gap_method_applies(&methods[i], setting))
                stats[i] =
                    gap_stats(setting->blocks, m.errors + i * setting->blocks, m.optima, m.ordered);
        *nmse = sum_of(m.optima, setting->blocks) / sum_of(m.squares, setting->blocks);
    }
    release(&m);
    return good ||
           fail(error, "out of memory for %zu blocks of %zu weights", setting->blocks, setting->n);
}
