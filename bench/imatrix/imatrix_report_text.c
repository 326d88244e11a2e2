#include "imatrix_report.h"

#include "text_table.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void imatrix_print_head(const struct imatrix_sums *sums, size_t nselected, FILE *out)
{
    char *datasets = imatrix_datasets_text(sums);
    char shown[256];
    fprintf(out, "importance matrix (%s), ", imatrix_format_name(sums->format));
    if (nselected < sums->count)
        fprintf(out, "%zu of ", nselected);
    fprintf(out, "%zu %s", sums->count, sums->count == 1 ? "entry" : "entries");
    if (sums->chunks > 0)
        fprintf(out, ", %" PRIu64 " chunk%s", sums->chunks, sums->chunks == 1 ? "" : "s");
    if (sums->chunk_size > 0)
        fprintf(out, " of %" PRIu64 " tokens", sums->chunk_size);
    if (datasets && *datasets)
        fprintf(out, ", from %s", escape(shown, sizeof shown, datasets, strlen(datasets)));
    fputc('\n', out);
    free(datasets);
}

static const struct imatrix_sums_entry *selected(const struct imatrix_report *report, size_t i)
{
    return &report->sums.entries[report->selected[i]];
}

static const char *shown_name(char out[128], const struct imatrix_sums_entry *entry)
{
    return escape(out, 128, entry->name, entry->name_length);
}

/* "3 of 8 matrices without data: 1, 4-6", for each entry that has such. */
static void print_scarce(const struct imatrix_report *report, FILE *out)
{
    for (size_t i = 0; i < report->nselected; i++) {
        const struct imatrix_sums_entry *entry = selected(report, i);
        const double limit = report->limit;
        char name[128];
        if (report->summaries[i].scarce == 0 || report->sums.format == IMATRIX_DAT)
            continue;
        fprintf(out, "%s: %zu of %zu ", shown_name(name, entry), report->summaries[i].scarce,
                entry->nmatrices);
        if (limit > 1.0)
            fprintf(out, "matrices with fewer than %g tokens:", limit);
        else
            fprintf(out, "matrices without data:");
        const char *separator = " ";
        for (size_t m = imatrix_next_scarce(entry, 0, limit); m < entry->nmatrices;) {
            size_t last = m;
            while (last + 1 < entry->nmatrices && entry->counts[last + 1] < limit)
                last++;
            fprintf(out, last > m ? "%s%zu-%zu" : "%s%zu", separator, m, last);
            separator = ", ";
            m = imatrix_next_scarce(entry, last + 1, limit);
        }
        fputc('\n', out);
    }
}

/* One count, or the least and the largest. */
static void count_cell(struct text_table *table, const struct imatrix_summary *summary)
{
    if (summary->least_count == summary->largest_count)
        text_table_cell(table, "%.15g", summary->largest_count);
    else
        text_table_cell(table, "%.15g..%.15g", summary->least_count, summary->largest_count);
}

static void ratio_cell(struct text_table *table, const struct imatrix_summary *summary)
{
    if (summary->median > 0.0)
        text_table_cell(table, "%.4g", (double)summary->max / summary->median);
    else
        text_table_cell(table, "-");
}

static bool print_entries(const struct imatrix_report *report, FILE *out)
{
    const bool is_gguf = report->sums.format == IMATRIX_GGUF;
    const struct text_column columns[] = {
        {"entry", true},     {"columns", false},
        {"matrices", false}, {is_gguf ? "tokens" : "calls", false},
        {"min", false},      {"median", false},
        {"max", false},      {"max/median", false},
        {"zeros", false},
    };
    struct text_table table = {.columns = columns, .ncolumns = sizeof columns / sizeof columns[0]};
    for (size_t i = 0; i < report->nselected; i++) {
        const struct imatrix_sums_entry *entry = selected(report, i);
        const struct imatrix_summary *summary = &report->summaries[i];
        char name[128];
        text_table_cell(&table, "%s", shown_name(name, entry));
        text_table_cell(&table, "%zu", entry->nvalues / entry->nmatrices);
        text_table_cell(&table, "%zu", entry->nmatrices);
        count_cell(&table, summary);
        text_table_cell(&table, "%.5g", (double)summary->min);
        text_table_cell(&table, "%.5g", summary->median);
        text_table_cell(&table, "%.5g", (double)summary->max);
        ratio_cell(&table, summary);
        text_table_cell(&table, "%zu", summary->zeros);
    }
    const bool good = text_table_print(&table, out);
    text_table_free(&table);
    return good;
}

bool imatrix_report_print(const struct imatrix_report *report, FILE *out)
{
    fprintf(out, "%s: ", report->input);
    imatrix_print_head(&report->sums, report->nselected, out);
    const bool good = print_entries(report, out);
    print_scarce(report, out);
    return good;
}

/* ------------------------------------------------------------------------------------------------
 * Coverage
 */

static bool print_counts(const struct imatrix_report *report, FILE *out)
{
    static const struct text_column columns[] = {
        {"entry", true},   {"matrices", false}, {"least tokens", false},
        {"median", false}, {"most", false},     {"scarce", false},
    };
    struct text_table table = {.columns = columns, .ncolumns = sizeof columns / sizeof columns[0]};
    for (size_t i = 0; i < report->nselected; i++) {
        const struct imatrix_summary *summary = &report->summaries[i];
        char name[128];
        text_table_cell(&table, "%s", shown_name(name, selected(report, i)));
        text_table_cell(&table, "%zu", selected(report, i)->nmatrices);
        text_table_cell(&table, "%.15g", summary->least_count);
        text_table_cell(&table, "%.15g", summary->median_count);
        text_table_cell(&table, "%.15g", summary->largest_count);
        text_table_cell(&table, "%zu", summary->scarce);
    }
    const bool good = text_table_print(&table, out);
    text_table_free(&table);
    return good;
}

/* Old tools write 1 where they have no data, and nothing else says so. */
static bool print_ones(const struct imatrix_report *report, FILE *out)
{
    static const struct text_column columns[] = {
        {"entry", true}, {"values", false}, {"calls", false}, {"exactly 1", false}};
    struct text_table table = {.columns = columns, .ncolumns = sizeof columns / sizeof columns[0]};
    for (size_t i = 0; i < report->nselected; i++) {
        const struct imatrix_sums_entry *entry = selected(report, i);
        char name[128];
        text_table_cell(&table, "%s", shown_name(name, entry));
        text_table_cell(&table, "%zu", entry->nvalues);
        text_table_cell(&table, "%.15g", entry->counts[0]);
        text_table_cell(&table, "%zu", report->summaries[i].ones);
    }
    const bool good = text_table_print(&table, out);
    text_table_free(&table);
    fputs("A .dat file does not say which experts had data: a run of values that are exactly 1 "
          "may be one that had none.\n",
          out);
    return good;
}

bool imatrix_coverage_print(const struct imatrix_report *report, FILE *out)
{
    fprintf(out, "%s: ", report->input);
    imatrix_print_head(&report->sums, report->nselected, out);
    const bool good =
        report->sums.format == IMATRIX_GGUF ? print_counts(report, out) : print_ones(report, out);
    print_scarce(report, out);
    return good;
}
