/*
 * Manifests: JSON that lists the tensors of a model with the hashes of their bytes.
 *
 *   {"roundel": {...}, "file": NAME, "bytes": N, "head": {"bytes": N, "xxh3_128": HASH},
 *    "tensors": [{"name": NAME, "type": "Q4_K", "shape": [rows, columns], "bytes": N,
 *                 "xxh3_128": HASH}, ...]}
 *
 * The head is all that comes before the data of the tensors: metadata and table.
 */
#ifndef ROUNDEL_BENCH_MANIFEST_H
#define ROUNDEL_BENCH_MANIFEST_H

#include "content_hash.h"
#include "output.h"
#include "quantize_plan.h"

/* Writes the manifest of a new file to an open output, which it commits, or abandons on false. */
bool manifest_write(const struct quantize_plan *plan, const XXH128_hash_t *hashes, const char *file,
                    struct output *output, struct error *error);

enum manifest_outcome {
    MANIFEST_SAME,
    MANIFEST_OTHER_BYTES,
    MANIFEST_OTHER_TYPE, /* type, shape or size */
    MANIFEST_MISSING,    /* in the manifest alone */
    MANIFEST_UNKNOWN     /* in the model alone */
};

const char *manifest_outcome_text(enum manifest_outcome outcome);

struct manifest_check {
    char *name; /* of a tensor; "(metadata)" for the head */
    enum manifest_outcome outcome;
};

struct manifest_result {
    struct manifest_check *checks;
    size_t count, capacity, differing;
};

/* Compares a model with a manifest. On false, for a file that cannot be read or is none, there is
 * nothing to free. */
bool manifest_check(const char *manifest, const char *model, struct manifest_result *result,
                    struct error *error);

void manifest_result_free(struct manifest_result *result);

#endif
