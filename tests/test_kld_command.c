/* `roundel kld`: from files to text, JSON and exit status. */
#include "kld_example.h"
#include "program.h"
#include "suite.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *directory;
static struct kld_example example;

static const char *path_of(const char *name)
{
    static char paths[8][256];
    static unsigned next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", directory, name);
    return path;
}

/* Both models of the example with both clamps, a model halfway between them, and one of another
 * text. */
static void make_files(void)
{
    directory = program_directory();
    kld_example_make(&example);
    kld_example_write(&example, example.base[0], 16.0f, path_of("base16.kld"));
    kld_example_write(&example, example.base[0], 24.0f, path_of("base24.kld"));
    kld_example_write(&example, example.other[0], 16.0f, path_of("other16.kld"));
    kld_example_write(&example, example.other[0], 24.0f, path_of("other24.kld"));
    struct kld_example changed = example;
    for (int row = 0; row < EXAMPLE_ROWS; row++)
        for (int i = 0; i < EXAMPLE_VOCABULARY; i++)
            changed.other[row][i] = 0.5f * (example.base[row][i] + example.other[row][i]);
    kld_example_write(&changed, changed.other[0], 16.0f, path_of("half16.kld"));
    changed.tokens[100] = (changed.tokens[100] + 1) % 5;
    kld_example_write(&changed, changed.other[0], 16.0f, path_of("text.kld"));
}

static void remove_files(void)
{
    program_remove_directory(directory);
}

/* Writes the first chunks of the example alone. */
static void write_chunks(uint32_t chunks, const float *logits, const char *path)
{
    const struct logits_shape shape = {EXAMPLE_CONTEXT, EXAMPLE_VOCABULARY, chunks};
    struct logits_writer writer;
    struct error error;
    ck_assert(logits_writer_open(&writer, path, &shape, example.tokens, 16.0f, &error));
    for (uint32_t row = 0; row < chunks * EXAMPLE_PER_CHUNK; row++)
        ck_assert(logits_writer_add(&writer, logits + row * EXAMPLE_VOCABULARY, &error));
    ck_assert(logits_writer_commit(&writer, &error));
    logits_writer_close(&writer);
}

static json_t *json_of(const char *arguments)
{
    struct program_result result = program_run("kld --json - %s", arguments);
    ck_assert_msg(result.status == 0, "%s", result.err);
    json_error_t error;
    json_t *json = json_loads(result.out, JSON_REJECT_DUPLICATES, &error);
    ck_assert_msg(json != NULL, "%s", error.text);
    program_free(&result);
    return json;
}

/* The number at a path of members, "others.0.perplexity.ppl.value"; NaN for null. */
static double number_at(const json_t *json, const char *path)
{
    char words[256], *rest;
    snprintf(words, sizeof words, "%s", path);
    for (const char *word = strtok_r(words, ".", &rest); json && word;
         word = strtok_r(NULL, ".", &rest))
        json = json_is_array(json) ? json_array_get(json, (size_t)strtoul(word, NULL, 10))
                                   : json_object_get(json, word);
    ck_assert_msg(json != NULL, "no %s", path);
    return json_is_null(json) ? (double)NAN : json_number_value(json);
}

#define NEAR(json, path, expected, tolerance)                                                      \
    ck_assert_msg(fabs(number_at(json, path) - (expected)) <= (tolerance), "%s is %.12g", path,    \
                  number_at(json, path))

static char arguments[1024];

static const char *files(const char *options, const char *a, const char *b, const char *c)
{
    snprintf(arguments, sizeof arguments, "%s %s %s %s", options, path_of(a), b ? path_of(b) : "",
             c ? path_of(c) : "");
    return arguments;
}

/* ------------------------------------------------------------------------------------------------
 */

/* Both models went through 16 bits: two grids of noise, one more than in the worked example. */
START_TEST(json_has_the_statistics_of_the_example)
{
    json_t *json = json_of(files("--size 10GB --top 2,5", _i == 0 ? "base16.kld" : "base24.kld",
                                 _i == 0 ? "other16.kld" : "other24.kld", NULL));
    NEAR(json, "base.tokens", 120, 0);
    NEAR(json, "base.chunks", 40, 0);
    NEAR(json, "base.ppl.value", 7.44832, 1e-5);
    NEAR(json, "base.ppl.standard_error", 2.193536, 1e-5);
    NEAR(json, "others.0.perplexity.ppl.value", 7.428150, 1e-3);
    NEAR(json, "others.0.perplexity.log_ratio.value", -0.0027116, 1e-4);
    NEAR(json, "others.0.perplexity.correlation", 0.998402, 1e-5);
    NEAR(json, "others.0.kl_divergence.mean.value", 0.012094, 1e-5);
    NEAR(json, "others.0.kl_divergence.mean.standard_error", 0.001585, 1e-5);
    NEAR(json, "others.0.kl_divergence.mean.interval_99.1", 0.012094 + 0.004149, 1e-5);
    NEAR(json, "others.0.kl_divergence.top_5_percent.value", 0.062870, 1e-4);
    NEAR(json, "others.0.kl_divergence.quantiles.0.level", 1.0, 0.0);
    NEAR(json, "others.0.kl_divergence.quantiles.0.value", 0.074218, 1e-4);
    NEAR(json, "others.0.delta_p.rms.value", 0.028789, 1e-5);
    NEAR(json, "others.0.agreement.same_top.count", 113, 0);
    NEAR(json, "others.0.restricted_kl_divergence.0.top", 2, 0);
    NEAR(json, "others.0.restricted_kl_divergence.0.kld.value", 0.009594, 1e-5);
    NEAR(json, "others.0.restricted_kl_divergence.1.kld.value", 0.012094, 1e-5);
    NEAR(json, "others.0.per_size.top_p_per_gb", 9.4166667, 1e-6);
    NEAR(json, "others.0.per_size.inv_kld_per_gb", 8.2686, 1e-2);
    ck_assert(json_is_null(json_object_get(json, "paired")));
    json_decref(json);
}
END_TEST

START_TEST(clamps_are_told_apart)
{
    json_t *json = json_of(files("", "base16.kld", NULL, NULL));
    NEAR(json, "base.clamp", 16.0, 0.0);
    ck_assert_uint_eq(json_array_size(json_object_get(json, "others")), 0);
    json_decref(json);
    json = json_of(files("", "base24.kld", NULL, NULL));
    ck_assert(isnan(number_at(json, "base.clamp")));
    json_decref(json);
}
END_TEST

START_TEST(a_file_against_itself_is_no_distance)
{
    json_t *json = json_of(files("", "base24.kld", "base24.kld", NULL));
    NEAR(json, "others.0.perplexity.ratio.value", 1.0, 0.0);
    NEAR(json, "others.0.perplexity.ratio.standard_error", 0.0, 0.0);
    NEAR(json, "others.0.perplexity.correlation", 1.0, 1e-12);
    NEAR(json, "others.0.kl_divergence.mean.value", 0.0, 0.0);
    NEAR(json, "others.0.agreement.same_top.value", 1.0, 0.0);
    json_decref(json);
}
END_TEST

/* The model halfway to the base is nearer to it, by about 4: KL is quadratic. */
START_TEST(two_models_are_compared_in_pairs)
{
    json_t *json = json_of(files("", "base16.kld", "half16.kld", "other16.kld"));
    const double half = number_at(json, "others.0.kl_divergence.mean.value");
    const double full = number_at(json, "others.1.kl_divergence.mean.value");
    NEAR(json, "paired.kld.value", half - full, 1e-12);
    ck_assert(number_at(json, "paired.kld.interval_99.1") < 0.0);
    NEAR(json, "paired.kld_change.value", half / full - 1.0, 1e-9);
    NEAR(json, "paired.kld_change.value", -0.75, 0.05);
    ck_assert(number_at(json, "paired.tokens.smaller_kld") > 0.9);
    NEAR(json, "paired.nll.value",
         number_at(json, "others.0.perplexity.log_ratio.value") -
             number_at(json, "others.1.perplexity.log_ratio.value"),
         1e-9);
    json_decref(json);
}
END_TEST

START_TEST(text_has_the_familiar_lines)
{
    struct program_result result =
        program_run("kld %s", files("--size 2MB", "base16.kld", "other16.kld", "half16.kld"));
    ck_assert_int_eq(result.status, 0);
    ck_assert_str_eq(result.err, "");
    static const char *const lines[] = {
        "Clamp of the file: 16 nats\n",
        "====== Perplexity statistics ======\nMean PPL(Q)                   :   7.42",
        "Mean PPL(base)                :   7.448319 ±   2.193536\n",
        "Cor(ln(PPL(Q)), ln(PPL(base))):  99.84%\n",
        "Mean ln(PPL(Q)/PPL(base))     :  -0.00",
        "====== KL divergence statistics ======\nMean    KLD:   0.0120",
        "\nMaximum KLD:   0.07",
        "\n99.9%   KLD:   0.07",
        "\nMedian  KLD:   0.003",
        "\n 5.0%   KLD:   0.0000",
        "====== Token probability statistics ======\nMean    Δp: -0.080 ± 0.264 %\n",
        "\n75.0%   Δp:  0.328%\n",
        "\nRMS Δp    :  2.879 ± 0.313 %\nSame top p: 94.167 ± 2.148 %\n",
        "Per size (2000000 bytes",
        "====== Paired comparison, token by token ======\n",
    };
    const char *at = result.out;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        const char *found = strstr(at, lines[i]);
        ck_assert_msg(found != NULL, "no '%s' in %s", lines[i], at);
        at = found;
    }
    ck_assert_ptr_null(strstr(result.out, "nan"));
    program_free(&result);
}
END_TEST

START_TEST(running_lines_are_printed_on_demand)
{
    struct program_result result =
        program_run("kld %s", files("--per-chunk", "base16.kld", "other16.kld", NULL));
    ck_assert_ptr_nonnull(strstr(result.out, "chunk             PPL               ln(PPL(Q)"));
    ck_assert_ptr_nonnull(strstr(result.out, "\n   1     "));
    ck_assert_ptr_nonnull(strstr(result.out, "\n  40     "));
    ck_assert_ptr_null(strstr(result.out, "\n  41     "));
    program_free(&result);
    json_t *json = json_of(files("--per-chunk", "base16.kld", "other16.kld", NULL));
    NEAR(json, "others.0.running.39.chunk", 40, 0);
    NEAR(json, "others.0.running.39.kld.0", number_at(json, "others.0.kl_divergence.mean.value"),
         0.0);
    json_decref(json);
}
END_TEST

START_TEST(numbers_of_tokens_are_written_on_demand)
{
    json_t *json = json_of(files("--per-token", "base16.kld", "other16.kld", NULL));
    double sum = 0.0;
    for (int i = 0; i < 120; i++) {
        char path[64];
        snprintf(path, sizeof path, "others.0.per_token.kld.%d", i);
        sum += number_at(json, path);
    }
    NEAR(json, "others.0.kl_divergence.mean.value", sum / 120, 1e-9);
    json_decref(json);
    program_expect_mistake("kld a.kld --per-token", 2,
                           "--per-token is for the JSON report: give --json FILE");
}
END_TEST

/* 99 tokens: no final block. 9: no uncertainties, and nothing that is no number. */
START_TEST(few_tokens_have_few_statistics)
{
    static const uint32_t few[] = {33, 3};
    for (int i = 0; i < 2; i++) {
        const uint32_t chunks = few[i];
        write_chunks(chunks, example.base[0], path_of("few-base.kld"));
        write_chunks(chunks, example.other[0], path_of("few-other.kld"));
        const char *words = files("", "few-base.kld", "few-other.kld", "few-base.kld");
        struct program_result result = program_run("kld %s", words);
        ck_assert_int_eq(result.status, 0);
        ck_assert_ptr_null(strstr(result.out, "====="));
        ck_assert_ptr_nonnull(strstr(result.out, "Fewer than 100 tokens"));
        ck_assert_ptr_null(strstr(result.out, "nan"));
        program_free(&result);
        json_t *json = json_of(words);
        const bool enough = chunks > 3;
        ck_assert((number_at(json, "others.0.perplexity.ppl.standard_error") > 0.0) == enough);
        ck_assert((isnan(number_at(json, "others.0.perplexity.correlation")) == 0) == enough);
        json_decref(json);
    }
}
END_TEST

/* Files that several threads share: 96 rows of 6 KiB, three models. */
static void write_wide_files(void)
{
    static const struct logits_shape shape = {34, 3000, 6};
    static int32_t tokens[34 * 6];
    static float logits[3000];
    static const char *const names[] = {"wide0.kld", "wide1.kld", "wide2.kld"};
    for (int i = 0; i < 34 * 6; i++)
        tokens[i] = i * 997 % 3000;
    for (int model = 0; model < 3; model++) {
        struct logits_writer writer;
        struct error error;
        uint32_t state = 1;
        ck_assert(
            logits_writer_open(&writer, path_of(names[model]), &shape, tokens, 16.0f, &error));
        for (uint64_t row = 0; row < logits_rows(&shape); row++) {
            for (int i = 0; i < 3000; i++) {
                state = state * 1664525u + 1013904223u;
                logits[i] = (float)(state >> 16) * 0x1p-13f + (float)(model * (i % 7)) * 0.05f;
            }
            ck_assert(logits_writer_add(&writer, logits, &error));
        }
        ck_assert(logits_writer_commit(&writer, &error));
        logits_writer_close(&writer);
    }
}

START_TEST(threads_do_not_change_a_byte)
{
    write_wide_files();
    char words[1100];
    snprintf(words, sizeof words, "%s",
             files("--per-chunk --json -", "wide0.kld", "wide1.kld", "wide2.kld"));
    struct program_result one = program_run("kld --threads 1 %s", words);
    ck_assert_int_eq(one.status, 0);
    for (int threads = 2; threads <= 5; threads += 3) {
        struct program_result more = program_run("kld --threads %d %s", threads, words);
        ck_assert_str_eq(one.out, more.out);
        program_free(&more);
    }
    program_free(&one);
}
END_TEST

START_TEST(mistakes_are_named)
{
    program_expect_mistake("kld", 2, "no BASE");
    program_expect_mistake("kld /nonexistent.kld", 3, "/nonexistent.kld");
    program_expect_mistake("kld /dev/null", 3, "a character device");
    program_expect_mistake("kld x.kld --size 3", 2, "more sizes than models");
    program_expect_mistake("kld x.kld y.kld --size 3TB", 2, "'3TB'");
    program_expect_mistake("kld x.kld y.kld --size -3", 2, "'-3'");
    program_expect_mistake("kld x.kld y.kld --top 5,0", 2, "top '0'");
    program_expect_mistake("kld x.kld y.kld --top 5,,6", 2, "top ''");
    program_expect_mistake("kld x.kld y.kld --top 1,2,3,4,5", 2, "at most 4");
    program_expect_mistake("kld x.kld --json /nonexistent/x.json", 2, "/nonexistent/x.json");
    char words[1100];
    snprintf(words, sizeof words, "kld %s", files("", "base16.kld", "text.kld", NULL));
    program_expect_mistake(words, 3, "another text: token 4 of chunk 12");
    write_chunks(10, example.other[0], path_of("few-other.kld"));
    snprintf(words, sizeof words, "kld %s", files("", "base16.kld", "few-other.kld", NULL));
    program_expect_mistake(words, 3, "few-other.kld: its number of chunks is 10, the base's is 40");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("kld command");
    TCase *tcase = tcase_create("kld command");
    tcase_set_timeout(tcase, 0);
    tcase_add_unchecked_fixture(tcase, make_files, remove_files);
    tcase_add_loop_test(tcase, json_has_the_statistics_of_the_example, 0, 2);
    tcase_add_test(tcase, clamps_are_told_apart);
    tcase_add_test(tcase, a_file_against_itself_is_no_distance);
    tcase_add_test(tcase, two_models_are_compared_in_pairs);
    tcase_add_test(tcase, text_has_the_familiar_lines);
    tcase_add_test(tcase, running_lines_are_printed_on_demand);
    tcase_add_test(tcase, numbers_of_tokens_are_written_on_demand);
    tcase_add_test(tcase, few_tokens_have_few_statistics);
    tcase_add_test(tcase, threads_do_not_change_a_byte);
    tcase_add_test(tcase, mistakes_are_named);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
