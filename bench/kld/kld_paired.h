/* Two models against one base on the same tokens. The text moves both alike, so that the scatter of
 * their difference is what counts, not that of each. */
#ifndef ROUNDEL_BENCH_KLD_PAIRED_H
#define ROUNDEL_BENCH_KLD_PAIRED_H

#include "kld_estimate.h"
#include "kld_tokens.h"
#include "paired.h"

/* First minus second. */
struct kld_paired {
    struct kld_estimate kld, nll, delta_p_squared, same_top;
    struct paired_result kld_change; /* of the first's mean divergence against the second's, with
                                        the shares of tokens where it is smaller, equal, larger */
};

/* Both lists are of the same tokens. */
struct kld_paired kld_paired_of(const struct kld_tokens *first, const struct kld_tokens *second);

#endif
