#include "project_outputs.h"

#include "map_figure.h"
#include "raster_npy.h"
#include "roundel.h"
#include "viewer.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------
 * Files
 */

static size_t maps_that_exist(const struct project_maps *maps)
{
    size_t count = 0;
    for (size_t i = 0; i < maps->rows * maps->columns; i++)
        count += maps->items[i].exists;
    return count;
}

/* "FILE-iq4_nl-exact.png" of "FILE.png": letters that mean something to shells become dashes. */
static char *path_of_map(const char *path, const char *name)
{
    const size_t size = strlen(path) + strlen(name) + 2;
    const char *ending = strrchr(path, '.');
    char *result = malloc(size);
    if (!result)
        return NULL;
    const int stem = (int)(ending - path);
    snprintf(result, size, "%.*s-", stem, path);
    char *next = result + stem + 1;
    for (; *name; name++)
        *next++ = isalnum((unsigned char)*name) || strchr("._", *name) ? *name : '-';
    strcpy(next, ending);
    return result;
}

static bool add_file(struct project_outputs *outputs, const struct place *place, size_t map,
                     const char *name, struct error *error)
{
    struct map_output *file = &outputs->files[outputs->nfiles];
    file->kind = place->kind;
    file->map = map;
    file->path = name ? path_of_map(place->path, name) : strdup(place->path);
    if (!file->path)
        return fail(error, "out of memory");
    outputs->nfiles++;
    return output_open(&file->output, file->path, error);
}

static bool add_files(struct project_outputs *outputs, const struct place *place,
                      const struct project_maps *maps, struct error *error)
{
    const bool several = maps_that_exist(maps) > 1;
    for (size_t i = 0; i < maps->rows * maps->columns; i++)
        if (maps->items[i].exists &&
            !add_file(outputs, place, i, several ? maps->items[i].method.name : NULL, error))
            return false;
    return true;
}

/* The viewer opens its file when it writes it: this one is thrown away. */
static bool can_write(const char *path, struct error *error)
{
    struct output output;
    if (!path)
        return true;
    if (!output_open(&output, path, error))
        return false;
    output_abandon(&output);
    return true;
}

bool project_outputs_open(struct project_outputs *outputs, const struct project_settings *s,
                          const struct project_maps *maps, struct error *error)
{
    *outputs = (struct project_outputs){
        .files = calloc(maps_that_exist(maps) * s->nplaces + 1, sizeof *outputs->files),
    };
    if (!outputs->files)
        return fail(error, "out of memory");
    for (size_t i = 0; i < s->nplaces; i++) {
        const struct place *place = &s->places[i];
        if (place->kind != PLACE_FIGURE) {
            if (!add_files(outputs, place, maps, error))
                return false;
        } else if (figure_open(&outputs->figures[outputs->nfigures], place->path, error)) {
            outputs->nfigures++;
        } else {
            return false;
        }
    }
    return can_write(s->viewer, error);
}

void project_outputs_free(struct project_outputs *outputs)
{
    for (size_t i = 0; i < outputs->nfiles; i++) {
        raster_png_free(outputs->files[i].png);
        output_abandon(&outputs->files[i].output);
        free(outputs->files[i].path);
    }
    free(outputs->files);
    for (size_t i = 0; i < outputs->nfigures; i++)
        figure_abandon(&outputs->figures[i]);
}

/* ------------------------------------------------------------------------------------------------
 * Images
 */

enum {
    NOTE = 64
};

bool project_outputs_stream(const struct project_settings *s)
{
    return s->has_range && !s->viewer && s->nplaces == 1 && s->places[0].kind == PLACE_PNG;
}

static bool add_rows(void *context, size_t rows, const double *values, struct error *error)
{
    return raster_png_add(context, rows, values, error);
}

bool project_outputs_begin(struct project_outputs *outputs, const struct project_settings *s,
                           const struct colouring *colouring, struct raster_sink *sinks,
                           struct error *error)
{
    const struct view *view = &s->projection.view;
    for (size_t i = 0; i < outputs->nfiles; i++) {
        struct map_output *file = &outputs->files[i];
        file->png = raster_png_begin(&file->output, view->width, view->height, colouring,
                                     (unsigned)s->bits, error);
        if (!file->png)
            return false;
        sinks[file->map] = (struct raster_sink){file->png, add_rows};
    }
    return true;
}

static bool write_png(struct map_output *file, const struct project_settings *s,
                      const struct project_maps *maps, const struct colouring *colouring,
                      const char *command, struct error *error)
{
    const struct raster *raster = &maps->maps[file->map].raster;
    const struct raster_statistics *st = &raster->statistics;
    char software[NOTE], min[NOTE], mean[NOTE], area[NOTE], max[NOTE], hash[NOTE], range[NOTE];
    snprintf(software, sizeof software, "roundel %s", rdl_version());
    snprintf(min, sizeof min, "%.17g", st->min);
    snprintf(mean, sizeof mean, "%.17g", st->mean);
    snprintf(area, sizeof area, "%.17g", st->area_mean);
    snprintf(max, sizeof max, "%.17g", st->max);
    snprintf(hash, sizeof hash, "%016" PRIx64, st->hash);
    snprintf(range, sizeof range, "%.17g,%.17g", colouring->low, colouring->high);
    const struct png_note notes[] = {
        {"Title", maps->items[file->map].method.name},
        {"Software", software},
        {"Command", command},
        {"Value", maps->value},
        {"Minimum", min},
        {"Mean", mean},
        {"Area mean", area},
        {"Maximum", max},
        {"Range", range},
        {"XXH64", hash},
    };
    if (!file->png) {
        file->png = raster_png_begin(&file->output, raster->width, raster->height, colouring,
                                     (unsigned)s->bits, error);
        if (!file->png || !raster_png_add(file->png, raster->height, raster->values, error))
            return false;
    }
    return raster_png_end(file->png, notes, sizeof notes / sizeof notes[0], error);
}

/* ------------------------------------------------------------------------------------------------
 * Figures
 */

/* As many columns as make a sheet of one grid, or of one rounding, about square. */
static size_t sheet_columns(const struct project_settings *s, size_t count)
{
    size_t columns = 1;
    while (columns * columns < count)
        columns++;
    return s->columns ? s->columns : columns;
}

static bool write_figure(struct figure *figure, const struct project_settings *s,
                         const struct map_sheet *sheet, struct error *error)
{
    const bool written = figure_write(figure, s->page_width, map_figure_draw, sheet, error);
    figure_release_caches();
    return written;
}

static bool write_figures(struct project_outputs *outputs, const struct project_settings *s,
                          const struct project_maps *maps, const struct colouring *colouring,
                          struct error *error)
{
    const size_t count = maps->rows * maps->columns;
    const bool table = maps->rows > 1 && maps->columns > 1;
    const size_t columns = table ? maps->columns : sheet_columns(s, count);
    const size_t rows = (count + columns - 1) / columns;
    struct map *sheet_maps = calloc(rows * columns, sizeof *sheet_maps);
    if (!sheet_maps)
        return fail(error, "out of memory");
    memcpy(sheet_maps, maps->maps, count * sizeof *sheet_maps);
    for (size_t i = 0; table && i < count; i++)
        sheet_maps[i].title = NULL; /* names of rows and columns say it */
    const struct map_sheet sheet = {
        .maps = sheet_maps,
        .rows = rows,
        .columns = columns,
        .row_names = table ? maps->row_names : NULL,
        .column_names = table ? maps->column_names : NULL,
        .colouring = *colouring,
        .title = s->title,
        .caption = s->caption,
        .means = maps->bar != NULL,
    };
    bool good = true;
    for (size_t i = 0; good && i < outputs->nfigures; i++)
        good = write_figure(&outputs->figures[i], s, &sheet, error);
    free(sheet_maps);
    return good;
}

static bool write_viewer(const struct project_settings *s, const struct project_maps *maps,
                         const struct colouring *colouring, struct error *error)
{
    struct map *existing = calloc(maps->rows * maps->columns, sizeof *existing);
    if (!existing)
        return fail(error, "out of memory");
    size_t count = 0;
    for (size_t i = 0; i < maps->rows * maps->columns; i++)
        if (maps->items[i].exists) {
            existing[count] = maps->maps[i];
            existing[count++].title = maps->items[i].method.name;
        }
    const bool written =
        viewer_write(s->viewer, existing, count, colouring, s->title ? s->title : "Roundel", error);
    free(existing);
    return written;
}

/* ------------------------------------------------------------------------------------------------
 * All
 */

bool project_outputs_write(struct project_outputs *outputs, const struct project_settings *s,
                           const struct project_maps *maps, const struct colouring *colouring,
                           const char *command, struct error *error)
{
    for (size_t i = 0; i < outputs->nfiles; i++) {
        struct map_output *file = &outputs->files[i];
        const bool written =
            file->kind == PLACE_PNG
                ? write_png(file, s, maps, colouring, command, error)
                : raster_npy_write(&file->output, &maps->maps[file->map].raster, error);
        if (!written)
            return false;
    }
    return write_figures(outputs, s, maps, colouring, error) &&
           (!s->viewer || write_viewer(s, maps, colouring, error));
}
