#include "sweep_report.h"

#include "report.h"
#include "text_table.h"

#include <inttypes.h>

enum {
    LISTED = 20,                    /* vectors in the table */
    TEXT = 3 * SWEEP_MAX_LENGTH + 1 /* of the codes of a vector */
};

static const char *codes_text(char text[TEXT], const struct sweep *sweep, const uint8_t *codes)
{
    size_t used = 0;
    for (size_t i = 0; i < sweep->n; i++)
        used += (size_t)snprintf(text + used, TEXT - used, "%s%u", i ? " " : "", codes[i]);
    return text;
}

static void print_summary(const struct sweep_report *report, FILE *out)
{
    const struct raster_statistics *s = &report->statistics;
    char text[TEXT];
    fprintf(
        out,
        "%zu x %zu pixels, squared correlation: min %.7f, mean %.7f, max %.7f, %zu blank, XXH64 "
        "%016" PRIx64 "\n%zu distinct vectors of codes; the optimum of all is %.7f: %s\n\n",
        report->sweep->width, report->sweep->height, s->min, s->mean, s->max, s->blanks, s->hash,
        report->count, report->optimum.value,
        codes_text(text, report->sweep, report->optimum.codes));
}

bool sweep_report_print(const struct sweep_report *report, FILE *out)
{
    static const struct text_column columns[] = {
        {"value", false}, {"pixels", false}, {"codes", true}};
    struct text_table table = {.columns = columns, .ncolumns = 3};
    print_summary(report, out);
    for (size_t i = 0; i < report->count && i < LISTED; i++) {
        char text[TEXT];
        text_table_cell(&table, "%.7f", report->vectors[i].value);
        text_table_cell(&table, "%" PRIu64, report->vectors[i].pixels);
        text_table_cell(&table, "%s", codes_text(text, report->sweep, report->vectors[i].codes));
    }
    const bool printed = text_table_print(&table, out);
    if (report->count > LISTED)
        fprintf(out, "... and %zu more; --json has all\n", report->count - LISTED);
    text_table_free(&table);
    return printed;
}

static json_t *codes_json(const struct sweep *sweep, const uint8_t *codes)
{
    json_t *list = json_array();
    for (size_t i = 0; list && i < sweep->n; i++)
        if (json_array_append_new(list, json_integer(codes[i])) != 0) {
            json_decref(list);
            list = NULL;
        }
    return list;
}

static json_t *vectors_json(const struct sweep_report *report)
{
    json_t *list = json_array();
    for (size_t i = 0; list && i < report->count; i++) {
        const struct sweep_vector *v = &report->vectors[i];
        json_t *item =
            json_pack("{s:o, s:I, s:o}", "value", report_real(v->value), "pixels",
                      (json_int_t)v->pixels, "codes", codes_json(report->sweep, v->codes));
        if (json_array_append_new(list, item) != 0) {
            json_decref(list);
            list = NULL;
        }
    }
    return list;
}

json_t *sweep_report_json(const struct sweep_report *report, const char *command)
{
    const struct raster_statistics *s = &report->statistics;
    char hash[17];
    snprintf(hash, sizeof hash, "%016" PRIx64, s->hash);
    json_t *json = report_new("project");
    json_t *more = json_pack(
        "{s:s, s:s, s:I, s:I, s:I, s:o, s:o, s:o, s:I, s:s, s:{s:o, s:o}, s:o}", "kind", "sweep",
        "arguments", command, "width", (json_int_t)report->sweep->width, "height",
        (json_int_t)report->sweep->height, "levels", (json_int_t)report->sweep->levels, "min",
        report_real(s->min), "mean", report_real(s->mean), "max", report_real(s->max), "blanks",
        (json_int_t)s->blanks, "xxh64", hash, "optimum", "value",
        report_real(report->optimum.value), "codes",
        codes_json(report->sweep, report->optimum.codes), "vectors", vectors_json(report));
    if (json && more && json_object_update(json, more) == 0) {
        json_decref(more);
        return json;
    }
    json_decref(more);
    json_decref(json);
    return NULL;
}
