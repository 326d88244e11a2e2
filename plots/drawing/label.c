#include "label.h"

#include "text.h"

#include <math.h>

/* Lengths in points. */
enum {
    MARK = 4, /* half the room of a mark */
    STEPS = 10,
    LEADER_STEP = 3,
    PIECE = 2,
    OVERHANG = 2,
    SIZE = 6,
    HEIGHT = 6
};

/* How bad things are, against a square point of a line that a label covers; a point of a leader is
 * as bad. */
enum {
    SOLID = 20,  /* a square point of a mark or another label */
    CROSSING = 5 /* a step of a leader across something */
};

/* Labels may stand out a little: axes have their labels farther away. */
struct labels labels_in(double left, double top, double right, double bottom)
{
    return (struct labels){
        .area = {left - OVERHANG, top - OVERHANG, right + OVERHANG, bottom + OVERHANG}};
}

/* ------------------------------------------------------------------------------------------------
 * What to avoid
 */

static void avoid(struct labels *labels, struct box box, double weight)
{
    if (labels->count == LABELS_MAX)
        return;
    labels->weights[labels->count] = weight;
    labels->list[labels->count++] = box;
}

void labels_avoid_mark(struct labels *labels, double x, double y)
{
    avoid(labels, (struct box){x - MARK, y - MARK, x + MARK, y + MARK}, SOLID);
}

/* Slanted ones in short pieces, so that their boxes hold little else. */
void labels_avoid_line(struct labels *labels, double x0, double y0, double x1, double y1)
{
    const double slant = fmin(fabs(x1 - x0), fabs(y1 - y0));
    const int pieces = 1 + (int)fmin(slant / PIECE, 200);
    for (int i = 0; i < pieces; i++) {
        const double from = (double)i / pieces, to = (i + 1.0) / pieces;
        const double left = x0 + from * (x1 - x0), right = x0 + to * (x1 - x0);
        const double top = y0 + from * (y1 - y0), bottom = y0 + to * (y1 - y0);
        avoid(labels,
              (struct box){fmin(left, right) - 0.5, fmin(top, bottom) - 0.5,
                           fmax(left, right) + 0.5, fmax(top, bottom) + 0.5},
              1);
    }
}

/* ------------------------------------------------------------------------------------------------
 * Places
 */

static double overlap(const struct box *a, const struct box *b)
{
    const double width = fmin(a->right, b->right) - fmax(a->left, b->left);
    const double height = fmin(a->bottom, b->bottom) - fmax(a->top, b->top);
    return width > 0 && height > 0 ? width * height : 0;
}

/* From a mark to a label; nothing where that is beside it. */
struct leader {
    double x0, y0, x1, y1;
    double length;
};

static double clamp(double v, double low, double high)
{
    return fmin(fmax(v, low), high);
}

static struct leader leader_to(double x, double y, const struct box *label)
{
    const double dx = clamp(x, label->left, label->right) - x;
    const double dy = clamp(y, label->top, label->bottom) - y, length = sqrt(dx * dx + dy * dy);
    if (length < 2 * MARK)
        return (struct leader){.length = 0};
    return (struct leader){x + dx * MARK / length, y + dy * MARK / length, x + dx, y + dy, length};
}

/* How many things a leader runs into, at some of its points. */
static double count_crossings(const struct labels *labels, const struct leader *leader)
{
    double count = 0;
    for (double at = 1; at < leader->length - MARK; at += LEADER_STEP) {
        const double part = at / (leader->length - MARK);
        const double x = leader->x0 + part * (leader->x1 - leader->x0);
        const double y = leader->y0 + part * (leader->y1 - leader->y0);
        for (size_t i = 0; i < labels->count; i++) {
            const struct box *box = &labels->list[i];
            count += x > box->left && x < box->right && y > box->top && y < box->bottom;
        }
    }
    return count;
}

/* How much a label at this place covers, of others and of what is outside of the chart. */
static double cost(const struct labels *labels, double x, double y, const struct box *box)
{
    const struct box *area = &labels->area;
    const struct leader leader = leader_to(x, y, box);
    double sum = 0;
    for (size_t i = 0; i < labels->count; i++)
        sum += labels->weights[i] * overlap(&labels->list[i], box);
    const double outside = fmax(area->left - box->left, 0) + fmax(box->right - area->right, 0) +
                           fmax(area->top - box->top, 0) + fmax(box->bottom - area->bottom, 0);
    return sum + 1000 * outside + CROSSING * count_crossings(labels, &leader) + leader.length;
}

static struct box find_place(const struct labels *labels, double mark_x, double mark_y,
                             double width)
{
    static const double across[] = {1, -1, 0, 0, 1, 1, -1, -1},
                        down[] = {0, 0, -1, 1, -1, 1, -1, 1};
    struct box best = {0};
    double least = INFINITY;
    for (int step = 0; step < STEPS; step++)
        for (size_t i = 0; i < sizeof across / sizeof across[0]; i++) {
            const double x = mark_x + across[i] * (MARK + 1 + width / 2);
            const double y = mark_y + down[i] * (MARK + HEIGHT / 2.0 + HEIGHT * step);
            const struct box box = {x - width / 2, y - HEIGHT / 2.0, x + width / 2,
                                    y + HEIGHT / 2.0};
            const double covered = cost(labels, mark_x, mark_y, &box);
            if (covered < least) {
                least = covered;
                best = box;
            }
        }
    return best;
}

/* ------------------------------------------------------------------------------------------------
 * Drawing
 */

static void draw_leader(cairo_t *cairo, struct labels *labels, const struct leader *leader)
{
    if (leader->length == 0)
        return;
    cairo_move_to(cairo, leader->x0, leader->y0);
    cairo_line_to(cairo, leader->x1, leader->y1);
    cairo_set_source_rgb(cairo, 0.6, 0.6, 0.6);
    cairo_set_line_width(cairo, 0.4);
    cairo_stroke(cairo);
    labels_avoid_line(labels, leader->x0, leader->y0, leader->x1, leader->y1);
}

void label_show(struct labels *labels, cairo_t *cairo, double x, double y, double grey,
                const char *text)
{
    text_font(cairo, TEXT_NORMAL, SIZE);
    const struct box box = find_place(labels, x, y, text_width(cairo, text));
    const struct leader leader = leader_to(x, y, &box);
    draw_leader(cairo, labels, &leader);
    text_clear(cairo, box.left, box.bottom - 1.3, text);
    cairo_set_source_rgb(cairo, grey, grey, grey);
    text_show(cairo, box.left, box.bottom - 1.3, 0, text);
    avoid(labels, box, SOLID);
}
