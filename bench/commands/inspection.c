#include "inspection.h"

#include "gguf.h"
#include "progress.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------
 * Which kind of input
 */

static bool gguf_is_imatrix(const struct source *source)
{
    struct error ignored;
    struct gguf gguf;
    if (!gguf_parse(source, &gguf, &ignored)) {
        return false;
    }
    char *type = NULL;
    size_t length;
    bool is_imatrix = gguf_get_string(&gguf, "general.type", &type, &length, &ignored) &&
                      strcmp(type, "imatrix") == 0;
    free(type);
    gguf_free(&gguf);
    return is_imatrix;
}

static bool ends_with(const char *text, const char *ending)
{
    size_t length = strlen(text);
    size_t tail = strlen(ending);
    return length > tail && strcmp(text + length - tail, ending) == 0;
}

/* Opens the source if the input is an importance matrix. A file that cannot be opened is none: the
 * message is left to input_open(). */
static bool open_imatrix_source(struct inspection *inspection)
{
    struct error ignored;
    const char *spec = inspection->spec;
    if (!source_open_file(&inspection->source, spec, &ignored)) {
        return false;
    }
    if (gguf_recognised(&inspection->source)
            ? gguf_is_imatrix(&inspection->source)
            : ends_with(spec, ".dat") || ends_with(spec, ".imatrix")) {
        return true;
    }
    source_close(&inspection->source);
    return false;
}

/* ------------------------------------------------------------------------------------------------
 * Tensors
 */

static uint64_t readable_weights(const struct inspection *inspection)
{
    uint64_t total = 0;
    for (size_t i = 0; i < inspection->nselected; i++) {
        const struct tensor *tensor = &inspection->list.tensors[inspection->selected[i]];
        total += tensor_readable(tensor) ? tensor_numel(tensor) : 0;
    }
    return total;
}

static bool scan_all(struct inspection *inspection, struct error *error)
{
    inspection->statistics = calloc(inspection->nselected + 1, sizeof *inspection->statistics);
    if (inspection->statistics == NULL) {
        return fail(error, "out of memory");
    }
    struct progress progress;
    bool good = true;
    progress_start(&progress, readable_weights(inspection));
    for (size_t i = 0; good && i < inspection->nselected; i++) {
        const struct tensor *tensor = &inspection->list.tensors[inspection->selected[i]];
        if (tensor_readable(tensor)) {
            char name[64];
            good = statistics_of(tensor, &inspection->statistics[i], error);
            progress_add(&progress, tensor_numel(tensor),
                         escape(name, sizeof name, tensor->name, strlen(tensor->name)));
        }
    }
    progress_end(&progress);
    return good;
}

/* ------------------------------------------------------------------------------------------------
 * Both
 */

static bool select_tensors(struct inspection *inspection, const struct name_filter *filter,
                           struct error *error)
{
    size_t count = inspection->list.count;
    inspection->selected = calloc(count + 1, sizeof *inspection->selected);
    if (inspection->selected == NULL) {
        return fail(error, "out of memory");
    }
    for (size_t i = 0; i < count; i++) {
        if (name_filter_takes(filter, inspection->list.tensors[i].name)) {
            inspection->selected[inspection->nselected++] = i;
        }
    }
    return true;
}

bool inspection_open(struct inspection *inspection, const char *spec,
                     const struct input_options *options, const struct name_filter *filter,
                     struct error *error)
{
    *inspection = (struct inspection){.spec = spec, .source = {.fd = -1}};
    inspection->is_imatrix = open_imatrix_source(inspection);
    bool good = inspection->is_imatrix
                    ? imatrix_report_open(&inspection->importance, spec, &inspection->source,
                                          filter, 1.0, error)
                    : input_open(spec, options, &inspection->list, error) &&
                          select_tensors(inspection, filter, error) && scan_all(inspection, error);
    if (!good) {
        inspection_free(inspection);
    }
    return good;
}

void inspection_free(struct inspection *inspection)
{
    tensor_list_free(&inspection->list);
    imatrix_report_free(&inspection->importance);
    source_close(&inspection->source);
    free(inspection->selected);
    free(inspection->statistics);
}

static bool is_bad(const struct statistics *statistics)
{
    return statistics->nans + statistics->infinities > 0;
}

bool inspection_has_bad(const struct inspection *inspection)
{
    for (size_t i = 0; !inspection->is_imatrix && i < inspection->nselected; i++) {
        if (is_bad(&inspection->statistics[i])) {
            return true;
        }
    }
    return false;
}

int64_t inspection_block(const struct tensor *tensor, uint64_t column)
{
    if (tensor->kind != ELEMENT_BLOCKS) {
        return -1;
    }
    return (int64_t)(column / rdl_format_info(tensor->format)->block_length);
}

void inspection_print_bad(const struct inspection *inspection, FILE *out)
{
    for (size_t i = 0; !inspection->is_imatrix && i < inspection->nselected; i++) {
        const struct tensor *tensor = &inspection->list.tensors[inspection->selected[i]];
        const struct statistics *statistics = &inspection->statistics[i];
        if (!is_bad(statistics)) {
            continue;
        }
        char name[256];
        fprintf(out, "%s: tensor \"%s\": %s at row %" PRIu64 ", column %" PRIu64, inspection->spec,
                escape(name, sizeof name, tensor->name, strlen(tensor->name)),
                isnan(statistics->bad.value) ? "NaN" : "infinity", statistics->bad.row,
                statistics->bad.column);
        if (tensor->kind == ELEMENT_BLOCKS) {
            fprintf(out, ", block %" PRId64, inspection_block(tensor, statistics->bad.column));
        }
        fprintf(out, "; in all %" PRIu64 " NaN, %" PRIu64 " infinite\n", statistics->nans,
                statistics->infinities);
    }
}
