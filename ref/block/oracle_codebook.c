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

#include "block/oracle_envelope.h"
#include "block/oracle_group.h"

enum {
    UNIT = RDL_CODEBOOK_UNIT,
    MAX_UNITS = RDL_BLOCK_MAX_LENGTH / UNIT
};

_Static_assert((int)MAX_UNITS <= (int)RDL_MAX_ENVELOPES, "units can be added");

/* For one unit: lines and the envelopes of its groups, each with the right signs and one wrong. */
struct workspace {
    struct rdl_line *lines, *pieces[2][2];
};

static int max_pieces(const struct rdl_codebook *codebook)
{
    const int groups = rdl_groups_per_unit(codebook);
    return groups * groups * codebook->rows; /* two sums of two envelopes, or one envelope */
}

static struct rdl_line_envelope group_envelope(const struct rdl_codebook_group *group, bool flipped,
                                               struct rdl_line *lines, struct rdl_line *pieces)
{
    const struct rdl_codebook *const codebook = group->codebook;
    for (int r = 0; r < codebook->rows; r++) {
        const uint8_t *const row = rdl_codebook_row(codebook, r);
        struct rdl_line line = {0.0, 0.0};
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
    return rdl_line_envelope(lines, codebook->rows, pieces);
}

/* Of two groups, with the right signs and one wrong each: of two sums of convex functions the
 * larger one, which is the envelope of the pieces of both. */
static struct rdl_line_envelope pair_envelope(const struct rdl_line_envelope first[2],
                                              const struct rdl_line_envelope second[2],
                                              struct rdl_line *lines, struct rdl_line *pieces)
{
    const struct rdl_line_envelope sum = rdl_add_line_envelopes(&first[1], &second[0], lines);
    const struct rdl_line_envelope other =
        rdl_add_line_envelopes(&first[0], &second[1], lines + sum.count);
    return rdl_line_envelope(lines, sum.count + other.count, pieces);
}

static struct rdl_line_envelope unit_envelope(const struct rdl_codebook_block *block, size_t unit,
                                              const struct workspace *work, struct rdl_line *pieces)
{
    const int groups = rdl_groups_per_unit(block->codebook);
    const bool flip = rdl_needs_flip(block, unit);
    struct rdl_line_envelope envelopes[2][2];
    for (int g = 0; g < groups; g++) {
        const struct rdl_codebook_group group = rdl_codebook_group_at(block, unit, g);
        if (groups == 1)
            return group_envelope(&group, flip, work->lines, pieces);
        for (int wrong = 0; wrong <= (int)flip; wrong++)
            envelopes[g][wrong] =
                group_envelope(&group, wrong, work->lines, work->pieces[g][wrong]);
    }
    if (!flip)
        return rdl_add_line_envelopes(&envelopes[0][0], &envelopes[1][0], pieces);
    return pair_envelope(envelopes[0], envelopes[1], work->lines, pieces);
}

/* ------------------------------------------------------------------------------------------------
 * The block
 */

size_t rdl_codebook_oracle_scratch(const struct rdl_codebook *codebook, size_t n)
{
    const size_t groups = (size_t)rdl_groups_per_unit(codebook);
    const size_t lines = (size_t)max_pieces(codebook) * (1 + n / UNIT);
    return (lines + 2 * groups * codebook->rows) * sizeof(struct rdl_line);
}

void rdl_codebook_oracle(const struct rdl_codebook_block *block, void *scratch,
                         struct rdl_codebook_fit *fit)
{
    const int units = (int)(block->n / UNIT), capacity = max_pieces(block->codebook);
    struct rdl_line *lines = scratch;
    struct workspace work = {.lines = lines};
    lines += capacity;
    for (int g = 0; g < rdl_groups_per_unit(block->codebook); g++)
        for (int wrong = 0; wrong < 2; wrong++) {
            work.pieces[g][wrong] = lines;
            lines += block->codebook->rows;
        }
    struct rdl_line_envelope envelopes[MAX_UNITS];
    for (int u = 0; u < units; u++)
        envelopes[u] = unit_envelope(block, (size_t)u, &work, lines + u * capacity);
    fit->scale = rdl_best_scale(envelopes, units).scale;
    rdl_codebook_nearest(block, fit);
}
