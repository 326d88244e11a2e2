/*
 * Pieces from characters. The parts of the text are a list; a heap holds the pairs of neighbours
 * that make a piece, the best on top. A pair of which one half has since become part of another is
 * left in the heap, and noticed by its length when its turn comes.
 */
#include "tokenizer.h"

#include "array.h"
#include <stdlib.h>
#include <string.h>

enum {
    NONE = -1,
    LONGEST_CHARACTER = 4 /* bytes of UTF-8 */
};

struct part {
    const char *text;
    size_t length;       /* 0: it was joined to another */
    int32_t id;          /* its piece, or NONE */
    int64_t left, right; /* neighbours, or NONE */
};

struct pair {
    float score;
    int32_t id;
    int64_t left, right;
    size_t length; /* of both */
};

struct joining {
    const struct tokenizer *tokenizer;
    struct part *parts;
    size_t nparts, parts_capacity;
    struct pair *heap;
    size_t npairs, heap_capacity;
};

/* ------------------------------------------------------------------------------------------------
 * Pieces
 */

/* The first piece with that text, or NONE. */
static int32_t find(const struct tokenizer *tokenizer, const char *text, size_t length)
{
    size_t low = 0, high = tokenizer->nsorted;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const struct vocabulary_piece *piece = &tokenizer->pieces[tokenizer->sorted[middle]];
        const size_t shorter = piece->length < length ? piece->length : length;
        const int order = memcmp(piece->text, text, shorter);
        if (order < 0 || (order == 0 && piece->length < length))
            low = middle + 1;
        else
            high = middle;
    }
    if (low == tokenizer->nsorted)
        return NONE;
    const struct vocabulary_piece *piece = &tokenizer->pieces[tokenizer->sorted[low]];
    const bool same = piece->length == length && memcmp(piece->text, text, length) == 0;
    return same ? (int32_t)tokenizer->sorted[low] : NONE;
}

/* ------------------------------------------------------------------------------------------------
 * The heap
 */

static bool comes_before(const struct pair *a, const struct pair *b)
{
    return a->score > b->score || (a->score == b->score && a->left < b->left);
}

static void swap(struct pair *a, struct pair *b)
{
    const struct pair c = *a;
    *a = *b;
    *b = c;
}

static bool push(struct joining *j, const struct pair *pair, struct error *error)
{
    struct pair *heap = array_grow(j->heap, j->npairs, &j->heap_capacity, sizeof *heap);
    if (!heap)
        return fail(error, "no memory for a text of %zu characters", j->nparts);
    j->heap = heap;
    size_t at = j->npairs++;
    heap[at] = *pair;
    for (; at > 0 && comes_before(&heap[at], &heap[(at - 1) / 2]); at = (at - 1) / 2)
        swap(&heap[at], &heap[(at - 1) / 2]);
    return true;
}

static struct pair pop(struct joining *j)
{
    struct pair *heap = j->heap;
    const struct pair top = heap[0];
    const size_t n = --j->npairs;
    heap[0] = heap[n];
    for (size_t at = 0;;) {
        size_t best = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < n; child++)
            if (comes_before(&heap[child], &heap[best]))
                best = child;
        if (best == at)
            return top;
        swap(&heap[at], &heap[best]);
        at = best;
    }
}

/* ------------------------------------------------------------------------------------------------
 * Joining
 */

static bool add_character(struct joining *j, const char *text, size_t length, struct error *error)
{
    struct part *parts = array_grow(j->parts, j->nparts, &j->parts_capacity, sizeof *parts);
    if (!parts)
        return fail(error, "no memory for a text of %zu characters", j->nparts + 1);
    j->parts = parts;
    const int64_t at = (int64_t)j->nparts++;
    parts[at] = (struct part){text, length, find(j->tokenizer, text, length), at - 1, at + 1};
    return true;
}

static bool split(struct joining *j, const char *text, size_t length, struct error *error)
{
    for (size_t i = 0; i < length;) {
        size_t n = 1;
        while (n < LONGEST_CHARACTER && i + n < length && ((uint8_t)text[i + n] & 0xc0) == 0x80)
            n++;
        if (!add_character(j, text + i, n, error))
            return false;
        i += n;
    }
    if (j->nparts > 0)
        j->parts[j->nparts - 1].right = NONE;
    return true;
}

/* Offers a part and its right neighbour, which lie one after the other in the text. */
static bool offer(struct joining *j, int64_t left, struct error *error)
{
    if (left == NONE || j->parts[left].right == NONE)
        return true;
    const struct part *a = &j->parts[left], *b = &j->parts[a->right];
    if (j->tokenizer->unknown_stays_single && (a->id == NONE || b->id == NONE))
        return true;
    const int32_t id = find(j->tokenizer, a->text, a->length + b->length);
    if (id == NONE)
        return true;
    const struct pair pair = {j->tokenizer->pieces[id].score, id, left, a->right,
                              a->length + b->length};
    return push(j, &pair, error);
}

static bool join(struct joining *j, const struct pair *pair, struct error *error)
{
    struct part *a = &j->parts[pair->left], *b = &j->parts[pair->right];
    if (a->length == 0 || b->length == 0 || a->length + b->length != pair->length)
        return true;
    a->length = pair->length;
    a->id = pair->id;
    a->right = b->right;
    if (b->right != NONE)
        j->parts[b->right].left = pair->left;
    b->length = 0;
    return offer(j, a->left, error) && offer(j, pair->left, error);
}

static bool put_part(const struct tokenizer *tokenizer, const struct part *part,
                     struct token_list *tokens, struct error *error)
{
    if (part->id != NONE)
        return token_list_add(tokens, part->id, error);
    for (size_t i = 0; i < part->length; i++)
        if (!token_list_add(tokens, tokenizer->byte_ids[(uint8_t)part->text[i]], error))
            return false;
    return true;
}

static bool run(struct joining *j, struct token_list *tokens, struct error *error)
{
    for (size_t i = 0; i < j->nparts; i++)
        if (!offer(j, (int64_t)i, error))
            return false;
    while (j->npairs > 0) {
        const struct pair pair = pop(j);
        if (!join(j, &pair, error))
            return false;
    }
    for (size_t i = 0; i < j->nparts; i++)
        if (j->parts[i].length > 0 && !put_part(j->tokenizer, &j->parts[i], tokens, error))
            return false;
    return true;
}

bool tokenizer_join(const struct tokenizer *tokenizer, const char *text, size_t length,
                    struct token_list *tokens, struct error *error)
{
    struct joining j = {.tokenizer = tokenizer};
    const bool good = split(&j, text, length, error) && run(&j, tokens, error);
    free(j.parts);
    free(j.heap);
    return good;
}
