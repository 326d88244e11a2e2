#include "block/breakpoint_heap.h"

static bool is_before(const struct rdl_breakpoint *a, const struct rdl_breakpoint *b)
{
    return a->time < b->time || (a->time == b->time && a->element < b->element);
}

void rdl_breakpoint_sift(struct rdl_breakpoint *heap, int count, int place)
{
    const struct rdl_breakpoint moved = heap[place];
    for (int child = 2 * place + 1; child < count; child = 2 * place + 1) {
        if (child + 1 < count && is_before(&heap[child + 1], &heap[child]))
            child++;
        if (!is_before(&heap[child], &moved))
            break;
        heap[place] = heap[child];
        place = child;
    }
    heap[place] = moved;
}

void rdl_breakpoint_heap(struct rdl_breakpoint *heap, int count)
{
    for (int place = count / 2 - 1; place >= 0; place--)
        rdl_breakpoint_sift(heap, count, place);
}
