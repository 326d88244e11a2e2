/*
 * Texts as a model is evaluated on them: cut into chunks of as many tokens, each of which starts
 * from an empty cache. Only the second half of a chunk is scored, where every token has a context
 * (llama.cpp's perplexity tool does the same): row r of a chunk is for token `first + r`, and its
 * target is the token after that.
 */
#ifndef ROUNDEL_BENCH_EVAL_TEXT_H
#define ROUNDEL_BENCH_EVAL_TEXT_H

#include "tokenizer.h"

#define EVAL_DEFAULT_TEXT "builtin:bronte"

struct eval_cut {
    uint32_t context; /* tokens of a chunk, at least 3 */
    uint32_t first;   /* at most context - 2 */
    uint64_t chunks;  /* of each text, at most; 0: all */
    /* The parts of a text between this are tokenized by themselves, without the white space at
     * their ends, and each gives one chunk, its first tokens; NULL where a text is one. */
    const char *split;
};

struct eval_part {
    const char *name; /* of the text; the caller's */
    size_t tokens;
    size_t chunks;
    size_t too_short; /* parts with fewer tokens than a chunk, which are left out */
};

/* Start with zeros but for `cut`. */
struct eval_text {
    struct eval_cut cut;
    struct token_list tokens; /* [chunk][context], as they came from the text */
    size_t chunks;
    struct eval_part *parts; /* the texts */
    size_t nparts, capacity;
    bool begins; /* a chunk begins with the token `begin`, in place of its own first */
    int32_t begin;
};

/* Rows of a chunk. */
static inline uint32_t eval_rows_per_chunk(const struct eval_text *text)
{
    return text->cut.context - 1 - text->cut.first;
}

/* Appends a text from a file or from builtin:bronte; fails if it does not give a chunk. */
bool eval_text_add(struct eval_text *text, const char *spec, const struct tokenizer *tokenizer,
                   struct error *error);

/* Appends tokens of a vocabulary, from a file of decimal numbers between white space. */
bool eval_text_add_ids(struct eval_text *text, const char *path, uint32_t vocabulary,
                       struct error *error);

/* Copies the tokens of a chunk as the model sees them: with `begin` first where chunks begin so. */
void eval_text_chunk(const struct eval_text *text, size_t chunk, int32_t *tokens);

/* True if that is a file's name, or a text that there is. */
bool eval_text_check(const char *spec, struct error *error);

void eval_text_free(struct eval_text *text);

#endif
