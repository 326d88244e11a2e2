/*
 * Lists of candidates (kernels/candidate_list.h): how they are filled.
 */
#ifndef RDL_REF_CANDIDATES_H
#define RDL_REF_CANDIDATES_H

#include "block/exact_cells.h"
#include "candidate_list.h"

struct rdl_candidate {
    double error, scale, offset, stretch, center;
};

/* An empty list. */
void rdl_candidates_start(struct rdl_candidates *list, double weight, double limit);

/* Adds a vector unless it is above the limit or there already. A full list gives up its worst one,
 * and completeness from there on. */
void rdl_candidates_add(struct rdl_candidates *list, const struct rdl_candidate *candidate);

/* Adds codes whatever their error; false if they have no best scale. */
bool rdl_candidates_add_codes(struct rdl_candidates *list, const struct rdl_block *block,
                              const uint8_t *codes);

/* Sets the reach and the least error; nothing is added after this. */
void rdl_candidates_finish(struct rdl_candidates *list);

/*
 * Completes a list of a block with an offset up to its limit, for offsets of one sign (-1: b <= 0,
 * 1: b >= 0). `least` is a lower bound of the error of any codes with any offset. Room for cells is
 * that of `exact`. If it takes too many cells, the limit becomes 0.
 */
void rdl_candidates_of_line(struct rdl_candidates *list, const struct rdl_block *block, int sign,
                            double least, const struct rdl_exact_ops *ops,
                            struct rdl_exact_cells cells[2]);

/* The same without an offset, scales of both signs; `least` is a lower bound of the error. */
void rdl_candidates_of_scale(struct rdl_candidates *list, const struct rdl_block *block,
                             double least, const struct rdl_exact_ops *ops);

#endif
