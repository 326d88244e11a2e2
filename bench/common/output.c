#include "output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool cannot_write(struct output *output, struct error *error)
{
    const int reason = errno;
    output_abandon(output);
    return fail(error, "cannot write '%s': %s", output->path, strerror(reason));
}

/* The permissions a new file gets from open(): mkstemp() gives fewer. */
static mode_t new_file_mode(void)
{
    const mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

static bool open_beside(struct output *output)
{
    const size_t size = strlen(output->path) + sizeof ".XXXXXX";
    output->temporary = malloc(size);
    if (!output->temporary)
        return false;
    snprintf(output->temporary, size, "%s.XXXXXX", output->path);
    const int fd = mkstemp(output->temporary);
    if (fd < 0) {
        free(output->temporary);
        output->temporary = NULL;
        return false;
    }
    output->file = fchmod(fd, new_file_mode()) == 0 ? fdopen(fd, "w") : NULL;
    if (!output->file)
        close(fd);
    return output->file != NULL;
}

bool output_open(struct output *output, const char *path, struct error *error)
{
    *output = (struct output){.path = path};
    if (strcmp(path, "-") == 0) {
        output->file = stdout;
        return true;
    }
    struct stat status;
    if (stat(path, &status) == 0 && !S_ISREG(status.st_mode))
        output->file = fopen(path, "w");
    else
        open_beside(output);
    return output->file || cannot_write(output, error);
}

bool output_commit(struct output *output, struct error *error)
{
    errno = EIO; /* why an earlier write failed is not known any more */
    bool written = !ferror(output->file) && fflush(output->file) == 0;
    if (output->file == stdout) {
        output->file = NULL;
        return written || cannot_write(output, error);
    }
    if (written && output->temporary)
        written = fsync(fileno(output->file)) == 0;
    if (fclose(output->file) != 0)
        written = false;
    output->file = NULL;
    if (written && output->temporary)
        written = rename(output->temporary, output->path) == 0;
    if (!written)
        return cannot_write(output, error);
    free(output->temporary);
    output->temporary = NULL;
    return true;
}

void output_abandon(struct output *output)
{
    if (output->file && output->file != stdout)
        fclose(output->file);
    output->file = NULL;
    if (output->temporary)
        unlink(output->temporary);
    free(output->temporary);
    output->temporary = NULL;
}
