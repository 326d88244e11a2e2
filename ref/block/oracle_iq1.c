/*
 * As oracle_codebook.c, with the values of IQ1: entries of a row plus one of two deltas. Lines of a
 * negative scale are those of a positive one with -a. At the best scale the rows are looked for
 * once more, by their errors, which do not cancel.
 *
 * Complexity: for every group of 8 weights four envelopes of 2048 lines, or two of 4096.
 */
#include "block/oracle_iq1.h"

#include "block/oracle_envelope.h"
#include "codebooks.h"

#include <math.h>

enum {
    GROUP = 8,
    ROWS = 2048,
    DELTAS = 2,
    MAX_GROUPS = RDL_IQ1_ORACLE_MAX / GROUP
};

static const double deltas[DELTAS] = {0.125, -0.125};

/* A group: factors and weights; which deltas it may take: `deltas` of them from the first on. */
struct group {
    const float *x, *w;
    int first_delta, deltas;
};

static double value_of(int row, int delta, int i)
{
    const int8_t *const entries = rdl_codebook_iq1_s.entries;
    return (double)entries[row * GROUP + i] + deltas[delta];
}

static struct rdl_line line_of(const struct group *group, int row, int delta, double sign)
{
    struct rdl_line line = {0.0, 0.0};
    for (int i = 0; i < GROUP; i++) {
        const double w = (double)group->w[i], value = value_of(row, delta, i);
        line.a += sign * w * (double)group->x[i] * value;
        line.b += w * value * value;
    }
    return line;
}

static struct rdl_line_envelope envelope_of(const struct group *group, double sign,
                                            struct rdl_line *lines, struct rdl_line *pieces)
{
    int count = 0;
    for (int d = group->first_delta; d < group->first_delta + group->deltas; d++)
        for (int row = 0; row < ROWS; row++)
            lines[count++] = line_of(group, row, d, sign);
    return rdl_line_envelope(lines, count, pieces);
}

/* At this scale, of the best row and delta. */
static double least_error(const struct group *group, double scale)
{
    double least = INFINITY;
    for (int d = group->first_delta; d < group->first_delta + group->deltas; d++)
        for (int row = 0; row < ROWS; row++) {
            double error = 0.0;
            for (int i = 0; i < GROUP; i++) {
                const double difference = (double)group->x[i] - scale * value_of(row, d, i);
                error += (double)group->w[i] * (difference * difference);
            }
            least = error < least ? error : least;
        }
    return least;
}

/* The least error where all groups have these deltas to choose from. */
static double error_of_groups(const struct group *groups, int count, struct rdl_line *scratch)
{
    struct rdl_line *const lines = scratch;
    struct rdl_best_scale best = {0.0, 0.0};
    for (int s = 0; s < 2; s++) {
        const double sign = s == 0 ? 1.0 : -1.0;
        struct rdl_line_envelope envelopes[MAX_GROUPS];
        for (int g = 0; g < count; g++)
            envelopes[g] =
                envelope_of(&groups[g], sign, lines, scratch + (size_t)(1 + g) * DELTAS * ROWS);
        const struct rdl_best_scale found = rdl_best_scale(envelopes, count);
        if (found.explained > best.explained)
            best = (struct rdl_best_scale){sign * found.scale, found.explained};
    }
    double error = 0.0;
    for (int g = 0; g < count; g++)
        error += least_error(&groups[g], best.scale);
    return error;
}

size_t rdl_iq1_oracle_scratch(size_t n)
{
    return (1 + n / GROUP) * DELTAS * ROWS * sizeof(struct rdl_line);
}

double rdl_iq1_oracle_error(size_t n, const float *x, const float *w, bool one_delta, void *scratch)
{
    const int count = (int)(n / GROUP);
    struct group groups[MAX_GROUPS];
    double least = INFINITY;
    for (int d = 0; d < (one_delta ? DELTAS : 1); d++) {
        for (int g = 0; g < count; g++)
            groups[g] = (struct group){x + g * GROUP, w + g * GROUP, d, one_delta ? 1 : DELTAS};
        const double error = error_of_groups(groups, count, scratch);
        least = error < least ? error : least;
    }
    return least;
}
