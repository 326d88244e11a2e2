#include "text.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

void text_font(cairo_t *cairo, enum text_weight weight, double size)
{
    /* The font that Debian's fontconfig brings along: texts are as wide on every machine. */
    cairo_select_font_face(cairo, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL,
                           weight == TEXT_BOLD ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(cairo, size);
}

double text_width(cairo_t *cairo, const char *text)
{
    cairo_text_extents_t extents;
    cairo_text_extents(cairo, text, &extents);
    return extents.x_advance;
}

void text_show(cairo_t *cairo, double x, double y, double part, const char *text)
{
    cairo_move_to(cairo, x - part * text_width(cairo, text), y);
    cairo_show_text(cairo, text);
}

void text_clear(cairo_t *cairo, double x, double y, const char *text)
{
    cairo_save(cairo);
    cairo_move_to(cairo, x, y);
    cairo_text_path(cairo, text);
    cairo_set_source_rgb(cairo, 1, 1, 1);
    cairo_set_line_width(cairo, 1.6);
    cairo_set_line_join(cairo, CAIRO_LINE_JOIN_ROUND);
    cairo_stroke(cairo);
    cairo_restore(cairo);
}

/* ------------------------------------------------------------------------------------------------
 * Within a width
 */

enum {
    LINE_BYTES = 1024
};

/* Whether the first bytes of a text fit with something behind them; `line` is for their copy. */
static bool fits(cairo_t *cairo, double width, const char *text, size_t length, const char *behind,
                 char line[LINE_BYTES])
{
    snprintf(line, LINE_BYTES, "%.*s%s", (int)length, text, behind);
    return text_width(cairo, line) <= width;
}

/* The bytes of a text without its last character. */
static size_t shorter(const char *text, size_t length)
{
    while (length > 0 && ((unsigned char)text[--length] & 0xc0) == 0x80)
        ;
    return length;
}

void text_show_cut(cairo_t *cairo, double x, double y, double part, double width, const char *text)
{
    char line[LINE_BYTES];
    size_t length = strlen(text);
    while (length >= LINE_BYTES - sizeof "…")
        length = shorter(text, length);
    const char *behind = text[length] ? "…" : "";
    while (!fits(cairo, width, text, length, behind, line) && length > 0) {
        length = shorter(text, length);
        behind = "…";
    }
    text_show(cairo, x, y, part, line);
}

void text_show_upwards(cairo_t *cairo, double x, double y, double part, double width,
                       const char *text)
{
    cairo_save(cairo);
    cairo_translate(cairo, x, y);
    cairo_rotate(cairo, -2 * atan(1));
    text_show_cut(cairo, 0, 0, part, width, text);
    cairo_restore(cairo);
}

/* How long the longest line is that fits, at least one word: up to a blank or the end. */
static size_t line_length(cairo_t *cairo, double width, const char *text)
{
    char line[LINE_BYTES];
    size_t length = strcspn(text, " ");
    while (text[length]) {
        const size_t next = length + 1 + strcspn(text + length + 1, " ");
        if (next >= LINE_BYTES || !fits(cairo, width, text, next, "", line))
            break;
        length = next;
    }
    return length;
}

double text_wrap(cairo_t *cairo, double x, double y, double width, double leading, const char *text)
{
    char line[LINE_BYTES];
    for (;;) {
        const size_t length = line_length(cairo, width, text);
        snprintf(line, sizeof line, "%.*s", (int)length, text);
        text_show_cut(cairo, x, y, 0, width, line); /* also a character that the copy halved */
        if (!text[length])
            return y;
        text += length + 1;
        y += leading;
    }
}
