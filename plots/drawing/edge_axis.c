#include "edge_axis.h"

#include "text.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Lengths in points. */
enum {
    LABEL_SIZE = 7,
    LABEL_HEIGHT = 5, /* of digits */
    BETWEEN_ACROSS = 8,
    BETWEEN_UPRIGHT = 8,
    TICK_LENGTH = 3,
    LABEL_GAP = 2,
    ROOM_FOR_MULTIPLES = 20 /* that a decade takes at least if it has a tick at each multiple */
};

/* A value that should be at a tick but for rounding is there. */
#define SLACK 1e-9

/* A tick that is beyond an end of the axis by so little of its length, less than a line is wide,
 * stands there: 1 if the greatest cosine is 1 - 1e-8. */
#define BEYOND 1e-3

double edge_axis_place(const struct edge_axis *axis, double value)
{
    const double part = axis->logarithmic
                            ? (log(value) - log(axis->first)) / (log(axis->last) - log(axis->first))
                            : (value - axis->first) / (axis->last - axis->first);
    return axis->from + part * (axis->to - axis->from);
}

static double least(const struct edge_axis *axis)
{
    return fmin(axis->first, axis->last);
}

static double most(const struct edge_axis *axis)
{
    return fmax(axis->first, axis->last);
}

/* ------------------------------------------------------------------------------------------------
 * Labels
 */

/* Appends the unit, and the sign as printers have it. */
static void write_label(const struct edge_axis *axis, struct edge_tick *tick, const char *digits)
{
    const bool negative = digits[0] == '-';
    snprintf(tick->label, sizeof tick->label, "%s%s%s", negative ? "−" : "", digits + negative,
             axis->unit);
}

/* With the digits that tell it from its neighbours. */
static void label_step(const struct edge_axis *axis, struct edge_tick *tick, double step)
{
    char digits[32];
    const double size = fmax(fabs(axis->first), fabs(axis->last));
    if (size < 1e-3 || size >= 1e7)
        snprintf(digits, sizeof digits, "%.*g", (int)ceil(log10(size / step)) + 1, tick->value);
    else
        snprintf(digits, sizeof digits, "%.*f", (int)fmax(-floor(log10(step) + SLACK), 0.0),
                 tick->value);
    write_label(axis, tick, digits);
}

/* "0.02", "10⁻⁷", "2·10⁶" */
static void label_power(const struct edge_axis *axis, struct edge_tick *tick, int digit, int power)
{
    static const char *const raised[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
    char digits[32], front[8] = "";
    const int size = abs(power);
    if (digit > 1)
        snprintf(front, sizeof front, "%d·", digit);
    if (size <= 4)
        snprintf(digits, sizeof digits, "%g", tick->value);
    else
        snprintf(digits, sizeof digits, "%s10%s%s%s%s", front, power < 0 ? "⁻" : "",
                 size >= 100 ? raised[size / 100] : "", size >= 10 ? raised[size / 10 % 10] : "",
                 raised[size % 10]);
    write_label(axis, tick, digits);
}

static double tick_place(const struct edge_axis *axis, const struct edge_tick *tick)
{
    return fmin(fmax(edge_axis_place(axis, tick->value), axis->from), axis->to);
}

/* Where a label across begins and how wide it is: below its tick, but not far beyond the ends. */
static double label_left(const struct edge_axis *axis, cairo_t *cairo, const struct edge_tick *tick,
                         double *width)
{
    *width = text_width(cairo, tick->label);
    const double left = tick_place(axis, tick) - *width / 2;
    return fmax(fmin(left, axis->to + axis->overhang - *width), axis->from - axis->overhang);
}

/* Whether no two labels touch. */
static bool labels_fit(const struct edge_axis *axis, cairo_t *cairo, bool upright,
                       const struct edge_tick ticks[], size_t count)
{
    const double direction = axis->first < axis->last ? 1 : -1;
    double end = -INFINITY; /* of the labels so far; upright, in the other direction if need be */
    for (size_t k = 0; k < count; k++) {
        const struct edge_tick *tick = &ticks[direction > 0 ? k : count - 1 - k];
        if (!tick->label[0])
            continue;
        double size = LABEL_HEIGHT, start = tick_place(axis, tick) - size / 2;
        if (!upright)
            start = label_left(axis, cairo, tick, &size);
        if (start < end + (upright ? BETWEEN_UPRIGHT : BETWEEN_ACROSS))
            return false;
        end = start + size;
    }
    return true;
}

/* ------------------------------------------------------------------------------------------------
 * Ticks
 */

/* Ticks at multiples of the step; none if they are too many, or numbers too coarse for it. */
static size_t step_ticks(const struct edge_axis *axis, double step, struct edge_tick ticks[])
{
    const double beyond = BEYOND * (most(axis) - least(axis));
    const double first = ceil((least(axis) - beyond) / step);
    const double last = floor((most(axis) + beyond) / step);
    if (!(last - first < EDGE_AXIS_TICKS && fmax(fabs(first), fabs(last)) < 1e12))
        return 0;
    size_t count = 0;
    for (; first + (double)count <= last; count++) {
        const double i = first + (double)count;
        ticks[count] = (struct edge_tick){.value = i == 0.0 ? 0.0 : i * step}; /* no -0 */
        label_step(axis, &ticks[count], step);
    }
    return count;
}

/* The next longer step: 1, 2, 5, 10, 20 ..; in degrees 10, 15, 30, 45, 90 .. */
static double longer_step(const struct edge_axis *axis, double step)
{
    static const double degrees[] = {10, 15, 30, 45, 90, 180, 360};
    if (strcmp(axis->unit, "°") == 0 && step > 9 && step < 300)
        for (size_t i = 0;; i++)
            if (degrees[i] > step * 1.01)
                return degrees[i];
    const double decade = pow(10, floor(log10(step) + SLACK));
    return step < 1.5 * decade ? 2 * decade : step < 3 * decade ? 5 * decade : 10 * decade;
}

/* The shortest step at which labels have room. */
static size_t linear_ticks(const struct edge_axis *axis, cairo_t *cairo, bool upright,
                           struct edge_tick ticks[])
{
    const double range = most(axis) - least(axis);
    if (!(range > 0 && range <= DBL_MAX))
        return 0;
    double step = pow(10, floor(log10(range / EDGE_AXIS_TICKS)));
    for (; step <= range; step = longer_step(axis, step)) {
        const size_t count = step_ticks(axis, step, ticks);
        if (count > 0 && labels_fit(axis, cairo, upright, ticks, count))
            return count;
    }
    return 0;
}

/* How a logarithmic axis can be labelled: the digits of a decade as bits, and which decades. */
struct pattern {
    unsigned digits;
    int decades;
};

static const struct pattern patterns[] = {
    {0x3fe, 1},                    /* 1 .. 9 */
    {1 << 1 | 1 << 2 | 1 << 5, 1}, /* 1, 2, 5 */
    {1 << 1 | 1 << 3, 1},          /* 1, 3 */
    {1 << 1, 1},
    {1 << 1, 2},
    {1 << 1, 3},
    {1 << 1, 5},
    {1 << 1, 10},
    {1 << 1, 20},
    {1 << 1, 100},
    {1 << 1, 1000},
};

static size_t power_ticks(const struct edge_axis *axis, struct pattern pattern,
                          struct edge_tick ticks[])
{
    const int first = (int)floor(log10(least(axis)) - SLACK);
    const int last = (int)floor(log10(most(axis)) + SLACK);
    const double decade = (axis->to - axis->from) / log10(most(axis) / least(axis));
    const int digits = decade >= ROOM_FOR_MULTIPLES ? 9 : 1;
    size_t count = 0;
    for (int power = first; power <= last; power++)
        for (int digit = 1; digit <= digits && count < EDGE_AXIS_TICKS; digit++) {
            struct edge_tick tick = {.value = digit * pow(10, power)};
            if (tick.value < least(axis) * (1 - SLACK) || tick.value > most(axis) * (1 + SLACK))
                continue;
            if (pattern.digits >> digit & 1 && power % pattern.decades == 0)
                label_power(axis, &tick, digit, power);
            else if (pattern.decades >= 5)
                continue;
            ticks[count++] = tick;
        }
    return count;
}

static size_t count_labels(const struct edge_tick ticks[], size_t count)
{
    size_t labels = 0;
    for (size_t i = 0; i < count; i++)
        labels += ticks[i].label[0] != '\0';
    return labels;
}

/* Within a decade a linear axis has better ticks, if multiples are too few. */
static size_t logarithmic_ticks(const struct edge_axis *axis, cairo_t *cairo, bool upright,
                                struct edge_tick ticks[])
{
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
        const size_t count = power_ticks(axis, patterns[i], ticks);
        if (!labels_fit(axis, cairo, upright, ticks, count))
            continue;
        if (most(axis) > 10 * least(axis) || count_labels(ticks, count) >= 4)
            return count;
        break;
    }
    return linear_ticks(axis, cairo, upright, ticks);
}

size_t edge_axis_ticks(const struct edge_axis *axis, cairo_t *cairo, bool upright,
                       struct edge_tick ticks[EDGE_AXIS_TICKS])
{
    text_font(cairo, TEXT_NORMAL, LABEL_SIZE);
    return axis->logarithmic ? logarithmic_ticks(axis, cairo, upright, ticks)
                             : linear_ticks(axis, cairo, upright, ticks);
}

/* ------------------------------------------------------------------------------------------------
 * Drawing
 */

static double tick_length(const struct edge_tick *tick)
{
    return tick->label[0] ? TICK_LENGTH : TICK_LENGTH / 2.0;
}

static void draw_tick(cairo_t *cairo, double x0, double y0, double x1, double y1)
{
    cairo_set_source_rgb(cairo, 0, 0, 0);
    cairo_set_line_width(cairo, 0.5);
    cairo_move_to(cairo, x0, y0);
    cairo_line_to(cairo, x1, y1);
    cairo_stroke(cairo);
}

double edge_axis_draw_below(const struct edge_axis *axis, cairo_t *cairo, double y)
{
    struct edge_tick ticks[EDGE_AXIS_TICKS];
    const size_t count = edge_axis_ticks(axis, cairo, false, ticks);
    const double baseline = y + TICK_LENGTH + LABEL_GAP + LABEL_HEIGHT;
    for (size_t i = 0; i < count; i++) {
        const double x = tick_place(axis, &ticks[i]);
        draw_tick(cairo, x, y, x, y + tick_length(&ticks[i]));
        double width;
        text_show(cairo, label_left(axis, cairo, &ticks[i], &width), baseline, 0, ticks[i].label);
    }
    return baseline;
}

double edge_axis_width(const struct edge_axis *axis, cairo_t *cairo)
{
    struct edge_tick ticks[EDGE_AXIS_TICKS];
    const size_t count = edge_axis_ticks(axis, cairo, true, ticks);
    double width = 0;
    for (size_t i = 0; i < count; i++)
        width = fmax(width, text_width(cairo, ticks[i].label));
    return width + TICK_LENGTH + LABEL_GAP;
}

double edge_axis_draw_left(const struct edge_axis *axis, cairo_t *cairo, double x)
{
    struct edge_tick ticks[EDGE_AXIS_TICKS];
    const size_t count = edge_axis_ticks(axis, cairo, true, ticks);
    for (size_t i = 0; i < count; i++) {
        const double y = tick_place(axis, &ticks[i]);
        draw_tick(cairo, x - tick_length(&ticks[i]), y, x, y);
        text_show(cairo, x - TICK_LENGTH - LABEL_GAP, y + LABEL_HEIGHT / 2.0, 1, ticks[i].label);
    }
    return x - edge_axis_width(axis, cairo);
}
