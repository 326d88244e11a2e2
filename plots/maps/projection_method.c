#include "projection_method.h"

#include "method_weights.h"
#include "options.h"
#include "philox.h"
#include "weighting.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const fill_names[FILL_COUNT] = {
    [FILL_ZERO] = "zero",
    [FILL_CONSTANT] = "constant",
    [FILL_RANDOM] = "random",
    [FILL_REPEAT] = "repeat",
};

const char *projection_fill_name(unsigned fill)
{
    return fill < FILL_COUNT ? fill_names[fill] : NULL;
}

/* ------------------------------------------------------------------------------------------------
 * Methods
 */

static bool make_grid_method(struct projection_method *m, struct error *error)
{
    const char *solver = rdl_solver_name(m->solver);
    const size_t longest = rdl_solver_max_length(m->solver, m->grid.kind, m->grid.table);
    if (longest == 0)
        return fail(error, "'%s' does not work on grid '%s'", solver, m->grid.name);
    if (m->n > longest)
        return fail(error, "'%s' takes %zu weights at most on grid '%s', not %zu", solver, longest,
                    m->grid.name, m->n);
    if (weighting_needs_importance(m->weighting))
        return fail(error, "grids have no importance: no weighting '%s'",
                    rdl_weighting_name(m->weighting));
    projection_grid_levels(&m->grid, m->levels);
    snprintf(m->name, sizeof m->name, "%s %s", m->grid.name, solver);
    return true;
}

static bool make_tables(struct projection_method *m, struct error *error)
{
    const size_t size = rdl_tables_size(m->format);
    if (size == 0)
        return true;
    m->tables = malloc(size);
    return (m->tables && rdl_tables_build(m->format, m->tables, size) == RDL_OK) ||
           fail(error, "out of memory for the tables of %s", axis_format(m->format));
}

static bool make_format_method(struct projection_method *m, struct error *error)
{
    const struct rdl_format_info *info = rdl_format_info(m->format);
    const char *rounding = rdl_rounding_name(m->rounding);
    const unsigned support = rdl_encoder_support(m->format, m->rounding, m->weighting, RDL_SCALAR);
    if (!support)
        return fail(error, "format %s has no rounding '%s' with weighting '%s'", info->name,
                    rounding, rdl_weighting_name(m->weighting));
    if (m->n > info->block_length)
        return fail(error, "blocks of %s have %u weights, not %zu", info->name, info->block_length,
                    m->n);
    if (!rdl_scales_support(m->format, m->rounding, m->scales))
        return fail(error, "%s of format %s has no scales '%s'", rounding, info->name,
                    rdl_scales_name(m->scales));
    if (m->importance && !(support & RDL_WITH_IMPORTANCE))
        return fail(error, "%s of format %s takes no importance", rounding, info->name);
    m->importance =
        m->importance || !(support & RDL_PLAIN) || weighting_needs_importance(m->weighting);
    snprintf(m->name, sizeof m->name, "%s %s", info->name, rounding);
    return make_tables(m, error);
}

bool method_make(struct projection_method *m, struct error *error)
{
    m->tables = NULL;
    return m->is_format ? make_format_method(m, error) : make_grid_method(m, error);
}

void method_free(struct projection_method *m)
{
    free(m->tables);
    m->tables = NULL;
}

static struct rdl_job job_of(const struct projection_method *m, size_t count)
{
    return (struct rdl_job){
        .format = m->format,
        .rounding = m->rounding,
        .weighting = m->weighting,
        .scales = m->scales,
        .target = m->target,
        .nrows = count,
        .ncols = rdl_format_info(m->format)->block_length,
        .tables = m->tables,
    };
}

/* ------------------------------------------------------------------------------------------------
 * Memory of a thread
 */

float method_random(uint64_t seed, uint64_t element)
{
    const struct philox_point point = {.seed = seed, .element = element};
    return (float)((double)(philox(&point).word[0] >> 40) * 0x1p-23 - 1.0);
}

static void fill_blocks(const struct projection_method *m, float *x, size_t length)
{
    for (size_t i = 0; i < METHOD_BATCH * length; i++) {
        const size_t place = i % length;
        x[i] = m->fill == FILL_CONSTANT ? m->constant
               : m->fill == FILL_RANDOM ? method_random(m->seed, place)
                                        : 0.0f;
    }
}

static bool make_format_space(struct method_space *space, const struct projection_method *m)
{
    const struct rdl_format_info *info = rdl_format_info(m->format);
    const size_t numel = (size_t)METHOD_BATCH * info->block_length;
    const struct rdl_job job = job_of(m, METHOD_BATCH);
    space->x = malloc(numel * sizeof(float));
    space->decoded = malloc(numel * sizeof(float));
    space->importance = malloc(info->block_length * sizeof(float));
    space->block_weights = malloc(info->block_length * sizeof(float));
    space->blocks = malloc((size_t)METHOD_BATCH * info->block_bytes);
    space->scratch = malloc(rdl_scratch_size(&job) + 1);
    space->bound_scratch = malloc(rdl_block_bound_scratch_size(m->format) + 1);
    if (!space->x || !space->decoded || !space->importance || !space->block_weights ||
        !space->blocks || !space->scratch || !space->bound_scratch)
        return false;
    fill_blocks(m, space->x, info->block_length);
    for (size_t i = 0; i < info->block_length; i++)
        space->importance[i] = 1.0f;
    return true;
}

static bool make_grid_space(struct method_space *space, const struct projection_method *m)
{
    const struct rdl_block_grid grid = projection_grid_view(&m->grid);
    space->rounded.codes = malloc(METHOD_BATCH * m->n);
    space->rounded.fits = malloc(METHOD_BATCH * sizeof(struct rdl_block_fit));
    space->scratch = malloc(rdl_block_scratch_size(m->solver, &grid, m->n) + 1);
    return space->rounded.codes && space->rounded.fits && space->scratch;
}

bool method_space_make(struct method_space *space, const struct projection_method *m)
{
    const size_t numel = METHOD_BATCH * m->n;
    *space = (struct method_space){
        .rounded =
            {
                .v = malloc(numel * sizeof(double)),
                .weights = malloc(numel * sizeof(float)),
                .errors = malloc(METHOD_BATCH * sizeof(double)),
                .bounds = malloc(METHOD_BATCH * sizeof(double)),
            },
    };
    const struct rounded *r = &space->rounded;
    bool made = r->v && r->weights && r->errors && r->bounds;
    made = made && (m->is_format ? make_format_space(space, m) : make_grid_space(space, m));
    for (size_t i = 0; made && i < numel; i++)
        r->weights[i] = 1.0f;
    if (!made)
        method_space_free(space);
    return made;
}

void method_space_free(struct method_space *space)
{
    free(space->rounded.v);
    free(space->rounded.weights);
    free(space->rounded.errors);
    free(space->rounded.bounds);
    free(space->rounded.codes);
    free(space->rounded.fits);
    free(space->x);
    free(space->decoded);
    free(space->importance);
    free(space->block_weights);
    free(space->blocks);
    free(space->scratch);
    free(space->bound_scratch);
    *space = (struct method_space){0};
}

/* ------------------------------------------------------------------------------------------------
 * Rounding
 */

static bool round_on_grid(const struct projection_method *m, const float *x, size_t count,
                          struct method_space *space, struct error *error)
{
    struct rounded *r = &space->rounded;
    const size_t n = m->n;
    const bool weighted = m->weighting != RDL_UNIFORM;
    if (weighted)
        method_weights(m->weighting, &m->grid, n, count, x, r->weights);
    const struct rdl_block first = {
        .n = n,
        .x = x,
        .weights = weighted ? r->weights : NULL,
        .grid = projection_grid_view(&m->grid),
    };
    struct rdl_solver_options options = rdl_solver_defaults(m->solver, &first.grid);
    options.target = m->target;
    size_t solved = count;
    const enum rdl_status status =
        rdl_blocks_solve(m->solver, &solved, &first, &options, space->scratch, r->codes, r->fits);
    if (status != RDL_OK)
        return fail(error, "%s: %s", m->name, rdl_status_text(status));
    for (size_t b = 0; b < count; b++) {
        const struct rdl_block_fit *fit = &r->fits[b];
        for (size_t i = b * n; i < (b + 1) * n; i++)
            r->v[i] = fit->scale * m->levels[r->codes[i]] + fit->offset;
        r->errors[b] = fit->error;
    }
    return true;
}

static void set_blocks(const struct projection_method *m, const float *x, size_t count,
                       size_t length, float *blocks)
{
    const size_t used = m->fill == FILL_REPEAT ? length : m->n;
    for (size_t b = 0; b < count; b++)
        for (size_t i = 0; i < used; i++)
            blocks[b * length + i] = x[b * m->n + i % m->n];
}

static double mean_square(const float *x, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += (double)x[i] * (double)x[i];
    return sum / (double)n;
}

/* Weights, error and bound of one block. */
static enum rdl_status judge_block(const struct projection_method *m, size_t block, size_t length,
                                   unsigned wanted, struct method_space *space)
{
    const float *x = space->x + block * length, *decoded = space->decoded + block * length;
    enum rdl_status status =
        rdl_block_weights(m->format, m->weighting, x, m->importance ? space->importance : NULL,
                          (float)mean_square(x, length), space->block_weights, NULL);
    memcpy(space->rounded.weights + block * m->n, space->block_weights, m->n * sizeof(float));
    if (status == RDL_OK && (wanted & METHOD_BOUNDS))
        status = rdl_block_bound(m->format, m->target, x, space->block_weights,
                                 space->bound_scratch, &space->rounded.bounds[block]);
    double error = 0.0;
    for (size_t i = 0; i < length; i++) {
        const double difference = (double)x[i] - (double)decoded[i];
        error += (double)space->block_weights[i] * (difference * difference);
    }
    space->rounded.errors[block] = error;
    return status;
}

static bool round_in_format(const struct projection_method *m, const float *x, size_t count,
                            unsigned wanted, struct method_space *space, struct error *error)
{
    struct rdl_job job = job_of(m, count);
    set_blocks(m, x, count, job.ncols, space->x);
    job.scratch = space->scratch;
    job.scratch_size = rdl_scratch_size(&job);
    enum rdl_status status =
        rdl_quantize(&job, space->x, m->importance ? space->importance : NULL, space->blocks, NULL);
    if (status == RDL_OK) {
        job.target = RDL_SCALAR; /* every format has this decoder */
        status = rdl_dequantize(&job, space->blocks, space->decoded);
    }
    for (size_t b = 0; b < count; b++)
        for (size_t i = 0; i < m->n; i++)
            space->rounded.v[b * m->n + i] = (double)space->decoded[b * job.ncols + i];
    for (size_t b = 0; wanted && b < count && status == RDL_OK; b++)
        status = judge_block(m, b, job.ncols, wanted, space);
    return status == RDL_OK || fail(error, "%s: %s", m->name, rdl_status_text(status));
}

bool method_round(const struct projection_method *method, const float *x, size_t count,
                  unsigned wanted, struct method_space *space, struct error *error)
{
    return method->is_format ? round_in_format(method, x, count, wanted, space, error)
                             : round_on_grid(method, x, count, space, error);
}
