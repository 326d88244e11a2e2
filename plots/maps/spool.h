/* Values on their way through a temporary file without a name, in TMPDIR or /tmp. */
#ifndef ROUNDEL_PLOTS_SPOOL_H
#define ROUNDEL_PLOTS_SPOOL_H

#include "error.h"
#include <stddef.h>

struct spool {
    int fd; /* -1: closed */
};

bool spool_open(struct spool *spool, struct error *error);
bool spool_write(struct spool *spool, const void *bytes, size_t size, struct error *error);

/* Maps what was written, `size` bytes > 0, and closes the file; NULL on failure. */
const void *spool_map(struct spool *spool, size_t size, struct error *error);
void spool_unmap(const void *bytes, size_t size);

void spool_close(struct spool *spool);

#endif
