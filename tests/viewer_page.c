/* Writes the panorama of the sample maps: viewer_page FILE */
#include "viewer.h"
#include "viewer_sample.h"

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    struct sample sample;
    struct error error;
    if (argc != 2)
        return EXIT_FAILURE;
    sample_make(&sample);
    const bool done = viewer_write(argv[1], sample.maps, SAMPLE_MAPS, &sample.colouring,
                                   sample_hostile_title, &error);
    if (!done)
        fprintf(stderr, "%s\n", error.text);
    sample_free(&sample);
    return done ? EXIT_SUCCESS : EXIT_FAILURE;
}
