/*
 * .npy files that are right, odd or wrong: each must be read, or refused with a message that says
 * what is wrong, without touching a byte outside the file.
 */
#include "npy.h"
#include "source_heap.h"

#include "hostile.h"
#include <stdio.h>

#define TEXT(literal) literal, sizeof(literal) - 1

static const char magic[6] = {'\x93', 'N', 'U', 'M', 'P', 'Y'};

/* ------------------------------------------------------------------------------------------------
 * Building and opening
 */

/* A file with any version and any length of the header, which may be lies. */
static struct bytes file_of(unsigned major, unsigned minor, uint32_t length, const void *header,
                            size_t header_size, size_t data)
{
    struct bytes file = {0};
    const uint8_t version[2] = {(uint8_t)major, (uint8_t)minor};
    put(&file, magic, sizeof magic);
    put(&file, version, sizeof version);
    put(&file, &length, major == 1 ? 2 : 4);
    put(&file, header, header_size);
    put_repeated(&file, 0, data);
    return file;
}

static struct bytes file_v1(const void *header, size_t header_size, size_t data)
{
    return file_of(1, 0, (uint32_t)header_size, header, header_size, data);
}

/* Reads all weights of the list's tensor, so that a sanitizer sees what is wrong with it. */
static void read_all(const struct tensor_list *list)
{
    const struct tensor *tensor = &list->tensors[0];
    struct buffer buffer = {0};
    struct error error;
    size_t count = (size_t)tensor_numel(tensor);
    float *weights = malloc((count + 1) * sizeof *weights);
    ck_assert_ptr_nonnull(weights);
    if (tensor_readable(tensor)) {
        ck_assert_msg(tensor_read(tensor, 0, count, weights, &buffer, &error), "%s", error.text);
    }
    free(weights);
    buffer_free(&buffer);
}

/* Opens the file and frees its bytes. */
static bool opens(struct bytes *file, const struct npy_options *options, size_t *nnotes,
                  struct error *error)
{
    uint8_t *copy = exact_copy(file);
    struct tensor_list list = {0};
    struct source *source = source_new_memory("file", copy, file->size, error);
    ck_assert_ptr_nonnull(source);
    bool good = npy_open(source, "array", options, &list, error);
    *nnotes = list.nnotes;
    if (good) {
        ck_assert_uint_eq(list.count, 1);
        ck_assert_str_eq(list.tensors[0].name, "array");
        read_all(&list);
    } else {
        source_delete(source);
        ck_assert_uint_eq(list.count + list.nnotes, 0);
        ck_assert_msg(strncmp(error->text, "file: ", 6) == 0, "%s", error->text);
    }
    tensor_list_free(&list);
    free(copy);
    bytes_free(file);
    return good;
}

/* `word`: part of the expected message, or NULL if the file is right. */
static void expect_with(struct bytes *file, const struct npy_options *options, const char *what,
                        const char *word)
{
    struct error error = {""};
    size_t nnotes;
    bool good = opens(file, options, &nnotes, &error);
    if (word == NULL) {
        ck_assert_msg(good, "%s: refused: %s", what, error.text);
        ck_assert_uint_eq(nnotes, 0);
        return;
    }
    ck_assert_msg(!good, "%s: accepted", what);
    ck_assert_msg(strstr(error.text, word) != NULL, "%s: \"%s\" does not say \"%s\"", what,
                  error.text, word);
}

static void expect(struct bytes *file, const char *what, const char *word)
{
    const struct npy_options options = {0};
    expect_with(file, &options, what, word);
}

/* ------------------------------------------------------------------------------------------------
 * Magic, version, length
 */

#define GOOD      "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"
#define GOOD_LINE GOOD "\n"

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
    for (size_t i = 0; i < sizeof magic; i++) {
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
 * Headers
 */

struct header_case {
    const char *what;
    const char *header;
    size_t length;
    size_t data;      /* bytes behind the header */
    const char *word; /* of the message; NULL: accepted */
};

static const struct header_case text_cases[] = {
    {"as NumPy writes it", TEXT(GOOD "        \n"), 24, NULL},
    {"other order", TEXT("{'shape':(2,3),'descr':'<f4','fortran_order':False}\n"), 24, NULL},
    {"double quotes", TEXT("{\"descr\": \"<f4\", \"fortran_order\": False, \"shape\": (6,)}\n"), 24,
     NULL},
    {"blanks", TEXT(" {\t'descr' :'<f4' ,\n'fortran_order': False , 'shape' : ( 2 , 3 , ) , } \n"),
     24, NULL},
    {"Python 2", TEXT("{'descr': '<f4', 'fortran_order': False, 'shape': (2L, 3L)}\n"), 24, NULL},
    {"no newline", TEXT(GOOD), 24, "newline"},
    {"no newline, blanks", TEXT(GOOD "    "), 24, "newline"},
    {"newline only", TEXT("\n"), 0, "'{'"},
    {"garbage behind", TEXT(GOOD "x\n"), 24, "only blanks"},
    {"two dictionaries", TEXT(GOOD GOOD_LINE), 24, "only blanks"},
    {"a comment", TEXT(GOOD "#\n"), 24, "only blanks"},
    {"NUL behind", TEXT(GOOD "\0\n"), 24, "only blanks"},
    {"NUL inside", TEXT("{'descr': '<f\0004', 'fortran_order': False, 'shape': (6,)}\n"), 24,
     "descr"},
    {"a tuple", TEXT("('<f4', False, (6,))\n"), 24, "'{'"},
    {"code", TEXT("__import__('os').system('true')\n"), 24, "'{'"},
    {"code as a value",
     TEXT("{'descr': __import__('os'), 'fortran_order': False, 'shape': (6,)}\n"), 24, "descr"},
    {"code as a shape", TEXT("{'descr': '<f4', 'fortran_order': False, 'shape': tuple([6])}\n"), 24,
     "shape"},
    {"a product as a shape", TEXT("{'descr': '<f4', 'fortran_order': False, 'shape': (2*3,)}\n"),
     24, "',' or ')'"},
    {"empty", TEXT("{}\n"), 24, "descr is missing"},
    {"no descr", TEXT("{'fortran_order': False, 'shape': (6,)}\n"), 24, "descr is missing"},
    {"no order", TEXT("{'descr': '<f4', 'shape': (6,)}\n"), 24, "fortran_order is missing"},
    {"no shape", TEXT("{'descr': '<f4', 'fortran_order': False}\n"), 24, "shape is missing"},
    {"a fourth key", TEXT("{'descr': '<f4', 'fortran_order': False, 'shape': (6,), 'x': 1}\n"), 24,
     "unknown key 'x'"},
    {"a key twice",
     TEXT("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (6,)}\n"), 24,
     "two keys descr"},
    {"a long key", TEXT("{'ddddddddddddddddddddddddddddddddddddddddd': 1}\n"), 24, "a key"},
    {"escape in a key", TEXT("{'d\\x65scr': '<f4'}\n"), 24, "a key"},
    {"no colon", TEXT("{'descr' '<f4'}\n"), 24, "':'"},
    {"no comma", TEXT("{'descr': '<f4' 'shape': (6,)}\n"), 24, "','"},
    {"commas only", TEXT("{,}\n"), 24, "a key"},
    {"two commas", TEXT("{'descr': '<f4',, 'shape': (6,)}\n"), 24, "a key"},
    {"open", TEXT("{'descr': '<f4'\n"), 24, "','"},
    {"open string", TEXT("{'descr\n"), 24, "a key"},
    {"quotes differ", TEXT("{'descr\": '<f4'}\n"), 24, "unknown key 'descr\\x22: '"},
    {"control byte", TEXT("{'des\x1b[31mcr': 1}\n"), 24, "\\x1b"},
    {"order a number", TEXT("{'fortran_order': 0}\n"), 24, "True or False"},
    {"order lower case", TEXT("{'fortran_order': false}\n"), 24, "True or False"},
    {"order glued", TEXT("{'fortran_order': Falsehood}\n"), 24, "','"},
};

#define SHAPE(text) TEXT("{'descr': '|u1', 'fortran_order': False, 'shape': " text ", }\n")

static const struct header_case shape_cases[] = {
    {"scalar", SHAPE("()"), 1, NULL},
    {"one dimension", SHAPE("(6,)"), 6, NULL},
    {"two", SHAPE("(2, 3)"), 6, NULL},
    {"zero", SHAPE("(0,)"), 0, NULL},
    {"zeros", SHAPE("(3, 0, 4)"), 0, NULL},
    {"no tuple", SHAPE("6"), 6, "'('"},
    {"no tuple either", SHAPE("(6)"), 6, "no tuple"},
    {"a list", SHAPE("[6]"), 6, "'('"},
    {"comma only", SHAPE("(,)"), 1, "integer"},
    {"two commas", SHAPE("(6,,)"), 6, "integer"},
    {"negative", SHAPE("(-6,)"), 6, "integer"},
    {"plus", SHAPE("(+6,)"), 6, "integer"},
    {"True", SHAPE("(True, 6)"), 6, "integer"},
    {"float", SHAPE("(6.0,)"), 6, "',' or ')'"},
    {"hexadecimal", SHAPE("(0x6,)"), 6, "',' or ')'"},
    {"leading zero", SHAPE("(06,)"), 6, "leading zeros"},
    {"a string", SHAPE("('6',)"), 6, "integer"},
    {"nested", SHAPE("((6,),)"), 6, "integer"},
    {"2^63", SHAPE("(9223372036854775808,)"), 6, "product"},
    {"2^63 - 1", SHAPE("(9223372036854775807,)"), 6, "the array has 9223372036854775807 bytes"},
    {"2^64", SHAPE("(18446744073709551616,)"), 6, "2^64"},
    {"2^64 + 6", SHAPE("(18446744073709551622,)"), 6, "2^64"},
    {"product wraps to 0", SHAPE("(4294967296, 4294967296)"), 6, "product"},
    {"product wraps to 6", SHAPE("(3, 12297829382473034412)"), 6, "product"},
    {"hidden by zero", SHAPE("(0, 4294967296, 4294967296)"), 0, "product"},
    {"one byte short", SHAPE("(7,)"), 6, "the array has 7 bytes, the file only 6"},
    {"32 dimensions", SHAPE("(1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,6)"), 6,
     NULL},
    {"33 dimensions", SHAPE("(1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,6)"),
     6, "more than 32"},
};

#define DESCR(text) TEXT("{'descr': " text ", 'fortran_order': False, 'shape': (3,), }\n")

static const struct header_case descr_cases[] = {
    {"<f2", DESCR("'<f2'"), 6, NULL},
    {">f2", DESCR("'>f2'"), 6, NULL},
    {"<f4", DESCR("'<f4'"), 12, NULL},
    {"=f4", DESCR("'=f4'"), 12, NULL},
    {">f8", DESCR("'>f8'"), 24, NULL},
    {"|b1", DESCR("'|b1'"), 3, NULL},
    {"|i1", DESCR("'|i1'"), 3, NULL},
    {"<u2", DESCR("'<u2'"), 6, NULL},
    {">i4", DESCR("'>i4'"), 12, NULL},
    {"<i8", DESCR("'<i8'"), 24, NULL},
    {"f4", DESCR("'f4'"), 12, "byte order"},
    {"|f4", DESCR("'|f4'"), 12, "byte order"},
    {"empty", DESCR("''"), 12, "element type ''"},
    {"order only", DESCR("'<'"), 12, "element type '<'"},
    {"objects", DESCR("'|O'"), 24, "pickled"},
    {"objects with size", DESCR("'O8'"), 24, "pickled"},
    {"bytes", DESCR("'|S4'"), 12, "text"},
    {"text", DESCR("'<U4'"), 48, "text"},
    {"dates", DESCR("'<M8[ns]'"), 24, "dates"},
    {"time spans", DESCR("'<m8[s]'"), 24, "dates"},
    {"complex", DESCR("'<c8'"), 24, "complex"},
    {"long double", DESCR("'<f16'"), 48, "unknown"},
    {"void", DESCR("'|V4'"), 12, "raw bytes"},
    {"bfloat16", DESCR("'<V2'"), 6, "--as bf16"},
    {"bfloat16 otherwise", DESCR("'|V2'"), 6, "--as bf16"},
    {"void, big", DESCR("'>V2'"), 6, "raw bytes"},
    {"a structure", DESCR("[('a', '<f4'), ('b', '<f4')]"), 24, "structured"},
    {"a subarray", DESCR("('<f4', (2,))"), 24, "descr"},
    {"a number", DESCR("4"), 12, "descr"},
    {"longer than any",
     DESCR("'<f4444444444444444444444444444444444444444444444444444444444444444"
           "44444444444444'"),
     12, "descr"},
};

#define FORTRAN(shape) TEXT("{'descr': '|u1', 'fortran_order': True, 'shape': " shape "}\n")

static const struct header_case fortran_cases[] = {
    {"a matrix", FORTRAN("(2, 3)"), 6, "Fortran order"},
    {"a stack", FORTRAN("(1, 2, 3)"), 6, "Fortran order"},
    {"a vector is both", FORTRAN("(6,)"), 6, NULL},
    {"a row is both", FORTRAN("(1, 6)"), 6, NULL},
    {"a column is both", FORTRAN("(6, 1)"), 6, NULL},
    {"a scalar is both", FORTRAN("()"), 1, NULL},
    {"nothing is both", FORTRAN("(2, 0, 3)"), 0, NULL},
};

static void check_header(const struct header_case *c)
{
    struct bytes file = file_v1(c->header, c->length, c->data);
    expect(&file, c->what, c->word);
}

START_TEST(header_text)
{
    check_header(&text_cases[_i]);
}
END_TEST

START_TEST(header_shape)
{
    check_header(&shape_cases[_i]);
}
END_TEST

START_TEST(header_descr)
{
    check_header(&descr_cases[_i]);
}
END_TEST

START_TEST(header_fortran_order)
{
    check_header(&fortran_cases[_i]);
}
END_TEST

START_TEST(deep_nesting)
{
    static const char *const places[] = {"", "{'shape': ", "{'descr': ", "{'descr': '<f4', "};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        struct bytes header = {0};
        put_text(&header, places[i]);
        put_repeated(&header, '(', 60000);
        put_text(&header, "\n");
        struct bytes file = file_v1(header.data, header.size, 24);
        bytes_free(&header);
        expect(&file, places[i], "header");
    }
    struct bytes file = {0};
    put(&file, magic, sizeof magic);
    put_u32(&file, 2);
    put_repeated(&file, '(', 100000);
    expect(&file, "10^5 parentheses", "header");
}
END_TEST

START_TEST(fuzzed_headers_do_no_harm)
{
    /* Every byte of a good header, replaced by each byte. */
    for (size_t i = 0; i < sizeof GOOD_LINE - 1; i++) {
        for (unsigned byte = 0; byte < 256; byte++) {
            const struct npy_options options = {0};
            struct error error;
            size_t nnotes;
            struct bytes file = file_v1(TEXT(GOOD_LINE), 24);
            file.data[10 + i] = (uint8_t)byte;
            (void)opens(&file, &options, &nnotes, &error);
        }
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

#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))

int main(void)
{
    Suite *suite = suite_create("npy");
    TCase *headers = tcase_create("headers");
    tcase_set_timeout(headers, 0);
    tcase_add_test(headers, cut_files_are_refused);
    tcase_add_test(headers, other_magic_is_refused);
    tcase_add_loop_test(headers, three_versions_are_read, 0, COUNT(versions));
    tcase_add_loop_test(headers, the_length_is_held_against_the_file, 0, COUNT(lengths));
    tcase_add_test(headers, version_2_must_have_its_length);
    tcase_add_test(headers, long_headers_are_refused);
    tcase_add_loop_test(headers, header_text, 0, COUNT(text_cases));
    tcase_add_loop_test(headers, header_shape, 0, COUNT(shape_cases));
    tcase_add_loop_test(headers, header_descr, 0, COUNT(descr_cases));
    tcase_add_loop_test(headers, header_fortran_order, 0, COUNT(fortran_cases));
    tcase_add_test(headers, deep_nesting);
    tcase_add_test(headers, fuzzed_headers_do_no_harm);
    suite_add_tcase(suite, headers);

    TCase *contents = tcase_create("contents");
    tcase_set_timeout(contents, 0);
    tcase_add_test(contents, bytes_behind_the_array_are_noted);
    tcase_add_test(contents, void_elements_can_be_bfloat16);
    tcase_add_loop_test(contents, weights_of_either_byte_order, 0, COUNT(content_cases));
    tcase_add_test(contents, the_last_index_is_the_row);
    tcase_add_test(contents, a_real_file);
    suite_add_tcase(suite, contents);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
