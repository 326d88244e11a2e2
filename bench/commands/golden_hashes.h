/*
 * Hashes of what every encoder and decoder makes of the tensor of golden_input.h, built into the
 * program: they tell whether this build, on this machine, gives the bytes it should.
 *
 * They are XXH3-64 of the blocks of all rows, and of the values decoded from these. They stand in
 * golden_hashes.def, and come from a build that agrees with the golden vectors. That vouches for
 * `ggml`, `ggml-reduced` and the decoders; for other roundings, which the reference does not have,
 * a hash says only that the bytes are the same everywhere and have not changed.
 */
#ifndef ROUNDEL_BENCH_GOLDEN_HASHES_H
#define ROUNDEL_BENCH_GOLDEN_HASHES_H

#include "error.h"
#include "roundel.h"

#include <stdio.h>

/* What a hash is about. */
struct hash_key {
    enum rdl_format format;
    enum rdl_rounding rounding;
    enum rdl_weighting weighting;
    bool has_importance;
};

/* "plain" or "importance". */
const char *hash_importance_name(bool has_importance);

struct hash_pair {
    uint64_t encoded, decoded;
};

/* One key on one target. */
struct hash_check {
    struct hash_key key;
    enum rdl_target target;
    bool known;            /* golden_hashes.def has the key */
    bool encodes, decodes; /* the target has a kernel; what it has not is not compared */
    struct hash_pair expected, actual;
};

/* True if the key is known and every kernel of the target gives its hash. */
bool hash_check_passed(const struct hash_check *check);

struct hash_result {
    struct hash_check *checks; /* by key and target */
    size_t count, capacity;
};

/*
 * Checks every encoder of the library, with its format's decoder, on each of the targets (a set of
 * bits 1u << target that the CPU has). A decoder is given what the plain C encoder makes, so
 * that it is checked also where its target has no encoder. False without memory, or if the input is
 * not what it was when the hashes were made: differences are no error.
 */
bool golden_hashes_check(unsigned targets, struct hash_result *result, struct error *error);

void hash_result_free(struct hash_result *result);

/* Writes golden_hashes.def as the plain C kernels of this build make it. */
bool golden_hashes_print(FILE *out, struct error *error);

/* Rows of golden_hashes.def that no encoder of the library has use for; 0 unless one was removed.
 */
size_t golden_hashes_stale(void);

#endif
