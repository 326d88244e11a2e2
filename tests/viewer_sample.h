/* Maps whose values are simple functions of the direction, for tests of panoramas. */
#ifndef ROUNDEL_TESTS_VIEWER_SAMPLE_H
#define ROUNDEL_TESTS_VIEWER_SAMPLE_H

#include "map.h"

enum {
    SAMPLE_MAPS = 4
};

struct sample {
    size_t count; /* of maps */
    struct map maps[SAMPLE_MAPS];
    struct colouring colouring;
    double *values[SAMPLE_MAPS];
};

enum sample_kind {
    SAMPLE_COSINES,
    SAMPLE_ANGLES, /* with logarithmic colours; one map, with zeros */
    SAMPLE_NUMBERS /* of things; one map */
};

/* viewer_browser.mjs knows the formulas, too. */
void sample_make(struct sample *sample, enum sample_kind kind, size_t width);
void sample_free(struct sample *sample);

/* What ends a script, begins a comment, and closes strings. */
extern const char sample_hostile_title[];

#endif
