/* Values of options that only drawings have. */
#ifndef ROUNDEL_PLOTS_OPTION_VALUES_H
#define ROUNDEL_PLOTS_OPTION_VALUES_H

#include "error.h"

/* Finite numbers separated by commas, `least` to `most` of them. On false the error names the value
 * of `what`. */
bool parse_reals(const char *what, const char *text, size_t least, size_t most, double *values,
                 size_t *count, struct error *error);

/* A length, "3.5in", in points: in in, cm, mm or pt, from 2.5in to 40in. */
bool parse_page_width(const char *text, double *width, struct error *error);

#endif
