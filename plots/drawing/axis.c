#include "axis.h"

#include "text.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Points that a decade takes at least, if it has ... */
struct room {
    double label;  /* a label */
    double ticks;  /* a tick at each multiple */
    double labels; /* labels at 1, 2 and 5: from 5 to 10 it is 0.3 of a decade */
    double step;   /* from label to label of a linear axis */
};

static const struct room room_across = {32, 40, 110, 34}, room_up = {11, 30, 55, 16};

/* Marks at the ends stay whole. */
#define MARGIN        1.15
#define BINARY_MARGIN 1.3

enum {
    LABEL_SIZE = 7,
    LABEL_GAP = 4,
    TITLE_LINE = 11
};

/* ------------------------------------------------------------------------------------------------
 * Ends
 */

/* Rounded correctly, the same on every machine. */
static double power_of_ten(int power)
{
    char text[16];
    snprintf(text, sizeof text, "1e%d", power);
    return strtod(text, NULL);
}

/* The power of ten at or below a positive value. */
static int power_below(double value)
{
    int power = (int)floor(log10(value));
    while (power_of_ten(power) > value)
        power--;
    while (power_of_ten(power + 1) <= value)
        power++;
    return power;
}

/* digit * 10^power, as a constant in a program would be. */
static double multiple(int digit, int power)
{
    return power < 0 ? digit / power_of_ten(-power) : digit * power_of_ten(power);
}

static double end_below(double value)
{
    const int power = power_below(value);
    return value >= multiple(5, power)   ? multiple(5, power)
           : value >= multiple(2, power) ? multiple(2, power)
                                         : multiple(1, power);
}

static double end_above(double value)
{
    const int power = power_below(value);
    return value <= multiple(2, power)   ? multiple(2, power)
           : value <= multiple(5, power) ? multiple(5, power)
                                         : multiple(1, power + 1);
}

static const struct room *room_of(const struct axis *axis)
{
    return axis->upright ? &room_up : &room_across;
}

static double length_of(const struct axis *axis)
{
    return fabs(axis->to - axis->from);
}

/* From label to label of a linear axis: 1, 2 or 5 times a power of ten. */
static double linear_step(const struct axis *axis, double range)
{
    return end_above(fmax(range * room_of(axis)->step / length_of(axis), 1e-12));
}

/* Ends of a linear axis: the ticks around the values. Those far out may leave room for fewer. */
static void round_ends(struct axis *axis, double smallest, double largest)
{
    double range = largest > smallest ? largest - smallest : fmax(fabs(largest), 1.0), step;
    do {
        step = linear_step(axis, range);
        axis->low = step * floor(smallest / step + 1e-9);
        axis->high = step * ceil(largest / step - 1e-9);
        if (axis->high <= axis->low)
            axis->high = axis->low + step;
        range = (axis->high - axis->low) * 0.999;
    } while (linear_step(axis, range) > 1.5 * step);
}

static struct axis make_axis(enum axis_kind kind, double smallest, double largest, double from,
                             double to, bool upright)
{
    struct axis axis = {
        .logarithmic = kind != AXIS_LINEAR,
        .binary = kind == AXIS_LOG2,
        .from = from,
        .to = to,
        .upright = upright,
    };
    if (!axis.logarithmic) {
        round_ends(&axis, smallest, largest);
        return axis;
    }
    axis.low = axis.binary ? smallest / BINARY_MARGIN : end_below(smallest / MARGIN);
    axis.high = axis.binary ? largest * BINARY_MARGIN : end_above(largest * MARGIN);
    return axis;
}

struct axis axis_across(enum axis_kind kind, double smallest, double largest, double from,
                        double to)
{
    return make_axis(kind, smallest, largest, from, to, false);
}

struct axis axis_up(enum axis_kind kind, double smallest, double largest, double bottom, double top)
{
    return make_axis(kind, smallest, largest, bottom, top, true);
}

double axis_place(const struct axis *axis, double value)
{
    const double part = axis->logarithmic ? log(value / axis->low) / log(axis->high / axis->low)
                                          : (value - axis->low) / (axis->high - axis->low);
    return axis->from + part * (axis->to - axis->from);
}

/* ------------------------------------------------------------------------------------------------
 * Labels
 */

const char *const axis_si[] = {"", " k", " M", " G", " T", " P"};
const char *const axis_picoseconds[] = {" ps", " ns", " µs", " ms", " s", " ks"};

static void write_with_unit(struct tick *tick, const char *const *units)
{
    unsigned prefix = 0;
    double value = tick->value;
    while (value >= 1000) {
        value /= 1000;
        prefix++;
    }
    snprintf(tick->label, sizeof tick->label, "%g%s", value, units[prefix]);
}

/* "10⁻⁵", "2·10⁶" */
static void write_power(struct tick *tick, int digit, int power)
{
    static const char *const superscripts[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
    const int size = abs(power);
    char front[8] = "";
    if (digit > 1)
        snprintf(front, sizeof front, "%d·", digit);
    snprintf(tick->label, sizeof tick->label, "%s10%s%s%s", front, power < 0 ? "⁻" : "",
             size >= 10 ? superscripts[size / 10 % 10] : "", superscripts[size % 10]);
}

static void write_label(const struct axis *axis, struct tick *tick, int digit, int power)
{
    if (axis->units)
        write_with_unit(tick, axis->units);
    else if (power < -3 || power > 3)
        write_power(tick, digit, power);
    else
        snprintf(tick->label, sizeof tick->label, "%g", tick->value);
}

/* ------------------------------------------------------------------------------------------------
 * Ticks
 */

/* Of the tick at digit * 10^power, where a decade takes `decade` points. */
static bool has_label(const struct room *room, int digit, int power, double decade)
{
    if (digit == 1)
        return abs(power) % (int)ceil(room->label / decade) == 0;
    return decade >= room->labels && (digit == 2 || digit == 5);
}

static size_t log_ticks(const struct axis *axis, struct tick ticks[AXIS_TICKS])
{
    const struct room *room = room_of(axis);
    const double decade = length_of(axis) / log10(axis->high / axis->low);
    const int last_digit = decade >= room->ticks ? 9 : 1;
    size_t count = 0;
    for (int power = power_below(axis->low); power_of_ten(power) <= axis->high; power++)
        for (int digit = 1; digit <= last_digit && count < AXIS_TICKS; digit++) {
            struct tick tick = {.value = multiple(digit, power)};
            if (tick.value < axis->low || tick.value > axis->high)
                continue;
            if (has_label(room, digit, power, decade))
                write_label(axis, &tick, digit, power);
            ticks[count++] = tick;
        }
    return count;
}

/* Every power of two, or every second, third ... that has a label. */
static size_t binary_ticks(const struct axis *axis, struct tick ticks[AXIS_TICKS])
{
    const double octave = length_of(axis) / log2(axis->high / axis->low);
    const int step = (int)fmax(ceil(room_of(axis)->label / octave), 1);
    size_t count = 0;
    int power = 0;
    for (double value = 1; value <= axis->high && count < AXIS_TICKS; value *= 2, power++) {
        struct tick tick = {.value = value};
        if (value < axis->low)
            continue;
        if (power % step == 0)
            snprintf(tick.label, sizeof tick.label, "%.15g", value);
        ticks[count++] = tick;
    }
    return count;
}

static size_t linear_ticks(const struct axis *axis, struct tick ticks[AXIS_TICKS])
{
    const double step = linear_step(axis, (axis->high - axis->low) * 0.999);
    const int decimals = (int)fmax(-floor(log10(step) + 1e-9), 0.0);
    const double first = ceil(axis->low / step - 1e-9);
    size_t count = 0;
    for (double i = first; i * step <= axis->high + 1e-9 * step && count < AXIS_TICKS; i++) {
        struct tick *tick = &ticks[count++];
        tick->value = i == 0.0 ? 0.0 : i * step; /* no -0 */
        snprintf(tick->label, sizeof tick->label, "%.*f", decimals, tick->value);
    }
    return count;
}

size_t axis_ticks(const struct axis *axis, struct tick ticks[AXIS_TICKS])
{
    if (axis->binary)
        return binary_ticks(axis, ticks);
    return axis->logarithmic ? log_ticks(axis, ticks) : linear_ticks(axis, ticks);
}

/* ------------------------------------------------------------------------------------------------
 * Drawing
 */

static void draw_gridline(cairo_t *cairo, const struct tick *tick, double x0, double y0, double x1,
                          double y1)
{
    const bool labelled = tick->label[0];
    const double grey = labelled ? 0.72 : 0.9;
    cairo_set_source_rgb(cairo, grey, grey, grey);
    cairo_set_line_width(cairo, labelled ? 0.6 : 0.4);
    cairo_move_to(cairo, x0, y0);
    cairo_line_to(cairo, x1, y1);
    cairo_stroke(cairo);
    cairo_set_source_rgb(cairo, 0, 0, 0);
}

double axis_draw_across(const struct axis *axis, cairo_t *cairo, double top, double bottom,
                        const char *title)
{
    struct tick ticks[AXIS_TICKS];
    const size_t count = axis_ticks(axis, ticks);
    text_font(cairo, TEXT_NORMAL, LABEL_SIZE);
    for (size_t i = 0; i < count; i++) {
        const double x = axis_place(axis, ticks[i].value);
        draw_gridline(cairo, &ticks[i], x, top, x, bottom);
        text_show(cairo, x, bottom + 9, 0.5, ticks[i].label);
    }
    text_show(cairo, (axis->from + axis->to) / 2, bottom + 20, 0.5, title);
    return bottom + 22;
}

double axis_width(const struct axis *axis, cairo_t *cairo)
{
    struct tick ticks[AXIS_TICKS];
    const size_t count = axis_ticks(axis, ticks);
    double width = 0;
    text_font(cairo, TEXT_NORMAL, LABEL_SIZE);
    for (size_t i = 0; i < count; i++)
        width = fmax(width, text_width(cairo, ticks[i].label));
    return width + LABEL_GAP + TITLE_LINE;
}

void axis_draw_up(const struct axis *axis, cairo_t *cairo, double left, double right,
                  const char *title)
{
    struct tick ticks[AXIS_TICKS];
    const size_t count = axis_ticks(axis, ticks);
    const double title_x = left - axis_width(axis, cairo) + LABEL_SIZE;
    for (size_t i = 0; i < count; i++) {
        const double y = axis_place(axis, ticks[i].value);
        draw_gridline(cairo, &ticks[i], left, y, right, y);
        text_show(cairo, left - LABEL_GAP, y + 2.5, 1, ticks[i].label);
    }
    text_show_upwards(cairo, title_x, (axis->from + axis->to) / 2, 0.5, length_of(axis) + 40,
                      title);
}
