/* What tests of imatrix_sums need: matrices from bytes, what was said about them, an example. */
#ifndef ROUNDEL_TESTS_IMATRIX_FIXTURE_H
#define ROUNDEL_TESTS_IMATRIX_FIXTURE_H

#include "imatrix_builder.h"
#include "imatrix_sums.h"
#include "imatrix_write.h"
#include "notes.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Opens bytes that are right, and frees them. */
static inline struct imatrix_sums open_bytes(struct bytes *bytes, bool tolerant)
{
    struct source source;
    struct imatrix_sums sums;
    struct error error = {""};
    ck_assert(source_open_memory(&source, "file", bytes->data, bytes->size, &error));
    ck_assert_msg(imatrix_sums_open(&sums, &source, tolerant, &error), "%s", error.text);
    source_close(&source);
    bytes_free(bytes);
    return sums;
}

static inline struct imatrix_sums open_gguf(const struct gguf_matrix *matrices, size_t count,
                                            uint32_t chunk_size)
{
    struct bytes bytes = {0};
    put_gguf_imatrix(&bytes, chunk_size, matrices, count);
    return open_bytes(&bytes, true);
}

/* What imatrix_write_dat() writes; the caller frees. */
static inline struct bytes written(const struct imatrix_sums *sums)
{
    char *text;
    size_t size;
    struct error error = {""};
    FILE *file = open_memstream(&text, &size);
    ck_assert_msg(imatrix_write_dat(sums, file, &error), "%s", error.text);
    ck_assert_int_eq(fclose(file), 0);
    return (struct bytes){.data = (uint8_t *)text, .size = size, .capacity = size};
}

static inline bool has_note(const struct notes *notes, const char *word)
{
    for (size_t i = 0; i < notes->count; i++)
        if (strstr(notes->lines[i], word))
            return true;
    return false;
}

static inline void expect_note(const struct notes *notes, const char *word)
{
    ck_assert_msg(has_note(notes, word), "no note says \"%s\"; the first: %s", word,
                  notes->count ? notes->lines[0] : "none");
}

static inline void expect_error(bool good, const struct error *error, const char *word)
{
    ck_assert_msg(!good, "accepted; expected: %s", word);
    ck_assert_msg(strstr(error->text, word) != NULL, "\"%s\" does not say \"%s\"", error->text,
                  word);
}

/* Stacked experts, one without data; a dense matrix; one that met no token. */
static const struct gguf_matrix experts[] = {
    {"w.in_sum2", 2, 3, GGUF_F32, {3, 6, 9, 9, 1000, 0}},
    {"w.counts", 1, 3, GGUF_F32, {3, 0, 1025}},
    {"w.in_sum", 2, 3, GGUF_F32, {-1, 1, 2, 3, -4, 5}},
    {"v.in_sum2", 4, 1, GGUF_F32, {512, 1024, 0, 1}},
    {"v.counts", 1, 1, GGUF_F32, {1024}},
    {"never.in_sum2", 2, 1, GGUF_F32, {0, 0}},
    {"never.counts", 1, 1, GGUF_F32, {0}},
};

#endif
