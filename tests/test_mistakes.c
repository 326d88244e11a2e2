/* What the commands say to mistakes of their users, and in their help. */
#include "program.h"
#include "suite.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *arguments;
    int status;
    const char *said;
} mistakes[] = {
    {"compare --format q4k", 2, "unknown format 'q4k'; did you mean 'q4_k'?"},
    {"compare --format q4_k,", 2, "unknown format ''; choices: "},
    {"compare --format gguf_model", 2, "unknown format 'gguf_model'; choices: q8_0, q4_k"},
    {"compare --zzzzzzzz", 2, "unknown option '--zzzzzzzz'; choices: format, rounding"},
    {"compare --rounding neerest", 2, "did you mean 'nearest'?"},
    {"compare --weighting x3", 2, "did you mean 'x2'?"},
    {"compare --weighting x2", 2,
     "none of these formats has one of these roundings with weighting 'x2'"},
    {"compare --format q4_0 --rounding qkx2", 2,
     "none of these formats has rounding 'qkx2'; those that have: q4_k, q5_k, q2_k"},
    {"compare --format q4_k,iq1_s --rounding exact", 2,
     "format 'iq1_s' has none of these roundings; it has: ggml, ggml-fixed"},
    {"compare --scales qq", 2, "unknown scales 'qq'; did you mean 'qp'?"},
    {"compare --format q4_0 --rounding exact --scales exhaustive", 2,
     "none of these formats has one of these roundings with scales 'exhaustive'"},
    {"compare --format q4_k --scales qp", 2,
     "none of these formats has one of these roundings with scales 'qp'; roundings that have: "},
    {"compare --format q4_k --rounding joint --scales max", 2,
     "rounding 'joint' stores scales in none of these ways here; it has: default, joint"},
    {"compare --gap --sample 0", 2, "sample '0' is no whole number from 1"},
    {"compare --sample 10", 2, "--sample needs --gap"},
    {"compare --baseline gml", 2, "did you mean 'ggml'?"},
    {"compare --format q4_k --rounding ggml-reduced", 2, "none of these formats"},
    {"compare --fromat q4_k", 2, "unknown option '--fromat'; did you mean '--format'?"},
    {"compare --format", 2, "option '--format' needs a value"},
    {"compare --vectors=3", 2, "option '--vectors' takes no value"},
    {"compare --threads 0", 2, "number of threads '0'"},
    {"compare --seed -1", 2, "seed '-1'"},
    {"compare --target axv2", 2, "unknown target 'axv2'; did you mean 'avx2'?"},
    {"targets --target nen", 2, "did you mean 'neon'?"},
    {"targets somewhere", 2, "takes no arguments, but got 'somewhere'"},
    {"compare --include '('", 2, "--include '(' is no regular expression"},
    {"compare --include nothing-like-this", 3,
     "no tensor to compare: no name passes --include 'nothing-like-this'; there is '"},
    {"compare --exclude .", 3, "no name passes --exclude '.'; there is '"},
    {"compare --include output_norm", 3, "tensor \"output_norm.weight\": 1-D (--vectors takes it)"},
    {"compare synth:gaussian,shape=4x256 --importance builtin:tinylm", 3,
     "importance builtin:tinylm names no tensor that is compared: the first tensor is "
     "'synth:gaussian,sigma=0.02,shape=4x256,seed=0', the matrix's first entry 'blk.0."},
    {"compare --format iq1_s --rounding ggml", 3,
     "nothing was measured: these encoders need --importance; rounding ggml-fixed does without"},
    {"compare synth:gaussian,shape=4x100 --format q4_k --on-misfit skip", 3,
     "nothing was measured: every tensor was skipped for its row length"},
    {"compare --json - --csv -", 2, "--json - and --csv - both want stdout"},
    {"compare /nowhere/x.gguf --json /nowhere/r.json", 2, "cannot write '/nowhere/r.json'"},
    {"compare /nowhere/x.gguf --csv /nowhere/r.csv", 2, "cannot write '/nowhere/r.csv'"},
    {"inspect /nowhere/x.gguf --json /nowhere/r.json", 2, "cannot write '/nowhere/r.json'"},
    {"verify --golden /nowhere --json /nowhere/r.json", 2, "cannot write '/nowhere/r.json'"},
    {"targets --json /nowhere/r.json", 2, "cannot write '/nowhere/r.json'"},
    {"compare --error-weights importance", 2, "needs --importance"},
    {"compare --importance builtin:nosuch", 2, "there is builtin:tinylm"},
    {"compare /nowhere/x.gguf", 3, "/nowhere/x.gguf"},
    {"compare builtin:tinylllm", 2, "tinylm"},
    {"compare synth:gausian", 2, "compare: synth:gausian: unknown distribution"},
    {"compare synth:gaussian,shape=0x4", 2, "compare: synth:gaussian,shape=0x4: shape=0x4"},
    {"inspect synth:gausian", 2, "inspect: synth:gausian: unknown distribution"},
    {"inspect builtin:tinylllm", 2, "there is: builtin:tinylm"},
    {"compaer", 2, "unknown command 'compaer'; did you mean 'compare'?"},
    {"bench", 2, "unknown command 'bench'; choices: compare, "},
    {"bench", 2, "quantize, "},
    {"bench", 2, "; microbenchmarks are the program roundel-bench\n"},
};

START_TEST(mistakes_get_one_clear_line)
{
    program_expect_mistake(mistakes[_i].arguments, mistakes[_i].status, mistakes[_i].said);
}
END_TEST

START_TEST(target_of_another_machine_is_refused)
{
#if defined(__x86_64__)
    const char *other = "neon";
#else
    const char *other = "avx2";
#endif
    static const char *const commands[] = {"compare", "verify", "targets"};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        char arguments[64], said[128];
        snprintf(arguments, sizeof arguments, "%s --target %s", commands[i], other);
        snprintf(said, sizeof said, ": target '%s' is not available here; choices: scalar", other);
        program_expect_mistake(arguments, 2, said);
        snprintf(said, sizeof said, ": RDL_TARGET: target '%s' is not available here", other);
        ck_assert_int_eq(setenv("RDL_TARGET", other, 1), 0);
        program_expect_mistake(commands[i], 2, said);
        ck_assert_int_eq(unsetenv("RDL_TARGET"), 0);
    }
}
END_TEST

START_TEST(unreadable_tensor_is_named)
{
    static const char header[] =
        "\x93NUMPY\1\0v\0{'descr': '<i4', 'fortran_order': False, 'shape': (1, 2), }";
    char file[128 + 8] = {0}, arguments[512];
    memset(file, ' ', 127);
    memcpy(file, header, sizeof header - 1);
    file[127] = '\n';
    char *directory = program_directory();
    char *path = program_file(directory, "int.npy", file, sizeof file);
    snprintf(arguments, sizeof arguments, "compare %s", path);
    program_expect_mistake(
        arguments, 3,
        "no tensor to compare, 1 left out: tensor \"int\": type I32 holds no weights");
    free(path);
    program_remove_directory(directory);
}
END_TEST

START_TEST(failure_leaves_no_report)
{
    static const struct {
        const char *arguments, *said;
    } failures[] = {
        {"compare /nowhere/x.gguf --csv", "/nowhere"},
        {"compare --include nothing --json", "--include 'nothing'"},
        {"verify --golden /nowhere --json", "/nowhere"},
    };
    char *directory = program_directory();
    char arguments[512];
    for (size_t i = 0; i < sizeof failures / sizeof *failures; i++) {
        snprintf(arguments, sizeof arguments, "%s %s/report", failures[i].arguments, directory);
        program_expect_mistake(arguments, 3, failures[i].said);
    }
    ck_assert_uint_eq(program_count_files(directory), 0);
    program_remove_directory(directory);
}
END_TEST

/* The same option, the same words. */
START_TEST(help_texts_agree)
{
    static const char *const options[] = {"include", "exclude", "shape", "as", "strict", "json"};
    struct program_result compare = program_run("compare --help");
    struct program_result inspect = program_run("inspect --help");
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        char option[32], line[256];
        snprintf(option, sizeof option, "  --%s ", options[i]);
        const char *found = strstr(compare.out, option);
        ck_assert_ptr_nonnull(found);
        snprintf(line, sizeof line, "%.*s\n", (int)strcspn(found, "\n"), found);
        ck_assert_msg(strstr(inspect.out, line) != NULL, "%s", line);
    }
    program_free(&compare);
    program_free(&inspect);
}
END_TEST

START_TEST(help_has_an_example_and_the_choices)
{
    static const char *const commands[] = {"compare", "inspect", "verify", "targets"};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        struct program_result result = program_run("%s --help", commands[i]);
        ck_assert_int_eq(result.status, 0);
        ck_assert_ptr_nonnull(strstr(result.out, "Example"));
        ck_assert_ptr_nonnull(strstr(result.out, "--json"));
        program_free(&result);
    }
    struct program_result result = program_run("compare --help");
    ck_assert_ptr_nonnull(
        strstr(result.out, "  iq4_nl: nearest, ggml, ggml-fixed, ggml-reduced\n"));
    program_free(&result);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("mistakes");
    TCase *tcase = tcase_create("end to end");
    tcase_set_timeout(tcase, 0);
    tcase_add_loop_test(tcase, mistakes_get_one_clear_line, 0,
                        (int)(sizeof mistakes / sizeof *mistakes));
    tcase_add_test(tcase, target_of_another_machine_is_refused);
    tcase_add_test(tcase, unreadable_tensor_is_named);
    tcase_add_test(tcase, failure_leaves_no_report);
    tcase_add_test(tcase, help_texts_agree);
    tcase_add_test(tcase, help_has_an_example_and_the_choices);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
