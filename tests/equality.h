/*
 * The equality harness: two encoders, or two decoders, must agree bit for bit on random and on
 * pathological data, in every shape, with every placement in memory, and touch nothing else.
 *
 * What a candidate owes (kernels/kernel.h) and the harness checks:
 *  - the bytes of the reference; where the reference's scale overflows, so that the bytes are not
 *    specified, a scale that is not finite as well;
 *  - every byte of the destination, whatever was there before;
 *  - no access outside the buffers, which lie flush against inaccessible pages, before and behind;
 *    no write to the source, which is read-only; no write beside the destination;
 *  - the same bytes for a block wherever it lies and whatever lies beside it (equality_lanes.c).
 */
#ifndef ROUNDEL_TESTS_EQUALITY_H
#define ROUNDEL_TESTS_EQUALITY_H

#include "error.h"
#include "kernel.h"

struct encoder_pair {
    const char *name; /* of the candidate, for messages */
    const struct rdl_format_info *info;
    bool with_importance;
    rdl_encode_fn *reference, *candidate;
    rdl_decode_fn *decode; /* tells which scales overflow */
    size_t scratch_size;   /* that the candidate asks for; the reference gets as much */
    const void *tables;    /* of the format; NULL if it has none */
};

struct decoder_pair {
    const char *name;
    const struct rdl_format_info *info;
    rdl_decode_fn *reference, *candidate;
};

/*
 * True if the candidate passes. Else the error names candidate, seed, fill, shape and placement,
 * and row, block and byte (column and bits) of the first difference, or the trespass. Not for
 * several threads: see survives() in guard.h.
 */
bool encoders_agree(const struct encoder_pair *pair, uint64_t seed, struct error *error);
bool decoders_agree(const struct decoder_pair *pair, uint64_t seed, struct error *error);

/* Parts of encoders_agree(): every number of blocks, blocks in another order, among other blocks.
 */
bool lanes_agree(const struct encoder_pair *pair, uint64_t seed, struct error *error);

/* True if the bytes of a block are the same, or if both have scales that are not finite. */
bool block_agrees(const struct encoder_pair *pair, const uint8_t *expected, const uint8_t *actual);

/*
 * Compares decoded values bit for bit, except that a NaN equals every NaN: its sign and payload are
 * not specified. The number of the first difference, n if there is none.
 */
size_t first_different_value(const float *a, const float *b, size_t n);

/* True if a value of n is infinite or NaN. */
bool any_not_finite(const float *x, size_t n);

#endif
