#include "projection_sample.h"

#include "options.h"
#include "target_choice.h"

#include <check.h>
#include <string.h>

static unsigned index_of(axis_name_fn *name, const char *wanted)
{
    const char *names[AXIS_MAX];
    const size_t count = axis_names(name, names);
    for (unsigned i = 0; i < count; i++)
        if (strcmp(names[i], wanted) == 0)
            return i;
    ck_abort_msg("no '%s'", wanted);
    return 0;
}

static enum rdl_target best_target(void)
{
    const unsigned targets = rdl_detect_targets() & targets_built();
    unsigned best = RDL_SCALAR;
    for (unsigned t = 0; t < RDL_TARGET_COUNT; t++)
        best = targets >> t & 1u ? t : best;
    return (enum rdl_target)best;
}

struct projection_sample projection_sample(const char *grid, const char *solver, size_t width)
{
    return (struct projection_sample){
        .grid = grid,
        .solver = solver,
        .weighting = RDL_UNIFORM,
        .target = best_target(),
        .projection = {.view = view_whole(VIEW_SPHERE, width), .samples = 1},
    };
}

static void make_method(struct projection_method *method, const struct projection_sample *sample,
                        const char *solver)
{
    struct error error;
    *method = (struct projection_method){
        .n = embedding_length(&sample->projection.embedding),
        .weighting = sample->weighting,
        .target = sample->target,
        .is_format = sample->format != NULL,
        .fill = sample->fill,
        .constant = 2.0f,
    };
    if (sample->format) {
        method->format = (enum rdl_format)index_of(axis_format, sample->format);
        method->rounding = (enum rdl_rounding)index_of(axis_rounding, sample->rounding);
    } else {
        method->solver = (enum rdl_solver)index_of(axis_solver, solver);
        ck_assert_msg(
            projection_grid_parse(&method->grid, sample->grid, strlen(sample->grid), &error), "%s",
            error.text);
    }
    ck_assert_msg(method_make(method, &error), "%s", error.text);
}

static struct raster make(struct projection_sample *sample, bool keep)
{
    struct projection_method method, against;
    struct raster raster;
    struct progress progress = {0};
    struct error error;
    make_method(&method, sample, sample->solver);
    sample->projection.method = &method;
    sample->projection.against = sample->against ? &against : NULL;
    if (sample->against)
        make_method(&against, sample, sample->against);
    ck_assert_msg(projection_make(&raster, &sample->projection, keep, NULL, &progress, &error),
                  "%s", error.text);
    method_free(&method);
    return raster;
}

struct raster projection_sample_make(struct projection_sample *sample)
{
    return make(sample, true);
}

struct raster_statistics projection_sample_statistics(struct projection_sample *sample)
{
    return make(sample, false).statistics;
}
