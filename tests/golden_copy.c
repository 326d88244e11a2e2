#include "golden_copy.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    PATH_SIZE = 512
};

static void path_of(const struct golden_copy *copy, const char *name, char path[PATH_SIZE])
{
    ck_assert_int_lt(snprintf(path, PATH_SIZE, "%s/%s", copy->root, name), PATH_SIZE);
}

/* What is recorded goes away with the copy. */
static void record(struct golden_copy *copy, const char *name)
{
    ck_assert_uint_lt(copy->count, sizeof copy->names / sizeof copy->names[0]);
    ck_assert_uint_lt(strlen(name), sizeof copy->names[0]);
    strcpy(copy->names[copy->count++], name);
}

void golden_copy_add_directory(struct golden_copy *copy, const char *name)
{
    char path[PATH_SIZE];
    path_of(copy, name, path);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    record(copy, name);
}

void golden_copy_add(struct golden_copy *copy, const char *name, const void *bytes, size_t size)
{
    char path[PATH_SIZE];
    path_of(copy, name, path);
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    record(copy, name);
    ck_assert_uint_eq(fwrite(bytes, 1, size, file), size);
    ck_assert_int_eq(fclose(file), 0);
}

void golden_copy_take(struct golden_copy *copy, const char *name, const char *from)
{
    char path[PATH_SIZE];
    ck_assert_int_lt(snprintf(path, sizeof path, "%s/%s", GOLDEN_SET, from), PATH_SIZE);
    FILE *file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "%s is missing", path);
    static uint8_t bytes[1 << 20];
    const size_t size = fread(bytes, 1, sizeof bytes, file);
    ck_assert_uint_lt(size, sizeof bytes);
    ck_assert_int_eq(fclose(file), 0);
    golden_copy_add(copy, name, bytes, size);
}

void golden_copy_open(struct golden_copy *copy)
{
    static const char *const files[] = {
        "inputs/edge.f32",         "inputs/imatrix_1024.f32", "q8_0/edge.plain.blk",
        "q8_0/edge.plain.deq.f32", "q4_k/edge.imatrix.blk",   "q4_k/edge.imatrix.deq.f32",
    };
    *copy = (struct golden_copy){.root = "/tmp/roundel-golden-XXXXXX"};
    ck_assert_ptr_nonnull(mkdtemp(copy->root));
    golden_copy_add_directory(copy, "inputs");
    golden_copy_add_directory(copy, "q8_0");
    golden_copy_add_directory(copy, "q4_k");
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        golden_copy_take(copy, files[i], files[i]);
}

void golden_copy_close(struct golden_copy *copy)
{
    for (; copy->count > 0; copy->count--) {
        char path[PATH_SIZE];
        path_of(copy, copy->names[copy->count - 1], path);
        (void)remove(path); /* a test may have removed it */
    }
    ck_assert_int_eq(rmdir(copy->root), 0);
}

void golden_copy_remove(struct golden_copy *copy, const char *name)
{
    char path[PATH_SIZE];
    path_of(copy, name, path);
    ck_assert_int_eq(remove(path), 0);
}

void golden_copy_truncate(struct golden_copy *copy, const char *name, size_t size)
{
    char path[PATH_SIZE];
    path_of(copy, name, path);
    ck_assert_int_eq(truncate(path, (off_t)size), 0);
}

uint8_t golden_copy_flip(struct golden_copy *copy, const char *name, size_t offset, uint8_t mask)
{
    char path[PATH_SIZE];
    path_of(copy, name, path);
    FILE *file = fopen(path, "r+b");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fseek(file, (long)offset, SEEK_SET), 0);
    const int byte = fgetc(file);
    ck_assert_int_ne(byte, EOF);
    ck_assert_int_eq(fseek(file, (long)offset, SEEK_SET), 0);
    ck_assert_int_eq(fputc(byte ^ mask, file), byte ^ mask);
    ck_assert_int_eq(fclose(file), 0);
    return (uint8_t)byte;
}
