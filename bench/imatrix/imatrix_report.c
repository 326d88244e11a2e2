#include "imatrix_report.h"

#include <stdlib.h>

static bool summarise_selected(struct imatrix_report *report, const struct name_filter *filter,
                               struct error *error)
{
    const struct imatrix_sums *sums = &report->sums;
    report->selected = calloc(sums->count + 1, sizeof *report->selected);
    report->summaries = calloc(sums->count + 1, sizeof *report->summaries);
    if (!report->selected || !report->summaries)
        return fail(error, "out of memory");
    for (size_t i = 0; i < sums->count; i++) {
        if (!name_filter_takes(filter, sums->entries[i].name))
            continue;
        if (!imatrix_summarise(sums->format, &sums->entries[i], report->limit,
                               &report->summaries[report->nselected], error))
            return false;
        report->selected[report->nselected++] = i;
    }
    return true;
}

bool imatrix_report_open(struct imatrix_report *report, const char *input,
                         const struct source *source, const struct name_filter *filter,
                         double limit, struct error *error)
{
    *report = (struct imatrix_report){.input = input, .limit = limit};
    if (!imatrix_sums_open(&report->sums, source, false, error))
        return false;
    const bool good = summarise_selected(report, filter, error);
    if (!good)
        imatrix_report_free(report);
    return good;
}

void imatrix_report_free(struct imatrix_report *report)
{
    imatrix_sums_free(&report->sums);
    free(report->selected);
    free(report->summaries);
    *report = (struct imatrix_report){0};
}
