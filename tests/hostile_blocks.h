/* What the blocks of exact_blocks.h spare a search. */
#ifndef ROUNDEL_TESTS_HOSTILE_BLOCKS_H
#define ROUNDEL_TESTS_HOSTILE_BLOCKS_H

#include "gap_blocks.h"

/* Changes a block of n weights in one of 16 ways, or leaves it; x may become infinite. */
void hostile_block(struct gap_source *source, size_t n, float *x, float *w);

#endif
