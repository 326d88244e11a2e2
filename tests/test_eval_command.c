/* `roundel eval` as a user runs it. */
#include "program.h"
#include "suite.h"
#include "tiny_llama.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>

static char *directory;
static char tiny_words[600]; /* a tiny model, and three chunks of tokens for it */
static char importance[256]; /* a matrix for some of its tensors */

static void write_file(char *path, const char *name, const struct bytes *bytes)
{
    char *written = program_file(directory, name, bytes->data, bytes->size);
    snprintf(path, 256, "%s", written);
    free(written);
}

static void put_entry(struct bytes *bytes, const char *name, int columns)
{
    put_u32(bytes, (uint32_t)strlen(name));
    put_text(bytes, name);
    put_u32(bytes, 1);
    put_u32(bytes, (uint32_t)columns);
    for (int i = 0; i < columns; i++)
        put_f32(bytes, 0.1f + (float)(i % 7));
}

static void make_files(void)
{
    static struct tiny_llama tiny;
    char model[256], ids[256];
    struct bytes tokens = {0}, matrix = {0};
    directory = program_directory();
    tiny_llama_make(&tiny, false);
    struct bytes checkpoint = tiny_llama_checkpoint(&tiny);
    write_file(model, "tiny.bin", &checkpoint);
    for (int i = 0; i < 8 * TINY_CONTEXT; i++) {
        char number[16];
        snprintf(number, sizeof number, "%d\n", i * i % 251);
        put_text(&tokens, number);
    }
    write_file(ids, "ids.txt", &tokens);
    put_u32(&matrix, 2);
    put_entry(&matrix, "blk.0.attn_q.weight", TINY_WIDTH);
    put_entry(&matrix, "blk.1.ffn_down.weight", TINY_FORWARD);
    write_file(importance, "matrix.dat", &matrix);
    snprintf(tiny_words, sizeof tiny_words, "%s --tokens %s --chunks 3", model, ids);
    bytes_free(&checkpoint);
    bytes_free(&tokens);
    bytes_free(&matrix);
}

static void remove_files(void)
{
    program_remove_directory(directory);
}

/* Runs `roundel eval WORDS --json -` on the tiny model and reads the report. */
static json_t *report_of(const char *words)
{
    struct program_result result = program_run("eval %s %s --json -", tiny_words, words);
    json_error_t error;
    ck_assert_msg(result.status == 0, "%s", result.err);
    json_t *json = json_loads(result.out, 0, &error);
    ck_assert_msg(json != NULL, "%s", error.text);
    program_free(&result);
    return json;
}

static double real(const json_t *json, const char *a, const char *b, const char *c)
{
    const json_t *at = json_object_get(json, a);
    if (b)
        at = json_object_get(at, b);
    if (c)
        at = json_object_get(at, c);
    ck_assert_msg(json_is_number(at), "%s %s %s", a, b ? b : "", c ? c : "");
    return json_number_value(at);
}

static const char *text(const json_t *json, const char *key)
{
    const char *value = json_string_value(json_object_get(json, key));
    return value ? value : "";
}

static json_t *with_label(const json_t *report, const char *label)
{
    size_t i;
    json_t *other;
    json_array_foreach(json_object_get(report, "others"), i,
                       other) if (strcmp(text(other, "file"), label) == 0) return other;
    ck_abort_msg("there is no %s", label);
    return NULL;
}

START_TEST(json_has_the_errors_and_the_statistics)
{
    json_t *report = report_of("--format q8_0,q4_0 --rounding nearest,wls --weighting "
                               "uniform --per-token --per-chunk --top 3,10");
    ck_assert_uint_eq(json_array_size(json_object_get(report, "others")), 4);
    const json_t *base = json_object_get(report, "base");
    ck_assert(real(base, "tokens", NULL, NULL) == 21.0);
    const json_t *q8 = with_label(report, "q8_0 nearest:uniform"),
                 *q4 = with_label(report, "q4_0 nearest:uniform");
    const json_t *wls = with_label(report, "q4_0 wls:uniform");
    ck_assert(fabs(real(q8, "bits_per_weight", NULL, NULL) - 8.5) < 0.02);
    ck_assert(fabs(real(wls, "bits_per_weight", NULL, NULL) - 4.5) < 0.02);
    ck_assert(real(wls, "rmse", NULL, NULL) < real(q4, "rmse", NULL, NULL));
    ck_assert(real(q8, "weighted_rmse", NULL, NULL) < real(wls, "weighted_rmse", NULL, NULL));
    ck_assert_str_eq(text(wls, "rounding"), "wls");
    ck_assert_str_eq(text(wls, "weighting"), "uniform");
    /* The model's own perplexity is every variant's base, but for rounding to binary32. */
    ck_assert(fabs(real(q4, "perplexity", "ppl_base", "value") / real(base, "ppl", "value", NULL) -
                   1.0) < 1e-6);
    ck_assert(real(q8, "kl_divergence", "mean", "value") <
              real(q4, "kl_divergence", "mean", "value"));
    ck_assert_uint_eq(json_array_size(json_object_get(q4, "restricted_kl_divergence")), 2);
    ck_assert_uint_eq(json_array_size(json_object_get(q4, "running")), 3);
    /* Numbers of the tokens have the mean. */
    const json_t *klds = json_object_get(json_object_get(q4, "per_token"), "kld");
    double sum = 0.0;
    ck_assert_uint_eq(json_array_size(klds), 21);
    for (size_t i = 0; i < 21; i++)
        sum += json_number_value(json_array_get(klds, i));
    ck_assert(fabs(sum / 21 - real(q4, "kl_divergence", "mean", "value")) < 1e-12);
    json_decref(report);
}
END_TEST

START_TEST(pairs_are_of_one_format_and_alike)
{
    char words[1024];
    snprintf(words, sizeof words,
             "--format q4_0 --rounding ggml,qx --weighting uniform,importance --importance %s "
             "--without-importance",
             importance);
    json_t *report = report_of(words);
    static const char *const expected[][2] = {
        {"q4_0 ggml without importance", "q4_0 ggml"},
        {"q4_0 qx:uniform", "q4_0 ggml without importance"},
        {"q4_0 qx:importance", "q4_0 ggml"},
    };
    const json_t *pairs = json_object_get(report, "pairs");
    ck_assert_uint_eq(json_array_size(pairs), 3);
    for (size_t i = 0; i < 3; i++) {
        const json_t *pair = json_array_get(pairs, i);
        ck_assert_str_eq(text(pair, "first"), expected[i][0]);
        ck_assert_str_eq(text(pair, "second"), expected[i][1]);
        const double difference =
            real(with_label(report, expected[i][0]), "kl_divergence", "mean", "value") -
            real(with_label(report, expected[i][1]), "kl_divergence", "mean", "value");
        ck_assert(fabs(difference - real(pair, "kld", "value", NULL)) < 1e-12);
    }
    ck_assert(json_is_true(json_object_get(with_label(report, "q4_0 ggml"), "importance")));
    ck_assert(json_is_false(json_object_get(with_label(report, expected[0][0]), "importance")));
    ck_assert(real(with_label(report, "q4_0 ggml"), "rmse", NULL, NULL) !=
              real(with_label(report, expected[0][0]), "rmse", NULL, NULL));
    json_decref(report);
}
END_TEST

START_TEST(rules_decide_before_the_default)
{
    json_t *report = report_of("--format q4_0 --rounding nearest --rule 'attn_q=copy' "
                               "--rule 'attn|embd=q8_0' --rule 'attn_v=q5_0' --rule nothing=copy");
    static const struct {
        const char *rule;
        int tensors;
    } expected[] = {
        {"attn_q=copy", 2}, {"attn|embd=q8_0", 9}, {"attn_v=q5_0", 0}, {"nothing=copy", 0}};
    const json_t *rules = json_object_get(report, "rules"),
                 *other = with_label(report, "q4_0 nearest");
    for (size_t i = 0; i < 4; i++) {
        ck_assert_str_eq(text(json_array_get(rules, i), "rule"), expected[i].rule);
        ck_assert_int_eq((int)real(json_array_get(rules, i), "tensors", NULL, NULL),
                         expected[i].tensors);
    }
    /* Weights in eight bits, norms of attention too: all others but the queries, in four. */
    const int eight =
        TINY_VOCABULARY * TINY_WIDTH + TINY_LAYERS * TINY_WIDTH * (2 * TINY_KV + TINY_WIDTH + 1);
    const int four = TINY_VOCABULARY * TINY_WIDTH + TINY_LAYERS * 3 * TINY_FORWARD * TINY_WIDTH;
    ck_assert_int_eq((int)real(other, "weights", NULL, NULL), eight + four);
    const double bits = (8.5 * eight + 4.5 * four) / (eight + four);
    ck_assert(fabs(real(other, "bits_per_weight", NULL, NULL) - bits) < 0.05);
    json_decref(report);
}
END_TEST

START_TEST(what_does_not_exist_is_said)
{
    json_t *report = report_of("--format iq2_xxs --rounding ggml,nearest");
    const json_t *ggml = with_label(report, "iq2_xxs ggml");
    ck_assert_str_eq(text(ggml, "absent"), "needs importance");
    ck_assert_ptr_null(json_object_get(ggml, "rmse"));
    ck_assert(json_is_null(json_object_get(with_label(report, "iq2_xxs nearest"), "absent")));
    ck_assert_uint_eq(json_array_size(json_object_get(report, "pairs")), 0);
    json_decref(report);
    struct program_result result =
        program_run("eval %s --format iq2_xxs --rounding ggml,nearest", tiny_words);
    ck_assert_int_eq(result.status, 0);
    ck_assert_ptr_nonnull(strstr(result.out, "needs importance"));
    program_free(&result);
}
END_TEST

/* Saved logits of the model, read by `roundel kld`, have its perplexity but for their 16 bits. */
START_TEST(saved_logits_are_read_back)
{
    for (int clamp = 16; clamp <= 24; clamp += 8) {
        struct program_result saved = program_run("eval %s --save-logits %s/saved.kld --clamp %d",
                                                  tiny_words, directory, clamp);
        struct program_result read = program_run("kld %s/saved.kld", directory);
        ck_assert_msg(saved.status == 0 && read.status == 0, "%s%s", saved.err, read.err);
        const char *from = strstr(saved.out, "Mean PPL(base)"),
                   *to = strstr(read.out, "Mean PPL(base)");
        ck_assert(from && to && strstr(read.out, "3 chunks of 16 tokens, 21 tokens scored"));
        const double a = strtod(strchr(from, ':') + 1, NULL);
        ck_assert(fabs(strtod(strchr(to, ':') + 1, NULL) / a - 1.0) < 1e-3);
        program_free(&saved);
        program_free(&read);
    }
}
END_TEST

START_TEST(text_has_the_familiar_lines)
{
    struct program_result result = program_run(
        "eval %s --chunks 8 --first 0 --format q8_0 --rounding nearest,ggml", tiny_words);
    static const char *const lines[] = {
        "tiny.bin, 20904 weights, 2 layers of 24, vocabulary 265\nText: ",
        "ids.txt, 8 chunks, PPL ",
        "8 chunks of 16 tokens, scored from position 0 on: 120 tokens",
        "Q: q8_0 nearest\n====== Perplexity statistics ======\nMean PPL(Q)",
        "====== KL divergence statistics ======\nMean    KLD:",
        "====== Token probability statistics ======",
        "A: q8_0 ggml\nB: q8_0 nearest\nKLD A - B",
        "Paired, token by token",
        "A weighted error is a surrogate",
    };
    ck_assert_msg(result.status == 0, "%s", result.err);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        ck_assert_msg(strstr(result.out, lines[i]) != NULL, "no '%s'", lines[i]);
    program_free(&result);
    result = program_run("eval %s --format q8_0 --rounding nearest --brief", tiny_words);
    ck_assert_ptr_null(strstr(result.out, "======"));
    program_free(&result);
}
END_TEST

START_TEST(threads_do_not_change_a_byte)
{
    static const char words[] = "--context 16 --chunks 3 --format q4_k --rounding nearest,ggml";
    struct program_result one = program_run("eval %s --threads 1", words);
    struct program_result three = program_run("eval %s --threads 3", words);
    ck_assert_int_eq(one.status, 0);
    ck_assert_str_eq(one.out, three.out);
    program_free(&one);
    program_free(&three);
}
END_TEST

START_TEST(checkpoints_need_a_vocabulary)
{
    char words[1400];
    snprintf(words, sizeof words, "eval %.*s", (int)strcspn(tiny_words, " "), tiny_words);
    program_expect_mistake(words, 3, "has no vocabulary of its own");
    snprintf(words, sizeof words, "eval %s --split x", tiny_words);
    program_expect_mistake(words, 2, "--split is for text");
    snprintf(words, sizeof words, "eval %s --importance builtin:tinylm --format q4_0", tiny_words);
    program_expect_mistake(words, 3, "256 values for rows of 24");
}
END_TEST

START_TEST(mistakes_are_named)
{
    program_expect_mistake("eval a.gguf b.gguf", 2, "one MODEL");
    program_expect_mistake("eval /nonexistent.gguf", 3, "/nonexistent.gguf");
    program_expect_mistake("eval builtin:nothing", 2, "builtin:tinylm");
    program_expect_mistake("eval --text builtin:nothing", 2, "builtin:bronte");
    program_expect_mistake("eval --text /nonexistent.txt", 3, "/nonexistent.txt");
    program_expect_mistake("eval --text /dev/null", 3, "a character device");
    program_expect_mistake("eval --importance builtin:nothing --format q4_k", 2, "builtin:nothing");
    program_expect_mistake("eval --context 2", 2, "context '2'");
    program_expect_mistake("eval --context 16 --first 15", 3, "none is left to score");
    program_expect_mistake("eval --chunks 0", 2, "number of chunks '0'");
    program_expect_mistake("eval --context 100000", 3, "where a chunk has 100000");
    program_expect_mistake("eval --split ''", 2, "--split is empty");
    program_expect_mistake("eval --rounding exact", 2, "which formats?");
    program_expect_mistake("eval --rule x=q4_k", 2, "--rule needs --format");
    program_expect_mistake("eval --format q4_k --rule x=f16", 2, "rule 'x=f16'");
    program_expect_mistake("eval --format q4_k --rule q4_k", 2, "REGEX=FORMAT");
    program_expect_mistake(
        "eval --chunks 1 --context 3 --format q4_k --rounding qkx2 --rule v=q8_0", 3,
        "rule 'v=q8_0': there is no rounding 'qkx2' of q8_0");
    program_expect_mistake("eval --format q4_k --without-importance", 2, "needs --importance");
    program_expect_mistake("eval --format q4_k --rounding heap-nl", 2, "heap-nl");
    program_expect_mistake("eval --first 3 --save-logits x.kld", 2, "--save-logits knows no");
    program_expect_mistake("eval --save-logits /nonexistent/x.kld --chunks 1", 2, "/nonexistent");
    program_expect_mistake("eval --clamp 20", 2, "16 or 24");
    program_expect_mistake("eval --json /nonexistent/x.json", 2, "/nonexistent/x.json");
    program_expect_mistake("eval --tokenizer x.bin", 2, "--tokenizer needs --text");
    program_expect_mistake("eval --text builtin:bronte --tokenizer x.bin", 3, "its own vocabulary");
    program_expect_mistake("eval --top 0", 2, "top '0'");
}
END_TEST

START_TEST(a_full_disk_is_noticed)
{
    char words[1400];
    snprintf(words, sizeof words, "eval %s --save-logits /dev/full", tiny_words);
    program_expect_mistake(words, 4, "/dev/full");
    snprintf(words, sizeof words, "eval %s --json /dev/full", tiny_words);
    program_expect_mistake(words, 4, "/dev/full");
}
END_TEST

/* A run that fails leaves no file. */
START_TEST(failures_leave_no_file)
{
    const size_t before = program_count_files(directory);
    char words[1400];
    snprintf(words, sizeof words,
             "eval %s --format q8_0 --on-misfit error --json %s/report --save-logits %s/logits",
             tiny_words, directory, directory);
    program_expect_mistake(words, 3, "rows of 24 weights");
    ck_assert_uint_eq(program_count_files(directory), before);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("eval command");
    TCase *tcase = tcase_create("eval command");
    tcase_set_timeout(tcase, 0);
    tcase_add_unchecked_fixture(tcase, make_files, remove_files);
    tcase_add_test(tcase, json_has_the_errors_and_the_statistics);
    tcase_add_test(tcase, pairs_are_of_one_format_and_alike);
    tcase_add_test(tcase, rules_decide_before_the_default);
    tcase_add_test(tcase, what_does_not_exist_is_said);
    tcase_add_test(tcase, saved_logits_are_read_back);
    tcase_add_test(tcase, text_has_the_familiar_lines);
    tcase_add_test(tcase, threads_do_not_change_a_byte);
    tcase_add_test(tcase, checkpoints_need_a_vocabulary);
    tcase_add_test(tcase, mistakes_are_named);
    tcase_add_test(tcase, a_full_disk_is_noticed);
    tcase_add_test(tcase, failures_leave_no_file);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
