/* The chart of divergence and size: a mark for each model, filled on the Pareto front; a line joins
 * the best of each rounding. */
#include "kld_models.h"
#include "plot_kind.h"
#include "scatter.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum statistic {
    STATISTIC_MEAN,
    STATISTIC_TOP5,
    STATISTIC_COUNT
};

static const char *statistic_name(unsigned statistic)
{
    static const char *const names[STATISTIC_COUNT] = {"mean", "top5"};
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

/* Divergences of 0 and less have no place on a logarithmic axis: the model is its base. */
static bool add_models(struct subject *subject, const struct kld_models *models,
                       struct error *error)
{
    size_t left_out = 0;
    for (size_t i = 0; i < models->count; i++) {
        const struct kld_model *model = &models->list[i];
        const struct kld_value *kld =
            subject->statistic == STATISTIC_TOP5 ? &model->tail : &model->mean;
        struct scatter_point point = {.x = model->bits, .y = kld->value, .cost = kld->value};
        if (!(kld->value >= AXIS_LEAST)) {
            left_out++;
            continue;
        }
        point.low = fmax(kld->low, 0.1 * kld->value);
        point.high = kld->high;
        memcpy(point.label, model->format, sizeof point.label);
        if (!scatter_add(&subject->scatter, model->rounding, &point, error))
            return false;
    }
    if (left_out && subject->scatter.count)
        fprintf(stderr, "roundel plot: left out %zu model(s) without a divergence above 0\n",
                left_out);
    return subject->scatter.count > 0 || fail(error, "no model has a divergence above 0");
}

static bool read(void *context, const struct plot_request *request, struct error *error)
{
    struct subject *subject = context;
    struct scatter *scatter = &subject->scatter;
    struct kld_models models = {0};
    const bool read =
        kld_models_read(&models, request, &subject->selection, KLD_BITS, error) &&
        (add_models(subject, &models, error) || fail_in(error, "%s", request->paths[0]));
    scatter->title = "Divergence and size of models";
    scatter->x_title = "bits per weight";
    scatter->y_title = subject->statistic == STATISTIC_TOP5
                           ? "KL divergence of the top 5 % of tokens (nats)"
                           : "mean KL divergence (nats)";
    scatter->remark = "Lines through marks are intervals of 99 %.";
    scatter->y_kind = AXIS_LOG;
    scatter->origin = models.origin;
    snprintf(scatter->below, sizeof scatter->below, "%s", models.below);
    if (read)
        scatter_finish(scatter);
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

const struct plot_kind plot_kld_bits = {
    .name = "kld-bits",
    .help = "KL divergence and bits per weight of every model, of reports that eval wrote with\n"
            "--json. --statistic mean (default) or top5, of the 5 % most affected tokens.",
    .example = "roundel eval builtin:tinylm --format all --rounding ggml,exact --json e.json\n"
               "         roundel plot e.json --kind kld-bits -o bits.pdf\n",
    .options = SELECTION_OPTIONS | 1u << PLOT_STATISTIC,
    .several = true,
    .subject_size = sizeof(struct subject),
    .choose = choose,
    .read = read,
    .draw = draw,
    .release = release,
};
