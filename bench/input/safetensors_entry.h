/* One tensor's entry in the header of a safetensors file. */
#ifndef ROUNDEL_BENCH_SAFETENSORS_ENTRY_H
#define ROUNDEL_BENCH_SAFETENSORS_ENTRY_H

#include "json_walk.h"
#include "tensor.h"

/* The part of the file behind the header. */
struct safetensors_data {
    const struct source *source;
    uint64_t offset, size; /* bytes */
};

/*
 * Decodes {"dtype": ..., "shape": [...], "data_offsets": [begin, end]} into everything of a tensor
 * but its name. Dtype, shape and offsets agree with each other, and the offsets lie in the data.
 */
bool safetensors_entry(struct json_span text, const struct safetensors_data *data,
                       struct tensor *tensor, struct error *error);

#endif
