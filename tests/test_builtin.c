/* The files inside the program are those of data/, byte for byte. */
#include "builtin.h"
#include "suite.h"
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check_equal_to_file(const char *name, enum builtin_kind kind, const char *path)
{
    const void *bytes = NULL;
    uint64_t size = 0;
    FILE *file = fopen(path, "rb");

    ck_assert_ptr_nonnull(file);
    ck_assert(builtin_find(name, kind, &bytes, &size));
    ck_assert_uint_eq((uintptr_t)bytes % 64, 0);

    /* One byte more than expected, so that a longer file shows. */
    char *expected = malloc(size + 1);

    ck_assert_ptr_nonnull(expected);
    ck_assert_uint_eq(fread(expected, 1, size + 1, file), size);
    ck_assert_mem_eq(expected, bytes, size);
    free(expected);
    fclose(file);
}

START_TEST(bytes_are_those_of_the_files)
{
    check_equal_to_file("tinylm", BUILTIN_MODEL,
                        ROUNDEL_SOURCE_DIR "/data/roundel-tiny-5m.bf16.gguf");
    check_equal_to_file("tinylm", BUILTIN_IMATRIX,
                        ROUNDEL_SOURCE_DIR "/data/roundel-tiny-5m.imatrix.dat");
    check_equal_to_file("bronte", BUILTIN_TEXT, ROUNDEL_SOURCE_DIR "/data/bronte.txt");
}
END_TEST

START_TEST(unknown_names_are_not_found)
{
    const char *names[] = {"", "tinylm2", "tinyl", "TinyLM", "builtin:tinylm"};
    const void *bytes = NULL;
    uint64_t size = 7;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        ck_assert(!builtin_find(names[i], BUILTIN_MODEL, &bytes, &size));
    ck_assert_ptr_null(bytes);
    ck_assert_uint_eq(size, 7);
}
END_TEST

START_TEST(every_listed_name_is_found)
{
    unsigned count = 0;

    for (; builtin_name(count) != NULL; count++) {
        const void *bytes;
        uint64_t size;

        ck_assert(builtin_find(builtin_name(count), BUILTIN_MODEL, &bytes, &size));
        ck_assert(builtin_find(builtin_name(count), BUILTIN_IMATRIX, &bytes, &size));
    }
    ck_assert_uint_eq(count, 1);
    ck_assert_ptr_null(builtin_name(count + 1));
}
END_TEST

/* builtin.S must not cost the program its non-executable stack. */
START_TEST(stack_is_not_executable)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[4096], permissions[5] = "";

    ck_assert_ptr_nonnull(maps);
    while (fgets(line, sizeof(line), maps) != NULL) {
        if (strstr(line, "[stack]") != NULL)
            ck_assert_int_eq(sscanf(line, "%*s %4s", permissions), 1);
    }
    fclose(maps);
    ck_assert_str_eq(permissions, "rw-p");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("builtin");
    TCase *tc = tcase_create("all");

    tcase_set_timeout(tc, 0);
    tcase_add_test(tc, bytes_are_those_of_the_files);
    tcase_add_test(tc, unknown_names_are_not_found);
    tcase_add_test(tc, every_listed_name_is_found);
    tcase_add_test(tc, stack_is_not_executable);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
