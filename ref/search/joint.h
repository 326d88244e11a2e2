/* The joint search of a super-block's units and integers: what it needs of scratch. */
#ifndef RDL_REF_JOINT_H
#define RDL_REF_JOINT_H

#include "search/search.h"

/* Bytes for rdl_store_joint(); the solver's own come on top, and are at the front. */
size_t rdl_joint_scratch(const struct rdl_search_layout *layout);

rdl_store_scales_fn rdl_store_joint;

#endif
