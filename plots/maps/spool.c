#include "spool.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const char *directory(void)
{
    const char *variable = getenv("TMPDIR");
    return variable && *variable ? variable : "/tmp";
}

static bool failed(struct error *error)
{
    return fail(error, "cannot write a temporary file in '%s': %s", directory(), strerror(errno));
}

bool spool_open(struct spool *spool, struct error *error)
{
    char path[4096];
    spool->fd = -1;
    const int length = snprintf(path, sizeof path, "%s/roundel-XXXXXX", directory());
    if (length < 0 || (size_t)length >= sizeof path)
        return fail(error, "the path of the temporary directory is too long");
    spool->fd = mkstemp(path);
    return spool->fd >= 0 && unlink(path) == 0 ? true : failed(error);
}

bool spool_write(struct spool *spool, const void *bytes, size_t size, struct error *error)
{
    const uint8_t *next = bytes;
    while (size > 0) {
        const ssize_t written = write(spool->fd, next, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return failed(error);
        next += written;
        size -= (size_t)written;
    }
    return true;
}

const void *spool_map(struct spool *spool, size_t size, struct error *error)
{
    void *bytes = mmap(NULL, size, PROT_READ, MAP_SHARED, spool->fd, 0);
    if (bytes == MAP_FAILED) {
        (void)failed(error);
        bytes = NULL;
    }
    spool_close(spool);
    return bytes;
}

void spool_unmap(const void *bytes, size_t size)
{
    union {
        const void *read_only;
        void *mapped;
    } pointer = {bytes};
    if (bytes)
        munmap(pointer.mapped, size);
}

void spool_close(struct spool *spool)
{
    if (spool->fd >= 0)
        close(spool->fd);
    spool->fd = -1;
}
