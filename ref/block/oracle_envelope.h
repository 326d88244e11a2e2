/*
 * Upper envelopes of lines, for the oracles of vector codebooks. A choice of rows with sums
 * a = sum w x v and b = sum w v^2 over its values v has at scale s = 1 / t the error
 *
 *     sum w x^2 - s^2 (2 t a - b),
 *
 * so that the best choice at every scale is the highest of the lines 2 t a - b.
 */
#ifndef RDL_REF_ORACLE_ENVELOPE_H
#define RDL_REF_ORACLE_ENVELOPE_H

/* 2 t a - b */
struct rdl_line {
    double a, b;
};

/* The pieces in the order of growing t, and so of growing a. */
struct rdl_line_envelope {
    struct rdl_line *pieces;
    int count;
};

/* The upper envelope for t >= 0 by gift wrapping, into pieces: every one is steeper than those
 * before, so there are at most as many as lines. Ties make pieces of no length, which do not harm.
 * The lines, at least one, are lost.
 */
struct rdl_line_envelope rdl_line_envelope(struct rdl_line *lines, int count,
                                           struct rdl_line *pieces);

/* The sum of two envelopes: pieces, at most as many as both have. */
struct rdl_line_envelope rdl_add_line_envelopes(const struct rdl_line_envelope *first,
                                                const struct rdl_line_envelope *second,
                                                struct rdl_line *pieces);

enum {
    RDL_MAX_ENVELOPES = 8
};

/* Of the piece of the sum of up to RDL_MAX_ENVELOPES envelopes that explains most. */
struct rdl_best_scale {
    double scale, explained; /* a / b, and a^2 / b of sum w x^2; 0 if no piece has a > 0 */
};

struct rdl_best_scale rdl_best_scale(const struct rdl_line_envelope *envelopes, int count);

#endif
