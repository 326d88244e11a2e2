/* The built-in hashes, and the command `roundel verify`. */
#include "golden_copy.h"
#include "golden_hashes.h"
#include "golden_input.h"
#include "program.h"
#include "suite.h"
#include "target_choice.h"

#include <check.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
#ifdef ROUNDEL_SLOW_RUN
    SLOW_RUN = true
#else
    SLOW_RUN = false
#endif
};

/* ------------------------------------------------------------------------------------------------
 * Hashes
 */

/* What the loops of golden_hashes.c should visit in plain C, counted by a walk of its own. */
static size_t count_scalar_encoders(void)
{
    size_t encoders = 0;
    for (unsigned f = 0; f < RDL_FORMAT_COUNT; f++)
        for (unsigned r = 0; r < RDL_FIRST_SEARCH; r++)
            for (unsigned w = 0; w < RDL_WEIGHTING_COUNT; w++) {
                const unsigned plain_c = rdl_encoder_support(
                    (enum rdl_format)f, (enum rdl_rounding)r, (enum rdl_weighting)w, RDL_SCALAR);
                encoders += (plain_c & RDL_PLAIN) != 0;
                encoders += (plain_c & RDL_WITH_IMPORTANCE) != 0;
                for (unsigned t = 0; t < RDL_TARGET_COUNT; t++)
                    ck_assert_msg(!(rdl_encoder_support((enum rdl_format)f, (enum rdl_rounding)r,
                                                        (enum rdl_weighting)w, (enum rdl_target)t) &
                                    ~plain_c),
                                  "an encoder of %s exists on %s but not in plain C",
                                  rdl_format_info((enum rdl_format)f)->name,
                                  rdl_target_name((enum rdl_target)t));
            }
    return encoders;
}

START_TEST(every_encoder_has_its_hash)
{
    struct error error;
    struct hash_result result;
    ck_assert_msg(golden_hashes_check(rdl_detect_targets(), &result, &error), "%s", error.text);
    size_t on_scalar = 0;
    for (size_t i = 0; i < result.count; i++) {
        const struct hash_check *check = &result.checks[i];
        const char *name = rdl_format_info(check->key.format)->name;
        const char *rounding = rdl_rounding_name(check->key.rounding);
        const char *target = rdl_target_name(check->target);
        ck_assert_msg(check->known, "golden_hashes.def lacks %s %s", name, rounding);
        ck_assert_msg(hash_check_passed(check), "%s %s on %s differs", name, rounding, target);
        on_scalar += check->target == RDL_SCALAR && check->encodes && check->decodes;
    }
    ck_assert_uint_eq(on_scalar, count_scalar_encoders());
    ck_assert_uint_eq(golden_hashes_stale(), 0);
    hash_result_free(&result);
}
END_TEST

/* A wrong hash and an unknown key fail; where there is no kernel, nothing is compared. */
START_TEST(check_fails_where_it_should)
{
    struct hash_check check = {.known = true, .encodes = true, .decodes = true};
    ck_assert(hash_check_passed(&check));
    check.actual.encoded = 1;
    ck_assert(!hash_check_passed(&check));
    check.encodes = false;
    ck_assert(hash_check_passed(&check));
    check.actual.decoded = 1;
    ck_assert(!hash_check_passed(&check));
    check.expected.decoded = 1;
    ck_assert(hash_check_passed(&check));
    check.known = false;
    ck_assert(!hash_check_passed(&check));
}
END_TEST

/* The table is what the build would write. */
START_TEST(table_is_as_printed)
{
    FILE *table = fopen(ROUNDEL_SOURCE_DIR "/bench/commands/golden_hashes.def", "rb");
    ck_assert_ptr_nonnull(table);
    static char text[1 << 20];
    const size_t size = fread(text, 1, sizeof text - 1, table);
    ck_assert_uint_lt(size, sizeof text - 1);
    text[size] = '\0';
    ck_assert_int_eq(fclose(table), 0);
    struct program_result printed = program_run("verify --print-hashes");
    ck_assert_int_eq(printed.status, 0);
    /* No ck_assert_str_eq(): its message would be larger than the library can carry. */
    ck_assert_msg(strcmp(printed.out, text) == 0, "golden_hashes.def is another table");
    program_free(&printed);
}
END_TEST

START_TEST(input_is_of_many_kinds)
{
    static float x[GOLDEN_INPUT_WEIGHTS + 1], importance[GOLDEN_INPUT_COLUMNS + 1];
    x[GOLDEN_INPUT_WEIGHTS] = 42.0f;
    importance[GOLDEN_INPUT_COLUMNS] = 42.0f;
    golden_input(x, importance);
    ck_assert_float_eq(x[GOLDEN_INPUT_WEIGHTS], 42.0f);
    ck_assert_float_eq(importance[GOLDEN_INPUT_COLUMNS], 42.0f);

    const float *last_row = x + GOLDEN_INPUT_WEIGHTS - GOLDEN_INPUT_COLUMNS;
    size_t bad = 0, zeros = 0, subnormal = 0, large = 0;
    for (const float *p = x; p < last_row; p++) {
        bad += !isfinite(*p);
        zeros += fpclassify(*p) == FP_ZERO;
        subnormal += fpclassify(*p) == FP_SUBNORMAL;
        large += fabsf(*p) > 1e4f && fabsf(*p) < 65504.0f;
    }
    ck_assert_uint_eq(bad, 0);
    ck_assert_uint_gt(zeros, 1000);
    ck_assert_uint_gt(subnormal, 1000);
    ck_assert_uint_gt(large, 1000);
    for (size_t i = 0; i < GOLDEN_INPUT_COLUMNS; i++)
        bad += !isfinite(last_row[i]);
    ck_assert_uint_eq(bad, 3);

    zeros = 0;
    for (size_t i = 0; i < GOLDEN_INPUT_COLUMNS; i++) {
        ck_assert(importance[i] >= 0.0f && importance[i] <= RDL_IMPORTANCE_MAX);
        zeros += importance[i] == 0.0f;
    }
    ck_assert_uint_gt(zeros, 256);
    ck_assert_uint_lt(zeros, 512);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * The command
 */

static struct golden_copy copy;

static void setup(void)
{
    golden_copy_open(&copy);
}

static void teardown(void)
{
    golden_copy_close(&copy);
}

static json_t *parse(const char *text)
{
    json_error_t error;
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    ck_assert_msg(json != NULL, "line %d: %s", error.line, error.text);
    return json;
}

static json_int_t total(json_t *report, const char *member)
{
    json_t *value = json_object_get(json_object_get(report, "total"), member);
    ck_assert_msg(json_is_integer(value), "no total.%s", member);
    return json_integer_value(value);
}

/* With a file for the JSON, the table is printed all the same: one run gives both. */
static json_t *run_and_report(const char *arguments, struct program_result *table)
{
    *table = program_run("verify %s --json %s/report.json", arguments, copy.root);
    ck_assert_int_eq(table->status, 0);
    ck_assert_str_eq(table->err, "");
    char path[64];
    snprintf(path, sizeof path, "%s/report.json", copy.root);
    json_t *report = json_load_file(path, 0, NULL);
    ck_assert_ptr_nonnull(report);
    golden_copy_remove(&copy, "report.json");
    return report;
}

/* The report names the targets, and each has a line. */
static void expect_targets(unsigned targets, const json_t *report, const char *table)
{
    const json_t *names = json_object_get(report, "targets");
    size_t count = 0;
    for (unsigned t = 0; t < RDL_TARGET_COUNT; t++) {
        char start[32];
        const char *name = rdl_target_name((enum rdl_target)t);
        snprintf(start, sizeof start, "\n%s: ", name);
        ck_assert_int_eq(strstr(table, start) != NULL, targets >> t & 1u);
        if (targets >> t & 1u)
            ck_assert_str_eq(json_string_value(json_array_get(names, count++)), name);
    }
    ck_assert_uint_eq(json_array_size(names), count);
}

START_TEST(hashes_of_this_build_are_right)
{
    struct target_choice choice;
    struct error error;
    ck_assert(target_choose(NULL, &choice, &error));
    struct program_result table;
    json_t *report = run_and_report("", &table);
    ck_assert_ptr_nonnull(strstr(table.out, " encoders and decoders checked, 0 failed\n"));
    ck_assert_int_eq(total(report, "failed"), 0);
    ck_assert_int_gt(total(report, "checked"), 0);
    ck_assert_int_eq((json_int_t)json_array_size(json_object_get(report, "results")),
                     total(report, "checked"));
    expect_targets(target_set(&choice), report, table.out);
    json_decref(report);
    program_free(&table);
}
END_TEST

static void expect_golden_targets(const char *arguments, unsigned targets)
{
    char golden[96];
    snprintf(golden, sizeof golden, "%s --golden %s", arguments, copy.root);
    struct program_result table;
    json_t *report = run_and_report(golden, &table);
    ck_assert_ptr_nonnull(strstr(table.out, "0 cases skipped"));
    ck_assert_int_ge(total(report, "cases"), 2);
    expect_targets(targets, report, table.out);
    json_decref(report);
    program_free(&table);
}

START_TEST(targets_that_ran_are_told)
{
    struct target_choice choice;
    struct error error;
    ck_assert(target_choose(NULL, &choice, &error));
    expect_golden_targets("", target_set(&choice));
    for (unsigned t = 0; t < RDL_TARGET_COUNT; t++)
        if (target_set(&choice) >> t & 1u) {
            ck_assert_int_eq(setenv("RDL_TARGET", rdl_target_name((enum rdl_target)t), 1), 0);
            expect_golden_targets("", 1u << t);
        }
    ck_assert_int_eq(setenv("RDL_TARGET", "nonsense", 1), 0);
    expect_golden_targets("--target scalar", 1u << RDL_SCALAR);
}
END_TEST

/* One line for each target but scalar. */
START_TEST(targets_agree)
{
    struct target_choice choice;
    struct error error;
    ck_assert(target_choose(NULL, &choice, &error));
    struct program_result text = program_run("verify --targets-agree --seed 11");
    ck_assert_msg(text.status == 0, "%s", text.out);
    const char *line = text.out;
    for (unsigned t = RDL_SCALAR + 1; t < RDL_TARGET_COUNT; t++)
        if (target_set(&choice) >> t & 1u) {
            const char *name = rdl_target_name((enum rdl_target)t);
            ck_assert_int_eq(strncmp(line, name, strlen(name)), 0);
            line += strcspn(line, "\n") + 1;
        }
    if (line == text.out)
        ck_assert_str_eq(line, "No target but scalar: nothing to compare.\n");
    else
        ck_assert_str_eq(line, "");
    program_free(&text);

    struct program_result json = program_run("verify --targets-agree --target scalar --json -");
    ck_assert_int_eq(json.status, 0);
    json_t *report = parse(json.out);
    ck_assert_uint_eq(json_array_size(json_object_get(report, "results")), 0);
    ck_assert_int_eq(json_integer_value(json_object_get(report, "seed")), 0);
    json_decref(report);
    program_free(&json);
}
END_TEST

START_TEST(golden_set_agrees)
{
    struct program_result table = program_run("verify --golden '%s'", GOLDEN_SET);
    ck_assert_int_eq(table.status, 0);
    ck_assert_ptr_nonnull(strstr(table.out, "iq4_nl   ref      scalar"));
    ck_assert_str_eq(table.err, "");
    program_free(&table);
}
END_TEST

START_TEST(difference_is_told)
{
    const uint8_t right = golden_copy_flip(&copy, "q8_0/edge.plain.blk", (32 + 5) * 34 + 10, 0x01);
    struct program_result table = program_run("verify --target scalar --golden %s", copy.root);
    ck_assert_int_eq(table.status, 1);
    char line[128];
    snprintf(line, sizeof line,
             "q8_0 plain on scalar: first difference in case edge, row 1, block 5, byte 10: "
             "0x%02x instead of 0x%02x\n",
             right, right ^ 1u);
    ck_assert_ptr_nonnull(strstr(table.out, line));
    ck_assert_ptr_nonnull(strstr(table.out, "144 blocks encoded, 1 different; 8192 values decoded, "
                                            "1 different; 0 cases skipped"));
    program_free(&table);

    struct program_result json =
        program_run("verify --json - --target scalar --golden %s", copy.root);
    ck_assert_int_eq(json.status, 1);
    json_t *report = parse(json.out);
    ck_assert_int_eq(total(report, "blocks_different"), 1);
    ck_assert_int_eq(total(report, "values_different"), 1);
    const char *name;
    json_int_t row, block, index;
    ck_assert_int_eq(json_unpack(report, "{s:[{s:{s:{s:s, s:I, s:I, s:I}}}, o]}", "results",
                                 "blocks", "first_difference", "case", &name, "row", &row, "block",
                                 &block, "index", &index, &(json_t *){NULL}),
                     0);
    ck_assert_str_eq(name, "edge");
    ck_assert_int_eq(row, 1);
    ck_assert_int_eq(block, 5);
    ck_assert_int_eq(index, 10);
    json_decref(report);
    program_free(&json);
}
END_TEST

static const struct {
    const char *arguments;
    int status;
    const char *text;
} mistakes[] = {
    {"--golden /nonexistent/golden", 3,
     "roundel verify: /nonexistent/golden: No such file or directory\n"},
    {"--golden", 2, "roundel verify: option '--golden' needs a value: DIR\n"},
    {"--target scaler", 2,
     "roundel verify: unknown target 'scaler'; did you mean 'scalar'? "
     "Choices: scalar, avx2, avx512, neon\n"},
#if defined(__aarch64__)
    {"--target avx2", 2, "roundel verify: target 'avx2' is not available here; choices: scalar"},
#else
    {"--target neon", 2, "roundel verify: target 'neon' is not available here; choices: scalar"},
#endif
    {"--golden tests/golden --targets-agree", 2,
     "roundel verify: --golden, --targets-agree, --manifest, --compare and --print-hashes are "
     "several checks; ask for one at a time\n"},
    {"--seed 3", 2, "roundel verify: --seed is for the data of --targets-agree\n"},
    {"--targets-agree --seed x", 2, "roundel verify: seed 'x' is no whole number from 0"},
    {"tests/golden", 2,
     "roundel verify: takes no argument 'tests/golden' without --manifest or --compare; a "
     "directory "
     "of golden vectors is --golden DIR\n"},
    {"--compare a.gguf", 2, "roundel verify: --compare wants two models\n"},
    {"--manifest a.json", 2, "roundel verify: --manifest needs the one MODEL to compare with it\n"},
    {"--compare a.gguf b.gguf --source c.gguf", 2,
     "roundel verify: --source is wanted for each of the two models, or for none\n"},
    {"--compare /nonexistent/a.gguf b.gguf", 3, "roundel verify: /nonexistent/a.gguf: No such"},
    {"--print-hashes --json -", 2,
     "roundel verify: --print-hashes goes with no --golden, --targets-agree or --json\n"},
};

START_TEST(other_directory_is_told)
{
    golden_copy_add_directory(&copy, "photographs");
    struct program_result result = program_run("verify --golden %s", copy.root);
    ck_assert_int_eq(result.status, 3);
    ck_assert_msg(strstr(result.err, ": not a golden directory: subdirectory 'photographs' is no "
                                     "format\n") != NULL,
                  "%s", result.err);
    program_free(&result);
}
END_TEST

START_TEST(mistake_is_named)
{
    struct program_result result = program_run("verify %s", mistakes[_i].arguments);
    ck_assert_int_eq(result.status, mistakes[_i].status);
    ck_assert_str_eq(result.out, "");
    ck_assert_msg(strncmp(result.err, mistakes[_i].text, strlen(mistakes[_i].text)) == 0, "%s",
                  result.err);
    program_free(&result);
}
END_TEST

int main(void)
{
    /* The tests of hashes ask all targets; what the command says of one will do. */
    if (SLOW_RUN && setenv("RDL_TARGET", "scalar", 1) != 0)
        return EXIT_FAILURE;
    Suite *suite = suite_create("verify");
    TCase *hashes = tcase_create("hashes");
    tcase_set_timeout(hashes, 0);
    tcase_add_test(hashes, every_encoder_has_its_hash);
    tcase_add_test(hashes, check_fails_where_it_should);
    if (!SLOW_RUN) /* the hashes are those of the first test */
        tcase_add_test(hashes, table_is_as_printed);
    tcase_add_test(hashes, input_is_of_many_kinds);
    suite_add_tcase(suite, hashes);

    TCase *command = tcase_create("command");
    tcase_set_timeout(command, 0);
    tcase_add_checked_fixture(command, setup, teardown);
    tcase_add_test(command, hashes_of_this_build_are_right);
    tcase_add_test(command, targets_that_ran_are_told);
    tcase_add_test(command, targets_agree);
    tcase_add_test(command, golden_set_agrees);
    tcase_add_test(command, difference_is_told);
    tcase_add_test(command, other_directory_is_told);
    tcase_add_loop_test(command, mistake_is_named, 0, sizeof mistakes / sizeof mistakes[0]);
    suite_add_tcase(suite, command);

    return suite_run(suite);
}
