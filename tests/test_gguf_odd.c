/* GGUF files that are cut, damaged or odd, and a machine without memory. */
#include "gguf_expect.h"
#include "suite.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* Every type of value, two tensors that fill up the file but for the last 28 bytes of padding. */
static void put_rich_file(struct bytes *bytes)
{
    static const uint8_t payload[8] = {1};
    static const uint32_t sizes[GGUF_VALUE_TYPE_COUNT] = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};
    put_header(bytes, 3, 2, GGUF_VALUE_TYPE_COUNT + 1);
    for (uint32_t type = 0; type < GGUF_VALUE_TYPE_COUNT; type++) {
        char key[3] = {'k', (char)('a' + type), '\0'};
        if (sizes[type] > 0) {
            put_key(bytes, key, type);
            put(bytes, payload, sizes[type]);
        }
    }
    put_key_string(bytes, "string", "text");
    put_key_array(bytes, "strings", GGUF_VALUE_STRING, 2);
    put_string(bytes, "first");
    put_string(bytes, "second");
    put_key_array(bytes, "numbers", GGUF_VALUE_U16, 3);
    put_repeated(bytes, 1, 6);
    put_tensor(bytes, "a", 8, 1, GGUF_F32, 0);
    put_tensor(bytes, "b", 1, 1, GGUF_F32, 32);
    put_padding(bytes, 32);
    put_repeated(bytes, 0, 64);
}

START_TEST(every_truncation_is_refused)
{
    struct bytes whole = {0};
    put_rich_file(&whole);
    for (size_t size = 0; size <= whole.size; size++) {
        struct bytes part = {0};
        put(&part, whole.data, size);
        struct error error = {""};
        size_t nnotes;
        bool complete = size >= whole.size - 28;
        ck_assert_msg(open_bytes(&part, false, &nnotes, &error) == complete, "%zu of %zu: %s", size,
                      whole.size, error.text);
        ck_assert_uint_eq(nnotes, complete && size < whole.size ? 1 : 0);
        ck_assert(complete || error.text[0] != '\0');
        bytes_free(&part);
    }
    bytes_free(&whole);
}
END_TEST

START_TEST(every_flipped_bit_is_survived)
{
    struct bytes bytes = {0};
    put_rich_file(&bytes);
    for (size_t bit = 0; bit < 8 * (bytes.size - 64); bit++) {
        bytes.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        struct error error = {""};
        size_t nnotes;
        ck_assert(open_bytes(&bytes, bit % 2 == 0, &nnotes, &error) || error.text[0] != '\0');
        bytes.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    bytes_free(&bytes);
}
END_TEST

START_TEST(every_failed_allocation_is_survived)
{
    struct bytes bytes = {0};
    put_rich_file(&bytes);
    put_repeated(&bytes, 'j', 100); /* for a note */
    struct error error;
    struct source *source = source_new_memory("file", bytes.data, bytes.size, &error);
    ck_assert_ptr_nonnull(source);
    size_t failing = 0;
    for (bool good = false; !good; failing++) {
        struct tensor_list list = {0};
        error.text[0] = '\0';
        allocation_watch(failing);
        good = gguf_open(source, false, &list, &error);
        allocation_watch(ALLOCATION_NEVER_FAILS);
        ck_assert_msg(good || strstr(error.text, "memory") != NULL, "allocation %zu: \"%s\"",
                      failing, error.text);
        ck_assert(good ? list.count == 2 : list.count == 0 && list.nnotes == 0);
        tensor_list_free(&list); /* with the source, once it was taken */
    }
    ck_assert_uint_gt(failing, 20);
    bytes_free(&bytes);
}
END_TEST

static const struct odd_case {
    const char *what;
    uint64_t second_offset;
    size_t name_length; /* of the first tensor */
    size_t nonzero_at;  /* in the data; SIZE_MAX for nowhere */
    size_t data;
    size_t nnotes;
    const char *word; /* of the note, or of the error of a strict reader */
} odd_cases[] = {
    {"normal", 32, 1, SIZE_MAX, 64, 0, NULL},
    {"trailing bytes", 32, 1, SIZE_MAX, 65, 1, "1 bytes follow"},
    {"no tail", 32, 1, SIZE_MAX, 60, 1, "the last 4 bytes of padding are missing"},
    {"gap", 64, 1, SIZE_MAX, 96, 1, "tensor \"b\": its data is not in the sequence"},
    {"long name", 32, 64, SIZE_MAX, 64, 1, "longer than 63 bytes"},
    {"tail not zero", 32, 1, 63, 64, 0, "is not zero"},
};

START_TEST(odd_files_are_noted_and_refused_by_strict_readers)
{
    const struct odd_case *c = &odd_cases[_i];
    struct bytes bytes = {0};
    char name[65] = "";
    memset(name, 'n', c->name_length);
    put_header(&bytes, 3, 2, 0);
    put_tensor(&bytes, name, 8, 1, GGUF_F32, 0);
    put_tensor(&bytes, "b", 7, 1, GGUF_F32, c->second_offset);
    put_padding(&bytes, 32);
    size_t data = bytes.size;
    put_repeated(&bytes, 0, c->data);
    if (c->nonzero_at != SIZE_MAX) {
        bytes.data[data + c->nonzero_at] = 1;
    }
    struct error error;
    size_t nnotes;
    ck_assert(open_bytes(&bytes, false, &nnotes, &error));
    ck_assert_uint_eq(nnotes, c->nnotes);
    ck_assert_int_eq(open_bytes(&bytes, true, &nnotes, &error), c->word == NULL);
    ck_assert_msg(c->word == NULL || strstr(error.text, c->word) != NULL, "%s", error.text);
    bytes_free(&bytes);
}
END_TEST

START_TEST(strict_readers_want_zeros_before_and_between_tensors)
{
    struct bytes bytes = {0};
    put_header(&bytes, 3, 2, 0);
    put_tensor(&bytes, "a", 7, 1, GGUF_F32, 0);
    put_tensor(&bytes, "b", 8, 1, GGUF_F32, 32);
    size_t table = bytes.size;
    put_padding(&bytes, 32);
    size_t data = bytes.size;
    ck_assert_uint_gt(data, table);
    put_repeated(&bytes, 0, 64);
    for (size_t i = table; i < bytes.size; i++) {
        bool padding = i < data || (i >= data + 28 && i < data + 32);
        struct error error;
        size_t nnotes;
        bytes.data[i] = 1;
        ck_assert(open_bytes(&bytes, false, &nnotes, &error));
        ck_assert_uint_eq(nnotes, 0);
        ck_assert_int_eq(open_bytes(&bytes, true, &nnotes, &error), !padding);
        bytes.data[i] = 0;
    }
    bytes_free(&bytes);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("gguf_odd");
    TCase *tests = tcase_create("gguf_odd");
    tcase_set_timeout(tests, 0);
    tcase_add_test(tests, every_truncation_is_refused);
    tcase_add_test(tests, every_flipped_bit_is_survived);
    tcase_add_test(tests, every_failed_allocation_is_survived);
    tcase_add_loop_test(tests, odd_files_are_noted_and_refused_by_strict_readers, 0,
                        COUNT(odd_cases));
    tcase_add_test(tests, strict_readers_want_zeros_before_and_between_tensors);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
