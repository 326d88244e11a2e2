/* The head of a GGUF file, byte for byte. */
#include "gguf_builder.h"
#include "gguf_writer.h"
#include "suite.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct bytes expected;
static struct gguf_writer writer;
static struct error error;

static void setup(void)
{
    ck_assert(gguf_writer_open(&writer, 32, &error));
}

static void teardown(void)
{
    gguf_writer_close(&writer);
    bytes_free(&expected);
}

static struct tensor matrix(const char *name, uint64_t ncols, uint64_t nrows)
{
    struct tensor tensor = {0};
    const uint64_t dims[2] = {ncols, nrows};
    ck_assert(tensor_set_dims(&tensor, 2, dims, &error));
    tensor.name = strdup(name);
    ck_assert_ptr_nonnull(tensor.name);
    return tensor;
}

/* Adds a matrix and says where it lies. */
static bool add(const char *name, uint64_t ncols, uint64_t nrows, uint32_t type, uint64_t *offset)
{
    struct tensor tensor = matrix(name, ncols, nrows);
    uint64_t nbytes;
    const bool good =
        gguf_writer_tensor(&writer, &tensor, gguf_type_find(type), offset, &nbytes, &error);
    free(tensor.name);
    return good;
}

static void expect_head(void)
{
    uint8_t *head;
    size_t size;
    ck_assert(gguf_writer_finish(&writer, &head, &size, &error));
    ck_assert_uint_eq(size, expected.size);
    ck_assert_mem_eq(head, expected.data, size);
    free(head);
}

START_TEST(empty_file_is_a_header)
{
    put_header(&expected, 3, 0, 0);
    put_padding(&expected, 32);
    expect_head();
}
END_TEST

START_TEST(head_is_as_ggml_lays_it_out)
{
    uint64_t offset;
    gguf_writer_string(&writer, "general.name", "two");
    gguf_writer_u32(&writer, "general.file_type", 14);
    ck_assert(add("a", 256, 3, 12, &offset)); /* Q4_K: 3 * 144 = 432, padded to 448 */
    ck_assert_uint_eq(offset, 0);
    ck_assert(add("b", 5, 1, GGUF_F32, &offset)); /* 20 bytes */
    ck_assert_uint_eq(offset, 448);
    ck_assert(add("c", 0, 7, GGUF_F32, &offset)); /* nothing */
    ck_assert_uint_eq(offset, 480);
    ck_assert(add("d", 32, 1, 8, &offset)); /* Q8_0 */
    ck_assert_uint_eq(offset, 480);
    ck_assert_uint_eq(writer.data_bytes, 544);

    put_header(&expected, 3, 4, 2);
    put_key_string(&expected, "general.name", "two");
    put_key_u32(&expected, "general.file_type", 14);
    put_tensor(&expected, "a", 256, 3, 12, 0);
    put_tensor(&expected, "b", 5, 1, GGUF_F32, 448);
    put_tensor(&expected, "c", 0, 7, GGUF_F32, 480);
    put_tensor(&expected, "d", 32, 1, 8, 480);
    put_padding(&expected, 32);
    expect_head();
}
END_TEST

/* Every type of value, with bytes that a reader may change: a true of 0xff, NaN, an empty array. */
START_TEST(records_are_copied_byte_for_byte)
{
    static const uint8_t sizes[GGUF_VALUE_TYPE_COUNT] = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};
    struct bytes values = {0}, file = {0};
    uint64_t count = 0;
    for (uint32_t type = 0; type < GGUF_VALUE_TYPE_COUNT; type++) {
        char key[] = "key.a";
        key[4] = (char)('a' + type);
        if (sizes[type] == 0)
            continue;
        put_key(&values, key, type);
        put_repeated(&values, 0xff, sizes[type]);
        count++;
    }
    put_key_string(&values, "text", "t\xff\n");
    put_key_array(&values, "empty", GGUF_VALUE_STRING, 0);
    put_key_array(&values, "words", GGUF_VALUE_STRING, 2);
    put_string(&values, "");
    put_string(&values, "word");
    put_header(&file, 2, 0, count + 3);
    put(&file, values.data, values.size);

    struct source source;
    struct gguf gguf;
    ck_assert(source_open_memory(&source, "file", file.data, file.size, &error));
    ck_assert_msg(gguf_parse(&source, &gguf, &error), "%s", error.text);
    for (size_t i = 0; i < gguf.nvalues; i++)
        ck_assert(gguf_writer_copy(&writer, &gguf, &gguf.values[i], &error));
    put_header(&expected, 3, 0, count + 3);
    put(&expected, values.data, values.size);
    put_padding(&expected, 32);
    expect_head();
    gguf_free(&gguf);
    source_close(&source);
    bytes_free(&values);
    bytes_free(&file);
}
END_TEST

START_TEST(alignment_is_that_of_the_file)
{
    gguf_writer_close(&writer);
    ck_assert(gguf_writer_open(&writer, 256, &error));
    uint64_t offset;
    ck_assert(add("a", 1, 1, GGUF_F32, &offset));
    ck_assert(add("b", 1, 1, GGUF_F32, &offset));
    ck_assert_uint_eq(offset, 256);
    put_header(&expected, 3, 2, 0);
    put_tensor(&expected, "a", 1, 1, GGUF_F32, 0);
    put_tensor(&expected, "b", 1, 1, GGUF_F32, 256);
    put_padding(&expected, 256);
    expect_head();
    gguf_writer_close(&writer);
    ck_assert(!gguf_writer_open(&writer, (uint64_t)1 << 31, &error));
    ck_assert_str_eq(error.text,
                     "an alignment of 2147483648 bytes; the most that is written is 1048576");
}
END_TEST

START_TEST(what_ggml_cannot_read_is_refused)
{
    static const struct {
        size_t name;
        uint64_t ncols, nrows;
        uint32_t type;
        const char *said; /* NULL: right */
    } cases[] = {
        {63, 1, 1, GGUF_F32, NULL},
        {64, 1, 1, GGUF_F32, "its name has 64 bytes"},
        {0, 1, 1, GGUF_F32, "its name has 0 bytes"},
        {1, 255, 1, 12, "rows of 255 are no whole blocks of 256 (Q4_K)"},
        {1, 0, 1, 12, "rows of 0 are no whole blocks"},
        {1, (uint64_t)1 << 61, 1, GGUF_F32, "more bytes than a file can"},
        {1, (uint64_t)1 << 62, 1, GGUF_F32, "more bytes than a file can"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char name[65] = "";
        memset(name, 'n', cases[i].name);
        uint64_t offset;
        const bool good = add(name, cases[i].ncols, cases[i].nrows, cases[i].type, &offset);
        ck_assert_msg(good == !cases[i].said, "case %zu", i);
        ck_assert_msg(good || strstr(error.text, cases[i].said), "case %zu: %s", i, error.text);
    }
    ck_assert_uint_eq(writer.ntensors, 1);
    struct tensor tensor = matrix("five", 1, 1);
    tensor.ndims = 5;
    uint64_t offset, nbytes;
    ck_assert(!gguf_writer_tensor(&writer, &tensor, gguf_type_find(0), &offset, &nbytes, &error));
    ck_assert_str_eq(error.text, "tensor \"five\": 5 dimensions; GGUF has at most 4");
    free(tensor.name);
}
END_TEST

/* Each fits, their sum does not. */
START_TEST(sum_of_sizes_is_checked)
{
    uint64_t offset;
    ck_assert(add("a", (uint64_t)1 << 60, 1, GGUF_F32, &offset));
    ck_assert(!add("b", (uint64_t)1 << 60, 1, GGUF_F32, &offset));
    ck_assert_ptr_nonnull(strstr(error.text, "more bytes than a file can"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("gguf_writer");
    TCase *tests = tcase_create("head");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, empty_file_is_a_header);
    tcase_add_test(tests, head_is_as_ggml_lays_it_out);
    tcase_add_test(tests, records_are_copied_byte_for_byte);
    tcase_add_test(tests, alignment_is_that_of_the_file);
    tcase_add_test(tests, what_ggml_cannot_read_is_refused);
    tcase_add_test(tests, sum_of_sizes_is_checked);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
