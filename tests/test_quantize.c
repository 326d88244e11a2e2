/* `roundel quantize`: which tensor becomes what, and that its bytes are the library's. */
#include "gguf_parse.h"
#include "input.h"
#include "job_memory.h"
#include "model_file.h"
#include "program.h"
#include "quantize_rules.h"
#include "suite.h"

#include <check.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *directory;
static struct error error;

static const char *path_of(const char *name)
{
    static char paths[8][256];
    static unsigned next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", directory, name);
    return path;
}

static void write_file(const char *name, struct bytes *bytes)
{
    free(program_file(directory, name, bytes->data, bytes->size));
    bytes_free(bytes);
}

static struct bytes read_file(const char *name)
{
    struct source source;
    struct bytes bytes = {0};
    ck_assert_msg(source_open_file(&source, path_of(name), &error), "%s", error.text);
    bytes.data = malloc(source.size + 1);
    bytes.size = bytes.capacity = source.size;
    ck_assert(source_read(&source, 0, bytes.data, bytes.size, &error));
    source_close(&source);
    return bytes;
}

static void expect_same_files(const char *a, const char *b)
{
    struct bytes x = read_file(a), y = read_file(b);
    ck_assert_uint_eq(x.size, y.size);
    ck_assert_mem_eq(x.data, y.data, x.size);
    bytes_free(&x);
    bytes_free(&y);
}

/* ------------------------------------------------------------------------------------------------
 * A model with a tensor of every kind
 */

enum {
    EMBED,
    NORM_1D,
    ODD,
    EXPERTS,
    NORM_2D,
    INTEGERS,
    TENSORS,
    COLUMNS = 256,
    ROWS = 2,
    MATRICES = 3,
    I32 = 26
};

static const struct model_tensor tensors[TENSORS] = {
    [EMBED] = {"token_embd.weight", GGUF_BF16, 2, {COLUMNS, 4}},
    [NORM_1D] = {"output_norm.weight", GGUF_F32, 1, {COLUMNS}},
    [ODD] = {"blk.0.odd.weight", GGUF_F32, 2, {96, 3}},
    [EXPERTS] = {"blk.0.ffn_down_exps.weight", GGUF_F32, 3, {COLUMNS, ROWS, MATRICES}},
    [NORM_2D] = {"blk.0.attn_q_norm.weight", GGUF_BF16, 2, {COLUMNS, 2}},
    [INTEGERS] = {"blk.0.ids", I32, 2, {COLUMNS, 1}},
};

static void put_some_keys(struct bytes *keys)
{
    put_key_u32(keys, "general.file_type", 32);
    put_key_string(keys, "general.architecture", "llama");
    put_key(keys, "odd.flag", GGUF_VALUE_BOOL);
    put_repeated(keys, 0x7F, 1);
}

static float factor(size_t matrix, size_t column)
{
    return (float)(1 + (column * (3 + 2 * matrix) + matrix) % 11);
}

/* One entry, for the experts; `ncall` 2 doubles what is stored. */
static void write_importance(const char *name)
{
    struct bytes file = {0};
    const char *entry = tensors[EXPERTS].name;
    put_u32(&file, 1);
    put_u32(&file, (uint32_t)strlen(entry));
    put_text(&file, entry);
    put_u32(&file, 2);
    put_u32(&file, COLUMNS * MATRICES);
    for (size_t m = 0; m < MATRICES; m++)
        for (size_t c = 0; c < COLUMNS; c++)
            put_f32(&file, 2.0f * factor(m, c));
    write_file(name, &file);
}

static void setup(void)
{
    struct bytes keys = {0}, file = {0};
    directory = program_directory();
    put_some_keys(&keys);
    put_model(&file, tensors, TENSORS, &keys, 3);
    write_file("in.gguf", &file);
    bytes_free(&keys);
    write_importance("in.dat");
}

static void teardown(void)
{
    program_remove_directory(directory);
}

static json_t *quantize(const char *in, const char *out, const char *options)
{
    struct program_result result =
        program_run("quantize '%s' %s --json - %s", in, path_of(out), options);
    ck_assert_msg(result.status == 0, "%s: %s", options, result.err);
    json_t *json = json_loads(result.out, JSON_REJECT_DUPLICATES, NULL);
    ck_assert_msg(json != NULL, "%s", result.out);
    program_free(&result);
    return json;
}

static void quantize_only(const char *in, const char *out, const char *options)
{
    json_decref(quantize(in, out, options));
}

static void expect_mistake(const char *in, const char *out, const char *options, int status,
                           const char *said)
{
    char arguments[1024];
    snprintf(arguments, sizeof arguments, "quantize '%s' %s --json - %s", in, path_of(out),
             options);
    program_expect_mistake(arguments, status, said);
}

/* ------------------------------------------------------------------------------------------------
 * Rules
 */

START_TEST(first_rule_that_matches_wins)
{
    struct quantize_rules rules = {0};
    ck_assert(quantize_rules_add(&rules, "ffn_(up|down)=q6_k:nearest", &error));
    ck_assert(quantize_rules_add(&rules, "^blk\\.0\\.=F16", &error));
    ck_assert(quantize_rules_add(&rules, "a=b=copy", &error));
    const struct quantize_rule *rule = quantize_rules_find(&rules, "blk.0.ffn_up.weight");
    ck_assert_ptr_eq(rule, &rules.rules[0]);
    ck_assert(rule->type.kind == QUANTIZE_BLOCKS && rule->type.format == RDL_Q6_K);
    ck_assert(rule->has_rounding && rule->rounding == RDL_NEAREST);
    rule = quantize_rules_find(&rules, "blk.0.attn_q.weight");
    ck_assert_ptr_eq(rule, &rules.rules[1]);
    ck_assert(rule->type.kind == QUANTIZE_F16 && !rule->has_rounding);
    ck_assert_ptr_eq(quantize_rules_find(&rules, "xa=bx"), &rules.rules[2]);
    ck_assert_ptr_null(quantize_rules_find(&rules, "blk.1.attn_q.weight"));
    quantize_rules_free(&rules);
}
END_TEST

static const struct {
    const char *rule, *said;
} wrong_rules[] = {
    {"q4_k", "rule 'q4_k': it is not of the form REGEX=FORMAT[:ROUNDING]"},
    {"=q4_k", "it is not of the form"},
    {"a=q4_q", "rule 'a=q4_q': unknown format 'q4_q'; did you mean 'q4_0'?"},
    {"a=q4_k:exakt", "unknown rounding 'exakt'; did you mean 'exact'?"},
    {"a=f16:exact", "'f16' takes no rounding"},
    {"a(=q4_k", "no regular expression"},
};

START_TEST(wrong_rule_is_refused)
{
    struct quantize_rules rules = {0};
    ck_assert(!quantize_rules_add(&rules, wrong_rules[_i].rule, &error));
    ck_assert_msg(strstr(error.text, wrong_rules[_i].said) != NULL, "%s", error.text);
    ck_assert_uint_eq(rules.count, 0);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Plans
 */

struct expectation {
    const char *to, *by;
};

static void expect_plan(const json_t *json, const struct expectation expected[TENSORS])
{
    const json_t *rows = json_object_get(json, "tensors");
    ck_assert_uint_eq(json_array_size(rows), TENSORS);
    for (size_t t = 0; t < TENSORS; t++) {
        const json_t *row = json_array_get(rows, t);
        ck_assert_str_eq(json_string_value(json_object_get(row, "name")), tensors[t].name);
        ck_assert_str_eq(json_string_value(json_object_get(row, "to")), expected[t].to);
        ck_assert_str_eq(json_string_value(json_object_get(row, "by")), expected[t].by);
    }
}

START_TEST(defaults_and_rules_decide)
{
    const char *in = path_of("in.gguf");
    json_t *json = quantize(in, "out.gguf", "--format q8_0 --dry-run");
    const struct expectation defaults[TENSORS] = {
        [EMBED] = {"Q8_0", "--format"}, [NORM_1D] = {"F32", "1-D"},
        [ODD] = {"Q8_0", "--format"},   [EXPERTS] = {"Q8_0", "--format"},
        [NORM_2D] = {"BF16", "norm"},   [INTEGERS] = {"I32", "no weights"},
    };
    expect_plan(json, defaults);
    json_decref(json);
    json = quantize(in, "out.gguf",
                    "--format q4_k --dry-run --on-misfit fallback:q5_0 --rule 'norm=f16' "
                    "--rule token=iq4_nl:exact --rule 'token|exps=copy' --rule 'nothing=q8_0'");
    const struct expectation ruled[TENSORS] = {
        [EMBED] = {"IQ4_NL", "rule 2"},
        [NORM_1D] = {"F16", "rule 1"},
        [ODD] = {"Q5_0", "--format, no blocks of q4_k"},
        [EXPERTS] = {"F32", "rule 3"},
        [NORM_2D] = {"F16", "rule 1"},
        [INTEGERS] = {"I32", "no weights"},
    };
    expect_plan(json, ruled);
    json_int_t uses[4];
    const char *text;
    ck_assert_int_eq(json_unpack(json, "{s:{s:[{s:s, s:I}, {s:I}, {s:I}, {s:I}]}}", "settings",
                                 "rules", "rule", &text, "tensors", &uses[0], "tensors", &uses[1],
                                 "tensors", &uses[2], "tensors", &uses[3]),
                     0);
    ck_assert_str_eq(text, "norm=f16");
    ck_assert(uses[0] == 2 && uses[1] == 1 && uses[2] == 1 && uses[3] == 0);
    json_decref(json);
    ck_assert_uint_eq(program_count_files(directory), 2); /* the inputs */
}
END_TEST

START_TEST(misfit_skips)
{
    json_t *json =
        quantize(path_of("in.gguf"), "out.gguf", "--format q4_k --on-misfit skip --dry-run");
    const json_t *odd = json_array_get(json_object_get(json, "tensors"), ODD);
    ck_assert_str_eq(json_string_value(json_object_get(odd, "to")), "F32");
    ck_assert(json_is_true(json_object_get(odd, "misfit")));
    json_decref(json);
}
END_TEST

static const struct {
    const char *in, *options;
    int status;
    const char *said;
} mistakes[] = {
    {"in.gguf", "", 2, "no --format"},
    {"in.gguf", "--format q4_k", 3,
     "in.gguf: tensor \"blk.0.odd.weight\": rows of 96 weights are no whole blocks of q4_k (256"},
    {"in.gguf", "--format q4_k --on-misfit fallback:q6_k", 3, "rows of 96 weights are no whole"},
    {"in.gguf", "--format q4_k --on-misfit fallback", 2, "unknown choice for --on-misfit"},
    {"in.gguf", "--format q4_k --on-misfit fallback:", 2, "unknown format ''"},
    {"in.gguf", "--format q8_0 --rule ids=q8_0", 3,
     "tensor \"blk.0.ids\": it cannot become q8_0: type I32 holds no weights"},
    {"in.gguf", "--format q8_0 --rounding qkx2", 2, "there is no rounding 'qkx2' of q8_0"},
    {"in.gguf", "--format f16 --rule a=iq1_s:joint", 2, "rule 'a=iq1_s:joint': there is no"},
    {"in.gguf", "--format iq2_xs --rounding ggml --rule odd=f32", 3,
     "tensor \"token_embd.weight\": iq2_xs with rounding 'ggml' and weighting 'native' needs "
     "--importance"},
    {"in.gguf", "--format iq2_xs --rounding ggml --rule odd=f32 --importance IN.dat", 3,
     "needs importance, and IN.dat has no entry for it; a rule can give it another format"},
    {"in.gguf", "--format q8_0 --importance nothing.dat", 3, "nothing.dat: No such file"},
    {"in.gguf", "--format q8_0 --importance builtin:x", 2, "unknown built-in importance matrix"},
    {"nothing.gguf", "--format q8_0", 3, "nothing.gguf: No such file"},
    {"in.gguf", "more --format q8_0", 2, "a third argument 'more'"},
};

START_TEST(mistake_is_named)
{
    char in[256], options[512] = "";
    snprintf(in, sizeof in, "%s", path_of(mistakes[_i].in));
    /* "IN.dat" stands for the importance matrix: the program runs elsewhere. */
    const char *matrix = strstr(mistakes[_i].options, "IN.dat");
    if (matrix)
        snprintf(options, sizeof options, "%.*s%s", (int)(matrix - mistakes[_i].options),
                 mistakes[_i].options, path_of("in.dat"));
    char said[256];
    snprintf(said, sizeof said, "%s", mistakes[_i].said);
    if (matrix)
        snprintf(said, sizeof said, "in.dat has no entry for it");
    expect_mistake(in, "out.gguf", matrix ? options : mistakes[_i].options, mistakes[_i].status,
                   said);
    ck_assert_uint_eq(program_count_files(directory), 2);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Bytes
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
    const uint64_t numel = model_numel(&tensors[t]);
    float *x = malloc(numel * sizeof *x);
    ck_assert_ptr_nonnull(x);
    for (uint64_t i = 0; i < numel; i++)
        x[i] = model_weight(t, i);
    return x;
}

static void expect_blocks(const struct tensor *actual, size_t t, enum rdl_format format,
                          const float *importance)
{
    const size_t ncols = tensors[t].dims[0], nrows = model_numel(&tensors[t]) / ncols;
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
        importance[i] = factor(i / COLUMNS, i % COLUMNS);
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
    put_some_keys(&keys);
    put_model(&file, tensors, 1, &keys, 3);
    write_file("whole.gguf", &file);
    for (uint32_t i = 0; i < 2; i++) {
        put(&split[i], keys.data, i == 0 ? keys.size : 0);
        put_key_u32(&split[i], "split.no", i);
        put_key_u32(&split[i], "split.tensors.count", 1);
        put_key_u32(&split[i], "split.count", 2);
        put_model(&file, tensors, i, &split[i], i == 0 ? 6 : 3);
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
    expect_mistake(path_of("q8.gguf"), "out.gguf", "--format q4_0", 3,
                   "tensor \"token_embd.weight\": it is quantized already, as Q8_0");
    quantize_only(path_of("q8.gguf"), "out.gguf", "--format q4_0 --requantize");
    quantize_only(path_of("q8.gguf"), "copy.gguf", "--format copy");
    expect_same_files("q8.gguf", "copy.gguf");
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
        expect_mistake(path_of("bad.gguf"), "out.gguf", options, 3, bad[_i].said);
    else
        quantize_only(path_of("bad.gguf"), "out.gguf", options);
    ck_assert_uint_eq(program_count_files(directory), bad[_i].said ? 3 : 4);
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
    TCase *tests = tcase_create("plan");
    tcase_set_timeout(tests, 0);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, first_rule_that_matches_wins);
    tcase_add_loop_test(tests, wrong_rule_is_refused, 0,
                        sizeof wrong_rules / sizeof wrong_rules[0]);
    tcase_add_test(tests, defaults_and_rules_decide);
    tcase_add_test(tests, misfit_skips);
    tcase_add_loop_test(tests, mistake_is_named, 0, sizeof mistakes / sizeof mistakes[0]);
    suite_add_tcase(suite, tests);

    TCase *bytes = tcase_create("bytes");
    tcase_set_timeout(bytes, 0);
    tcase_add_checked_fixture(bytes, setup, teardown);
    tcase_add_test(bytes, blocks_are_the_librarys);
    tcase_add_test(bytes, metadata_is_carried_over);
    tcase_add_loop_test(bytes, copy_is_the_same_file, 0, 2);
    tcase_add_loop_test(bytes, conversions_and_back_are_the_same_weights, 0, 2);
    tcase_add_loop_test(bytes, threads_do_not_change_a_byte, 0, 4);
    tcase_add_test(bytes, parts_become_one_file);
    tcase_add_test(bytes, quantized_tensors_are_not_quantized_again);
    tcase_add_loop_test(bytes, bad_weight_is_named, 0, sizeof bad / sizeof bad[0]);
    tcase_add_test(bytes, bad_weights_are_made_sane_on_request);
    suite_add_tcase(suite, bytes);
    return suite_run(suite);
}
