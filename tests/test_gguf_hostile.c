/*
 * GGUF files that are wrong, or right but odd: each must be read or refused with a message that
 * says what is wrong, without touching a byte outside the file and without asking for much memory.
 */
#include "allocation.h"
#include "gguf.h"
#include "gguf_builder.h"
#include "hostile.h"
#include "source_heap.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BYTES(literal) literal, sizeof(literal) - 1

/* Reads every tensor of the list as a whole. */
static void read_everything(const struct tensor_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct tensor *tensor = &list->tensors[i];
        size_t numel = (size_t)tensor_numel(tensor);
        if (!tensor_readable(tensor)) {
            continue;
        }
        float *weights = malloc((numel + 1) * sizeof *weights);
        struct buffer buffer = {0};
        struct error error;
        ck_assert_ptr_nonnull(weights);
        ck_assert(tensor_read(tensor, 0, numel, weights, &buffer, &error));
        buffer_free(&buffer);
        free(weights);
    }
}

/* Opens the file, and reads its tensors if it is accepted. */
static bool open_bytes(const struct bytes *bytes, bool strict, size_t *nnotes, struct error *error)
{
    uint8_t *copy = exact_copy(bytes);
    struct source *source = source_new_memory("file", copy, bytes->size, error);
    ck_assert_ptr_nonnull(source);
    struct tensor_list list = {0};
    allocation_watch(ALLOCATION_NEVER_FAILS);
    bool good = gguf_open(source, strict, &list, error);
    const size_t budget = ((size_t)16 << 20) + bytes->size;
    ck_assert_msg(allocation_bytes() <= budget, "%zu bytes were allocated for a file of %zu",
                  allocation_bytes(), bytes->size);
    *nnotes = list.nnotes;
    ck_assert(good || (list.count == 0 && list.nnotes == 0));
    read_everything(&list);
    tensor_list_free(&list);
    if (!good) {
        source_delete(source);
    }
    free(copy);
    return good;
}

/* `word`: part of the expected message, or NULL if the file is right. Frees the bytes. */
static void expect(struct bytes *bytes, const char *what, const char *word)
{
    struct error error = {""};
    size_t nnotes;
    bool good = open_bytes(bytes, false, &nnotes, &error);
    if (word == NULL) {
        ck_assert_msg(good, "%s: refused: %s", what, error.text);
    } else {
        ck_assert_msg(!good, "%s: accepted", what);
        ck_assert_msg(strncmp(error.text, "file: ", 6) == 0 && strstr(error.text, word) != NULL,
                      "%s: \"%s\" does not say \"%s\"", what, error.text, word);
        ck_assert_msg(strpbrk(error.text, "\n\r\x1b") == NULL, "%s: raw bytes in \"%s\"", what,
                      error.text);
    }
    bytes_free(bytes);
}

/* ------------------------------------------------------------------------------------------------
 * Header
 */

static const struct header_case {
    const char *bytes;
    size_t size;
    const char *word;
} header_cases[] = {
    {BYTES(""), "no GGUF file"},
    {BYTES("G"), "no GGUF file"},
    {BYTES("GGU"), "no GGUF file"},
    {BYTES("GGML\3\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), "no GGUF file"},
    {BYTES("FUGG\3\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), "no GGUF file"},
    {BYTES("GGUF"), "version"},
    {BYTES("GGUF\3\0\0\0"), "number of tensors"},
    {BYTES("GGUF\3\0\0\0\0\0\0\0"), "number of tensors"},
    {BYTES("GGUF\3\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), "number of keys"},
    {BYTES("GGUF\3\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), "number of keys"},
    {BYTES("GGUF\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), "version 0 "},
    {BYTES("GGUF\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), "version 1 "},
    {BYTES("GGUF\2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), NULL},
    {BYTES("GGUF\3\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), NULL},
    {BYTES("GGUF\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), "version 4 "},
    {BYTES("GGUF\xff\xff\xff\xff\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), "version 4294967295 "},
    {BYTES("GGUF\0\0\0\3\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), "big-endian"},
};

START_TEST(headers)
{
    const struct header_case *c = &header_cases[_i];
    struct bytes bytes = {0};
    put(&bytes, c->bytes, c->size);
    expect(&bytes, "header", c->word);
}
END_TEST

/* Two keys and two tensors, whatever the header says. */
static void put_small_file(struct bytes *bytes, uint64_t ntensors, uint64_t nvalues)
{
    put_header(bytes, 3, ntensors, nvalues);
    put_key_string(bytes, "general.architecture", "test");
    put_key_u32(bytes, "general.file_type", 0);
    put_tensor(bytes, "a", 8, 1, GGUF_F32, 0);
    put_tensor(bytes, "b", 8, 1, GGUF_F32, 32);
    put_padding(bytes, 32);
    put_repeated(bytes, 0, 64);
}

static const struct count_case {
    uint64_t ntensors, nvalues;
    const char *word;
} count_cases[] = {
    {2, 2, NULL},
    {UINT64_MAX, 2, "tensors"}, /* -1 */
    {(uint64_t)1 << 31, 2, "tensors"},
    {1000000000, 2, "tensors"},
    {INT64_MAX, 2, "tensors"},
    {UINT64_MAX / sizeof(struct gguf_tensor) + 1, 2, "tensors"},
    {UINT64_MAX / sizeof(struct tensor) + 1, 2, "tensors"},
    {3, 2, "a name of 0 bytes"}, /* the padding, read as a tensor */
    {1, 2, NULL},                /* the rest is trailing data */
    {2, UINT64_MAX, "keys"},
    {2, (uint64_t)1 << 31, "keys"},
    {2, 1000000000, "keys"},
    {2, INT64_MAX, "keys"},
    {2, UINT64_MAX / sizeof(struct gguf_value) + 1, "keys"},
    {2, 3, "a name of 281474976710656 bytes"}, /* a tensor, read as a key */
    {2, 1, "dimension"},                       /* a key, read as a tensor */
};

START_TEST(counts)
{
    struct bytes bytes = {0};
    put_small_file(&bytes, count_cases[_i].ntensors, count_cases[_i].nvalues);
    expect(&bytes, "counts", count_cases[_i].word);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Keys and values
 */

static const struct key_case {
    uint64_t length;
    const char *key;
    size_t size;
    const char *word;
} key_cases[] = {
    {3, BYTES("a.b"), NULL},
    {0, BYTES(""), "a key of 0 bytes"},
    {UINT64_MAX, BYTES("a.b"), "a key of 18446744073709551615 bytes"},
    {(uint64_t)1 << 63, BYTES("a.b"), "a key of"},
    {(uint64_t)1 << 31, BYTES("a.b"), "a key of"},
    {(uint64_t)1 << 48, BYTES("a.b"), "a key of"},
    {3 + 8 + 1, BYTES("a.b"), "announced"},  /* one more than remains */
    {3 + 8, BYTES("a.b"), "byte 3 is 0x04"}, /* all that remains: the type is in the key */
    {3, BYTES("a\0b"), "a\\x00b"},
    {3, BYTES("a\nb"), "a\\x0ab"},
    {3, BYTES("a b"), "spaces"},
    {4, BYTES("a\x1b[m"), "a\\x1b[m"},
    {2, BYTES("\xff\xfe"), "\\xff\\xfe"},
    {2, BYTES("\xc3\xa9"), "ASCII"},
};

START_TEST(keys)
{
    const struct key_case *c = &key_cases[_i];
    struct bytes bytes = {0};
    put_header(&bytes, 3, 0, 1);
    put_u64(&bytes, c->length);
    put(&bytes, c->key, c->size);
    put_u32(&bytes, GGUF_VALUE_U32);
    put_u32(&bytes, 7);
    expect(&bytes, "key", c->word);
}
END_TEST

START_TEST(long_keys)
{
    for (size_t length = 65535; length <= 65536; length++) {
        struct bytes bytes = {0};
        put_header(&bytes, 3, 0, 1);
        put_u64(&bytes, length);
        put_repeated(&bytes, 'k', length);
        put_u32(&bytes, GGUF_VALUE_U32);
        put_u32(&bytes, 7);
        expect(&bytes, "long key", length > 65535 ? "a key of 65536 bytes" : NULL);
    }
}
END_TEST

START_TEST(duplicate_keys)
{
    struct bytes bytes = {0};
    put_header(&bytes, 3, 0, 3);
    put_key_u32(&bytes, "a", 1);
    put_key_u32(&bytes, "b", 1);
    put_key_u32(&bytes, "a", 1);
    expect(&bytes, "duplicate key", "key \"a\": the name occurs twice");
}
END_TEST

static const struct value_case {
    uint32_t type;
    const char *payload;
    size_t size;
    const char *word;
} value_cases[] = {
    {GGUF_VALUE_BOOL, BYTES("\0"), NULL},
    {GGUF_VALUE_BOOL, BYTES("\2"), NULL},
    {13, BYTES("\0\0\0\0\0\0\0\0"), "value type 13 is unknown"},
    {255, BYTES("\0\0\0\0\0\0\0\0"), "value type 255"},
    {UINT32_MAX, BYTES("\0\0\0\0\0\0\0\0"), "value type 4294967295"},
    /* Scalars, one byte short each; the first would not be a record of the shortest length. */
    {GGUF_VALUE_U8, BYTES(""), "keys"},
    {GGUF_VALUE_I8, BYTES(""), "keys"},
    {GGUF_VALUE_BOOL, BYTES(""), "keys"},
    {GGUF_VALUE_U16, BYTES("\1"), "u16"},
    {GGUF_VALUE_I16, BYTES("\1"), "i16"},
    {GGUF_VALUE_U32, BYTES("\1\2\3"), "u32"},
    {GGUF_VALUE_I32, BYTES("\1\2\3"), "i32"},
    {GGUF_VALUE_F32, BYTES("\1\2\3"), "f32"},
    {GGUF_VALUE_U64, BYTES("\1\2\3\4\5\6\7"), "u64"},
    {GGUF_VALUE_I64, BYTES("\1\2\3\4\5\6\7"), "i64"},
    {GGUF_VALUE_F64, BYTES("\1\2\3\4\5\6\7"), "f64"},
    /* Strings. */
    {GGUF_VALUE_STRING, BYTES("\0\0\0\0\0\0\0\0"), NULL},
    {GGUF_VALUE_STRING, BYTES("\2\0\0\0\0\0\0\0\xff\0"), NULL},
    {GGUF_VALUE_STRING, BYTES("\0\0\0\0\0\0\0"), "string"},
    {GGUF_VALUE_STRING, BYTES("\3\0\0\0\0\0\0\0ab"), "string"},
    {GGUF_VALUE_STRING, BYTES("\1\0\0\x40\0\0\0\0"), "the limit is 1073741824"},
    {GGUF_VALUE_STRING, BYTES("\xff\xff\xff\xff\xff\xff\xff\xff"), "the limit"},
    /* Arrays: element type, count, elements. */
    {GGUF_VALUE_ARRAY, BYTES("\0\0\0\0\0\0\0\0\0\0\0\0"), NULL},
    {GGUF_VALUE_ARRAY, BYTES("\x08\0\0\0\0\0\0\0\0\0\0\0"), NULL},
    {GGUF_VALUE_ARRAY, BYTES("\1\0\0\0\3\0\0\0\0\0\0\0abc"), NULL},
    {GGUF_VALUE_ARRAY, BYTES("\1\0\0\0\4\0\0\0\0\0\0\0abc"), "elements of an array"},
    {GGUF_VALUE_ARRAY, BYTES("\x0c\0\0\0\1\0\0\0\0\0\0\0abcdefg"), "elements of an array"},
    {GGUF_VALUE_ARRAY, BYTES("\x09\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
     "arrays of arrays"},
    {GGUF_VALUE_ARRAY, BYTES("\x0d\0\0\0\1\0\0\0\0\0\0\0"), "element type 13"},
    {GGUF_VALUE_ARRAY, BYTES("\4\0\0\0\0\0\0\0\0\0\0\x40"), "the limit"}, /* 2^62 * 4 wraps to 0 */
    {GGUF_VALUE_ARRAY, BYTES("\4\0\0\0\1\0\0\0\0\0\0\x40"), "the limit"}, /* wraps to 4 */
    {GGUF_VALUE_ARRAY, BYTES("\0\0\0\0\1\0\0\x40\0\0\0\0"), "the limit"}, /* 2^30 + 1 */
    {GGUF_VALUE_ARRAY, BYTES("\0\0\0\0\0\0\0\x40\0\0\0\0"), "elements of"}, /* 2^30 */
    {GGUF_VALUE_ARRAY, BYTES("\x08\0\0\0\xe8\3\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), "elements of"},
    {GGUF_VALUE_ARRAY, BYTES("\x08\0\0\0\2\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0a\2\0\0\0\0\0\0\0b"),
     "string 1 of 2"},
    {GGUF_VALUE_ARRAY, BYTES("\x08\0\0\0\1\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff"),
     "string 0 of 1"},
};

START_TEST(values)
{
    const struct value_case *c = &value_cases[_i];
    struct bytes bytes = {0};
    put_header(&bytes, 3, 0, 1);
    put_key(&bytes, "k", c->type);
    put(&bytes, c->payload, c->size);
    expect(&bytes, "value", c->word);
}
END_TEST

START_TEST(a_million_strings)
{
    struct bytes bytes = {0};
    put_header(&bytes, 3, 0, 1);
    put_key_array(&bytes, "tokens", GGUF_VALUE_STRING, 1000000);
    for (int i = 0; i < 1000000; i++) {
        put_string(&bytes, "x");
    }
    expect(&bytes, "a million strings", NULL);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Alignment
 */

static const struct alignment_case {
    uint32_t type;
    const char *payload;
    size_t size;
    size_t data_alignment; /* where the data really is */
    const char *word;
} alignment_cases[] = {
    {GGUF_VALUE_U32, BYTES("\0\0\0\0"), 32, "no power of two"},
    {GGUF_VALUE_U32, BYTES("\1\0\0\0"), 1, NULL},
    {GGUF_VALUE_U32, BYTES("\3\0\0\0"), 3, "is 3, which is no power of two"},
    {GGUF_VALUE_U32, BYTES("\x08\0\0\0"), 8, NULL},
    {GGUF_VALUE_U32, BYTES("\x0d\0\0\0"), 13, "no power of two"},
    {GGUF_VALUE_U32, BYTES("\x18\0\0\0"), 24, "no power of two"},
    {GGUF_VALUE_U32, BYTES("\x21\0\0\0"), 33, "no power of two"},
    {GGUF_VALUE_U32, BYTES("\x40\0\0\0"), 64, NULL},
    {GGUF_VALUE_U32, BYTES("\x40\0\0\0"), 32, "do not fit"},
    {GGUF_VALUE_U32, BYTES("\0\0\0\x80"), 32, "the data would begin at byte 2147483648"},
    {GGUF_VALUE_U32, BYTES("\xff\xff\xff\xff"), 32, "no power of two"},
    {GGUF_VALUE_I32, BYTES("\x20\0\0\0"), 32, "general.alignment\" is no u32"},
    {GGUF_VALUE_U64, BYTES("\x20\0\0\0\0\0\0\0"), 32, "is no u32"},
    {GGUF_VALUE_STRING,
     BYTES("\2\0\0\0\0\0\0\0"
           "32"),
     32, "is no u32"},
    {GGUF_VALUE_ARRAY, BYTES("\4\0\0\0\1\0\0\0\0\0\0\0\x20\0\0\0"), 32, "is no u32"},
    {GGUF_VALUE_ARRAY, BYTES("\4\0\0\0\0\0\0\0\0\0\0\0"), 32, "is no u32"},
};

START_TEST(alignments)
{
    const struct alignment_case *c = &alignment_cases[_i];
    struct bytes bytes = {0};
    put_header(&bytes, 3, 1, 1);
    put_key(&bytes, "general.alignment", c->type);
    put(&bytes, c->payload, c->size);
    /* A name that ends the table 32 bytes after a multiple of 64. */
    char name[65] = "";
    const size_t fixed = bytes.size + 8 + 4 + 8 + 4 + 8;
    memset(name, 'n', 1 + (64 + 32 - 1 - fixed % 64) % 64);
    const uint64_t dims[1] = {8};
    put_tensor_named(&bytes, name, strlen(name), 1, dims, GGUF_F32, 0);
    put_padding(&bytes, c->data_alignment);
    put_repeated(&bytes, 0, 32);
    expect(&bytes, "alignment", c->word);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Tensors
 */

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

/* ------------------------------------------------------------------------------------------------
 * Whole files
 */

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

#define COUNT(array) (int)(sizeof(array) / sizeof(array)[0])

int main(void)
{
    Suite *suite = suite_create("gguf_hostile");
    TCase *tests = tcase_create("gguf_hostile");
    tcase_set_timeout(tests, 0);
    tcase_add_loop_test(tests, headers, 0, COUNT(header_cases));
    tcase_add_loop_test(tests, counts, 0, COUNT(count_cases));
    tcase_add_loop_test(tests, keys, 0, COUNT(key_cases));
    tcase_add_test(tests, long_keys);
    tcase_add_test(tests, duplicate_keys);
    tcase_add_loop_test(tests, values, 0, COUNT(value_cases));
    tcase_add_test(tests, a_million_strings);
    tcase_add_loop_test(tests, alignments, 0, COUNT(alignment_cases));
    tcase_add_loop_test(tests, tensors, 0, COUNT(tensor_cases));
    tcase_add_test(tests, long_tensor_names);
    tcase_add_loop_test(tests, pairs_of_tensors, 0, COUNT(pair_cases));
    tcase_add_test(tests, every_truncation_is_refused);
    tcase_add_test(tests, every_flipped_bit_is_survived);
    tcase_add_test(tests, every_failed_allocation_is_survived);
    tcase_add_loop_test(tests, odd_files_are_noted_and_refused_by_strict_readers, 0,
                        COUNT(odd_cases));
    tcase_add_test(tests, strict_readers_want_zeros_before_and_between_tensors);
    tcase_add_loop_test(tests, blocks_of_equal_bytes, 0, RDL_FORMAT_COUNT);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
