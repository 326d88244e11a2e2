/* The searches of formats, which searches.def lists: what dispatch asks. */
#ifndef RDL_SEARCHES_H
#define RDL_SEARCHES_H

#include "kernel.h"
#include "roundel_block.h"

/* Bytes of scratch for one encoder call; of the rows only what they say of the search counts. */
typedef size_t rdl_search_scratch_fn(const struct rdl_rows *rows);

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wredundant-decls"
#define RDL_SEARCH(format, grid, scales, function, scratch)                                        \
    rdl_encode_fn function;                                                                        \
    rdl_search_scratch_fn scratch;
#include "searches.def"
#pragma GCC diagnostic pop

struct rdl_search {
    rdl_encode_fn *encode;
    rdl_search_scratch_fn *scratch;
};

/* NULL if the format has no such search; a job's default scales count as supported. */
const struct rdl_search *rdl_find_search(enum rdl_format format, enum rdl_rounding rounding,
                                         enum rdl_scales scales);

/* What the default stands for. */
enum rdl_scales rdl_search_scales(enum rdl_format format, enum rdl_rounding rounding,
                                  enum rdl_scales scales);

/* Whether the weights can be had without importance, and with it. */
unsigned rdl_search_importance(enum rdl_weighting weighting);

#endif
