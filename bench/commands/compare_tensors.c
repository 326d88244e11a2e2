/* Which tensors `roundel compare` takes, and whether there is anything to compare on them. */
#include "compare.h"
#include "compare_settings.h"

#include <string.h>

/* ------------------------------------------------------------------------------------------------
 * Selection
 */

enum selection {
    SELECTION_TAKEN,
    SELECTION_FILTERED,
    SELECTION_EMPTY,
    SELECTION_UNREADABLE,
    SELECTION_VECTOR
};

static enum selection classify(const struct compare_settings *s, const struct tensor *tensor)
{
    if (!name_filter_takes(&s->filter, tensor->name))
        return SELECTION_FILTERED;
    if (tensor_numel(tensor) == 0)
        return SELECTION_EMPTY;
    if (!tensor_readable(tensor))
        return SELECTION_UNREADABLE;
    return tensor->ndims < 2 && !s->vectors ? SELECTION_VECTOR : SELECTION_TAKEN;
}

static bool left_out(enum selection why, const struct tensor *tensor, struct error *error)
{
    switch (why) {
    case SELECTION_TAKEN:
        return true;
    case SELECTION_FILTERED:
        fail(error, "not what --include and --exclude ask for");
        break;
    case SELECTION_EMPTY:
        fail(error, "empty");
        break;
    case SELECTION_UNREADABLE:
        fail(error, "type %s holds no weights that can be read", tensor->type);
        break;
    case SELECTION_VECTOR:
        fail(error, "1-D (--vectors takes it)");
        break;
    }
    return fail_in_named(error, "tensor", tensor->name);
}

static bool all_filtered(const struct compare_settings *s, const struct tensor *example,
                         struct error *error)
{
    char name[128], include[128], exclude[128];
    return fail(error, "no tensor to compare: no name passes%s%s%s%s%s%s; there is '%s'",
                s->include ? " --include '" : "",
                s->include ? escape(include, sizeof include, s->include, strlen(s->include)) : "",
                s->include ? "'" : "", s->exclude ? " --exclude '" : "",
                s->exclude ? escape(exclude, sizeof exclude, s->exclude, strlen(s->exclude)) : "",
                s->exclude ? "'" : "",
                escape(name, sizeof name, example->name, strlen(example->name)));
}

/* Names the first tensor that the filters take, else the first of all. */
static bool no_tensor(const struct compare_settings *s, const struct tensor_list *list,
                      struct error *error)
{
    if (list->count == 0)
        return fail(error, "no tensor to compare: the input holds none");
    for (size_t i = 0; i < list->count; i++) {
        const enum selection why = classify(s, &list->tensors[i]);
        if (why == SELECTION_FILTERED)
            continue;
        left_out(why, &list->tensors[i], error);
        return fail_in(error, "no tensor to compare, %zu left out", list->count);
    }
    return all_filtered(s, &list->tensors[0], error);
}

bool comparison_select(struct comparison *comparison, const struct compare_settings *s,
                       const struct tensor_list *list, struct error *error)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct tensor *tensor = &list->tensors[i];
        const enum selection why = classify(s, tensor);
        comparison->unreadable_left_out += why == SELECTION_UNREADABLE;
        comparison->vectors_left_out += why == SELECTION_VECTOR;
        if (why == SELECTION_TAKEN)
            comparison->tensors[comparison->ntensors++] = tensor;
    }
    return comparison->ntensors > 0 || no_tensor(s, list, error);
}

/* ------------------------------------------------------------------------------------------------
 * Factors
 */

static const struct tensor *find_factors(const struct comparison *comparison,
                                         const struct tensor *tensor)
{
    const struct tensor_list *list = comparison->factors;
    if (list->count == 1 && comparison->ntensors == 1)
        return list->tensors;
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->tensors[i].name, tensor->name) == 0)
            return &list->tensors[i];
    return NULL;
}

bool comparison_factors(const struct comparison *comparison, const struct tensor *tensor,
                        struct factors *factors, struct error *error)
{
    *factors = (struct factors){0};
    if (comparison->imatrix)
        factors->columns = imatrix_find(comparison->imatrix, tensor->name);
    const struct tensor *weights = comparison->factors ? find_factors(comparison, tensor) : NULL;
    if (!weights)
        return true;
    factors->weights = weights;
    if (!tensor_readable(weights)) {
        fail(error, "elements of type %s are no factors", weights->type);
        return tensor_fail(weights, error);
    }
    if (weights->ncols == tensor->ncols && weights->nrows == tensor->nrows)
        return true;
    fail(error, "%llu rows of %llu factors, for %llu rows of %llu weights",
         (unsigned long long)weights->nrows, (unsigned long long)weights->ncols,
         (unsigned long long)tensor->nrows, (unsigned long long)tensor->ncols);
    return tensor_fail(weights, error);
}

/* ------------------------------------------------------------------------------------------------
 * Nothing to compare
 */

bool comparison_check_importance(const struct comparison *comparison, struct error *error)
{
    struct factors factors;
    for (size_t t = 0; t < comparison->ntensors; t++)
        if (!comparison_factors(comparison, comparison->tensors[t], &factors, error))
            return false;
        else if (factors_exist(&factors))
            return true;
    const struct imatrix *imatrix = comparison->imatrix;
    const struct tensor_list *list = comparison->factors;
    const char *tensor = comparison->tensors[0]->name;
    char shown[128], entry[128] = "none";
    if (imatrix && imatrix->count > 0)
        escape(entry, sizeof entry, imatrix->entries[0].name, imatrix->entries[0].name_length);
    if (list && list->count > 0)
        escape(entry, sizeof entry, list->tensors[0].name, strlen(list->tensors[0].name));
    return fail(error,
                "importance %s names no tensor that is compared: the first tensor is '%s', the "
                "%s's first entry '%s'",
                comparison->importance, escape(shown, sizeof shown, tensor, strlen(tensor)),
                imatrix ? "matrix" : "file", entry);
}

static bool any_outcome(const struct comparison *comparison, enum fit fit)
{
    const size_t count = comparison->ntensors * comparison->contest.count;
    for (size_t i = 0; i < count; i++)
        if (comparison->outcomes[i].fit == fit)
            return true;
    return false;
}

bool comparison_check_ran(const struct comparison *comparison, struct error *error)
{
    if (any_outcome(comparison, FIT_ROWS) || any_outcome(comparison, FIT_FLATTENED))
        return true;
    if (any_outcome(comparison, FIT_NEEDS_IMPORTANCE))
        return fail(error, "nothing was measured: these encoders need --importance; rounding "
                           "ggml-fixed does without");
    return fail(error, "nothing was measured: every tensor was skipped for its row length; "
                       "--on-misfit flatten takes such rows");
}
