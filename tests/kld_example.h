/* A text of 120 scored tokens over a vocabulary of 5, with the logits of a base and of another
 * model: small numbers from a generator, exact in binary32. */
#ifndef ROUNDEL_TESTS_KLD_EXAMPLE_H
#define ROUNDEL_TESTS_KLD_EXAMPLE_H

#include "kld_tokens.h"
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

/* Restricted divergences among the top 2, 3, 4 and all. */
extern const struct kld_settings kld_example_settings;

/* Makes a row the base's distribution: by way of a file's row with that clamp, or, where `range` is
 * 0, from the logits themselves. */
void kld_example_feed(const struct kld_example *example, struct kld_base *base, int row,
                      float range);

/* The other model's tokens against that base, in the order of the chunks first, first + step ...
 * round the text, `times` times over. */
struct kld_tokens kld_example_tokens(const struct kld_example *example, float range, int first,
                                     int step, int times);

#endif
