#include "symlog_axis.h"

#include "text.h"

#include <math.h>
#include <stdio.h>

#define LEAST_LINEAR 1e-4

enum {
    DECADES = 7,
    LABEL_SIZE = 7,
    LABEL_GAP = 4
};

struct symlog_axis symlog_axis_around(double smallest, double largest, double bottom, double top)
{
    struct symlog_axis axis = {.linear = LEAST_LINEAR, .bottom = bottom, .top = top};
    double power = LEAST_LINEAR; /* by steps, which are the same on every machine */
    while (power * 10 <= smallest)
        power *= 10;
    axis.linear = power;
    while (power < largest)
        power *= 10;
    axis.high = power > axis.linear ? power : axis.linear * 10;
    for (double least = axis.high * pow(10, -DECADES); axis.linear < 0.5 * least;)
        axis.linear *= 10;
    return axis;
}

static double decade(const struct symlog_axis *axis)
{
    return (axis->bottom - axis->top) / (1 + log10(axis->high / axis->linear));
}

double symlog_axis_place(const struct symlog_axis *axis, double value)
{
    const double decades =
        value <= axis->linear ? value / axis->linear : 1 + log10(value / axis->linear);
    return axis->bottom - decades * decade(axis);
}

static const char *write_label(char text[16], double value)
{
    snprintf(text, 16, "%g", value);
    return text;
}

double symlog_axis_width(const struct symlog_axis *axis, cairo_t *cairo)
{
    char text[16];
    text_font(cairo, TEXT_NORMAL, LABEL_SIZE);
    double width = text_width(cairo, "0");
    for (double value = axis->linear; value < axis->high * 2; value *= 10)
        width = fmax(width, text_width(cairo, write_label(text, value)));
    return width + LABEL_GAP;
}

static void draw_line(cairo_t *cairo, double left, double right, double y, double grey)
{
    cairo_set_source_rgb(cairo, grey, grey, grey);
    cairo_set_line_width(cairo, grey < 0.8 ? 0.6 : 0.4);
    cairo_move_to(cairo, left, y);
    cairo_line_to(cairo, right, y);
    cairo_stroke(cairo);
}

static void draw_label(cairo_t *cairo, double left, double y, double value)
{
    char text[16];
    cairo_set_source_rgb(cairo, 0, 0, 0);
    text_show(cairo, left - LABEL_GAP, y + 2.5, 1, write_label(text, value));
}

void symlog_axis_draw(const struct symlog_axis *axis, cairo_t *cairo, double left, double right)
{
    text_font(cairo, TEXT_NORMAL, LABEL_SIZE);
    draw_line(cairo, left, right, axis->bottom, 0.4);
    draw_label(cairo, left, axis->bottom, 0);
    for (double power = axis->linear; power < axis->high * 2; power *= 10) {
        const double y = symlog_axis_place(axis, power);
        draw_line(cairo, left, right, y, 0.72);
        draw_label(cairo, left, y, power);
        for (int digit = 2; digit < 10 && power * 2 < axis->high; digit++)
            draw_line(cairo, left, right, symlog_axis_place(axis, digit * power), 0.9);
    }
}
