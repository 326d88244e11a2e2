/* safetensors files and sharded safetensors models. */
#ifndef ROUNDEL_BENCH_SAFETENSORS_H
#define ROUNDEL_BENCH_SAFETENSORS_H

#include "tensor.h"

/* Longest header, as in the reference implementation: 8 bytes of length and this many of JSON. */
#define SAFETENSORS_MAX_HEADER 100000000u

/*
 * Appends the tensors of a file, in the order of their data. The rules are the reference
 * implementation's: the data of the tensors fill the rest of the file without holes, overlaps or
 * trailing bytes, names are unique, every dtype is a known one. On success the list owns the source
 * (from malloc); on failure the list is as before and the caller closes and frees the source.
 * Messages name the file.
 *
 * Memory: the header's text, and at most half of the data's size plus some megabytes for the list;
 * a header that would need more is refused.
 */
bool safetensors_open(struct source *source, struct tensor_list *list, struct error *error);

/* True if the file begins with a possible length and an opening brace: the format has no magic. */
bool safetensors_recognised(const struct source *source);

/*
 * The same for all shards of a model, given its index (NAME.safetensors.index.json): shard after
 * shard in the order of their file names, which lie beside the index. Index and shards must name
 * the same tensors. The list owns the index's source and the shards'; after a failure perhaps some
 * of the shards'.
 */
bool safetensors_index_open(struct source *source, struct tensor_list *list, struct error *error);

#endif
