/* The tokens of logits files: one base, and any number of others of the same text. */
#ifndef ROUNDEL_BENCH_KLD_FILES_H
#define ROUNDEL_BENCH_KLD_FILES_H

#include "kld_tokens.h"
#include "logits_file.h"

struct kld_files {
    /* Filled by the caller; kld_files_read() fits the settings to the vocabulary. */
    struct kld_settings settings;
    const struct logits_file *base, *others;
    size_t nothers;
    /* Filled by kld_files_read(). */
    float *nll_base;           /* of each row of the base */
    struct kld_tokens *tokens; /* a list for each other */
    float largest_range;       /* of a row of the base */
    uint64_t at_minimum;       /* rows of the base whose target has the smallest number there is */
};

/*
 * Reads all rows, a few at a time, on as many threads as OpenMP gives. A row does not depend on
 * another: results are those of one thread. Fails at the first bad row. On false there is nothing
 * to free.
 */
bool kld_files_read(struct kld_files *files, struct error *error);

void kld_files_free(struct kld_files *files);

/* The clamp that the writer of the base used, 16 or 24; NaN where no row was wide enough to tell,
 * or it was another one. */
double kld_files_clamp(const struct kld_files *files);

#endif
