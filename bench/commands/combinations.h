/* What goes with what: formats, roundings, ways to store scales, weightings. */
#ifndef ROUNDEL_BENCH_COMBINATIONS_H
#define ROUNDEL_BENCH_COMBINATIONS_H

#include "contest.h"
#include "options.h"

/* Says whether the library has the combination, on any target. */
bool combination_exists(enum rdl_format format, enum rdl_rounding rounding, enum rdl_scales scales,
                        enum rdl_weighting weighting);

/* The same for some weighting; `native` or another. */
bool combination_has_rounding(enum rdl_format format, enum rdl_rounding rounding);

/* Says whether there is a choice of how the rounding stores scales. */
bool combination_has_scales(enum rdl_format format, enum rdl_rounding rounding);

/* "scales": default, max, qp ... as an axis. */
const char *axis_scales(unsigned value);

/* The rounding, with "/SCALES" and ":WEIGHTING" where they are not what it has by itself: "exact",
 * "exact/qp:uniform". */
enum {
    CONTESTANT_LABEL = 80
};
const char *contestant_label(const struct contestant *contestant, char label[CONTESTANT_LABEL]);

/* The tables of all that exists, formats that have the same together; for --help. */
void combinations_print(void);

#endif
