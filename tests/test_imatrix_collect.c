/* `roundel imatrix collect` on the built-in model, against a computation of its own. */
#include "imatrix.h"
#include "input.h"
#include "program.h"
#include "suite.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Three chunks and a rest of two tokens. */
static const char text[] = "It was a bright cold day, and no one had seen it so";
enum {
    CONTEXT = 16,
    CHUNKS = 3,
    TOKENS = CONTEXT * CHUNKS,
    WIDTH = 256,
    MATRICES = 43,
    SPACE = 259 /* its token; that of another byte b is 3 + b */
};

static char *directory, *text_path;

static void make_files(void)
{
    ck_assert_uint_eq(strlen(text), TOKENS + 3);
    directory = program_directory();
    text_path = program_file(directory, "text", text, strlen(text));
}

static void remove_files(void)
{
    free(text_path);
    program_remove_directory(directory);
}

static const char *path_of(const char *name)
{
    static char paths[4][256];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", directory, name);
    return path;
}

static void collect(const char *more, const char *out)
{
    struct program_result result =
        program_run("imatrix collect builtin:tinylm --text %s --context %d %s -o %s", text_path,
                    CONTEXT, more, out);
    ck_assert_msg(result.status == 0, "%s", result.err);
    ck_assert_msg(strstr(result.err, "48 of 51 tokens were read, in chunks of 16") != NULL, "%s",
                  result.err);
    program_free(&result);
}

static struct imatrix open_matrix(const char *path)
{
    struct source source;
    struct imatrix imatrix;
    struct error error = {""};
    ck_assert_msg(source_open_file(&source, path, &error), "%s", error.text);
    ck_assert_msg(imatrix_open(&imatrix, &source, &error), "%s", error.text);
    source_close(&source);
    return imatrix;
}

/* The weights of a tensor. */
static float *read_tensor(const struct tensor_list *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct tensor *tensor = &list->tensors[i];
        if (strcmp(tensor->name, name) != 0)
            continue;
        const size_t numel = (size_t)tensor_numel(tensor);
        float *weights = malloc(numel * sizeof *weights);
        struct buffer buffer = {0};
        struct error error;
        ck_assert_ptr_nonnull(weights);
        ck_assert(tensor_read(tensor, 0, numel, weights, &buffer, &error));
        buffer_free(&buffer);
        return weights;
    }
    ck_abort_msg("no tensor %s", name);
    return NULL;
}

/* The first matrices see the normed embeddings of the tokens: their mean squares. */
static void first_importance(double means[WIDTH])
{
    struct tensor_list list = {0};
    struct error error;
    const struct input_options none = {0};
    ck_assert(input_open("builtin:tinylm", &none, &list, &error));
    float *embeddings = read_tensor(&list, "token_embd.weight");
    float *gain = read_tensor(&list, "blk.0.attn_norm.weight");
    for (size_t j = 0; j < WIDTH; j++)
        means[j] = 0.0;
    for (size_t t = 0; t < TOKENS; t++) {
        const int token = text[t] == ' ' ? SPACE : 3 + text[t];
        const float *x = embeddings + (size_t)token * WIDTH;
        double sum = 0.0;
        for (size_t j = 0; j < WIDTH; j++)
            sum += (double)x[j] * (double)x[j];
        for (size_t j = 0; j < WIDTH; j++) {
            const double normed = (double)x[j] * (double)gain[j] / sqrt(sum / WIDTH + 1e-5);
            means[j] += normed * normed / TOKENS;
        }
    }
    free(embeddings);
    free(gain);
    tensor_list_free(&list);
}

START_TEST(the_first_matrices_see_the_normed_embeddings)
{
    double means[WIDTH];
    first_importance(means);
    collect("", path_of("out.gguf"));
    struct imatrix imatrix = open_matrix(path_of("out.gguf"));
    ck_assert_uint_eq(imatrix.count, MATRICES);
    ck_assert_uint_eq(imatrix.chunks, CHUNKS);
    ck_assert_uint_eq(imatrix.chunk_size, CONTEXT);
    ck_assert_str_eq(imatrix.dataset, "text");
    static const char *const names[] = {"blk.0.attn_q.weight", "blk.0.attn_k.weight",
                                        "blk.0.attn_v.weight"};
    for (size_t i = 0; i < 3; i++) {
        const struct imatrix_entry *entry = &imatrix.entries[i];
        ck_assert_str_eq(entry->name, names[i]);
        ck_assert_uint_eq(entry->nvalues, WIDTH);
        for (size_t j = 0; j < WIDTH; j++)
            ck_assert_msg(fabs((double)entry->values[j] / means[j] - 1.0) < 1e-6,
                          "%s, column %zu: %.9g, not %.9g", entry->name, j,
                          (double)entry->values[j], means[j]);
    }
    for (size_t i = 0; i < MATRICES; i++)
        ck_assert(imatrix.entries[i].calls == TOKENS);
    ck_assert_ptr_null(imatrix_find(&imatrix, "token_embd.weight"));
    ck_assert_uint_eq(imatrix_find(&imatrix, "blk.5.ffn_down.weight")->nvalues, 768);
    ck_assert_str_eq(imatrix.entries[MATRICES - 1].name, "output.weight");
    imatrix_free(&imatrix);
}
END_TEST

/* The whole text is the sum of its parts, and threads change nothing. */
START_TEST(parts_and_threads_add_up)
{
    collect("--threads 1", path_of("one.dat"));
    collect("--threads 3", path_of("three.dat"));
    FILE *one = fopen(path_of("one.dat"), "rb"), *three = fopen(path_of("three.dat"), "rb");
    ck_assert(one && three);
    int byte;
    do {
        byte = fgetc(one);
        ck_assert_int_eq(byte, fgetc(three));
    } while (byte != EOF);
    fclose(one);
    fclose(three);

    /* Two texts count as both. */
    struct program_result result = program_run(
        "imatrix collect builtin:tinylm --text %s --text %s --context %d --chunks 2 -o %s",
        text_path, text_path, CONTEXT, path_of("twice.dat"));
    ck_assert_msg(result.status == 0, "%s", result.err);
    program_free(&result);
    struct imatrix twice = open_matrix(path_of("twice.dat")), all = open_matrix(path_of("one.dat"));
    ck_assert_str_eq(twice.dataset, "text, text");
    ck_assert_uint_eq(twice.chunks, 4);
    ck_assert(twice.entries[40].calls == 4.0 && all.entries[40].calls == 3.0);
    ck_assert(twice.entries[40].values[7] != all.entries[40].values[7]);
    imatrix_free(&twice);
    imatrix_free(&all);
}
END_TEST

START_TEST(mistakes)
{
    static const struct {
        const char *arguments;
        int status;
        const char *said;
    } cases[] = {
        {"collect builtin:tinylm -o $D/x.dat", 2, "'collect' needs --text FILE"},
        {"collect builtin:tinylm --text $D/text", 2, "'collect' needs -o FILE"},
        {"collect --text $D/text -o $D/x.dat", 2, "'collect' takes MODEL; 0 files"},
        {"collect builtin:tinylm --text $D/text -o $D/x", 2, "ends neither in .dat nor"},
        {"collect builtin:tinylm --text builtin:x -o $D/x.dat", 2, "no such built-in text"},
        {"collect builtin:x --text $D/text -o $D/x.dat", 2, "builtin:tinylm"},
        {"collect builtin:tinylm --text $D/text -o $D/x.dat --chunk-size 8", 2,
         "'collect' takes no --chunk-size"},
        {"info builtin:tinylm --threads 2", 2, "'info' takes no --threads"},
        {"collect builtin:tinylm --text $D/text -o $D/x.dat", 3, "text: 51 tokens, where a chunk"},
        {"collect builtin:tinylm --text $D/none -o $D/x.dat", 3, "none: No such file"},
        {"collect $D/text --text $D/text -o $D/x.dat", 3, "text: "},
    };
    ck_assert_int_eq(setenv("D", directory, 1), 0); /* for the shell */
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char arguments[256];
        snprintf(arguments, sizeof arguments, "imatrix %s", cases[i].arguments);
        program_expect_mistake(arguments, cases[i].status, cases[i].said);
        ck_assert_uint_eq(program_count_files(directory), 1);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("imatrix_collect");
    TCase *tests = tcase_create("imatrix_collect");
    tcase_set_timeout(tests, 0);
    tcase_add_checked_fixture(tests, make_files, remove_files);
    tcase_add_test(tests, the_first_matrices_see_the_normed_embeddings);
    tcase_add_test(tests, parts_and_threads_add_up);
    tcase_add_test(tests, mistakes);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
