/* Searches of formats as tests call them: one combination of the axes, and what it does. */
#ifndef ROUNDEL_TESTS_SEARCH_CASES_H
#define ROUNDEL_TESTS_SEARCH_CASES_H

#include "roundel.h"

struct search_case {
    enum rdl_format format;
    enum rdl_rounding rounding;
    enum rdl_weighting weighting;
    enum rdl_scales scales;
    enum rdl_target target;
};

enum {
    SEARCH_MAX_WEIGHTS = 4096,
    SEARCH_MAX_BYTES = 2 * SEARCH_MAX_WEIGHTS,
    SEARCH_NAME = 96
};

/* Says whether there is such a search. */
bool search_exists(const struct search_case *search);

/* "q4_k/exact/uniform/max/avx2"; the text stays until the next call. */
const char *search_name(const struct search_case *search);

/* Quantizes nrows rows; scratch is as large as asked for, and tools for memory see any use of
 * more. */
enum rdl_status search_encode(const struct search_case *search, const float *x,
                              const float *importance, size_t nrows, size_t ncols, unsigned flags,
                              uint8_t *blocks, struct rdl_report *report);

/* The weights by the scalar decoder. */
void search_decode(enum rdl_format format, const uint8_t *blocks, size_t nrows, size_t ncols,
                   float *x);

/* sum of weights (x - y)^2, from 0 up. */
double search_error(const float *x, const float *y, const float *weights, size_t n);

#endif
