/* From an argument to tensors: which reader takes what, raw files, and files that are none. */
#include "input.h"

#include "hostile.h"
#include "suite.h"
#include "temp_dir.h"
#include <sys/stat.h>

#define TEXT(literal) literal, sizeof(literal) - 1

static const char npy[] = "\x93NUMPY\1\0\100\0"
                          "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2)}      \n"
                          "\0\0\200\77\0\0\0\100";
static const char safetensors[] = "\66\0\0\0\0\0\0\0"
                                  "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}"
                                  "\0\0\200\77\0\0\0\100";
static const char raw[] = "\0\0\200\77\0\0\0\100"; /* 1, 2 */
static const char gguf[] = "GGUF\3\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

/* ------------------------------------------------------------------------------------------------
 * Contents and endings
 */

static const struct reader_case {
    const char *file;
    const char *bytes;
    size_t size;
    const char *shape;
    const char *tensor; /* expected name, NULL: the file has none */
    const char *word;   /* of the message; NULL: accepted */
} reader_cases[] = {
    {"a.npy", TEXT(npy), NULL, "a", NULL},
    {"a.b.npy", TEXT(npy), NULL, "a.b", NULL},
    {"array", TEXT(npy), NULL, "array", NULL},
    {"a.safetensors", TEXT(npy), NULL, "a.safetensors", NULL},
    {"a.f32", TEXT(npy), "1x1", "a.f32", NULL},
    {".npy", TEXT(npy), NULL, ".npy", NULL},
    {"a.safetensors", TEXT(safetensors), NULL, "w", NULL},
    {"model", TEXT(safetensors), NULL, "w", NULL},
    {"a.bin", TEXT(safetensors), NULL, "w", NULL},
    {"a.gguf", TEXT(gguf), NULL, NULL, NULL},
    {"model", TEXT(gguf), NULL, NULL, NULL},
    {"a.safetensors", TEXT(gguf), NULL, NULL, NULL},
    {"a.f32", TEXT(raw), "1x2", "a", NULL},
    {"a.raw", TEXT(raw), "2x1", "a", NULL},
    {"a.bin", TEXT(raw), "1X2", "a", NULL},

    {"a.gguf", TEXT("FUGG\3\0\0\0"), NULL, NULL, "GGUF"},
    {"a.gguf", TEXT(""), NULL, NULL, "GGUF"},
    {"a.npy", TEXT(raw), NULL, NULL, ".npy"},
    {"a.npy", TEXT(""), NULL, NULL, ".npy"},
    {"a.safetensors", TEXT(raw), NULL, NULL, "header"},
    {"a.safetensors", TEXT(""), NULL, NULL, "safetensors"},
    {"a.safetensors.index.json", TEXT("{}"), NULL, NULL, "weight_map"},
    {"a.npz", TEXT("PK\3\4\24\0"), NULL, NULL, "unzip"},
    {"a.npy", TEXT("PK\3\4\24\0"), NULL, NULL, "unzip"},
    {"pytorch_model.bin", TEXT("PK\3\4\0\0"), NULL, NULL, "safetensors"},
    {"a.npz", TEXT("no archive"), NULL, NULL, "zip"},
    {"model", TEXT(raw), "1x2", NULL, "unknown kind of file"},
    {"model", TEXT(""), NULL, NULL, "unknown kind of file"},
    {"a.txt", TEXT("{}"), NULL, NULL, "unknown kind of file"},

    {"a.f32", TEXT(raw), NULL, NULL, "--shape ROWSxCOLS for 2 weights"},
    {"a.f32", TEXT(raw), "", NULL, "ROWSxCOLS"},
    {"a.f32", TEXT(raw), "2", NULL, "ROWSxCOLS"},
    {"a.f32", TEXT(raw), "1x", NULL, "ROWSxCOLS"},
    {"a.f32", TEXT(raw), "x2", NULL, "ROWSxCOLS"},
    {"a.f32", TEXT(raw), "1x2x1", NULL, "ROWSxCOLS"},
    {"a.f32", TEXT(raw), "1x2 ", NULL, "ROWSxCOLS"},
    {"a.f32", TEXT(raw), "-1x-2", NULL, "ROWSxCOLS"},
    {"a.f32", TEXT(raw), "1x18446744073709551618", NULL, "ROWSxCOLS"},
    {"a.f32", TEXT(raw), "1x3", NULL, "the file has 8 bytes"},
    {"a.f32", TEXT(raw), "1x1", NULL, "the file has 8 bytes"},
    {"a.f32", TEXT(raw), "0x2", NULL, "the file has 8 bytes"},
    {"a.f32", raw, 7, "1x2", NULL, "the file has 7 bytes"},
    {"a.f32", raw, 7, "1x1", NULL, "the file has 7 bytes"},
    {"a.f32", TEXT(raw), "4294967296x4294967296", NULL, "product"},
    {"a.f32", TEXT(raw), "2305843009213693952x2", NULL, "the file has 8 bytes"},
    {"a.f32", TEXT(""), "0x7", "a", NULL},
};

/* The tensor, where it is not empty, begins with 1 and 2. */
static void check_weights(const struct tensor *tensor)
{
    struct error error;
    struct buffer buffer = {0};
    float weights[2] = {0, 0};
    if (tensor_numel(tensor) == 2) {
        ck_assert_msg(tensor_read(tensor, 0, 2, weights, &buffer, &error), "%s", error.text);
        ck_assert(weights[0] == 1.0f && weights[1] == 2.0f);
    }
    buffer_free(&buffer);
}

START_TEST(contents_decide_then_endings)
{
    const struct reader_case *c = &reader_cases[_i];
    const struct input_options options = {.shape = c->shape};
    struct error error = {""};
    struct tensor_list list = {0};
    temp_write(c->file, c->bytes, c->size);
    bool good = input_open(temp_path(c->file), &options, &list, &error);
    if (c->word != NULL) {
        ck_assert_msg(!good, "accepted");
        ck_assert_uint_eq(list.count, 0);
        ck_assert_msg(strstr(error.text, c->word) != NULL, "\"%s\" does not say \"%s\"", error.text,
                      c->word);
        ck_assert_msg(strstr(error.text, c->file) != NULL, "\"%s\" does not name %s", error.text,
                      c->file);
    } else {
        ck_assert_msg(good, "%s", error.text);
        ck_assert_uint_eq(list.count, c->tensor != NULL ? 1 : 0);
    }
    if (good && c->tensor != NULL) {
        ck_assert_str_eq(list.tensors[0].name, c->tensor);
        check_weights(&list.tensors[0]);
    }
    tensor_list_free(&list);
}
END_TEST

START_TEST(options_reach_the_readers)
{
    static const char bf16[] = "\x93NUMPY\1\0\100\0"
                               "{'descr': '<V2', 'fortran_order': False, 'shape': (1, 2)}      \n"
                               "\200\77\0\100more";
    struct input_options options = {0};
    struct error error;
    struct tensor_list list = {0};
    temp_write("a.npy", TEXT(bf16));
    ck_assert(!input_open(temp_path("a.npy"), &options, &list, &error));
    ck_assert_ptr_nonnull(strstr(error.text, "--as bf16"));
    options.as_bf16 = true;
    ck_assert_msg(input_open(temp_path("a.npy"), &options, &list, &error), "%s", error.text);
    ck_assert_uint_eq(list.nnotes, 1);
    check_weights(&list.tensors[0]);
    options.strict = true;
    ck_assert(!input_open(temp_path("a.npy"), &options, &list, &error));
    ck_assert_ptr_nonnull(strstr(error.text, "4 bytes behind"));
    ck_assert_uint_eq(list.count, 1);
    tensor_list_free(&list);
}
END_TEST

START_TEST(inputs_add_up)
{
    const struct input_options options = {.shape = "1x2"};
    struct error error;
    struct tensor_list list = {0};
    temp_write("a.f32", TEXT(raw));
    temp_write("b.npy", TEXT(npy));
    ck_assert(input_open(temp_path("a.f32"), &options, &list, &error));
    ck_assert(input_open("synth:gaussian,shape=2x256", &options, &list, &error));
    ck_assert(input_open(temp_path("b.npy"), &options, &list, &error));
    ck_assert(!input_open(temp_path("c.npy"), &options, &list, &error));
    ck_assert_uint_eq(list.count, 3);
    ck_assert_str_eq(list.tensors[0].name, "a");
    ck_assert_int_eq(list.tensors[1].kind, ELEMENT_SYNTH);
    ck_assert_str_eq(list.tensors[2].name, "b");
    check_weights(&list.tensors[0]);
    check_weights(&list.tensors[2]);
    tensor_list_free(&list);
}
END_TEST

START_TEST(real_files)
{
    const struct input_options options = {.strict = true};
    struct error error;
    struct tensor_list list = {0};
    ck_assert_msg(
        input_open(ROUNDEL_SOURCE_DIR "/tests/data/darwin.safetensors", &options, &list, &error),
        "%s", error.text);
    ck_assert_msg(input_open(ROUNDEL_SOURCE_DIR "/tests/data/bolano.npy", &options, &list, &error),
                  "%s", error.text);
    ck_assert_uint_eq(list.count, 3);
    ck_assert_str_eq(list.tensors[2].name, "bolano");
    tensor_list_free(&list);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * What is no file
 */

START_TEST(builtin_models)
{
    const struct input_options options = {0};
    struct error error;
    struct tensor_list list = {0};
    ck_assert_msg(input_open("builtin:tinylm", &options, &list, &error), "%s", error.text);
    ck_assert_uint_eq(list.count, 57);
    ck_assert_str_eq(list.tensors[0].name, "token_embd.weight");
    ck_assert(!input_open("builtin:tinylmm", &options, &list, &error));
    ck_assert_str_eq(error.text,
                     "builtin:tinylmm: no such built-in model; there is: builtin:tinylm");
    ck_assert(!input_open("builtin:", &options, &list, &error));
    ck_assert(!input_open("synth:nonsense", &options, &list, &error));
    ck_assert_uint_eq(list.count, 57);
    tensor_list_free(&list);
}
END_TEST

static void expect_refusal(const char *path, const char *word)
{
    const struct input_options options = {.shape = "1x2"};
    struct error error;
    struct tensor_list list = {0};
    ck_assert_msg(!input_open(path, &options, &list, &error), "%s was read", path);
    ck_assert_msg(strstr(error.text, path) != NULL && strstr(error.text, word) != NULL,
                  "\"%s\" does not name %s and \"%s\"", error.text, path, word);
    tensor_list_free(&list);
}

START_TEST(only_regular_files)
{
    expect_refusal("", "No such file");
    expect_refusal(temp_path("none.f32"), "No such file");
    expect_refusal(temp_dir, "a directory");
    expect_refusal("/dev/null", "a character device");
    expect_refusal("/dev/zero", "a character device");
    ck_assert_int_eq(mkdir(temp_path("d.npy"), 0700), 0);
    expect_refusal(temp_path("d.npy"), "a directory");
    ck_assert_int_eq(mkfifo(temp_path("f.f32"), 0600), 0);
    expect_refusal(temp_path("f.f32"), "a FIFO"); /* and does not wait for a writer */
}
END_TEST

START_TEST(symbolic_links)
{
    const struct input_options options = {.shape = "1x2"};
    struct error error;
    struct tensor_list list = {0};
    temp_write("a.f32", TEXT(raw));
    ck_assert_int_eq(symlink("a.f32", temp_path("b.f32")), 0);
    ck_assert_msg(input_open(temp_path("b.f32"), &options, &list, &error), "%s", error.text);
    check_weights(&list.tensors[0]);
    tensor_list_free(&list);
    ck_assert_int_eq(symlink("e.f32", temp_path("e.f32")), 0);
    expect_refusal(temp_path("e.f32"), "symbolic links");
    ck_assert_int_eq(symlink("none", temp_path("g.f32")), 0);
    expect_refusal(temp_path("g.f32"), "No such file");
}
END_TEST

/* Permissions do not bind root, so root reads as somebody else. */
START_TEST(unreadable_files)
{
    const uid_t nobody = 65534;
    const bool is_root = geteuid() == 0;
    temp_write("a.f32", TEXT(raw));
    ck_assert_int_eq(chmod(temp_dir, 0755), 0);
    ck_assert_int_eq(chmod(temp_path("a.f32"), 0), 0);
    ck_assert_int_eq(is_root ? seteuid(nobody) : 0, 0);
    expect_refusal(temp_path("a.f32"), "Permission denied");
    ck_assert_int_eq(is_root ? seteuid(0) : 0, 0);
}
END_TEST

START_TEST(a_file_that_shrinks)
{
    const struct input_options options = {.shape = "1x2"};
    struct error error;
    struct tensor_list list = {0};
    struct buffer buffer = {0};
    float weights[2];
    temp_write("a.f32", TEXT(raw));
    ck_assert(input_open(temp_path("a.f32"), &options, &list, &error));
    ck_assert_int_eq(truncate(temp_path("a.f32"), 4), 0);
    ck_assert(!tensor_read(&list.tensors[0], 0, 2, weights, &buffer, &error));
    ck_assert_ptr_nonnull(strstr(error.text, "became shorter"));
    buffer_free(&buffer);
    tensor_list_free(&list);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("input");
    TCase *all = tcase_create("input");
    tcase_set_timeout(all, 0);
    tcase_add_checked_fixture(all, temp_dir_make, temp_dir_remove);
    tcase_add_loop_test(all, contents_decide_then_endings, 0,
                        (int)(sizeof reader_cases / sizeof reader_cases[0]));
    tcase_add_test(all, options_reach_the_readers);
    tcase_add_test(all, inputs_add_up);
    tcase_add_test(all, real_files);
    tcase_add_test(all, builtin_models);
    tcase_add_test(all, only_regular_files);
    tcase_add_test(all, symbolic_links);
    tcase_add_test(all, unreadable_files);
    tcase_add_test(all, a_file_that_shrinks);
    suite_add_tcase(suite, all);

    return suite_run(suite);
}
