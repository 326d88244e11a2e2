#include "bandwidth.h"

#include "roundel.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/*
 * Four vectors a turn: enough to hide the loop's own instructions. The stored word is no repeated
 * byte, so that no compiler makes a memset of the loop; a bitwise or needs no floating-point
 * environment.
 */
#define BANDWIDTH_LOOPS(bytes, attributes, stream)                                                 \
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
    static const struct bandwidth_loops loops##bytes = {bytes, store##bytes, stream, read##bytes};

#if defined(__x86_64__)

/* Four stores a turn, as above. */
#define STREAM_LOOP(bytes, attributes, vector, value, store)                                       \
    attributes static void stream##bytes(void *memory, size_t size)                                \
    {                                                                                              \
        vector *to = memory;                                                                       \
        for (size_t i = 0; i < size / bytes; i += 4) {                                             \
            store(to + i, value);                                                                  \
            store(to + i + 1, value);                                                              \
            store(to + i + 2, value);                                                              \
            store(to + i + 3, value);                                                              \
        }                                                                                          \
        _mm_sfence();                                                                              \
    }

STREAM_LOOP(16, , __m128i, _mm_set1_epi32(0x3f800000), _mm_stream_si128)
STREAM_LOOP(32, __attribute__((target("avx2"))), __m256i, _mm256_set1_epi32(0x3f800000),
            _mm256_stream_si256)
STREAM_LOOP(64, __attribute__((target("avx512f"))), __m512i, _mm512_set1_epi32(0x3f800000),
            _mm512_stream_si512)

BANDWIDTH_LOOPS(16, , stream16)
BANDWIDTH_LOOPS(32, __attribute__((target("avx2"))), stream32)
BANDWIDTH_LOOPS(64, __attribute__((target("avx512f"))), stream64)
#else
BANDWIDTH_LOOPS(16, , store16) /* there is no portable store past the caches */
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
