/* Which roundings `roundel eval` tries, and what each is compared with. */
#include "combinations.h"
#include "eval.h"

#include <stdio.h>
#include <stdlib.h>

static unsigned support(const struct contestant *c)
{
    return rdl_encoder_support(c->format, c->rounding, c->weighting, RDL_SCALAR);
}

/* Says whether the bytes depend on importance. */
static bool takes_importance(const struct contestant *c, bool given)
{
    const bool uses = c->rounding != RDL_NEAREST && (support(c) & RDL_WITH_IMPORTANCE);
    const bool in_weights = c->weighting == RDL_NATIVE || c->weighting == RDL_IMPORTANCE ||
                            c->weighting == RDL_IMPORTANCE_RMS;
    return given && !c->plain && uses && in_weights;
}

static const char *why_absent(const struct contestant *c, bool importance)
{
    if (!c->exists)
        return "there is no such rounding";
    if (!c->available)
        return "not on this target";
    if (!importance && !(support(c) & RDL_PLAIN))
        return "needs importance";
    return NULL;
}

static struct eval_variant variant_of(const struct contestant *c, bool given)
{
    struct eval_variant v = {.contestant = *c, .baseline = NO_BASELINE};
    char label[CONTESTANT_LABEL];
    v.importance = takes_importance(c, given);
    v.absent = why_absent(c, given && !c->plain);
    snprintf(v.label, sizeof v.label, "%s %s%s", axis_format(c->format), contestant_label(c, label),
             c->plain ? " without importance" : "");
    return v;
}

/* Once more without importance, where that makes a difference. */
static bool wants_twin(const struct eval_settings *s, const struct contestant *c, bool given)
{
    return s->without_importance && c->weighting == RDL_NATIVE && takes_importance(c, given);
}

/* The same contestant without importance, if it is the next one and there is something of it. */
static size_t twin_of(const struct eval_variant *variants, size_t count, size_t index)
{
    const bool has = index + 1 < count && variants[index + 1].contestant.plain &&
                     !variants[index].contestant.plain && !variants[index + 1].absent;
    return has ? index + 1 : NO_BASELINE;
}

/* `first` is where the format's baseline is. */
static size_t partner(const struct eval_variant *variants, size_t count, size_t index, size_t first)
{
    if (first == NO_BASELINE || index == first)
        return NO_BASELINE;
    const size_t twin = twin_of(variants, count, first);
    if (!variants[index].importance && twin != NO_BASELINE && twin != index)
        return twin;
    return variants[first].absent ? NO_BASELINE : first;
}

static void set_partners(struct eval_variant *variants, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t first = 0;
        while (variants[first].contestant.format != variants[i].contestant.format)
            first++;
        variants[i].baseline = partner(variants, count, i, first);
    }
}

bool eval_variants(struct eval_settings *s, const struct imatrix *imatrix,
                   struct eval_variant **variants, size_t *count, struct error *error)
{
    struct contestant *contestants = NULL;
    size_t ncontestants = 0;
    *variants = NULL;
    *count = 0;
    bool good = compare_contestants(&s->rounding, &contestants, &ncontestants, error);
    if (good && !(*variants = calloc(2 * ncontestants + 1, sizeof **variants)))
        good = fail(error, "out of memory");
    for (size_t i = 0; good && i < ncontestants; i++) {
        struct contestant c = contestants[i];
        c.baseline = NO_BASELINE;
        (*variants)[(*count)++] = variant_of(&c, imatrix != NULL);
        if (!wants_twin(s, &c, imatrix != NULL))
            continue;
        c.plain = true;
        (*variants)[(*count)++] = variant_of(&c, imatrix != NULL);
    }
    free(contestants);
    set_partners(*variants, *count);
    return good;
}
