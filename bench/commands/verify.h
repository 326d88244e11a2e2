/* The things that `roundel verify` checks. Each prints text, or writes JSON, or both. */
#ifndef ROUNDEL_BENCH_VERIFY_H
#define ROUNDEL_BENCH_VERIFY_H

#include "output.h"
#include <stdint.h>

struct verify_options {
    const char *golden; /* directory of golden vectors; NULL for the built-in hashes */
    const char *manifest;
    const char *models[2];  /* of --manifest and --compare */
    const char *sources[2]; /* what the models of --compare were quantized from */
    unsigned nmodels, nsources;
    struct output *json; /* open; NULL for none, stdout instead of text */
    unsigned targets;    /* set of bits 1u << target, not empty; this machine has all of them */
    uint64_t seed;       /* of verify_agreement() */
};

/* The result is an exit status; the output is ended where it is STATUS_OK or STATUS_DIFFERENT; the
 * error is filled unless it is STATUS_OK or STATUS_DIFFERENT. */
int verify_golden(const struct verify_options *options, struct error *error);
int verify_hashes(const struct verify_options *options, struct error *error);
int verify_agreement(const struct verify_options *options, struct error *error);
int verify_compare(const struct verify_options *options, struct error *error);
int verify_manifest(const struct verify_options *options, struct error *error);

/* True if text goes to stdout. */
bool verify_prints_table(const struct verify_options *options);

#endif
