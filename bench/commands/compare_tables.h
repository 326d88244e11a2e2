/* What the tables of `roundel compare` have in common. */
#ifndef ROUNDEL_BENCH_COMPARE_TABLES_H
#define ROUNDEL_BENCH_COMPARE_TABLES_H

#include "compare.h"

/* How wide the column of roundings is. */
int comparison_label_width(const struct comparison *comparison);

/* The first two columns of a line: format and rounding, padded. */
void comparison_print_label(const struct comparison *comparison, size_t c);

/* The table of --gap. */
void comparison_print_gap(const struct comparison *comparison, const struct outcome *outcomes);

#endif
