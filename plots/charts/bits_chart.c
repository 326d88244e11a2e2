/*
 * The chart of error and size: a mark for each format and rounding, bits per weight to the right
 * and the error upwards; filled on the Pareto front. A line joins the best of each rounding.
 */
#include "compare_result.h"
#include "plot_kind.h"
#include "scatter.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum statistic {
    STATISTIC_NMSE,
    STATISTIC_SQNR,
    STATISTIC_SHORTFALL,
    STATISTIC_WEIGHTED,
    STATISTIC_COUNT
};

static const struct {
    const char *name, *key, *title;
    enum axis_kind kind;
    double low, high;
} statistics[STATISTIC_COUNT] = {
    [STATISTIC_NMSE] = {"nmse", "relative_rmse", "normalized mean squared error", AXIS_LOG, 0, 1e6},
    [STATISTIC_SQNR] = {"sqnr", "sqnr_db", "signal to quantization noise ratio (dB)", AXIS_LINEAR,
                        -1e3, 1e3},
    [STATISTIC_SHORTFALL] = {"shortfall", "sqnr_db", "dB short of 6.02 dB per bit", AXIS_LINEAR,
                             -1e3, 1e3},
    [STATISTIC_WEIGHTED] = {"weighted", "weighted_rmse", "weighted root mean squared error",
                            AXIS_LOG, 0, AXIS_MOST},
};

static const char *statistic_name(unsigned statistic)
{
    return statistic < STATISTIC_COUNT ? statistics[statistic].name : NULL;
}

struct subject {
    struct selection selection;
    enum statistic statistic;
    struct scatter scatter;
    size_t left_out;
};

static bool choose(void *subject, const struct plot_request *request, struct error *error)
{
    struct subject *bits = subject;
    unsigned statistic = STATISTIC_NMSE;
    if (!plot_choose_name("statistic", request->options[PLOT_STATISTIC], statistic_name, &statistic,
                          error))
        return false;
    bits->statistic = (enum statistic)statistic;
    return selection_choose(&bits->selection, request, error);
}

/* A figure that is null or 0 (nothing was lost) has no place on its axis. */
static bool take_result(void *context, const struct compare_result *result, struct error *error)
{
    struct subject *bits = context;
    const enum statistic statistic = bits->statistic;
    struct scatter_point point = {0};
    if (!report_get_number(result->json, "bits_per_weight", 0.01, 1024, &point.x, error) ||
        !compare_result_figure(result, statistics[statistic].key, statistics[statistic].low,
                               statistics[statistic].high, &point.y, error))
        return false;
    if (statistic == STATISTIC_NMSE)
        point.y *= point.y;
    const bool higher_is_better = statistic == STATISTIC_SQNR || statistic == STATISTIC_SHORTFALL;
    point.cost = higher_is_better ? -point.y : point.y;
    if (statistic == STATISTIC_SHORTFALL)
        point.y = 20 * log10(2) * point.x - point.y;
    if (isnan(point.y) || (statistics[statistic].kind == AXIS_LOG && point.y < AXIS_LEAST)) {
        bits->left_out++;
        return true;
    }
    point.low = point.high = point.y;
    escape(point.label, sizeof point.label, result->format, strlen(result->format));
    return scatter_add(&bits->scatter, result->rounding, &point, error);
}

static bool read_report(struct subject *bits, const char *path, const char **first_hash,
                        json_t *tree, struct error *error)
{
    const char *hash = report_get_string(tree, "input_hash", error);
    if (!hash)
        return fail_in(error, "%s", path);
    if (!*first_hash)
        *first_hash = hash;
    if (strcmp(hash, *first_hash) != 0)
        return fail(error, "%s: of other weights than the first report", path);
    return compare_results_each(json_object_get(tree, "total"), &bits->selection, take_result, bits,
                                error) ||
           fail_in(error, "%s: \"total\"", path);
}

static void write_title(struct scatter *scatter, enum statistic statistic)
{
    scatter->title = "Error and size of formats";
    scatter->x_title = "bits per weight";
    scatter->y_title = statistics[statistic].title;
    scatter->y_kind = statistics[statistic].kind;
    scatter->remark =
        statistic == STATISTIC_WEIGHTED
            ? "A weighted error is a surrogate: a lower one does not by itself make a better model."
            : "";
}

static bool read(void *subject, const struct plot_request *request, struct error *error)
{
    struct subject *bits = subject;
    bool good = true;
    json_t *first = NULL;
    const char *hash = NULL;
    for (size_t i = 0; i < request->npaths && good; i++) {
        struct report_origin origin;
        json_t *tree = report_open(request->paths[i], "compare", &origin, error);
        good = tree && read_report(bits, request->paths[i], &hash, tree, error);
        if (i == 0) {
            first = tree; /* its hash is in use */
            bits->scatter.origin = origin;
            compare_describe(tree, bits->scatter.below, sizeof bits->scatter.below);
        } else {
            json_decref(tree);
        }
    }
    json_decref(first);
    if (good && bits->scatter.count == 0)
        good = fail(error,
                    "%s: no measured result is of what --format, --rounding and --weighting "
                    "say, or none has a figure \"%s\"",
                    request->paths[0], statistics[bits->statistic].key);
    if (!good)
        return false;
    if (bits->left_out)
        fprintf(stderr,
                "roundel plot: left out %zu result(s) without an error, or without its "
                "figure\n",
                bits->left_out);
    write_title(&bits->scatter, bits->statistic);
    scatter_finish(&bits->scatter);
    return true;
}

static double draw(cairo_t *cairo, double width, const void *subject)
{
    return scatter_draw(cairo, width, &((const struct subject *)subject)->scatter);
}

static void release(void *subject)
{
    scatter_free(&((struct subject *)subject)->scatter);
}

const struct plot_kind plot_bits = {
    .name = "bits",
    .help = "error and bits per weight of every format and rounding, of reports that compare\n"
            "wrote with --json. --statistic nmse (default), sqnr or weighted.",
    .example = "roundel compare --format all --rounding nearest,ggml,exact --json all.json\n"
               "         roundel plot all.json --kind bits -o bits.pdf\n",
    .options = SELECTION_OPTIONS | 1u << PLOT_STATISTIC,
    .several = true,
    .subject_size = sizeof(struct subject),
    .choose = choose,
    .read = read,
    .draw = draw,
    .release = release,
};
