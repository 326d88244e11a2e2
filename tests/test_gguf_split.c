/* Models in parts: right ones, and those whose parts do not go together. */
#include "gguf_builder.h"
#include "input.h"
#include "suite.h"
#include "temp_dir.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum {
    NONE = -1 /* the key is absent */
};

/* What a part says of itself, and its tensors: F32 matrices of one row of eight. */
struct part {
    const char *file;
    long number, count, tensors;
    const char *names[3];
};

static void put_split_key(struct bytes *bytes, const char *key, long value, uint64_t *nkeys)
{
    if (value == NONE)
        return;
    put_key_u32(bytes, key, (uint32_t)value);
    ++*nkeys;
}

static void write_part(const struct part *part)
{
    struct bytes keys = {0}, file = {0};
    uint64_t nkeys = 0, ntensors = 0;
    put_split_key(&keys, "split.no", part->number, &nkeys);
    put_split_key(&keys, "split.count", part->count, &nkeys);
    put_split_key(&keys, "split.tensors.count", part->tensors, &nkeys);
    while (ntensors < 3 && part->names[ntensors])
        ntensors++;
    put_header(&file, 3, ntensors, nkeys);
    put(&file, keys.data, keys.size);
    for (uint64_t i = 0; i < ntensors; i++)
        put_tensor(&file, part->names[i], 8, 1, GGUF_F32, 32 * i);
    put_padding(&file, 32);
    for (uint64_t i = 0; i < 8 * ntensors; i++)
        put_f32(&file, (float)(part->number * 100 + (long)i));
    temp_write(part->file, file.data, file.size);
    bytes_free(&keys);
    bytes_free(&file);
}

static struct tensor_list list;
static struct error error;

static void setup(void)
{
    temp_dir_make();
    list = (struct tensor_list){0};
}

static void teardown(void)
{
    tensor_list_free(&list);
    temp_dir_remove();
}

static bool open_model(const char *file, bool strict)
{
    const struct input_options options = {.strict = strict};
    return input_open(temp_path(file), &options, &list, &error);
}

/* ------------------------------------------------------------------------------------------------
 */

/* The first part may have no tensors at all. */
static const struct part right[] = {
    {"m-00001-of-00003.gguf", 0, 3, 4, {NULL}},
    {"m-00002-of-00003.gguf", 1, 3, 4, {"b", "a"}},
    {"m-00003-of-00003.gguf", 2, 3, 4, {"c", "d"}},
};

static void write_right(void)
{
    for (size_t i = 0; i < 3; i++)
        write_part(&right[i]);
}

START_TEST(first_part_stands_for_all)
{
    write_right();
    ck_assert_msg(open_model("m-00001-of-00003.gguf", _i == 1), "%s", error.text);
    ck_assert_uint_eq(list.count, 4);
    ck_assert_uint_eq(list.nsources, 3);
    ck_assert_uint_eq(list.nnotes, 0);
    ck_assert_ptr_nonnull(strstr(list.sources[0]->name, "00001"));
    static const char *const names[4] = {"b", "a", "c", "d"};
    static const float firsts[4] = {100, 108, 200, 208};
    for (size_t i = 0; i < 4; i++) {
        struct buffer buffer = {0};
        float row[8];
        ck_assert_str_eq(list.tensors[i].name, names[i]);
        ck_assert(tensor_read(&list.tensors[i], 0, 8, row, &buffer, &error));
        ck_assert(row[0] == firsts[i] && row[7] == firsts[i] + 7.0f);
        buffer_free(&buffer);
    }
}
END_TEST

START_TEST(later_part_is_itself_with_a_note)
{
    write_right();
    ck_assert_msg(open_model("m-00002-of-00003.gguf", false), "%s", error.text);
    ck_assert_uint_eq(list.count, 2);
    ck_assert_uint_eq(list.nnotes, 1);
    ck_assert_ptr_nonnull(strstr(list.notes[0], "part 2 of 3 of a model"));
}
END_TEST

/* split.count 0 is what llama.cpp writes when it merges parts. */
START_TEST(model_in_one_part_is_whole)
{
    const struct part whole = {"any.gguf", _i == 0 ? NONE : 0, _i - 1, NONE, {"a"}};
    write_part(&whole);
    ck_assert_msg(open_model("any.gguf", true), "%s", error.text);
    ck_assert_uint_eq(list.count, 1);
}
END_TEST

static const struct wrong {
    struct part parts[3]; /* without a file: that of `right` */
    const char *said;
} wrongs[] = {
    {{{0}, {"m-00002-of-00003.gguf", 2, 3, 4, {"b", "a"}}},
     "m-00002-of-00003.gguf: it says that it is part 3 of 3"},
    {{{0}, {"m-00002-of-00003.gguf", 1, 4, 4, {"b", "a"}}}, "it says that it is part 2 of 4"},
    {{{0}, {"m-00002-of-00003.gguf", NONE, NONE, NONE, {"b", "a"}}},
     "it says that it is part 1 of 1"},
    {{{0}, {"m-00002-of-00003.gguf", 1, 3, 5, {"b", "a"}}},
     "the parts have 5 tensors by this one, 4 by the first"},
    {{{0}, {0}, {"m-00003-of-00003.gguf", 2, 3, 4, {"c"}}},
     "the parts have 3 tensors together, and should have 4"},
    {{{0}, {0}, {"m-00003-of-00003.gguf", 2, 3, 4, {"c", "d", "e"}}},
     "the parts have 5 tensors together, and should have 4"},
    {{{0}, {0}, {"m-00003-of-00003.gguf", 2, 3, 4, {"c", "a"}}},
     "the parts together: tensor \"a\": the name occurs twice"},
    {{{0}, {0}, {"other.gguf", 2, 3, 4, {"c", "a"}}},
     "m-00003-of-00003.gguf: No such file or directory"},
    {{{"m-00001-of-00003.gguf", 0, 3, NONE, {NULL}}}, "there is no key \"split.tensors.count\""},
    {{{"m-00001-of-00003.gguf", NONE, 3, 4, {NULL}}}, "there is no key \"split.no\""},
    {{{"m-00001-of-00003.gguf", 3, 3, 4, {NULL}}}, "key \"split.no\" is 3, of 3 parts"},
    {{{"m-00001-of-00003.gguf", 0, 65536, 4, {NULL}}},
     "key \"split.count\" is 65536; the most is 65535"},
    {{{"m-00001-of-00003.gguf", 0, 4, 4, {NULL}}},
     "its name does not end in \"-00001-of-00004.gguf\""},
};

START_TEST(wrong_part_is_refused)
{
    const struct wrong *wrong = &wrongs[_i];
    for (size_t i = 0; i < 3; i++)
        write_part(wrong->parts[i].file ? &wrong->parts[i] : &right[i]);
    ck_assert(!open_model("m-00001-of-00003.gguf", false));
    ck_assert_msg(strstr(error.text, wrong->said) != NULL, "%s", error.text);
    ck_assert_msg(strncmp(error.text, temp_dir, strlen(temp_dir)) == 0, "%s", error.text);
    ck_assert_uint_eq(list.count, 0);
}
END_TEST

START_TEST(key_of_another_type_is_refused)
{
    struct bytes file = {0};
    put_header(&file, 3, 0, 1);
    put_key_string(&file, "split.count", "3");
    temp_write("m.gguf", file.data, file.size);
    bytes_free(&file);
    ck_assert(!open_model("m.gguf", false));
    ck_assert_ptr_nonnull(strstr(error.text, "key \"split.count\" is string, not a whole number"));
}
END_TEST

/* What is no GGUF file, or a part that is cut. */
START_TEST(broken_part_is_refused)
{
    write_right();
    temp_write("m-00003-of-00003.gguf", "GGUF", 4);
    ck_assert(!open_model("m-00001-of-00003.gguf", false));
    ck_assert_ptr_nonnull(strstr(error.text, "m-00003-of-00003.gguf: "));
    ck_assert_uint_eq(list.count, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("gguf_split");
    TCase *tests = tcase_create("parts");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, first_part_stands_for_all, 0, 2);
    tcase_add_test(tests, later_part_is_itself_with_a_note);
    tcase_add_loop_test(tests, model_in_one_part_is_whole, 0, 3);
    tcase_add_loop_test(tests, wrong_part_is_refused, 0, sizeof wrongs / sizeof wrongs[0]);
    tcase_add_test(tests, key_of_another_type_is_refused);
    tcase_add_test(tests, broken_part_is_refused);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
