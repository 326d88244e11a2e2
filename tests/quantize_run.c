#include "quantize_run.h"

#include "program.h"
#include "source.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    I32 = 26
};

char *quantize_directory;
static struct error error;

const char *path_of(const char *name)
{
    static char paths[8][256];
    static unsigned next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", quantize_directory, name);
    return path;
}

void write_file(const char *name, struct bytes *bytes)
{
    free(program_file(quantize_directory, name, bytes->size > 0 ? (const void *)bytes->data : "",
                      bytes->size));
    bytes_free(bytes);
}

struct bytes read_file(const char *name)
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

void expect_same_files(const char *a, const char *b)
{
    struct bytes x = read_file(a), y = read_file(b);
    ck_assert_uint_eq(x.size, y.size);
    ck_assert_mem_eq(x.data, y.data, x.size);
    bytes_free(&x);
    bytes_free(&y);
}

const struct model_tensor quantize_tensors[TENSORS] = {
    [EMBED] = {"token_embd.weight", GGUF_BF16, 2, {COLUMNS, 4}},
    [NORM_1D] = {"output_norm.weight", GGUF_F32, 1, {COLUMNS}},
    [ODD] = {"blk.0.odd.weight", GGUF_F32, 2, {96, 3}},
    [EXPERTS] = {"blk.0.ffn_down_exps.weight", GGUF_F32, 3, {COLUMNS, ROWS, MATRICES}},
    [NORM_2D] = {"blk.0.attn_q_norm.weight", GGUF_BF16, 2, {COLUMNS, 2}},
    [INTEGERS] = {"blk.0.ids", I32, 2, {COLUMNS, 1}},
};

void quantize_put_keys(struct bytes *keys)
{
    put_key_u32(keys, "general.file_type", 32);
    put_key_string(keys, "general.architecture", "llama");
    put_key(keys, "odd.flag", GGUF_VALUE_BOOL);
    put_repeated(keys, 0x7F, 1);
}

float quantize_factor(size_t matrix, size_t column)
{
    return (float)(1 + (column * (3 + 2 * matrix) + matrix) % 11);
}

/* `ncall` 2 doubles what is stored. */
void quantize_write_importance(const char *name, size_t matrices)
{
    struct bytes file = {0};
    const char *entry = quantize_tensors[EXPERTS].name;
    put_u32(&file, 1);
    put_u32(&file, (uint32_t)strlen(entry));
    put_text(&file, entry);
    put_u32(&file, 2);
    put_u32(&file, (uint32_t)(COLUMNS * matrices));
    for (size_t m = 0; m < matrices; m++)
        for (size_t c = 0; c < COLUMNS; c++)
            put_f32(&file, 2.0f * quantize_factor(m, c));
    write_file(name, &file);
}

void quantize_setup(void)
{
    struct bytes keys = {0}, file = {0};
    quantize_directory = program_directory();
    quantize_put_keys(&keys);
    put_model(&file, quantize_tensors, TENSORS, &keys, 3);
    write_file("in.gguf", &file);
    bytes_free(&keys);
    quantize_write_importance("in.dat", MATRICES);
}

void quantize_teardown(void)
{
    program_remove_directory(quantize_directory);
}

json_t *quantize(const char *in, const char *out, const char *options)
{
    struct program_result result =
        program_run("quantize '%s' %s --json - %s", in, path_of(out), options);
    ck_assert_msg(result.status == 0, "%s: %s", options, result.err);
    json_t *json = json_loads(result.out, JSON_REJECT_DUPLICATES, NULL);
    ck_assert_msg(json != NULL, "%s", result.out);
    program_free(&result);
    return json;
}

void quantize_only(const char *in, const char *out, const char *options)
{
    json_decref(quantize(in, out, options));
}

void expect_quantize_mistake(const char *in, const char *out, const char *options, int status,
                             const char *said)
{
    char arguments[1024];
    snprintf(arguments, sizeof arguments, "quantize '%s' %s --json - %s", in, path_of(out),
             options);
    program_expect_mistake(arguments, status, said);
}
