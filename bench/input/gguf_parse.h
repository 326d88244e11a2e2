/* Parts of gguf_parse(). Their messages name key or tensor, not the file. */
#ifndef ROUNDEL_BENCH_GGUF_PARSE_H
#define ROUNDEL_BENCH_GGUF_PARSE_H

#include "gguf.h"

/* Bytes of the smallest record: a key of one character and one byte of value. */
enum {
    GGUF_VALUE_MIN_BYTES = 8 + 1 + 4 + 1
};

/* The smallest entry of the tensor table: a name of one character and no dimensions. */
enum {
    GGUF_TENSOR_MIN_BYTES = 8 + 1 + 4 + 4 + 8
};

/* One key/value record, number `index`. */
bool gguf_parse_value(struct cursor *cursor, uint64_t index, struct gguf_value *value,
                      struct error *error);

/* One entry of the tensor table. `tensor->offset` still counts from the data section. */
bool gguf_parse_tensor(struct cursor *cursor, uint64_t index, struct gguf_tensor *tensor,
                       struct error *error);

/* Checks where the tensors lie and makes their offsets count from the start of the file. */
bool gguf_place_tensors(struct gguf *gguf, struct error *error);

/* Sorts pointers to the tensors by where they lie; the caller frees. NULL without memory. */
struct gguf_tensor **gguf_tensors_by_offset(const struct gguf *gguf);

/* gguf_open() without a look at the other parts of a model. */
bool gguf_open_part(struct source *source, bool strict, struct tensor_list *list,
                    struct error *error);

/* `value` rounded up; `alignment` is a power of two. */
uint64_t gguf_pad(uint64_t value, uint64_t alignment);

#endif
