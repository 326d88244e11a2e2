#include "block/oracle_envelope.h"

#include <math.h>
#include <stdbool.h>

/* Where the second line, the steeper one, overtakes the first. */
static double crossing(const struct rdl_line *first, const struct rdl_line *second)
{
    return (second->b - first->b) / (2.0 * (second->a - first->a));
}

/* As crossing() would have it, without the quotients. */
static bool overtakes_first(const struct rdl_line *from, const struct rdl_line *line,
                            const struct rdl_line *than)
{
    return (line->b - from->b) * (than->a - from->a) < (than->b - from->b) * (line->a - from->a);
}

/* Lines that are no steeper than a piece are not highest beyond it: each pass drops them. */
struct rdl_line_envelope rdl_line_envelope(struct rdl_line *lines, int count,
                                           struct rdl_line *pieces)
{
    struct rdl_line_envelope envelope = {pieces, 0};
    struct rdl_line next = lines[0];
    for (int i = 1; i < count; i++)
        if (lines[i].b < next.b)
            next = lines[i];
    for (bool more = true; more;) {
        const struct rdl_line from = next;
        pieces[envelope.count++] = from;
        more = false;
        int steeper = 0;
        for (int i = 0; i < count; i++) {
            const struct rdl_line line = lines[i];
            if (!(line.a > from.a))
                continue;
            lines[steeper++] = line;
            if (!more || overtakes_first(&from, &line, &next)) {
                next = line;
                more = true;
            }
        }
        count = steeper;
    }
    return envelope;
}

/* Where the piece ends. */
static double end_of(const struct rdl_line_envelope *envelope, int piece)
{
    if (piece + 1 == envelope->count)
        return INFINITY;
    return crossing(&envelope->pieces[piece], &envelope->pieces[piece + 1]);
}

struct rdl_line_envelope rdl_add_line_envelopes(const struct rdl_line_envelope *first,
                                                const struct rdl_line_envelope *second,
                                                struct rdl_line *pieces)
{
    struct rdl_line_envelope sum = {pieces, 0};
    int f = 0, s = 0;
    while (f < first->count && s < second->count) {
        const struct rdl_line *const line = &first->pieces[f], *const other = &second->pieces[s];
        pieces[sum.count++] = (struct rdl_line){line->a + other->a, line->b + other->b};
        const double first_end = end_of(first, f), second_end = end_of(second, s);
        f += first_end <= second_end;
        s += second_end <= first_end;
    }
    return sum;
}

struct rdl_best_scale rdl_best_scale(const struct rdl_line_envelope *envelopes, int count)
{
    struct rdl_best_scale best = {0.0, 0.0};
    int piece[RDL_MAX_ENVELOPES] = {0};
    for (int next = 0; next >= 0;) {
        struct rdl_line sum = {0.0, 0.0};
        double end = INFINITY;
        next = -1; /* the envelope whose piece ends first */
        for (int u = 0; u < count; u++) {
            sum.a += envelopes[u].pieces[piece[u]].a;
            sum.b += envelopes[u].pieces[piece[u]].b;
            const double this_end = end_of(&envelopes[u], piece[u]);
            if (this_end < end) {
                end = this_end;
                next = u;
            }
        }
        if (sum.a > 0.0 && sum.a / sum.b * sum.a > best.explained)
            best = (struct rdl_best_scale){sum.a / sum.b, sum.a / sum.b * sum.a};
        if (next >= 0)
            piece[next]++;
    }
    return best;
}
