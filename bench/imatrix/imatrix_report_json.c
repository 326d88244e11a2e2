#include "imatrix_report.h"

#include "report.h"
#include <stdlib.h>

static json_t *integer(uint64_t value)
{
    return json_integer((json_int_t)value);
}

static json_t *datasets_json(const struct imatrix_sums *sums)
{
    json_t *list = json_array();
    for (size_t i = 0; list && i < sums->ndatasets; i++)
        if (json_array_append_new(list, report_string(sums->datasets[i])) != 0) {
            json_decref(list);
            list = NULL;
        }
    return list;
}

json_t *imatrix_head_json(const struct imatrix_sums *sums)
{
    char *text = imatrix_datasets_text(sums);
    json_t *head =
        text ? json_pack("{s:s, s:o, s:o, s:o, s:o}", "format", imatrix_format_name(sums->format),
                         "dataset", report_string(text), "datasets", datasets_json(sums), "chunks",
                         integer(sums->chunks), "chunk_size", integer(sums->chunk_size))
             : NULL;
    free(text);
    return head;
}

static json_t *scarce_json(const struct imatrix_sums_entry *entry, double limit)
{
    json_t *list = json_array();
    for (size_t m = imatrix_next_scarce(entry, 0, limit); list && m < entry->nmatrices;
         m = imatrix_next_scarce(entry, m + 1, limit))
        if (json_array_append_new(list, integer(m)) != 0) {
            json_decref(list);
            list = NULL;
        }
    return list;
}

static json_t *counts_json(const struct imatrix_sums_entry *entry)
{
    json_t *list = json_array();
    for (size_t m = 0; list && m < entry->nmatrices; m++)
        if (json_array_append_new(list, report_real(entry->counts[m])) != 0) {
            json_decref(list);
            list = NULL;
        }
    return list;
}

/* Members of both reports; "calls" is the largest count. */
static json_t *entry_json(const struct imatrix_report *report, size_t i)
{
    const struct imatrix_sums_entry *entry = &report->sums.entries[report->selected[i]];
    const struct imatrix_summary *s = &report->summaries[i];
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "name",
        report_string(entry->name), "columns", integer(entry->nvalues / entry->nmatrices),
        "matrices", integer(entry->nmatrices), "calls", report_real(s->largest_count),
        "least_count", report_real(s->least_count), "median_count", report_real(s->median_count),
        "scarce", scarce_json(entry, report->limit), "min", report_real((double)s->min), "median",
        report_real(s->median), "max", report_real((double)s->max), "zeros", integer(s->zeros),
        "ones", integer(s->ones));
}

static json_t *entries_json(const struct imatrix_report *report, bool with_counts)
{
    json_t *list = json_array();
    for (size_t i = 0; list && i < report->nselected; i++) {
        json_t *entry = entry_json(report, i);
        if (entry && with_counts &&
            json_object_set_new(entry, "counts",
                                counts_json(&report->sums.entries[report->selected[i]])) != 0) {
            json_decref(entry);
            entry = NULL;
        }
        if (json_array_append_new(list, entry) != 0) {
            json_decref(list);
            list = NULL;
        }
    }
    return list;
}

static json_t *whole_json(const struct imatrix_report *report, bool with_counts)
{
    json_t *object =
        json_pack("{s:o, s:s}", "input", report_string(report->input), "kind", "importance");
    json_t *head = imatrix_head_json(&report->sums);
    bool good = object && head && json_object_update(object, head) == 0 &&
                json_object_set_new(object, "scarce_below", report_real(report->limit)) == 0 &&
                json_object_set_new(object, "entries", entries_json(report, with_counts)) == 0;
    json_decref(head);
    if (good)
        return object;
    json_decref(object);
    return NULL;
}

json_t *imatrix_report_json(const struct imatrix_report *report)
{
    return whole_json(report, false);
}

json_t *imatrix_coverage_json(const struct imatrix_report *report)
{
    return whole_json(report, true);
}
