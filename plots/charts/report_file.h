/* JSON reports that charts are made of. */
#ifndef ROUNDEL_PLOTS_REPORT_FILE_H
#define ROUNDEL_PLOTS_REPORT_FILE_H

#include "error.h"
#include <jansson.h>

/* The tree of the file; NULL, and an error that names the file, where there is none. */
json_t *report_file_read(const char *path, struct error *error);

struct report_origin;

/*
 * The tree of a report that the command wrote, and where it comes from; NULL, and an error that
 * names the file, where it is another. Several commands: their names with " or " between them.
 */
json_t *report_open(const char *path, const char *commands, struct report_origin *origin,
                    struct error *error);

/* NULL, and a sentence about it, where there is no such string. */
const char *report_get_string(const json_t *object, const char *key, struct error *error);

/* False, and a sentence about it, where there is no such number from `low` to `high`. */
bool report_get_number(const json_t *object, const char *key, double low, double high,
                       double *value, struct error *error);

/* What every report of the program says about itself; fit for printing. */
struct report_origin {
    char command[32], version[64], compiler[128], flags[512], commit[128];
};

/* False, and a sentence about it, where the tree is no report of roundel. */
bool report_get_origin(const json_t *tree, struct report_origin *origin, struct error *error);

#endif
