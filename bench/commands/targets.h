/* The parts of `roundel targets`: what this machine offers, and what the library runs on it. */
#ifndef ROUNDEL_BENCH_TARGETS_H
#define ROUNDEL_BENCH_TARGETS_H

#include "target_choice.h"
#include "topology.h"

#include <jansson.h>

/* What a format's encoders are on a target: those with and without importance count apart. */
struct format_support {
    unsigned encoders;     /* that the target has */
    unsigned all_encoders; /* that there are: what the scalar target has */
    bool decodes;
};
struct format_support targets_support(enum rdl_format format, enum rdl_target target);

/* The targets that a format's encoders run on by this choice: a set of bits. */
unsigned targets_encoding(const struct target_choice *choice, enum rdl_format format);

/* A row for each format: what its encoders and its decoder run on. False without memory. */
bool targets_print_formats(const struct target_choice *choice);

/* A row for each encoder and decoder. False without memory. */
bool targets_print_kernels(void);

/*
 * The body of `roundel targets --json`: members "cpu", "topology", "targets" (with "detected"),
 * "forced", "formats" (a summary), "encoders" and "decoders" (what the library holds). NULL without
 * memory.
 */
json_t *targets_json(const struct topology *topology, const struct target_choice *choice);

#endif
