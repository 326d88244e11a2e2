/* `roundel imatrix`: from files to files, text, JSON and exit status. */
#include "imatrix_builder.h"
#include "program.h"
#include "suite.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *directory;

static const char *path_of(const char *name)
{
    static char paths[8][256];
    static unsigned next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", directory, name);
    return path;
}

static void write_bytes(const char *name, struct bytes *bytes)
{
    free(program_file(directory, name, bytes->data, bytes->size));
    bytes_free(bytes);
}

/* Two entries, 3 and 7 calls. */
static void put_dat(struct bytes *bytes, float first)
{
    const float a[3] = {first, 0.1f, 0.0f}, b[2] = {1e-30f, 5.0f};
    put_u32(bytes, 2);
    put_entry(bytes, "b.weight", 3, 3, a, 3);
    put_entry(bytes, "a.weight", 7, 2, b, 2);
    put_tail(bytes, 7, "text");
}

static const struct gguf_matrix experts[] = {
    {"w.in_sum2", 2, 4, GGUF_F32, {4, 8, 0, 0, 0, 0, 6, 3}},
    {"w.counts", 1, 4, GGUF_F32, {4, 0, 0, 3}},
    {"v.in_sum2", 2, 1, GGUF_F32, {0, 1024}},
    {"v.counts", 1, 1, GGUF_F32, {1024}},
};

static void make_files(void)
{
    struct bytes bytes = {0};
    directory = program_directory();
    put_dat(&bytes, 1.0f);
    write_bytes("one.dat", &bytes);
    put_dat(&bytes, 2.0f);
    write_bytes("two.dat", &bytes);
    put_dat(&bytes, __builtin_nanf(""));
    write_bytes("nan.dat", &bytes);
    put_gguf_imatrix(&bytes, 512, experts, 4);
    write_bytes("experts.gguf", &bytes);
}

static void remove_files(void)
{
    program_remove_directory(directory);
}

static struct bytes read_file(const char *path)
{
    struct bytes bytes = {0};
    FILE *file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "no file %s", path);
    for (int byte; (byte = fgetc(file)) != EOF;) {
        const uint8_t one = (uint8_t)byte;
        put(&bytes, &one, 1);
    }
    fclose(file);
    return bytes;
}

static void expect_same(const char *path, struct bytes *expected)
{
    struct bytes bytes = read_file(path);
    ck_assert_uint_eq(bytes.size, expected->size);
    ck_assert_mem_eq(bytes.data, expected->data, bytes.size);
    bytes_free(&bytes);
    bytes_free(expected);
}

/* Runs `roundel imatrix ARGUMENTS`, which must go well; returns what it said. */
#define RUN(...) run_well(program_run("imatrix " __VA_ARGS__))

static struct program_result run_well(struct program_result result)
{
    ck_assert_msg(result.status == 0, "exit status %d: %s", result.status, result.err);
    return result;
}

static void expect_text(const char *text, const char *word)
{
    ck_assert_msg(strstr(text, word) != NULL, "\"%s\" is not in: %s", word, text);
}

/* The same for output that nobody looks at. */
#define DO(...)                                                                                    \
    do {                                                                                           \
        struct program_result done = RUN(__VA_ARGS__);                                             \
        program_free(&done);                                                                       \
    } while (0)

/* ------------------------------------------------------------------------------------------------
 * Files
 */

/* Tensors with one dimension where there is one matrix, as ggml writes them. */
static void put_row(struct bytes *bytes, const char *name, uint64_t ncols, uint64_t offset)
{
    put_tensor_named(bytes, name, strlen(name), 1, &ncols, GGUF_F32, offset);
}

static void put_row_data(struct bytes *bytes, const float *values, size_t count)
{
    put(bytes, values, count * sizeof *values);
    put_padding(bytes, 32);
}

START_TEST(a_converted_file_is_the_one_made_by_hand)
{
    struct bytes gguf = {0}, dat = {0};
    const float a[3] = {100.0f, 100.0f * 0.1f, 0.0f}, b[2] = {100.0f * 1e-30f, 500.0f};
    const float a_count = 300.0f, b_count = 700.0f;
    put_header(&gguf, 3, 4, 4);
    put_key_string(&gguf, "general.type", "imatrix");
    put_key_array(&gguf, "imatrix.datasets", GGUF_VALUE_STRING, 1);
    put_string(&gguf, "text");
    put_key_u32(&gguf, "imatrix.chunk_count", 7);
    put_key_u32(&gguf, "imatrix.chunk_size", 100);
    put_row(&gguf, "b.weight.in_sum2", 3, 0);
    put_row(&gguf, "b.weight.counts", 1, 32);
    put_row(&gguf, "a.weight.in_sum2", 2, 64);
    put_row(&gguf, "a.weight.counts", 1, 96);
    put_padding(&gguf, 32);
    put_row_data(&gguf, a, 3);
    put_row_data(&gguf, &a_count, 1);
    put_row_data(&gguf, b, 2);
    put_row_data(&gguf, &b_count, 1);

    struct program_result result =
        RUN("convert %s %s --chunk-size 100", path_of("one.dat"), path_of("out.gguf"));
    expect_text(result.out, "out.gguf: importance matrix (gguf), 2 entries, 7 chunks of 100 tokens"
                            ", from text\n");
    ck_assert_str_eq(result.err, "");
    program_free(&result);
    expect_same(path_of("out.gguf"), &gguf);

    result = RUN("convert %s %s", path_of("one.dat"), path_of("out.gguf"));
    expect_text(result.err, "roundel imatrix: note: chunks of 512 tokens are assumed");
    program_free(&result);
    result = RUN("convert %s %s", path_of("out.gguf"), path_of("back.dat"));
    expect_text(result.err, "note: the size of chunks, 512 tokens, for which .dat has no place");
    program_free(&result);
    put_dat(&dat, 1.0f);
    expect_same(path_of("back.dat"), &dat);
}
END_TEST

START_TEST(experts_survive_and_are_named)
{
    struct bytes before = read_file(path_of("experts.gguf"));
    struct program_result result = RUN("info %s", path_of("experts.gguf"));
    expect_text(result.out, "importance matrix (gguf), 2 entries, 5 chunks of 512 tokens, "
                            "from one, two\n");
    expect_text(result.out,
                "\nw            2         4    0..4    1       1    2           2      0\n");
    expect_text(result.out, "\nw: 2 of 4 matrices without data: 1-2\n");
    program_free(&result);

    result = RUN("coverage %s --min-tokens 4 --include w", path_of("experts.gguf"));
    expect_text(result.out, "1 of 2 entries");
    expect_text(result.out, "w: 3 of 4 matrices with fewer than 4 tokens: 1-3\n");
    program_free(&result);

    result = RUN("coverage %s --json -", path_of("experts.gguf"));
    json_t *report = json_loads(result.out, JSON_REJECT_DUPLICATES, NULL);
    const char *name;
    double counts[4];
    int scarce[2];
    ck_assert_int_eq(json_unpack(report, "{s:[{s:[{s:s, s:[FFFF!], s:[ii!]}, {}!]}]}", "inputs",
                                 "entries", "name", &name, "counts", &counts[0], &counts[1],
                                 &counts[2], &counts[3], "scarce", &scarce[0], &scarce[1]),
                     0);
    ck_assert_str_eq(name, "w");
    ck_assert(counts[0] == 4.0 && counts[2] == 0.0 && scarce[0] == 1 && scarce[1] == 2);
    json_decref(report);
    program_free(&result);

    /* GGUF to GGUF: the file's own tensors, two of them with a dimension of 1 left out. */
    DO("convert %s %s", path_of("experts.gguf"), path_of("copy.gguf"));
    DO("convert %s %s", path_of("copy.gguf"), path_of("again.gguf"));
    struct bytes copy = read_file(path_of("copy.gguf"));
    expect_same(path_of("again.gguf"), &copy);
    ck_assert_uint_gt(before.size, 4 * 32);
    copy = read_file(path_of("copy.gguf"));
    ck_assert_mem_eq(copy.data + copy.size - 128, before.data + before.size - 128, 128);
    bytes_free(&copy);
    bytes_free(&before);
}
END_TEST

START_TEST(a_merged_file_is_the_one_made_by_hand)
{
    const float a[3] = {3.0f, 0.1f + 0.1f, 0.0f}, b[2] = {1e-30f + 1e-30f, 10.0f};
    struct bytes expected = {0};
    put_u32(&expected, 2);
    put_entry(&expected, "b.weight", 6, 3, a, 3);
    put_entry(&expected, "a.weight", 14, 2, b, 2);
    put_tail(&expected, 14, "text");
    DO("merge %s %s %s", path_of("both.dat"), path_of("one.dat"), path_of("two.dat"));
    expect_same(path_of("both.dat"), &expected);

    /* Of both formats; the output may be one of the inputs. */
    DO("convert %s %s", path_of("two.dat"), path_of("two.gguf"));
    DO("merge %s %s %s", path_of("two.gguf"), path_of("one.dat"), path_of("two.gguf"));
    DO("convert %s %s", path_of("two.gguf"), path_of("mixed.dat"));
    struct bytes both = read_file(path_of("both.dat"));
    expect_same(path_of("mixed.dat"), &both);
}
END_TEST

START_TEST(a_sanitized_file)
{
    struct program_result result =
        RUN("sanitize %s %s --prior 4", path_of("experts.gguf"), path_of("clean.gguf"));
    expect_text(result.err, "a prior of 4 tokens: 5 sums were 0, 2 matrices without data");
    program_free(&result);
    result = RUN("info %s", path_of("clean.gguf"));
    expect_text(result.out,
                "\nw            2         4    4..8          1        1  1.5         1.5      0\n");
    ck_assert_ptr_null(strstr(result.out, "without data"));
    program_free(&result);

    result = RUN("sanitize %s %s --prior 0 --non-finite drop --json -", path_of("nan.dat"),
                 path_of("clean.dat"));
    expect_text(result.out, "entry \\\"b.weight\\\": value 0 is nan");
    expect_text(result.err, "entry \"b.weight\" has no other data and is left out");
    json_t *report = json_loads(result.out, JSON_REJECT_DUPLICATES, NULL);
    int entries;
    ck_assert_int_eq(json_unpack(report, "{s:{s:i}}", "matrix", "entries", &entries), 0);
    ck_assert_int_eq(entries, 1);
    json_decref(report);
    program_free(&result);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * The commands that use them
 */

/* What `compare` finds with the matrix, without speeds. */
static json_t *compare_with(const char *importance)
{
    struct program_result result =
        run_well(program_run("compare --format iq4_nl --rounding ggml --include blk.0.attn_k "
                             "--importance %s --json -",
                             importance));
    json_t *report = json_loads(result.out, JSON_REJECT_DUPLICATES, NULL);
    program_free(&result);
    json_t *total = json_array_get(json_object_get(report, "total"), 0);
    ck_assert_ptr_nonnull(total);
    json_incref(total);
    json_object_del(total, "quantize_mweights_per_s");
    json_object_del(total, "dequantize_mweights_per_s");
    json_decref(report);
    return total;
}

START_TEST(both_formats_give_the_same_digits)
{
    DO("convert builtin:tinylm %s", path_of("tiny.gguf"));
    DO("convert %s %s", path_of("tiny.gguf"), path_of("tiny.dat"));
    json_t *expected = compare_with("builtin:tinylm");
    const char *const files[] = {"tiny.gguf", "tiny.dat"};
    for (size_t i = 0; i < 2; i++) {
        json_t *found = compare_with(path_of(files[i]));
        ck_assert(json_equal(found, expected));
        json_decref(found);
    }
    DO("sanitize builtin:tinylm %s --prior 100000", path_of("other.dat"));
    json_t *other = compare_with(path_of("other.dat"));
    ck_assert(!json_equal(other, expected));
    json_decref(other);
    json_decref(expected);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Mistakes
 */

static const struct mistake {
    const char *arguments; /* $D: the directory */
    int status;
    const char *said;
} mistakes[] = {
    {"", 2, "no action; 'roundel imatrix --help'"},
    {"inf", 2, "unknown action 'inf'; did you mean 'info'?"},
    {"info", 2, "'info' takes FILE...; 0 files are given"},
    {"convert $D/one.dat", 2, "'convert' takes IN OUT; 1 files are given"},
    {"convert $D/one.dat x.dat y.dat", 2, "3 files are given"},
    {"merge x.dat", 2, "'merge' takes OUT IN..."},
    {"info $D/one.dat --prior 3", 2, "'info' takes no --prior"},
    {"convert $D/one.dat $D/x.txt", 2, "ends neither in .dat nor in .gguf"},
    {"convert $D/one.dat $D/dat", 2, "ends neither in .dat nor in .gguf"},
    {"convert builtin:tiny $D/x.dat", 2, "unknown built-in importance matrix 'builtin:tiny'"},
    {"convert $D/one.dat $D/no/x.dat", 2, "cannot write"},
    {"sanitize $D/one.dat $D/x.dat --prior -1", 2, "prior '-1' is no whole number"},
    {"sanitize $D/one.dat $D/x.dat --prior 0.5", 2, "prior '0.5' is no whole number"},
    {"sanitize $D/one.dat $D/x.dat --non-finite keep", 2, "unknown way with bad values 'keep'"},
    {"convert $D/one.dat $D/x.gguf --chunk-size 0", 2, "chunk size '0'"},
    {"convert $D/no.dat $D/x.gguf", 3, "no.dat: No such file"},
    {"convert $D/nan.dat $D/x.gguf", 3, "entry \"b.weight\": value 0 is nan"},
    {"sanitize $D/nan.dat $D/x.dat", 3, "entry \"b.weight\": value 0 is nan"},
    {"merge $D/x.dat $D/one.dat $D/nan.dat", 3, "nan.dat: entry \"b.weight\": value 0"},
    {"merge $D/x.dat $D/one.dat $D/odd.dat", 3, "entry \"a.weight\": 1 values, but 2 in"},
    {"convert $D/experts.gguf $D/x.dat --chunk-size 256", 3, "chunks have 512 tokens, not 256"},
    {"convert $D/long.dat $D/x.gguf --chunk-size 1", 3, "its name has 64 bytes"},
    {"convert $D/one.dat $D/full.dat", 4, "cannot write"},
};

START_TEST(mistakes_are_one_line_and_leave_nothing)
{
    const float one = 1.0f;
    struct bytes bytes = {0};
    put_u32(&bytes, 1);
    put_entry(&bytes, "a.weight", 1, 1, &one, 1);
    write_bytes("odd.dat", &bytes);
    char name[] = "0123456789012345678901234567890123456789012345678901234x"; /* 56, + 8 */
    put_u32(&bytes, 1);
    put_entry(&bytes, name, 1, 1, &one, 1);
    put_tail(&bytes, 1, "text");
    write_bytes("long.dat", &bytes);
    ck_assert_int_eq(symlink("/dev/full", path_of("full.dat")), 0);
    ck_assert_int_eq(setenv("D", directory, 1), 0); /* for the shell */
    const size_t files = program_count_files(directory);
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        char arguments[256];
        snprintf(arguments, sizeof arguments, "imatrix %s", mistakes[i].arguments);
        program_expect_mistake(arguments, mistakes[i].status, mistakes[i].said);
        ck_assert_uint_eq(program_count_files(directory), files);
    }
}
END_TEST

/* The other files are looked at all the same. */
START_TEST(info_goes_on_behind_a_bad_file)
{
    struct program_result result =
        program_run("imatrix info %s %s", path_of("nan.dat"), path_of("one.dat"));
    ck_assert_int_eq(result.status, 3);
    expect_text(result.err, "value 0 is nan");
    expect_text(result.out, "one.dat: importance matrix (dat), 2 entries");
    program_free(&result);
    result = RUN("--help");
    expect_text(result.out, "Examples: roundel imatrix info");
    program_free(&result);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("imatrix_command");
    TCase *tests = tcase_create("imatrix_command");
    tcase_set_timeout(tests, 0);
    tcase_add_checked_fixture(tests, make_files, remove_files);
    tcase_add_test(tests, a_converted_file_is_the_one_made_by_hand);
    tcase_add_test(tests, experts_survive_and_are_named);
    tcase_add_test(tests, a_merged_file_is_the_one_made_by_hand);
    tcase_add_test(tests, a_sanitized_file);
    tcase_add_test(tests, both_formats_give_the_same_digits);
    tcase_add_test(tests, mistakes_are_one_line_and_leave_nothing);
    tcase_add_test(tests, info_goes_on_behind_a_bad_file);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
