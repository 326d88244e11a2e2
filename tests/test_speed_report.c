/* Names of cases (plots/charts/case_name.c) and speeds out of reports (plots/charts/speed_report.c). */
#include "program.h"
#include "speed_report.h"
#include "suite.h"
#include "working_set.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------
 * Names
 */

/* The name of a case of a kernel, as roundel-bench is documented to spell it. */
static void spell(char *text, size_t size, const struct case_name *name)
{
    const char *format = rdl_format_info(name->format)->name;
    const char *target = rdl_target_name(name->target), *level = case_level_name(name->level);
    const bool native = name->weighting == RDL_NATIVE;
    if (name->kind == CASE_QUANTIZE)
        snprintf(text, size, "quantize/%s/%s%s%s%s/%s/%s", format,
                 rdl_rounding_name(name->rounding), native ? "" : ":",
                 native ? "" : rdl_weighting_name(name->weighting),
                 name->importance ? "+importance" : "", target, level);
    else
        snprintf(text, size, "dequantize/%s/%s/%s", format, target, level);
}

static unsigned count_scalar_kernels(void)
{
    unsigned count = 0;
    for (unsigned format = 0; format < RDL_FORMAT_COUNT; format++) {
        count += rdl_decoder_support((enum rdl_format)format, RDL_SCALAR);
        for (unsigned rounding = 0; rounding < RDL_FIRST_SEARCH; rounding++)
            for (unsigned weighting = 0; weighting < RDL_WEIGHTING_COUNT; weighting++) {
                const unsigned support =
                    rdl_encoder_support((enum rdl_format)format, (enum rdl_rounding)rounding,
                                        (enum rdl_weighting)weighting, RDL_SCALAR);
                count += (support & RDL_PLAIN) != 0;
                count += (support & RDL_WITH_IMPORTANCE) != 0;
            }
    }
    return count;
}

START_TEST(names_of_the_benchmark_are_understood)
{
    FILE *list = popen(ROUNDEL_EMULATOR " '" ROUNDEL_BENCH_PROGRAM "' --benchmark_list_tests "
                                        "--benchmark_filter='^(quantize/.*|dequantize/[a-z0-9_]*)"
                                        "/scalar/DRAM$' 2>/dev/null",
                       "r");
    ck_assert_ptr_nonnull(list);
    unsigned count = 0;
    char line[256], spelled[256];
    while (fgets(line, sizeof line, list)) {
        line[strcspn(line, "\n")] = '\0';
        struct case_name name;
        ck_assert_msg(case_name_parse(&name, line), "%s", line);
        spell(spelled, sizeof spelled, &name);
        ck_assert_str_eq(spelled, line);
        count++;
    }
    ck_assert_int_eq(pclose(list), 0);
    ck_assert_uint_eq(count, count_scalar_kernels());
}
END_TEST

START_TEST(levels_are_those_of_the_benchmark)
{
    ck_assert_uint_eq((unsigned)CASE_LEVEL_COUNT, (unsigned)LEVEL_COUNT);
    for (unsigned level = 0; level < CASE_LEVEL_COUNT; level++)
        ck_assert_str_eq(case_level_name(level), memory_level_name((enum memory_level)level));
    ck_assert_ptr_null(case_level_name(CASE_LEVEL_COUNT));
    ck_assert_ptr_null(case_kind_name(CASE_KIND_COUNT));
}
END_TEST

START_TEST(weightings_have_a_plus_in_them)
{
    struct case_name name;
    ck_assert(case_name_parse(&name, "quantize/q4_k/ggml-fixed:rms+abs+importance/avx512/L1"));
    ck_assert_int_eq(name.kind, CASE_QUANTIZE);
    ck_assert_int_eq(name.format, RDL_Q4_K);
    ck_assert_int_eq(name.rounding, RDL_GGML_FIXED);
    ck_assert_int_eq(name.weighting, RDL_RMS_ABS);
    ck_assert(name.importance);
    ck_assert_int_eq(name.target, RDL_AVX512);
    ck_assert_int_eq(name.level, CASE_LEVEL_L1);
    ck_assert(case_name_parse(&name, "quantize/q4_k/ggml:importance/scalar/L1"));
    ck_assert_int_eq(name.weighting, RDL_IMPORTANCE);
    ck_assert(!name.importance);
    ck_assert(case_name_parse(&name, "store/DRAM"));
    ck_assert_int_eq(name.kind, CASE_STORE);
    ck_assert_int_eq(name.level, CASE_LEVEL_DRAM);
}
END_TEST

static const char *const other_names[] = {
    "",
    "/",
    "quantize",
    "quantize/q4_k/ggml/avx2",
    "quantize/q4_k/ggml/avx2/",
    "quantize/q4_k/ggml/avx2/L2/threads:2",
    "quantize/q4_k/ggml/avx2/L2/",
    "quantize/q4_k/ggml/avx2@wide/L2",
    "quantize/q4_k/ggml/avx2/L22",
    "quantize/q4_k/ggml/avx2/L",
    "quantize/q4_/ggml/avx2/L2",
    "quantize/q4_k/gg/avx2/L2",
    "quantize/q4_k/ggml:/avx2/L2",
    "quantize/q4_k/ggml:x3/avx2/L2",
    "quantize/q4_k/+importance/avx2/L2",
    "quantize/q4_k/ggml+importance+importance/avx2/L2",
    "Quantize/q4_k/ggml/avx2/L2",
    "dequantize/q4_k/ggml/avx2/L2",
    "dequantize/q4_k/avx2",
    "best_index/iq4_nl/table/avx2",
    "store/L2/L2",
    "store",
    "a/b/c/d/e/f/g/h",
};

START_TEST(other_names_are_refused)
{
    struct case_name name;
    ck_assert_msg(!case_name_parse(&name, other_names[_i]), "%s", other_names[_i]);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Reports
 */

#define CONTEXT                                                                                    \
    "\"context\": {\"date\": \"2026-11-22T09:36:41+00:00\", \"cpu\": \"Cpu \\u0007\\\"\", "        \
    "\"compiler\": \"GNU 12\", \"flags\": \"-O3\", \"roundel\": \"0.1.0\", "                       \
    "\"commit\": \"abc\"}"
#define RUN(name, speed)                                                                           \
    "{\"run_name\": \"" name "\", \"run_type\": \"iteration\", \"items_per_second\": " speed "}"
#define AGGREGATE(name, kind, runs, speed)                                                         \
    "{\"run_name\": \"" name "\", \"run_type\": \"aggregate\", \"aggregate_name\": \"" kind        \
    "\", \"repetitions\": " runs ", \"items_per_second\": " speed "}"
#define FAILED(name) "{\"run_name\": \"" name "\", \"error_occurred\": true}"
#define REPORT(rows) "{" CONTEXT ", \"benchmarks\": [" rows "]}"

static const struct speed_choice quantize = {CASE_QUANTIZE, RDL_GGML, CASE_LEVEL_L2};
static const struct speed_choice dequantize = {CASE_DEQUANTIZE, RDL_GGML_FIXED, CASE_LEVEL_L2};

static struct speed_report report;
static struct error error;

static bool read_text(const char *text, size_t length, const struct speed_choice *choice)
{
    char *directory = program_directory();
    char *path = program_file(directory, "r.json", text, length);
    memset(&report, 0x5a, sizeof report);
    const bool read = speed_report_read(&report, path, choice, &error);
    ck_assert_msg(
        read || (strncmp(error.text, path, strlen(path)) == 0 && error.text[strlen(path)] == ':'),
        "%s", error.text);
    free(path);
    program_remove_directory(directory);
    return read;
}

static void read_report(const char *text, const struct speed_choice *choice)
{
    ck_assert_msg(read_text(text, strlen(text), choice), "%s", error.text);
}

static unsigned count_speeds(void)
{
    unsigned count = 0;
    for (unsigned format = 0; format < RDL_FORMAT_COUNT; format++)
        for (unsigned target = 0; target < RDL_TARGET_COUNT; target++)
            for (unsigned series = 0; series < 2; series++)
                count += report.speed[format][target][series] != 0;
    return count;
}

START_TEST(runs_count_by_their_median)
{
    read_report(
        REPORT(
            RUN("quantize/q4_k/ggml/avx2/L2", "300") "," /* even: the middle two */
            RUN("quantize/q4_k/ggml/scalar/L2", "70") "," RUN(
                "quantize/q4_k/ggml/avx2/L2",
                "100") "," RUN("quantize/q4_k/ggml+importance/avx2/L2",
                               "50") "," RUN("quantize/q4_k/ggml/scalar/L2",
                                             "20") "," RUN("quantize/q4_k/ggml/avx2/L2",
                                                           "200") "," RUN("quantize/q4_k/ggml/"
                                                                          "scalar/L2",
                                                                          "30") "," RUN("quantize/"
                                                                                        "q4_k/ggml/"
                                                                                        "avx2/L2",
                                                                                        "1000")),
        &quantize);
    ck_assert(report.speed[RDL_Q4_K][RDL_SCALAR][0] == 30);
    ck_assert(report.speed[RDL_Q4_K][RDL_AVX2][0] == 250);
    ck_assert(report.speed[RDL_Q4_K][RDL_AVX2][1] == 50);
    ck_assert_uint_eq(count_speeds(), 3);
    ck_assert_uint_eq(report.least_runs, 1);
    ck_assert_uint_eq(report.most_runs, 4);
    ck_assert_uint_eq(report.unknown + report.failed, 0);
    ck_assert(report.store == 0);
}
END_TEST

START_TEST(the_reports_own_medians_go_before_runs)
{
    read_report(
        REPORT(RUN("quantize/q4_k/ggml/avx2/L2", "100") "," AGGREGATE(
            "quantize/q4_k/ggml/avx2/L2", "mean", "9",
            "11") "," AGGREGATE("quantize/q4_k/ggml/avx2/L2", "median", "9",
                                "77") "," AGGREGATE("quantize/q4_k/ggml/avx2/L2", "cv", "9",
                                                    "0.01") "," RUN("quantize/q4_k/ggml/avx2/L2",
                                                                    "101")),
        &quantize);
    ck_assert(report.speed[RDL_Q4_K][RDL_AVX2][0] == 77);
    ck_assert_uint_eq(report.least_runs, 9);
    ck_assert_uint_eq(report.most_runs, 9);
}
END_TEST

static const char mixed[] = "{" CONTEXT ", \"benchmarks\": [" /* rows of all kinds */
    RUN("quantize/q4_k/ggml/avx2/L1", "11") ","               /* another level */
    RUN("quantize/q4_k/ggml/avx2/L2", "12") ","               /* */
    RUN("quantize/q4_k/nearest/avx2/L2", "13") ","            /* another rounding */
    RUN("quantize/q4_k/ggml:x2/avx2/L2", "14") ","            /* another weighting */
    RUN("dequantize/q4_k/avx2/L2", "15") ","                  /* */
    RUN("dequantize/q4_k/avx2/L2/threads:2", "16") ","        /* another shape */
    RUN("best_index/\\u0001", "17") ","                       /* and another */
    RUN("store/L2", "18") ","                                 /* */
    RUN("store/L1", "19") ","                                 /* another level */
    RUN("read/L2", "20") ","                                  /* */
    FAILED("quantize/q5_k/ggml/avx2/L2") ","                  /* */
    FAILED("quantize/q5_k/ggml/avx2/L1") "]}";                /* another level */

START_TEST(only_what_was_chosen_counts)
{
    read_report(mixed, &quantize);
    ck_assert(report.speed[RDL_Q4_K][RDL_AVX2][0] == 12);
    ck_assert_uint_eq(count_speeds(), 1);
    ck_assert(report.store == 0);
    ck_assert_uint_eq(report.unknown, 2);
    ck_assert_str_eq(report.first_unknown, "dequantize/q4_k/avx2/L2/threads:2");
    ck_assert_uint_eq(report.failed, 1);

    read_report(mixed, &dequantize);
    ck_assert(report.speed[RDL_Q4_K][RDL_AVX2][0] == 15);
    ck_assert_uint_eq(count_speeds(), 1);
    ck_assert(report.store == 18);
    ck_assert_uint_eq(report.failed, 0);
}
END_TEST

START_TEST(the_context_is_fit_for_printing)
{
    read_report(REPORT(RUN("quantize/q4_k/ggml/avx2/L2", "12")), &quantize);
    ck_assert_str_eq(report.cpu, "Cpu \\x07\\x22");
    ck_assert_str_eq(report.compiler, "GNU 12");
    ck_assert_str_eq(report.flags, "-O3");
    ck_assert_str_eq(report.version, "0.1.0");
    ck_assert_str_eq(report.commit, "abc");
    ck_assert_str_eq(report.date, "2026-11-22");
}
END_TEST

#define GOOD "quantize/q4_k/ggml/avx2/L2"

static const struct {
    const char *text, *said;
} bad_reports[] = {
    {"", "JSON"},
    {"{", "JSON"},
    {"\xff", "JSON"},
    {"{\"context\": {}, \"context\": {}}", "JSON: duplicate object key"},
    {"[]", "no report of roundel-bench: \"context\": no string \"cpu\""},
    {"7", "no report of roundel-bench"},
    {"{\"context\": [], \"benchmarks\": []}", "\"context\": no string \"cpu\""},
    {"{\"context\": {\"cpu\": 3}, \"benchmarks\": []}", "\"context\": no string \"cpu\""},
    {"{\"context\": {\"cpu\": \"c\", \"compiler\": \"c\"}}", "no string \"flags\""},
    {"{" CONTEXT "}", "no report of roundel-bench: no array \"benchmarks\""},
    {"{" CONTEXT ", \"benchmarks\": {}}", "no array \"benchmarks\""},
    {REPORT(""), "no case quantize/FORMAT/ggml/TARGET/L2 with a speed"},
    {REPORT("7"), "row 0 of \"benchmarks\": no string \"run_name\""},
    {REPORT("{\"run_name\": null}"), "row 0 of \"benchmarks\": no string \"run_name\""},
    {REPORT("{\"run_name\": \"" GOOD "\"}"),
     "row 0 of \"benchmarks\": case \"" GOOD "\": \"items_per_second\" is no number from 10 to "},
    {REPORT(RUN(GOOD, "12") "," RUN(GOOD, "\"12\"")), "row 1 of \"benchmarks\": case "},
    {REPORT(RUN(GOOD, "-12")), "is no number from 10 to 1e+15"},
    {REPORT(RUN(GOOD, "0")), "is no number from 10 to 1e+15"},
    {REPORT(RUN(GOOD, "9.99")), "is no number from 10 to 1e+15"},
    {REPORT(RUN(GOOD, "1.01e15")), "is no number from 10 to 1e+15"},
    {REPORT(RUN(GOOD, "1e999")), "JSON: real number overflow"},
    {REPORT(RUN(GOOD, "NaN")), "JSON"},
    {REPORT(AGGREGATE(GOOD, "median", "0", "12")), "\"repetitions\" is no number from 1 "},
    {REPORT(AGGREGATE(GOOD, "median", "\"9\"", "12")), "\"repetitions\" is no number from 1 "},
    {REPORT(AGGREGATE(GOOD, "mean", "9", "12")), "no case quantize/FORMAT/ggml/TARGET/L2"},
    {REPORT(FAILED(GOOD)), "no case quantize/FORMAT/ggml/TARGET/L2"},
    {REPORT(RUN("quantize/q4_k/ggml/avx2/L2\\u0000", "12")), "JSON"},
};

START_TEST(bad_reports_are_refused)
{
    const char *text = bad_reports[_i].text;
    ck_assert_msg(!read_text(text, strlen(text), &quantize), "%s", text);
    ck_assert_msg(strstr(error.text, bad_reports[_i].said) != NULL, "%s", error.text);
    ck_assert_ptr_null(strchr(error.text, '\n'));
}
END_TEST

START_TEST(every_cut_of_a_report_is_refused)
{
    static const char whole[] = REPORT(RUN(GOOD, "12"));
    for (size_t length = 0; length < sizeof whole - 1; length++)
        ck_assert(!read_text(whole, length, &quantize));
}
END_TEST

START_TEST(deep_and_large_reports_are_refused)
{
    enum {
        DEEP = 100000,
        LARGE = (64 << 20) + 1
    };
    char *text = malloc(LARGE);
    ck_assert_ptr_nonnull(text);
    memset(text, '[', DEEP);
    ck_assert(!read_text(text, DEEP, &quantize));
    ck_assert_ptr_nonnull(strstr(error.text, "JSON"));
    memset(text, ' ', LARGE);
    ck_assert(!read_text(text, LARGE, &quantize));
    ck_assert_ptr_nonnull(strstr(error.text, "larger than 64 MiB"));
    free(text);
}
END_TEST

START_TEST(a_missing_report_is_named)
{
    ck_assert(!speed_report_read(&report, "/nowhere/r.json", &quantize, &error));
    ck_assert_str_eq(error.text, "/nowhere/r.json: No such file or directory");
}
END_TEST

int main(void)
{
    TCase *names = tcase_create("names");
    tcase_set_timeout(names, 0);
    tcase_add_test(names, names_of_the_benchmark_are_understood);
    tcase_add_test(names, levels_are_those_of_the_benchmark);
    tcase_add_test(names, weightings_have_a_plus_in_them);
    tcase_add_loop_test(names, other_names_are_refused, 0,
                        (int)(sizeof other_names / sizeof *other_names));

    TCase *reports = tcase_create("reports");
    tcase_set_timeout(reports, 0);
    tcase_add_test(reports, runs_count_by_their_median);
    tcase_add_test(reports, the_reports_own_medians_go_before_runs);
    tcase_add_test(reports, only_what_was_chosen_counts);
    tcase_add_test(reports, the_context_is_fit_for_printing);
    tcase_add_loop_test(reports, bad_reports_are_refused, 0,
                        (int)(sizeof bad_reports / sizeof *bad_reports));
    tcase_add_test(reports, every_cut_of_a_report_is_refused);
    tcase_add_test(reports, deep_and_large_reports_are_refused);
    tcase_add_test(reports, a_missing_report_is_named);

    Suite *suite = suite_create("speed_report");
    suite_add_tcase(suite, names);
    suite_add_tcase(suite, reports);
    return suite_run(suite);
}
