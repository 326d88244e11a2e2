/* A directory of small files that a test writes. */
#ifndef ROUNDEL_TESTS_TEMP_DIR_H
#define ROUNDEL_TESTS_TEMP_DIR_H

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char temp_dir[64];
static char temp_path_text[512];

static inline void temp_dir_make(void)
{
    strcpy(temp_dir, "/tmp/roundel-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(temp_dir));
}

/* The path of a file in the directory; good until the next call. */
static inline const char *temp_path(const char *name)
{
    snprintf(temp_path_text, sizeof temp_path_text, "%s/%s", temp_dir, name);
    return temp_path_text;
}

static inline void temp_write(const char *name, const void *data, size_t size)
{
    FILE *file = fopen(temp_path(name), "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(data, 1, size, file), size);
    ck_assert_int_eq(fclose(file), 0);
}

/* Removes the files and the directory. */
static inline void temp_dir_remove(void)
{
    DIR *directory = opendir(temp_dir);
    ck_assert_ptr_nonnull(directory);
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            ck_assert_int_eq(remove(temp_path(entry->d_name)), 0);
        }
    }
    closedir(directory);
    ck_assert_int_eq(rmdir(temp_dir), 0);
}

#endif
