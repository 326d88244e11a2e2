/*
 * Models in parts: NAME-00001-of-00005.gguf and so on, each a GGUF file with some of the tensors
 * and the keys split.no (from 0), split.count and split.tensors.count. The first has the metadata.
 */
#ifndef ROUNDEL_BENCH_GGUF_SPLIT_H
#define ROUNDEL_BENCH_GGUF_SPLIT_H

#include "gguf.h"

/* What a file says about the model that it is part of; count is 1 for one that is whole. */
struct gguf_split {
    uint64_t number, count;
    uint64_t tensors; /* of all parts */
};

/* Fails where the keys make no sense; the message does not name the file. */
bool gguf_split_of(const struct gguf *gguf, struct gguf_split *split, struct error *error);

/*
 * Appends the tensors of the other parts, which lie beside the first, `first`; its own are in the
 * list from `start` on. Every part must say that it is the one it is, none may have a tensor of
 * another, and together they must have as many as they say. Their sources become the list's.
 */
bool gguf_split_open_rest(const struct source *first, const struct gguf_split *split, bool strict,
                          struct tensor_list *list, size_t start, struct error *error);

#endif
