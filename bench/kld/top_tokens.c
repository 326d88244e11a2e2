#include "top_tokens.h"

#include <stdbool.h>

/* Token a comes after token b. */
static bool is_behind(const float *x, uint32_t a, uint32_t b)
{
    return x[a] != x[b] ? x[a] < x[b] : a > b;
}

/* In a heap no entry is behind its children's: the root is the last of all. */
static void sift_down(const float *x, uint32_t *heap, uint32_t count)
{
    const uint32_t moved = heap[0];
    uint64_t at = 0;
    for (;;) {
        uint64_t child = 2 * at + 1;
        if (child + 1 < count && is_behind(x, heap[child + 1], heap[child]))
            child++;
        if (child >= count || !is_behind(x, heap[child], moved))
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = moved;
}

static void sift_up(const float *x, uint32_t *heap, uint32_t at)
{
    const uint32_t moved = heap[at];
    while (at > 0 && is_behind(x, moved, heap[(at - 1) / 2])) {
        heap[at] = heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    heap[at] = moved;
}

void top_tokens(const float *x, uint32_t n, uint32_t count, uint32_t *indices)
{
    for (uint32_t i = 0; i < count; i++) {
        indices[i] = i;
        sift_up(x, indices, i);
    }
    for (uint32_t i = count; count > 0 && i < n; i++)
        if (is_behind(x, indices[0], i)) {
            indices[0] = i;
            sift_down(x, indices, count);
        }
    for (uint32_t left = count; left > 1; left--) {
        const uint32_t last = indices[0];
        indices[0] = indices[left - 1];
        sift_down(x, indices, left - 1);
        indices[left - 1] = last;
    }
}

uint32_t tokens_above(const float *x, uint32_t n, uint32_t index)
{
    uint32_t above = 0;
    for (uint32_t i = 0; i < n; i++)
        above += x[i] > x[index];
    return above;
}
