/*
 * safetensors files that are right, odd or wrong: each must be read, or refused with a message that
 * says what is wrong, without touching a byte outside the file and without asking for much memory.
 */
#include "safetensors.h"
#include "source_heap.h"

#include "hostile.h"
#include <jansson.h>
#include <stddef.h>
#include <stdio.h>

#define TEXT(literal) literal, sizeof(literal) - 1

enum {
    MIB = 1 << 20,
    JANSSON_MOST = 6 * MIB,
    LIST_MOST = 5 * MIB
};

/* ------------------------------------------------------------------------------------------------
 * What Jansson takes
 */

static size_t live, peak;

union block {
    size_t size;
    max_align_t aligned;
};

static void *count_malloc(size_t size)
{
    union block *block = malloc(sizeof *block + size);
    ck_assert_ptr_nonnull(block);
    block->size = size;
    live += size;
    peak = live > peak ? live : peak;
    return block + 1;
}

static void count_free(void *pointer)
{
    if (pointer != NULL) {
        union block *block = (union block *)pointer - 1;
        live -= block->size;
        free(block);
    }
}

static void count_jansson(void)
{
    json_set_alloc_funcs(count_malloc, count_free);
}

/* ------------------------------------------------------------------------------------------------
 * Building and opening
 */

static struct bytes file_of(uint64_t length, const void *header, size_t header_size, size_t data)
{
    struct bytes file = {0};
    put_u64(&file, length);
    put(&file, header, header_size);
    put_repeated(&file, 0, data);
    return file;
}

/* Opens the file and frees its bytes; the tensors are read as a whole if they are accepted. */
static bool opens(struct bytes *file, struct tensor_list *list, struct error *error)
{
    uint8_t *copy = exact_copy(file);
    struct source *source = source_new_memory("file", copy, file->size, error);
    ck_assert_ptr_nonnull(source);
    size_t before = list->count;
    peak = 0;
    bool good = safetensors_open(source, list, error);
    ck_assert_uint_eq(live, 0);
    ck_assert_msg(peak <= JANSSON_MOST, "Jansson took %zu bytes", peak);
    ck_assert_uint_le(list->capacity * sizeof(struct tensor), LIST_MOST);
    if (!good) {
        source_delete(source);
        ck_assert_uint_eq(list->count, before);
        ck_assert_msg(strncmp(error->text, "file: ", 6) == 0, "%s", error->text);
    }
    for (size_t i = 0; good && i < list->count; i++) {
        const struct tensor *tensor = &list->tensors[i];
        struct buffer buffer = {0};
        size_t count = (size_t)tensor_numel(tensor);
        float *weights = malloc((count + 1) * sizeof *weights);
        ck_assert_ptr_nonnull(weights);
        if (tensor_readable(tensor)) {
            ck_assert_msg(tensor_read(tensor, 0, count, weights, &buffer, error), "%s",
                          error->text);
        }
        free(weights);
        buffer_free(&buffer);
    }
    tensor_list_free(list);
    free(copy);
    bytes_free(file);
    return good;
}

/* `word`: part of the expected message, or NULL if the file is right. */
static void expect(struct bytes *file, const char *what, const char *word)
{
    struct error error = {""};
    struct tensor_list list = {0};
    bool good = opens(file, &list, &error);
    if (word == NULL) {
        ck_assert_msg(good, "%s: refused: %s", what, error.text);
        return;
    }
    ck_assert_msg(!good, "%s: accepted", what);
    ck_assert_msg(strstr(error.text, word) != NULL, "%s: \"%s\" does not say \"%s\"", what,
                  error.text, word);
}

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

struct header_case {
    const char *what;
    const char *header;
    size_t length;
    size_t data;      /* bytes behind the header */
    const char *word; /* of the message; NULL: accepted */
};

#define GOOD "{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]}"

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

/* The members of one tensor's object. */
#define ENTRY(text)        TEXT("{\"t\":{" text "}}")
#define SHAPE(text)        ENTRY("\"dtype\":\"F32\",\"shape\":" text ",\"data_offsets\":[0,24]")
#define OFFSETS(text)      ENTRY("\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":" text)
#define DTYPE(text, shape) ENTRY("\"dtype\":" text ",\"shape\":" shape ",\"data_offsets\":[0,24]")
#define ONES8              "1,1,1,1,1,1,1,1,"

static const struct header_case entry_cases[] = {
    {"other order", ENTRY("\"data_offsets\":[0,24],\"shape\":[6],\"dtype\":\"F32\""), 24, NULL},
    {"escaped members",
     ENTRY("\"dtyp\\u0065\":\"F32\",\"shap\\u0065\":[6],\"data_offsets\":[0,24]"), 24, NULL},
    {"unknown members",
     ENTRY("\"x\":-1.5,\"dtype\":\"F32\",\"y\":[-0],\"shape\":[6],\"z\":null,"
           "\"data_offsets\":[0,24]"),
     24, NULL},
    {"unknown member, bad",
     ENTRY("\"x\":nul,\"dtype\":\"F32\",\"shape\":[6],"
           "\"data_offsets\":[0,24]"),
     24, "JSON"},
    {"duplicate member",
     ENTRY("\"dtype\":\"F32\",\"shape\":[6],\"dtype\":\"F32\","
           "\"data_offsets\":[0,24]"),
     24, "duplicate"},
    {"duplicate by escape",
     ENTRY("\"dtype\":\"F32\",\"shape\":[6],\"\\u0064type\":\"F32\","
           "\"data_offsets\":[0,24]"),
     24, "duplicate"},
    {"no dtype", ENTRY("\"shape\":[6],\"data_offsets\":[0,24]"), 24, "dtype is missing"},
    {"no shape", ENTRY("\"dtype\":\"F32\",\"data_offsets\":[0,24]"), 24, "shape is missing"},
    {"no offsets", ENTRY("\"dtype\":\"F32\",\"shape\":[6]"), 24, "data_offsets is missing"},

    {"unknown dtype", DTYPE("\"F31\"", "[6]"), 24, "unknown dtype 'F31'"},
    {"lower case", DTYPE("\"f32\"", "[6]"), 24, "unknown dtype 'f32'"},
    {"empty dtype", DTYPE("\"\"", "[6]"), 24, "unknown dtype ''"},
    {"dtype a number", DTYPE("32", "[6]"), 24, "dtype"},
    {"unknown dtype, no data", ENTRY("\"dtype\":\"Q\",\"shape\":[0],\"data_offsets\":[0,0]"), 0,
     "unknown dtype 'Q'"},
    {"F64", DTYPE("\"F64\"", "[3]"), 24, NULL},
    {"F16", DTYPE("\"F16\"", "[3,4]"), 24, NULL},
    {"BF16", DTYPE("\"BF16\"", "[12]"), 24, NULL},
    {"I64", DTYPE("\"I64\"", "[3]"), 24, NULL},
    {"C64", DTYPE("\"C64\"", "[3]"), 24, NULL},
    {"BOOL", DTYPE("\"BOOL\"", "[24]"), 24, NULL},
    {"F8_E4M3", DTYPE("\"F8_E4M3\"", "[24]"), 24, NULL},
    {"F8_E5M2FNUZ", DTYPE("\"F8_E5M2FNUZ\"", "[24]"), 24, NULL},
    {"F6_E2M3", DTYPE("\"F6_E2M3\"", "[32]"), 24, NULL},
    {"F4", DTYPE("\"F4\"", "[48]"), 24, NULL},
    {"F4, odd", DTYPE("\"F4\"", "[47]"), 24, "whole number of bytes"},
    {"F6, odd", DTYPE("\"F6_E3M2\"", "[31]"), 24, "whole number of bytes"},

    {"scalar", ENTRY("\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]"), 4, NULL},
    {"no elements", ENTRY("\"dtype\":\"F32\",\"shape\":[3,0,2],\"data_offsets\":[0,0]"), 0, NULL},
    {"a string", SHAPE("\"6\""), 24, "shape"},
    {"a number", SHAPE("6"), 24, "shape"},
    {"an object", SHAPE("{}"), 24, "shape"},
    {"of strings", SHAPE("[\"6\"]"), 24, "shape"},
    {"of floats", SHAPE("[6.0]"), 24, "integers"},
    {"with an exponent", SHAPE("[6e0]"), 24, "integers"},
    {"negative", SHAPE("[-6]"), 24, "integers"},
    {"two negatives", SHAPE("[-2,-3]"), 24, "integers"},
    {"minus zero", ENTRY("\"dtype\":\"F32\",\"shape\":[-0],\"data_offsets\":[0,0]"), 0, "integers"},
    {"leading zero", SHAPE("[06]"), 24, "JSON"},
    {"true", SHAPE("[true,6]"), 24, "integers"},
    {"nested", SHAPE("[[6]]"), 24, "too deeply"},
    {"2^63", SHAPE("[9223372036854775808]"), 24, "integer"},
    {"2^64", SHAPE("[18446744073709551616]"), 24, "integer"},
    {"2^64 + 6", SHAPE("[18446744073709551622]"), 24, "integer"},
    {"2^53 + 1 is exact", SHAPE("[9007199254740993]"), 24, "need 36028797018963972"},
    {"product wraps to 0", SHAPE("[4294967296,4294967296]"), 24, "product"},
    {"product wraps to 6", SHAPE("[3,6148914691236517206]"), 24, "product"},
    {"bits wrap", SHAPE("[2305843009213693958]"), 24, "overflows"},
    {"overflow hidden by zero",
     ENTRY("\"dtype\":\"F32\",\"shape\":[0,4294967296,4294967296],"
           "\"data_offsets\":[0,0]"),
     0, "product"},
    {"32 dimensions", SHAPE("[" ONES8 ONES8 ONES8 "1,1,1,1,1,1,1,6]"), 24, NULL},
    {"33 dimensions", SHAPE("[" ONES8 ONES8 ONES8 ONES8 "6]"), 24, "33 entries"},
    {"too small", SHAPE("[5]"), 24, "need 20"},
    {"too large", SHAPE("[7]"), 24, "need 28"},

    {"offsets: one", OFFSETS("[24]"), 24, "data_offsets"},
    {"offsets: three", OFFSETS("[0,24,24]"), 24, "data_offsets"},
    {"offsets: none", OFFSETS("[]"), 24, "data_offsets"},
    {"offsets: a number", OFFSETS("24"), 24, "data_offsets"},
    {"offsets: reversed", OFFSETS("[24,0]"), 24, "do not lie in"},
    {"offsets: negative", OFFSETS("[-24,0]"), 24, "data_offsets"},
    {"offsets: floats", OFFSETS("[0.0,24.0]"), 24, "data_offsets"},
    {"offsets: 2^64 - 1", OFFSETS("[0,18446744073709551615]"), 24, "too big integer"},
    {"offsets: 2^63 - 1", OFFSETS("[0,9223372036854775807]"), 24, "do not lie in"},
    {"offsets: behind the data", OFFSETS("[1,25]"), 24, "do not lie in"},
    {"offsets: hole before", OFFSETS("[1,25]"), 25, "1 bytes before it"},
    {"offsets: data too short", OFFSETS("[0,24]"), 23, "do not lie in"},
    {"offsets: data too long", OFFSETS("[0,24]"), 25, "1 bytes follow"},
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

static void check_header(const struct header_case *c)
{
    struct bytes file = file_of(c->length, c->header, c->length, c->data);
    expect(&file, c->what, c->word);
}

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

START_TEST(header_entries)
{
    check_header(&entry_cases[_i]);
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
 * Bombs
 */

#define NOTHING "\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}"

/* Opens { members }, as the file that it makes. */
static void expect_members(struct bytes *members, const char *what, const char *word)
{
    struct bytes file = {0};
    put_u64(&file, members->size + 2);
    put_text(&file, "{");
    put(&file, members->data, members->size);
    put_text(&file, "}");
    expect(&file, what, word);
    bytes_free(members);
}

START_TEST(many_tensors_without_data)
{
    struct bytes members = {0};
    for (unsigned i = 0; i < 1000000; i++) {
        char name[32];
        snprintf(name, sizeof name, "%s\"t%u", i > 0 ? "," : "", i);
        put_text(&members, name);
        put_text(&members, NOTHING);
    }
    expect_members(&members, "10^6 tensors", "more tensors than the 0 bytes of data explain");
}
END_TEST

START_TEST(thousands_of_tensors_are_normal)
{
    struct bytes members = {0};
    for (unsigned i = 0; i < 5000; i++) {
        char name[32];
        snprintf(name, sizeof name, "%s\"t%u", i > 0 ? "," : "", i);
        put_text(&members, name);
        put_text(&members, NOTHING);
    }
    expect_members(&members, "5000 tensors", NULL);
}
END_TEST

START_TEST(many_metadata)
{
    struct bytes members = {0};
    put_text(&members, "\"__metadata__\":{");
    for (unsigned i = 0; i < 1000000; i++) {
        char member[32];
        snprintf(member, sizeof member, "%s\"%u\":\"\"", i > 0 ? "," : "", i);
        put_text(&members, member);
    }
    put_text(&members, "}");
    expect_members(&members, "10^6 metadata", "more than 16384 members");
}
END_TEST

static const struct {
    size_t length;
    const char *word;
} metadata_lengths[] = {{1000000, NULL}, {10000000, "the limit is"}};

START_TEST(long_metadata)
{
    struct bytes members = {0};
    put_text(&members, "\"__metadata__\":{\"a\":\"");
    put_repeated(&members, 'x', metadata_lengths[_i].length);
    put_text(&members, "\"}");
    expect_members(&members, "a long value", metadata_lengths[_i].word);
}
END_TEST

static const struct {
    size_t length;
    const char *word;
} name_lengths[] = {{65535, NULL}, {65536, "the limit is 65535"}, {1 << 20, "the limit is"}};

START_TEST(long_names)
{
    struct bytes members = {0};
    put_text(&members, "\"");
    put_repeated(&members, 'k', name_lengths[_i].length);
    put_text(&members, NOTHING);
    expect_members(&members, "a long name", name_lengths[_i].word);
}
END_TEST

START_TEST(deep_nesting)
{
    static const char *const places[] = {"\"t\":", "\"__metadata__\":", "\"t\":{\"shape\":"};
    static const char brackets[] = {'[', '{'};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        for (size_t j = 0; j < sizeof brackets; j++) {
            struct bytes members = {0};
            put_text(&members, places[i]);
            put_repeated(&members, (uint8_t)brackets[j], 100000);
            expect_members(&members, places[i], "too deeply");
        }
    }
}
END_TEST

START_TEST(long_entries)
{
    struct bytes members = {0};
    put_text(&members, "\"t\":{\"x\":[0");
    for (unsigned i = 0; i < 1000000; i++) {
        put_text(&members, ",0");
    }
    put_text(&members, "],\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}");
    expect_members(&members, "a long entry", "the limit is 4096");
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

#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))

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
    tcase_add_loop_test(headers, header_entries, 0, COUNT(entry_cases));
    tcase_add_loop_test(headers, header_places, 0, COUNT(place_cases));
    tcase_add_test(headers, cut_headers_are_refused);
    suite_add_tcase(suite, headers);

    TCase *bombs = tcase_create("bombs");
    tcase_set_timeout(bombs, 0);
    tcase_add_checked_fixture(bombs, count_jansson, NULL);
    tcase_add_test(bombs, many_tensors_without_data);
    tcase_add_test(bombs, thousands_of_tensors_are_normal);
    tcase_add_test(bombs, many_metadata);
    tcase_add_loop_test(bombs, long_metadata, 0, COUNT(metadata_lengths));
    tcase_add_loop_test(bombs, long_names, 0, COUNT(name_lengths));
    tcase_add_test(bombs, deep_nesting);
    tcase_add_test(bombs, long_entries);
    suite_add_tcase(suite, bombs);

    TCase *contents = tcase_create("contents");
    tcase_set_timeout(contents, 0);
    tcase_add_test(contents, tensors_are_described_and_read);
    tcase_add_test(contents, the_list_survives_a_failure);
    tcase_add_test(contents, a_real_file);
    suite_add_tcase(suite, contents);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
