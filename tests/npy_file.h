/* .npy files for tests, and what a test expects of them. */
#ifndef ROUNDEL_TESTS_NPY_FILE_H
#define ROUNDEL_TESTS_NPY_FILE_H

#include "npy.h"
#include "source_heap.h"

#include "hostile.h"
#include <stdio.h>

#define GOOD          "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"
#define GOOD_LINE     GOOD "\n"
#define TEXT(literal) literal, sizeof(literal) - 1

static const char npy_magic[6] = {'\x93', 'N', 'U', 'M', 'P', 'Y'};

/* A file with any version and any length of the header, which may be lies. */
static inline struct bytes file_of(unsigned major, unsigned minor, uint32_t length,
                                   const void *header, size_t header_size, size_t data)
{
    struct bytes file = {0};
    const uint8_t version[2] = {(uint8_t)major, (uint8_t)minor};
    put(&file, npy_magic, sizeof npy_magic);
    put(&file, version, sizeof version);
    put(&file, &length, major == 1 ? 2 : 4);
    put(&file, header, header_size);
    put_repeated(&file, 0, data);
    return file;
}

static inline struct bytes file_v1(const void *header, size_t header_size, size_t data)
{
    return file_of(1, 0, (uint32_t)header_size, header, header_size, data);
}

/* Reads all weights of the list's tensor, so that a sanitizer sees what is wrong with it. */
static inline void read_all(const struct tensor_list *list)
{
    const struct tensor *tensor = &list->tensors[0];
    struct buffer buffer = {0};
    struct error error;
    size_t count = (size_t)tensor_numel(tensor);
    float *weights = malloc((count + 1) * sizeof *weights);
    ck_assert_ptr_nonnull(weights);
    if (tensor_readable(tensor)) {
        ck_assert_msg(tensor_read(tensor, 0, count, weights, &buffer, &error), "%s", error.text);
    }
    free(weights);
    buffer_free(&buffer);
}

/* Opens the file and frees its bytes. */
static inline bool opens(struct bytes *file, const struct npy_options *options, size_t *nnotes,
                         struct error *error)
{
    uint8_t *copy = exact_copy(file);
    struct tensor_list list = {0};
    struct source *source = source_new_memory("file", copy, file->size, error);
    ck_assert_ptr_nonnull(source);
    bool good = npy_open(source, "array", options, &list, error);
    *nnotes = list.nnotes;
    if (good) {
        ck_assert_uint_eq(list.count, 1);
        ck_assert_str_eq(list.tensors[0].name, "array");
        read_all(&list);
    } else {
        source_delete(source);
        ck_assert_uint_eq(list.count + list.nnotes, 0);
        ck_assert_msg(strncmp(error->text, "file: ", 6) == 0, "%s", error->text);
    }
    tensor_list_free(&list);
    free(copy);
    bytes_free(file);
    return good;
}

/* `word`: part of the expected message, or NULL if the file is right. */
static inline void expect_with(struct bytes *file, const struct npy_options *options,
                               const char *what, const char *word)
{
    struct error error = {""};
    size_t nnotes;
    bool good = opens(file, options, &nnotes, &error);
    if (word == NULL) {
        ck_assert_msg(good, "%s: refused: %s", what, error.text);
        ck_assert_uint_eq(nnotes, 0);
        return;
    }
    ck_assert_msg(!good, "%s: accepted", what);
    ck_assert_msg(strstr(error.text, word) != NULL, "%s: \"%s\" does not say \"%s\"", what,
                  error.text, word);
}

static inline void expect(struct bytes *file, const char *what, const char *word)
{
    const struct npy_options options = {0};
    expect_with(file, &options, what, word);
}

#endif
