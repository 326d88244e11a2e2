#include "legend.h"

#include "text.h"

enum {
    LINE = 12,
    GAP = 12
};

struct legend legend_entry(struct legend *next, cairo_t *cairo, double key, const char *text)
{
    const double length = key + text_width(cairo, text);
    if (next->x > next->left && next->x + length > next->right) {
        next->x = next->left;
        next->y += LINE;
    }
    const struct legend entry = *next;
    cairo_set_source_rgb(cairo, 0, 0, 0);
    text_show(cairo, entry.x + key, entry.y, 0, text);
    next->x += length + GAP;
    return entry;
}
