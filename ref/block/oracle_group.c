#include "block/oracle_group.h"

#include <math.h>

enum {
    UNIT = RDL_CODEBOOK_UNIT
};

/* The signs of 8 weights; -0 is positive, as 0. */
static unsigned signs_of(const float *x)
{
    unsigned signs = 0;
    for (int i = 0; i < UNIT; i++)
        signs |= (unsigned)(x[i] < 0.0f) << i;
    return signs;
}

static bool is_odd(unsigned signs)
{
    signs ^= signs >> 4;
    signs ^= signs >> 2;
    return ((signs ^ signs >> 1) & 1u) != 0;
}

bool rdl_needs_flip(const struct rdl_codebook_block *block, size_t unit)
{
    return block->even_signs && is_odd(signs_of(block->x + UNIT * unit));
}

struct rdl_codebook_group rdl_codebook_group_at(const struct rdl_codebook_block *block, size_t unit,
                                                int group)
{
    const size_t length = block->codebook->length;
    const size_t first = UNIT * unit + (size_t)group * length;
    struct rdl_codebook_group result = {.codebook = block->codebook};
    for (size_t i = 0; i < length; i++) {
        result.w[i] = (double)block->weights[first + i];
        result.x[i] = fabs((double)block->x[first + i]);
        result.wx[i] = result.w[i] * result.x[i];
    }
    return result;
}

int rdl_cheapest_flip(const struct rdl_codebook_group *group, const uint8_t *row)
{
    int cheapest = 0;
    for (int i = 1; i < group->codebook->length; i++)
        if (group->wx[i] * (double)row[i] < group->wx[cheapest] * (double)row[cheapest])
            cheapest = i;
    return cheapest;
}

/* (|x| + s v)^2 is 4 s v |x| more than (|x| - s v)^2. */
static double row_error(const struct rdl_codebook_group *group, const uint8_t *row, double scale,
                        bool flipped)
{
    double error = 0.0;
    for (int i = 0; i < group->codebook->length; i++) {
        const double difference = group->x[i] - scale * (double)row[i];
        error += group->w[i] * difference * difference;
    }
    if (flipped) {
        const int i = rdl_cheapest_flip(group, row);
        error += 4.0 * scale * group->wx[i] * (double)row[i];
    }
    return error;
}

struct choice {
    int row;
    double error;
};

static struct choice nearest_row(const struct rdl_codebook_group *group, double scale, bool flipped)
{
    struct choice best = {0, INFINITY};
    for (int row = 0; row < group->codebook->rows; row++) {
        const double error =
            row_error(group, rdl_codebook_row(group->codebook, row), scale, flipped);
        if (error < best.error)
            best = (struct choice){row, error};
    }
    return best;
}

static void right_signs(const struct rdl_codebook_block *block, size_t unit,
                        struct rdl_codebook_fit *fit)
{
    const int groups = rdl_groups_per_unit(block->codebook);
    for (int g = 0; g < groups; g++) {
        const struct rdl_codebook_group group = rdl_codebook_group_at(block, unit, g);
        fit->rows[unit * (size_t)groups + (size_t)g] =
            (uint16_t)nearest_row(&group, fit->scale, false).row;
    }
    fit->signs[unit] = (uint8_t)signs_of(block->x + UNIT * unit);
}

/* Makes the sign wrong, and its group's row fit that, where it costs least. */
static void flip_sign(const struct rdl_codebook_block *block, size_t unit,
                      struct rdl_codebook_fit *fit)
{
    const int groups = rdl_groups_per_unit(block->codebook);
    uint16_t *const rows = fit->rows + unit * (size_t)groups;
    struct choice best = {0, INFINITY}; /* by the error that is added */
    int flipped_group = 0, weight = 0;
    for (int g = 0; g < groups; g++) {
        const struct rdl_codebook_group group = rdl_codebook_group_at(block, unit, g);
        const uint8_t *const right = rdl_codebook_row(block->codebook, rows[g]);
        struct choice wrong = nearest_row(&group, fit->scale, true);
        wrong.error -= row_error(&group, right, fit->scale, false);
        if (wrong.error < best.error) {
            best = wrong;
            flipped_group = g;
            weight = g * block->codebook->length +
                     rdl_cheapest_flip(&group, rdl_codebook_row(block->codebook, wrong.row));
        }
    }
    rows[flipped_group] = (uint16_t)best.row;
    fit->signs[unit] ^= (uint8_t)(1u << weight);
}

void rdl_codebook_nearest(const struct rdl_codebook_block *block, struct rdl_codebook_fit *fit)
{
    for (size_t unit = 0; unit < block->n / UNIT; unit++) {
        right_signs(block, unit, fit);
        if (rdl_needs_flip(block, unit))
            flip_sign(block, unit, fit);
    }
}

double rdl_codebook_value(const struct rdl_codebook_block *block,
                          const struct rdl_codebook_fit *fit, size_t i)
{
    const size_t length = block->codebook->length;
    const uint8_t *const row = rdl_codebook_row(block->codebook, fit->rows[i / length]);
    const double magnitude = (double)row[i % length];
    return (unsigned)fit->signs[i / UNIT] >> i % UNIT & 1u ? -magnitude : magnitude;
}

double rdl_codebook_error(const struct rdl_codebook_block *block,
                          const struct rdl_codebook_fit *fit)
{
    double error = 0.0;
    for (size_t i = 0; i < block->n; i++) {
        const double value = fit->scale * rdl_codebook_value(block, fit, i);
        const double difference = (double)block->x[i] - value;
        error += (double)block->weights[i] * (difference * difference);
    }
    return error;
}
