#include "kld_models.h"

#include "array.h"
#include "axis.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Standard errors to the sides of the mean of very many: 99 % of a normal distribution. */
#define SIGMAS_99 2.5758293035489004

#define COMMANDS "eval or kld"

/* ------------------------------------------------------------------------------------------------
 * Values
 */

static bool read_number(const json_t *object, const char *key, double *value, struct error *error)
{
    return report_get_number(object, key, -AXIS_MOST, AXIS_MOST, value, error);
}

/* {"value": ..., "interval_99": [low, high]} */
static bool read_mean(const json_t *object, struct kld_value *mean, struct error *error)
{
    const json_t *interval = json_object_get(object, "interval_99");
    if (!read_number(object, "value", &mean->value, error))
        return false;
    mean->low = mean->high = mean->value;
    if (json_array_size(interval) == 2) {
        mean->low = json_number_value(json_array_get(interval, 0));
        mean->high = json_number_value(json_array_get(interval, 1));
    }
    return (mean->low <= mean->value && mean->value <= mean->high) ||
           fail(error, "\"interval_99\" is not around \"value\"");
}

/* {"value": ..., "standard_error": ...}, which may be null. */
static bool read_tail(const json_t *object, struct kld_value *tail, struct error *error)
{
    if (!read_number(object, "value", &tail->value, error))
        return false;
    const double width = SIGMAS_99 * json_number_value(json_object_get(object, "standard_error"));
    tail->low = tail->value - width;
    tail->high = tail->value + width;
    return (width >= 0 && width <= AXIS_MOST) || fail(error, "\"standard_error\" is none");
}

static bool read_divergence(const json_t *json, struct kld_model *model, struct error *error)
{
    const json_t *divergence = json_object_get(json, "kl_divergence");
    if (!read_mean(json_object_get(divergence, "mean"), &model->mean, error))
        return fail_in(error, "\"kl_divergence\": \"mean\"");
    return read_tail(json_object_get(divergence, "top_5_percent"), &model->tail, error) ||
           fail_in(error, "\"kl_divergence\": \"top_5_percent\"");
}

/* ------------------------------------------------------------------------------------------------
 * Models
 */

static const char *string_of(const json_t *json, const char *key)
{
    const char *text = json_string_value(json_object_get(json, key));
    return text ? text : "";
}

/* "q4_k exact:x2" is the label of a model that `roundel eval` has rounded. */
static void write_names(const json_t *json, struct kld_model *model)
{
    const char *format = string_of(json, "format"), *label = string_of(json, "file");
    const size_t length = strlen(format);
    const char *slash = strrchr(label, '/'), *rounding = "";
    if (length == 0)
        format = slash ? slash + 1 : label;
    else if (strncmp(label, format, length) == 0 && label[length] == ' ')
        rounding = label + length + 1;
    escape(model->format, sizeof model->format, format, strlen(format));
    escape(model->rounding, sizeof model->rounding, rounding, strlen(rounding));
}

static bool fulfils(const struct kld_model *model, enum kld_wish wish, struct error *error)
{
    static const char how[] = "roundel eval --json writes it for models that it quantizes itself";
    if (wish == KLD_BITS && !(model->bits > 0))
        return fail(error, "no \"bits_per_weight\": %s", how);
    if (wish == KLD_ERROR && !(model->error > 0))
        return fail(error, "no \"weighted_rmse\" above 0: %s", how);
    if (wish == KLD_TOKENS && json_array_size(model->tokens) == 0)
        return fail(error, "no \"per_token\": roundel eval, or kld, writes it with --per-token");
    return true;
}

static bool add_model(struct kld_models *models, const struct kld_model *model, struct error *error)
{
    struct kld_model *list =
        array_grow(models->list, models->count, &models->capacity, sizeof *list);
    if (!list)
        return fail(error, "out of memory");
    models->list = list;
    models->list[models->count++] = *model;
    return true;
}

static bool read_model(struct kld_models *models, const json_t *json,
                       const struct selection *selection, enum kld_wish wish, struct error *error)
{
    const char *const names[SELECTION_AXES] = {
        [SELECTION_FORMAT] = string_of(json, "format"),
        [SELECTION_ROUNDING] = string_of(json, "rounding"),
        [SELECTION_WEIGHTING] = string_of(json, "weighting"),
    };
    if (!json_is_object(json))
        return fail(error, "no object");
    if (!selection_takes(selection, names))
        return true;
    if (json_is_string(json_object_get(json, "absent"))) {
        models->absent++;
        return true;
    }
    struct kld_model model = {
        .bits = json_number_value(json_object_get(json, "bits_per_weight")),
        .error = json_number_value(json_object_get(json, "weighted_rmse")),
        .tokens = json_object_get(json_object_get(json, "per_token"), "kld"),
    };
    write_names(json, &model);
    return (read_divergence(json, &model, error) && fulfils(&model, wish, error) &&
            add_model(models, &model, error)) ||
           fail_in_named(error, "model", string_of(json, "file"));
}

/* ------------------------------------------------------------------------------------------------
 * Files
 */

static bool check_base(const struct kld_models *models, const json_t *tree, struct error *error)
{
    const json_t *first = json_object_get(models->trees[0], "base");
    return json_equal(first, json_object_get(tree, "base")) ||
           fail(error, "of another base or text than the first report");
}

static void append(char *text, size_t size, const char *before, const char *bytes)
{
    const size_t used = strlen(text);
    char shown[KLD_TEXT];
    snprintf(text + used, size - used, "%s%s", before,
             escape(shown, sizeof shown, bytes, strlen(bytes)));
}

/* "4096 tokens; base MODEL, text FILE, FILE" */
static void write_below(struct kld_models *models, const json_t *tree)
{
    const json_t *base = json_object_get(tree, "base"), *texts = json_object_get(tree, "texts");
    snprintf(models->below, sizeof models->below, "%.0f tokens; base ",
             json_number_value(json_object_get(base, "tokens")));
    append(models->below, sizeof models->below, "", string_of(base, "file"));
    for (size_t i = 0; i < json_array_size(texts); i++)
        append(models->below, sizeof models->below, i ? ", " : ", text ",
               string_of(json_array_get(texts, i), "file"));
}

static bool read_tree(struct kld_models *models, const json_t *tree,
                      const struct selection *selection, enum kld_wish wish, struct error *error)
{
    const json_t *others = json_object_get(tree, "others");
    if (!json_is_array(others))
        return fail(error, "no array \"others\" of models");
    if (!check_base(models, tree, error))
        return false;
    for (size_t i = 0; i < json_array_size(others); i++)
        if (!read_model(models, json_array_get(others, i), selection, wish, error))
            return fail_in(error, "\"others\": number %zu", i);
    return true;
}

bool kld_models_read(struct kld_models *models, const struct plot_request *request,
                     const struct selection *selection, enum kld_wish wish, struct error *error)
{
    if (request->npaths > KLD_MOST_FILES)
        return fail(error, "more than %d reports", KLD_MOST_FILES);
    for (size_t i = 0; i < request->npaths; i++) {
        struct report_origin origin;
        json_t *tree = report_open(request->paths[i], COMMANDS, &origin, error);
        if (!tree)
            return false;
        models->trees[models->ntrees++] = tree;
        if (i == 0) {
            models->origin = origin;
            write_below(models, tree);
        }
        if (!read_tree(models, tree, selection, wish, error))
            return fail_in(error, "%s", request->paths[i]);
    }
    if (models->absent && models->count)
        fprintf(stderr, "roundel plot: left out %zu model(s) that were not measured\n",
                models->absent);
    return models->count > 0 ||
           fail(error, "%s: no measured model is of what --format, --rounding and --weighting say",
                request->paths[0]);
}

void kld_models_free(struct kld_models *models)
{
    for (size_t i = 0; i < models->ntrees; i++)
        json_decref(models->trees[i]);
    free(models->list);
}
