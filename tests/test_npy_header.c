/* Headers of .npy files: right ones, and every kind of wrong one. */
#include "npy_file.h"
#include "suite.h"

#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))

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
    put(&file, npy_magic, sizeof npy_magic);
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

int main(void)
{
    Suite *suite = suite_create("npy_header");
    TCase *all = tcase_create("headers");
    tcase_set_timeout(all, 0);
    tcase_add_loop_test(all, header_text, 0, COUNT(text_cases));
    tcase_add_loop_test(all, header_shape, 0, COUNT(shape_cases));
    tcase_add_loop_test(all, header_descr, 0, COUNT(descr_cases));
    tcase_add_loop_test(all, header_fortran_order, 0, COUNT(fortran_cases));
    tcase_add_test(all, deep_nesting);
    tcase_add_test(all, fuzzed_headers_do_no_harm);
    suite_add_tcase(suite, all);

    return suite_run(suite);
}
