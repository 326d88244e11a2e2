/* A text of 120 scored tokens over a vocabulary of 5, with the logits of a base and of another
 * model: small numbers from a generator, exact in binary32. */
#ifndef ROUNDEL_TESTS_KLD_EXAMPLE_H
#define ROUNDEL_TESTS_KLD_EXAMPLE_H

#include "logits_file.h"

enum {
    EXAMPLE_CONTEXT = 8,
    EXAMPLE_VOCABULARY = 5,
    EXAMPLE_CHUNKS = 40,
    EXAMPLE_PER_CHUNK = 3,
    EXAMPLE_ROWS = EXAMPLE_CHUNKS * EXAMPLE_PER_CHUNK
};

struct kld_example {
    struct logits_shape shape;
    int32_t tokens[EXAMPLE_CHUNKS * EXAMPLE_CONTEXT];
    float base[EXAMPLE_ROWS][EXAMPLE_VOCABULARY], other[EXAMPLE_ROWS][EXAMPLE_VOCABULARY];
};

void kld_example_make(struct kld_example *example);

/* Writes logits of all rows as a logits file of its text; fails the test where that is impossible.
 */
void kld_example_write(const struct kld_example *example, const float *logits, float range,
                       const char *path);

#endif
