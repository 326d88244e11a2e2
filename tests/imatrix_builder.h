/* Pieces of importance matrices for tests; nothing is checked, so that files can be wrong. */
#ifndef ROUNDEL_TESTS_IMATRIX_BUILDER_H
#define ROUNDEL_TESTS_IMATRIX_BUILDER_H

#include "gguf_builder.h"
#include "hostile.h"

/* An entry of a .dat file. */
static inline void put_entry(struct bytes *bytes, const char *name, uint32_t ncall, uint32_t nval,
                             const float *values, size_t nvalues)
{
    put_u32(bytes, (uint32_t)strlen(name));
    put_text(bytes, name);
    put_u32(bytes, ncall);
    put_u32(bytes, nval);
    put(bytes, values, nvalues * sizeof *values);
}

/* The end of one. */
static inline void put_tail(struct bytes *bytes, uint32_t chunks, const char *dataset)
{
    put_u32(bytes, chunks);
    put_u32(bytes, (uint32_t)strlen(dataset));
    put_text(bytes, dataset);
}

/* A tensor of a GGUF file, 32 bytes of data each. */
struct gguf_matrix {
    const char *name; /* NULL for an absent tensor */
    uint64_t ncols, nrows;
    uint32_t type;
    float values[8];
};

static inline void put_matrices(struct bytes *bytes, const struct gguf_matrix *matrices,
                                size_t count)
{
    uint64_t offset = 0;
    for (size_t i = 0; i < count; i++) {
        put_tensor(bytes, matrices[i].name, matrices[i].ncols, matrices[i].nrows, matrices[i].type,
                   offset);
        offset += 32;
    }
    put_padding(bytes, 32);
    for (size_t i = 0; i < count; i++) {
        put(bytes, matrices[i].values, sizeof matrices[i].values);
    }
}

enum {
    IMATRIX_KEYS = 4
};

/* The keys of 5 chunks of `chunk_size` tokens, from "one" and "two". */
static inline void put_imatrix_keys(struct bytes *bytes, uint32_t chunk_size)
{
    put_key_string(bytes, "general.type", "imatrix");
    put_key_array(bytes, "imatrix.datasets", GGUF_VALUE_STRING, 2);
    put_string(bytes, "one");
    put_string(bytes, "two");
    put_key_u32(bytes, "imatrix.chunk_count", 5);
    put_key_u32(bytes, "imatrix.chunk_size", chunk_size);
}

/* A whole GGUF file. */
static inline void put_gguf_imatrix(struct bytes *bytes, uint32_t chunk_size,
                                    const struct gguf_matrix *matrices, size_t count)
{
    put_header(bytes, 3, count, IMATRIX_KEYS);
    put_imatrix_keys(bytes, chunk_size);
    put_matrices(bytes, matrices, count);
}

#endif
