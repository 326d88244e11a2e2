/* Breakpoints in a heap: the earliest is on top; of those of one time, that of the first weight. */
#ifndef RDL_REF_BREAKPOINT_HEAP_H
#define RDL_REF_BREAKPOINT_HEAP_H

#include <stdbool.h>

struct rdl_breakpoint {
    double time;
    int element;
};

/* Moves the breakpoint at a place down to where no later one is above it. */
void rdl_breakpoint_sift(struct rdl_breakpoint *heap, int count, int place);

void rdl_breakpoint_heap(struct rdl_breakpoint *heap, int count);

#endif
