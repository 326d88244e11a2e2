/* `roundel inspect`: from an input to table, JSON and exit status. */
#include "commands.h"

#include "hostile.h"
#include "suite.h"
#include "temp_dir.h"
#include <jansson.h>
#include <math.h>

static char output_text[65536];
static char message_text[8192];

static void read_text(const char *name, char *text, size_t size)
{
    FILE *file = fopen(temp_path(name), "rb");
    ck_assert_ptr_nonnull(file);
    size_t length = fread(text, 1, size - 1, file);
    text[length] = '\0';
    fclose(file);
}

/* Runs the command; its stdout is then in output_text, its stderr in message_text. */
static int run(int argc, char **argv)
{
    fflush(stdout);
    fflush(stderr);
    int old_output = dup(STDOUT_FILENO);
    int old_messages = dup(STDERR_FILENO);
    ck_assert_ptr_nonnull(freopen(temp_path("stdout"), "wb", stdout));
    ck_assert_ptr_nonnull(freopen(temp_path("stderr"), "wb", stderr));
    int status = inspect_command(argc, argv);
    fflush(stdout);
    fflush(stderr);
    ck_assert_int_ge(dup2(old_output, STDOUT_FILENO), 0);
    ck_assert_int_ge(dup2(old_messages, STDERR_FILENO), 0);
    close(old_output);
    close(old_messages);
    read_text("stdout", output_text, sizeof output_text);
    read_text("stderr", message_text, sizeof message_text);
    return status;
}

/* The arguments behind "inspect", ended by NULL. */
#define RUN(...) run_words((const char *const[]){__VA_ARGS__, NULL})

static int run_words(const char *const *words)
{
    enum {
        MOST = 16
    };
    char *argv[MOST + 1] = {0};
    int argc = 0;
    argv[argc++] = strdup("inspect");
    for (; words[argc - 1] != NULL; argc++) {
        ck_assert_int_lt(argc, MOST);
        argv[argc] = strdup(words[argc - 1]);
    }
    int status = run(argc, argv);
    for (int i = 0; i < argc; i++) {
        free(argv[i]);
    }
    return status;
}

static void expect_output(const char *text)
{
    ck_assert_msg(strstr(output_text, text) != NULL, "\"%s\" does not say \"%s\"", output_text,
                  text);
}

static void expect_message(const char *text)
{
    ck_assert_msg(strstr(message_text, text) != NULL, "\"%s\" does not say \"%s\"", message_text,
                  text);
}

#define DATA ROUNDEL_SOURCE_DIR "/tests/data/"

START_TEST(a_table_of_tensors)
{
    ck_assert_int_eq(RUN(DATA "darwin.safetensors"), STATUS_OK);
    ck_assert_str_eq(message_text, "");
    expect_output("darwin.safetensors: 2 of 2 tensors, 20992 weights\n");
    expect_output("\ntensor              type  shape    bytes ");
    expect_output("\nembedding           F32   100x128  51200   -1.2186  1.2379 ");
    expect_output("\ncell_0.lstm.kernel  F32   32x256   32768 ");
}
END_TEST

START_TEST(names_are_filtered)
{
    ck_assert_int_eq(RUN(DATA "darwin.safetensors", "--include", "^cell"), STATUS_OK);
    expect_output("1 of 2 tensors, 8192 weights");
    ck_assert_ptr_null(strstr(output_text, "embedding"));
    ck_assert_int_eq(RUN(DATA "darwin.safetensors", "--exclude=cell|emb"), STATUS_OK);
    expect_output("0 of 2 tensors, 0 weights");
    ck_assert_int_eq(RUN(DATA "darwin.safetensors", "--include", "("), STATUS_USAGE);
    expect_message("--include");
}
END_TEST

/* 2 x 256 weights of 1, with NaN at row 1, column 5 and infinity behind it. */
static void write_bad(void)
{
    float weights[512];
    for (size_t i = 0; i < 512; i++) {
        weights[i] = 1.0f;
    }
    weights[256 + 5] = NAN;
    weights[256 + 6] = INFINITY;
    temp_write("bad.f32", weights, sizeof weights);
}

START_TEST(bad_weights_are_named)
{
    char path[600];
    write_bad();
    strcpy(path, temp_path("bad.f32"));
    ck_assert_int_eq(RUN(path, "--shape", "2x256"), STATUS_BAD_INPUT);
    expect_message("bad.f32: tensor \"bad\": NaN at row 1, column 5; in all 1 NaN, 1 infinite\n");
    expect_output(
        "\nbad     F32   2x256   2048    1    1     1    1         -      0          0    1    1");
    ck_assert_int_eq(RUN(path, "--shape=2x256", "--exclude=bad"), STATUS_OK);
}
END_TEST

/* A GGUF file of one row of two Q8_0 blocks, the second with an infinite scale. */
START_TEST(blocks_are_named)
{
    struct bytes file = {0};
    char path[600];
    put_text(&file, "GGUF");
    put_u32(&file, 3);
    put_u64(&file, 1);
    put_u64(&file, 0);
    put_u64(&file, 3);
    put_text(&file, "a\nb");
    put_u32(&file, 1);
    put_u64(&file, 64);
    put_u32(&file, 8); /* Q8_0 */
    put_u64(&file, 0);
    put_padding(&file, 32);
    put(&file, "\0\74", 2); /* scale 1 */
    put_repeated(&file, 1, 32);
    put(&file, "\0\174", 2); /* infinity */
    put_repeated(&file, 0xFF, 32);
    put_padding(&file, 32);
    temp_write("bad.gguf", file.data, file.size);
    bytes_free(&file);

    strcpy(path, temp_path("bad.gguf"));
    ck_assert_int_eq(RUN(path, "--json", "-"), STATUS_BAD_INPUT);
    expect_message(
        "tensor \"a\\x0ab\": infinity at row 0, column 32, block 1; in all 0 NaN, 32 inf");
    json_t *report = json_loads(output_text, JSON_REJECT_DUPLICATES, NULL);
    const char *name;
    const char *value;
    int row;
    int column;
    int block;
    ck_assert_int_eq(json_unpack(report, "{s:[{s:[{s:s, s:{s:i, s:i, s:i, s:s}}]}]}", "inputs",
                                 "tensors", "name", &name, "first_bad", "row", &row, "column",
                                 &column, "block", &block, "value", &value),
                     0);
    ck_assert_str_eq(name, "a\nb");
    ck_assert_int_eq(row, 0);
    ck_assert_int_eq(column, 32);
    ck_assert_int_eq(block, 1);
    ck_assert_str_eq(value, "-inf");
    json_decref(report);
}
END_TEST

START_TEST(reports_in_json)
{
    char path[600];
    strcpy(path, temp_path("none.npy"));
    ck_assert_int_eq(RUN("--json=-", DATA "bolano.npy", path, "synth:gaussian,shape=1x256"),
                     STATUS_BAD_INPUT);
    expect_message("none.npy: No such file");
    json_t *report = json_loads(output_text, JSON_REJECT_DUPLICATES, NULL);
    ck_assert_ptr_nonnull(report);
    const char *command;
    const char *type;
    const char *problem;
    json_int_t rows;
    json_int_t columns;
    json_int_t zeros;
    double min;
    json_t *shape;
    ck_assert_int_eq(
        json_unpack(report,
                    "{s:{s:s}, s:[{s:[{s:s, s:o, s:I, s:I, s:{s:F, s:I}, s:n}]}, {s:s}, {s:s}!]}",
                    "roundel", "command", &command, "inputs", "tensors", "type", &type, "shape",
                    &shape, "rows", &rows, "columns", &columns, "statistics", "min", &min, "zeros",
                    &zeros, "first_bad", "error", &problem, "kind", &type),
        0);
    ck_assert_str_eq(command, "inspect");
    ck_assert_str_eq(type, "tensors");
    ck_assert_uint_eq(json_array_size(shape), 2);
    ck_assert_int_eq(json_integer_value(json_array_get(shape, 0)), 32);
    ck_assert_int_eq(rows, 32);
    ck_assert_int_eq(columns, 512);
    ck_assert_int_eq(zeros, 0);
    ck_assert_ptr_nonnull(strstr(problem, "No such file"));
    json_decref(report);
}
END_TEST

START_TEST(json_and_table_at_once)
{
    char option[600];
    char text[65536];
    snprintf(option, sizeof option, "--json=%s", temp_path("report"));
    ck_assert_int_eq(RUN(DATA "bolano.npy", option), STATUS_OK);
    expect_output("bolano.npy: 1 of 1 tensors");
    read_text("report", text, sizeof text);
    json_t *report = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    ck_assert_ptr_nonnull(report);
    json_decref(report);
}
END_TEST

/* Two entries: 1 2 4 with one call, 0 6 with two. */
START_TEST(importance_matrices)
{
    struct bytes file = {0};
    char path[600];
    put_u32(&file, 2);
    put_u32(&file, 3);
    put_text(&file, "one");
    put_u32(&file, 1);
    put_u32(&file, 3);
    put_f32(&file, 1.0f);
    put_f32(&file, 4.0f);
    put_f32(&file, 2.0f);
    put_u32(&file, 3);
    put_text(&file, "two");
    put_u32(&file, 2);
    put_u32(&file, 2);
    put_f32(&file, 6.0f);
    put_f32(&file, 0.0f);
    temp_write("a.dat", file.data, file.size);
    temp_write("a.imatrix", file.data, file.size - 1);
    bytes_free(&file);

    strcpy(path, temp_path("a.dat"));
    ck_assert_int_eq(RUN(path), STATUS_OK);
    expect_output("importance matrix (dat), 2 entries\n");
    expect_output("\none          3         1      1    1       2    4           2      0\n"
                  "two          2         1      2    0     1.5    3           2      1\n");
    ck_assert_int_eq(RUN(path, "--include=two", "--json=-"), STATUS_OK);
    json_t *report = json_loads(output_text, JSON_REJECT_DUPLICATES, NULL);
    const char *kind;
    double median;
    int columns;
    ck_assert_int_eq(json_unpack(report, "{s:[{s:s, s:[{s:F, s:i}!]}]}", "inputs", "kind", &kind,
                                 "entries", "median", &median, "columns", &columns),
                     0);
    ck_assert_str_eq(kind, "importance");
    ck_assert(median == 1.5);
    ck_assert_int_eq(columns, 2);
    json_decref(report);

    strcpy(path, temp_path("a.imatrix"));
    ck_assert_int_eq(RUN(path), STATUS_BAD_INPUT);
    expect_message("a.imatrix: importance matrix");
}
END_TEST

START_TEST(mistakes_are_usage_errors)
{
    static const char *const mistakes[][3] = {
        {"--inclde", "x", "did you mean '--include'?"},
        {"--as", "f16", "bf16"},
        {"--threads", "0", "threads"},
        {"--threads", "two", "threads"},
    };
    char *none[] = {NULL, NULL};
    none[0] = strdup("inspect");
    ck_assert_int_eq(run(1, none), STATUS_USAGE);
    free(none[0]);
    expect_message("no input");
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        ck_assert_int_eq(RUN("a.npy", mistakes[i][0], mistakes[i][1]), STATUS_USAGE);
        expect_message(mistakes[i][2]);
        ck_assert_str_eq(output_text, "");
    }
    ck_assert_int_eq(RUN("--help"), STATUS_OK);
    expect_output("Example: roundel inspect");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("inspect");
    TCase *all = tcase_create("inspect");
    tcase_set_timeout(all, 0);
    tcase_add_checked_fixture(all, temp_dir_make, temp_dir_remove);
    tcase_add_test(all, a_table_of_tensors);
    tcase_add_test(all, names_are_filtered);
    tcase_add_test(all, bad_weights_are_named);
    tcase_add_test(all, blocks_are_named);
    tcase_add_test(all, reports_in_json);
    tcase_add_test(all, json_and_table_at_once);
    tcase_add_test(all, importance_matrices);
    tcase_add_test(all, mistakes_are_usage_errors);
    suite_add_tcase(suite, all);

    return suite_run(suite);
}
