/*
 * What rdl_quantize() owes for a tensor with bad data, worked out from the rule in roundel.h and
 * the encoder alone, without the entry point.
 */
#ifndef ROUNDEL_TESTS_BAD_DATA_H
#define ROUNDEL_TESTS_BAD_DATA_H

#include "encoders.h"

enum {
    BAD_ROWS = 3,
    BAD_BLOCKS = 3, /* in a row */
    BAD_MAX_LENGTH = 256,
    BAD_MAX_VALUES = BAD_ROWS * BAD_BLOCKS * BAD_MAX_LENGTH,
    BAD_MAX_BYTES = BAD_ROWS * BAD_BLOCKS * BAD_MAX_LENGTH * 4
};

struct bad_tensor {
    const struct encoder *encoder;
    float x[BAD_MAX_VALUES]; /* BAD_ROWS rows of BAD_BLOCKS blocks */
    float importance[BAD_BLOCKS * BAD_MAX_LENGTH];
};

struct bad_expectation {
    struct rdl_report report;      /* with RDL_GO_ON */
    uint8_t blocks[BAD_MAX_BYTES]; /* with RDL_GO_ON */
    size_t ngood;                  /* blocks before the first bad one */
};

size_t bad_length(const struct bad_tensor *tensor);
size_t bad_ncols(const struct bad_tensor *tensor);

/* The first of a block's weights, and of its factors. */
float *bad_block(struct bad_tensor *tensor, size_t row, size_t block);
float *bad_factors(struct bad_tensor *tensor, size_t block);

/* Ordinary weights and positive importance. */
void bad_tensor_init(struct bad_tensor *tensor, const struct encoder *encoder, uint64_t seed);

void bad_expect(const struct bad_tensor *tensor, struct bad_expectation *expected);

/* Quantizes with and without RDL_GO_ON; fails the running test on any difference from the
 * expectation, and if something decodes to an infinity or a NaN. `what` is for messages. */
void bad_check(const struct bad_tensor *tensor, const struct bad_expectation *expected,
               const char *what);

#endif
