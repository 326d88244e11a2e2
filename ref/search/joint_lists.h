/* The candidates of all sub-blocks of a super-block. */
#ifndef RDL_REF_JOINT_LISTS_H
#define RDL_REF_JOINT_LISTS_H

#include "search/candidates.h"
#include "search/search.h"

struct rdl_joint_lists {
    int count;                                    /* of sub-blocks with a positive factor */
    uint8_t sub_block[RDL_SEARCH_MAX_SUB_BLOCKS]; /* which they are */
    struct rdl_candidates list[RDL_SEARCH_MAX_SUB_BLOCKS];
};

enum {
    RDL_JOINT_CELLS = 8192,                                  /* of one level */
    RDL_JOINT_STRIDE = RDL_JOINT_CELLS + 2 * RDL_EXACT_LANES /* room as exact_ops.h wants it */
};

/* What the search of cells works in, and the exact search. */
struct rdl_joint_room {
    float *cells; /* 5 RDL_JOINT_STRIDE */
    void *exact;
};

/* Natural units d and dmin, not below 0, say how much a sub-block must put up with. */
void rdl_joint_lists_fill(struct rdl_joint_lists *lists, const struct rdl_search_problem *problem,
                          double d, double dmin, const struct rdl_joint_room *room);

#endif
