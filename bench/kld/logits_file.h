/*
 * Logits files (.kld), as llama.cpp's perplexity tool writes them with --kl-divergence-base: what a
 * model says about the second half of every chunk of a text. Little-endian, nothing aligned:
 *
 *     8 bytes    "_logits_"
 *     3 * i32    context C (tokens of a chunk), vocabulary V, chunks K
 *     i32[K][C]  the tokens of the text
 *     K * m rows (logits_row.h), m = C - 1 - C / 2: row r of a chunk is for position C / 2 + r, and
 *                its target, the token to be predicted, is the one after that
 */
#ifndef ROUNDEL_BENCH_LOGITS_FILE_H
#define ROUNDEL_BENCH_LOGITS_FILE_H

#include "logits_row.h"
#include "output.h"
#include "source.h"

struct logits_shape {
    uint32_t context, vocabulary, chunks;
};

/* Rows of a chunk, and of the file. */
uint32_t logits_rows_per_chunk(const struct logits_shape *shape);
uint64_t logits_rows(const struct logits_shape *shape);

/* False where the shape is none, or the file would not fit into 63 bits of size. */
bool logits_file_size(const struct logits_shape *shape, uint64_t *size, struct error *error);

/* The target of a row, counted through all chunks. */
uint32_t logits_target(const struct logits_shape *shape, const int32_t *tokens, uint64_t row);

/* ------------------------------------------------------------------------------------------------
 * Reading
 */

struct logits_file {
    struct source source; /* owned */
    struct logits_shape shape;
    int32_t *tokens; /* chunks * context; each a token of the vocabulary */
    uint64_t rows, row_bytes;
};

/*
 * Takes over the source, also on false (it is closed then). Checks the header, that the size is
 * what the header says, and the tokens; memory is that of the tokens, and never more than the size
 * of the file.
 */
bool logits_open(struct logits_file *file, struct source *source, struct error *error);
bool logits_open_path(struct logits_file *file, const char *path, struct error *error);

/* Reads `count` encoded rows from `first` on. Thread-safe. */
bool logits_read_rows(const struct logits_file *file, uint64_t first, uint64_t count, uint8_t *rows,
                      struct error *error);

/* Fails if the two are not of one text, cut in the same way, over one vocabulary. */
bool logits_same_text(const struct logits_file *base, const struct logits_file *other,
                      struct error *error);

/* Closing twice is harmless. */
void logits_close(struct logits_file *file);

/* ------------------------------------------------------------------------------------------------
 * Writing
 */

struct logits_writer {
    struct output output;
    struct logits_shape shape;
    float range;
    uint8_t *row;
    uint64_t written; /* rows */
};

/* Starts a file with chunks * context tokens; `range` as in logits_row.h. The path outlives it. */
bool logits_writer_open(struct logits_writer *writer, const char *path,
                        const struct logits_shape *shape, const int32_t *tokens, float range,
                        struct error *error);

/* Appends the row of the next scored position: finite logits. */
bool logits_writer_add(struct logits_writer *writer, const float *logits, struct error *error);

/* Puts the file in its place, if it has all its rows. */
bool logits_writer_commit(struct logits_writer *writer, struct error *error);

/* Releases everything; what was not committed is gone. Harmless after a commit, and on a zeroed
 * writer. */
void logits_writer_close(struct logits_writer *writer);

#endif
