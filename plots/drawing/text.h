/* Lines of text in a drawing. */
#ifndef ROUNDEL_PLOTS_TEXT_H
#define ROUNDEL_PLOTS_TEXT_H

#include <cairo.h>

enum text_weight {
    TEXT_NORMAL,
    TEXT_BOLD
};

/* Sets the font of what follows; sizes in points. */
void text_font(cairo_t *cairo, enum text_weight weight, double size);

double text_width(cairo_t *cairo, const char *text);

/* Shows valid UTF-8; `part` of its width lies left of x: 0 flush left, 0.5 centred, 1 flush right.
 * y is the baseline. */
void text_show(cairo_t *cairo, double x, double y, double part, const char *text);

/* What is below the text at this place becomes white, a little around its letters. */
void text_clear(cairo_t *cairo, double x, double y, const char *text);

/* Shows text in lines of at most `width`, broken at blanks; of a word that is longer there is as
 * much as fits. y is the first baseline; returns the last one. */
double text_wrap(cairo_t *cairo, double x, double y, double width, double leading,
                 const char *text);

/* Shows text in one line; of a longer text as much as fits, and an ellipsis. */
void text_show_cut(cairo_t *cairo, double x, double y, double part, double width, const char *text);

/* The same turned by a quarter, upwards: x is the baseline, `part` of the text lies below y. */
void text_show_upwards(cairo_t *cairo, double x, double y, double part, double width,
                       const char *text);

#endif
