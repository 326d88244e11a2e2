/* What `roundel inspect` prints. */
#include "inspection.h"

#include "tensor_shape.h"
#include "text_table.h"
#include <inttypes.h>
#include <math.h>
#include <string.h>

static void name_cell(struct text_table *table, const char *name)
{
    char printable[128];
    text_table_cell(table, "%s", escape(printable, sizeof printable, name, strlen(name)));
}

static void number_cell(struct text_table *table, double value)
{
    if (isnan(value)) {
        text_table_cell(table, "-");
    } else {
        text_table_cell(table, "%.5g", value);
    }
}

static void count_cell(struct text_table *table, uint64_t value)
{
    text_table_cell(table, "%" PRIu64, value);
}

static const struct text_column tensor_columns[] = {
    {"tensor", true},     {"type", true},  {"shape", true}, {"bytes", false},    {"min", false},
    {"max", false},       {"mean", false}, {"rms", false},  {"kurtosis", false}, {"zeros", false},
    {"subnormal", false}, {"NaN", false},  {"Inf", false},
};

enum {
    TENSOR_COLUMNS = sizeof tensor_columns / sizeof tensor_columns[0],
    STATISTIC_COLUMNS = 9 /* the last ones */
};

static void statistic_cells(struct text_table *table, const struct statistics *statistics)
{
    number_cell(table, statistics->min);
    number_cell(table, statistics->max);
    number_cell(table, statistics->mean);
    number_cell(table, statistics->rms);
    number_cell(table, statistics->kurtosis);
    count_cell(table, statistics->zeros);
    count_cell(table, statistics->subnormals);
    count_cell(table, statistics->nans);
    count_cell(table, statistics->infinities);
}

static void tensor_row(struct text_table *table, const struct tensor *tensor,
                       const struct statistics *statistics)
{
    char shape[256];
    name_cell(table, tensor->name);
    text_table_cell(table, "%s", tensor->type);
    text_table_cell(table, "%s", tensor_shape_text(tensor, shape, sizeof shape));
    count_cell(table, tensor->nbytes);
    if (tensor_readable(tensor)) {
        statistic_cells(table, statistics);
        return;
    }
    for (unsigned i = 0; i < STATISTIC_COLUMNS; i++) {
        text_table_cell(table, "-");
    }
}

static bool print_tensors(const struct inspection *inspection, FILE *out)
{
    struct text_table table = {.columns = tensor_columns, .ncolumns = TENSOR_COLUMNS};
    uint64_t weights = 0;
    for (size_t i = 0; i < inspection->nselected; i++) {
        const struct tensor *tensor = &inspection->list.tensors[inspection->selected[i]];
        weights += tensor_readable(tensor) ? tensor_numel(tensor) : 0;
        tensor_row(&table, tensor, &inspection->statistics[i]);
    }
    fprintf(out, "%s: %zu of %zu tensors, %" PRIu64 " weights\n", inspection->spec,
            inspection->nselected, inspection->list.count, weights);
    bool good = text_table_print(&table, out);
    for (size_t i = 0; i < inspection->list.nnotes; i++) {
        fprintf(out, "note: %s\n", inspection->list.notes[i]);
    }
    text_table_free(&table);
    return good;
}

bool inspection_print(const struct inspection *inspection, FILE *out)
{
    return inspection->is_imatrix ? imatrix_report_print(&inspection->importance, out)
                                  : print_tensors(inspection, out);
}
