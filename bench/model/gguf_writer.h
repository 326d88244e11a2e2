/*
 * The head of a GGUF v3 file as ggml writes it: metadata, tensor table, padding. The tensors follow
 * in the order of the table, each padded to the alignment, the last one too.
 */
#ifndef ROUNDEL_BENCH_GGUF_WRITER_H
#define ROUNDEL_BENCH_GGUF_WRITER_H

#include "gguf.h"
#include <stdio.h>

/* The longest name that ggml reads, in bytes. */
enum {
    GGUF_MAX_WRITTEN_NAME = 63
};

struct gguf_writer {
    uint64_t alignment;
    uint64_t nvalues, ntensors;
    uint64_t data_bytes;  /* of the tensors so far, padding included */
    FILE *values, *table; /* in memory */
    char *value_bytes, *table_bytes;
    size_t value_size, table_size;
};

/* `alignment` is a power of two of at most 2^20; 32 unless the metadata has general.alignment. On
 * false there is nothing to close. */
bool gguf_writer_open(struct gguf_writer *writer, uint64_t alignment, struct error *error);

void gguf_writer_close(struct gguf_writer *writer);

/* Metadata, in the order of the calls; keys are the caller's to keep unique. Lack of memory is
 * reported at the end. */
void gguf_writer_u32(struct gguf_writer *writer, const char *key, uint32_t value);
void gguf_writer_string(struct gguf_writer *writer, const char *key, const char *text);
void gguf_writer_strings(struct gguf_writer *writer, const char *key, char *const *texts,
                         size_t count);

/* Appends the record of another file, byte for byte. */
bool gguf_writer_copy(struct gguf_writer *writer, const struct gguf *from,
                      const struct gguf_value *value, struct error *error);

/*
 * Appends a tensor to the table; says how many bytes it has and where they begin, counted from the
 * first tensor's. Fails, naming the tensor, where ggml could not read it: a name of more than 63
 * bytes, more than 4 dimensions, rows that are no whole blocks, sizes that overflow.
 */
bool gguf_writer_tensor(struct gguf_writer *writer, const struct tensor *tensor,
                        const struct gguf_type *type, uint64_t *offset, uint64_t *nbytes,
                        struct error *error);

/* The whole head, padding included, which the caller frees: the first tensor begins behind it. */
bool gguf_writer_finish(struct gguf_writer *writer, uint8_t **head, size_t *size,
                        struct error *error);

#endif
