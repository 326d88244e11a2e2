/* The report of `roundel compare`, for tests. */
#ifndef ROUNDEL_TESTS_COMPARE_RESULT_H
#define ROUNDEL_TESTS_COMPARE_RESULT_H

#include "program.h"
#include "suite.h"

#include <jansson.h>
#include <string.h>

/* Runs compare with `--json -`; the exit status must be 0. */
#define compare_json(...) parse_report(program_run("compare --json - " __VA_ARGS__))

static inline json_t *parse_report(struct program_result result)
{
    ck_assert_msg(result.status == 0, "exit status %d: %s", result.status, result.err);
    json_error_t error;
    json_t *report = json_loads(result.out, JSON_REJECT_DUPLICATES, &error);
    ck_assert_msg(report != NULL, "no JSON: %s", error.text);
    program_free(&result);
    return report;
}

/* The result of a format and rounding in an array of results. */
static inline const json_t *result_of(const json_t *results, const char *format,
                                      const char *rounding)
{
    size_t i;
    const json_t *r;
    json_array_foreach(results, i, r)
    {
        if (strcmp(json_string_value(json_object_get(r, "format")), format) == 0 &&
            strcmp(json_string_value(json_object_get(r, "rounding")), rounding) == 0)
            return r;
    }
    ck_abort_msg("no result for %s %s", format, rounding);
    return NULL;
}

static inline double real_of(const json_t *result, const char *name)
{
    const json_t *value = json_object_get(result, name);
    ck_assert_msg(json_is_number(value), "%s is no number", name);
    return json_number_value(value);
}

static inline const char *text_of(const json_t *result, const char *name)
{
    const char *text = json_string_value(json_object_get(result, name));
    ck_assert_msg(text != NULL, "%s is no string", name);
    return text;
}

#endif
