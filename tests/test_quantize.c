/* `roundel quantize`: the bytes of the new file. */
#include "input.h"
#include "job_memory.h"
#include "program.h"
#include "quantize_run.h"
#include "suite.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct error error;

/* ------------------------------------------------------------------------------------------------
 * Blocks and keys
 */

static void encode(enum rdl_format format, enum rdl_rounding rounding, size_t nrows, size_t ncols,
                   const float *x, const float *importance, uint8_t *blocks)
{
    struct rdl_job job = {.format = format, .rounding = rounding, .nrows = nrows, .ncols = ncols};
    ck_assert(job_memory_open(&job, &error));
    ck_assert_int_eq(rdl_quantize(&job, x, importance, blocks, NULL), RDL_OK);
    job_memory_close(&job);
}

static float *weights_of(size_t t)
{
    const uint64_t numel = model_numel(&quantize_tensors[t]);
    float *x = malloc(numel * sizeof *x);
    ck_assert_ptr_nonnull(x);
    for (uint64_t i = 0; i < numel; i++)
        x[i] = model_weight(t, i);
    return x;
}

static void expect_blocks(const struct tensor *actual, size_t t, enum rdl_format format,
                          const float *importance)
{
    const size_t ncols = quantize_tensors[t].dims[0],
                 nrows = model_numel(&quantize_tensors[t]) / ncols;
    const size_t matrices = importance ? MATRICES : 1;
    const size_t size = rdl_blocks_size(format, nrows, ncols);
    ck_assert_uint_eq(actual->nbytes, size);
    uint8_t *expected = malloc(size), *bytes = malloc(size);
    float *x = weights_of(t);
    for (size_t m = 0; m < matrices; m++)
        encode(format, RDL_GGML_FIXED, nrows / matrices, ncols, x + m * nrows / matrices * ncols,
               importance ? importance + m * ncols : NULL, expected + m * (size / matrices));
    ck_assert(source_read(actual->source, actual->offset, bytes, size, &error));
    ck_assert_mem_eq(bytes, expected, size);
    free(expected);
    free(bytes);
    free(x);
}

START_TEST(blocks_are_the_librarys)
{
    char options[512];
    float importance[MATRICES * COLUMNS];
    for (size_t i = 0; i < MATRICES * COLUMNS; i++)
        importance[i] = quantize_factor(i / COLUMNS, i % COLUMNS);
    snprintf(options, sizeof options,
             "--format q4_k --on-misfit fallback:q4_0 --importance %s --rule norm.w=copy",
             path_of("in.dat"));
    json_t *json = quantize(path_of("in.gguf"), "out.gguf", options);
    json_int_t matrices;
    ck_assert_int_eq(json_unpack(json_array_get(json_object_get(json, "tensors"), EXPERTS), "{s:I}",
                                 "matrices", &matrices),
                     0);
    ck_assert_int_eq(matrices, MATRICES);
    json_decref(json);
    struct tensor_list list = {0};
    const struct input_options strict = {.strict = true};
    ck_assert_msg(input_open(path_of("out.gguf"), &strict, &list, &error), "%s", error.text);
    expect_blocks(&list.tensors[EMBED], EMBED, RDL_Q4_K, NULL);
    expect_blocks(&list.tensors[ODD], ODD, RDL_Q4_0, NULL);
    expect_blocks(&list.tensors[EXPERTS], EXPERTS, RDL_Q4_K, importance);
    tensor_list_free(&list);
}
END_TEST

START_TEST(metadata_is_carried_over)
{
    char options[512];
    snprintf(options, sizeof options,
             "--format q4_k --importance %s --on-misfit fallback:f16 --rule token=q8_0",
             path_of("in.dat"));
    quantize_only(path_of("in.gguf"), "out.gguf", options);
    struct bytes expected = {0}, file = read_file("out.gguf");
    put_header(&expected, 3, TENSORS, 2 + 4);
    put_key_string(&expected, "general.architecture", "llama");
    put_key(&expected, "odd.flag", GGUF_VALUE_BOOL);
    put_repeated(&expected, 0x7F, 1);
    put_key_u32(&expected, "general.quantization_version", 2);
    put_key_u32(&expected, "general.file_type", 14); /* the experts have most weights */
    put_key_string(&expected, "quantize.imatrix.file", path_of("in.dat"));
    put_key_u32(&expected, "quantize.imatrix.entries_count", 1);
    ck_assert_uint_gt(file.size, expected.size);
    ck_assert_mem_eq(file.data, expected.data, expected.size);
    bytes_free(&expected);
    bytes_free(&file);
}
END_TEST

START_TEST(copy_is_the_same_file)
{
    quantize_only(path_of("in.gguf"), "out.gguf", _i == 0 ? "--format copy" : "--format none");
    expect_same_files("in.gguf", "out.gguf");
}
END_TEST

/* Through binary32 and back: every bfloat16 number is one of binary32. */
START_TEST(conversions_and_back_are_the_same_weights)
{
    const char *to = _i == 0 ? "f32" : "f16"; /* the weights are numbers of binary16 too */
    char options[64];
    snprintf(options, sizeof options, "--format %s", to);
    quantize_only(path_of("in.gguf"), "there.gguf", options);
    quantize_only(path_of("there.gguf"), "back.gguf",
                  "--format bf16 --rule 'odd|exps=f32' --rule norm=copy");
    struct program_result result =
        program_run("verify --compare %s %s", path_of("in.gguf"), path_of("back.gguf"));
    ck_assert_msg(result.status == 0, "%s", result.out);
    program_free(&result);
}
END_TEST

/* Ties go to the even number; a carry goes into the exponent. */
static const struct {
    float value;
    uint16_t bf16, f16;
} roundings[] = {
    {0x1.01p0f, 0x3F80, 0x3C04},      /* a tie in bfloat16: 1 */
    {0x1.03p0f, 0x3F82, 0x3C0C},      /* a tie: 1 + 2^-6 */
    {-0x1.010002p0f, 0xBF81, 0xBC04}, /* above the tie */
    {0x1.FFp0f, 0x4000, 0x3FFC},      /* a tie that carries: 2 */
    {0x1.002p0f, 0x3F80, 0x3C00},     /* a tie in binary16 */
    {0x1.006p0f, 0x3F80, 0x3C02},
    {0x1.8p-25f, 0x3340, 0x0001}, /* below the smallest of binary16, above half of it */
    {0x1p-25f, 0x3300, 0x0000},   /* half of it: a tie to zero */
    {-0.0f, 0x8000, 0x8000},
};

START_TEST(conversions_round_to_nearest_even)
{
    enum {
        COUNT = sizeof roundings / sizeof roundings[0]
    };
    struct bytes file = {0};
    put_header(&file, 3, 1, 0);
    put_tensor(&file, "w", COUNT, 1, GGUF_F32, 0);
    put_padding(&file, 32);
    for (size_t i = 0; i < COUNT; i++)
        put_f32(&file, roundings[i].value);
    write_file("w.gguf", &file);
    quantize_only(path_of("w.gguf"), "out.gguf", _i == 0 ? "--format bf16" : "--format f16");
    file = read_file("out.gguf");
    const uint8_t *numbers = file.data + file.size - 32; /* 18 bytes, padded */
    for (size_t i = 0; i < COUNT; i++)
        ck_assert_msg(
            memcmp(numbers + 2 * i, _i == 0 ? &roundings[i].bf16 : &roundings[i].f16, 2) == 0,
            "number %zu is 0x%02x%02x", i, numbers[2 * i + 1], numbers[2 * i]);
    bytes_free(&file);
}
END_TEST

START_TEST(threads_do_not_change_a_byte)
{
    static const char model[] = "synth:student-t:4,shape=300x512";
    static const char *const formats[] = {"q8_0", "iq2_xs", "q4_k --rounding wls", "bf16"};
    char options[128];
    for (unsigned threads = 1; threads <= 3; threads++) {
        char out[16];
        snprintf(options, sizeof options, "--format %s --threads %u", formats[_i], threads);
        snprintf(out, sizeof out, "%u.gguf", threads);
        quantize_only(model, out, options);
    }
    expect_same_files("1.gguf", "2.gguf");
    expect_same_files("1.gguf", "3.gguf");
}
END_TEST

START_TEST(parts_become_one_file)
{
    struct bytes keys = {0}, split[2] = {{0}, {0}}, file = {0};
    quantize_put_keys(&keys);
    put_model(&file, quantize_tensors, 1, &keys, 3);
    write_file("whole.gguf", &file);
    for (uint32_t i = 0; i < 2; i++) {
        put(&split[i], keys.data, i == 0 ? keys.size : 0);
        put_key_u32(&split[i], "split.no", i);
        put_key_u32(&split[i], "split.tensors.count", 1);
        put_key_u32(&split[i], "split.count", 2);
        put_model(&file, quantize_tensors, i, &split[i], i == 0 ? 6 : 3);
        write_file(i == 0 ? "m-00001-of-00002.gguf" : "m-00002-of-00002.gguf", &file);
        bytes_free(&split[i]);
    }
    quantize_only(path_of("m-00001-of-00002.gguf"), "out.gguf", "--format copy");
    expect_same_files("whole.gguf", "out.gguf");
    struct program_result result = program_run(
        "quantize %s %s --format copy", path_of("m-00002-of-00002.gguf"), path_of("no.gguf"));
    ck_assert_int_eq(result.status, 3);
    ck_assert_ptr_nonnull(strstr(result.err, "part 2 of 2 of a model; give its first part\n"));
    program_free(&result);
    bytes_free(&keys);
}
END_TEST

START_TEST(quantized_tensors_are_not_quantized_again)
{
    const char *in = path_of("in.gguf");
    quantize_only(in, "q8.gguf", "--format q8_0");
    expect_quantize_mistake(path_of("q8.gguf"), "out.gguf", "--format q4_0", 3,
                            "tensor \"token_embd.weight\": it is quantized already, as Q8_0");
    quantize_only(path_of("q8.gguf"), "out.gguf", "--format q4_0 --requantize");
    quantize_only(path_of("q8.gguf"), "copy.gguf", "--format copy");
    expect_same_files("q8.gguf", "copy.gguf");
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Other inputs
 */

static void write_safetensors(const char *name, const char *header, size_t nbytes)
{
    struct bytes file = {0};
    put_u64(&file, strlen(header));
    put_text(&file, header);
    for (size_t i = 0; i < nbytes; i++)
        put_repeated(&file, (uint8_t)(i % 2 ? 0x3F : i), 1); /* as bfloat16: about 0.5 to 1 */
    write_file(name, &file);
}

START_TEST(safetensors_become_gguf)
{
    write_safetensors("in.safetensors",
                      "{\"odd-name:0\":{\"dtype\":\"BF16\",\"shape\":[3,2,32],"
                      "\"data_offsets\":[0,384]},\"ids\":{\"dtype\":\"I64\",\"shape\":[],"
                      "\"data_offsets\":[384,392]}}",
                      392);
    struct program_result result =
        program_run("quantize %s %s --format copy", path_of("in.safetensors"), path_of("out.gguf"));
    ck_assert_msg(result.status == 0, "%s", result.err);
    ck_assert_ptr_nonnull(strstr(result.err, "and no engine will run it\n"));
    program_free(&result);
    struct bytes expected = {0}, file = read_file("out.gguf"), in = read_file("in.safetensors");
    const uint64_t dims[3] = {32, 2, 3};
    put_header(&expected, 3, 2, 0);
    put_tensor_named(&expected, "odd-name:0", 10, 3, dims, GGUF_BF16, 0);
    put_tensor_named(&expected, "ids", 3, 0, NULL, 27, 384);
    put_padding(&expected, 32);
    put(&expected, in.data + in.size - 392, 392);
    put_padding(&expected, 32);
    ck_assert_uint_eq(file.size, expected.size);
    ck_assert_mem_eq(file.data, expected.data, file.size);
    bytes_free(&expected);
    bytes_free(&file);
    bytes_free(&in);
}
END_TEST

START_TEST(type_that_gguf_has_not_is_named)
{
    write_safetensors("in.safetensors",
                      "{\"mask\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}", 2);
    expect_quantize_mistake(path_of("in.safetensors"), "out.gguf", "--format q8_0", 3,
                            "tensor \"mask\": GGUF has no type for U8");
}
END_TEST

/* What is not stored as GGUF stores it is converted. */
START_TEST(big_endian_numbers_become_f32)
{
    static const char header[] = "{'descr': '>f4', 'fortran_order': False, 'shape': (1, 2), }";
    static const uint8_t numbers[8] = {0x3F, 0x80, 0, 0, 0xC0, 0x20, 0, 0}; /* 1, -2.5 */
    static const float expected[2] = {1.0f, -2.5f};
    struct bytes file = {0};
    put(&file, "\x93NUMPY\x01\x00", 8);
    put_repeated(&file, (uint8_t)(sizeof header), 1);
    put_repeated(&file, 0, 1);
    put_text(&file, header);
    put_text(&file, "\n");
    put(&file, numbers, sizeof numbers);
    write_file("in.npy", &file);
    quantize_only(path_of("in.npy"), "out.gguf", "--format copy");
    file = read_file("out.gguf");
    ck_assert_mem_eq(file.data + file.size - 32, expected, sizeof expected);
    bytes_free(&file);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Bad weights
 */

/* A model of two rows whose second has `value` in column 7. */
static void write_bad(float value)
{
    static const struct model_tensor one[] = {{"w", GGUF_F32, 2, {COLUMNS, 2}}};
    struct bytes file = {0}, keys = {0};
    put_model(&file, one, 1, &keys, 0);
    memcpy(file.data + file.size - (COLUMNS - 7) * sizeof value, &value, sizeof value);
    write_file("bad.gguf", &file);
}

static const struct {
    float value;
    const char *format, *said; /* said: NULL where it is right */
} bad[] = {
    {NAN, "copy", "bad.gguf: tensor \"w\": row 1, column 7: "},
    {INFINITY, "f32", "bad.gguf: tensor \"w\": row 1, column 7: "},
    {NAN, "f16", "bad.gguf: tensor \"w\": row 1, column 7: "},
    {-INFINITY, "bf16", "bad.gguf: tensor \"w\": row 1, column 7: "},
    {NAN, "q4_k", "bad.gguf: tensor \"w\": row 1, column 7: "},
    {INFINITY, "q8_0", "bad.gguf: tensor \"w\": row 1, column 7: "},
    {70000.0f, "f16", "column 7: 70000 is beyond the range of f16, whose largest number is 65504"},
    {-65519.99f, "f16", NULL},
    {70000.0f, "bf16", NULL},
    {3.4e38f, "bf16", "beyond the range of bf16"},
    {3.0e38f, "q8_0", "row 1, column 7: "},
};

START_TEST(bad_weight_is_named)
{
    char options[64];
    write_bad(bad[_i].value);
    snprintf(options, sizeof options, "--format %s", bad[_i].format);
    if (bad[_i].said)
        expect_quantize_mistake(path_of("bad.gguf"), "out.gguf", options, 3, bad[_i].said);
    else
        quantize_only(path_of("bad.gguf"), "out.gguf", options);
    ck_assert_uint_eq(program_count_files(quantize_directory), bad[_i].said ? 3 : 4);
}
END_TEST

START_TEST(bad_weights_are_made_sane_on_request)
{
    write_bad(NAN);
    json_t *json = quantize(path_of("bad.gguf"), "out.gguf", "--format q4_k --go-on");
    json_int_t count;
    ck_assert_int_eq(json_unpack(json, "{s:{s:I}}", "total", "bad", &count), 0);
    ck_assert_int_eq(count, 1);
    json_decref(json);
    write_bad(-70000.0f);
    quantize_only(path_of("bad.gguf"), "out.gguf", "--format f16 --go-on");
    struct bytes file = read_file("out.gguf");
    static const uint8_t largest[2] = {0xff, 0xfb}; /* -65504 */
    ck_assert_mem_eq(file.data + file.size - (COLUMNS - 7) * 2, largest, 2);
    bytes_free(&file);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("quantize");
    TCase *bytes = tcase_create("bytes");
    tcase_set_timeout(bytes, 0);
    tcase_add_checked_fixture(bytes, quantize_setup, quantize_teardown);
    tcase_add_test(bytes, blocks_are_the_librarys);
    tcase_add_test(bytes, metadata_is_carried_over);
    tcase_add_loop_test(bytes, copy_is_the_same_file, 0, 2);
    tcase_add_loop_test(bytes, conversions_and_back_are_the_same_weights, 0, 2);
    tcase_add_loop_test(bytes, conversions_round_to_nearest_even, 0, 2);
    tcase_add_loop_test(bytes, threads_do_not_change_a_byte, 0, 4);
    tcase_add_test(bytes, parts_become_one_file);
    tcase_add_test(bytes, quantized_tensors_are_not_quantized_again);
    tcase_add_test(bytes, safetensors_become_gguf);
    tcase_add_test(bytes, type_that_gguf_has_not_is_named);
    tcase_add_test(bytes, big_endian_numbers_become_f32);
    tcase_add_loop_test(bytes, bad_weight_is_named, 0, sizeof bad / sizeof bad[0]);
    tcase_add_test(bytes, bad_weights_are_made_sane_on_request);
    suite_add_tcase(suite, bytes);
    return suite_run(suite);
}
