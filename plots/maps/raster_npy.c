/* The format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html */
#include "raster_npy.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum {
    HEADER = 128 /* magic, version, length, dictionary, blanks and a newline: a multiple of 64 */
};

static void fill_header(uint8_t header[HEADER], const struct raster *raster)
{
    static const uint8_t start[10] = {0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, HEADER - 10, 0};
    memset(header, ' ', HEADER);
    memcpy(header, start, sizeof start);
    char text[HEADER];
    const int length = snprintf(text, sizeof text,
                                "{'descr': '<f8', 'fortran_order': False, 'shape': (%zu, %zu), }",
                                raster->height, raster->width);
    memcpy(header + sizeof start, text, (size_t)length);
    header[HEADER - 1] = '\n';
}

bool raster_npy_write(struct output *output, const struct raster *raster, struct error *error)
{
    uint8_t header[HEADER];
    const size_t numel = raster->width * raster->height;
    fill_header(header, raster);
    if (fwrite(header, 1, sizeof header, output->file) == sizeof header &&
        fwrite(raster->values, sizeof(double), numel, output->file) == numel)
        return output_commit(output, error);
    const int reason = errno;
    output_abandon(output);
    return fail(error, "cannot write '%s': %s", output->path, strerror(reason));
}
