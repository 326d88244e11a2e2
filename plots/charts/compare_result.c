#include "compare_result.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void write_rounding(struct compare_result *result, const char *rounding, const char *scales,
                           const char *weighting)
{
    char text[sizeof result->rounding];
    const bool joint = strcmp(scales, "default") != 0, own = strcmp(weighting, "native") == 0;
    snprintf(text, sizeof text, "%s%s%s%s%s", rounding, joint ? "/" : "", joint ? scales : "",
             own ? "" : ":", own ? "" : weighting);
    escape(result->rounding, sizeof result->rounding, text, strlen(text));
}

/* Results that were not measured have no figures. */
static bool is_measured(const char *fit)
{
    return strcmp(fit, "rows") == 0 || strcmp(fit, "flattened") == 0;
}

static bool read_result(const json_t *json, const struct selection *selection,
                        compare_result_fn *take, void *context, struct error *error)
{
    enum {
        FORMAT,
        ROUNDING,
        WEIGHTING,
        SCALES,
        FIT,
        COUNT
    };
    static const char *const keys[COUNT] = {"format", "rounding", "weighting", "scales", "fit"};
    const char *texts[COUNT];
    for (unsigned i = 0; i < COUNT; i++)
        if (!(texts[i] = report_get_string(json, keys[i], error)))
            return false;
    if (!is_measured(texts[FIT]) || !selection_takes(selection, texts))
        return true;
    struct compare_result result = {.format = texts[FORMAT], .json = json};
    write_rounding(&result, texts[ROUNDING], texts[SCALES], texts[WEIGHTING]);
    return take(context, &result, error);
}

bool compare_results_each(const json_t *results, const struct selection *selection,
                          compare_result_fn *take, void *context, struct error *error)
{
    if (!json_is_array(results))
        return fail(error, "no array of results");
    for (size_t i = 0; i < json_array_size(results); i++)
        if (!read_result(json_array_get(results, i), selection, take, context, error))
            return fail_in(error, "result %zu", i);
    return true;
}

bool compare_result_figure(const struct compare_result *result, const char *key, double low,
                           double high, double *value, struct error *error)
{
    if (json_is_null(json_object_get(result->json, key))) {
        *value = NAN;
        return true;
    }
    return report_get_number(result->json, key, low, high, value, error);
}

static void append(char *text, size_t size, const char *before, const char *bytes)
{
    const size_t used = strlen(text);
    char shown[128];
    snprintf(text + used, size - used, "%s%s", before,
             escape(shown, sizeof shown, bytes, strlen(bytes)));
}

void compare_describe(const json_t *tree, char *text, size_t size)
{
    const json_t *inputs = json_object_get(tree, "inputs");
    const char *importance = json_string_value(json_object_get(tree, "importance"));
    *text = '\0';
    for (size_t i = 0; i < json_array_size(inputs); i++) {
        const char *input = json_string_value(json_array_get(inputs, i));
        append(text, size, i ? ", " : "weights of ", input ? input : "?");
    }
    if (importance)
        append(text, size, *text ? "; importance " : "importance ", importance);
}
