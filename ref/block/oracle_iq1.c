/*
 * As oracle_codebook.c, with the values of IQ1: entries of a row plus one of two deltas. Lines of a
 * negative scale are those of a positive one with -a; those of both deltas have the same sums. At
 * the best scale the rows are looked for once more, by their errors, which do not cancel.
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

/* A group: weights and factors; which deltas it may take: `deltas` of them from the first on. */
struct group {
    const float *x, *w;
    int first_delta, deltas;
};

static const int8_t *row_at(int row)
{
    return (const int8_t *)rdl_codebook_iq1_s.entries + row * GROUP;
}

/* Of every row with every delta, for scales above 0. */
static void fill_lines(const struct group *group, struct rdl_line *lines)
{
    double w[GROUP], wx[GROUP], all_w = 0.0, all_wx = 0.0;
    for (int i = 0; i < GROUP; i++) {
        w[i] = (double)group->w[i];
        wx[i] = w[i] * (double)group->x[i];
        all_w += w[i];
        all_wx += wx[i];
    }
    for (int row = 0; row < ROWS; row++) {
        const int8_t *const entries = row_at(row);
        double xg = 0.0, g = 0.0, gg = 0.0; /* sums w x g, w g, w g^2 */
        for (int i = 0; i < GROUP; i++) {
            const double entry = (double)entries[i];
            xg += wx[i] * entry;
            g += w[i] * entry;
            gg += w[i] * entry * entry;
        }
        for (int d = 0; d < group->deltas; d++) {
            const double delta = deltas[group->first_delta + d];
            lines[d * ROWS + row] = (struct rdl_line){
                xg + delta * all_wx,
                gg + delta * (2.0 * g + delta * all_w),
            };
        }
    }
}

/* At this scale, of the best row and delta. */
static double least_error(const struct group *group, double scale)
{
    double least = INFINITY;
    for (int d = group->first_delta; d < group->first_delta + group->deltas; d++)
        for (int row = 0; row < ROWS; row++) {
            double error = 0.0;
            for (int i = 0; i < GROUP; i++) {
                const double value = (double)row_at(row)[i] + deltas[d];
                const double difference = (double)group->x[i] - scale * value;
                error += (double)group->w[i] * (difference * difference);
            }
            least = error < least ? error : least;
        }
    return least;
}

/* The least error where all groups have these deltas to choose from. */
static double error_of_groups(const struct group *groups, int count, struct rdl_line *scratch)
{
    const int lines = groups[0].deltas * ROWS;
    struct rdl_line *const work = scratch + (size_t)count * DELTAS * ROWS;
    struct rdl_line *const pieces = work + DELTAS * ROWS;
    struct rdl_line_envelope envelopes[MAX_GROUPS];
    struct rdl_best_scale best = {0.0, 0.0};
    for (int g = 0; g < count; g++)
        fill_lines(&groups[g], scratch + (size_t)g * DELTAS * ROWS);
    for (int s = 0; s < 2; s++) {
        for (int g = 0; g < count; g++) {
            const size_t at = (size_t)g * DELTAS * ROWS;
            for (int k = 0; k < lines; k++) {
                const struct rdl_line line = scratch[at + (size_t)k];
                work[k] = (struct rdl_line){s == 0 ? line.a : -line.a, line.b};
            }
            envelopes[g] = rdl_line_envelope(work, lines, pieces + at);
        }
        const struct rdl_best_scale found = rdl_best_scale(envelopes, count);
        if (found.explained > best.explained)
            best = (struct rdl_best_scale){s == 0 ? found.scale : -found.scale, found.explained};
    }
    double error = 0.0;
    for (int g = 0; g < count; g++)
        error += least_error(&groups[g], best.scale);
    return error;
}

size_t rdl_iq1_oracle_scratch(size_t n)
{
    return (1 + 2 * (n / GROUP)) * DELTAS * ROWS * sizeof(struct rdl_line);
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
