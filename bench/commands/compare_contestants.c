/* Who takes part in `roundel compare`. */
#include "compare_settings.h"

#include "combinations.h"
#include "target_choice.h"
#include "weighting.h"

#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------
 * Lists
 */

static const enum rdl_rounding default_roundings[] = {RDL_NEAREST, RDL_GGML};

/* With --gap, if they exist for a format that is compared. */
static const enum rdl_rounding gap_roundings[] = {RDL_EXACT, RDL_JOINT};

static bool any_format_has(const struct compare_settings *s, enum rdl_rounding rounding)
{
    for (size_t f = 0; f < s->nformats; f++)
        if (combination_has_rounding((enum rdl_format)s->formats[f], rounding))
            return true;
    return false;
}

static void default_lists(struct compare_settings *s)
{
    for (unsigned f = 0; f < RDL_FORMAT_COUNT && !s->formats_given; f++)
        if (combination_has_rounding((enum rdl_format)f, RDL_NEAREST) ||
            combination_has_rounding((enum rdl_format)f, RDL_GGML))
            s->formats[s->nformats++] = f;
    if (s->nscales == 0)
        s->scales[s->nscales++] = RDL_SCALES_DEFAULT;
    if (s->nweightings == 0)
        s->weightings[s->nweightings++] = RDL_NATIVE;
    if (s->roundings_given)
        return;
    for (size_t i = 0; i < sizeof default_roundings / sizeof *default_roundings; i++)
        s->roundings[s->nroundings++] = default_roundings[i];
    for (size_t i = 0; i < sizeof gap_roundings / sizeof *gap_roundings; i++)
        if (s->gap && any_format_has(s, gap_roundings[i]))
            s->roundings[s->nroundings++] = gap_roundings[i];
}

static int by_bits_per_weight(const void *a, const void *b)
{
    const unsigned fa = *(const unsigned *)a, fb = *(const unsigned *)b;
    const double ba = rdl_format_info((enum rdl_format)fa)->bits_per_weight;
    const double bb = rdl_format_info((enum rdl_format)fb)->bits_per_weight;
    if (ba != bb)
        return ba < bb ? -1 : 1;
    return fa < fb ? -1 : fa > fb;
}

/* Puts the baseline first. */
static bool order_roundings(struct compare_settings *s, struct error *error)
{
    unsigned baseline = s->roundings[0];
    if (s->baseline) {
        const char *names[AXIS_MAX];
        const size_t count = axis_names(axis_rounding, names);
        if (!parse_name("rounding", s->baseline, strlen(s->baseline), names, count, &baseline,
                        error))
            return false;
    }
    size_t at = 0;
    while (at < s->nroundings && s->roundings[at] != baseline)
        at++;
    if (at == s->nroundings)
        s->nroundings++; /* a baseline outside the list joins it */
    memmove(s->roundings + 1, s->roundings, at * sizeof *s->roundings);
    s->roundings[0] = baseline;
    s->baseline = axis_rounding(baseline);
    return true;
}

/* ------------------------------------------------------------------------------------------------
 * Contestants
 */

struct contestant_list {
    const struct compare_settings *settings;
    struct target_choice choice;
    struct contestant *list;
    size_t count;
    size_t baseline; /* of the present format: its first contestant that is available */
};

static void add(struct contestant_list *list, const struct contestant *model)
{
    struct contestant *c = &list->list[list->count];
    *c = *model;
    c->exists = combination_exists(c->format, c->rounding, c->scales, c->weighting);
    const bool encodes =
        choose_encoder_target(&list->choice, c->format, c->rounding, c->weighting, &c->target);
    c->available =
        choose_decoder_target(&list->choice, c->format, &c->decode_target) && c->exists && encodes;
    if (list->baseline == NO_BASELINE && c->available &&
        c->rounding == (enum rdl_rounding)list->settings->roundings[0])
        list->baseline = list->count;
    c->baseline = c->available ? list->baseline : NO_BASELINE;
    list->count++;
}

/* A rounding with no choice of scales has its own. */
static void add_each_scales(struct contestant_list *list, struct contestant model)
{
    const struct compare_settings *s = list->settings;
    if (!combination_has_scales(model.format, model.rounding)) {
        add(list, &model);
        return;
    }
    for (size_t i = 0; i < s->nscales; i++) {
        model.scales = (enum rdl_scales)s->scales[i];
        if (rdl_scales_support(model.format, model.rounding, model.scales))
            add(list, &model);
    }
}

/* Published roundings have weights of their own, and take part with these where they know none of
 * the list. */
static void add_each_weighting(struct contestant_list *list, struct contestant model)
{
    const struct compare_settings *s = list->settings;
    const size_t before = list->count;
    for (size_t i = 0; i < s->nweightings; i++) {
        model.weighting = (enum rdl_weighting)s->weightings[i];
        if (rdl_encoder_support(model.format, model.rounding, model.weighting, RDL_SCALAR))
            add_each_scales(list, model);
    }
    model.weighting = RDL_NATIVE;
    if (list->count == before &&
        rdl_encoder_support(model.format, model.rounding, RDL_NATIVE, RDL_SCALAR))
        add_each_scales(list, model);
    if (s->roundings_given && !s->all_roundings &&
        !combination_has_rounding(model.format, model.rounding))
        add(list, &model); /* its line says that there is none */
}

static size_t most_contestants(const struct compare_settings *s)
{
    return s->nformats * s->nroundings * s->nscales * s->nweightings + 1;
}

/* ------------------------------------------------------------------------------------------------
 * Refusals: what was asked for by name and takes no part
 */

/* Says whether a contestant has the value; UINT_MAX of an axis means any. */
struct wanted {
    unsigned format, rounding, scales, weighting;
};

static const struct wanted anything = {UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX};

static bool takes_part(const struct contestant_list *list, const struct wanted *wanted)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct contestant *c = &list->list[i];
        if (c->exists && (wanted->format == UINT32_MAX || c->format == wanted->format) &&
            (wanted->rounding == UINT32_MAX || c->rounding == wanted->rounding) &&
            (wanted->scales == UINT32_MAX || c->scales == wanted->scales) &&
            (wanted->weighting == UINT32_MAX || c->weighting == wanted->weighting))
            return true;
    }
    return false;
}

/* Appends the formats that have the rounding, or the roundings that the format has. */
static void append_partners(struct error *error, const struct wanted *wanted)
{
    const char *names[AXIS_MAX];
    size_t count = 0;
    const bool of_format = wanted->format != UINT32_MAX;
    const unsigned most = of_format ? RDL_ROUNDING_COUNT : RDL_FORMAT_COUNT;
    for (unsigned i = 0; i < most; i++)
        if (combination_has_rounding((enum rdl_format)(of_format ? wanted->format : i),
                                     (enum rdl_rounding)(of_format ? i : wanted->rounding)))
            names[count++] = of_format ? axis_rounding(i) : axis_format(i);
    append_choices(error, names, count);
}

/* Appends the roundings that go with the scales or the weighting in one of the formats. */
static void append_roundings(struct error *error, const struct compare_settings *s,
                             const struct wanted *wanted)
{
    const char *names[AXIS_MAX];
    size_t count = 0;
    for (unsigned r = 0; r < RDL_ROUNDING_COUNT; r++) {
        bool any = false;
        for (size_t f = 0; f < s->nformats && !any; f++)
            any = wanted->scales == UINT32_MAX
                      ? rdl_encoder_support((enum rdl_format)s->formats[f], (enum rdl_rounding)r,
                                            (enum rdl_weighting)wanted->weighting, RDL_SCALAR) != 0
                      : rdl_scales_support((enum rdl_format)s->formats[f], (enum rdl_rounding)r,
                                           (enum rdl_scales)wanted->scales);
        if (any)
            names[count++] = axis_rounding(r);
    }
    if (count == 0)
        names[count++] = "none";
    append_choices(error, names, count);
}

/* Appends the ways in which the rounding stores scales in one of the formats. */
static void append_scales(struct error *error, const struct compare_settings *s,
                          enum rdl_rounding rounding)
{
    const char *names[AXIS_MAX];
    size_t count = 0;
    for (unsigned scales = 0; scales < RDL_SCALES_COUNT; scales++) {
        bool any = false;
        for (size_t f = 0; f < s->nformats && !any; f++)
            any = rdl_scales_support((enum rdl_format)s->formats[f], rounding,
                                     (enum rdl_scales)scales);
        if (any)
            names[count++] = axis_scales(scales);
    }
    append_choices(error, names, count);
}

static bool check_formats(const struct contestant_list *list, struct error *error)
{
    const struct compare_settings *s = list->settings;
    for (size_t i = 0; i < s->nformats && s->formats_given; i++) {
        struct wanted wanted = anything;
        wanted.format = s->formats[i];
        if (takes_part(list, &wanted) || s->all_formats)
            continue;
        fail(error,
             "format '%s' has none of these roundings; it has: ", axis_format(s->formats[i]));
        append_partners(error, &wanted);
        return false;
    }
    return true;
}

static bool check_roundings(const struct contestant_list *list, struct error *error)
{
    const struct compare_settings *s = list->settings;
    for (size_t i = 0; i < s->nroundings && s->roundings_given && !s->all_roundings; i++) {
        struct wanted wanted = anything;
        wanted.rounding = s->roundings[i];
        if (takes_part(list, &wanted))
            continue;
        if (any_format_has(s, (enum rdl_rounding)s->roundings[i])) {
            fail(error, "rounding '%s' stores scales in none of these ways here; it has: ",
                 axis_rounding(s->roundings[i]));
            append_scales(error, s, (enum rdl_rounding)s->roundings[i]);
            return false;
        }
        fail(error, "none of these formats has rounding '%s'; those that have: ",
             axis_rounding(s->roundings[i]));
        append_partners(error, &wanted);
        return false;
    }
    return true;
}

static bool check_scales(const struct contestant_list *list, struct error *error)
{
    const struct compare_settings *s = list->settings;
    for (size_t i = 0; i < s->nscales && !s->all_scales; i++) {
        struct wanted wanted = anything;
        wanted.scales = s->scales[i];
        if (s->scales[i] == RDL_SCALES_DEFAULT || takes_part(list, &wanted))
            continue;
        fail(error,
             "none of these formats has one of these roundings with scales '%s'; roundings that "
             "have: ",
             axis_scales(s->scales[i]));
        append_roundings(error, s, &wanted);
        return false;
    }
    return true;
}

static bool check_weightings(const struct contestant_list *list, struct error *error)
{
    const struct compare_settings *s = list->settings;
    for (size_t i = 0; i < s->nweightings && !s->all_weightings; i++) {
        struct wanted wanted = anything;
        wanted.weighting = s->weightings[i];
        if (takes_part(list, &wanted))
            continue;
        fail(error,
             "none of these formats has one of these roundings with weighting '%s'; roundings that "
             "have: ",
             axis_weighting(s->weightings[i]));
        append_roundings(error, s, &wanted);
        return false;
    }
    return true;
}

static bool check_available(const struct contestant_list *list, struct error *error)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->list[i].available)
            return true;
    return fail(error,
                "none of these formats has one of these roundings on target %s; 'roundel "
                "targets' lists what there is",
                rdl_target_name(list->choice.target));
}

/* ------------------------------------------------------------------------------------------------
 */

bool compare_contestants(struct compare_settings *s, struct contestant **contestants, size_t *count,
                         struct error *error)
{
    struct contestant_list list = {.settings = s};
    if (!target_choose(s->target, &list.choice, error))
        return false;
    default_lists(s);
    if (!order_roundings(s, error))
        return false;
    qsort(s->formats, s->nformats, sizeof *s->formats, by_bits_per_weight);
    list.list = calloc(most_contestants(s), sizeof *list.list);
    if (!list.list)
        return fail(error, "out of memory");
    for (size_t f = 0; f < s->nformats; f++) {
        list.baseline = NO_BASELINE;
        for (size_t r = 0; r < s->nroundings; r++)
            add_each_weighting(&list, (struct contestant){
                                          .format = (enum rdl_format)s->formats[f],
                                          .rounding = (enum rdl_rounding)s->roundings[r],
                                      });
    }
    *contestants = list.list;
    *count = list.count;
    return check_roundings(&list, error) && check_formats(&list, error) &&
           check_scales(&list, error) && check_weightings(&list, error) &&
           check_available(&list, error);
}
