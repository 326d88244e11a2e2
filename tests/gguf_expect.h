/*
 * Opens GGUF files that are wrong, or right but odd: each must be read, or refused with a message
 * that says what is wrong, without touching a byte outside the file and without asking for much
 * memory.
 */
#ifndef ROUNDEL_TESTS_GGUF_EXPECT_H
#define ROUNDEL_TESTS_GGUF_EXPECT_H

#include "allocation.h"
#include "gguf.h"
#include "gguf_builder.h"
#include "hostile.h"
#include "source_heap.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* A string literal, which may hold NUL bytes, and its size. */
#define BYTES(literal) literal, sizeof(literal) - 1

#define COUNT(array) (int)(sizeof(array) / sizeof(array)[0])

/* Reads every tensor of the list as a whole. */
static inline void read_everything(const struct tensor_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct tensor *tensor = &list->tensors[i];
        size_t numel = (size_t)tensor_numel(tensor);
        if (!tensor_readable(tensor)) {
            continue;
        }
        float *weights = malloc((numel + 1) * sizeof *weights);
        struct buffer buffer = {0};
        struct error error;
        ck_assert_ptr_nonnull(weights);
        ck_assert(tensor_read(tensor, 0, numel, weights, &buffer, &error));
        buffer_free(&buffer);
        free(weights);
    }
}

/* Opens the file, and reads its tensors if it is accepted. */
static inline bool open_bytes(const struct bytes *bytes, bool strict, size_t *nnotes,
                              struct error *error)
{
    uint8_t *copy = exact_copy(bytes);
    struct source *source = source_new_memory("file", copy, bytes->size, error);
    ck_assert_ptr_nonnull(source);
    struct tensor_list list = {0};
    allocation_watch(ALLOCATION_NEVER_FAILS);
    bool good = gguf_open(source, strict, &list, error);
    const size_t budget = ((size_t)16 << 20) + bytes->size;
    ck_assert_msg(allocation_bytes() <= budget, "%zu bytes were allocated for a file of %zu",
                  allocation_bytes(), bytes->size);
    *nnotes = list.nnotes;
    ck_assert(good || (list.count == 0 && list.nnotes == 0));
    read_everything(&list);
    tensor_list_free(&list);
    if (!good) {
        source_delete(source);
    }
    free(copy);
    return good;
}

/* `word`: part of the expected message, or NULL if the file is right. Frees the bytes. */
static inline void expect(struct bytes *bytes, const char *what, const char *word)
{
    struct error error = {""};
    size_t nnotes;
    bool good = open_bytes(bytes, false, &nnotes, &error);
    if (word == NULL) {
        ck_assert_msg(good, "%s: refused: %s", what, error.text);
    } else {
        ck_assert_msg(!good, "%s: accepted", what);
        ck_assert_msg(strncmp(error.text, "file: ", 6) == 0 && strstr(error.text, word) != NULL,
                      "%s: \"%s\" does not say \"%s\"", what, error.text, word);
        ck_assert_msg(strpbrk(error.text, "\n\r\x1b") == NULL, "%s: raw bytes in \"%s\"", what,
                      error.text);
    }
    bytes_free(bytes);
}

#endif
