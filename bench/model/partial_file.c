#include "partial_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static bool cannot_write(const char *path, struct error *error)
{
    return fail(error, "cannot write '%s': %s", path, strerror(errno));
}

char *partial_path(const char *out, const char *ending, struct error *error)
{
    const size_t size = strlen(out) + strlen(ending) + 2;
    char *path = malloc(size);
    if (path)
        snprintf(path, size, "%s.%s", out, ending);
    else
        (void)fail(error, "out of memory");
    return path;
}

/* ------------------------------------------------------------------------------------------------
 * Opening
 */

static bool check_place(const char *out, struct error *error)
{
    struct stat status;
    return stat(out, &status) != 0 || S_ISREG(status.st_mode) ||
           fail(error, "cannot write '%s': it is no regular file", out);
}

/* Who holds the lock of the file that has the name may write it; between opening and locking, its
 * last owner may have renamed it. */
static bool is_still_there(const struct partial_file *file)
{
    struct stat opened, named;
    return fstat(file->fd, &opened) == 0 && stat(file->path, &named) == 0 &&
           opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

static bool lock(const struct partial_file *file, struct error *error)
{
    if (flock(file->fd, LOCK_EX | LOCK_NB) == 0 && is_still_there(file))
        return true;
    return fail(error, "'%s' is being written by another process", file->path);
}

bool partial_open(struct partial_file *file, const char *out, struct error *error)
{
    *file = (struct partial_file){.fd = -1, .out = out};
    if (!check_place(out, error))
        return false;
    file->path = partial_path(out, "partial", error);
    if (!file->path)
        return false;
    file->fd = open(file->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (file->fd < 0 ? cannot_write(file->path, error) : lock(file, error))
        return true;
    partial_close(file);
    return false;
}

/* What the file has already counts; file systems that do not tell how large they are say 0. */
bool partial_expect_room(const struct partial_file *file, uint64_t size, struct error *error)
{
    struct statvfs system;
    struct stat status;
    if (fstatvfs(file->fd, &system) != 0 || fstat(file->fd, &status) != 0 || system.f_blocks == 0)
        return true;
    const uint64_t have = (uint64_t)status.st_blocks * 512;
    const uint64_t room = (uint64_t)system.f_bavail * system.f_frsize + have;
    return size <= room ||
           fail(error, "'%s' would take %llu bytes, and its file system has room for %llu",
                file->out, (unsigned long long)size, (unsigned long long)room);
}

/* ------------------------------------------------------------------------------------------------
 * Writing
 */

bool partial_cut(struct partial_file *file, uint64_t size, struct error *error)
{
    return ftruncate(file->fd, (off_t)size) == 0 || cannot_write(file->path, error);
}

bool partial_write(struct partial_file *file, uint64_t offset, const void *bytes, size_t size,
                   struct error *error)
{
    const uint8_t *next = bytes;
    while (size > 0) {
        const ssize_t written = pwrite(file->fd, next, size, (off_t)offset);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return cannot_write(file->path, error);
        next += written;
        offset += (uint64_t)written;
        size -= (size_t)written;
    }
    return true;
}

/* A rename is on the disk when its directory is. File systems that cannot sync directories have
 * other ways; this is no error. */
static void sync_directory(const char *path)
{
    char *directory = strdup(path);
    if (!directory)
        return;
    char *slash = strrchr(directory, '/');
    if (slash)
        slash[slash == directory] = '\0';
    const int fd = open(slash ? directory : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        (void)fsync(fd);
        close(fd);
    }
    free(directory);
}

bool partial_commit(struct partial_file *file, struct error *error)
{
    if (fsync(file->fd) != 0 || rename(file->path, file->out) != 0)
        return cannot_write(file->out, error);
    sync_directory(file->out);
    return true;
}

void partial_remove(struct partial_file *file)
{
    unlink(file->path);
}

void partial_close(struct partial_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    free(file->path);
    *file = (struct partial_file){.fd = -1};
}
