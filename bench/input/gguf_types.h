/* The tensor types that occur in GGUF files, Roundel's own and all others. */
#ifndef ROUNDEL_BENCH_GGUF_TYPES_H
#define ROUNDEL_BENCH_GGUF_TYPES_H

#include <stdbool.h>
#include <stdint.h>

enum {
    GGUF_F32 = 0,
    GGUF_F16 = 1,
    GGUF_F64 = 28,
    GGUF_BF16 = 30
};

struct gguf_type {
    uint32_t id;
    const char *name;
    uint32_t block_length; /* elements; a row is a whole number of blocks */
    uint32_t block_bytes;
    uint32_t row_bytes; /* metadata of each row besides its blocks (ik_llama.cpp), 0 elsewhere */
};

/* The type of an id, or NULL if no tensor of it can be measured: then gguf_type_refusal says why.
 */
const struct gguf_type *gguf_type_find(uint32_t id);

/* The type of a name, "Q4_K", or NULL. */
const struct gguf_type *gguf_type_named(const char *name);

/* "was removed from ggml ...": goes after "type 31". */
const char *gguf_type_refusal(uint32_t id);

/* Bytes of nrows rows of ncols elements; false on overflow. ncols must be a multiple of the block.
 */
bool gguf_type_bytes(const struct gguf_type *type, uint64_t ncols, uint64_t nrows, uint64_t *bytes);

#endif
