/* Results of `roundel compare --json`, of the total or of a tensor. */
#ifndef ROUNDEL_PLOTS_COMPARE_RESULT_H
#define ROUNDEL_PLOTS_COMPARE_RESULT_H

#include "report_file.h"
#include "selection.h"

struct compare_result {
    const char *format; /* in the report's tree */
    char rounding[96];  /* "exact/joint:x2": with what is not the default; fit for printing */
    const json_t *json; /* the result, with its figures */
};

/*
 * Called with each measured result that is taken; false ends the reading.
 */
typedef bool compare_result_fn(void *context, const struct compare_result *result,
                               struct error *error);

/* Reads the array of results; false, with an error that names the result, if one is no result, or
 * what `take` said. */
bool compare_results_each(const json_t *results, const struct selection *selection,
                          compare_result_fn *take, void *context, struct error *error);

/* A figure of a result from `low` to `high`; *value is NaN where it is null: none could be told. */
bool compare_result_figure(const struct compare_result *result, const char *key, double low,
                           double high, double *value, struct error *error);

/* "weights of A, B; importance C", of a report's tree; fit for printing. */
void compare_describe(const json_t *tree, char *text, size_t size);

#endif
