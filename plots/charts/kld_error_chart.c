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

enum statistic {
    STATISTIC_ABSOLUTE,
    STATISTIC_RELATIVE,
    STATISTIC_COUNT
};

static const char *statistic_name(unsigned statistic)
{
    static const char *const names[STATISTIC_COUNT] = {"absolute", "relative"};
    return statistic < STATISTIC_COUNT ? names[statistic] : NULL;
}

struct subject {
    struct selection selection;
    unsigned statistic;
    struct scatter scatter;
};

static bool choose(void *context, const struct plot_request *request, struct error *error)
{
    struct subject *subject = context;
    return plot_choose_name("statistic", request->options[PLOT_STATISTIC], statistic_name,
                            &subject->statistic, error) &&
           selection_choose(&subject->selection, request, error);
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

/*
 * Divides the error and the divergence of each model by those of the first with its format, which
 * stays as a mark at 1, 1 without a label, and counts in nothing.
 */
static bool make_relative(struct scatter *scatter, struct error *error)
{
    bool any = false;
    for (size_t i = scatter->count; i-- > 0;) { /* so that the first is as it was until the end */
        struct scatter_point *point = &scatter->points[i];
        size_t first = 0;
        while (strcmp(scatter->points[first].label, point->label) != 0)
            first++;
        const double error_unit = scatter->points[first].x, unit = scatter->points[first].y;
        point->x /= error_unit;
        point->y /= unit;
        point->low = point->high = point->cost = point->y;
        any |= first < i;
        if (first == i)
            *point->label = '\0';
    }
    return any || fail(error, "no format has two roundings to compare");
}

/* Spearman's coefficient over all models with labels, and how many they are. */
static double correlate(const struct scatter *scatter, size_t *count)
{
    double *x = calloc(scatter->count, sizeof *x), *y = calloc(scatter->count, sizeof *y);
    double correlation = NAN;
    *count = 0;
    for (size_t i = 0; i < scatter->count && x && y; i++)
        if (*scatter->points[i].label) {
            x[*count] = scatter->points[i].x;
            y[(*count)++] = scatter->points[i].y;
        }
    if (x && y)
        correlation = rank_correlation(x, y, *count);
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
            if (!*a->label || strcmp(a->label, b->label) != 0 || a->x == b->x || a->y == b->y)
                continue;
            pairs.all++;
            pairs.agree += (a->x < b->x) == (a->y < b->y);
        }
    return pairs;
}

/* In the chart, and on stdout; pairs are counted before anything is relative. */
static void tell(struct scatter *scatter, const struct kld_models *models,
                 const struct pairs *pairs)
{
    char text[192];
    size_t count;
    char correlation[16] = "-";
    const double value = correlate(scatter, &count);
    if (!isnan(value))
        snprintf(correlation, sizeof correlation, "%.3f", value);
    snprintf(text, sizeof text,
             "rank correlation %s over %zu models; of %zu pairs of one format, less error means "
             "less divergence in %zu",
             correlation, count, pairs->all, pairs->agree);
    printf("%s\n", text);
    snprintf(scatter->below, sizeof scatter->below, "%s; %s", models->below, text);
}

static void write_title(struct scatter *scatter, bool relative)
{
    scatter->title = "Divergence and weighted error";
    scatter->x_title = relative ? "weighted error / that of the first rounding of the format"
                                : "weighted root mean squared error of the weights";
    scatter->y_title =
        relative ? "mean KL divergence / that of the first" : "mean KL divergence (nats)";
    scatter->remark = relative
                          ? "Grey lines join roundings of one format, the first of which is at 1, "
                            "1. Spearman's rank correlation."
                          : "Grey lines join roundings of one format; lines through marks are "
                            "intervals of 99 %. Spearman's rank correlation.";
    scatter->x_kind = scatter->y_kind = relative ? AXIS_LINEAR : AXIS_LOG;
    scatter->lines = SCATTER_LABELS;
}

static bool read(void *context, const struct plot_request *request, struct error *error)
{
    struct subject *subject = context;
    struct scatter *scatter = &subject->scatter;
    struct kld_models models = {0};
    const bool relative = subject->statistic == STATISTIC_RELATIVE;
    const bool read =
        kld_models_read(&models, request, &subject->selection, KLD_ERROR, error) &&
        (add_models(scatter, &models, error) || fail_in(error, "%s", request->paths[0]));
    const struct pairs pairs = read ? count_pairs(scatter) : (struct pairs){0};
    const bool drawable = read && (!relative || make_relative(scatter, error) ||
                                   fail_in(error, "%s", request->paths[0]));
    write_title(scatter, relative);
    scatter->origin = models.origin;
    if (drawable) {
        scatter_finish(scatter);
        tell(scatter, &models, &pairs);
    }
    kld_models_free(&models);
    return drawable;
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
    .help =
        "KL divergence and weighted error of every model, and the rank correlation of the\n"
        "two, of reports that eval wrote with --json: is the error a good surrogate? --statistic\n"
        "absolute (default), or relative to the first rounding of each format.",
    .example = "roundel eval builtin:tinylm --format all --rounding ggml,exact --json e.json\n"
               "         roundel plot e.json --kind kld-error -o error.pdf\n",
    .options = SELECTION_OPTIONS | 1u << PLOT_STATISTIC,
    .several = true,
    .subject_size = sizeof(struct subject),
    .choose = choose,
    .read = read,
    .draw = draw,
    .release = release,
};
