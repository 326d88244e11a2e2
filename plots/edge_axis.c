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

double edge_axis_place(const struct edge_axis *axis, double value)
{
    const double part = axis->logarithmic ? log(value / axis->first) / log(axis->last / axis->first)
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
static void write_label(const struct edge_axis *axis, struct tick *tick, const char *digits)
{
    const bool negative = digits[0] == '-';
    snprintf(tick->label, sizeof tick->label, "%s%s%s", negative ? "−" : "", digits + negative,
             axis->unit);
}

static void label_step(const struct edge_axis *axis, struct tick *tick, double step)
{
    char digits[32];
    const int decimals = (int)fmax(-floor(log10(step) + SLACK), 0.0);
    if (decimals > 8 || fabs(tick->value) >= 1e7)
        snprintf(digits, sizeof digits, "%.4g", tick->value);
    else
        snprintf(digits, sizeof digits, "%.*f", decimals, tick->value);
    write_label(axis, tick, digits);
}

static void label_power(const struct edge_axis *axis, struct tick *tick, int digit, int power)
{
    static const char *const raised[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
    char digits[32];
    const int size = abs(power);
    if (size <= 4)
        snprintf(digits, sizeof digits, "%g", tick->value);
    else if (digit == 1)
        snprintf(digits, sizeof digits, "10%s%s%s", power < 0 ? "⁻" : "",
                 size >= 10 ? raised[size / 10 % 10] : "", raised[size % 10]);
    else
        snprintf(digits, sizeof digits, "%de%d", digit, power);
    write_label(axis, tick, digits);
}

/* Where a label across begins and how wide it is: below its tick, but not far beyond the ends. */
static double label_left(const struct edge_axis *axis, cairo_t *cairo, const struct tick *tick,
                         double *width)
{
    *width = text_width(cairo, tick->label);
    const double left = edge_axis_place(axis, tick->value) - *width / 2;
    return fmax(fmin(left, axis->to + axis->overhang - *width), axis->from - axis->overhang);
}

/* Whether no two labels touch. */
static bool labels_fit(const struct edge_axis *axis, cairo_t *cairo, bool upright,
                       const struct tick ticks[], size_t count)
{
    const double direction = axis->first < axis->last ? 1 : -1;
    double end = -INFINITY; /* of the labels so far; upright, in the other direction if need be */
    for (size_t k = 0; k < count; k++) {
        const struct tick *tick = &ticks[direction > 0 ? k : count - 1 - k];
        if (!tick->label[0])
            continue;
        double size = LABEL_HEIGHT, start = edge_axis_place(axis, tick->value) - size / 2;
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
static size_t step_ticks(const struct edge_axis *axis, double step, struct tick ticks[])
{
    const double first = ceil(least(axis) / step - SLACK);
    const double last = floor(most(axis) / step + SLACK);
    if (!(last - first < EDGE_AXIS_TICKS && fmax(fabs(first), fabs(last)) < 1 / DBL_EPSILON))
        return 0;
    size_t count = 0;
    for (; first + (double)count <= last; count++) {
        const double i = first + (double)count;
        ticks[count] = (struct tick){.value = i == 0.0 ? 0.0 : i * step}; /* no -0 */
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
                           struct tick ticks[])
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

static size_t power_ticks(const struct edge_axis *axis, struct pattern pattern, struct tick ticks[])
{
    const int first = (int)floor(log10(least(axis)) - SLACK);
    const int last = (int)floor(log10(most(axis)) + SLACK);
    const double decade = (axis->to - axis->from) / log10(most(axis) / least(axis));
    const int digits = decade >= ROOM_FOR_MULTIPLES ? 9 : 1;
    size_t count = 0;
    for (int power = first; power <= last; power++)
        for (int digit = 1; digit <= digits && count < EDGE_AXIS_TICKS; digit++) {
            struct tick tick = {.value = digit * pow(10, power)};
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

static size_t count_labels(const struct tick ticks[], size_t count)
{
    size_t labels = 0;
    for (size_t i = 0; i < count; i++)
        labels += ticks[i].label[0] != '\0';
    return labels;
}

/* Where the axis is too short for two powers, a linear axis has better ticks. */
static size_t logarithmic_ticks(const struct edge_axis *axis, cairo_t *cairo, bool upright,
                                struct tick ticks[])
{
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
        const size_t count = power_ticks(axis, patterns[i], ticks);
        if (!labels_fit(axis, cairo, upright, ticks, count))
            continue;
        if (count_labels(ticks, count) >= 2)
            return count;
        break;
    }
    return linear_ticks(axis, cairo, upright, ticks);
}

size_t edge_axis_ticks(const struct edge_axis *axis, cairo_t *cairo, bool upright,
                       struct tick ticks[EDGE_AXIS_TICKS])
{
    text_font(cairo, TEXT_NORMAL, LABEL_SIZE);
    return axis->logarithmic ? logarithmic_ticks(axis, cairo, upright, ticks)
                             : linear_ticks(axis, cairo, upright, ticks);
}

/* ------------------------------------------------------------------------------------------------
 * Drawing
 */

static double tick_length(const struct tick *tick)
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
    struct tick ticks[EDGE_AXIS_TICKS];
    const size_t count = edge_axis_ticks(axis, cairo, false, ticks);
    const double baseline = y + TICK_LENGTH + LABEL_GAP + LABEL_HEIGHT;
    for (size_t i = 0; i < count; i++) {
        const double x = edge_axis_place(axis, ticks[i].value);
        draw_tick(cairo, x, y, x, y + tick_length(&ticks[i]));
        double width;
        text_show(cairo, label_left(axis, cairo, &ticks[i], &width), baseline, 0, ticks[i].label);
    }
    return baseline;
}

double edge_axis_width(const struct edge_axis *axis, cairo_t *cairo)
{
    struct tick ticks[EDGE_AXIS_TICKS];
    const size_t count = edge_axis_ticks(axis, cairo, true, ticks);
    double width = 0;
    for (size_t i = 0; i < count; i++)
        width = fmax(width, text_width(cairo, ticks[i].label));
    return width + TICK_LENGTH + LABEL_GAP;
}

double edge_axis_draw_left(const struct edge_axis *axis, cairo_t *cairo, double x)
{
    struct tick ticks[EDGE_AXIS_TICKS];
    const size_t count = edge_axis_ticks(axis, cairo, true, ticks);
    for (size_t i = 0; i < count; i++) {
        const double y = edge_axis_place(axis, ticks[i].value);
        draw_tick(cairo, x - tick_length(&ticks[i]), y, x, y);
        text_show(cairo, x - TICK_LENGTH - LABEL_GAP, y + LABEL_HEIGHT / 2.0, 1, ticks[i].label);
    }
    return x - edge_axis_width(axis, cairo);
}
