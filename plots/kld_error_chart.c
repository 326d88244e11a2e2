/*
 * The chart of divergence and weighted error: is the error that encoders minimise a surrogate for
 * what a model loses? Grey lines join the roundings of a format.
 */
#include "kld_models.h"
#include "plot_kind.h"
#include "rank_correlation.h"
#include "scatter.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct subject {
    struct selection selection;
    struct scatter scatter;
};

static bool choose(void *subject, const struct plot_request *request, struct error *error)
{
    return selection_choose(&((struct subject *)subject)->selection, request, error);
}

static bool add_models(struct scatter *scatter, const struct kld_models *models,
                       struct error *error)
{
    for (size_t i = 0; i < models->count; i++) {
        const struct kld_model *model = &models->list[i];
        struct scatter_point point = {
            .x = model->error, .y = model->mean.value, .cost = model->mean.value};
        if (!(point.y >= AXIS_LEAST) || !(point.x >= AXIS_LEAST && point.x <= AXIS_MOST))
            return fail(error, "its divergence of %g, or its error of %g, has no logarithm",
                        point.y, point.x) ||
                   fail_in_named(error, "model", model->format);
        point.low = fmax(model->mean.low, 0.1 * point.y);
        point.high = model->mean.high;
        memcpy(point.label, model->format, sizeof point.label);
        if (!scatter_add(scatter, model->rounding, &point, error))
            return false;
    }
    return true;
}

/* Spearman's coefficient over all models. */
static double correlate(const struct scatter *scatter)
{
    double *x = calloc(scatter->count, sizeof *x), *y = calloc(scatter->count, sizeof *y);
    double correlation = NAN;
    if (x && y) {
        for (size_t i = 0; i < scatter->count; i++) {
            x[i] = scatter->points[i].x;
            y[i] = scatter->points[i].y;
        }
        correlation = rank_correlation(x, y, scatter->count);
    }
    free(x);
    free(y);
    return correlation;
}

struct pairs {
    size_t agree, all;
};

/* Pairs of models of one format with different errors and divergences. */
static struct pairs count_pairs(const struct scatter *scatter)
{
    struct pairs pairs = {0};
    for (size_t i = 0; i < scatter->count; i++)
        for (size_t k = i + 1; k < scatter->count; k++) {
            const struct scatter_point *a = &scatter->points[i], *b = &scatter->points[k];
            if (strcmp(a->label, b->label) != 0 || a->x == b->x || a->y == b->y)
                continue;
            pairs.all++;
            pairs.agree += (a->x < b->x) == (a->y < b->y);
        }
    return pairs;
}

/* In the chart, and on stdout. */
static void tell(struct scatter *scatter, const struct kld_models *models)
{
    const struct pairs pairs = count_pairs(scatter);
    char text[192];
    snprintf(text, sizeof text,
             "rank correlation %.3f over %zu models; of %zu pairs of one format, less error means "
             "less divergence in %zu",
             correlate(scatter), scatter->count, pairs.all, pairs.agree);
    printf("%s\n", text);
    snprintf(scatter->below, sizeof scatter->below, "%s; %s", models->below, text);
}

static bool read(void *context, const struct plot_request *request, struct error *error)
{
    struct subject *subject = context;
    struct scatter *scatter = &subject->scatter;
    struct kld_models models = {0};
    const bool read =
        kld_models_read(&models, request, &subject->selection, KLD_ERROR, error) &&
        (add_models(scatter, &models, error) || fail_in(error, "%s", request->paths[0]));
    scatter->title = "Divergence and weighted error";
    scatter->x_title = "weighted root mean squared error of the weights";
    scatter->y_title = "mean KL divergence (nats)";
    scatter->remark = "Grey lines join roundings of one format; lines through marks are intervals "
                      "of 99 %. Spearman's rank correlation.";
    scatter->x_kind = scatter->y_kind = AXIS_LOG;
    scatter->lines = SCATTER_LABELS;
    scatter->origin = models.origin;
    if (read) {
        scatter_finish(scatter);
        tell(scatter, &models);
    }
    kld_models_free(&models);
    return read;
}

static double draw(cairo_t *cairo, double width, const void *subject)
{
    return scatter_draw(cairo, width, &((const struct subject *)subject)->scatter);
}

static void release(void *subject)
{
    scatter_free(&((struct subject *)subject)->scatter);
}

const struct plot_kind plot_kld_error = {
    .name = "kld-error",
    .help = "KL divergence and weighted error of every model, and the rank correlation of the\n"
            "two, of reports that eval wrote with --json: is the error a good surrogate?",
    .example = "roundel eval builtin:tinylm --format all --rounding ggml,exact --json e.json\n"
               "         roundel plot e.json --kind kld-error -o error.pdf\n",
    .options = SELECTION_OPTIONS,
    .several = true,
    .subject_size = sizeof(struct subject),
    .choose = choose,
    .read = read,
    .draw = draw,
    .release = release,
};
