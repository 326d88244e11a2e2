/* What `roundel imatrix ACTION` does. */
#ifndef ROUNDEL_BENCH_IMATRIX_ACTIONS_H
#define ROUNDEL_BENCH_IMATRIX_ACTIONS_H

#include "imatrix_sums.h"
#include "name_filter.h"
#include "notes.h"
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
    /* Of collect. */
    const char **texts;
    size_t ntexts;
    const char *tokenizer; /* NULL: the model's */
    uint64_t context;      /* tokens of a chunk; 0: the model's */
    uint64_t chunks;       /* 0: all */
    uint64_t threads;      /* 0: all */
};

/* Where results go, both open; zeros for those that are not wanted. */
struct imatrix_outputs {
    struct output matrix, json;
};

/* Each says what went wrong, and returns an exit status. */
typedef int imatrix_action_fn(const struct imatrix_request *request,
                              struct imatrix_outputs *outputs);
imatrix_action_fn imatrix_info_action, imatrix_coverage_action, imatrix_convert_action,
    imatrix_merge_action, imatrix_sanitize_action, imatrix_collect_action;

/* Their end: converts what was made to the output's format, writes it, and says so. */
int imatrix_write_made(const struct imatrix_request *request, struct imatrix_sums *sums,
                       struct notes *notes, struct imatrix_outputs *outputs);

#endif
