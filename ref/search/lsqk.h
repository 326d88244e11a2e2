/* Least squares of whole super-blocks: see lsqk.c. */
#ifndef RDL_REF_LSQK_H
#define RDL_REF_LSQK_H

#include "search/search.h"

/* Of the problem it takes layout, x and weights. */
rdl_store_scales_fn rdl_lsqk;

#endif
