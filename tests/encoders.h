/*
 * Every encoder and decoder that the library offers on this machine: what the capability queries
 * answer, with the functions that kernels.def names. Tests take their cases from here, so that a
 * new format, rounding or target is tested as soon as it is listed.
 */
#ifndef ROUNDEL_TESTS_ENCODERS_H
#define ROUNDEL_TESTS_ENCODERS_H

#include "kernel.h"

struct encoder {
    enum rdl_format format;
    enum rdl_rounding rounding;
    enum rdl_weighting weighting;
    enum rdl_target target;
    bool with_importance;
    rdl_encode_fn *encode; /* NULL if kernels.def has none: a defect that test_support finds */
    const struct rdl_format_info *info;
    char name[96];
};

struct decoder {
    enum rdl_format format;
    enum rdl_target target;
    rdl_decode_fn *decode;
    const struct rdl_format_info *info;
    char name[32];
};

/* The lists are made on the first call and stay: not for several threads. */
const struct encoder *encoder_list(size_t *count);
const struct decoder *decoder_list(size_t *count);

/* The encoders without those that are the function of an earlier one: for tests of what kernels do,
 * not of what may be asked for. */
const struct encoder *kernel_list(size_t *count);

/* The functions of kernels.def, whether this machine can run them or not; NULL if there is none. */
rdl_encode_fn *find_encode(enum rdl_format format, enum rdl_rounding rounding,
                           enum rdl_weighting weighting, bool with_importance,
                           enum rdl_target target);
rdl_decode_fn *find_decode(enum rdl_format format, enum rdl_target target);

/* The tables of a format, built when somebody first asks and kept; NULL if it has none. */
const void *encoder_tables(enum rdl_format format);

/* Jobs with scratch memory that all jobs share, and with tables. */
struct rdl_job encoder_job(const struct encoder *encoder, size_t nrows, size_t ncols);
struct rdl_job decoder_job(const struct decoder *decoder, size_t nrows, size_t ncols);

#endif
