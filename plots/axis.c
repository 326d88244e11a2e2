#include "axis.h"

#include "text.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>

/* Points that a decade takes at least, if it has ... */
#define ROOM_FOR_LABEL  32.0  /* a label */
#define ROOM_FOR_TICKS  40.0  /* a tick at each multiple */
#define ROOM_FOR_LABELS 110.0 /* labels at 1, 2 and 5: from 5 to 10 it is 0.3 of a decade */

/* Marks at the ends stay whole. */
#define MARGIN 1.15

/* The power of ten at or below a value of at least 1. */
static double decade_below(double value)
{
    double decade = 1;
    while (decade * 10 <= value)
        decade *= 10;
    return decade;
}

static double end_below(double value)
{
    const double decade = decade_below(value);
    return value >= 5 * decade ? 5 * decade : value >= 2 * decade ? 2 * decade : decade;
}

static double end_above(double value)
{
    const double decade = decade_below(value);
    return value <= 2 * decade ? 2 * decade : value <= 5 * decade ? 5 * decade : 10 * decade;
}

struct log_axis log_axis_around(double smallest, double largest, double from, double to)
{
    return (struct log_axis){
        .low = end_below(smallest / MARGIN),
        .high = end_above(largest * MARGIN),
        .from = from,
        .to = to,
    };
}

double log_axis_place(const struct log_axis *axis, double value)
{
    const double part = log(value / axis->low) / log(axis->high / axis->low);
    return axis->from + part * (axis->to - axis->from);
}

static const char *const prefixes[] = {"", " k", " M", " G", " T", " P"};
const char *const log_axis_picoseconds[] = {" ps", " ns", " µs", " ms", " s", " ks"};

static void write_label(struct tick *tick, const char *const *units)
{
    unsigned prefix = 0;
    double value = tick->value;
    while (value >= 1000) {
        value /= 1000;
        prefix++;
    }
    snprintf(tick->label, sizeof tick->label, "%g%s", value, units[prefix]);
}

/* Of the tick at digit * 10^power, where a decade takes `room` points. */
static bool has_label(unsigned digit, unsigned power, double room)
{
    if (digit == 1)
        return power % (unsigned)ceil(ROOM_FOR_LABEL / room) == 0;
    return room >= ROOM_FOR_LABELS && (digit == 2 || digit == 5);
}

size_t log_axis_ticks(const struct log_axis *axis, struct tick ticks[LOG_AXIS_TICKS])
{
    const double room = (axis->to - axis->from) / log10(axis->high / axis->low);
    const unsigned last_digit = room >= ROOM_FOR_TICKS ? 9 : 1;
    size_t count = 0;
    unsigned power = 0;
    for (double decade = 1; decade <= axis->high; decade *= 10, power++)
        for (unsigned digit = 1; digit <= last_digit; digit++) {
            struct tick tick = {.value = digit * decade};
            if (tick.value < axis->low || tick.value > axis->high)
                continue;
            if (has_label(digit, power, room))
                write_label(&tick, axis->units ? axis->units : prefixes);
            ticks[count++] = tick;
        }
    return count;
}

double log_axis_draw(const struct log_axis *axis, cairo_t *cairo, double top, double bottom,
                     const char *title)
{
    struct tick ticks[LOG_AXIS_TICKS];
    const size_t count = log_axis_ticks(axis, ticks);
    text_font(cairo, TEXT_NORMAL, 7);
    for (size_t i = 0; i < count; i++) {
        const bool labelled = ticks[i].label[0];
        const double x = log_axis_place(axis, ticks[i].value);
        const double grey = labelled ? 0.72 : 0.9;
        cairo_set_source_rgb(cairo, grey, grey, grey);
        cairo_set_line_width(cairo, labelled ? 0.6 : 0.4);
        cairo_move_to(cairo, x, top);
        cairo_line_to(cairo, x, bottom);
        cairo_stroke(cairo);
        cairo_set_source_rgb(cairo, 0, 0, 0);
        text_show(cairo, x, bottom + 9, 0.5, ticks[i].label);
    }
    text_show(cairo, (axis->from + axis->to) / 2, bottom + 20, 0.5, title);
    return bottom + 22;
}
