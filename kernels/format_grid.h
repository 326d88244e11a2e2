/* The grids of rdl_format_grid(), for the searches and bounds of formats. */
#ifndef RDL_FORMAT_GRID_H
#define RDL_FORMAT_GRID_H

#include "roundel_block.h"

/* By format; a count of 0: it has none. */
extern const struct rdl_block_grid rdl_format_grids[RDL_FORMAT_COUNT];

#endif
