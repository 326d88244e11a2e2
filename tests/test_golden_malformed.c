/* Directories of golden vectors that are not as they should be: each gets a clear error. */
#include "golden.h"
#include "golden_copy.h"
#include "suite.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const unsigned SCALAR = 1u << RDL_SCALAR;

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static struct golden_copy copy;

static void setup(void)
{
    golden_copy_open(&copy);
}

static void teardown(void)
{
    golden_copy_close(&copy);
}

enum mischief {
    REMOVE,
    TRUNCATE,
    ADD_FILE,
    ADD_DIRECTORY
};

static const struct {
    enum mischief mischief;
    const char *name;
    size_t size;
    const char *text; /* of the error, after the name of the directory */
} malformed[] = {
    {REMOVE, "inputs/edge.f32", 0, "/inputs/edge.f32: No such file or directory"},
    {REMOVE, "inputs/imatrix_1024.f32", 0, "/inputs/imatrix_1024.f32: No such file or directory"},
    {REMOVE, "q8_0/edge.plain.blk", 0, "/q8_0/edge.plain.blk: No such file or directory"},
    {REMOVE, "q8_0/edge.plain.deq.f32", 0, "/q8_0/edge.plain.deq.f32: No such file or directory"},
    {TRUNCATE, "inputs/edge.f32", 16380,
     "/inputs/edge.f32: has 16380 bytes; should be a multiple of 4096"},
    {TRUNCATE, "inputs/edge.f32", 0, "/inputs/edge.f32: has 0 bytes; should be 1 to 1073741824"},
    {TRUNCATE, "inputs/edge.f32", 3 * 4096, "/q8_0/edge.plain.blk: has 4352 bytes; should be 3264"},
    {TRUNCATE, "inputs/edge.f32", (size_t)1 << 31,
     "/inputs/edge.f32: has 2147483648 bytes; should be 1 to 1073741824"},
    {TRUNCATE, "inputs/imatrix_1024.f32", 4095,
     "/inputs/imatrix_1024.f32: has 4095 bytes; should be 4096"},
    {TRUNCATE, "q8_0/edge.plain.blk", 4351, "/q8_0/edge.plain.blk: has 4351 bytes; should be 4352"},
    {TRUNCATE, "q8_0/edge.plain.blk", 4353, "/q8_0/edge.plain.blk: has 4353 bytes; should be 4352"},
    {TRUNCATE, "q4_k/edge.imatrix.deq.f32", 12288,
     "/q4_k/edge.imatrix.deq.f32: has 12288 bytes; should be 16384"},
    {ADD_FILE, "q8_0/edge.plane.blk", 1,
     "/q8_0/edge.plane.blk: is not named CASE.KIND.blk or CASE.KIND.deq.f32, where KIND is plain, "
     "imatrix or ref"},
    {ADD_FILE, "q8_0/edge.plain.f32", 1,
     "/q8_0/edge.plain.f32: is not named CASE.KIND.blk or CASE.KIND.deq.f32, where KIND is plain, "
     "imatrix or ref"},
    {ADD_FILE, "q8_0/plain.blk", 1,
     "/q8_0/plain.blk: is not named CASE.KIND.blk or CASE.KIND.deq.f32, where KIND is plain, "
     "imatrix or ref"},
    {ADD_FILE, "q8_0/a'b.plain.blk", 1,
     "/q8_0/a\\x27b.plain.blk: the name of a case has at most 31 letters, digits, '_' or '-'"},
    {ADD_FILE, "q8_0/12345678901234567890123456789012.plain.blk", 1,
     "/q8_0/12345678901234567890123456789012.plain.blk: the name of a case has at most 31 letters, "
     "digits, '_' or '-'"},
    {ADD_FILE, "q8_0/rows0.plain.blk", 1,
     "/q8_0/rows0.plain.blk: the name of the case says no row length that is a multiple of 32"},
    {ADD_FILE, "q4_k/rows288.plain.blk", 1,
     "/q4_k/rows288.plain.blk: the name of the case says no row length that is a multiple of 256"},
    {ADD_FILE, "q8_0/rows18446744073709551648.plain.blk", 1,
     "/q8_0/rows18446744073709551648.plain.blk: the name of the case says no row length that is a "
     "multiple of 32"},
    {ADD_FILE, "q8_0/rows-32.plain.blk", 1,
     "/q8_0/rows-32.plain.blk: the name of the case says no row length that is a multiple of 32"},
    {ADD_DIRECTORY, "q4k", 0, "/q4k: there is no format of that name; did you mean 'q4_k'?"},
    {ADD_DIRECTORY, "q5_k", 0, "/q5_k: holds no golden vectors"},
    {ADD_DIRECTORY, "q8_0/gauss.plain.blk", 0, "/inputs/gauss.f32: No such file or directory"},
};

START_TEST(malformed_directory_is_refused)
{
    const char *name = malformed[_i].name;
    switch (malformed[_i].mischief) {
    case REMOVE:
        golden_copy_remove(&copy, name);
        break;
    case TRUNCATE:
        golden_copy_truncate(&copy, name, malformed[_i].size);
        break;
    case ADD_FILE:
        golden_copy_add(&copy, name, "x", malformed[_i].size);
        break;
    case ADD_DIRECTORY:
        golden_copy_add_directory(&copy, name);
        break;
    }
    struct error error;
    struct golden_result result;
    ck_assert(!golden_check(copy.root, SCALAR, &result, &error));
    ck_assert_ptr_null(result.tallies);
    ck_assert_msg(strncmp(error.text, copy.root, strlen(copy.root)) == 0, "%s", error.text);
    ck_assert_str_eq(error.text + strlen(copy.root), malformed[_i].text);
}
END_TEST

START_TEST(bad_weight_is_refused)
{
    static const uint8_t nan_end[] = {0xC0, 0x7F};
    for (size_t i = 0; i < 2; i++) {
        const size_t at = 4 * 1030 + 2 + i;
        const uint8_t was = golden_copy_flip(&copy, "inputs/edge.f32", at, 0);
        golden_copy_flip(&copy, "inputs/edge.f32", at, was ^ nan_end[i]);
    }
    struct error error;
    struct golden_result result;
    ck_assert(!golden_check(copy.root, SCALAR, &result, &error));
    ck_assert_ptr_nonnull(
        strstr(error.text, "q8_0: case edge, plain: cannot be encoded: a weight is NaN "));
    ck_assert_ptr_nonnull(strstr(error.text, "(row 1, column 6)"));
}
END_TEST

START_TEST(nothing_there_is_refused)
{
    static const char *const directories[][2] = {
        {"/nonexistent/golden", "/nonexistent/golden: No such file or directory"},
        {GOLDEN_SET "/README.md", GOLDEN_SET "/README.md: Not a directory"},
        {GOLDEN_SET "/inputs", GOLDEN_SET "/inputs: holds no directory of a format, such as q4_k"},
    };
    for (size_t i = 0; i < COUNT(directories); i++) {
        struct error error;
        struct golden_result result;
        ck_assert(!golden_check(directories[i][0], SCALAR, &result, &error));
        ck_assert_str_eq(error.text, directories[i][1]);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("golden_malformed");
    TCase *tc = tcase_create("all");
    tcase_set_timeout(tc, 0);
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, malformed_directory_is_refused, 0, COUNT(malformed));
    tcase_add_test(tc, bad_weight_is_refused);
    tcase_add_test(tc, nothing_there_is_refused);
    suite_add_tcase(suite, tc);

    return suite_run(suite);
}
