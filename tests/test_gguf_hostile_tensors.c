/* Hostile GGUF files: the tensor table, and blocks of extreme bytes. */
#include "gguf_expect.h"
#include "suite.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TWO(exponent) ((uint64_t)1 << (exponent))

static const struct tensor_case {
    const char *name;
    size_t name_size;
    uint32_t ndims;
    uint64_t dims[5];
    uint32_t type;
    uint64_t offset;
    size_t data; /* bytes that follow the table and its padding */
    const char *word;
} tensor_cases[] = {
    {BYTES("w"), 1, {8}, GGUF_F32, 0, 32, NULL},
    /* Names. */
    {BYTES(""), 1, {8}, GGUF_F32, 0, 32, "a name of 0 bytes"},
    {BYTES("a\0b"), 1, {8}, GGUF_F32, 0, 32, "\"a\\x00b\" holds a NUL"},
    {BYTES("\xff\x80"), 1, {8}, GGUF_F32, 0, 32, NULL},
    {BYTES("\xff\x80"), 1, {8}, GGUF_F32, 0, 31, "\"\\xff\\x80\""},
    {BYTES("\x1b[2J\n"), 1, {8}, GGUF_F32, 0, 32, NULL},
    {BYTES("\x1b[2J\n"), 1, {8}, GGUF_F32, 0, 31, "\"\\x1b[2J\\x0a\""},
    /* Dimensions. */
    {BYTES("w"), 0, {0}, GGUF_F32, 0, 4, NULL},
    {BYTES("w"), 4, {2, 2, 2, 2}, GGUF_F32, 0, 64, NULL},
    {BYTES("w"), 5, {1, 1, 1, 1, 1}, GGUF_F32, 0, 4, "5 dimensions; GGUF has at most 4"},
    {BYTES("w"), UINT32_MAX, {1, 1, 1, 1, 1}, GGUF_F32, 0, 4, "4294967295 dimensions"},
    {BYTES("w"), 1, {0}, GGUF_F32, 0, 0, NULL},
    {BYTES("w"), 2, {8, 0}, GGUF_F32, 0, 0, NULL},
    {BYTES("w"), 2, {0, 8}, GGUF_F32, 0, 0, NULL},
    {BYTES("w"), 2, {8, UINT64_MAX}, GGUF_F32, 0, 32, "dimension 1 is negative"},
    {BYTES("w"), 1, {TWO(63)}, GGUF_F32, 0, 32, "dimension 0 is negative"},
    {BYTES("w"), 1, {INT64_MAX}, GGUF_F32, 0, 32, "exceeds 2^64"},
    {BYTES("w"), 1, {INT64_MAX}, 24, 0, 32, "do not fit"},
    {BYTES("w"), 2, {TWO(32), TWO(32)}, GGUF_F32, 0, 32, "product of the dimensions"},
    {BYTES("w"), 3, {0, TWO(32), TWO(32)}, GGUF_F32, 0, 32, "product of the dimensions"},
    {BYTES("w"), 2, {TWO(32), TWO(32) + 1}, GGUF_F32, 0, 32, "product of the dimensions"},
    {BYTES("w"), 4, {TWO(21), TWO(21), TWO(21), 2}, GGUF_F32, 0, 32, "product of the dimensions"},
    {BYTES("w"), 1, {TWO(62) - 1}, GGUF_F32, 0, 32, "do not fit"}, /* 2^64 - 4 bytes */
    {BYTES("w"), 2, {1, TWO(42) + 1}, GGUF_F32, 0, 32, "do not fit"},
    /* Types. */
    {BYTES("w"), 1, {256}, 12, 0, 144, NULL},
    {BYTES("w"), 1, {256}, 12, 0, 143, "144 bytes at offset 0 do not fit"},
    {BYTES("w"), 1, {255}, 12, 0, 144, "rows of 255 are no whole blocks of 256 (Q4_K)"},
    {BYTES("w"), 2, {1, 256}, 12, 0, 144, "rows of 1 are no whole blocks"},
    {BYTES("w"), 0, {0}, 12, 0, 144, "rows of 1 are no whole blocks"},
    {BYTES("w"), 1, {0}, 12, 0, 144, "rows of 0 are no whole blocks"},
    {BYTES("w"), 2, {256, 0}, 12, 0, 0, NULL},
    {BYTES("w"), 1, {32}, 4, 0, 144, "type 4 was removed"},
    {BYTES("w"), 1, {32}, 5, 0, 144, "type 5 was removed"},
    {BYTES("w"), 1, {32}, 31, 0, 144, "type 31 was removed"},
    {BYTES("w"), 1, {32}, 33, 0, 144, "type 33 was removed"},
    {BYTES("w"), 1, {32}, 36, 0, 144, "type 36 is ambiguous"},
    {BYTES("w"), 1, {32}, 37, 0, 144, "type 37 was removed"},
    {BYTES("w"), 1, {32}, 38, 0, 144, "type 38 was removed"},
    {BYTES("w"), 1, {32}, 43, 0, 144, "type 43 is unknown"},
    {BYTES("w"), 1, {32}, 210, 0, 144, "row-interleaved types of ik_llama.cpp"},
    {BYTES("w"), 1, {32}, 398, 0, 144, "row-interleaved types of ik_llama.cpp"},
    {BYTES("w"), 1, {32}, UINT32_MAX, 0, 144, "type 4294967295 is unknown"},
    {BYTES("w"), 1, {32}, 99, 0, 36, NULL},
    {BYTES("w"), 1, {32}, 99, 0, 35, "36 bytes at"},
    {BYTES("w"), 1, {256}, 137, 0, 76, NULL},
    {BYTES("w"), 1, {255}, 137, 0, 76, "(IQ2_K)"},
    {BYTES("w"), 2, {256, 2}, 144, 0, 280, NULL}, /* 4 bytes before each row */
    {BYTES("w"), 2, {256, 2}, 144, 0, 279, "280 bytes at"},
    {BYTES("w"), 2, {256, TWO(54)}, 144, 0, 279, "do not fit"},
    /* Offsets. */
    {BYTES("w"), 1, {8}, GGUF_F32, 4, 64, "offset 4 is no multiple of the alignment 32"},
    {BYTES("w"), 1, {8}, GGUF_F32, 32, 64, NULL},
    {BYTES("w"), 1, {8}, GGUF_F32, 32, 63, "do not fit"},
    {BYTES("w"), 1, {8}, GGUF_F32, 64, 64, "do not fit"},
    {BYTES("w"), 1, {8}, GGUF_F32, 96, 64, "do not fit"},
    {BYTES("w"), 1, {0}, GGUF_F32, 64, 64, NULL},
    {BYTES("w"), 1, {0}, GGUF_F32, 96, 64, "do not fit"},
    {BYTES("w"), 1, {8}, GGUF_F32, UINT64_MAX - 31, 64, "do not fit"}, /* 2^64 - 32: wraps to 0 */
    {BYTES("w"), 1, {16}, GGUF_F32, UINT64_MAX - 31, 64, "do not fit"},
};

START_TEST(tensors)
{
    const struct tensor_case *c = &tensor_cases[_i];
    struct bytes bytes = {0};
    put_header(&bytes, 3, 1, 0);
    put_tensor_named(&bytes, c->name, c->name_size, c->ndims, c->dims, c->type, c->offset);
    put_padding(&bytes, 32);
    put_repeated(&bytes, 0, c->data);
    char what[32];
    snprintf(what, sizeof what, "tensor case %d", _i);
    expect(&bytes, what, c->word);
}
END_TEST

START_TEST(long_tensor_names)
{
    static const size_t lengths[] = {63, 64, 65, 65535, 65536, 1000000};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        struct bytes name = {0};
        put_repeated(&name, 'n', lengths[i]);
        struct bytes bytes = {0};
        const uint64_t dims[1] = {8};
        put_header(&bytes, 3, 1, 0);
        put_tensor_named(&bytes, name.data, name.size, 1, dims, GGUF_F32, 0);
        put_padding(&bytes, 32);
        put_repeated(&bytes, 0, 32);
        expect(&bytes, "long name", lengths[i] > 65535 ? "names have 1 to 65535" : NULL);
        bytes_free(&name);
    }
}
END_TEST

static const struct pair_case {
    const char *names[2];
    uint64_t numel[2]; /* F32 */
    uint64_t offsets[2];
    size_t data;
    const char *word;
} pair_cases[] = {
    {{"a", "b"}, {8, 8}, {0, 32}, 64, NULL},
    {{"a", "a"}, {8, 8}, {0, 32}, 64, "tensor \"a\": the name occurs twice"},
    {{"a", "b"}, {8, 8}, {32, 0}, 64, NULL},
    {{"a", "b"}, {8, 8}, {0, 64}, 96, NULL},
    {{"a", "b"}, {8, 8}, {0, 0}, 64, "overlaps"},
    {{"a", "b"}, {9, 8}, {0, 32}, 64, "tensor \"b\": it overlaps with \"a\""},
    {{"a", "b"}, {8, 9}, {32, 0}, 64, "tensor \"a\": it overlaps with \"b\""},
    {{"a", "b"}, {24, 8}, {0, 32}, 96, "overlaps"},
    {{"a", "b"}, {0, 8}, {0, 0}, 32, NULL},
    {{"a", "b"}, {24, 0}, {0, 32}, 96, NULL},
    {{"a", "b"}, {TWO(61) - 16, TWO(61) - 16}, {0, 0}, 96, "do not fit"}, /* 2^63 - 64 bytes */
};

START_TEST(pairs_of_tensors)
{
    const struct pair_case *c = &pair_cases[_i];
    struct bytes bytes = {0};
    put_header(&bytes, 3, 2, 0);
    for (int i = 0; i < 2; i++) {
        put_tensor(&bytes, c->names[i], c->numel[i], 1, GGUF_F32, c->offsets[i]);
    }
    put_padding(&bytes, 32);
    put_repeated(&bytes, 0, c->data);
    expect(&bytes, "pair of tensors", c->word);
}
END_TEST

/* Every type at its extremes: no byte makes a decoder read outside its tables. */
START_TEST(blocks_of_equal_bytes)
{
    static const uint8_t fills[] = {0x00, 0xff, 0x7f, 0x80, 0xaa, 0x55};
    const struct rdl_format_info *format = rdl_format_info((enum rdl_format)_i);
    for (size_t i = 0; i < sizeof fills; i++) {
        struct bytes bytes = {0};
        put_header(&bytes, 3, 1, 0);
        put_tensor(&bytes, "w", format->block_length, 3, format->gguf_type, 0);
        put_padding(&bytes, 32);
        put_repeated(&bytes, fills[i], (size_t)3 * format->block_bytes);
        expect(&bytes, format->name, NULL);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("gguf_hostile_tensors");
    TCase *tests = tcase_create("gguf_hostile_tensors");
    tcase_set_timeout(tests, 0);
    tcase_add_loop_test(tests, tensors, 0, COUNT(tensor_cases));
    tcase_add_test(tests, long_tensor_names);
    tcase_add_loop_test(tests, pairs_of_tensors, 0, COUNT(pair_cases));
    tcase_add_loop_test(tests, blocks_of_equal_bytes, 0, RDL_FORMAT_COUNT);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
