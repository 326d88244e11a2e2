/* Pieces of GGUF files for tests; nothing is checked, so that files can be wrong. */
#ifndef ROUNDEL_TESTS_GGUF_BUILDER_H
#define ROUNDEL_TESTS_GGUF_BUILDER_H

#include "gguf.h"
#include "hostile.h"

static inline void put_header(struct bytes *bytes, uint32_t version, uint64_t ntensors,
                              uint64_t nvalues)
{
    put_text(bytes, "GGUF");
    put_u32(bytes, version);
    put_u64(bytes, ntensors);
    put_u64(bytes, nvalues);
}

static inline void put_string(struct bytes *bytes, const char *text)
{
    put_u64(bytes, strlen(text));
    put_text(bytes, text);
}

static inline void put_key(struct bytes *bytes, const char *key, uint32_t type)
{
    put_string(bytes, key);
    put_u32(bytes, type);
}

static inline void put_key_u32(struct bytes *bytes, const char *key, uint32_t value)
{
    put_key(bytes, key, GGUF_VALUE_U32);
    put_u32(bytes, value);
}

static inline void put_key_string(struct bytes *bytes, const char *key, const char *value)
{
    put_key(bytes, key, GGUF_VALUE_STRING);
    put_string(bytes, value);
}

static inline void put_key_array(struct bytes *bytes, const char *key, uint32_t element,
                                 uint64_t count)
{
    put_key(bytes, key, GGUF_VALUE_ARRAY);
    put_u32(bytes, element);
    put_u64(bytes, count);
}

static inline void put_tensor_named(struct bytes *bytes, const void *name, size_t name_length,
                                    uint32_t ndims, const uint64_t *dims, uint32_t type,
                                    uint64_t offset)
{
    put_u64(bytes, name_length);
    put(bytes, name, name_length);
    put_u32(bytes, ndims);
    for (uint32_t i = 0; i < ndims && i < 5; i++) {
        put_u64(bytes, dims[i]);
    }
    put_u32(bytes, type);
    put_u64(bytes, offset);
}

/* A matrix in the tensor table. */
static inline void put_tensor(struct bytes *bytes, const char *name, uint64_t ncols, uint64_t nrows,
                              uint32_t type, uint64_t offset)
{
    const uint64_t dims[2] = {ncols, nrows};
    put_tensor_named(bytes, name, strlen(name), 2, dims, type, offset);
}

#endif
