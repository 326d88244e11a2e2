/*
 * .npy files that are right, odd or wrong: each must be read, or refused with a message that says
 * what is wrong, without touching a byte outside the file. Their headers: test_npy_header.c.
 */
#include "npy_file.h"
#include "suite.h"

#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))

/* ------------------------------------------------------------------------------------------------
 * Magic, version, length
 */

START_TEST(cut_files_are_refused)
{
    for (size_t size = 0; size < 10 + sizeof GOOD_LINE - 1 + 24; size++) {
        struct bytes file = file_v1(TEXT(GOOD_LINE), 24);
        file.size = size;
        expect(&file, "cut",
               size < 10                          ? "no .npy file"
               : size < 10 + sizeof GOOD_LINE - 1 ? "longer than the file"
                                                  : "the array has 24 bytes");
    }
}
END_TEST

START_TEST(other_magic_is_refused)
{
    for (size_t i = 0; i < sizeof npy_magic; i++) {
        struct bytes file = file_v1(TEXT(GOOD_LINE), 24);
        file.data[i] ^= 0x20;
        expect(&file, "magic", "no .npy file");
    }
}
END_TEST

static const struct {
    unsigned major, minor;
    const char *word;
} versions[] = {
    {0, 0, "version 0.0"}, {0, 1, "version 0.1"}, {1, 0, NULL},
    {1, 1, "version 1.1"}, {2, 0, NULL},          {2, 1, "version 2.1"},
    {3, 0, NULL},          {4, 0, "version 4.0"}, {255, 255, "version 255.255"},
};

START_TEST(three_versions_are_read)
{
    struct bytes file =
        file_of(versions[_i].major, versions[_i].minor, sizeof GOOD_LINE - 1, TEXT(GOOD_LINE), 24);
    expect(&file, "version", versions[_i].word);
}
END_TEST

static const struct {
    unsigned major;
    uint32_t length;
    const char *word;
} lengths[] = {
    {1, 0, "newline"},
    {1, 65535, "longer than the file"},
    {2, UINT32_MAX, "longer than the file"},
    {2, 10 + sizeof GOOD_LINE + 24, "longer than the file"},
    {2, 1, "newline"},
};

START_TEST(the_length_is_held_against_the_file)
{
    struct bytes file = file_of(lengths[_i].major, 0, lengths[_i].length, TEXT(GOOD_LINE), 24);
    expect(&file, "length", lengths[_i].word);
}
END_TEST

START_TEST(version_2_must_have_its_length)
{
    struct bytes file = file_of(2, 0, 0, "", 0, 0);
    file.size = 11;
    expect(&file, "eleven bytes", "longer than the file");
}
END_TEST

/* A header of blanks that fits the file; 65535 is the longest that is read. */
START_TEST(long_headers_are_refused)
{
    static const struct {
        size_t length;
        const char *word;
    } cases[] = {{65535, NULL}, {65536, "the limit is 65535"}, {1 << 24, "the limit is 65535"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bytes header = {0};
        put_text(&header, GOOD);
        put_repeated(&header, ' ', cases[i].length - header.size - 1);
        put_text(&header, "\n");
        struct bytes file = file_of(3, 0, (uint32_t)header.size, header.data, header.size, 24);
        bytes_free(&header);
        expect(&file, "long header", cases[i].word);
    }
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Options
 */

START_TEST(bytes_behind_the_array_are_noted)
{
    struct error error;
    size_t nnotes;
    struct npy_options options = {0};
    struct bytes file = file_v1(TEXT(GOOD_LINE), 25);
    ck_assert_msg(opens(&file, &options, &nnotes, &error), "%s", error.text);
    ck_assert_uint_eq(nnotes, 1);

    options.strict = true;
    file = file_v1(TEXT(GOOD_LINE), 25);
    expect_with(&file, &options, "strict", "1 bytes behind the array");
    file = file_v1(TEXT(GOOD_LINE), 24);
    expect_with(&file, &options, "strict", NULL);
}
END_TEST

#define DESCR(text) TEXT("{'descr': " text ", 'fortran_order': False, 'shape': (3,), }\n")

START_TEST(void_elements_can_be_bfloat16)
{
    const struct npy_options options = {.as_bf16 = true};
    struct bytes file = file_v1(DESCR("'|V2'"), 6);
    expect_with(&file, &options, "|V2", NULL);
    file = file_v1(DESCR("'<V2'"), 6);
    expect_with(&file, &options, "<V2", NULL);
    file = file_v1(DESCR("'|V4'"), 12);
    expect_with(&file, &options, "|V4", "raw bytes");
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Contents
 */

struct content_case {
    const char *descr;
    const char *type;
    uint8_t bytes[16]; /* of 1.5 and -2 */
    unsigned size;
};

static const struct content_case content_cases[] = {
    {"<f2", "F16", {0x00, 0x3E, 0x00, 0xC0}, 4},
    {">f2", "F16", {0x3E, 0x00, 0xC0, 0x00}, 4},
    {"<f4", "F32", {0, 0, 0xC0, 0x3F, 0, 0, 0, 0xC0}, 8},
    {">f4", "F32", {0x3F, 0xC0, 0, 0, 0xC0, 0, 0, 0}, 8},
    {"=f4", "F32", {0, 0, 0xC0, 0x3F, 0, 0, 0, 0xC0}, 8},
    {"<f8", "F64", {0, 0, 0, 0, 0, 0, 0xF8, 0x3F, 0, 0, 0, 0, 0, 0, 0, 0xC0}, 16},
    {">f8", "F64", {0x3F, 0xF8, 0, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0}, 16},
    {"|V2", "BF16", {0xC0, 0x3F, 0x00, 0xC0}, 4},
};

START_TEST(weights_of_either_byte_order)
{
    const struct content_case *c = &content_cases[_i];
    const struct npy_options options = {.as_bf16 = true};
    char header[128];
    snprintf(header, sizeof header, "{'descr': '%s', 'fortran_order': False, 'shape': (2, 1)}\n",
             c->descr);
    struct bytes file = file_v1(header, strlen(header), 0);
    put(&file, c->bytes, c->size);

    struct error error;
    struct tensor_list list = {0};
    struct source *source = source_new_memory("file", file.data, file.size, &error);
    ck_assert_ptr_nonnull(source);
    ck_assert_msg(npy_open(source, "t", &options, &list, &error), "%s", error.text);
    const struct tensor *tensor = &list.tensors[0];
    ck_assert_str_eq(tensor->type, c->type);
    ck_assert_uint_eq(tensor->nbytes, c->size);
    ck_assert_uint_eq(tensor->ncols, 1);
    ck_assert_uint_eq(tensor->nrows, 2);
    float weights[2];
    struct buffer buffer = {0};
    ck_assert_msg(tensor_read(tensor, 0, 2, weights, &buffer, &error), "%s", error.text);
    ck_assert(weights[0] == 1.5f);
    ck_assert(weights[1] == -2.0f);
    buffer_free(&buffer);
    tensor_list_free(&list);
    bytes_free(&file);
}
END_TEST

START_TEST(the_last_index_is_the_row)
{
    static const char header[] = "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3, 5)}\n";
    struct bytes file = file_v1(header, sizeof header - 1, 30);
    struct error error;
    struct tensor_list list = {0};
    const struct npy_options options = {0};
    struct source *source = source_new_memory("file", file.data, file.size, &error);
    ck_assert_ptr_nonnull(source);
    ck_assert_msg(npy_open(source, "t", &options, &list, &error), "%s", error.text);
    const struct tensor *tensor = &list.tensors[0];
    ck_assert(!tensor_readable(tensor));
    ck_assert_uint_eq(tensor->ndims, 3);
    ck_assert_uint_eq(tensor->dims[0], 5);
    ck_assert_uint_eq(tensor->dims[1], 3);
    ck_assert_uint_eq(tensor->dims[2], 2);
    ck_assert_uint_eq(tensor->ncols, 5);
    ck_assert_uint_eq(tensor->nrows, 6);
    tensor_list_free(&list);
    bytes_free(&file);
}
END_TEST

/* Real weights, see data/README.md. */
START_TEST(a_real_file)
{
    struct error error;
    struct tensor_list list = {0};
    const struct npy_options options = {.strict = true};
    struct source *source = source_new_file(ROUNDEL_SOURCE_DIR "/tests/data/bolano.npy", &error);
    ck_assert_msg(source != NULL, "%s", error.text);
    ck_assert(npy_recognised(source));
    ck_assert_msg(npy_open(source, "kernel", &options, &list, &error), "%s", error.text);
    const struct tensor *tensor = &list.tensors[0];
    ck_assert_uint_eq(tensor->nrows, 32);
    ck_assert_uint_eq(tensor->ncols, 512);
    float ends[2];
    struct buffer buffer = {0};
    ck_assert(tensor_read(tensor, 0, 1, &ends[0], &buffer, &error));
    ck_assert(tensor_read(tensor, 32 * 512 - 1, 1, &ends[1], &buffer, &error));
    ck_assert(ends[0] == -0x1.720608p-1f);
    ck_assert(ends[1] == 0x1.eed84ep-4f);
    buffer_free(&buffer);
    tensor_list_free(&list);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("npy");
    TCase *files = tcase_create("files");
    tcase_set_timeout(files, 0);
    tcase_add_test(files, cut_files_are_refused);
    tcase_add_test(files, other_magic_is_refused);
    tcase_add_loop_test(files, three_versions_are_read, 0, COUNT(versions));
    tcase_add_loop_test(files, the_length_is_held_against_the_file, 0, COUNT(lengths));
    tcase_add_test(files, version_2_must_have_its_length);
    tcase_add_test(files, long_headers_are_refused);
    suite_add_tcase(suite, files);

    TCase *contents = tcase_create("contents");
    tcase_set_timeout(contents, 0);
    tcase_add_test(contents, bytes_behind_the_array_are_noted);
    tcase_add_test(contents, void_elements_can_be_bfloat16);
    tcase_add_loop_test(contents, weights_of_either_byte_order, 0, COUNT(content_cases));
    tcase_add_test(contents, the_last_index_is_the_row);
    tcase_add_test(contents, a_real_file);
    suite_add_tcase(suite, contents);

    return suite_run(suite);
}
