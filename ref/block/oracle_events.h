/*
 * Events of a sweep, for the oracles: as an inverse scale t grows, the code of an element changes
 * whenever t times the element crosses the middle between two values.
 *
 * Their order is total, (time, element, level), so that results do not depend on how a sort treats
 * equal keys. The events of one element come in ascending order by construction: merging such runs
 * pair by pair takes log2(elements) passes instead of log2(events).
 */
#ifndef RDL_REF_ORACLE_EVENTS_H
#define RDL_REF_ORACLE_EVENTS_H

#include <stddef.h>
#include <stdint.h>

struct rdl_event {
    double time;
    uint8_t element, level;
};

/*
 * Sorts runs of events: run r is events[starts[r] .. starts[r + 1]), ascending, of elements lower
 * than those of run r + 1. The buffer has room for all of them; starts are overwritten. Returns the
 * array that holds the result: events or buffer.
 */
const struct rdl_event *rdl_merge_events(struct rdl_event *events, struct rdl_event *buffer,
                                         size_t *starts, int runs);

#endif
