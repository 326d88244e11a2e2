/* Elements to binary32 (element.c), tensors and their list (tensor.c). */
#include "element.h"
#include "suite.h"
#include "tensor.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct element_case {
    enum element_kind kind;
    uint8_t bytes[8]; /* little-endian */
    uint32_t bits;    /* of the binary32 result */
} element_cases[] = {
    {ELEMENT_F32, {0xdb, 0x0f, 0x49, 0x40}, 0x40490fdb},
    {ELEMENT_F32, {0x01, 0x00, 0x80, 0xff}, 0xff800001}, /* NaN keeps its payload */
    {ELEMENT_F32, {0x01, 0x00, 0x00, 0x00}, 0x00000001}, /* smallest subnormal */
    {ELEMENT_F16, {0x00, 0x3c}, 0x3f800000},             /* 1 */
    {ELEMENT_F16, {0x01, 0x00}, 0x33800000},             /* 2^-24 */
    {ELEMENT_F16, {0xff, 0x83}, 0xb87fc000},             /* -(2^-14 - 2^-24) */
    {ELEMENT_F16, {0xff, 0x7b}, 0x477fe000},             /* 65504 */
    {ELEMENT_F16, {0x00, 0xfc}, 0xff800000},             /* -inf */
    {ELEMENT_F16, {0x00, 0x80}, 0x80000000},             /* -0 */
    {ELEMENT_BF16, {0x49, 0x40}, 0x40490000},
    {ELEMENT_BF16, {0x80, 0x7f}, 0x7f800000},
    {ELEMENT_BF16, {0xc0, 0xff}, 0xffc00000},
    {ELEMENT_F64, {0, 0, 0, 0, 0, 0, 0xf0, 0x3f}, 0x3f800000},    /* 1 */
    {ELEMENT_F64, {0, 0, 0, 0x10, 0, 0, 0xf0, 0x3f}, 0x3f800000}, /* 1 + 2^-24: tie to even */
    {ELEMENT_F64, {1, 0, 0, 0x10, 0, 0, 0xf0, 0x3f}, 0x3f800001},
    {ELEMENT_F64, {0, 0, 0, 0, 0, 0, 0xf0, 0x47}, 0x7f800000}, /* 2^128 becomes infinite */
    {ELEMENT_F64, {0, 0, 0, 0, 0, 0, 0xa0, 0xb6}, 0x80000001}, /* -2^-149 */
};

static uint32_t convert(const struct element_case *c, bool swapped)
{
    size_t size = element_size(c->kind);
    uint8_t bytes[9]; /* one byte off alignment */
    for (size_t i = 0; i < size; i++) {
        bytes[1 + i] = c->bytes[swapped ? size - 1 - i : i];
    }
    float value = 0.0f;
    element_to_f32(c->kind, swapped, bytes + 1, 1, &value);
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

START_TEST(elements_convert_exactly)
{
    ck_assert_uint_eq(convert(&element_cases[_i], false), element_cases[_i].bits);
    ck_assert_uint_eq(convert(&element_cases[_i], true), element_cases[_i].bits);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Shapes
 */

static const struct shape_case {
    unsigned ndims;
    uint64_t dims[4];
    bool accepted;
    uint64_t ncols, nrows;
} shape_cases[] = {
    {0, {0}, true, 1, 1},
    {1, {7}, true, 7, 1},
    {3, {5, 3, 2}, true, 5, 6},
    {4, {0, 3, 2, 2}, true, 0, 12},
    {2, {3, 0}, true, 3, 0},
    {1, {INT64_MAX}, true, INT64_MAX, 1},
    {1, {(uint64_t)1 << 63}, false, 0, 0},
    {1, {UINT64_MAX}, false, 0, 0},
    {2, {(uint64_t)1 << 32, (uint64_t)1 << 32}, false, 0, 0},
    {2, {(uint64_t)1 << 32, ((uint64_t)1 << 32) + 1}, false, 0, 0},
    {3, {0, (uint64_t)1 << 32, (uint64_t)1 << 32}, false, 0, 0},
    {3, {(uint64_t)1 << 32, (uint64_t)1 << 32, 0}, false, 0, 0},
    {4, {1 << 21, 1 << 21, 1 << 21, 2}, false, 0, 0},
    {4, {1 << 21, 1 << 21, 1 << 20, 1}, true, 1 << 21, (uint64_t)1 << 41},
};

START_TEST(shapes_are_checked)
{
    const struct shape_case *c = &shape_cases[_i];
    struct tensor tensor = {0};
    struct error error;
    ck_assert_int_eq(tensor_set_dims(&tensor, c->ndims, c->dims, &error), c->accepted);
    if (c->accepted) {
        ck_assert_uint_eq(tensor.ndims, c->ndims);
        ck_assert_uint_eq(tensor.ncols, c->ncols);
        ck_assert_uint_eq(tensor.nrows, c->nrows);
        ck_assert_uint_eq(tensor_numel(&tensor), c->ncols * c->nrows);
    } else {
        ck_assert_ptr_nonnull(strstr(error.text, "2^63"));
    }
}
END_TEST

START_TEST(the_number_of_dimensions_is_limited)
{
    uint64_t dims[TENSOR_MAX_DIMS + 1];
    for (size_t i = 0; i < TENSOR_MAX_DIMS + 1; i++) {
        dims[i] = 1;
    }
    struct tensor tensor = {0};
    struct error error;
    ck_assert(tensor_set_dims(&tensor, TENSOR_MAX_DIMS, dims, &error));
    ck_assert(!tensor_set_dims(&tensor, TENSOR_MAX_DIMS + 1, dims, &error));
    ck_assert_ptr_nonnull(strstr(error.text, "33 dimensions"));
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Reading
 */

static struct source source;
static struct buffer buffer;

static struct tensor open_tensor(enum element_kind kind, const void *bytes, uint64_t size,
                                 uint64_t ncols, uint64_t nrows)
{
    struct error error;
    ck_assert(source_open_memory(&source, "file", bytes, size, &error));
    static char name[] = "w";
    return (struct tensor){.name = name,
                           .type = "TYPE",
                           .kind = kind,
                           .ndims = 2,
                           .dims = {ncols, nrows},
                           .ncols = ncols,
                           .nrows = nrows,
                           .source = &source,
                           .nbytes = size};
}

static void close_tensor(void)
{
    source_close(&source);
    buffer_free(&buffer);
}

static void expect_failure(const struct tensor *tensor, uint64_t first, size_t count,
                           const char *word)
{
    struct error error;
    float out[64];
    ck_assert(!tensor_read(tensor, first, count, out, &buffer, &error));
    ck_assert_int_eq(strncmp(error.text, "file: tensor \"w\": ", 18), 0);
    ck_assert_msg(strstr(error.text, word) != NULL, "%s", error.text);
}

START_TEST(numbers_are_read_from_the_middle)
{
    static const uint8_t stored[] = {9, 0x80, 0x3f, 0x00, 0x40, 0x40, 0x40, 0x80, 0x40};
    struct tensor tensor = open_tensor(ELEMENT_BF16, stored, sizeof stored, 2, 2);
    tensor.offset = 1;
    ck_assert(tensor_readable(&tensor));
    struct error error;
    float out[4];
    ck_assert(tensor_read(&tensor, 0, 4, out, &buffer, &error));
    ck_assert(out[0] == 1.0f && out[1] == 2.0f && out[2] == 3.0f && out[3] == 4.0f);
    ck_assert(tensor_read(&tensor, 3, 1, out, &buffer, &error));
    ck_assert(out[0] == 4.0f);
    ck_assert(tensor_read(&tensor, 4, 0, out, &buffer, &error));
    expect_failure(&tensor, 4, 1, "there are 4");
    expect_failure(&tensor, 5, 0, "there are 4");
    expect_failure(&tensor, 1, SIZE_MAX, "there are 4");
    tensor.offset = 3;
    expect_failure(&tensor, 0, 4, "the file ends at 9");
    close_tensor();
}
END_TEST

START_TEST(big_endian_numbers_are_swapped)
{
    static const uint8_t stored[] = {0x3f, 0x80, 0, 0, 0xc0, 0, 0, 0};
    struct tensor tensor = open_tensor(ELEMENT_F32, stored, sizeof stored, 2, 1);
    tensor.swapped = true;
    struct error error;
    float out[2];
    ck_assert(tensor_read(&tensor, 0, 2, out, &buffer, &error));
    ck_assert(out[0] == 1.0f && out[1] == -2.0f);
    close_tensor();
}
END_TEST

START_TEST(blocks_are_decoded)
{
    /* Q8_0: scale 0.5, codes 0, 1, ...; then scale 2, the codes again. */
    uint8_t stored[68] = {0x00, 0x38};
    stored[35] = 0x40;
    for (uint8_t i = 0; i < 32; i++) {
        stored[2 + i] = stored[36 + i] = i;
    }
    struct tensor tensor = open_tensor(ELEMENT_BLOCKS, stored, sizeof stored, 64, 1);
    tensor.format = RDL_Q8_0;
    struct error error;
    float out[64];
    ck_assert(tensor_read(&tensor, 0, 64, out, &buffer, &error));
    for (int i = 0; i < 32; i++) {
        ck_assert(out[i] == 0.5f * (float)i && out[32 + i] == 2.0f * (float)i);
    }
    ck_assert(tensor_read(&tensor, 32, 32, out, &buffer, &error));
    ck_assert(out[31] == 62.0f);
    expect_failure(&tensor, 16, 32, "whole blocks of 32");
    expect_failure(&tensor, 32, 16, "whole blocks of 32");
    close_tensor();
}
END_TEST

START_TEST(other_types_are_named)
{
    struct tensor tensor = open_tensor(ELEMENT_OTHER, "1234", 4, 4, 1);
    ck_assert(!tensor_readable(&tensor));
    expect_failure(&tensor, 0, 1, "TYPE");
    close_tensor();
}
END_TEST

START_TEST(the_list_owns_names_sources_and_notes)
{
    struct error error;
    struct tensor_list list = {0};
    struct source *owned = malloc(sizeof *owned);
    ck_assert_ptr_nonnull(owned);
    ck_assert(source_open_memory(owned, "file", "", 0, &error));
    ck_assert(tensor_list_own_source(&list, owned, &error));
    ck_assert(tensor_list_note(&list, "note %d", 1));
    for (unsigned i = 0; i < 100; i++) {
        struct tensor tensor = {.ncols = i};
        ck_assert(tensor_list_add(&list, &tensor, "name, cut", 4, &error));
    }
    ck_assert(tensor_list_note(&list, "note %d", 2));
    ck_assert_uint_eq(list.count, 100);
    ck_assert_str_eq(list.tensors[99].name, "name");
    ck_assert_uint_eq(list.tensors[99].ncols, 99);
    tensor_list_cut(&list, 50, 1);
    ck_assert_uint_eq(list.count, 50);
    ck_assert_uint_eq(list.nnotes, 1);
    ck_assert_str_eq(list.notes[0], "note 1");
    tensor_list_free(&list);
    ck_assert_uint_eq(list.count, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tensor");
    TCase *tests = tcase_create("tensor");
    tcase_set_timeout(tests, 0);
    tcase_add_loop_test(tests, elements_convert_exactly, 0,
                        (int)(sizeof element_cases / sizeof element_cases[0]));
    tcase_add_loop_test(tests, shapes_are_checked, 0,
                        (int)(sizeof shape_cases / sizeof shape_cases[0]));
    tcase_add_test(tests, the_number_of_dimensions_is_limited);
    tcase_add_test(tests, numbers_are_read_from_the_middle);
    tcase_add_test(tests, big_endian_numbers_are_swapped);
    tcase_add_test(tests, blocks_are_decoded);
    tcase_add_test(tests, other_types_are_named);
    tcase_add_test(tests, the_list_owns_names_sources_and_notes);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
