/*
 * Deliberately broken kernels, each with one defect that a fast implementation is prone to, and
 * correct ones that were written apart from ref/. The equality harness must reject the former and
 * accept the latter.
 */
#ifndef ROUNDEL_TESTS_BROKEN_H
#define ROUNDEL_TESTS_BROKEN_H

#include "kernel.h"

struct test_encoder {
    const char *name;
    const char *complaint; /* what the harness must say; NULL for a correct kernel */
    enum rdl_format format;
    bool with_importance;
    rdl_encode_fn *reference, *candidate;
};

struct test_decoder {
    const char *name;
    const char *complaint;
    enum rdl_format format;
    rdl_decode_fn *reference, *candidate;
};

extern const struct test_encoder test_encoders[];
extern const size_t ntest_encoders;
/* With defects in how blocks are put into lanes: broken_lanes.c. */
extern const struct test_encoder lane_encoders[];
extern const size_t nlane_encoders;
extern const struct test_decoder test_decoders[];
extern const size_t ntest_decoders;

#endif
