/* The tokens of a text, one model against its base, in order: what a comparison gathers. */
#ifndef ROUNDEL_BENCH_KLD_TOKENS_H
#define ROUNDEL_BENCH_KLD_TOKENS_H

#include "kld_token.h"
#include <stddef.h>

/* Start with a zeroed list but for `per_chunk`: that many tokens share a context, the next as many
 * another. */
struct kld_tokens {
    struct kld_token *items;
    size_t count, capacity, per_chunk;
};

/* Appends a token; false without memory. */
bool kld_tokens_add(struct kld_tokens *tokens, const struct kld_token *token, struct error *error);

/* Makes room for `count` tokens, which the caller may then write in any order. */
bool kld_tokens_reserve(struct kld_tokens *tokens, size_t count, struct error *error);

void kld_tokens_free(struct kld_tokens *tokens);

#endif
