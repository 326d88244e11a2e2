/* Writes panoramas of the sample maps: viewer_page COSINES_FILE ANGLES_FILE NUMBERS_FILE */
#include "viewer.h"
#include "viewer_sample.h"

#include <stdio.h>
#include <stdlib.h>

static bool write_page(const char *path, enum sample_kind kind)
{
    struct sample sample;
    struct error error;
    sample_make(&sample, kind, 512);
    const bool done = viewer_write(path, sample.maps, sample.count, &sample.colouring,
                                   sample_hostile_title, &error);
    if (!done)
        fprintf(stderr, "%s\n", error.text);
    sample_free(&sample);
    return done;
}

int main(int argc, char **argv)
{
    return argc == 4 && write_page(argv[1], SAMPLE_COSINES) && write_page(argv[2], SAMPLE_ANGLES) &&
                   write_page(argv[3], SAMPLE_NUMBERS)
               ? EXIT_SUCCESS
               : EXIT_FAILURE;
}
