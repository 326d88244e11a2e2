/*
 * What `roundel eval --json` writes: "model", "texts", "rules", "base", "others" and "pairs". An
 * object of "others" has the members of one of `roundel kld` (kld_report_json.c), with a label for
 * the "file", and besides: how it was rounded, bits per weight and errors of the weights. One that
 * is absent has the reason alone.
 */
#include "combinations.h"
#include "eval.h"
#include "report.h"

#include <math.h>

static json_t *integer(uint64_t value)
{
    return json_integer((json_int_t)value);
}

/* ------------------------------------------------------------------------------------------------
 * The model by itself
 */

static json_t *model_json(const struct eval_report *report)
{
    const struct llama_shape *s = &report->model->shape;
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "file",
                     report_string(report->spec), "weights", integer(llama_numel(report->model)),
                     "layers", integer(s->layers), "width", integer(s->width), "feed_forward",
                     integer(s->feed_forward), "heads", integer(s->heads), "kv_heads",
                     integer(s->kv_heads), "vocabulary", integer(s->vocabulary), "context",
                     integer(s->context));
}

static json_t *part_json(const struct eval_report *report, size_t index)
{
    const struct eval_part *part = &report->text->parts[index];
    const struct kld_estimate ppl = eval_part_perplexity(report, index);
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "file", report_string(part->name), "tokens",
                     integer(part->tokens), "chunks", integer(part->chunks), "left_out",
                     integer(report->text->cut.split ? part->too_short : 0), "ppl",
                     kld_report_estimate_json(&ppl));
}

static json_t *parts_json(const struct eval_report *report)
{
    json_t *list = json_array();
    for (size_t i = 0; list && i < report->text->nparts; i++)
        json_array_append_new(list, part_json(report, i));
    return list;
}

static json_t *base_json(const struct eval_report *report)
{
    const struct eval_text *text = report->text;
    const struct kld_estimate ppl = eval_perplexity(report);
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "file", report_string(report->spec),
                     "context", integer(text->cut.context), "first", integer(text->cut.first),
                     "vocabulary", integer(report->model->shape.vocabulary), "chunks",
                     integer(text->chunks), "tokens", integer(report->evaluation->rows), "ppl",
                     kld_report_estimate_json(&ppl));
}

static json_t *rules_json(const struct eval_report *report)
{
    const struct quantize_rules *rules = &report->settings->rules;
    json_t *list = json_array();
    for (size_t i = 0; list && i < rules->count; i++)
        json_array_append_new(list,
                              json_pack("{s:o, s:o}", "rule", report_string(rules->rules[i].text),
                                        "tensors", integer(eval_rule_tensors(report, i))));
    return list;
}

/* ------------------------------------------------------------------------------------------------
 * Variants
 */

/* How the weights were rounded. */
static json_t *rounding_json(const struct eval_variant *v)
{
    const struct contestant *c = &v->contestant;
    return json_pack("{s:o, s:s, s:s, s:s, s:s, s:b, s:o}", "file", report_string(v->label),
                     "format", axis_format(c->format), "rounding", axis_rounding(c->rounding),
                     "scales", axis_scales(c->scales), "weighting", axis_weighting(c->weighting),
                     "importance", v->importance, "absent",
                     v->absent ? json_string(v->absent) : json_null());
}

static json_t *errors_json(const struct variant_errors *e)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "bits_per_weight",
                     report_real(variant_bits_per_weight(e)), "weights", integer(e->weights),
                     "bytes", integer(e->bytes), "rmse", report_real(variant_rmse(e)),
                     "weighted_rmse", report_real(variant_weighted_rmse(e)),
                     "matrices_without_importance", integer(e->without_importance),
                     "matrices_skipped", integer(e->skipped), "bad_blocks", integer(e->bad_blocks));
}

static bool add_members(json_t *object, json_t *members)
{
    const bool good = object && members && json_object_update(object, members) == 0;
    json_decref(members);
    return good;
}

static json_t *variant_json(const struct eval_report *report, const struct eval_variant *v)
{
    json_t *object = rounding_json(v);
    if (!object || v->absent)
        return object;
    const struct kld_other_report other = {
        .name = v->label,
        .tokens = &v->tokens,
        .statistics = v->statistics,
        .bytes = (double)v->errors.model_bytes,
    };
    const struct kld_report_lists lists = {report->settings->per_chunk,
                                           report->settings->per_token};
    if (add_members(object, errors_json(&v->errors)) &&
        add_members(object, kld_report_other_json(&other, &lists)))
        return object;
    json_decref(object);
    return NULL;
}

/* ------------------------------------------------------------------------------------------------
 * The whole
 */

static bool append(json_t *list, json_t *item)
{
    return json_array_append_new(list, item) == 0;
}

static bool fill(json_t *json, const struct eval_report *report)
{
    json_t *others = json_array(), *pairs = json_array();
    bool good = others && pairs;
    for (size_t i = 0; i < report->nvariants; i++)
        good = append(others, variant_json(report, &report->variants[i])) && good;
    for (size_t i = 0; i < report->npairs; i++)
        good = append(pairs, kld_report_pair_json(&report->pairs[i])) && good;
    const char *importance = report->settings->rounding.importance;
    good = json_object_set_new(json, "model", model_json(report)) == 0 && good;
    good = json_object_set_new(json, "texts", parts_json(report)) == 0 && good;
    good = json_object_set_new(json, "importance",
                               importance ? report_string(importance) : json_null()) == 0 &&
           good;
    good = json_object_set_new(json, "rules", rules_json(report)) == 0 && good;
    good = json_object_set_new(json, "base", base_json(report)) == 0 && good;
    good = json_object_set_new(json, "others", others) == 0 && good;
    good = json_object_set_new(json, "pairs", pairs) == 0 && good;
    return json_object_set_new(json, "caution", json_string(REPORT_CAUTION)) == 0 && good;
}

json_t *eval_report_json(const struct eval_report *report)
{
    json_t *json = report_new("eval");
    if (json && !fill(json, report)) {
        json_decref(json);
        return NULL;
    }
    return json;
}
