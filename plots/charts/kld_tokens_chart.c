/*
 * The chart of divergences of tokens, sorted: for each model a curve of what share of the tokens
 * has at least which divergence.
 */
#include "curves.h"
#include "kld_models.h"
#include "plot_kind.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    POINTS = 400 /* of a curve: its ranks are equal factors apart */
};

/* Below, divergences are the noise of binary32 logarithms. */
#define LEAST_KLD 1e-7

struct subject {
    struct selection selection;
    struct curves curves;
};

static bool choose(void *subject, const struct plot_request *request, struct error *error)
{
    return selection_choose(&((struct subject *)subject)->selection, request, error);
}

static int compare_down(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return (a < b) - (a > b);
}

/* The divergences, the largest first; NULL, with an error, if one is no number. */
static double *read_tokens(const json_t *tokens, struct error *error)
{
    const size_t count = json_array_size(tokens);
    double *values = calloc(count, sizeof *values);
    bool good = values || fail(error, "out of memory");
    for (size_t i = 0; i < count && good; i++) {
        const json_t *number = json_array_get(tokens, i);
        values[i] = json_number_value(number);
        good = (json_is_number(number) && fabs(values[i]) <= AXIS_MOST) ||
               fail(error, "\"per_token\": \"kld\": number %zu is none", i);
    }
    if (good) {
        qsort(values, count, sizeof *values, compare_down);
        return values;
    }
    free(values);
    return NULL;
}

static bool add_curve(struct curves *curves, const struct kld_model *model, struct error *error)
{
    char label[CURVES_TEXT];
    const size_t count = json_array_size(model->tokens);
    double *values = read_tokens(model->tokens, error);
    if (!values)
        return fail_in_named(error, "model", model->format);
    snprintf(label, sizeof label, "%.40s%s%.40s", model->format, *model->rounding ? " " : "",
             model->rounding);
    struct curve *curve = curves_add(curves, label, POINTS, error);
    size_t last = 0;
    for (int i = 0; i < POINTS && curve; i++) {
        const size_t rank = (size_t)lround(pow((double)count, i / (POINTS - 1.0)));
        if (rank == last || rank > count)
            continue;
        curve->x[curve->count] = 100 * (double)rank / (double)count;
        curve->y[curve->count++] = values[rank - 1];
        last = rank;
    }
    free(values);
    return curve;
}

static bool add_curves(struct curves *curves, const struct kld_models *models, struct error *error)
{
    bool any = false;
    for (size_t i = 0; i < models->count; i++) {
        if (!add_curve(curves, &models->list[i], error))
            return false;
        any |= curves->list[i].y[0] >= LEAST_KLD;
    }
    return any || fail(error, "no divergence is above %g: the models are the same as their base",
                       LEAST_KLD);
}

static bool read(void *context, const struct plot_request *request, struct error *error)
{
    struct subject *subject = context;
    struct curves *curves = &subject->curves;
    struct kld_models models = {0};
    const bool read =
        kld_models_read(&models, request, &subject->selection, KLD_TOKENS, error) &&
        (add_curves(curves, &models, error) || fail_in(error, "%s", request->paths[0]));
    curves->title = "Divergence of tokens, sorted";
    curves->x_title = "share of the tokens with at least this divergence (%)";
    curves->y_title = "KL divergence (nats)";
    curves->remark = "";
    curves->x_kind = curves->y_kind = AXIS_LOG;
    curves->floor = LEAST_KLD;
    curves->origin = models.origin;
    snprintf(curves->below, sizeof curves->below, "%s", models.below);
    kld_models_free(&models);
    return read;
}

static double draw(cairo_t *cairo, double width, const void *subject)
{
    return curves_draw(cairo, width, &((const struct subject *)subject)->curves);
}

static void release(void *subject)
{
    curves_free(&((struct subject *)subject)->curves);
}

const struct plot_kind plot_kld_tokens = {
    .name = "kld-tokens",
    .help = "the KL divergence of every token, sorted, a curve for each model, of reports that\n"
            "eval or kld wrote with --per-token and --json.",
    .example = "roundel eval builtin:tinylm --format q4_k,q2_k --per-token --json t.json\n"
               "         roundel plot t.json --kind kld-tokens -o t.pdf\n",
    .options = SELECTION_OPTIONS,
    .several = true,
    .subject_size = sizeof(struct subject),
    .choose = choose,
    .read = read,
    .draw = draw,
    .release = release,
};
