/* --include REGEX and --exclude REGEX on tensor names (POSIX extended regular expressions). */
#ifndef ROUNDEL_BENCH_NAME_FILTER_H
#define ROUNDEL_BENCH_NAME_FILTER_H

#include "error.h"
#include <regex.h>

struct name_filter {
    regex_t include, exclude;
    bool has_include, has_exclude;
};

/* Each may be set once; the last one given counts. */
bool name_filter_include(struct name_filter *filter, const char *regex, struct error *error);
bool name_filter_exclude(struct name_filter *filter, const char *regex, struct error *error);

/* True if the name matches --include (where given) and does not match --exclude. */
bool name_filter_takes(const struct name_filter *filter, const char *name);

void name_filter_free(struct name_filter *filter);

#endif
