#include "project_report.h"

#include "report.h"
#include "text_table.h"

#include <inttypes.h>
#include <math.h>

/* ------------------------------------------------------------------------------------------------
 * Text
 */

static void print_number(struct text_table *table, enum pixel_value value, double number)
{
    if (isnan(number))
        text_table_cell(table, "-");
    else if (value == PIXEL_COSINE || value == PIXEL_CENTRED)
        text_table_cell(table, "%.7f", number);
    else
        text_table_cell(table, value == PIXEL_INDEX ? "%.0f" : "%.7g", number);
}

static void print_row(struct text_table *table, const struct project_maps *maps, size_t index,
                      enum pixel_value value)
{
    const struct raster_statistics *s = &maps->maps[index].raster.statistics;
    text_table_cell(table, "%s", maps->column_names[index % maps->columns]);
    text_table_cell(table, "%s", maps->row_names[index / maps->columns]);
    if (!maps->items[index].exists) {
        for (int i = 0; i < 6; i++)
            text_table_cell(table, "-");
        return;
    }
    print_number(table, value, s->min);
    print_number(table, value, s->mean);
    print_number(table, value, s->area_mean);
    print_number(table, value, s->max);
    text_table_cell(table, "%zu", s->blanks);
    text_table_cell(table, "%016" PRIx64, s->hash);
}

bool project_report_print(const struct project_maps *maps, const struct project_settings *settings,
                          FILE *out)
{
    const struct text_column columns[] = {
        {settings->ngrids ? "grid" : "format", true},
        {"rounding", true},
        {"min", false},
        {"mean", false},
        {"area mean", false},
        {"max", false},
        {"blank", false},
        {"XXH64", false},
    };
    struct text_table table = {.columns = columns, .ncolumns = sizeof columns / sizeof columns[0]};
    for (size_t i = 0; i < maps->rows * maps->columns; i++)
        print_row(&table, maps, i, settings->projection.value);
    const bool printed = text_table_print(&table, out);
    text_table_free(&table);
    return printed;
}

/* ------------------------------------------------------------------------------------------------
 * JSON
 */

static json_t *hash_json(uint64_t hash)
{
    char text[17];
    snprintf(text, sizeof text, "%016" PRIx64, hash);
    return json_string(text);
}

static json_t *map_json(const struct project_maps *maps, size_t index)
{
    const struct raster_statistics *s = &maps->maps[index].raster.statistics;
    const struct project_map *item = &maps->items[index];
    json_t *json = json_pack("{s:s, s:s, s:b}", item->method.is_format ? "format" : "grid",
                             maps->column_names[index % maps->columns], "rounding",
                             maps->row_names[index / maps->columns], "exists", (int)item->exists);
    if (!json || !item->exists)
        return json;
    const bool compared = item->projection.against != NULL;
    json_t *more = json_pack("{s:s, s:s?, s:o, s:o, s:o, s:o, s:I, s:o}", "weighting",
                             rdl_weighting_name(item->method.weighting), "against",
                             compared ? item->against.name : NULL, "min", report_real(s->min),
                             "mean", report_real(s->mean), "area_mean", report_real(s->area_mean),
                             "max", report_real(s->max), "blanks", (json_int_t)s->blanks, "xxh64",
                             hash_json(s->hash));
    if (more && json_object_update(json, more) == 0) {
        json_decref(more);
        return json;
    }
    json_decref(more);
    json_decref(json);
    return NULL;
}

static json_t *maps_json(const struct project_maps *maps)
{
    json_t *list = json_array();
    for (size_t i = 0; list && i < maps->rows * maps->columns; i++)
        if (json_array_append_new(list, map_json(maps, i)) != 0) {
            json_decref(list);
            list = NULL;
        }
    return list;
}

static json_t *axis_json(const struct map_axis *axis)
{
    return json_pack("{s:s, s:s, s:o, s:o}", "title", axis->title, "unit", axis->unit, "first",
                     report_real(axis->first), "last", report_real(axis->last));
}

json_t *project_report_json(const struct project_maps *maps,
                            const struct project_settings *settings,
                            const struct colouring *colouring, const char *command)
{
    const struct view *view = &settings->projection.view;
    const struct map_axis across = view_across(view), down = view_down(view);
    json_t *json = report_new("project");
    json_t *more = json_pack(
        "{s:s, s:s, s:s, s:s, s:I, s:I, s:b, s:o, s:o, s:I, s:I, s:I, s:[o, o], s:b, s:o}", "kind",
        "projection", "arguments", command, "projection", view_kind_name(view->kind), "value",
        pixel_value_name(settings->projection.value), "width", (json_int_t)view->width, "height",
        (json_int_t)view->height, "centres", (int)view->centres, "across", axis_json(&across),
        "down", axis_json(&down), "supersample", (json_int_t)settings->samples, "coordinates",
        (json_int_t)embedding_length(&settings->projection.embedding), "seed",
        (json_int_t)settings->seed, "range", report_real(colouring->low),
        report_real(colouring->high), "logarithmic", (int)colouring->logarithmic, "maps",
        maps_json(maps));
    if (json && more && json_object_update(json, more) == 0) {
        json_decref(more);
        return json;
    }
    json_decref(more);
    json_decref(json);
    return NULL;
}
