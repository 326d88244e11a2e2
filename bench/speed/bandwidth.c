#include "bandwidth.h"

#include "roundel.h"

/*
 * Four vectors a turn: enough to hide the loop's own instructions. The stored word is no repeated
 * byte, so that no compiler makes a memset of the loop; a bitwise or needs no floating-point
 * environment.
 */
#define BANDWIDTH_LOOPS(bytes, attributes)                                                         \
    typedef uint32_t vector##bytes __attribute__((vector_size(bytes), may_alias));                 \
                                                                                                   \
    attributes static void store##bytes(void *memory, size_t size)                                 \
    {                                                                                              \
        const vector##bytes value = (vector##bytes){0} + 0x3f800000u;                              \
        vector##bytes *to = memory;                                                                \
        for (size_t i = 0; i < size / bytes; i += 4) {                                             \
            to[i] = value;                                                                         \
            to[i + 1] = value;                                                                     \
            to[i + 2] = value;                                                                     \
            to[i + 3] = value;                                                                     \
        }                                                                                          \
    }                                                                                              \
                                                                                                   \
    attributes static void read##bytes(const void *memory, size_t size, void *sink)                \
    {                                                                                              \
        const vector##bytes *from = memory;                                                        \
        vector##bytes a = {0}, b = {0}, c = {0}, d = {0};                                          \
        for (size_t i = 0; i < size / bytes; i += 4) {                                             \
            a |= from[i];                                                                          \
            b |= from[i + 1];                                                                      \
            c |= from[i + 2];                                                                      \
            d |= from[i + 3];                                                                      \
        }                                                                                          \
        *(vector##bytes *)sink = (a | b) | (c | d);                                                \
    }                                                                                              \
                                                                                                   \
    static const struct bandwidth_loops loops##bytes = {bytes, store##bytes, read##bytes};

BANDWIDTH_LOOPS(16, )

#if defined(__x86_64__)
BANDWIDTH_LOOPS(32, __attribute__((target("avx2"))))
BANDWIDTH_LOOPS(64, __attribute__((target("avx512f"))))
#endif

const struct bandwidth_loops *bandwidth_loops(unsigned targets)
{
#if defined(__x86_64__)
    if (targets & 1u << RDL_AVX512)
        return &loops64;
    if (targets & 1u << RDL_AVX2)
        return &loops32;
#endif
    (void)targets;
    return &loops16;
}
