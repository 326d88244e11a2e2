/*
 * Envelopes by evaluation. Between two points whose highest lines are the same row there is no
 * other row, as the highest of lines is convex. If they are two rows, whatever is above both is so
 * where these cross: that is the next point to look at. An envelope of k pieces takes 2 k - 1 looks
 * at all rows, four at a time. Rounding may hide a piece that is higher than its neighbours by less
 * than a few 2^-24 of t a.
 */
#include "search/codebook_envelope.h"

#include <math.h>

enum {
    TOGETHER = 4
};

static double lesser(double a, double b)
{
    return b < a ? b : a;
}

/* ------------------------------------------------------------------------------------------------
 * Groups
 */

/* Rows of ascending slope; piece i and the next are neighbours if closed[i]. */
struct pieces {
    int count;
    uint16_t rows[RDL_UNIT_CELLS];
    bool closed[RDL_UNIT_CELLS];
};

static float crossing(const float *a, const float *b, uint16_t first, uint16_t second)
{
    const float t = (b[second] - b[first]) / (a[second] - a[first]);
    return t < (float)RDL_LAST_POINT ? t : (float)RDL_LAST_POINT;
}

static void insert_after(struct pieces *pieces, int i, uint16_t row)
{
    for (int k = pieces->count; k > i + 1; k--) {
        pieces->rows[k] = pieces->rows[k - 1];
        pieces->closed[k] = pieces->closed[k - 1];
    }
    pieces->rows[i + 1] = row;
    pieces->closed[i + 1] = false;
    pieces->count++;
}

/* The first open gaps; returns their number. */
static int open_gaps(const struct pieces *pieces, int *gaps)
{
    int count = 0;
    for (int i = 0; i + 1 < pieces->count && count < TOGETHER; i++)
        if (!pieces->closed[i])
            gaps[count++] = i;
    return count;
}

static void find_pieces(const struct rdl_code_rows *rows, const float *a, const float *b,
                        const struct rdl_window *window, struct pieces *pieces)
{
    int gaps[TOGETHER], count = TOGETHER;
    uint16_t found[TOGETHER];
    float points[TOGETHER];
    for (int k = 0; k < TOGETHER; k++)
        points[k] = (float)window->points[k];
    rows->lines->highest(rows->rows, a, b, TOGETHER, points, found);
    pieces->count = 1;
    pieces->rows[0] = found[0];
    pieces->closed[0] = false;
    for (int k = 1; k < TOGETHER; k++)
        if (a[found[k]] > a[pieces->rows[pieces->count - 1]])
            insert_after(pieces, pieces->count - 1, found[k]);
    while ((count = open_gaps(pieces, gaps)) > 0) {
        for (int k = 0; k < count; k++)
            points[k] = crossing(a, b, pieces->rows[gaps[k]], pieces->rows[gaps[k] + 1]);
        rows->lines->highest(rows->rows, a, b, (size_t)count, points, found);
        for (int k = count - 1; k >= 0; k--) {
            const float below = a[pieces->rows[gaps[k]]], beyond = a[pieces->rows[gaps[k] + 1]];
            if (a[found[k]] > below && a[found[k]] < beyond && pieces->count < RDL_UNIT_CELLS)
                insert_after(pieces, gaps[k], found[k]);
            else
                pieces->closed[gaps[k]] = true;
        }
    }
}

/* Pieces that rounding has put in a wrong order are left out. */
static struct rdl_envelope group_envelope(const struct rdl_code_rows *rows, const float *a,
                                          const float *b, const struct rdl_window *window,
                                          struct rdl_cell *cells)
{
    struct pieces pieces;
    struct rdl_envelope envelope = {0, cells};
    find_pieces(rows, a, b, window, &pieces);
    for (int i = 0; i < pieces.count; i++) {
        const uint16_t row = pieces.rows[i];
        struct rdl_cell cell = {0.0, (double)a[row], (double)b[row]};
        while (envelope.count > 0) {
            const struct rdl_cell *last = &cells[envelope.count - 1];
            cell.begin = (cell.b - last->b) / (cell.a - last->a);
            if (cell.begin > last->begin || envelope.count == 1)
                break;
            envelope.count--;
        }
        cells[envelope.count++] = cell;
    }
    return envelope;
}

/* ------------------------------------------------------------------------------------------------
 * Sums
 */

static double end_of(const struct rdl_envelope *envelope, int cell)
{
    return cell + 1 < envelope->count ? envelope->cells[cell + 1].begin : INFINITY;
}

struct rdl_envelope rdl_add_envelopes(const struct rdl_envelope *first,
                                      const struct rdl_envelope *second, int capacity,
                                      struct rdl_cell *cells)
{
    struct rdl_envelope sum = {0, cells};
    double begin = 0.0;
    for (int f = 0, s = 0; f < first->count && s < second->count && sum.count < capacity;) {
        const struct rdl_cell *one = &first->cells[f], *other = &second->cells[s];
        const double first_end = end_of(first, f), second_end = end_of(second, s);
        cells[sum.count++] = (struct rdl_cell){begin, one->a + other->a, one->b + other->b};
        begin = lesser(first_end, second_end);
        f += first_end <= begin;
        s += second_end <= begin;
    }
    return sum;
}

static double height_at(const struct rdl_cell *cell, double t)
{
    return t * cell->a - cell->b;
}

static void append(struct rdl_envelope *envelope, const struct rdl_cell *cell, double begin)
{
    if (envelope->count == RDL_UNIT_CELLS)
        return;
    envelope->cells[envelope->count] = *cell;
    envelope->cells[envelope->count++].begin = begin;
}

/* The higher of two at every point. */
static struct rdl_envelope higher_of(const struct rdl_envelope *first,
                                     const struct rdl_envelope *second, struct rdl_cell *cells)
{
    struct rdl_envelope result = {0, cells};
    double begin = 0.0;
    for (int f = 0, s = 0; f < first->count && s < second->count;) {
        const struct rdl_cell *one = &first->cells[f], *other = &second->cells[s];
        const double first_end = end_of(first, f), second_end = end_of(second, s);
        const double end = lesser(first_end, second_end);
        const double lead = height_at(one, begin) - height_at(other, begin);
        const double gain = one->a - other->a; /* of the lead, with t */
        const struct rdl_cell *now = lead > 0.0 || (lead == 0.0 && gain >= 0.0) ? one : other;
        const double meeting = gain == 0.0 ? INFINITY : begin - lead / gain;
        append(&result, now, begin);
        if (meeting > begin && meeting < end)
            append(&result, now == one ? other : one, meeting);
        begin = end;
        f += first_end <= begin;
        s += second_end <= begin;
    }
    return result;
}

/* Of two groups, one of which has a wrong sign. */
static struct rdl_envelope pair_envelope(const struct rdl_code_rows *rows,
                                         const struct rdl_window *window, struct rdl_cell *cells)
{
    struct rdl_cell own[4][RDL_UNIT_CELLS], sums[2][2 * RDL_UNIT_CELLS];
    struct rdl_envelope right[2], wrong[2], sum[2];
    for (int g = 0; g < 2; g++) {
        right[g] = group_envelope(rows, rows->a[g], rows->b[g], window, own[2 * g]);
        wrong[g] = group_envelope(rows, rows->wrong[g], rows->b[g], window, own[2 * g + 1]);
    }
    for (int g = 0; g < 2; g++)
        sum[g] = rdl_add_envelopes(&wrong[g], &right[1 - g], 2 * RDL_UNIT_CELLS, sums[g]);
    return higher_of(&sum[0], &sum[1], cells);
}

struct rdl_envelope rdl_unit_envelope(const struct rdl_code_rows *rows, const struct rdl_unit *unit,
                                      const struct rdl_window *window, struct rdl_cell *cells)
{
    if (rows->length == RDL_SIGN_GROUP)
        return group_envelope(rows, unit->odd ? rows->wrong[0] : rows->a[0], rows->b[0], window,
                              cells);
    if (unit->odd)
        return pair_envelope(rows, window, cells);
    struct rdl_cell own[2][RDL_UNIT_CELLS];
    const struct rdl_envelope first = group_envelope(rows, rows->a[0], rows->b[0], window, own[0]);
    const struct rdl_envelope second = group_envelope(rows, rows->a[1], rows->b[1], window, own[1]);
    return rdl_add_envelopes(&first, &second, RDL_UNIT_CELLS, cells);
}

/* ------------------------------------------------------------------------------------------------
 * Least errors
 */

/* Of the scales in a cell. */
static double least_in(const struct rdl_envelope *envelope, int k, double sum_squares)
{
    const struct rdl_cell *cell = &envelope->cells[k];
    const double begin = cell->begin, end = end_of(envelope, k);
    if (cell->a <= 0.0)
        return sum_squares; /* at scale 0 */
    double t = 2.0 * cell->b / cell->a;
    t = t < begin ? begin : t > end ? end : t;
    if (t == 0.0)
        return INFINITY;
    const double s = 2.0 / t;
    return sum_squares - s * (2.0 * cell->a - s * cell->b);
}

double rdl_least_errors(const struct rdl_envelope *envelope, double sum_squares,
                        struct rdl_least *least)
{
    double scale = 0.0, score = 0.0, error = INFINITY;
    for (int k = 0; k < envelope->count; k++) {
        const struct rdl_cell *cell = &envelope->cells[k];
        least[k].after = least_in(envelope, k, sum_squares);
        error = lesser(error, least[k].after);
        least[k].before = error;
        if (cell->a > 0.0 && cell->a / cell->b * cell->a > score) {
            scale = cell->a / cell->b;
            score = scale * cell->a;
        }
    }
    for (int k = envelope->count - 2; k >= 0; k--)
        least[k].after = lesser(least[k].after, least[k + 1].after);
    return scale;
}
