/* The command line: options of a command, their help, and one clear line for a mistake. */
#ifndef ROUNDEL_BENCH_OPTIONS_H
#define ROUNDEL_BENCH_OPTIONS_H

#include "error.h"
#include <stdint.h>

/* Exit status of every command. */
enum {
    STATUS_OK = 0,
    STATUS_DIFFERENT = 1, /* a comparison or verification failed */
    STATUS_USAGE = 2,     /* the command line, or a place for output that cannot be written to */
    STATUS_BAD_INPUT = 3,
    STATUS_INTERNAL = 4 /* out of memory, output that was open could not be written */
};

struct option_spec {
    int id;               /* of the command's own enumeration, > 0 */
    const char *name;     /* without dashes */
    const char *argument; /* what follows, in capitals; NULL for a flag */
    const char *help;
};

struct command {
    const char *name;                  /* "compare" */
    const char *summary;               /* one line for the list of commands */
    const char *arguments;             /* positional ones, for the usage line: "[INPUT...]" */
    const struct option_spec *options; /* ended by a zero id */
    const char *letters;     /* each for the first option with that initial; may be NULL */
    const char *more;        /* printed after the options: details, an example */
    void (*more_help)(void); /* prints tables after that; may be NULL */
};

/* Takes one option (id > 0) or one positional argument (id 0). */
typedef bool option_fn(void *context, int id, const char *value, struct error *error);

/*
 * Reads argv[1..argc-1] as GNU programs do (--name value, --name=value, -- ends options, a lone "-"
 * is positional) and calls `take` for each in order. False if the command has nothing to do but to
 * leave with *status: --help was printed to stdout, or a mistake to stderr.
 */
bool options_parse(const struct command *command, int argc, char **argv, option_fn *take,
                   void *context, int *status);

/* Prints "roundel COMMAND: message" to stderr and returns `status`. */
int command_fail(const struct command *command, int status, const struct error *error);

/* ------------------------------------------------------------------------------------------------
 * Values. On false the error names the option's value and the valid choices or range.
 */

/* A whole number low .. high. */
bool parse_number(const char *what, const char *text, uint64_t low, uint64_t high, uint64_t *value,
                  struct error *error);

/* One name of a list, case-insensitive; `what` is for the message: "format". */
bool parse_name(const char *what, const char *text, size_t length, const char *const *names,
                size_t count, unsigned *index, struct error *error);

/* Names separated by commas, or "all"; indices in the order given, each once. `indices` has room
 * for `count`. */
bool parse_names(const char *what, const char *text, const char *const *names, size_t count,
                 unsigned *indices, size_t *nindices, struct error *error);

/* Appends "NAME, NAME ..." to the message, as many as there is room for. */
void append_choices(struct error *error, const char *const *names, size_t count);

/* Names of a library axis as an array for the parsers above. */
typedef const char *axis_name_fn(unsigned value);
const char *axis_format(unsigned value);
const char *axis_rounding(unsigned value);
const char *axis_weighting(unsigned value);
const char *axis_target(unsigned value);
const char *axis_solver(unsigned value);
enum {
    AXIS_MAX = 64
};
/* Fills names until the function returns NULL; returns how many. */
size_t axis_names(axis_name_fn *name, const char *names[AXIS_MAX]);
/* parse_name() among the names of an axis. */
bool parse_axis(const char *what, const char *text, axis_name_fn *name, unsigned *index,
                struct error *error);

#endif
