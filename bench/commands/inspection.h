/* One input as `roundel inspect` sees it: tensors with their statistics, or an importance matrix.
 */
#ifndef ROUNDEL_BENCH_INSPECTION_H
#define ROUNDEL_BENCH_INSPECTION_H

#include "imatrix_report.h"
#include "input.h"
#include "name_filter.h"
#include "statistics.h"
#include <jansson.h>
#include <stdio.h>

struct inspection {
    const char *spec;
    struct tensor_list list;
    size_t *selected; /* tensors that the filter takes, in the order of the file */
    size_t nselected;
    struct statistics
        *statistics; /* beside `selected`; not filled where the tensor is unreadable */
    bool is_imatrix;
    struct source source; /* of the importance matrix */
    struct imatrix_report importance;
};

/*
 * Opens and scans one input. A GGUF file of the type "imatrix" and a file that ends in .dat or
 * .imatrix is an importance matrix; everything else goes to input_open(). On false there is nothing
 * to free.
 */
bool inspection_open(struct inspection *inspection, const char *spec,
                     const struct input_options *options, const struct name_filter *filter,
                     struct error *error);

void inspection_free(struct inspection *inspection);

/* A NaN or infinite weight was found. */
bool inspection_has_bad(const struct inspection *inspection);

/* One line for each tensor with a NaN or infinite weight: the first of them, and how many. */
void inspection_print_bad(const struct inspection *inspection, FILE *out);

/* The table; false without memory. */
bool inspection_print(const struct inspection *inspection, FILE *out);

/* The same as a new JSON object; NULL without memory. */
json_t *inspection_json(const struct inspection *inspection);

/* The number of the block in its row that holds the column, or -1 where weights are not in blocks.
 */
int64_t inspection_block(const struct tensor *tensor, uint64_t column);

#endif
