/* What `roundel inspect --json` writes. */
#include "inspection.h"

#include "report.h"
#include "tensor_shape.h"
#include <math.h>
#include <string.h>

/* json_pack() takes over references, and fails if one of them is NULL, so that a chain of calls
 * needs one check at its end. */

static json_t *integer(uint64_t value)
{
    return json_integer((json_int_t)value);
}

static json_t *statistics_json(const struct statistics *statistics)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "count",
                     integer(statistics->count), "finite", integer(statistics->finite), "min",
                     report_real(statistics->min), "max", report_real(statistics->max), "mean",
                     report_real(statistics->mean), "rms", report_real(statistics->rms), "kurtosis",
                     report_real(statistics->kurtosis), "zeros", integer(statistics->zeros),
                     "subnormals", integer(statistics->subnormals), "nan",
                     integer(statistics->nans), "infinite", integer(statistics->infinities));
}

static json_t *bad_json(const struct tensor *tensor, const struct statistics *statistics)
{
    const struct bad_weight *bad = &statistics->bad;
    if (statistics->nans + statistics->infinities == 0) {
        return json_null();
    }
    int64_t block = inspection_block(tensor, bad->column);
    const char *value = isnan(bad->value) ? "nan" : bad->value > 0.0f ? "inf" : "-inf";
    return json_pack("{s:o, s:o, s:o, s:s}", "row", integer(bad->row), "column",
                     integer(bad->column), "block",
                     block < 0 ? json_null() : json_integer((json_int_t)block), "value", value);
}

static json_t *tensor_json(const struct tensor *tensor, const struct statistics *statistics)
{
    bool readable = tensor_readable(tensor);
    return json_pack(
        "{s:o, s:s, s:o, s:o, s:o, s:o, s:b, s:o, s:o}", "name", report_string(tensor->name),
        "type", tensor->type, "shape", tensor_shape_json(tensor), "rows", integer(tensor->nrows),
        "columns", integer(tensor->ncols), "bytes", integer(tensor->nbytes), "readable",
        (int)readable, "statistics", readable ? statistics_json(statistics) : json_null(),
        "first_bad", readable ? bad_json(tensor, statistics) : json_null());
}

static json_t *all_json(const struct inspection *inspection)
{
    json_t *all = json_array();
    for (size_t i = 0; i < inspection->nselected; i++) {
        if (json_array_append_new(all,
                                  tensor_json(&inspection->list.tensors[inspection->selected[i]],
                                              &inspection->statistics[i])) != 0) {
            json_decref(all);
            return NULL;
        }
    }
    return all;
}

static json_t *notes_json(const struct tensor_list *list)
{
    json_t *notes = json_array();
    for (size_t i = 0; i < list->nnotes; i++) {
        if (json_array_append_new(notes, report_string(list->notes[i])) != 0) {
            json_decref(notes);
            return NULL;
        }
    }
    return notes;
}

json_t *inspection_json(const struct inspection *inspection)
{
    if (inspection->is_imatrix)
        return imatrix_report_json(&inspection->importance);
    return json_pack("{s:o, s:s, s:o, s:o}", "input", report_string(inspection->spec), "kind",
                     "tensors", "notes", notes_json(&inspection->list), "tensors",
                     all_json(inspection));
}
