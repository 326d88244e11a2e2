#include "quantize_report.h"

#include "report.h"
#include "tensor_shape.h"
#include "text_table.h"

#include <omp.h>
#include <string.h>

static const char *rounding_text(const struct quantize_tensor *t)
{
    return t->type.kind == QUANTIZE_BLOCKS ? rdl_rounding_name(t->rounding) : "-";
}

static double bits_per_weight(const struct quantize_plan *plan)
{
    return plan->weights > 0 ? 8.0 * (double)plan->size / (double)plan->weights : 0.0;
}

/* ------------------------------------------------------------------------------------------------
 * Text
 */

static const struct text_column columns[] = {
    {"tensor", true}, {"shape", true},    {"from", true},       {"to", true},
    {"by", true},     {"rounding", true}, {"importance", true}, {"bytes", false},
};

static void add_row(struct text_table *table, const struct quantize_tensor *t)
{
    char name[128], shape[256], reason[QUANTIZE_REASON_TEXT];
    text_table_cell(table, "%s",
                    escape(name, sizeof name, t->tensor->name, strlen(t->tensor->name)));
    text_table_cell(table, "%s", tensor_shape_text(t->tensor, shape, sizeof shape));
    text_table_cell(table, "%s", t->tensor->type);
    text_table_cell(table, "%s", t->type.kind == QUANTIZE_COPY ? "=" : t->stored->name);
    text_table_cell(table, "%s", quantize_reason_text(t, reason));
    text_table_cell(table, "%s", rounding_text(t));
    if (t->matrices > 1)
        text_table_cell(table, "%llu experts", (unsigned long long)t->matrices);
    else
        text_table_cell(table, "%s", t->importance ? "yes" : "-");
    text_table_cell(table, "%llu", (unsigned long long)t->nbytes);
}

bool quantize_report_plan(const struct quantize_report *report)
{
    const struct quantize_plan *plan = report->plan;
    struct text_table table = {.columns = columns, .ncolumns = sizeof columns / sizeof columns[0]};
    for (size_t i = 0; i < plan->count; i++)
        add_row(&table, &plan->tensors[i]);
    const bool printed = text_table_print(&table, stdout);
    text_table_free(&table);
    printf("\n%zu tensors, %llu weights: %llu bytes of tensors become a file of %llu, "
           "%.4f bits per weight\n",
           plan->count, (unsigned long long)plan->weights, (unsigned long long)plan->old_bytes,
           (unsigned long long)plan->size, bits_per_weight(plan));
    fflush(stdout);
    return printed;
}

static size_t count_misfits(const struct quantize_plan *plan)
{
    size_t count = 0;
    for (size_t i = 0; i < plan->count; i++)
        count += plan->tensors[i].misfit;
    return count;
}

static void note_rules(const struct quantize_rules *rules)
{
    for (size_t i = 0; i < rules->count; i++) {
        char shown[128];
        const char *text = rules->rules[i].text;
        if (rules->rules[i].uses == 0)
            fprintf(stderr, "roundel quantize: rule %zu, '%s', decided over no tensor\n", i + 1,
                    escape(shown, sizeof shown, text, strlen(text)));
    }
}

static void note_misfits(const struct quantize_plan *plan)
{
    for (size_t i = 0; i < plan->count; i++) {
        const struct quantize_tensor *t = &plan->tensors[i];
        char name[128];
        if (t->misfit)
            fprintf(stderr,
                    "roundel quantize: \"%s\": rows of %llu fit no blocks of %s; it is %s\n",
                    escape(name, sizeof name, t->tensor->name, strlen(t->tensor->name)),
                    (unsigned long long)t->tensor->ncols, quantize_type_name(t->wanted),
                    t->stored->name);
    }
}

void quantize_report_notes(const struct quantize_report *report)
{
    const struct quantize_plan *plan = report->plan;
    if (!report->is_gguf)
        fprintf(stderr, "roundel quantize: the input is no GGUF model: the new file has its "
                        "tensors, but nothing else, and no engine will run it\n");
    if (plan->dropped_split)
        fprintf(stderr, "roundel quantize: the parts of the model become one file\n");
    if (plan->without_importance > 0)
        fprintf(stderr, "roundel quantize: %zu quantized tensors have no entry in %s\n",
                plan->without_importance, report->settings->imatrix_name);
    note_rules(&report->settings->rules);
    note_misfits(plan);
}

void quantize_report_result(const struct quantize_report *report)
{
    if (report->resumed > 0)
        printf("%zu tensors were there from an earlier run\n", report->resumed);
    if (report->bad > 0)
        printf("%llu blocks or numbers had bad weights, which were replaced\n",
               (unsigned long long)report->bad);
    printf("wrote %s: %llu bytes in %.2f s\n", report->out, (unsigned long long)report->plan->size,
           report->seconds);
}

/* ------------------------------------------------------------------------------------------------
 * JSON
 */

static json_t *tensor_json(const struct quantize_report *report, size_t index)
{
    const struct quantize_tensor *t = &report->plan->tensors[index];
    char reason[QUANTIZE_REASON_TEXT], hash[CONTENT_HASH_TEXT];
    json_t *object =
        json_pack("{s:o, s:o, s:s, s:s, s:b, s:s, s:b, s:s?, s:b, s:I, s:I, s:I}", "name",
                  report_string(t->tensor->name), "shape", tensor_shape_json(t->tensor), "from",
                  t->tensor->type, "to", t->stored->name, "kept", t->type.kind == QUANTIZE_COPY,
                  "by", quantize_reason_text(t, reason), "misfit", t->misfit, "rounding",
                  t->type.kind == QUANTIZE_BLOCKS ? rounding_text(t) : NULL, "importance",
                  t->importance != NULL, "matrices", (json_int_t)t->matrices, "offset",
                  (json_int_t)t->offset, "bytes", (json_int_t)t->nbytes);
    if (report->hashes)
        json_object_set_new(object, "xxh3_128",
                            json_string(content_hash_text(report->hashes[index], hash)));
    return object;
}

static json_t *settings_json(const struct quantize_settings *s)
{
    json_t *rules = json_array();
    for (size_t i = 0; rules && i < s->rules.count; i++)
        json_array_append_new(rules,
                              json_pack("{s:o, s:I}", "rule", report_string(s->rules.rules[i].text),
                                        "tensors", (json_int_t)s->rules.rules[i].uses));
    return json_pack("{s:s, s:s, s:s, s:s, s:o?, s:o, s:b}", "format", quantize_type_name(s->type),
                     "rounding", rdl_rounding_name(s->rounding), "scales",
                     rdl_scales_name(s->scales), "weighting", rdl_weighting_name(s->weighting),
                     "importance", s->imatrix ? report_string(s->imatrix_name) : NULL, "rules",
                     rules, "go_on", s->go_on);
}

static json_t *totals_json(const struct quantize_report *report)
{
    const struct quantize_plan *plan = report->plan;
    return json_pack("{s:I, s:I, s:I, s:I, s:f, s:I, s:I, s:I}", "tensors", (json_int_t)plan->count,
                     "weights", (json_int_t)plan->weights, "bytes_before",
                     (json_int_t)plan->old_bytes, "bytes", (json_int_t)plan->size,
                     "bits_per_weight", bits_per_weight(plan), "misfits",
                     (json_int_t)count_misfits(plan), "without_importance",
                     (json_int_t)plan->without_importance, "bad", (json_int_t)report->bad);
}

bool quantize_report_write(const struct quantize_report *report, struct output *output,
                           struct error *error)
{
    json_t *object = report_new("quantize"), *tensors = json_array();
    bool good = object && tensors;
    for (size_t i = 0; i < report->plan->count && good; i++)
        good = json_array_append_new(tensors, tensor_json(report, i)) == 0;
    json_object_set_new(object, "input", report_string(report->in));
    json_object_set_new(object, "output", report_string(report->out));
    json_object_set_new(object, "dry_run", json_boolean(report->dry_run));
    json_object_set_new(object, "threads", json_integer(omp_get_max_threads()));
    json_object_set_new(object, "seconds", report_real(report->seconds));
    json_object_set_new(object, "resumed", json_integer((json_int_t)report->resumed));
    good = json_object_set_new(object, "settings", settings_json(report->settings)) == 0 && good;
    good = json_object_set_new(object, "total", totals_json(report)) == 0 && good;
    good = json_object_set_new(object, "tensors", tensors) == 0 && good;
    if (!good) {
        json_decref(object);
        object = NULL;
    }
    return report_write(object, output, error);
}
