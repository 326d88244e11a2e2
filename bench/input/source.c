#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *kind_of_file(mode_t mode)
{
    return S_ISDIR(mode)    ? "a directory"
           : S_ISFIFO(mode) ? "a FIFO"
           : S_ISCHR(mode)  ? "a character device"
           : S_ISBLK(mode)  ? "a block device"
           : S_ISSOCK(mode) ? "a socket"
                            : "of an unknown kind";
}

static bool set_name(struct source *source, const char *name, struct error *error)
{
    source->name = strdup(name);
    return source->name || fail(error, "out of memory");
}

bool source_open_file(struct source *source, const char *path, struct error *error)
{
    /* Without O_NONBLOCK, opening a FIFO would wait for a writer. */
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return fail(error, "%s: %s", path, strerror(errno));
    struct stat status;
    if (fstat(fd, &status) != 0) {
        (void)fail(error, "%s: %s", path, strerror(errno));
        (void)close(fd);
        return false;
    }
    if (!S_ISREG(status.st_mode)) {
        (void)close(fd);
        return fail(error, "%s: is %s, not a regular file", path, kind_of_file(status.st_mode));
    }
    *source = (struct source){.fd = fd, .size = (uint64_t)status.st_size};
    if (!set_name(source, path, error)) {
        (void)close(fd);
        return false;
    }
    return true;
}

bool source_open_memory(struct source *source, const char *name, const void *bytes, uint64_t size,
                        struct error *error)
{
    /* An empty range may come with NULL, which would mean a file. */
    static const uint8_t nothing[1];
    *source = (struct source){.fd = -1, .bytes = bytes ? bytes : nothing, .size = size};
    return set_name(source, name, error);
}

static bool read_file(const struct source *source, uint64_t offset, uint8_t *out, size_t count,
                      struct error *error)
{
    while (count > 0) {
        /* POSIX leaves requests above SSIZE_MAX undefined, and Linux cuts at 2 GiB anyway. */
        size_t request = count < (size_t)1 << 30 ? count : (size_t)1 << 30;
        ssize_t got = pread(source->fd, out, request, (off_t)offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail(error, "reading at byte %" PRIu64 ": %s", offset, strerror(errno));
        if (got == 0)
            return fail(error,
                        "the file became shorter while it was read: it ends at or before byte "
                        "%" PRIu64 ", and had %" PRIu64 " bytes when it was opened",
                        offset, source->size);
        out += got;
        offset += (uint64_t)got;
        count -= (size_t)got;
    }
    return true;
}

bool source_read(const struct source *source, uint64_t offset, void *out, size_t count,
                 struct error *error)
{
    if (offset > source->size || count > source->size - offset)
        return fail(error,
                    "%zu bytes at byte %" PRIu64 " are wanted, but the file ends at %" PRIu64,
                    count, offset, source->size);
    if (count == 0)
        return true;
    if (!source->bytes)
        return read_file(source, offset, out, count, error);
    memcpy(out, source->bytes + offset, count);
    return true;
}

void source_close(struct source *source)
{
    if (!source->bytes && source->fd >= 0)
        (void)close(source->fd);
    free(source->name);
    *source = (struct source){.fd = -1};
}
