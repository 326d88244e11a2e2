#include "variant.h"

#include "target_choice.h"
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
        if (tensor && llama_is_matrix(tensor))
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
 * Matrices
 */

/* One matrix under one contestant; the contest's tables are those of the whole variant. */
struct rounding {
    struct contest contest;
    struct contestant contestant;
    bool open;
};

struct making {
    struct variant_maker *maker;
    struct rounding chosen, plain; /* the second for matrices without importance */
    struct variant_errors *errors;
    struct error_sums *sums; /* of matrices */
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

static struct rounding *rounding_for(struct making *making, const struct factors *factors)
{
    const bool importance = factors_exist(factors) && !making->chosen.contestant.plain;
    if (importance || (support(&making->chosen.contestant) & RDL_PLAIN))
        return &making->chosen;
    making->errors->without_importance++;
    return &making->plain;
}

static void keep(struct making *making, size_t index, bool skipped)
{
    const struct tensor *tensor = making->maker->model->tensors[index];
    making->maker->values[index] = making->maker->model->values[index];
    making->errors->skipped += skipped;
    making->errors->model_bytes += tensor->nbytes;
}

static bool round_matrix(struct making *making, size_t index, struct error *error)
{
    struct variant_maker *maker = making->maker;
    const struct tensor *tensor = maker->model->tensors[index];
    const struct factors factors = {
        .columns = maker->imatrix ? imatrix_find(maker->imatrix, tensor->name) : NULL};
    struct rounding *rounding = rounding_for(making, &factors);
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
    struct variant_errors *errors = making->errors;
    maker->values[index] = maker->own[index];
    making->sums[errors->matrices++] = outcome.sums;
    errors->weights += outcome.weights;
    errors->bytes += outcome.bytes;
    errors->model_bytes += outcome.bytes;
    errors->bad_blocks += outcome.bad_blocks;
    return true;
}

static bool round_all(struct making *making, struct error *error)
{
    const struct llama_model *model = making->maker->model;
    for (size_t i = 0; i < model->count; i++) {
        if (!model->tensors[i])
            continue;
        if (!llama_is_matrix(model->tensors[i]))
            keep(making, i, false);
        else if (!round_matrix(making, i, error))
            return false;
    }
    if (!model->tensors[LLAMA_OUTPUT])
        making->maker->values[LLAMA_OUTPUT] = making->maker->values[LLAMA_TOKEN_EMBD];
    making->errors->sums = metrics_merge(making->sums, making->errors->matrices);
    return making->errors->matrices > 0 ||
           fail(error, "no matrix has rows that fit blocks of %s",
                rdl_format_info(making->chosen.contestant.format)->name);
}

bool variant_make(struct variant_maker *maker, const struct contestant *contestant,
                  struct variant_errors *errors, struct error *error)
{
    struct making making = {.maker = maker, .errors = errors};
    *errors = (struct variant_errors){0};
    making.chosen.contestant = *contestant;
    making.chosen.contestant.baseline = NO_BASELINE;
    making.plain.contestant = without_importance(making.chosen.contestant);
    making.sums = malloc(maker->model->count * sizeof *making.sums);
    const bool good = (making.sums || fail(error, "out of memory")) && round_all(&making, error);
    if (making.chosen.open)
        contest_close(&making.chosen.contest);
    if (making.plain.open)
        contest_close(&making.plain.contest);
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
