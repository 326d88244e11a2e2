/* Files of bare little-endian binary32 numbers. */
#ifndef ROUNDEL_BENCH_RAW_H
#define ROUNDEL_BENCH_RAW_H

#include "tensor.h"

/*
 * Appends the one tensor of the file under the given name. `shape` is "ROWSxCOLS", which must
 * account for the file to the byte, or NULL, which is refused with a message that says how many
 * numbers the file holds. On success the list owns the source (from malloc); on failure the list is
 * as before and the caller closes and frees the source. Messages name the file.
 */
bool raw_open(struct source *source, const char *name, const char *shape, struct tensor_list *list,
              struct error *error);

#endif
