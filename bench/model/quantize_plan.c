/* See quantize_plan.h. */
#include "quantize_plan.h"

#include "quantize_head.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------
 * What the settings allow
 */

static bool is_blocks(struct quantize_type type)
{
    return type.kind == QUANTIZE_BLOCKS;
}

static bool check_pair(const struct quantize_settings *s, struct quantize_type type,
                       enum rdl_rounding rounding, struct error *error)
{
    if (!is_blocks(type) ||
        (rdl_encoder_support(type.format, rounding, s->weighting, RDL_SCALAR) != 0 &&
         rdl_scales_support(type.format, rounding, s->scales)))
        return true;
    return fail(error,
                "there is no rounding '%s' of %s with scales '%s' and weighting '%s'; "
                "'roundel compare --help' lists what there is",
                rdl_rounding_name(rounding), quantize_type_name(type), rdl_scales_name(s->scales),
                rdl_weighting_name(s->weighting));
}

bool quantize_settings_check(const struct quantize_settings *settings, struct error *error)
{
    if (!check_pair(settings, settings->type, settings->rounding, error))
        return false;
    for (size_t i = 0; i < settings->rules.count; i++) {
        const struct quantize_rule *rule = &settings->rules.rules[i];
        char shown[128];
        if (!check_pair(settings, rule->type,
                        rule->has_rounding ? rule->rounding : settings->rounding, error))
            return fail_in(error, "rule '%s'",
                           escape(shown, sizeof shown, rule->text, strlen(rule->text)));
    }
    return settings->misfit != QUANTIZE_MISFIT_FALLBACK ||
           check_pair(settings, settings->fallback, settings->rounding, error);
}

/* ------------------------------------------------------------------------------------------------
 * What a tensor becomes
 */

static void decide_by_default(const struct quantize_settings *settings, struct quantize_tensor *t)
{
    const struct tensor *tensor = t->tensor;
    t->reason = !tensor_readable(tensor) ? QUANTIZE_NO_WEIGHTS
                : tensor->ndims < 2      ? QUANTIZE_VECTOR
                : tensor_is_norm(tensor) ? QUANTIZE_NORM
                                         : QUANTIZE_BY_FORMAT;
    if (t->reason == QUANTIZE_BY_FORMAT)
        t->type = settings->type;
}

static bool fits(const struct tensor *tensor, struct quantize_type type)
{
    const uint32_t block = is_blocks(type) ? rdl_format_info(type.format)->block_length : 1;
    return tensor->ncols % block == 0 && (tensor->ncols > 0 || block == 1);
}

static bool settle_misfit(const struct quantize_settings *settings, struct quantize_tensor *t,
                          struct error *error)
{
    t->wanted = t->type;
    t->misfit = !fits(t->tensor, t->type);
    if (!t->misfit)
        return true;
    if (settings->misfit == QUANTIZE_MISFIT_SKIP) {
        t->type.kind = QUANTIZE_COPY;
        return true;
    }
    if (settings->misfit == QUANTIZE_MISFIT_FALLBACK && fits(t->tensor, settings->fallback)) {
        t->type = settings->fallback;
        t->rounding = settings->rounding;
        return true;
    }
    return fail(error,
                "rows of %llu weights are no whole blocks of %s (%u weights); choose a rule for "
                "it, or --on-misfit skip or fallback:FORMAT",
                (unsigned long long)t->tensor->ncols, quantize_type_name(t->type),
                rdl_format_info(t->type.format)->block_length);
}

static bool decide(struct quantize_settings *settings, struct quantize_tensor *t,
                   struct error *error)
{
    t->rounding = settings->rounding;
    struct quantize_rule *rule = quantize_rules_find(&settings->rules, t->tensor->name);
    if (rule) {
        rule->uses++;
        t->reason = QUANTIZE_BY_RULE;
        t->rule = (size_t)(rule - settings->rules.rules);
        t->type = rule->type;
        t->rounding = rule->has_rounding ? rule->rounding : settings->rounding;
    } else {
        decide_by_default(settings, t);
    }
    if (t->type.kind != QUANTIZE_COPY && !tensor_readable(t->tensor))
        return fail(error, "it cannot become %s: type %s holds no weights that can be read",
                    quantize_type_name(t->type), t->tensor->type);
    return settle_misfit(settings, t, error);
}

/* ------------------------------------------------------------------------------------------------
 * What that takes
 */

static uint32_t type_id(struct quantize_type type)
{
    return is_blocks(type)              ? rdl_format_info(type.format)->gguf_type
           : type.kind == QUANTIZE_F16  ? GGUF_F16
           : type.kind == QUANTIZE_BF16 ? GGUF_BF16
                                        : GGUF_F32;
}

/* Numbers that are not stored, or not as GGUF stores them, are written as binary32. */
static void settle_copy(struct quantize_tensor *t)
{
    const struct tensor *tensor = t->tensor;
    if (t->type.kind == QUANTIZE_COPY && (tensor->swapped || tensor->kind == ELEMENT_SYNTH))
        t->type.kind = QUANTIZE_F32;
}

static bool set_stored_type(struct quantize_tensor *t, struct error *error)
{
    const struct tensor *tensor = t->tensor;
    settle_copy(t);
    t->stored = gguf_type_named(tensor->type);
    if (t->type.kind == QUANTIZE_COPY)
        return t->stored || fail(error, "GGUF has no type for %s", tensor->type);
    const struct gguf_type *old = t->stored;
    t->stored = gguf_type_find(type_id(t->type));
    if (!is_blocks(t->type) && old == t->stored && !tensor->swapped)
        t->type.kind = QUANTIZE_COPY;
    return true;
}

static bool check_source(const struct quantize_settings *settings, const struct quantize_tensor *t,
                         struct error *error)
{
    return t->type.kind == QUANTIZE_COPY || t->tensor->kind != ELEMENT_BLOCKS ||
           settings->requantize ||
           fail(error,
                "it is quantized already, as %s: quantizing it again loses twice; --requantize "
                "allows that, or keep it by --rule 'REGEX=copy'",
                t->tensor->type);
}

static unsigned support_of(const struct quantize_settings *settings,
                           const struct quantize_tensor *t)
{
    return rdl_encoder_support(t->type.format, t->rounding, settings->weighting, t->target);
}

static bool no_importance(const struct quantize_settings *settings, const struct quantize_tensor *t,
                          struct error *error)
{
    const char *format = quantize_type_name(t->type);
    const char *rounding = rdl_rounding_name(t->rounding);
    const char *weighting = rdl_weighting_name(settings->weighting);
    if (!settings->imatrix)
        return fail(error, "%s with rounding '%s' and weighting '%s' needs --importance", format,
                    rounding, weighting);
    return fail(error,
                "%s with rounding '%s' and weighting '%s' needs importance, and %s has no entry "
                "for it; a rule can give it another format",
                format, rounding, weighting, settings->imatrix_name);
}

static bool find_importance(const struct quantize_settings *settings, struct quantize_tensor *t,
                            struct error *error)
{
    const unsigned support = support_of(settings, t);
    const struct imatrix_entry *entry =
        settings->imatrix ? imatrix_find(settings->imatrix, t->tensor->name) : NULL;
    if (entry && (support & RDL_WITH_IMPORTANCE)) {
        t->importance = entry;
        t->matrices = imatrix_matrices(entry, t->tensor, error);
        return t->matrices > 0;
    }
    return (support & RDL_PLAIN) || no_importance(settings, t, error);
}

static bool set_encoder(const struct quantize_settings *settings, struct quantize_tensor *t,
                        struct error *error)
{
    if (!is_blocks(t->type))
        return true;
    if (!choose_encoder_target(&settings->target, t->type.format, t->rounding, settings->weighting,
                               &t->target))
        return fail(error, "target '%s' has no rounding '%s' of %s", rdl_target_name(t->target),
                    rdl_rounding_name(t->rounding), quantize_type_name(t->type));
    return find_importance(settings, t, error);
}

static bool plan_tensor(struct quantize_settings *settings, struct quantize_tensor *t,
                        struct error *error)
{
    return (decide(settings, t, error) && set_stored_type(t, error) &&
            check_source(settings, t, error) && set_encoder(settings, t, error)) ||
           tensor_fail(t->tensor, error);
}

/* ------------------------------------------------------------------------------------------------
 * The plan
 */

static bool plan_tensors(struct quantize_plan *plan, const struct tensor_list *list,
                         struct quantize_settings *settings, struct error *error)
{
    plan->tensors = calloc(list->count + 1, sizeof *plan->tensors);
    if (!plan->tensors)
        return fail(error, "no memory for %zu tensors", list->count);
    for (size_t i = 0; i < list->count; i++) {
        struct quantize_tensor *t = &plan->tensors[i];
        *t = (struct quantize_tensor){.tensor = &list->tensors[i], .matrices = 1};
        if (!plan_tensor(settings, t, error))
            return false;
        plan->count++;
        plan->weights += tensor_numel(t->tensor);
        plan->old_bytes += t->tensor->nbytes;
        plan->without_importance += is_blocks(t->type) && settings->imatrix && !t->importance;
    }
    return true;
}

bool quantize_plan_make(struct quantize_plan *plan, const struct tensor_list *list, bool is_gguf,
                        struct quantize_settings *settings, struct error *error)
{
    *plan = (struct quantize_plan){0};
    if (plan_tensors(plan, list, settings, error) &&
        quantize_head_make(plan, is_gguf ? list->sources[0] : NULL, settings, error))
        return true;
    quantize_plan_free(plan);
    return false;
}

void quantize_plan_free(struct quantize_plan *plan)
{
    free(plan->tensors);
    free(plan->head);
    *plan = (struct quantize_plan){0};
}

const char *quantize_reason_text(const struct quantize_tensor *tensor,
                                 char text[QUANTIZE_REASON_TEXT])
{
    static const char *const reasons[] = {
        [QUANTIZE_BY_FORMAT] = "--format",
        [QUANTIZE_BY_RULE] = "rule",
        [QUANTIZE_VECTOR] = "1-D",
        [QUANTIZE_NORM] = "norm",
        [QUANTIZE_NO_WEIGHTS] = "no weights",
    };
    int length = snprintf(text, QUANTIZE_REASON_TEXT, "%s", reasons[tensor->reason]);
    if (tensor->reason == QUANTIZE_BY_RULE)
        length += snprintf(text + length, (size_t)(QUANTIZE_REASON_TEXT - length), " %zu",
                           tensor->rule + 1);
    if (tensor->misfit)
        snprintf(text + length, (size_t)(QUANTIZE_REASON_TEXT - length), ", no blocks of %s",
                 quantize_type_name(tensor->wanted));
    return text;
}
