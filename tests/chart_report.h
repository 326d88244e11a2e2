/* Charts of reports that a test writes. */
#ifndef ROUNDEL_TESTS_CHART_REPORT_H
#define ROUNDEL_TESTS_CHART_REPORT_H

#include "chart_image.h"
#include "program.h"

#include <stdbool.h>

#define REPORT(command, members)                                                                   \
    "{\"roundel\": {\"command\": \"" command "\", \"version\": \"0.1.0\", \"compiler\": \"GNU\", " \
    "\"flags\": \"-O3\", \"commit\": \"abc\"}, " members "}"

/* The directory of one test, and its fixture. */
extern char *chart_directory;
void chart_setup(void);
void chart_teardown(void);

/* Plots the report, which becomes r.json, into f.png. */
struct program_result chart_run(const char *report, const char *options);

/* The same, which must work and say nothing. */
cairo_surface_t *chart_plot(const char *report, const char *options);

/* Opens f.png. */
cairo_surface_t *chart_open(void);

enum {
    CHART_BELOW_LEGEND = 46 * 300 / 72 /* pixels, where the legend has one line */
};

/* The pixels of a colour below a legend of one line. */
struct chart_spot chart_find_below(cairo_surface_t *image, unsigned colour);

/* Expects three marks, of the second, third and fourth series, at equal distances, to the right and
 * `up`. */
void chart_check_steps(cairo_surface_t *image, bool up);

/* A report that is refused: with what exit status, and in a line that says what. */
struct chart_refusal {
    const char *report, *options;
    int status;
    const char *said;
};
void chart_expect_refusal(const struct chart_refusal *refusal);

#endif
