/* `roundel quantize`: which tensor becomes what. */
#include "program.h"
#include "quantize_rules.h"
#include "quantize_run.h"
#include "suite.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

static struct error error;

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
    {"a=q4_q", "rule 'a=q4_q': unknown format 'q4_q'; did you mean 'q4_k'?"},
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
        ck_assert_str_eq(json_string_value(json_object_get(row, "name")), quantize_tensors[t].name);
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
    ck_assert_uint_eq(program_count_files(quantize_directory), 2); /* the inputs */
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
    {"in.gguf", "--format q8_0 --manifest -", 2, "--json - and --manifest - both want stdout"},
    {"nothing.gguf", "--format q8_0", 3, "nothing.gguf: No such file"},
    {"in.gguf", "more --format q8_0", 2, "a third argument 'more'"},
};

START_TEST(importance_of_another_shape_is_refused)
{
    char options[512];
    quantize_write_importance("other.dat", MATRICES - 1);
    snprintf(options, sizeof options, "--format q4_0 --importance %s", path_of("other.dat"));
    expect_quantize_mistake(path_of("in.gguf"), "out.gguf", options, 3,
                            "in.gguf: tensor \"blk.0.ffn_down_exps.weight\": the importance matrix "
                            "has 512 values for rows of 256 weights");
}
END_TEST

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
    expect_quantize_mistake(in, "out.gguf", matrix ? options : mistakes[_i].options,
                            mistakes[_i].status, said);
    ck_assert_uint_eq(program_count_files(quantize_directory), 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("quantize_plan");
    TCase *tests = tcase_create("plan");
    tcase_set_timeout(tests, 0);
    tcase_add_checked_fixture(tests, quantize_setup, quantize_teardown);
    tcase_add_test(tests, first_rule_that_matches_wins);
    tcase_add_loop_test(tests, wrong_rule_is_refused, 0,
                        sizeof wrong_rules / sizeof wrong_rules[0]);
    tcase_add_test(tests, defaults_and_rules_decide);
    tcase_add_test(tests, misfit_skips);
    tcase_add_test(tests, importance_of_another_shape_is_refused);
    tcase_add_loop_test(tests, mistake_is_named, 0, sizeof mistakes / sizeof mistakes[0]);
    suite_add_tcase(suite, tests);

    return suite_run(suite);
}
