/*
 * From text to the numbers of a vocabulary's pieces, by the rules that a model was trained with:
 *
 *   bytes    a token for each byte (and one for the space)
 *   pieces   characters first, then again and again the neighbouring pair that makes the piece of
 *            the highest score, the leftmost of equals; what is no piece becomes bytes
 *
 * The second is SentencePiece's byte-pair encoding, as GGUF files of the kind "llama" and llama2.c
 * have it. No token is added at the end. Other vocabularies are refused.
 */
#ifndef ROUNDEL_BENCH_TOKENIZER_H
#define ROUNDEL_BENCH_TOKENIZER_H

#include "error.h"
#include "gguf.h"
#include "llama_model.h"
#include <stdint.h>

/* Start with a zeroed list. */
struct token_list {
    int32_t *ids;
    size_t count, capacity;
};
bool token_list_add(struct token_list *list, int32_t id, struct error *error);
void token_list_free(struct token_list *list);

struct vocabulary_piece {
    char *text; /* any bytes */
    size_t length;
    float score;
    bool joins; /* text may become it; the others are control tokens, and stand for bytes */
};

struct tokenizer {
    struct vocabulary_piece *pieces;
    size_t count;
    int32_t byte_ids[256];
    bool bytes_only;
    bool begins; /* a text starts with the token `begin`, and so does a chunk */
    int32_t begin;
    bool space_prefix;         /* a text that is not empty gets a space before it */
    const char *space;         /* how pieces write it */
    bool unknown_stays_single; /* llama2.c: a character that is no piece is bytes from the start */
    uint32_t *sorted;          /* pieces that join, by their text */
    size_t nsorted;
};

/*
 * The tokenizer of a model: that of its GGUF file, or, for a llama2.c checkpoint, the file
 * `tokenizer` (a tok512.bin, from which the number of pieces is not known). NULL where none was
 * given. On false there is nothing to free.
 */
bool tokenizer_open(struct tokenizer *tokenizer, const struct llama_model *model, const char *path,
                    struct error *error);

/* The readers. Each fills a zeroed tokenizer, which the caller frees, on false too. */
bool tokenizer_read_gguf(struct tokenizer *tokenizer, const struct gguf *gguf, struct error *error);
bool tokenizer_read_llama2c(struct tokenizer *tokenizer, const struct source *source,
                            uint32_t vocabulary, struct error *error);

/* Appends the tokens of a text. O(n log n). */
bool tokenizer_run(const struct tokenizer *tokenizer, const char *text, size_t length,
                   struct token_list *tokens, struct error *error);

/* The second half of it, by pieces. */
bool tokenizer_join(const struct tokenizer *tokenizer, const char *text, size_t length,
                    struct token_list *tokens, struct error *error);

void tokenizer_free(struct tokenizer *tokenizer);

/* For the readers: takes a copy of the text; sorts what joins. */
bool tokenizer_add(struct tokenizer *tokenizer, const char *text, size_t length, float score,
                   bool joins, struct error *error);
bool tokenizer_sort(struct tokenizer *tokenizer, struct error *error);

/* The byte that "<0xNN>" stands for, or -1. */
int tokenizer_byte_of(const char *text, size_t length);

#endif
