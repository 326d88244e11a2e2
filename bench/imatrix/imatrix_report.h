/* What is in an importance matrix, for `inspect`, `imatrix info` and `imatrix coverage`. */
#ifndef ROUNDEL_BENCH_IMATRIX_REPORT_H
#define ROUNDEL_BENCH_IMATRIX_REPORT_H

#include "imatrix_summary.h"
#include "name_filter.h"
#include <jansson.h>
#include <stdio.h>

struct imatrix_report {
    const char *input;
    struct imatrix_sums sums;
    size_t *selected; /* entries that the filter takes, in the order of the file */
    size_t nselected;
    struct imatrix_summary *summaries; /* beside `selected` */
    double limit;                      /* counts below it are scarce; 1: without data */
};

/* Reads and summarises a file. On false there is nothing to free; messages name the file. */
bool imatrix_report_open(struct imatrix_report *report, const char *input,
                         const struct source *source, const struct name_filter *filter,
                         double limit, struct error *error);
void imatrix_report_free(struct imatrix_report *report);

/* "dat, 2 of 3 entries, 5 chunks of 512 tokens, from one, two" */
void imatrix_print_head(const struct imatrix_sums *sums, size_t nselected, FILE *out);

/* A row for each entry: importance, or tokens of its experts. False without memory. */
bool imatrix_report_print(const struct imatrix_report *report, FILE *out);
bool imatrix_coverage_print(const struct imatrix_report *report, FILE *out);

/* New objects, NULL without memory; that of the coverage has all counts too. */
json_t *imatrix_report_json(const struct imatrix_report *report);
json_t *imatrix_coverage_json(const struct imatrix_report *report);
/* The members that say what a file is: format, data sets, chunks. */
json_t *imatrix_head_json(const struct imatrix_sums *sums);

#endif
