/*
 * The chart of divergences by format: a row for each, more bits per weight above; for each rounding
 * a mark for the mean and an open one for the mean of the 5 % most affected tokens, on intervals of
 * 99 %.
 */
#include "axis.h"
#include "chart_frame.h"
#include "kld_models.h"
#include "legend.h"
#include "mark.h"
#include "plot_kind.h"
#include "text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Lengths in points. */
enum {
    NAME_SIZE = 8,
    NAME_GAP = 8,
    LINE = 7, /* of a row, for each rounding */
    ROW_GAP = 6,
    CAP = 2, /* half the line at the end of an interval */
    MOST_ROWS = 100
};

struct subject {
    struct selection selection;
    struct kld_models models;
    const char *rows[MOST_ROWS]; /* names of formats, in the models */
    size_t nrows;
    const char *roundings[MARK_STYLES]; /* in `names` */
    char names[MARK_STYLES][KLD_TEXT];
    size_t nroundings;
};

/* ------------------------------------------------------------------------------------------------
 * Reading
 */

static bool choose(void *subject, const struct plot_request *request, struct error *error)
{
    return selection_choose(&((struct subject *)subject)->selection, request, error);
}

static size_t find(const char *const *names, size_t count, const char *name)
{
    size_t i = 0;
    while (i < count && strcmp(names[i], name) != 0)
        i++;
    return i;
}

/* More bits first; those of equal size stay in the order of the report. */
static int compare_bits(const void *left, const void *right)
{
    const struct kld_model *a = left, *b = right;
    return (a->bits < b->bits) - (a->bits > b->bits);
}

/* Insertion keeps the order of equals, which qsort() need not. */
static void sort_models(struct kld_models *models)
{
    for (size_t i = 1; i < models->count; i++) {
        const struct kld_model model = models->list[i];
        size_t k = i;
        for (; k > 0 && compare_bits(&models->list[k - 1], &model) > 0; k--)
            models->list[k] = models->list[k - 1];
        models->list[k] = model;
    }
}

static bool add_rounding(struct subject *subject, const char *rounding, struct error *error)
{
    if (find(subject->roundings, subject->nroundings, rounding) < subject->nroundings)
        return true;
    if (subject->nroundings == MARK_STYLES)
        return fail(error,
                    "more than %d roundings ('%s' is the next): marks would look alike; "
                    "--rounding and --weighting choose some",
                    MARK_STYLES, rounding);
    char *name = subject->names[subject->nroundings];
    snprintf(name, KLD_TEXT, "%s", rounding);
    subject->roundings[subject->nroundings++] = name;
    return true;
}

static bool add_row(struct subject *subject, const char *format, struct error *error)
{
    if (find(subject->rows, subject->nrows, format) < subject->nrows)
        return true;
    if (subject->nrows == MOST_ROWS)
        return fail(error, "more than %d formats; --format chooses some", MOST_ROWS);
    subject->rows[subject->nrows++] = format;
    return true;
}

static bool is_positive(const struct kld_value *value)
{
    return value->value >= AXIS_LEAST && value->high <= AXIS_MOST;
}

static bool read(void *context, const struct plot_request *request, struct error *error)
{
    struct subject *subject = context;
    struct kld_models *models = &subject->models;
    bool any = false;
    if (!kld_models_read(models, request, &subject->selection, KLD_NO_WISH, error))
        return false;
    for (size_t i = 0; i < models->count; i++) /* in the order of the report, as other charts */
        if (!add_rounding(subject, models->list[i].rounding, error))
            return fail_in(error, "%s", request->paths[0]);
    sort_models(models);
    for (size_t i = 0; i < models->count; i++) {
        if (!add_row(subject, models->list[i].format, error))
            return fail_in(error, "%s", request->paths[0]);
        any |= is_positive(&models->list[i].mean);
    }
    return any || fail(error, "%s: no model has a divergence above 0", request->paths[0]);
}

/* ------------------------------------------------------------------------------------------------
 * Drawing
 */

/* What is below 0 of an interval is not drawn on a logarithmic axis: a tenth of the value. */
static double low_of(const struct kld_value *value)
{
    return fmax(value->low, 0.1 * value->value);
}

static struct axis make_axis(const struct subject *subject, double from, double to)
{
    double low = INFINITY, high = 0;
    for (size_t i = 0; i < subject->models.count; i++) {
        const struct kld_value *const values[] = {&subject->models.list[i].mean,
                                                  &subject->models.list[i].tail};
        for (int k = 0; k < 2; k++)
            if (is_positive(values[k])) {
                low = fmin(low, low_of(values[k]));
                high = fmax(high, values[k]->high);
            }
    }
    return axis_across(AXIS_LOG, low, high, from, to);
}

static void draw_value(cairo_t *cairo, const struct axis *axis, const struct kld_value *value,
                       double y, unsigned style, bool open)
{
    if (!is_positive(value))
        return;
    const double ends[] = {axis_place(axis, low_of(value)), axis_place(axis, value->high)};
    chart_grey(cairo, 0.35);
    cairo_set_line_width(cairo, 0.7);
    cairo_move_to(cairo, ends[0], y);
    cairo_line_to(cairo, ends[1], y);
    for (int i = 0; i < 2; i++) {
        cairo_move_to(cairo, ends[i], y - CAP);
        cairo_line_to(cairo, ends[i], y + CAP);
    }
    cairo_stroke(cairo);
    mark_draw(cairo, axis_place(axis, value->value), y, style, open);
}

static double row_height(const struct subject *subject)
{
    return LINE * (double)subject->nroundings + ROW_GAP;
}

static void draw_models(cairo_t *cairo, const struct subject *subject, const struct axis *axis,
                        double top)
{
    for (size_t i = 0; i < subject->models.count; i++) {
        const struct kld_model *model = &subject->models.list[i];
        const size_t row = find(subject->rows, subject->nrows, model->format);
        const size_t line = find(subject->roundings, subject->nroundings, model->rounding);
        const double y =
            top + (double)row * row_height(subject) + ROW_GAP / 2.0 + LINE * ((double)line + 0.5);
        draw_value(cairo, axis, &model->tail, y, (unsigned)line, true);
        draw_value(cairo, axis, &model->mean, y, (unsigned)line, false);
    }
}

/* Names, and a band behind every other row. Returns where names end. */
static double names_width(cairo_t *cairo, const struct subject *subject)
{
    double width = 0;
    text_font(cairo, TEXT_NORMAL, NAME_SIZE);
    for (size_t i = 0; i < subject->nrows; i++)
        width = fmax(width, text_width(cairo, subject->rows[i]));
    return width;
}

static void draw_names(cairo_t *cairo, double width, double names, double top,
                       const struct subject *subject)
{
    const double height = row_height(subject);
    text_font(cairo, TEXT_NORMAL, NAME_SIZE);
    for (size_t i = 0; i < subject->nrows; i++) {
        const double y = top + (double)i * height;
        chart_grey(cairo, i % 2 == 0 ? 0.955 : 1);
        cairo_rectangle(cairo, CHART_MARGIN - 3, y, width - 2 * CHART_MARGIN + 6, height);
        cairo_fill(cairo);
        chart_grey(cairo, 0);
        text_show_cut(cairo, CHART_MARGIN, y + height / 2 + 2.9, 0, names, subject->rows[i]);
    }
}

static double draw_legend(cairo_t *cairo, double width, double y, const struct subject *subject)
{
    struct legend next = {CHART_MARGIN, width - CHART_MARGIN, CHART_MARGIN, y};
    chart_legend_font(cairo);
    for (unsigned i = 0; i < subject->nroundings; i++)
        if (*subject->roundings[i]) {
            const struct legend entry =
                legend_entry(&next, cairo, CHART_MARK_KEY, subject->roundings[i]);
            mark_draw(cairo, entry.x + 3, entry.y - 2.7, i, false);
        }
    legend_entry(&next, cairo, 0, "filled: mean, open: top 5 % of tokens");
    return next.y;
}

static double draw(cairo_t *cairo, double width, const void *context)
{
    const struct subject *subject = context;
    double y = chart_title(cairo, width, "Divergence by format", subject->models.below);
    y = draw_legend(cairo, width, y + 14, subject);
    const double top = y + 8;
    const double bottom = top + row_height(subject) * (double)subject->nrows;
    const double names = fmin(names_width(cairo, subject), width / 3);
    const struct axis axis =
        make_axis(subject, CHART_MARGIN + names + NAME_GAP, width - 2 * CHART_MARGIN);
    draw_names(cairo, width, names, top, subject);
    y = axis_draw_across(&axis, cairo, top, bottom, "KL divergence (nats)");
    draw_models(cairo, subject, &axis, top);
    return chart_origin(cairo, width, y + 12, "Lines through marks are intervals of 99 %.",
                        &subject->models.origin) +
           CHART_MARGIN;
}

static void release(void *subject)
{
    kld_models_free(&((struct subject *)subject)->models);
}

const struct plot_kind plot_kld_formats = {
    .name = "kld-formats",
    .help = "mean KL divergence, and that of the 5 % most affected tokens, by format and\n"
            "rounding, with intervals of 99 %, of reports that eval or kld wrote with --json.",
    .example = "roundel eval builtin:tinylm --format all --rounding ggml,exact --json e.json\n"
               "         roundel plot e.json --kind kld-formats -o formats.pdf\n",
    .options = SELECTION_OPTIONS,
    .several = true,
    .subject_size = sizeof(struct subject),
    .choose = choose,
    .read = read,
    .draw = draw,
    .release = release,
};
