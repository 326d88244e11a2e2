#include "block/oracle_events.h"

#include <string.h>

/* Of equal times the first run's come first: its elements are the lower ones. */
static void merge(const struct rdl_event *first, size_t first_count, const struct rdl_event *second,
                  size_t second_count, struct rdl_event *to)
{
    const struct rdl_event *const first_end = first + first_count;
    const struct rdl_event *const second_end = second + second_count;
    while (first != first_end && second != second_end) {
        const size_t take_second = second->time < first->time;
        *to++ = *(take_second ? second : first);
        second += take_second;
        first += 1 - take_second;
    }
    memcpy(to, first, (size_t)(first_end - first) * sizeof *to);
    memcpy(to + (first_end - first), second, (size_t)(second_end - second) * sizeof *to);
}

const struct rdl_event *rdl_merge_events(struct rdl_event *events, struct rdl_event *buffer,
                                         size_t *starts, int runs)
{
    while (runs > 1) {
        int merged = 0;
        for (int r = 0; r < runs; r += 2) {
            const size_t begin = starts[r], middle = starts[r + 1];
            const size_t end = r + 1 < runs ? starts[r + 2] : middle;
            merge(events + begin, middle - begin, events + middle, end - middle, buffer + begin);
            starts[merged++] = begin;
            starts[merged] = end;
        }
        runs = merged;
        struct rdl_event *const sorted = buffer;
        buffer = events;
        events = sorted;
    }
    return events;
}
