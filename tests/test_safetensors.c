/*
 * safetensors files that are right, odd or wrong: each must be read, or refused with a message that
 * says what is wrong, without touching a byte outside the file and without asking for much memory.
 * The entries of tensors: test_safetensors_entry.c. Bombs: test_safetensors_bombs.c.
 */
#include "safetensors_file.h"
#include "suite.h"

#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))

/* ------------------------------------------------------------------------------------------------
 * The length of the header
 */

START_TEST(files_of_a_few_bytes_are_refused)
{
    static const uint8_t two_then_braces[10] = {2, 0, 0, 0, 0, 0, 0, 0, '{', '}'};
    for (size_t size = 0; size <= sizeof two_then_braces; size++) {
        struct bytes file = {0};
        put(&file, two_then_braces, size);
        expect(&file, "a few bytes",
               size == 10  ? NULL
               : size >= 8 ? "longer than the file"
                           : "too short");
    }
}
END_TEST

static const struct length_case {
    uint64_t length;
    const char *word;
} length_cases[] = {
    {0, "too short"},
    {1, "too short"},
    {3, "longer than the file"},
    {100000000, "longer than the file"},
    {100000001, "the limit of 100000000"},
    {UINT64_C(1) << 63, "longer than the file"},
    {UINT64_MAX, "longer than the file"},
    {UINT64_MAX - 7, "longer than the file"},
};

START_TEST(the_length_is_held_against_the_file)
{
    struct bytes file = file_of(length_cases[_i].length, TEXT("{}"), 0);
    expect(&file, "length", length_cases[_i].word);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Headers
 */

static const struct header_case text_cases[] = {
    {"empty", TEXT("{}"), 0, NULL},
    {"empty with data", TEXT("{}"), 1, "1 bytes follow the last tensor"},
    {"one tensor", TEXT("{\"t\":" GOOD "}"), 24, NULL},
    {"blanks inside", TEXT("{ \"t\" :\n" GOOD "\r\t }"), 24, NULL},
    {"spaces behind", TEXT("{\"t\":" GOOD "}    "), 24, NULL},
    {"other blanks behind", TEXT("{\"t\":" GOOD "}\n"), 24, "closing brace"},
    {"garbage behind", TEXT("{\"t\":" GOOD "}x"), 24, "closing brace"},
    {"a second object", TEXT("{}{}"), 0, "closing brace"},
    {"NUL behind", TEXT("{}\0"), 0, "closing brace"},
    {"space before", TEXT(" {}"), 0, "'{'"},
    {"byte order mark", TEXT("\xEF\xBB\xBF{}"), 0, "'{'"},
    {"NUL before", TEXT("\0{}"), 0, "'{'"},
    {"array", TEXT("[1, 2]"), 0, "'{'"},
    {"number", TEXT("17"), 0, "'{'"},
    {"string", TEXT("\"{}\""), 0, "'{'"},
    {"open object", TEXT("{\"t\":" GOOD), 24, "ends where"},
    {"open name", TEXT("{\"t"), 0, "inside a string"},
    {"escaped quote at the end", TEXT("{\"t\\\""), 0, "inside a string"},
    {"backslash at the end", TEXT("{\"t\\"), 0, "inside a string"},
    {"name alone", TEXT("{\"t\""), 0, "':'"},
    {"no value", TEXT("{\"t\":"), 0, "a value"},
    {"no value, brace", TEXT("{\"t\":}"), 0, "a value"},
    {"no colon", TEXT("{\"t\" " GOOD "}"), 24, "':'"},
    {"no name", TEXT("{" GOOD "}"), 24, "a name"},
    {"no comma", TEXT("{\"t\":" GOOD " \"u\":" GOOD "}"), 24, "','"},
    {"comma at the end", TEXT("{\"t\":" GOOD ",}"), 24, "a name"},
    {"comma at the start", TEXT("{,\"t\":" GOOD "}"), 24, "a name"},
    {"NUL inside", TEXT("{\"t\":" GOOD "\0}"), 24, "\\x00"},
    {"NUL in a name", TEXT("{\"a\0b\":" GOOD "}"), 24, "tensor name"},
    {"escaped NUL in a name", TEXT("{\"a\\u0000b\":" GOOD "}"), 24, "tensor name"},
    {"newline in a name", TEXT("{\"a\nb\":" GOOD "}"), 24, "tensor name"},
    {"name not UTF-8", TEXT("{\"a\xFF\":" GOOD "}"), 24, "unable to decode byte"},
    {"overlong UTF-8", TEXT("{\"a\xC0\x80\":" GOOD "}"), 24, "unable to decode byte"},
    {"surrogate in UTF-8", TEXT("{\"a\xED\xA0\x80\":" GOOD "}"), 24, "unable to decode byte"},
    {"surrogate pair", TEXT("{\"a\\ud83d\\ude00\":" GOOD "}"), 24, NULL},
    {"half a surrogate pair", TEXT("{\"a\\ud83d\":" GOOD "}"), 24, "Unicode"},
    {"second half alone", TEXT("{\"a\\ude00\":" GOOD "}"), 24, "Unicode"},
    {"invalid escape", TEXT("{\"a\\q\":" GOOD "}"), 24, "escape"},
    {"empty name", TEXT("{\"\":" GOOD "}"), 24, NULL},
    {"duplicate name", TEXT("{\"t\":" GOOD ",\"t\":" GOOD "}"), 24, "twice"},
    {"duplicate by escape", TEXT("{\"t\":" GOOD ",\"\\u0074\":" GOOD "}"), 24, "twice"},
    {"terminal sequence in a name", TEXT("{\"\\u001b[31m\":0}"), 0, "\"\\x1b[31m\""},
    {"tensor is a number", TEXT("{\"t\":7}"), 0, "tensor \"t\""},
    {"tensor is an array", TEXT("{\"t\":[1,2]}"), 0, "tensor \"t\""},
    {"tensor is a word", TEXT("{\"t\":null}"), 0, "tensor \"t\""},
    {"brackets cross", TEXT("{\"t\":{\"shape\":[2}]}"), 0, "tensor \"t\""},
    {"deeper than arrays", TEXT("{\"t\":{\"a\":[[1]]}}"), 0, "too deeply"},
};

#define METADATA(text) TEXT("{\"__metadata__\":" text ",\"t\":" GOOD "}")

static const struct header_case metadata_cases[] = {
    {"metadata", METADATA("{\"a\":\"b\",\"c\":\"\"}"), 24, NULL},
    {"no metadata", METADATA("{}"), 24, NULL},
    {"number", METADATA("{\"a\":1}"), 24, "__metadata__"},
    {"nested", METADATA("{\"a\":{\"b\":\"c\"}}"), 24, "__metadata__"},
    {"array of strings", METADATA("{\"a\":[\"b\"]}"), 24, "__metadata__"},
    {"null", METADATA("{\"a\":null}"), 24, "__metadata__"},
    {"is a string", METADATA("\"a\""), 24, "__metadata__"},
    {"is null", METADATA("null"), 24, "__metadata__"},
    {"a key twice", METADATA("{\"a\":\"b\",\"\\u0061\":\"c\"}"), 24, "duplicate"},
    {"twice", METADATA("{},\"__metadata__\":{}"), 24, "duplicate"},
    {"twice by escape", METADATA("{},\"__metadat\\u0061__\":{}"), 24, "duplicate"},
    {"not UTF-8", METADATA("{\"a\":\"\xFF\"}"), 24, "unable to decode byte"},
};

/* Two tensors: dtype U8, so that a shape is a size. */
#define U8(name, size, begin, end)                                                                 \
    "\"" name "\":{\"dtype\":\"U8\",\"shape\":[" size "],\"data_offsets\":[" begin "," end "]}"

static const struct header_case place_cases[] = {
    {"in order", TEXT("{" U8("a", "3", "0", "3") "," U8("b", "4", "3", "7") "}"), 7, NULL},
    {"reversed", TEXT("{" U8("a", "4", "3", "7") "," U8("b", "3", "0", "3") "}"), 7, NULL},
    {"a hole", TEXT("{" U8("a", "3", "0", "3") "," U8("b", "4", "4", "8") "}"), 8,
     "\"b\": 1 bytes before it"},
    {"overlap", TEXT("{" U8("a", "3", "0", "3") "," U8("b", "4", "2", "6") "}"), 6,
     "\"b\": overlaps"},
    {"the same place", TEXT("{" U8("a", "3", "0", "3") "," U8("b", "3", "0", "3") "}"), 3,
     "\"b\": overlaps"},
    {"inside another", TEXT("{" U8("a", "6", "0", "6") "," U8("b", "2", "2", "4") "}"), 6,
     "\"b\": overlaps"},
    {"empty ones share a place",
     TEXT("{" U8("a", "0", "3", "3") "," U8("b", "3", "0", "3") "," U8("c", "0", "3", "3") "," U8(
         "d", "0", "0", "0") "," U8("e", "1", "3", "4") "}"),
     4, NULL},
    {"an empty one inside another", TEXT("{" U8("a", "6", "0", "6") "," U8("b", "0", "3", "3") "}"),
     6, "\"b\": overlaps"},
    {"an empty one behind the data",
     TEXT("{" U8("a", "6", "0", "6") "," U8("b", "0", "7", "7") "}"), 6, "do not lie in"},
};

START_TEST(header_text)
{
    check_header(&text_cases[_i]);
}
END_TEST

START_TEST(header_metadata)
{
    check_header(&metadata_cases[_i]);
}
END_TEST

START_TEST(header_places)
{
    check_header(&place_cases[_i]);
}
END_TEST

/* Whatever a header is cut to, it is refused. */
START_TEST(cut_headers_are_refused)
{
    static const char header[] = "{\"__metadata__\":{\"a\":\"b\"},\"t\":" GOOD "}";
    for (size_t length = 2; length < sizeof header - 1; length++) {
        struct bytes file = file_of(length, header, length, 24);
        expect(&file, "cut", "file");
    }
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Contents
 */

START_TEST(tensors_are_described_and_read)
{
    static const char header[] =
        "{\"m\":{\"dtype\":\"F16\",\"shape\":[2,1,3],\"data_offsets\":[8,20]},"
        "\"i\":{\"dtype\":\"I32\",\"shape\":[2],\"data_offsets\":[0,8]},"
        "\"s\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[20,24]}}";
    static const uint16_t halves[6] = {0x3C00, 0x4000, 0x4200, 0x4400, 0xC500, 0x4600};
    struct bytes file = file_of(sizeof header - 1, header, sizeof header - 1, 8);
    put(&file, halves, sizeof halves);
    put_f32(&file, 0.5f);

    struct error error;
    struct tensor_list list = {0};
    struct source *source = source_new_memory("file", file.data, file.size, &error);
    ck_assert_ptr_nonnull(source);
    ck_assert_msg(safetensors_open(source, &list, &error), "%s", error.text);
    ck_assert_uint_eq(list.count, 3);

    const struct tensor *integers = &list.tensors[0];
    ck_assert_str_eq(integers->name, "i");
    ck_assert_str_eq(integers->type, "I32");
    ck_assert(!tensor_readable(integers));

    const struct tensor *matrix = &list.tensors[1];
    ck_assert_str_eq(matrix->name, "m");
    ck_assert_str_eq(matrix->type, "F16");
    ck_assert_uint_eq(matrix->ndims, 3);
    ck_assert_uint_eq(matrix->dims[0], 3);
    ck_assert_uint_eq(matrix->dims[1], 1);
    ck_assert_uint_eq(matrix->dims[2], 2);
    ck_assert_uint_eq(matrix->ncols, 3);
    ck_assert_uint_eq(matrix->nrows, 2);
    ck_assert_uint_eq(matrix->nbytes, 12);
    float weights[6];
    struct buffer buffer = {0};
    ck_assert(tensor_read(matrix, 0, 6, weights, &buffer, &error));
    static const float expected[6] = {1, 2, 3, 4, -5, 6};
    ck_assert_mem_eq(weights, expected, sizeof expected);

    const struct tensor *scalar = &list.tensors[2];
    ck_assert_uint_eq(scalar->ndims, 0);
    ck_assert_uint_eq(scalar->ncols, 1);
    ck_assert_uint_eq(scalar->nrows, 1);
    ck_assert(tensor_read(scalar, 0, 1, weights, &buffer, &error));
    ck_assert(weights[0] == 0.5f);

    buffer_free(&buffer);
    tensor_list_free(&list);
    bytes_free(&file);
}
END_TEST

/* A failure leaves what other files put into the list. */
START_TEST(the_list_survives_a_failure)
{
    struct error error;
    struct tensor_list list = {0};
    struct tensor tensor = {.kind = ELEMENT_OTHER, .type = "I8"};
    ck_assert(tensor_list_add(&list, &tensor, "first", 5, &error));
    static const char header[] = "{\"t\":" GOOD ",\"u\":0}";
    struct bytes file = file_of(sizeof header - 1, header, sizeof header - 1, 24);
    struct source *source = source_new_memory("file", file.data, file.size, &error);
    ck_assert_ptr_nonnull(source);
    ck_assert(!safetensors_open(source, &list, &error));
    source_delete(source);
    ck_assert_uint_eq(list.count, 1);
    ck_assert_str_eq(list.tensors[0].name, "first");
    tensor_list_free(&list);
    bytes_free(&file);
}
END_TEST

/* Real weights, see data/README.md. */
START_TEST(a_real_file)
{
    struct error error;
    struct tensor_list list = {0};
    struct source *source =
        source_new_file(ROUNDEL_SOURCE_DIR "/tests/data/darwin.safetensors", &error);
    ck_assert_msg(source != NULL, "%s", error.text);
    ck_assert(safetensors_recognised(source));
    ck_assert_msg(safetensors_open(source, &list, &error), "%s", error.text);
    ck_assert_uint_eq(list.count, 2);
    ck_assert_str_eq(list.tensors[0].name, "embedding");
    ck_assert_str_eq(list.tensors[1].name, "cell_0.lstm.kernel");
    ck_assert_uint_eq(list.tensors[0].nrows, 100);
    ck_assert_uint_eq(list.tensors[0].ncols, 128);
    ck_assert_uint_eq(list.tensors[1].nrows, 32);
    ck_assert_uint_eq(list.tensors[1].ncols, 256);

    float ends[2];
    struct buffer buffer = {0};
    ck_assert(tensor_read(&list.tensors[1], 0, 1, &ends[0], &buffer, &error));
    ck_assert(tensor_read(&list.tensors[1], 32 * 256 - 1, 1, &ends[1], &buffer, &error));
    ck_assert(ends[0] == 0x1.265cacp-4f);
    ck_assert(ends[1] == -0x1.aa722ap-9f);
    buffer_free(&buffer);
    tensor_list_free(&list);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("safetensors");
    TCase *headers = tcase_create("headers");
    tcase_set_timeout(headers, 0);
    tcase_add_checked_fixture(headers, count_jansson, NULL);
    tcase_add_test(headers, files_of_a_few_bytes_are_refused);
    tcase_add_loop_test(headers, the_length_is_held_against_the_file, 0, COUNT(length_cases));
    tcase_add_loop_test(headers, header_text, 0, COUNT(text_cases));
    tcase_add_loop_test(headers, header_metadata, 0, COUNT(metadata_cases));
    tcase_add_loop_test(headers, header_places, 0, COUNT(place_cases));
    tcase_add_test(headers, cut_headers_are_refused);
    suite_add_tcase(suite, headers);

    TCase *contents = tcase_create("contents");
    tcase_set_timeout(contents, 0);
    tcase_add_test(contents, tensors_are_described_and_read);
    tcase_add_test(contents, the_list_survives_a_failure);
    tcase_add_test(contents, a_real_file);
    suite_add_tcase(suite, contents);

    return suite_run(suite);
}
