/*
 * Neighbour tables: for every point that the weights of a group can be rounded to, the codebook
 * rows that a search tries. A point is a level for each weight of the group; it is on the grid if a
 * row has exactly these levels, and then that row is its only one. The squared distance of a row to
 * a point counts levels. The list of a point off the grid holds the rows of the few smallest
 * distances that occur, ordered by distance, then index: the order decides ties. Specification:
 * quantizers, sections 7.1 and 7.2.
 */
#ifndef RDL_NEIGHBOURS_H
#define RDL_NEIGHBOURS_H

#include <stdbool.h>
#include <stdint.h>

#include "roundel.h"

enum {
    RDL_POINTS_8 = 6561, /* points of groups of 8 weights with 3 levels: 3^8 */
    RDL_POINTS_4 = 4096, /* of groups of 4 weights with 8 levels: 8^4 */
    RDL_ON_GRID = 1 << 30,
    RDL_RUN = 16 /* words */
};

/*
 * Tables as encoders see them. The number of a point is the sum of level_i * levels^i. Its list is
 * rows[starts[point] .. starts[point + 1] - 1], RDL_ON_GRID taken away from both, and never empty;
 * starts[point] has RDL_ON_GRID if the point is.
 */
struct rdl_neighbours {
    const uint32_t *starts;
    const uint16_t *rows;
    const uint8_t *levels; /* of the codebook: length levels for each row */

    /*
     * The lists once more, for searches with neighbours in SIMD lanes; the tables of IQ1 have none.
     * A word is the levels of a row in one number: two bits for each of 8 weights, three for each
     * of 4, the first weight's lowest. A list is spans[point] & 255 runs of RDL_RUN words, the
     * first of them run spans[point] >> 8 of `words`. Lane k of all its runs, in order, holds the
     * k-th part of the list: the first minimum of the list is then the first minimum of the first
     * lane that has it. The last row is repeated until all runs are full.
     */
    const uint32_t *spans;
    const uint16_t *words;
};

/* For tables that rdl_tables_match(). */
struct rdl_neighbours rdl_neighbours(const void *tables);

/* True if these are tables of this format; they may be NULL. */
bool rdl_tables_match(enum rdl_format format, const void *tables);

#endif
