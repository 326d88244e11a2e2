/* `roundel compare --throughput`: how fast all threads together are on a large tensor. */
#ifndef ROUNDEL_BENCH_COMPARE_THROUGHPUT_H
#define ROUNDEL_BENCH_COMPARE_THROUGHPUT_H

#include "compare.h"

#include <jansson.h>

/*
 * After the contest: times every contestant whose blocks fit the rows of the largest tensor of the
 * comparison, which lies whole in memory (of a tensor above 2^25 weights, the first rows), in teams
 * of the contest's threads (team.h); the median of several runs each. Allocates and fills
 * comparison->throughputs.
 */
bool comparison_time(struct comparison *comparison, struct error *error);

/* The table. */
void comparison_print_throughput(const struct comparison *comparison);

/* A JSON object; NULL without memory. */
json_t *comparison_throughput_json(const struct comparison *comparison);

#endif
