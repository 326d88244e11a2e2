/* Hostile GGUF files: header, keys, values, alignment. */
#include "gguf_expect.h"
#include "suite.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

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
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
