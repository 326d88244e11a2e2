#include "variant.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------
 * Memory
 */

bool variant_maker_open(struct variant_maker *maker, struct error *error)
{
    const struct llama_model *model = maker->model;
    maker->values = calloc(model->count, sizeof *maker->values);
    maker->own = calloc(model->count, sizeof *maker->own);
    bool good = maker->values && maker->own;
    for (size_t i = 0; i < model->count && good; i++) {
        const struct tensor *tensor = model->tensors[i];
        if (tensor)
            good = (maker->own[i] = malloc(tensor_numel(tensor) * sizeof(float))) != NULL;
    }
    if (!good)
        variant_maker_close(maker);
    return good || fail(error, "no memory for a second copy of the model");
}

void variant_maker_close(struct variant_maker *maker)
{
    for (size_t i = 0; maker->own && i < maker->model->count; i++)
        free(maker->own[i]);
    free(maker->own);
    free(maker->values);
    maker->own = maker->values = NULL;
}

/* ------------------------------------------------------------------------------------------------
 * Roundings without importance
 */

static unsigned support(const struct contestant *c)
{
    return rdl_encoder_support(c->format, c->rounding, c->weighting, c->target);
}

/* The same, as near as can be, for a matrix that has no importance. A target never changes a byte:
 * where the contestant's has no such encoder, plain C has. */
static struct contestant without_importance(struct contestant c)
{
    c.plain = true;
    if (support(&c) & RDL_PLAIN)
        return c;
    const bool search = c.rounding >= RDL_FIRST_SEARCH;
    c.rounding = search ? c.rounding : RDL_GGML_FIXED;
    c.weighting = search ? RDL_UNIFORM : RDL_NATIVE;
    if (!target_has_encoder(c.format, c.rounding, c.weighting, c.target))
        c.target = RDL_SCALAR;
    return c;
}

bool variant_possible(const struct variant_maker *maker, const struct contestant *contestant)
{
    const bool importance = maker->imatrix && !contestant->plain;
    return contestant->available && (support(contestant) & (importance ? ~0u : RDL_PLAIN));
}

/* ------------------------------------------------------------------------------------------------
 * Roundings by rules
 */

/* The contestant with what the rule changes. */
static bool apply_rule(const struct variant_maker *maker, const struct quantize_rule *rule,
                       struct contestant *c, struct error *error)
{
    char shown[128];
    c->format = rule->type.format;
    c->rounding = rule->has_rounding ? rule->rounding : c->rounding;
    if (!rdl_scales_support(c->format, c->rounding, c->scales))
        c->scales = RDL_SCALES_DEFAULT;
    if (!rdl_encoder_support(c->format, c->rounding, c->weighting, RDL_SCALAR))
        c->weighting = RDL_NATIVE;
    if (choose_encoder_target(&maker->target, c->format, c->rounding, c->weighting, &c->target) &&
        choose_decoder_target(&maker->target, c->format, &c->decode_target))
        return true;
    return fail(error, "rule '%s': there is no rounding '%s' of %s",
                escape(shown, sizeof shown, rule->text, strlen(rule->text)),
                rdl_rounding_name(c->rounding), rdl_format_info(c->format)->name);
}

/* ------------------------------------------------------------------------------------------------
 * Tensors
 */

/* One contestant, whose contest is opened when a tensor needs it. */
struct rounding {
    struct contest contest;
    struct contestant contestant;
    bool open;
};

/* What may become of a tensor: by default or by a rule, with importance or without. */
struct choice {
    struct rounding chosen, plain;
};

struct making {
    struct variant_maker *maker;
    struct choice *choices; /* the default's, then each rule's */
    struct variant_errors *errors;
    struct error_sums *sums; /* of tensors */
};

static void take_values(void *context, size_t contestant, const struct piece *piece,
                        const float *values)
{
    (void)contestant;
    float *const matrix = *(float *const *)context;
    memcpy(matrix + piece->first, values, piece->length * sizeof *values);
}

static bool open_rounding(struct rounding *rounding, const struct variant_maker *maker,
                          struct error *error)
{
    if (rounding->open)
        return true;
    rounding->contest = (struct contest){
        .contestants = &rounding->contestant,
        .count = 1,
        .misfit = maker->misfit,
        .error_weighting = maker->error_weighting,
        .go_on = maker->go_on,
        .threads = maker->threads,
        .values = take_values,
    };
    rounding->open = contest_open(&rounding->contest, error);
    return rounding->open;
}

static struct rounding *rounding_for(struct making *making, struct choice *choice,
                                     const struct factors *factors)
{
    const bool importance = factors_exist(factors) && !choice->chosen.contestant.plain;
    if (importance || (support(&choice->chosen.contestant) & RDL_PLAIN))
        return &choice->chosen;
    making->errors->without_importance++;
    return &choice->plain;
}

static void keep(struct making *making, size_t index, bool skipped)
{
    const struct tensor *tensor = making->maker->model->tensors[index];
    making->maker->values[index] = making->maker->model->values[index];
    making->errors->skipped += skipped;
    making->errors->model_bytes += tensor->nbytes;
}

static void count_outcome(struct making *making, const struct outcome *outcome)
{
    struct variant_errors *errors = making->errors;
    making->sums[errors->matrices++] = outcome->sums;
    errors->weights += outcome->weights;
    errors->bytes += outcome->bytes;
    errors->model_bytes += outcome->bytes;
    errors->bad_blocks += outcome->bad_blocks;
}

static bool round_tensor(struct making *making, size_t index, struct choice *choice,
                         struct error *error)
{
    struct variant_maker *maker = making->maker;
    const struct tensor *tensor = maker->model->tensors[index];
    const struct factors factors = {
        .columns = maker->imatrix ? imatrix_find(maker->imatrix, tensor->name) : NULL};
    struct rounding *rounding = rounding_for(making, choice, &factors);
    struct outcome outcome;
    struct contest_input input;
    if (!open_rounding(rounding, maker, error))
        return false;
    rounding->contest.values_context = &maker->own[index];
    if (!contest_run(&rounding->contest, tensor, &factors, &outcome, &input, maker->progress,
                     maker->progress_context, error))
        return false;
    if (!outcome_took_part(&outcome)) {
        keep(making, index, true);
        return true;
    }
    maker->values[index] = maker->own[index];
    count_outcome(making, &outcome);
    return true;
}

/* What becomes of a tensor; NULL if it stays as it is. */
static struct choice *choose(struct making *making, const struct tensor *tensor)
{
    const struct quantize_rules *rules = &making->maker->rules;
    struct quantize_rule *rule = quantize_rules_find(rules, tensor->name);
    if (!rule)
        return llama_is_matrix(tensor) ? &making->choices[0] : NULL;
    rule->uses++;
    return rule->type.kind == QUANTIZE_BLOCKS ? &making->choices[1 + (rule - rules->rules)] : NULL;
}

static bool round_all(struct making *making, struct error *error)
{
    const struct llama_model *model = making->maker->model;
    for (size_t i = 0; i < model->count; i++) {
        if (!model->tensors[i])
            continue;
        struct choice *choice = choose(making, model->tensors[i]);
        if (!choice)
            keep(making, i, false);
        else if (!round_tensor(making, i, choice, error))
            return false;
    }
    if (!model->tensors[LLAMA_OUTPUT])
        making->maker->values[LLAMA_OUTPUT] = making->maker->values[LLAMA_TOKEN_EMBD];
    making->errors->sums = metrics_merge(making->sums, making->errors->matrices);
    return making->errors->matrices > 0 || fail(error, "no tensor was rounded");
}

static bool fill_choices(struct making *making, const struct contestant *contestant,
                         struct error *error)
{
    const struct quantize_rules *rules = &making->maker->rules;
    for (size_t i = 0; i <= rules->count; i++) {
        struct contestant c = *contestant;
        c.baseline = NO_BASELINE;
        if (i > 0 && rules->rules[i - 1].type.kind == QUANTIZE_BLOCKS &&
            !apply_rule(making->maker, &rules->rules[i - 1], &c, error))
            return false;
        making->choices[i].chosen.contestant = c;
        making->choices[i].plain.contestant = without_importance(c);
    }
    return true;
}

static void close_rounding(struct rounding *rounding)
{
    if (rounding->open)
        contest_close(&rounding->contest);
}

bool variant_make(struct variant_maker *maker, const struct contestant *contestant,
                  struct variant_errors *errors, struct error *error)
{
    struct making making = {.maker = maker, .errors = errors};
    *errors = (struct variant_errors){0};
    making.sums = malloc(maker->model->count * sizeof *making.sums);
    making.choices = calloc(maker->rules.count + 1, sizeof *making.choices);
    const bool good = ((making.sums && making.choices) || fail(error, "out of memory")) &&
                      fill_choices(&making, contestant, error) && round_all(&making, error);
    for (size_t i = 0; making.choices && i <= maker->rules.count; i++) {
        close_rounding(&making.choices[i].chosen);
        close_rounding(&making.choices[i].plain);
    }
    free(making.choices);
    free(making.sums);
    return good;
}

/* ------------------------------------------------------------------------------------------------
 * Figures
 */

double variant_bits_per_weight(const struct variant_errors *errors)
{
    return 8.0 * (double)errors->bytes / (double)errors->weights;
}

double variant_rmse(const struct variant_errors *errors)
{
    return sqrt(errors->sums.ee / (double)errors->sums.n);
}

double variant_weighted_rmse(const struct variant_errors *errors)
{
    return sqrt(errors->sums.wee / errors->sums.w);
}
