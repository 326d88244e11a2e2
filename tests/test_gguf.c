/* Right GGUF files: values, tensors, types, and the language model of the repository. */
#include "gguf.h"
#include "gguf_builder.h"
#include "hostile.h"
#include "source_heap.h"
#include "suite.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct bytes bytes;
static struct source source;
static struct gguf gguf;

static void parse(void)
{
    struct error error = {""};
    ck_assert(source_open_memory(&source, "file", bytes.data, bytes.size, &error));
    ck_assert_msg(gguf_parse(&source, &gguf, &error), "%s", error.text);
}

static void close_all(void)
{
    gguf_free(&gguf);
    source_close(&source);
    bytes_free(&bytes);
}

/* ------------------------------------------------------------------------------------------------
 * Values
 */

static const struct integer_case {
    uint32_t type;
    uint8_t payload[8];
    size_t size;
    bool accepted;
    uint64_t value;
} integer_cases[] = {
    {GGUF_VALUE_U8, {0xfe}, 1, true, 0xfe},
    {GGUF_VALUE_I8, {0x7f}, 1, true, 0x7f},
    {GGUF_VALUE_I8, {0xfe}, 1, false, 0},
    {GGUF_VALUE_U16, {1, 0x80}, 2, true, 0x8001},
    {GGUF_VALUE_I16, {1, 0x80}, 2, false, 0},
    {GGUF_VALUE_U32, {1, 2, 3, 0x84}, 4, true, 0x84030201},
    {GGUF_VALUE_I32, {1, 2, 3, 4}, 4, true, 0x04030201},
    {GGUF_VALUE_I32, {1, 2, 3, 0x84}, 4, false, 0},
    {GGUF_VALUE_U64, {1, 2, 3, 4, 5, 6, 7, 0x88}, 8, true, 0x8807060504030201},
    {GGUF_VALUE_I64, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, 8, false, 0},
    {GGUF_VALUE_F32, {0}, 4, false, 0},
    {GGUF_VALUE_F64, {0}, 8, false, 0},
    {GGUF_VALUE_BOOL, {1}, 1, false, 0},
};

START_TEST(counts_of_every_integer_type)
{
    const struct integer_case *c = &integer_cases[_i];
    put_header(&bytes, 3, 0, 1);
    put_key(&bytes, "n", c->type);
    put(&bytes, c->payload, c->size);
    parse();
    struct error error;
    uint64_t value = 0;
    ck_assert_int_eq(gguf_get_count(&gguf, "n", &value, &error), c->accepted);
    ck_assert_uint_eq(value, c->value);
    ck_assert(c->accepted || strstr(error.text, "file: key \"n\" is ") == error.text);
    close_all();
}
END_TEST

START_TEST(values_are_found_by_key)
{
    put_header(&bytes, 2, 0, 5);
    put_key_string(&bytes, "text", "a string");
    put_key(&bytes, "flag", GGUF_VALUE_BOOL);
    put_repeated(&bytes, 0xff, 1);
    size_t record = bytes.size;
    put_key_array(&bytes, "numbers", GGUF_VALUE_U16, 3);
    size_t elements = bytes.size;
    put_repeated(&bytes, 1, 6);
    put_key_array(&bytes, "strings", GGUF_VALUE_STRING, 3);
    put_string(&bytes, "one");
    put_string(&bytes, "");
    put_string(&bytes, "three");
    put_key_array(&bytes, "none", GGUF_VALUE_STRING, 0);
    parse();
    ck_assert_uint_eq(gguf.version, 2);
    ck_assert_uint_eq(gguf.nvalues, 5);
    ck_assert_ptr_null(gguf_find(&gguf, "absent"));
    ck_assert_uint_eq(gguf_find(&gguf, "flag")->scalar, 1);

    const struct gguf_value *numbers = gguf_find(&gguf, "numbers");
    ck_assert_ptr_eq(numbers, &gguf.values[2]);
    ck_assert_int_eq(numbers->type, GGUF_VALUE_ARRAY);
    ck_assert_str_eq(gguf_value_type_name(numbers->element), "u16");
    ck_assert_uint_eq(numbers->count, 3);
    ck_assert_uint_eq(numbers->offset, elements);
    ck_assert_uint_eq(numbers->nbytes, 6);
    ck_assert_uint_eq(numbers->record, record);
    ck_assert_uint_eq(numbers->record_end, elements + 6);
    close_all();
}
END_TEST

START_TEST(strings_are_read)
{
    put_header(&bytes, 3, 0, 3);
    put_key(&bytes, "text", GGUF_VALUE_STRING);
    put_u64(&bytes, 3);
    put(&bytes, "a\0b", 3);
    put_key_array(&bytes, "strings", GGUF_VALUE_STRING, 3);
    put_string(&bytes, "one");
    put_string(&bytes, "");
    put_string(&bytes, "three");
    put_key_u32(&bytes, "number", 1);
    parse();
    struct error error;
    char *text;
    size_t length;
    ck_assert(gguf_get_string(&gguf, "text", &text, &length, &error));
    ck_assert_uint_eq(length, 3);
    ck_assert_mem_eq(text, "a\0b", 4);
    free(text);
    ck_assert(!gguf_get_string(&gguf, "number", &text, &length, &error));
    ck_assert_str_eq(error.text, "file: key \"number\" is u32, not a string");
    ck_assert(!gguf_get_string(&gguf, "absent", &text, &length, &error));
    ck_assert_str_eq(error.text, "file: there is no key \"absent\"");

    struct gguf_strings strings;
    ck_assert(gguf_strings_begin(&gguf, "strings", &strings, &error));
    static const char *const expected[] = {"one", "", "three"};
    ck_assert_uint_eq(strings.count, 3);
    for (size_t i = 0; i < 3; i++) {
        ck_assert(gguf_strings_next(&strings, &error));
        ck_assert_str_eq(strings.text, expected[i]);
        ck_assert_uint_eq(strings.length, strlen(expected[i]));
    }
    gguf_strings_end(&strings);
    ck_assert(!gguf_strings_begin(&gguf, "text", &strings, &error));
    ck_assert_str_eq(error.text, "file: key \"text\" is string, not an array of strings");
    uint64_t count;
    ck_assert(!gguf_get_count(&gguf, "strings", &count, &error));
    ck_assert_str_eq(error.text, "file: key \"strings\" is an array of string, not a whole number");
    close_all();
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Types
 */

START_TEST(block_formats_agree_with_the_library)
{
    const struct rdl_format_info *format = rdl_format_info((enum rdl_format)_i);
    const struct gguf_type *type = gguf_type_find(format->gguf_type);
    ck_assert_ptr_nonnull(type);
    ck_assert_str_eq(type->name, format->ggml_name);
    ck_assert_uint_eq(type->block_length, format->block_length);
    ck_assert_uint_eq(type->block_bytes, format->block_bytes);
    ck_assert_uint_eq(type->row_bytes, 0);
}
END_TEST

START_TEST(every_id_has_a_size_or_a_refusal)
{
    size_t known[2] = {0};
    for (uint32_t id = 0; id < 1000; id++) {
        const struct gguf_type *type = gguf_type_find(id);
        if (type == NULL) {
            bool named = (id >= 4 && id <= 5) || (id >= 31 && id <= 33) || (id >= 36 && id <= 38) ||
                         (id >= 202 && id <= 353) || (id >= 397 && id <= 399);
            ck_assert_int_eq(strcmp(gguf_type_refusal(id), "is unknown") != 0, named);
            continue;
        }
        ck_assert_uint_eq(type->id, id);
        ck_assert_uint_gt(type->block_length, 0);
        ck_assert_uint_gt(type->block_bytes, 0);
        known[id > 42]++;
    }
    /* 35 of ggml, 27 of ik_llama.cpp, its ambiguous id 36 not counted. */
    ck_assert_uint_eq(known[0], 35);
    ck_assert_uint_eq(known[1], 27);
}
END_TEST

START_TEST(sizes_of_rows)
{
    uint64_t size;
    const struct gguf_type *iq4_ks = gguf_type_find(144);
    ck_assert(gguf_type_bytes(iq4_ks, 512, 3, &size));
    ck_assert_uint_eq(size, 3 * (4 + 2 * 136));
    ck_assert(gguf_type_bytes(iq4_ks, 512, 0, &size));
    ck_assert_uint_eq(size, 0);
    const struct gguf_type *f32 = gguf_type_find(GGUF_F32);
    ck_assert(gguf_type_bytes(f32, ((uint64_t)1 << 62) - 1, 1, &size));
    ck_assert_uint_eq(size, UINT64_MAX - 3);
    ck_assert(!gguf_type_bytes(f32, (uint64_t)1 << 62, 1, &size));
    ck_assert(!gguf_type_bytes(f32, 1, (uint64_t)1 << 62, &size));
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Tensors
 */

static struct tensor_list list;

static void open_list(void)
{
    struct error error = {""};
    struct source *owned = source_new_memory("file", bytes.data, bytes.size, &error);
    ck_assert_ptr_nonnull(owned);
    ck_assert_msg(gguf_open(owned, true, &list, &error), "%s", error.text);
}

static void close_list(void)
{
    tensor_list_free(&list);
    bytes_free(&bytes);
}

START_TEST(types_decide_how_tensors_are_read)
{
    static const struct {
        const char *name;
        uint32_t type, length, size;
        enum element_kind kind;
    } types[] = {
        {"F32", GGUF_F32, 8, 32, ELEMENT_F32},     {"F16", GGUF_F16, 16, 32, ELEMENT_F16},
        {"BF16", GGUF_BF16, 16, 32, ELEMENT_BF16}, {"F64", GGUF_F64, 4, 32, ELEMENT_F64},
        {"Q8_0", 8, 512, 544, ELEMENT_BLOCKS},     {"I32", 26, 8, 32, ELEMENT_OTHER},
        {"IQ2_K", 137, 2048, 608, ELEMENT_OTHER},
    };
    enum {
        NTYPES = sizeof types / sizeof types[0]
    };
    put_header(&bytes, 3, NTYPES, 0);
    uint64_t offset = 0;
    for (size_t i = 0; i < NTYPES; i++) {
        put_tensor(&bytes, types[i].name, types[i].length, 1, types[i].type, offset);
        offset += types[i].size;
    }
    put_padding(&bytes, 32);
    put_repeated(&bytes, 0, (size_t)offset);
    open_list();
    ck_assert_uint_eq(list.count, NTYPES);
    for (size_t i = 0; i < NTYPES; i++) {
        const struct tensor *tensor = &list.tensors[i];
        ck_assert_str_eq(tensor->name, types[i].name);
        ck_assert_str_eq(tensor->type, types[i].name);
        ck_assert_int_eq(tensor->kind, types[i].kind);
        ck_assert_uint_eq(tensor->nbytes, types[i].size);
    }
    ck_assert_int_eq(list.tensors[4].format, RDL_Q8_0);
    struct buffer buffer = {0};
    struct error error;
    float weight;
    ck_assert(!tensor_read(&list.tensors[6], 0, 1, &weight, &buffer, &error));
    ck_assert_str_eq(error.text, "file: tensor \"IQ2_K\": Roundel cannot decode the type IQ2_K");
    close_list();
}
END_TEST

START_TEST(shapes_offsets_and_order_are_kept)
{
    const uint64_t dims[4] = {4, 3, 2, 1};
    put_header(&bytes, 3, 2, 1);
    put_key_u32(&bytes, "general.alignment", 8);
    put_tensor_named(&bytes, "z", 1, 4, dims, GGUF_F32, 0);
    put_tensor_named(&bytes, "a", 1, 0, dims, GGUF_F32, 96);
    put_padding(&bytes, 8);
    for (int i = 0; i < 25; i++) {
        put_f32(&bytes, (float)i);
    }
    put_repeated(&bytes, 0, 4);
    open_list();
    ck_assert_str_eq(list.tensors[0].name, "z");
    ck_assert_uint_eq(list.tensors[0].ndims, 4);
    ck_assert_mem_eq(list.tensors[0].dims, dims, sizeof dims);
    ck_assert_uint_eq(list.tensors[0].ncols, 4);
    ck_assert_uint_eq(list.tensors[0].nrows, 6);
    ck_assert_uint_eq(list.tensors[1].ndims, 0);
    ck_assert_uint_eq(tensor_numel(&list.tensors[1]), 1);
    struct buffer buffer = {0};
    struct error error;
    float weight;
    ck_assert(tensor_read(&list.tensors[0], 23, 1, &weight, &buffer, &error));
    ck_assert(weight == 23.0f);
    ck_assert(tensor_read(&list.tensors[1], 0, 1, &weight, &buffer, &error));
    ck_assert(weight == 24.0f);
    buffer_free(&buffer);
    close_list();
}
END_TEST

START_TEST(the_language_model)
{
    struct error error;
    struct source *file =
        source_new_file(ROUNDEL_SOURCE_DIR "/data/roundel-tiny-5m.bf16.gguf", &error);
    ck_assert_ptr_nonnull(file);
    ck_assert_msg(gguf_parse(file, &gguf, &error), "%s", error.text);
    ck_assert_uint_eq(gguf.nvalues, 26);
    uint64_t count;
    ck_assert(gguf_get_count(&gguf, "llama.block_count", &count, &error));
    ck_assert_uint_eq(count, 6);
    struct gguf_strings tokens;
    ck_assert(gguf_strings_begin(&gguf, "tokenizer.ggml.tokens", &tokens, &error));
    ck_assert_uint_eq(tokens.count, 260);
    for (uint64_t i = 0; i < tokens.count; i++) {
        ck_assert(gguf_strings_next(&tokens, &error));
    }
    ck_assert_str_eq(tokens.text, "\xe2\x96\x81"); /* the space */
    gguf_strings_end(&tokens);

    ck_assert_msg(gguf_open(file, true, &list, &error), "%s", error.text);
    ck_assert_uint_eq(list.count, 57);
    ck_assert_uint_eq(list.nnotes, 0);
    uint64_t nweights = 0;
    for (size_t i = 0; i < list.count; i++) {
        nweights += tensor_numel(&list.tensors[i]);
    }
    ck_assert_uint_eq(nweights, 4855040);

    const struct tensor *last = &list.tensors[56];
    ck_assert_str_eq(last->name, "blk.5.ffn_down.weight");
    ck_assert_str_eq(last->type, "BF16");
    ck_assert_uint_eq(last->ncols, 768);
    ck_assert_uint_eq(last->nrows, 256);
    ck_assert_uint_eq(last->offset, 10272 + 9323520);
    ck_assert_ptr_eq(gguf_find_tensor(&gguf, last->name), &gguf.tensors[56]);
    ck_assert_ptr_null(gguf_find_tensor(&gguf, "blk.6.ffn_down.weight"));

    static const uint32_t first_bits[4] = {0x3c750000, 0xbbcf0000, 0x3ce20000, 0x3b940000};
    float weights[4];
    struct buffer buffer = {0};
    ck_assert(tensor_read(&list.tensors[0], 0, 4, weights, &buffer, &error));
    ck_assert_mem_eq(weights, first_bits, sizeof weights);
    buffer_free(&buffer);
    gguf_free(&gguf);
    close_list();
}
END_TEST

/* A second input that fails leaves the first one's tensors alone. */
START_TEST(a_failure_leaves_the_list_as_it_was)
{
    put_header(&bytes, 3, 1, 0);
    put_tensor(&bytes, "w", 8, 1, GGUF_F32, 0);
    put_padding(&bytes, 32);
    put_repeated(&bytes, 0, 32);
    open_list();
    struct error error;
    struct source *cut = source_new_memory("cut", bytes.data, bytes.size - 1, &error);
    ck_assert_ptr_nonnull(cut);
    ck_assert(!gguf_open(cut, false, &list, &error));
    source_delete(cut);
    ck_assert_uint_eq(list.count, 1);
    ck_assert_str_eq(list.tensors[0].name, "w");
    close_list();
}
END_TEST

#define COUNT(array) (int)(sizeof(array) / sizeof(array)[0])

int main(void)
{
    Suite *suite = suite_create("gguf");
    TCase *tests = tcase_create("gguf");
    tcase_set_timeout(tests, 0);
    tcase_add_loop_test(tests, counts_of_every_integer_type, 0, COUNT(integer_cases));
    tcase_add_test(tests, values_are_found_by_key);
    tcase_add_test(tests, strings_are_read);
    tcase_add_loop_test(tests, block_formats_agree_with_the_library, 0, RDL_FORMAT_COUNT);
    tcase_add_test(tests, every_id_has_a_size_or_a_refusal);
    tcase_add_test(tests, sizes_of_rows);
    tcase_add_test(tests, types_decide_how_tensors_are_read);
    tcase_add_test(tests, shapes_offsets_and_order_are_kept);
    tcase_add_test(tests, the_language_model);
    tcase_add_test(tests, a_failure_leaves_the_list_as_it_was);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
