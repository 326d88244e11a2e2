/* The chart of one format and rounding on every tensor of a model: a colour for each. */
#include "compare_result.h"
#include "heatmap.h"
#include "plot_kind.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum statistic {
    STATISTIC_SQNR,
    STATISTIC_RELATIVE,
    STATISTIC_EXCESS,
    STATISTIC_COUNT
};

static const struct {
    const char *name, *key, *title, *unit;
    double factor;
    unsigned decimals;
} statistics[STATISTIC_COUNT] = {
    [STATISTIC_SQNR] = {"sqnr", "sqnr_db", "signal to quantization noise ratio (dB)", "", 1, 1},
    [STATISTIC_RELATIVE] = {"relative", "relative_rmse", "root mean squared error of weights of 1",
                            " %", 100, 2},
    [STATISTIC_EXCESS] = {"excess", "gap_mean", "mean excess over the proven optimum", " %", 100,
                          1},
};

static const char *statistic_name(unsigned statistic)
{
    return statistic < STATISTIC_COUNT ? statistics[statistic].name : NULL;
}

struct subject {
    struct selection selection;
    enum statistic statistic;
    char contestant[HEATMAP_TEXT]; /* that is drawn: "q4_k exact" */
    const char *tensor;            /* that is read, in the report's tree */
    size_t values;
    struct heatmap heatmap;
};

static bool choose(void *context, const struct plot_request *request, struct error *error)
{
    struct subject *subject = context;
    unsigned statistic = STATISTIC_SQNR;
    if (!plot_choose_name("statistic", request->options[PLOT_STATISTIC], statistic_name, &statistic,
                          error))
        return false;
    subject->statistic = (enum statistic)statistic;
    return selection_choose(&subject->selection, request, error);
}

static bool take_result(void *context, const struct compare_result *result, struct error *error)
{
    struct subject *subject = context;
    char contestant[HEATMAP_TEXT], format[32];
    double value;
    snprintf(contestant, sizeof contestant, "%s %s",
             escape(format, sizeof format, result->format, strlen(result->format)),
             result->rounding);
    if (!*subject->contestant)
        memcpy(subject->contestant, contestant, sizeof contestant);
    if (strcmp(subject->contestant, contestant) != 0)
        return fail(error,
                    "of %s, and there is %s: --format, --rounding and --weighting choose one",
                    contestant, subject->contestant);
    if (subject->statistic == STATISTIC_EXCESS && !json_object_get(result->json, "gap_mean"))
        return fail(error, "no \"gap_mean\": roundel compare writes it with --gap");
    if (!compare_result_figure(result, statistics[subject->statistic].key, -1e6, 1e6, &value,
                               error))
        return false;
    subject->values += !isnan(value);
    return heatmap_add(&subject->heatmap, subject->tensor,
                       statistics[subject->statistic].factor * value, error);
}

static bool read_tensors(struct subject *subject, const json_t *tensors, struct error *error)
{
    if (!json_is_array(tensors))
        return fail(error, "no array \"tensors\"");
    for (size_t i = 0; i < json_array_size(tensors); i++) {
        const json_t *tensor = json_array_get(tensors, i);
        subject->tensor = report_get_string(tensor, "name", error);
        if (!subject->tensor)
            return fail_in(error, "\"tensors\": number %zu", i);
        if (!compare_results_each(json_object_get(tensor, "results"), &subject->selection,
                                  take_result, subject, error))
            return fail_in_named(error, "tensor", subject->tensor);
    }
    return subject->values > 0 ||
           fail(error, "no tensor has a \"%s\" of what --format, --rounding and --weighting say",
                statistics[subject->statistic].key);
}

static void write_title(struct subject *subject, const json_t *tree)
{
    struct heatmap *heatmap = &subject->heatmap;
    char weights[256];
    compare_describe(tree, weights, sizeof weights);
    snprintf(heatmap->below, sizeof heatmap->below, "%s, %s", subject->contestant, weights);
    heatmap->title = "Tensors of a model";
    heatmap->remark = "";
    heatmap->decimals = statistics[subject->statistic].decimals;
    heatmap->colouring.palette = PALETTE_VIRIDIS;
    heatmap->colouring.title = statistics[subject->statistic].title;
    heatmap->colouring.unit = statistics[subject->statistic].unit;
    heatmap_finish(heatmap);
}

static bool read(void *context, const struct plot_request *request, struct error *error)
{
    struct subject *subject = context;
    json_t *tree = report_open(request->paths[0], "compare", &subject->heatmap.origin, error);
    if (!tree)
        return false;
    const bool read = read_tensors(subject, json_object_get(tree, "tensors"), error);
    if (read)
        write_title(subject, tree);
    else
        fail_in(error, "%s", request->paths[0]);
    json_decref(tree);
    return read;
}

static double draw(cairo_t *cairo, double width, const void *subject)
{
    return heatmap_draw(cairo, width, &((const struct subject *)subject)->heatmap);
}

static void release(void *subject)
{
    heatmap_free(&((struct subject *)subject)->heatmap);
}

const struct plot_kind plot_heatmap = {
    .name = "heatmap",
    .help = "every tensor of a model as a colour, rows of layers and columns of kinds, of one\n"
            "format and rounding of a report that compare wrote with --json. --statistic sqnr\n"
            "(default), relative, or excess over the optimum, for which compare needs --gap.",
    .example = "roundel compare --format q4_k --rounding exact --json q4_k.json\n"
               "         roundel plot q4_k.json --kind heatmap --size 3.5in -o q4_k.pdf\n",
    .options = SELECTION_OPTIONS | 1u << PLOT_STATISTIC,
    .subject_size = sizeof(struct subject),
    .choose = choose,
    .read = read,
    .draw = draw,
    .release = release,
};
