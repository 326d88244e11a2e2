#include "project_maps.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------
 * Methods
 */

/* The fastest search that always finds the optimum. */
static enum rdl_solver best_solver(const struct projection_grid *grid)
{
    return rdl_solver_is_exact(RDL_SOLVE_CUMULATIVE, grid->kind, grid->table) ? RDL_SOLVE_CUMULATIVE
                                                                              : RDL_SOLVE_EXACT;
}

static bool grid_method(struct projection_method *m, const struct project_settings *s,
                        size_t subject, enum rdl_solver solver, struct error *error)
{
    m->grid = s->grids[subject];
    m->solver = solver;
    m->target = RDL_SCALAR;
    for (unsigned t = 0; t < RDL_TARGET_COUNT; t++)
        if (target_set(&s->target) >> t & 1u)
            m->target = (enum rdl_target)t; /* searches without lanes there run on scalar */
    return method_make(m, error);
}

static bool format_method(struct projection_method *m, const struct project_settings *s,
                          size_t subject, enum rdl_rounding rounding, struct error *error)
{
    m->is_format = true;
    m->format = (enum rdl_format)s->formats[subject];
    m->rounding = rounding;
    m->scales = s->scales;
    m->importance = s->importance;
    m->fill = s->fill;
    m->constant = s->fill_constant;
    m->seed = s->seed;
    if (!method_make(m, error))
        return false;
    return choose_encoder_target(&s->target, m->format, rounding, m->weighting, &m->target) ||
           fail(error, "target '%s' has no encoder for %s", rdl_target_name(m->target), m->name);
}

static struct projection_method method_start(const struct project_settings *s)
{
    return (struct projection_method){
        .n = embedding_length(&s->projection.embedding),
        .weighting = s->weighting,
    };
}

/* Of a name that the settings have, or that is NULL. */
static bool find_against(struct project_map *map, const struct project_settings *s, size_t subject,
                         struct error *error)
{
    const char *names[AXIS_MAX];
    unsigned index = 0;
    const size_t count = axis_names(s->ngrids ? axis_solver : axis_rounding, names);
    map->against = method_start(s);
    if (s->against &&
        !parse_name("rounding", s->against, strlen(s->against), names, count, &index, error))
        return false;
    map->projection.against = &map->against;
    if (s->ngrids)
        return grid_method(&map->against, s, subject,
                           s->against ? (enum rdl_solver)index : best_solver(&s->grids[subject]),
                           error);
    if (!s->against && s->projection.value == PIXEL_EXCESS) {
        map->projection.against = NULL; /* the bound */
        return true;
    }
    return format_method(&map->against, s, subject,
                         s->against ? (enum rdl_rounding)index : RDL_EXACT, error);
}

static bool find_map(struct project_map *map, const struct project_settings *s, size_t subject,
                     unsigned choice, struct error *error)
{
    map->method = method_start(s);
    map->projection = s->projection;
    map->projection.method = &map->method;
    const bool found =
        s->ngrids ? grid_method(&map->method, s, subject, (enum rdl_solver)choice, error)
                  : format_method(&map->method, s, subject, (enum rdl_rounding)choice, error);
    if (!found)
        return false;
    if (pixel_value_compares(s->projection.value) && !find_against(map, s, subject, error))
        return false;
    return projection_try(&map->projection, error);
}

/* Every grid has at least one map. */
static bool each_column_has_one(const struct project_maps *maps, struct error *error)
{
    for (size_t column = 0; column < maps->columns; column++) {
        bool any = false;
        for (size_t row = 0; row < maps->rows; row++)
            any = any || maps->items[row * maps->columns + column].exists;
        if (!any)
            return fail(error, "none of these roundings works on %s", maps->column_names[column]);
    }
    return true;
}

static bool find_maps(struct project_maps *maps, const struct project_settings *s,
                      struct error *error)
{
    for (size_t row = 0; row < maps->rows; row++) {
        bool any = false;
        for (size_t column = 0; column < maps->columns; column++) {
            struct project_map *item = &maps->items[row * maps->columns + column];
            item->exists = find_map(item, s, column, s->choices[row], error);
            if (!item->exists)
                item->reason = *error;
            any = any || item->exists;
        }
        if (!any && maps->columns > 1)
            return fail(error, "'%s' works on none of these", maps->row_names[row]);
        if (!any)
            return false; /* with the reason of the only one */
    }
    return each_column_has_one(maps, error);
}

static bool allocate(struct project_maps *maps, const struct project_settings *s)
{
    const size_t count = maps->rows * maps->columns;
    maps->items = calloc(count, sizeof *maps->items);
    maps->maps = calloc(count, sizeof *maps->maps);
    maps->row_names = calloc(maps->rows, sizeof *maps->row_names);
    maps->column_names = calloc(maps->columns, sizeof *maps->column_names);
    if (!maps->items || !maps->maps || !maps->row_names || !maps->column_names)
        return false;
    for (size_t row = 0; row < maps->rows; row++)
        maps->row_names[row] =
            s->ngrids ? axis_solver(s->choices[row]) : axis_rounding(s->choices[row]);
    for (size_t column = 0; column < maps->columns; column++)
        maps->column_names[column] =
            s->ngrids ? s->grids[column].name : axis_format(s->formats[column]);
    return true;
}

static const char *title_of(const struct project_maps *maps, size_t index)
{
    if (maps->columns == 1 && maps->rows > 1)
        return maps->row_names[index];
    if (maps->rows == 1 && maps->columns > 1)
        return maps->column_names[index];
    return maps->items[index].method.name;
}

static const struct {
    const char *bar, *unit;
} scales[PIXEL_VALUE_COUNT] = {
    [PIXEL_COSINE] = {"cosine", ""},
    [PIXEL_CENTRED] = {"centred cosine", ""},
    [PIXEL_ANGLE] = {"angle", "°"},
    [PIXEL_EXCESS] = {"excess", ""},
    [PIXEL_DIFFERENCE] = {"difference of cosines", ""},
    [PIXEL_INDEX] = {NULL, ""}, /* no bar */
};

bool project_maps_make(struct project_maps *maps, const struct project_settings *s,
                       struct error *error)
{
    *maps = (struct project_maps){
        .value = pixel_value_name(s->projection.value),
        .bar = scales[s->projection.value].bar,
        .unit = scales[s->projection.value].unit,
        .rows = s->nchoices,
        .columns = s->ngrids ? s->ngrids : s->nformats,
    };
    if (!allocate(maps, s))
        return fail(error, "out of memory");
    if (!find_maps(maps, s, error))
        return false;
    for (size_t i = 0; i < maps->rows * maps->columns; i++)
        maps->maps[i] = (struct map){
            .title = title_of(maps, i),
            .across = view_across(&s->projection.view),
            .down = view_down(&s->projection.view),
        };
    return true;
}

void project_maps_free(struct project_maps *maps)
{
    for (size_t i = 0; maps->items && maps->maps && i < maps->rows * maps->columns; i++) {
        method_free(&maps->items[i].method);
        method_free(&maps->items[i].against);
        raster_release(&maps->maps[i].raster);
    }
    free(maps->items);
    free(maps->maps);
    free(maps->row_names);
    free(maps->column_names);
}

/* ------------------------------------------------------------------------------------------------
 * Rasters
 */

bool project_maps_run(struct project_maps *maps, const struct project_settings *s,
                      const struct raster_sink *sinks, struct error *error)
{
    const size_t count = maps->rows * maps->columns;
    const bool keep = !sinks && (s->nplaces > 0 || s->viewer);
    size_t existing = 0;
    for (size_t i = 0; i < count; i++)
        existing += maps->items[i].exists;
    struct progress progress;
    progress_start(&progress, existing * s->projection.view.height);
    bool good = true;
    for (size_t i = 0; good && i < count; i++)
        if (maps->items[i].exists)
            good = projection_make(&maps->maps[i].raster, &maps->items[i].projection, keep,
                                   sinks ? &sinks[i] : NULL, &progress, error);
    progress_end(&progress);
    return good;
}

/* ------------------------------------------------------------------------------------------------
 * Colours
 */

struct extent {
    double low, high;
};

static struct extent extent_of(const struct project_maps *maps)
{
    struct extent all = {(double)INFINITY, -(double)INFINITY};
    for (size_t i = 0; i < maps->rows * maps->columns; i++) {
        const struct raster_statistics *s = &maps->maps[i].raster.statistics;
        if (!maps->items[i].exists || isnan(s->min))
            continue;
        all.low = s->min < all.low ? s->min : all.low;
        all.high = s->max > all.high ? s->max : all.high;
    }
    return all.low <= all.high ? all : (struct extent){0.0, 1.0};
}

/* The ends of the palette where the user has not set them. */
static struct extent natural_range(struct extent extent, enum pixel_value value)
{
    const double largest = fmax(fabs(extent.low), fabs(extent.high));
    switch (value) {
    case PIXEL_DIFFERENCE: /* 0 in the middle */
        return (struct extent){-largest, largest};
    case PIXEL_ANGLE: /* representable directions have angles of any smallness */
        return (struct extent){fmax(extent.low, extent.high / 1000.0), extent.high};
    case PIXEL_EXCESS: /* near them it has no limit */
        return (struct extent){fmin(extent.low, 0.0), fmin(extent.high, 1.0)};
    case PIXEL_COSINE:
    case PIXEL_CENTRED:
    case PIXEL_INDEX:
    case PIXEL_VALUE_COUNT:
        break;
    }
    return extent;
}

struct colouring project_maps_colouring(const struct project_maps *maps,
                                        const struct project_settings *s)
{
    const enum pixel_value value = s->projection.value;
    struct extent range = natural_range(extent_of(maps), value);
    if (s->has_range)
        range = (struct extent){s->range[0], s->range[1]};
    if (!(range.low < range.high)) /* one value everywhere */
        range = value == PIXEL_DIFFERENCE ? (struct extent){-1.0, 1.0}
                                          : (struct extent){range.low, range.low + 1.0};
    return (struct colouring){
        .palette = s->palette,
        .low = range.low,
        .high = range.high,
        .logarithmic = value == PIXEL_ANGLE && range.low > 0.0,
        .shuffled = value == PIXEL_INDEX,
        .title = maps->bar,
        .unit = maps->unit,
    };
}
