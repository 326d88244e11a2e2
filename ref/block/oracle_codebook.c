/*
 * The best scale, rows and signs of a vector codebook, with proof.
 *
 * Rows. A group that takes the row g of magnitudes with the signs of its weights has at scale s the
 * error sum w x^2 - 2 s a + s^2 b, with a = sum w |x| g and b = sum w g^2. A wrong sign at weight i
 * takes 2 w_i |x_i| g_i from a. Where the number of negative weights among 8 must be even and is
 * odd, just one sign is wrong, at the weight where this is least for the row chosen. (The
 * quantizers of ggml choose the weight first, by w x^2, and the row then; and the row among
 * neighbours of a rounded point only.) With two rows of 4 to the 8, the wrong sign is in one of the
 * two. At a given scale rdl_codebook_nearest() tries all rows, by their errors, which do not
 * cancel.
 *
 * Scales. Divide the error by s^2: with t = 1 / s every choice is a line in t, and the least error
 * of a group at all scales is the upper envelope of the lines 2 t a - b, a convex function of a few
 * pieces. So is that of 8 weights with one wrong sign, the larger one of two sums of envelopes, and
 * that of the block, the sum of its units'. Every vector that is best at some scale is a piece of
 * it; of a piece with sums a and b, a^2 / b is the part of sum w x^2 that its best scale a / b
 * explains. The best piece is the optimum, which is nearest at its own scale: rows and signs are
 * found there once more, and are never worse. The enumeration is original work.
 *
 * Complexity: for every group 16 K operations for K rows, and K for every piece of its envelope
 * (gift wrapping; there are few), K^2 at worst. Rounding costs a few 2^-53 sum w x^2.
 */
#include "block/oracle_codebook.h"

#include "block/oracle_group.h"

#include <math.h>

enum {
    UNIT = RDL_CODEBOOK_UNIT,
    MAX_UNITS = RDL_BLOCK_MAX_LENGTH / UNIT
};

/* ------------------------------------------------------------------------------------------------
 * Envelopes
 */

/* 2 t a - b */
struct line {
    double a, b;
};

/* The pieces in the order of growing t, and so of growing a. */
struct envelope {
    struct line *pieces;
    int count;
};

/* Where the second line, the steeper one, overtakes the first. */
static double crossing(const struct line *first, const struct line *second)
{
    return (second->b - first->b) / (2.0 * (second->a - first->a));
}

/* As crossing() would have it, without the quotients. */
static bool overtakes_first(const struct line *from, const struct line *line,
                            const struct line *than)
{
    return (line->b - from->b) * (than->a - from->a) < (than->b - from->b) * (line->a - from->a);
}

/* The upper envelope for t >= 0 by gift wrapping, into pieces: every one is steeper than those
 * before, so there are at most as many as lines. Ties make pieces of no length, which do not harm.
 */
static struct envelope wrap(const struct line *lines, int count, struct line *pieces)
{
    const struct line *next = lines;
    for (int i = 1; i < count; i++)
        if (lines[i].b < next->b)
            next = &lines[i];
    struct envelope envelope = {pieces, 0};
    while (next) {
        const struct line from = *next;
        pieces[envelope.count++] = from;
        next = NULL;
        for (int i = 0; i < count; i++)
            if (lines[i].a > from.a && (!next || overtakes_first(&from, &lines[i], next)))
                next = &lines[i];
    }
    return envelope;
}

/* Where the piece ends. */
static double end_of(const struct envelope *envelope, int piece)
{
    if (piece + 1 == envelope->count)
        return INFINITY;
    return crossing(&envelope->pieces[piece], &envelope->pieces[piece + 1]);
}

/* The sum of two envelopes: pieces, at most as many as both have. */
static struct envelope add(const struct envelope *first, const struct envelope *second,
                           struct line *pieces)
{
    struct envelope sum = {pieces, 0};
    int f = 0, s = 0;
    while (f < first->count && s < second->count) {
        const struct line *const line = &first->pieces[f], *const other = &second->pieces[s];
        pieces[sum.count++] = (struct line){line->a + other->a, line->b + other->b};
        const double first_end = end_of(first, f), second_end = end_of(second, s);
        f += first_end <= second_end;
        s += second_end <= first_end;
    }
    return sum;
}

/* ------------------------------------------------------------------------------------------------
 * Units
 */

/* For one unit: lines and the envelopes of its groups, each with the right signs and one wrong. */
struct workspace {
    struct line *lines, *pieces[2][2];
};

static int max_pieces(const struct rdl_codebook *codebook)
{
    const int groups = rdl_groups_per_unit(codebook);
    return groups * groups * codebook->rows; /* two sums of two envelopes, or one envelope */
}

static struct envelope group_envelope(const struct rdl_codebook_group *group, bool flipped,
                                      struct line *lines, struct line *pieces)
{
    const struct rdl_codebook *const codebook = group->codebook;
    for (int r = 0; r < codebook->rows; r++) {
        const uint8_t *const row = rdl_codebook_row(codebook, r);
        struct line line = {0.0, 0.0};
        for (int i = 0; i < codebook->length; i++) {
            line.a += group->wx[i] * (double)row[i];
            line.b += group->w[i] * (double)row[i] * (double)row[i];
        }
        if (flipped) {
            const int i = rdl_cheapest_flip(group, row);
            line.a -= 2.0 * group->wx[i] * (double)row[i];
        }
        lines[r] = line;
    }
    return wrap(lines, codebook->rows, pieces);
}

/* Of two groups, with the right signs and one wrong each: of two sums of convex functions the
 * larger one, which is the envelope of the pieces of both. */
static struct envelope pair_envelope(const struct envelope first[2],
                                     const struct envelope second[2], struct line *lines,
                                     struct line *pieces)
{
    const struct envelope sum = add(&first[1], &second[0], lines);
    const struct envelope other = add(&first[0], &second[1], lines + sum.count);
    return wrap(lines, sum.count + other.count, pieces);
}

static struct envelope unit_envelope(const struct rdl_codebook_block *block, size_t unit,
                                     const struct workspace *work, struct line *pieces)
{
    const int groups = rdl_groups_per_unit(block->codebook);
    const bool flip = rdl_needs_flip(block, unit);
    struct envelope envelopes[2][2];
    for (int g = 0; g < groups; g++) {
        const struct rdl_codebook_group group = rdl_codebook_group_at(block, unit, g);
        if (groups == 1)
            return group_envelope(&group, flip, work->lines, pieces);
        for (int wrong = 0; wrong <= (int)flip; wrong++)
            envelopes[g][wrong] =
                group_envelope(&group, wrong, work->lines, work->pieces[g][wrong]);
    }
    if (!flip)
        return add(&envelopes[0][0], &envelopes[1][0], pieces);
    return pair_envelope(envelopes[0], envelopes[1], work->lines, pieces);
}

/* ------------------------------------------------------------------------------------------------
 * The block
 */

/* The scale of the piece of the sum of envelopes that explains most. */
static double best_scale(const struct envelope *units, int count)
{
    double scale = 0.0, score = 0.0;
    int piece[MAX_UNITS] = {0};
    for (int next = 0; next >= 0;) {
        struct line sum = {0.0, 0.0};
        double end = INFINITY;
        next = -1; /* the unit whose piece ends first */
        for (int u = 0; u < count; u++) {
            sum.a += units[u].pieces[piece[u]].a;
            sum.b += units[u].pieces[piece[u]].b;
            const double unit_end = end_of(&units[u], piece[u]);
            if (unit_end < end) {
                end = unit_end;
                next = u;
            }
        }
        if (sum.a > 0.0 && sum.a / sum.b * sum.a > score) {
            scale = sum.a / sum.b;
            score = scale * sum.a;
        }
        if (next >= 0)
            piece[next]++;
    }
    return scale;
}

size_t rdl_codebook_oracle_scratch(const struct rdl_codebook *codebook, size_t n)
{
    const size_t groups = (size_t)rdl_groups_per_unit(codebook);
    const size_t lines = (size_t)max_pieces(codebook) * (1 + n / UNIT);
    return (lines + 2 * groups * codebook->rows) * sizeof(struct line);
}

void rdl_codebook_oracle(const struct rdl_codebook_block *block, void *scratch,
                         struct rdl_codebook_fit *fit)
{
    const int units = (int)(block->n / UNIT), capacity = max_pieces(block->codebook);
    struct line *lines = scratch;
    struct workspace work = {.lines = lines};
    lines += capacity;
    for (int g = 0; g < rdl_groups_per_unit(block->codebook); g++)
        for (int wrong = 0; wrong < 2; wrong++) {
            work.pieces[g][wrong] = lines;
            lines += block->codebook->rows;
        }
    struct envelope envelopes[MAX_UNITS];
    for (int u = 0; u < units; u++)
        envelopes[u] = unit_envelope(block, (size_t)u, &work, lines + u * capacity);
    fit->scale = best_scale(envelopes, units);
    rdl_codebook_nearest(block, fit);
}
