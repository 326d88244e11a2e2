#include "kld_tokens.h"

#include "array.h"
#include <stdlib.h>

bool kld_tokens_add(struct kld_tokens *tokens, const struct kld_token *token, struct error *error)
{
    struct kld_token *items =
        array_grow(tokens->items, tokens->count, &tokens->capacity, sizeof *items);
    if (!items)
        return fail(error, "no memory for %zu tokens", tokens->count + 1);
    tokens->items = items;
    items[tokens->count++] = *token;
    return true;
}

bool kld_tokens_reserve(struct kld_tokens *tokens, size_t count, struct error *error)
{
    struct kld_token *items =
        count <= SIZE_MAX / sizeof *items ? realloc(tokens->items, count * sizeof *items) : NULL;
    if (!items)
        return fail(error, "no memory for %zu tokens", count);
    tokens->items = items;
    tokens->capacity = count;
    return true;
}

void kld_tokens_free(struct kld_tokens *tokens)
{
    free(tokens->items);
    *tokens = (struct kld_tokens){0};
}
