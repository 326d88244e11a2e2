/* What `roundel imatrix ACTION` does. */
#ifndef ROUNDEL_BENCH_IMATRIX_ACTIONS_H
#define ROUNDEL_BENCH_IMATRIX_ACTIONS_H

#include "imatrix_sums.h"
#include "name_filter.h"
#include "output.h"

struct imatrix_request {
    const char *action;
    const char **inputs;
    size_t ninputs;
    const char *output; /* NULL where nothing is written */
    enum imatrix_format format;
    struct name_filter filter;
    uint64_t chunk_size; /* 0: not given */
    uint64_t prior;
    bool drop_bad;
    uint64_t min_tokens;
    const char *json; /* NULL, "-" or a path */
};

/* Where results go, both open; zeros for those that are not wanted. */
struct imatrix_outputs {
    struct output matrix, json;
};

/* Each says what went wrong, and returns an exit status. */
typedef int imatrix_action_fn(const struct imatrix_request *request,
                              struct imatrix_outputs *outputs);
imatrix_action_fn imatrix_info_action, imatrix_coverage_action, imatrix_convert_action,
    imatrix_merge_action, imatrix_sanitize_action;

#endif
