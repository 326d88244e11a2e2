/* Importance matrices of both kinds, right and wrong. */
#include "allocation.h"
#include "imatrix.h"
#include "imatrix_builder.h"
#include "suite.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char head[] = "file: ";

/* Opens an exact copy of the bytes, within the memory budget. Frees the bytes. */
static bool open_bytes(struct bytes *bytes, struct imatrix *imatrix, struct error *error)
{
    uint8_t *copy = exact_copy(bytes);
    struct source source;
    ck_assert(source_open_memory(&source, "file", copy, bytes->size, error));
    allocation_watch(ALLOCATION_NEVER_FAILS);
    bool good = imatrix_open(imatrix, &source, error);
    ck_assert_uint_le(allocation_bytes(), ((size_t)16 << 20) + bytes->size);
    source_close(&source);
    free(copy);
    bytes_free(bytes);
    return good;
}

/* `word`: part of the expected message, or NULL if the file is right. */
static void expect(struct bytes *bytes, int number, const char *word)
{
    struct imatrix imatrix;
    struct error error = {""};
    bool good = open_bytes(bytes, &imatrix, &error);
    if (word == NULL) {
        ck_assert_msg(good, "case %d: refused: %s", number, error.text);
        imatrix_free(&imatrix);
    } else {
        ck_assert_msg(!good, "case %d: accepted", number);
        ck_assert_msg(strncmp(error.text, head, strlen(head)) == 0 &&
                          strstr(error.text, word) != NULL,
                      "case %d: \"%s\" does not say \"%s\"", number, error.text, word);
    }
}

/* ------------------------------------------------------------------------------------------------
 * .dat
 */

START_TEST(dat_values_are_divided_by_ncall)
{
    static const float values[3] = {1.0f, 0.0f, 0x1p-149f};
    struct bytes bytes = {0};
    put_u32(&bytes, 4);
    put_entry(&bytes, "b", 3, 3, values, 3);
    put_entry(&bytes, "a", 1, 2, values, 2);
    put_entry(&bytes, "zero calls", 0, 1, values, 1);
    put_entry(&bytes, "minus one call", (uint32_t)-1, 3, values, 3);
    put_u32(&bytes, 77);
    put_u32(&bytes, 4);
    put_text(&bytes, "text");
    struct imatrix imatrix;
    struct error error = {""};
    ck_assert_msg(open_bytes(&bytes, &imatrix, &error), "%s", error.text);
    ck_assert_str_eq(imatrix.format, "dat");
    ck_assert_str_eq(imatrix.dataset, "text");
    ck_assert_uint_eq(imatrix.chunks, 77);
    ck_assert_uint_eq(imatrix.chunk_size, 0);
    ck_assert_uint_eq(imatrix.count, 4);
    ck_assert_str_eq(imatrix.entries[0].name, "b");
    ck_assert_uint_eq(imatrix.entries[0].name_length, 1);

    const struct imatrix_entry *b = imatrix_find(&imatrix, "b");
    ck_assert_ptr_eq(b, &imatrix.entries[0]);
    ck_assert_uint_eq(b->nvalues, 3);
    ck_assert_uint_eq(b->nmatrices, 1);
    ck_assert(b->calls == 3.0);
    ck_assert(b->values[0] == 1.0f / 3.0f && b->values[1] == 0.0f && b->values[2] == 0.0f);
    ck_assert(imatrix_find(&imatrix, "a")->values[0] == 1.0f);
    ck_assert(imatrix_find(&imatrix, "zero calls")->values[0] == 1.0f);
    ck_assert(imatrix_find(&imatrix, "minus one call")->values[2] == 0x1p-149f);
    ck_assert_ptr_null(imatrix_find(&imatrix, "c"));
    imatrix_free(&imatrix);
}
END_TEST

#define BYTES(literal) literal, sizeof(literal) - 1

/* One entry "w" with the values 1 and 2, written out. */
#define ENTRY "\1\0\0\0w\1\0\0\0\2\0\0\0\0\0\x80\x3f\0\0\0\x40"

static const struct dat_case {
    const char *bytes;
    size_t size;
    const char *word;
} dat_cases[] = {
    {BYTES("\1\0\0\0" ENTRY), NULL}, /* the oldest files have no tail */
    {BYTES("\1\0\0\0" ENTRY "\5\0\0\0"), NULL},
    {BYTES("\1\0\0\0" ENTRY "\5\0\0\0\0\0\0\0"), NULL},
    {BYTES("\1\0\0\0" ENTRY "\5\0\0\0\4\0\0\0text"), NULL},
    {BYTES("\2\0\0\0" ENTRY "\1\0\0\0v\1\0\0\0\1\0\0\0\0\0\0\0"), NULL},
    /* The number of entries. */
    {BYTES(""), "number of entries"},
    {BYTES("\1\0\0"), "number of entries"},
    {BYTES("\0\0\0\0"), "number of entries: is 0"},
    {BYTES("\xff\xff\xff\xff" ENTRY), "number of entries: is -1"},
    {BYTES("\xff\xff\xff\x7f" ENTRY), "entries: 2147483647 of them"},
    {BYTES("\2\0\0\0" ENTRY), "entries: 2 of them"},
    {BYTES("\2\0\0\0" ENTRY "\5\0\0\0\4\0\0\0text12345"), "holds a NUL"},
    /* Names. */
    {BYTES("\1\0\0\0\0\0\0\0\1\0\0\0\1\0\0\0\0\0\x80\x3f\0"), "length of the name: is 0"},
    {BYTES("\1\0\0\0\xff\xff\xff\xffw\1\0\0\0\1\0\0\0\0\0\x80\x3f"), "length of the name: is -1"},
    {BYTES("\1\0\0\0\xff\xff\xff\x7fw\1\0\0\0\1\0\0\0\0\0\x80\x3f"), "name: 2147483647 bytes"},
    {BYTES("\1\0\0\0\3\0\0\0w\0v\1\0\0\0\1\0\0\0\0\0\x80\x3f"), "\"w\\x00v\" holds a NUL"},
    {BYTES("\2\0\0\0" ENTRY ENTRY), "entry \"w\": the name occurs twice"},
    /* Counts of values. */
    {BYTES("\1\0\0\0\1\0\0\0w\1\0\0\0\0\0\0\0\0\0\x80\x3f"), "number of values: is 0"},
    {BYTES("\1\0\0\0\1\0\0\0w\1\0\0\0\xff\xff\xff\xff\0\0\x80\x3f"), "number of values: is -1"},
    {BYTES("\1\0\0\0\1\0\0\0w\1\0\0\0\xff\xff\xff\x7f\0\0\x80\x3f"), "values: 2147483647 of"},
    {BYTES("\1\0\0\0\1\0\0\0w\1\0\0\0\2\0\0\0\0\0\x80\x3f"), "entry \"w\": values: 2 of"},
    /* Values. */
    {BYTES("\1\0\0\0\1\0\0\0w\1\0\0\0\1\0\0\0\0\0\xc0\x7f"), "value 0 is nan"},
    {BYTES("\1\0\0\0\1\0\0\0w\1\0\0\0\1\0\0\0\0\0\x80\x7f"), "value 0 is inf"},
    {BYTES("\1\0\0\0\1\0\0\0w\1\0\0\0\1\0\0\0\0\0\x80\xbf"), "value 0 is -1"},
    {BYTES("\1\0\0\0\1\0\0\0w\1\0\0\0\1\0\0\0\0\0\0\x80"), NULL},       /* -0 */
    {BYTES("\1\0\0\0\1\0\0\0w\1\0\0\0\2\0\0\0\0\0\0\0\0\0\0\0"), NULL}, /* all zero */
    {BYTES("\1\0\0\0\1\0\0\0w\1\0\0\0\1\0\0\0\1\0\0\0"), NULL},         /* subnormal */
    /* The tail. */
    {BYTES("\1\0\0\0" ENTRY "\5\0\0"), "number of chunks"},
    {BYTES("\1\0\0\0" ENTRY "\xff\xff\xff\xff"), "number of chunks: is -1"},
    {BYTES("\1\0\0\0" ENTRY "\5\0\0\0\4\0"), "length of the data set"},
    {BYTES("\1\0\0\0" ENTRY "\5\0\0\0\xff\xff\xff\xff"), "data set's name: is -1"},
    {BYTES("\1\0\0\0" ENTRY "\5\0\0\0\xff\xff\xff\x7f"), "name of the data set: 2147483647"},
    {BYTES("\1\0\0\0" ENTRY "\5\0\0\0\4\0\0\0tex"), "name of the data set: 4 bytes"},
    {BYTES("\1\0\0\0" ENTRY "\5\0\0\0\4\0\0\0text!"), "1 bytes follow"},
    {BYTES("\1\0\0\0" ENTRY "\5\0\0\0\4\0\0\0te\0t"), "data set holds a NUL"},
};

START_TEST(dat_files)
{
    struct bytes bytes = {0};
    put(&bytes, dat_cases[_i].bytes, dat_cases[_i].size);
    expect(&bytes, _i, dat_cases[_i].word);
}
END_TEST

START_TEST(the_matrix_of_the_language_model)
{
    struct source source;
    struct imatrix imatrix;
    struct error error;
    ck_assert(
        source_open_file(&source, ROUNDEL_SOURCE_DIR "/data/roundel-tiny-5m.imatrix.dat", &error));
    ck_assert_msg(imatrix_open(&imatrix, &source, &error), "%s", error.text);
    ck_assert_uint_eq(imatrix.count, 43);
    ck_assert_str_eq(imatrix.dataset, "calibration.txt");
    ck_assert_uint_eq(imatrix.chunks, 1024);
    const struct imatrix_entry *first = imatrix_find(&imatrix, "blk.0.attn_q.weight");
    ck_assert_ptr_eq(first, &imatrix.entries[0]);
    ck_assert_uint_eq(first->nvalues, 256);
    ck_assert(first->calls == 1024.0);
    ck_assert(first->values[0] == 0x1.69ffd4p-3f && first->values[1] == 0x1.cc482cp-2f);
    ck_assert_uint_eq(imatrix_find(&imatrix, "blk.5.ffn_down.weight")->nvalues, 768);
    ck_assert_ptr_eq(imatrix_find(&imatrix, "output.weight"), &imatrix.entries[42]);
    ck_assert_ptr_null(imatrix_find(&imatrix, "token_embd.weight"));
    imatrix_free(&imatrix);
    source_close(&source);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * GGUF
 */

START_TEST(gguf_sums_become_means)
{
    static const struct gguf_matrix matrices[] = {
        {"w.in_sum2", 2, 3, GGUF_F32, {3, 6, 9, 9, 1e-3f, 0}},
        {"w.counts", 1, 3, GGUF_F32, {3, 0, 7}},
        {"w.in_sum", 2, 3, GGUF_F32, {-1, 1, 2, 3, -4, 5}},
        {"v.counts", 1, 1, GGUF_F32, {10}},
        {"v.sums", 4, 1, GGUF_F32, {10, 20, 30, 40}}, /* the early name */
        {"unknown", 1, 1, GGUF_F32, {-1}},
    };
    struct bytes bytes = {0};
    put_header(&bytes, 3, 6, 5);
    put_imatrix_keys(&bytes, 512);
    put_key_u32(&bytes, "imatrix.unknown", 5);
    put_matrices(&bytes, matrices, 6);
    struct imatrix imatrix;
    struct error error = {""};
    ck_assert_msg(open_bytes(&bytes, &imatrix, &error), "%s", error.text);
    ck_assert_str_eq(imatrix.format, "gguf");
    ck_assert_str_eq(imatrix.dataset, "one, two");
    ck_assert_uint_eq(imatrix.chunks, 5);
    ck_assert_uint_eq(imatrix.chunk_size, 512);
    ck_assert_uint_eq(imatrix.count, 2);
    const struct imatrix_entry *w = imatrix_find(&imatrix, "w");
    ck_assert_uint_eq(w->nvalues, 6);
    ck_assert_uint_eq(w->nmatrices, 3);
    ck_assert(w->calls == 7.0);
    static const float means[6] = {1.0f, 2.0f, 1.0f, 1.0f, 1e-3f / 7.0f, 0.0f};
    ck_assert_mem_eq(w->values, means, sizeof means);
    const struct imatrix_entry *v = imatrix_find(&imatrix, "v");
    ck_assert_uint_eq(v->nmatrices, 1);
    ck_assert(v->values[3] == 4.0f);
    imatrix_free(&imatrix);
}
END_TEST

static const struct gguf_case {
    struct gguf_matrix matrices[4];
    const char *word;
} gguf_cases[] = {
    {{{"w.in_sum2", 4, 2, 0, {0}}, {"w.counts", 1, 2, 0, {0}}}, NULL},
    {{{"w.in_sum2", 4, 2, 0, {0}}, {"w.counts", 2, 1, 0, {16777216.0f, 3e9f}}}, NULL},
    {{{"w.in_sum2", 4, 1, 0, {0}}}, "tensor \"w.in_sum2\": the counts"},
    {{{"w.counts", 1, 1, 0, {1}}}, "tensor \"w.counts\": the sums"},
    {{{"w.in_sum", 4, 1, 0, {1}}}, "tensor \"w.in_sum\": the sums"},
    {{{"w.in_sum2", 4, 1, 0, {0}}, {"v.counts", 1, 1, 0, {1}}}, "are missing"},
    {{{"unknown", 4, 1, 0, {0}}}, "no tensor's name ends in .in_sum2"},
    {{{"w.in_sum2", 4, 1, 0, {0}}, {"w.counts", 1, 1, 0, {NAN}}}, "entry \"w\": the count is nan"},
    {{{"w.in_sum2", 4, 1, 0, {0}}, {"w.counts", 1, 1, 0, {INFINITY}}}, "the count is inf"},
    {{{"w.in_sum2", 4, 1, 0, {0}}, {"w.counts", 1, 1, 0, {-1}}}, "the count is -1"},
    {{{"w.in_sum2", 4, 1, 0, {0}}, {"w.counts", 1, 1, 0, {1.5f}}}, "no whole number"},
    {{{"w.in_sum2", 4, 1, 0, {0, NAN}}, {"w.counts", 1, 1, 0, {1}}}, "entry \"w\": value 1 is nan"},
    {{{"w.in_sum2", 4, 1, 0, {0, INFINITY}}, {"w.counts", 1, 1, 0, {1}}}, "value 1 is inf"},
    {{{"w.in_sum2", 4, 1, 0, {0, -1}}, {"w.counts", 1, 1, 0, {1}}}, "value 1 is -1"},
    {{{"w.in_sum2", 1, 1, 0, {3e38f}}, {"w.counts", 1, 1, 0, {1e-4f}}},
     "entry \"w\": the mean of value 0 is inf"},
    {{{"w.in_sum2", 4, 1, 0, {0}}, {"w.counts", 3, 1, 0, {1, 1, 1}}}, "no multiple of the 3"},
    {{{"w.in_sum2", 2, 1, 0, {0}}, {"w.counts", 4, 1, 0, {1, 1, 1}}}, "no multiple of the 4"},
    {{{"w.in_sum2", 4, 1, 0, {0}}, {"w.counts", 0, 1, 0, {0}}}, "\"w.counts\": is empty"},
    {{{"w.in_sum2", 0, 1, 0, {0}}, {"w.counts", 1, 1, 0, {1}}}, "\"w.in_sum2\": is empty"},
    {{{"w.in_sum2", 4, 1, 1, {0}}, {"w.counts", 1, 1, 0, {1}}}, "\"w.in_sum2\": is F16"},
    {{{"w.in_sum2", 4, 1, 0, {0}}, {"w.counts", 1, 1, 1, {1}}}, "\"w.counts\": is F16"},
    {{{"w.in_sum2", 4, 1, 0, {0}}, {"w.counts", 1, 1, 0, {1}}, {"w.in_sum", 3, 1, 0, {0}}},
     "\"w.in_sum\": has 3 elements"},
    {{{"w.in_sum2", 4, 1, 0, {0}}, {"w.counts", 1, 1, 0, {1}}, {"w.in_sum", 4, 1, 1, {0}}},
     "\"w.in_sum\": is F16"},
    {{{"w.in_sum2", 4, 1, 0, {0}}, {"w.counts", 1, 1, 0, {1}}, {"w.in_sum", 4, 1, 0, {-1, NAN}}},
     "entry \"w\": sum 1 is nan"},
    {{{"w.in_sum2", 4, 2, 0, {0, 0, 0, 0, 0, -1}}, {"w.counts", 1, 2, 0, {1, 1}}},
     "entry \"w\": expert 1: value 1 is -1"},
    {{{"w.in_sum2", 4, 1, 0, {0}}, {"w.counts", 1, 1, 0, {1}}, {"w.in_sum", 4, 1, 0, {-1}}}, NULL},
    {{{"w.in_sum2", 4, 1, 0, {0}}, {"w.counts", 1, 1, 0, {1}}, {"w.sums", 4, 1, 0, {0}}},
     "entry \"w\": the name occurs twice"},
    {{{".in_sum2", 4, 1, 0, {0}}, {".counts", 1, 1, 0, {1}}}, "no name of a weight"},
    {{{".counts", 1, 1, 0, {1}}}, "no name of a weight"},
    {{{".in_sum", 1, 1, 0, {1}}}, "no name of a weight"},
};

/* A matrix whose values do not fit the tensor is refused by the numbers of both. */
START_TEST(values_must_fit_the_tensor)
{
    static const struct {
        size_t nvalues;
        uint64_t dims[3];
        uint64_t matrices;
    } cases[] = {
        {4, {4, 2, 1}, 1},  {8, {4, 2, 2}, 2}, {4, {4, 2, 2}, 1},        {8, {4, 2, 1}, 0},
        {12, {4, 2, 2}, 0}, {3, {4, 2, 1}, 0}, {SIZE_MAX, {4, 2, 4}, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct imatrix_entry entry = {.nvalues = cases[i].nvalues, .nmatrices = 1};
        struct tensor tensor = {.name = "w"};
        struct error error = {""};
        ck_assert(tensor_set_dims(&tensor, 3, cases[i].dims, &error));
        ck_assert_uint_eq(imatrix_matrices(&entry, &tensor, &error), cases[i].matrices);
        ck_assert((error.text[0] != '\0') == (cases[i].matrices == 0));
    }
}
END_TEST

START_TEST(gguf_tensors)
{
    const struct gguf_case *c = &gguf_cases[_i];
    size_t count = 0;
    while (c->matrices[count].name != NULL) {
        count++;
    }
    struct bytes bytes = {0};
    put_header(&bytes, 3, count, 4);
    put_imatrix_keys(&bytes, 512);
    put_matrices(&bytes, c->matrices, count);
    expect(&bytes, _i, c->word);
}
END_TEST

static const struct keys_case {
    const char *type, *dataset_key, *count_key, *size_key; /* NULL: absent */
    const char *word;
} keys_cases[] = {
    {"imatrix", "imatrix.dataset", "imatrix.chunk_count", "imatrix.chunk_size", NULL},
    {NULL, "imatrix.dataset", "imatrix.chunk_count", "imatrix.chunk_size", NULL},
    {"model", "imatrix.dataset", "imatrix.chunk_count", "imatrix.chunk_size", "is \"model\""},
    {"imatrix", NULL, "imatrix.chunk_count", "imatrix.chunk_size", "no key \"imatrix.datasets\""},
    {"imatrix", "imatrix.dataset", NULL, "imatrix.chunk_size", "no key \"imatrix.chunk_count\""},
    {"imatrix", "imatrix.dataset", "imatrix.chunk_count", NULL, "no key \"imatrix.chunk_size\""},
    {"imatrix", "imatrix.datasets", "imatrix.chunk_count", "imatrix.chunk_size",
     "is string, not an array of strings"},
    {NULL, NULL, NULL, NULL, "no key"},
};

START_TEST(gguf_keys)
{
    const struct keys_case *c = &keys_cases[_i];
    static const struct gguf_matrix matrices[] = {
        {"w.in_sum2", 4, 1, GGUF_F32, {0}},
        {"w.counts", 1, 1, GGUF_F32, {1}},
    };
    size_t nkeys = (size_t)(c->type != NULL) + (c->dataset_key != NULL) + (c->count_key != NULL) +
                   (c->size_key != NULL);
    struct bytes bytes = {0};
    put_header(&bytes, 3, 2, nkeys);
    if (c->type != NULL) {
        put_key_string(&bytes, "general.type", c->type);
    }
    if (c->dataset_key != NULL) {
        put_key_string(&bytes, c->dataset_key, "one");
    }
    if (c->count_key != NULL) {
        put_key_u32(&bytes, c->count_key, 5);
    }
    if (c->size_key != NULL) {
        put_key_u32(&bytes, c->size_key, 512);
    }
    put_matrices(&bytes, matrices, 2);
    expect(&bytes, _i, c->word);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Both
 */

static void put_whole_file(struct bytes *bytes, bool as_gguf)
{
    static const struct gguf_matrix matrices[] = {
        {"w.in_sum2", 4, 1, GGUF_F32, {1, 2, 3, 4}},
        {"w.counts", 1, 1, GGUF_F32, {1}},
        {"v.in_sum2", 8, 1, GGUF_F32, {1, 2, 3, 4, 5, 6, 7, 8}},
        {"v.counts", 1, 1, GGUF_F32, {1}},
    };
    if (as_gguf) {
        put_header(bytes, 3, 4, 4);
        put_imatrix_keys(bytes, 512);
        put_matrices(bytes, matrices, 4);
    } else {
        put_u32(bytes, 2);
        put_entry(bytes, "w", 1, 4, matrices[0].values, 4);
        put_entry(bytes, "v", 1, 8, matrices[2].values, 8);
        put_u32(bytes, 5);
        put_u32(bytes, 4);
        put_text(bytes, "text");
    }
}

START_TEST(every_flipped_bit_and_truncation_is_survived)
{
    struct bytes whole = {0};
    put_whole_file(&whole, _i == 1);
    for (size_t bit = 0; bit < 8 * whole.size; bit++) {
        struct bytes flipped = {0};
        struct bytes part = {0};
        put(&flipped, whole.data, whole.size);
        flipped.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        put(&part, whole.data, bit / 8);
        struct error error = {""};
        struct imatrix imatrix;
        if (open_bytes(&flipped, &imatrix, &error)) {
            ck_assert_uint_gt(imatrix.count, 0);
            imatrix_free(&imatrix);
        } else {
            ck_assert(error.text[0] != '\0');
        }
        if (open_bytes(&part, &imatrix, &error)) {
            imatrix_free(&imatrix);
        }
    }
    bytes_free(&whole);
}
END_TEST

START_TEST(every_failed_allocation_is_survived)
{
    struct bytes bytes = {0};
    put_whole_file(&bytes, _i == 1);
    struct source source;
    struct error error;
    ck_assert(source_open_memory(&source, "file", bytes.data, bytes.size, &error));
    size_t failing = 0;
    for (bool good = false; !good; failing++) {
        struct imatrix imatrix;
        error.text[0] = '\0';
        allocation_watch(failing);
        good = imatrix_open(&imatrix, &source, &error);
        allocation_watch(ALLOCATION_NEVER_FAILS);
        ck_assert_msg(good || strstr(error.text, "memory") != NULL, "allocation %zu: \"%s\"",
                      failing, error.text);
        if (good) {
            ck_assert_uint_eq(imatrix.count, 2);
            imatrix_free(&imatrix);
        }
    }
    ck_assert_uint_gt(failing, 6);
    source_close(&source);
    bytes_free(&bytes);
}
END_TEST

#define COUNT(array) (int)(sizeof(array) / sizeof(array)[0])

int main(void)
{
    Suite *suite = suite_create("imatrix");
    TCase *tests = tcase_create("imatrix");
    tcase_set_timeout(tests, 0);
    tcase_add_test(tests, dat_values_are_divided_by_ncall);
    tcase_add_loop_test(tests, dat_files, 0, COUNT(dat_cases));
    tcase_add_test(tests, the_matrix_of_the_language_model);
    tcase_add_test(tests, gguf_sums_become_means);
    tcase_add_test(tests, values_must_fit_the_tensor);
    tcase_add_loop_test(tests, gguf_tensors, 0, COUNT(gguf_cases));
    tcase_add_loop_test(tests, gguf_keys, 0, COUNT(keys_cases));
    tcase_add_loop_test(tests, every_flipped_bit_and_truncation_is_survived, 0, 2);
    tcase_add_loop_test(tests, every_failed_allocation_is_survived, 0, 2);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
