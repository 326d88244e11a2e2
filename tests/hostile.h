/* Byte strings for tests of file readers. */
#ifndef ROUNDEL_TESTS_HOSTILE_H
#define ROUNDEL_TESTS_HOSTILE_H

#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Numbers are stored as the host has them, which is little-endian. */
struct bytes {
    uint8_t *data;
    size_t size, capacity;
};

static inline void put(struct bytes *bytes, const void *data, size_t size)
{
    if (bytes->capacity - bytes->size < size) {
        bytes->capacity = 2 * bytes->capacity + size;
        bytes->data = realloc(bytes->data, bytes->capacity);
        ck_assert_ptr_nonnull(bytes->data);
    }
    if (size > 0) {
        memcpy(bytes->data + bytes->size, data, size);
    }
    bytes->size += size;
}

static inline void put_u32(struct bytes *bytes, uint32_t value)
{
    put(bytes, &value, sizeof value);
}

static inline void put_u64(struct bytes *bytes, uint64_t value)
{
    put(bytes, &value, sizeof value);
}

static inline void put_f32(struct bytes *bytes, float value)
{
    put(bytes, &value, sizeof value);
}

static inline void put_text(struct bytes *bytes, const char *text)
{
    put(bytes, text, strlen(text));
}

static inline void put_repeated(struct bytes *bytes, uint8_t byte, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        put(bytes, &byte, 1);
    }
}

static inline void put_padding(struct bytes *bytes, size_t alignment)
{
    put_repeated(bytes, 0, (alignment - bytes->size % alignment) % alignment);
}

/* The same bytes in a block of exactly their size, so that a sanitizer sees any read behind them.
 */
static inline uint8_t *exact_copy(const struct bytes *bytes)
{
    uint8_t *copy = malloc(bytes->size > 0 ? bytes->size : 1);
    ck_assert_ptr_nonnull(copy);
    if (bytes->size > 0) {
        memcpy(copy, bytes->data, bytes->size);
    }
    return copy;
}

static inline void bytes_free(struct bytes *bytes)
{
    free(bytes->data);
    *bytes = (struct bytes){0};
}

#endif
