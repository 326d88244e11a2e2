/* safetensors files for tests, and what a test expects of them. */
#ifndef ROUNDEL_TESTS_SAFETENSORS_FILE_H
#define ROUNDEL_TESTS_SAFETENSORS_FILE_H

#include "safetensors.h"
#include "source_heap.h"

#include "hostile.h"
#include <jansson.h>
#include <stddef.h>
#include <stdio.h>

#define TEXT(literal) literal, sizeof(literal) - 1

enum {
    MIB = 1 << 20,
    JANSSON_MOST = 6 * MIB,
    LIST_MOST = 5 * MIB
};

/* ------------------------------------------------------------------------------------------------
 * What Jansson takes
 */

static size_t live, peak;

union block {
    size_t size;
    max_align_t aligned;
};

static inline void *count_malloc(size_t size)
{
    union block *block = malloc(sizeof *block + size);
    ck_assert_ptr_nonnull(block);
    block->size = size;
    live += size;
    peak = live > peak ? live : peak;
    return block + 1;
}

static inline void count_free(void *pointer)
{
    if (pointer != NULL) {
        union block *block = (union block *)pointer - 1;
        live -= block->size;
        free(block);
    }
}

static inline void count_jansson(void)
{
    json_set_alloc_funcs(count_malloc, count_free);
}

/* ------------------------------------------------------------------------------------------------
 * Building and opening
 */

static inline struct bytes file_of(uint64_t length, const void *header, size_t header_size,
                                   size_t data)
{
    struct bytes file = {0};
    put_u64(&file, length);
    put(&file, header, header_size);
    put_repeated(&file, 0, data);
    return file;
}

/* Opens the file and frees its bytes; the tensors are read as a whole if they are accepted. */
static inline bool opens(struct bytes *file, struct tensor_list *list, struct error *error)
{
    uint8_t *copy = exact_copy(file);
    struct source *source = source_new_memory("file", copy, file->size, error);
    ck_assert_ptr_nonnull(source);
    size_t before = list->count;
    peak = 0;
    bool good = safetensors_open(source, list, error);
    ck_assert_uint_eq(live, 0);
    ck_assert_msg(peak <= JANSSON_MOST, "Jansson took %zu bytes", peak);
    ck_assert_uint_le(list->capacity * sizeof(struct tensor), LIST_MOST);
    if (!good) {
        source_delete(source);
        ck_assert_uint_eq(list->count, before);
        ck_assert_msg(strncmp(error->text, "file: ", 6) == 0, "%s", error->text);
    }
    for (size_t i = 0; good && i < list->count; i++) {
        const struct tensor *tensor = &list->tensors[i];
        struct buffer buffer = {0};
        size_t count = (size_t)tensor_numel(tensor);
        float *weights = malloc((count + 1) * sizeof *weights);
        ck_assert_ptr_nonnull(weights);
        if (tensor_readable(tensor)) {
            ck_assert_msg(tensor_read(tensor, 0, count, weights, &buffer, error), "%s",
                          error->text);
        }
        free(weights);
        buffer_free(&buffer);
    }
    tensor_list_free(list);
    free(copy);
    bytes_free(file);
    return good;
}

/* `word`: part of the expected message, or NULL if the file is right. */
static inline void expect(struct bytes *file, const char *what, const char *word)
{
    struct error error = {""};
    struct tensor_list list = {0};
    bool good = opens(file, &list, &error);
    if (word == NULL) {
        ck_assert_msg(good, "%s: refused: %s", what, error.text);
        return;
    }
    ck_assert_msg(!good, "%s: accepted", what);
    ck_assert_msg(strstr(error.text, word) != NULL, "%s: \"%s\" does not say \"%s\"", what,
                  error.text, word);
}

struct header_case {
    const char *what;
    const char *header;
    size_t length;
    size_t data;      /* bytes behind the header */
    const char *word; /* of the message; NULL: accepted */
};

#define GOOD "{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]}"

static inline void check_header(const struct header_case *c)
{
    struct bytes file = file_of(c->length, c->header, c->length, c->data);
    expect(&file, c->what, c->word);
}

#endif
