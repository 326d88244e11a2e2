/* What the readers of models have in common: a file gives its tensors, under their GGUF names, and
 * the model's shape. */
#ifndef ROUNDEL_BENCH_LLAMA_FILE_H
#define ROUNDEL_BENCH_LLAMA_FILE_H

#include "llama_model.h"

/* Each appends the tensors and fills the shape. As gguf_open(): the list owns the source where all
 * went well. */
bool llama_gguf_open(struct source *source, struct tensor_list *list, struct llama_shape *shape,
                     struct error *error);
bool llama2c_open(struct source *source, struct tensor_list *list, struct llama_shape *shape,
                  struct error *error);

enum {
    LLAMA_NAME = 48
};
/* The GGUF name of a tensor by its number. */
const char *llama_tensor_name(size_t index, char name[LLAMA_NAME]);

/* Its rows and columns; a vector has one row. */
struct llama_extent {
    uint64_t rows, columns;
};
struct llama_extent llama_extent_of(const struct llama_shape *shape, size_t index);

/* False, with a message, for a shape that no model has: see struct llama_shape. */
bool llama_check_shape(const struct llama_shape *shape, struct error *error);

#endif
