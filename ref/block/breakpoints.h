/*
 * Breakpoints, which all cumulative searches share.
 *
 * With scale s = 1/t the best code of weight i is that of the value nearest to t y_i. Let t, the
 * time, grow from 0: a code changes only where t y_i crosses the midpoint of two neighbouring
 * values, to the next one, away from 0. Between two such breakpoints nothing changes. So a walk
 * over all of them, n (count - 1) for both signs of y together, meets every vector of codes that
 * is the best one for some scale, and the sums of a state follow from those before by one term.
 *
 * Times are quotients in binary64. Breakpoints m / y and m' / y' that differ do so by at least
 * 1 / |m' y| relatively: for a y of 24 bits and midpoints of less than 28 bits, quotients are equal
 * only if breakpoints are, and come in their order. With wider midpoints (tables of full
 * binary32 values) or differences y = x - base, two of them may change places that lie within
 * 2^-52 of each other, which costs that much of the error.
 */
#ifndef RDL_REF_BREAKPOINTS_H
#define RDL_REF_BREAKPOINTS_H

#include "block/block.h"
#include "block/breakpoint_heap.h"

/* A state, and the breakpoints ahead of it in their order: by time, then by element. */
struct rdl_walk {
    struct rdl_block_grid grid;
    double y[RDL_BLOCK_MAX_LENGTH]; /* 0: stays where it is */
    uint8_t codes[RDL_BLOCK_MAX_LENGTH];
    struct rdl_breakpoint heap[RDL_BLOCK_MAX_LENGTH]; /* the next one of every weight */
    bool is_sorted;                                   /* all are in a list instead */
    const struct rdl_breakpoint *next;                /* the top of the heap, or in the list */
    int count;                                        /* in the heap, or left in the list */
};

struct rdl_step {
    double time;
    int element;
    double from, to; /* values of the code */
};

/* The midpoint of the values of codes k and k + 1. */
static inline double rdl_midpoint(const struct rdl_block_grid *grid, int k)
{
    return 0.5 * (rdl_block_value(grid, k) + rdl_block_value(grid, k + 1));
}

/*
 * Starts with y = sign (x - base) just after a time; weights of factor 0 take no part. With room
 * for a list, n (count - 1) breakpoints, all are sorted first; NULL: a heap, which is as good and
 * quicker.
 */
void rdl_walk_start(struct rdl_walk *walk, const struct rdl_block *block, double sign, double base,
                    double time, struct rdl_breakpoint *room);

/* Passes one breakpoint; false if there is none left. */
bool rdl_walk_step(struct rdl_walk *walk, struct rdl_step *step);

/*
 * Says whether the next breakpoint has this time too. States amid breakpoints of one time are not
 * scored, so that the order of these is nothing, and need not be: there their error is that of the
 * states on both sides, and were it less at another scale, the state of that scale would be as
 * good.
 */
static inline bool rdl_walk_is_tied(const struct rdl_walk *walk, double time)
{
    return walk->count > 0 && walk->next->time == time;
}

/*
 * The best codes for scales of one sign (1 or -1): replaces those of a score (sum w x v)^2 /
 * sum w v^2 that is lower than that of a state between two times. Scores are that part of
 * sum w x^2 which the codes explain with their best scale.
 */
void rdl_walk_scales(const struct rdl_block *block, double sign, double from, double to,
                     struct rdl_breakpoint *room, double *score, uint8_t *codes);

/* The best scale for codes that a search has found, and the codes that it leaves open; with score 0
 * there are none, and the best scale is 0. */
void rdl_finish_scale(const struct rdl_block *block, double score, uint8_t *codes,
                      struct rdl_block_fit *fit);

/*
 * Search for scale and offset, on grids of integers from 0: walks at constant offsets, the bases,
 * on which every state is scored with its own best scale and offset. The gain of codes is what
 * these explain of sum w x^2 beyond the best constant, sum w mean^2.
 */
struct rdl_line_search {
    const struct rdl_block *block;
    double w, mean;       /* sum w, sum w x / sum w */
    double offsets_above; /* states whose best offset is not above are left out */
    double gain;          /* of the best codes */
    uint8_t *codes;       /* of them; at first, of the best constant */
};

/* Any offset that the kind of grid knows. */
void rdl_start_lines(struct rdl_line_search *search, const struct rdl_block *block, uint8_t *codes);

/* Walks with codes of t (x - base), t > from. */
void rdl_walk_line(struct rdl_line_search *search, double base, double from,
                   struct rdl_breakpoint *room);

void rdl_finish_line(const struct rdl_line_search *search, struct rdl_block_fit *fit);

#endif
