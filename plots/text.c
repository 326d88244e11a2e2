#include "text.h"

#include <stdbool.h>
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

/* The end of the longest line that fits, at least one word: a blank, or the end of the text. */
static char *line_end(cairo_t *cairo, double width, char *line)
{
    char *end = line + strcspn(line, " ");
    while (*end) {
        char *next = end + 1 + strcspn(end + 1, " ");
        const char cut = *next;
        *next = '\0';
        const bool fits = text_width(cairo, line) <= width;
        *next = cut;
        if (!fits)
            break;
        end = next;
    }
    return end;
}

double text_wrap(cairo_t *cairo, double x, double y, double width, double leading, char *text)
{
    for (;;) {
        char *end = line_end(cairo, width, text);
        const bool last = !*end;
        *end = '\0';
        text_show(cairo, x, y, 0, text);
        if (last)
            return y;
        text = end + 1;
        y += leading;
    }
}
