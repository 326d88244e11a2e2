/*
 * Rows of weights, ordinary and hard (constants, ramps, spikes, alternating, ties), for every
 * encoder that the library lists. The largest magnitude of a block lies in [64, 128), that of 16
 * weights in [1, 128), so that no stored scale is subnormal in binary16: the smallest units are
 * those of Q6_K, 64 / (32 * 128) = 2^-6 and a third less after a search, the largest those of TQ1_0
 * and TQ2_0, 128.
 */
#ifndef ROUNDEL_TESTS_SAMPLES_H
#define ROUNDEL_TESTS_SAMPLES_H

#include "encoders.h"

enum {
    SAMPLE_BLOCKS = 2,
    SAMPLE_MAX = 256 * SAMPLE_BLOCKS,      /* weights */
    SAMPLE_MAX_BYTES = 210 * SAMPLE_BLOCKS /* of Q6_K */
};

/* A row of blocks for an encoder. */
struct sample {
    const struct encoder *encoder;
    const char *kind;
    size_t number;
    size_t n; /* weights of the row */
    float x[SAMPLE_MAX], importance[SAMPLE_MAX];
};

/* Calls check() with samples of every kind for every encoder of a rounding (RDL_FIRST_SEARCH: of
 * all of them). */
void for_samples(enum rdl_rounding rounding, void (*check)(const struct sample *sample));

/* Both abort the test if a call fails. Encoders without use for importance are given none. */
void encode_sample(const struct encoder *encoder, const float *x, const float *importance, size_t n,
                   uint8_t *bytes);
/* Fills y with the weights that the blocks of x decode to. */
void pass(const struct encoder *encoder, const float *x, const float *importance, size_t n,
          float *y);

bool is_affine(const struct encoder *encoder);
bool is_codebook(const struct encoder *encoder);
bool is_iq1(const struct encoder *encoder);

#endif
