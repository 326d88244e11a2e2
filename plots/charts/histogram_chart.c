/*
 * The chart of error histograms: how many weights have an error of which size, a line of steps for
 * each rounding of one format.
 */
#include "compare_result.h"
#include "curves.h"
#include "plot_kind.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BINS = 64,
    MAX_COUNTS = 4096
};

/* Bins with a smaller share of the weights are drawn as empty ones. */
#define LEAST_SHARE 1e-9

/* The histogram of a result. */
struct bins {
    char rounding[CURVES_TEXT];
    double edges[MAX_COUNTS + 1], counts[MAX_COUNTS]; /* edges in units of the RMS weight */
    size_t count;
    double total;
};

struct subject {
    struct selection selection;
    char format[CURVES_TEXT]; /* fit for printing */
    struct bins *list;        /* of LINE_STYLES */
    size_t count;
    struct curves curves;
};

/* ------------------------------------------------------------------------------------------------
 * Reading
 */

static bool choose(void *subject, const struct plot_request *request, struct error *error)
{
    return selection_choose(&((struct subject *)subject)->selection, request, error);
}

/* Edges from 0 up, and a count between each two. */
static bool read_bins(struct bins *bins, const json_t *histogram, double unit, struct error *error)
{
    const json_t *edges = json_object_get(histogram, "edges");
    const json_t *counts = json_object_get(histogram, "counts");
    bins->count = json_array_size(counts);
    if (bins->count == 0 || bins->count > MAX_COUNTS || json_array_size(edges) != bins->count + 1)
        return fail(error,
                    "\"counts\" and \"edges\" are no arrays of 1 .. %d numbers, and one more",
                    MAX_COUNTS);
    for (size_t i = 0; i <= bins->count; i++) {
        bins->edges[i] = json_number_value(json_array_get(edges, i)) / unit;
        if (i == 0 ? bins->edges[0] != 0 : !(bins->edges[i] > bins->edges[i - 1]))
            return fail(error, "\"edges\" do not ascend from 0 (number %zu)", i);
    }
    for (size_t i = 0; i < bins->count; i++) {
        bins->counts[i] = json_number_value(json_array_get(counts, i));
        if (!(bins->counts[i] >= 0) || bins->counts[i] > 1e18)
            return fail(error, "\"counts\" has no number from 0 to 1e18 (number %zu)", i);
        bins->total += bins->counts[i];
    }
    return bins->total > 0 || fail(error, "\"counts\" are all 0");
}

static bool check_format(struct subject *subject, const char *format, struct error *error)
{
    char shown[CURVES_TEXT];
    escape(shown, sizeof shown, format, strlen(format));
    if (!*subject->format)
        snprintf(subject->format, sizeof subject->format, "%s", shown);
    return strcmp(subject->format, shown) == 0 ||
           fail(error, "of format %s, and there is format %s: --format chooses one", shown,
                subject->format);
}

static bool take_result(void *context, const struct compare_result *result, struct error *error)
{
    struct subject *subject = context;
    const json_t *histogram = json_object_get(result->json, "error_histogram");
    double rmse, relative;
    if (!histogram)
        return fail(error, "no \"error_histogram\": roundel compare writes it with --histograms");
    if (!check_format(subject, result->format, error) ||
        !compare_result_figure(result, "rmse", 0, AXIS_MOST, &rmse, error) ||
        !compare_result_figure(result, "relative_rmse", 0, AXIS_MOST, &relative, error))
        return false;
    if (!(rmse > 0) || !(relative > 0)) /* without an error there is nothing to draw */
        return true;
    if (subject->count == LINE_STYLES)
        return fail(error, "more than %d roundings; --rounding chooses some", LINE_STYLES);
    struct bins *bins = &subject->list[subject->count++];
    snprintf(bins->rounding, sizeof bins->rounding, "%s", result->rounding);
    return read_bins(bins, histogram, rmse / relative, error) ||
           fail_in(error, "\"error_histogram\"");
}

/* ------------------------------------------------------------------------------------------------
 * Curves
 */

static double largest_error(const struct subject *subject)
{
    double largest = 0;
    for (size_t i = 0; i < subject->count; i++) {
        const struct bins *bins = &subject->list[i];
        size_t last = bins->count;
        while (last > 1 && bins->counts[last - 1] == 0)
            last--;
        largest = fmax(largest, bins->edges[last]);
    }
    return largest;
}

/* How many of the weights are from `low` to `high`, those of a bin spread evenly over it. */
static double count_between(const struct bins *bins, double low, double high)
{
    double sum = 0;
    for (size_t i = 0; i < bins->count; i++) {
        const double from = fmax(low, bins->edges[i]), to = fmin(high, bins->edges[i + 1]);
        if (to > from)
            sum += bins->counts[i] * (to - from) / (bins->edges[i + 1] - bins->edges[i]);
    }
    return sum;
}

static bool add_steps(struct curves *curves, const struct bins *bins, double width,
                      struct error *error)
{
    struct curve *curve = curves_add(curves, bins->rounding, 2 * (BINS + 1), error);
    if (!curve)
        return false;
    for (int bin = 0; bin < BINS; bin++) {
        const double share = count_between(bins, bin * width, (bin + 1) * width) / bins->total;
        for (int end = 0; end < 2; end++) {
            curve->x[curve->count] = (bin + end) * width;
            curve->y[curve->count++] = share;
        }
    }
    return true;
}

static bool add_curves(struct subject *subject, struct error *error)
{
    struct curves *curves = &subject->curves;
    const double width = largest_error(subject) / BINS;
    const size_t used = strlen(curves->below);
    snprintf(curves->below + used, sizeof curves->below - used, "; format %s; bins of %.2g",
             subject->format, width);
    curves->title = "Errors of weights";
    curves->x_title = "size of the error / root mean square of the weights";
    curves->y_title = "share of the weights in a bin";
    curves->remark = "";
    curves->y_kind = AXIS_LOG;
    curves->floor = LEAST_SHARE;
    for (size_t i = 0; i < subject->count; i++)
        if (!add_steps(curves, &subject->list[i], width, error))
            return false;
    return true;
}

static bool read_tree(struct subject *subject, const json_t *tree, struct error *error)
{
    compare_describe(tree, subject->curves.below, sizeof subject->curves.below);
    if (!compare_results_each(json_object_get(tree, "total"), &subject->selection, take_result,
                              subject, error))
        return fail_in(error, "\"total\"");
    if (subject->count == 0)
        return fail(error, "no result of what --format, --rounding and --weighting say has errors");
    return add_curves(subject, error);
}

static bool read(void *context, const struct plot_request *request, struct error *error)
{
    struct subject *subject = context;
    subject->list = calloc(LINE_STYLES, sizeof *subject->list);
    if (!subject->list)
        return fail(error, "out of memory");
    json_t *tree = report_open(request->paths[0], "compare", &subject->curves.origin, error);
    if (!tree)
        return false;
    const bool read = read_tree(subject, tree, error) || fail_in(error, "%s", request->paths[0]);
    json_decref(tree);
    return read;
}

static double draw(cairo_t *cairo, double width, const void *subject)
{
    return curves_draw(cairo, width, &((const struct subject *)subject)->curves);
}

static void release(void *context)
{
    struct subject *subject = context;
    free(subject->list);
    curves_free(&subject->curves);
}

const struct plot_kind plot_histogram = {
    .name = "histogram",
    .help = "how many weights have an error of which size, of every rounding of one format,\n"
            "of a report that compare --histograms wrote with --json.",
    .example = "roundel compare --format q4_k --rounding nearest,ggml,exact --histograms "
               "--json h.json\n"
               "         roundel plot h.json --kind histogram -o h.pdf\n",
    .options = SELECTION_OPTIONS,
    .subject_size = sizeof(struct subject),
    .choose = choose,
    .read = read,
    .draw = draw,
    .release = release,
};
