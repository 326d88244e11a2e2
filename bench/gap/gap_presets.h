/* The published tables: settings down the columns, methods down the rows. */
#ifndef ROUNDEL_GAP_PRESETS_H
#define ROUNDEL_GAP_PRESETS_H

#include "gap_measure.h"

struct gap_preset {
    const char *name;    /* "integers" */
    const char *summary; /* one line */
    const struct gap_setting *settings;
    size_t nsettings;
    const struct gap_method *methods;
    size_t nmethods;
};

/* NULL when there are no more. */
const struct gap_preset *gap_preset(size_t index);

#endif
