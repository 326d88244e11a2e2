/*
 * Storing scales. The envelopes (codebook_envelope.h) know the least error of a sub-block at every
 * scale, so that a candidate for d costs no look at a row.
 */
#include "search/codebook_scales.h"

#include "binary64.h"

#include <math.h>

enum {
    LARGEST_F16 = 0x7BFF,
    ROUNDS = 8 /* of alternation, at most */
};

/* ------------------------------------------------------------------------------------------------
 * The best code of a sub-block for a given d
 */

/* The cell at t. */
static int find_cell(const struct rdl_envelope *envelope, double t)
{
    int low = 0, high = envelope->count - 1;
    while (low < high) {
        const int middle = (low + high + 1) / 2;
        if (envelope->cells[middle].begin <= t)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

static double error_in(const struct rdl_code_sub_block *sub_block, int cell, double scale)
{
    const struct rdl_cell *c = &sub_block->envelope.cells[cell];
    return sub_block->sum_squares - scale * (2.0 * c->a - scale * c->b);
}

/*
 * The function is convex: below the window it is below its chord from t = 0, where it is -b of the
 * row of the smallest magnitudes; above, it does not rise faster than the row of the largest would.
 * Heights of lines are wrong by less than 32 * 2^-24 (t a + |height|): see codebook_nearest_rows.c.
 */
double rdl_code_error_bound(const struct rdl_code_sub_block *sub_block, double scale)
{
    const struct rdl_envelope *envelope = &sub_block->envelope;
    const double first = sub_block->window.points[0], last = sub_block->window.points[3];
    const double t = 2.0 / scale, at = t < first ? first : t > last ? last : t;
    const struct rdl_cell *cell = &envelope->cells[find_cell(envelope, at)];
    double height = at * cell->a - cell->b;
    height += 0x1p-19 * (at * sub_block->most_a + fabs(height));
    if (t < first)
        height = t / first * (height + sub_block->least_b) - sub_block->least_b;
    if (t > last)
        height += (t - last) * sub_block->most_a;
    return sub_block->sum_squares - scale * scale * height;
}

struct coded {
    int code;
    double error; /* of x */
};

/* d, as a scale of x, of the code: d * (2 code + 1). */
static int nearest_code(double scale, double d)
{
    const double code = 0.5 * (scale / d); /* rounds down to the nearest one */
    return code < RDL_SCALE_CODES - 1 ? (int)code : RDL_SCALE_CODES - 1;
}

static bool improves(const struct coded *best, double error, int code)
{
    return error < best->error || (error == best->error && code < best->code);
}

/* From the code next to the best real scale outwards, until no cell further out has less. */
static struct coded best_code(const struct rdl_code_sub_block *sub_block, double d, int reach)
{
    const struct rdl_cell *cells = sub_block->envelope.cells;
    const int last = sub_block->envelope.count - 1;
    const int first = nearest_code(sub_block->best_scale, d);
    const int start = find_cell(&sub_block->envelope, 2.0 / (d * (2 * first + 1)));
    struct coded best = {first, error_in(sub_block, start, d * (2 * first + 1))};
    const int highest = first + reach < RDL_SCALE_CODES ? first + reach : RDL_SCALE_CODES - 1;
    for (int code = first + 1, cell = start; code <= highest; code++) {
        const double scale = d * (2 * code + 1);
        while (cell > 0 && scale * cells[cell].begin > 2.0)
            cell--;
        if (sub_block->least[cell].before >= best.error)
            break;
        const double error = error_in(sub_block, cell, scale);
        if (improves(&best, error, code))
            best = (struct coded){code, error};
    }
    const int lowest = first - reach > 0 ? first - reach : 0;
    for (int code = first - 1, cell = start; code >= lowest; code--) {
        const double scale = d * (2 * code + 1);
        while (cell < last && scale * cells[cell + 1].begin <= 2.0)
            cell++;
        if (sub_block->least[cell].after > best.error)
            break;
        const double error = error_in(sub_block, cell, scale);
        if (improves(&best, error, code))
            best = (struct coded){code, error};
    }
    return best;
}

/* ------------------------------------------------------------------------------------------------
 * The super-block for a given d
 */

struct stored {
    uint16_t d;
    uint8_t codes[RDL_CODEBOOK_MAX_SUB_BLOCKS];
    double error; /* INFINITY: at least that of the best known */
};

/* Gives up as soon as the error reaches the limit, even if the sub-blocks that are left had their
 * least: the sub-blocks of a bad d add up to their excess one after another. */
static struct stored store_with(const struct rdl_code_super_block *block, uint16_t d, int reach,
                                double limit)
{
    struct stored stored = {.d = d};
    const double unit = (double)rdl_f16_to_f32(d) * (double)block->layout->unit;
    double rest = block->least_error;
    for (int j = 0; j < block->count; j++) {
        const struct rdl_code_sub_block *sub_block = &block->sub_blocks[j];
        if (!sub_block->counts)
            continue;
        const struct coded best = best_code(sub_block, unit * sub_block->scale_unit, reach);
        stored.codes[j] = (uint8_t)best.code;
        stored.error += best.error * sub_block->error_unit;
        rest -= sub_block->least[0].after * sub_block->error_unit;
        if (!(stored.error + rest < limit)) {
            stored.error = INFINITY;
            break;
        }
    }
    return stored;
}

static void try_d(const struct rdl_code_super_block *block, uint16_t d, int reach,
                  struct stored *best)
{
    if (d == 0 || d > LARGEST_F16)
        return;
    const struct stored stored = store_with(block, d, reach, best->error);
    if (stored.error < best->error)
        *best = stored;
}

static uint16_t to_f16(double d)
{
    const uint16_t half = rdl_f32_to_f16((float)rdl_lesser(d, 65504.0));
    return half == 0 && d > 0.0 ? 1 : half;
}

/* ------------------------------------------------------------------------------------------------
 * Candidates for d
 */

/* That for which the largest of the real scales has the highest code; 0 if none is positive. */
static double natural_d(const struct rdl_code_super_block *block)
{
    double largest = 0.0;
    for (int j = 0; j < block->count; j++)
        largest =
            rdl_greater(largest, block->sub_blocks[j].best_scale / block->sub_blocks[j].scale_unit);
    return largest / (double)(2 * RDL_SCALE_CODES - 1) / (double)block->layout->unit;
}

/* The best d for these codes and the rows that they have. */
static double refit(const struct rdl_code_super_block *block, const struct stored *stored)
{
    double a = 0.0, b = 0.0;
    for (int j = 0; j < block->count; j++) {
        const struct rdl_code_sub_block *sub_block = &block->sub_blocks[j];
        if (!sub_block->counts)
            continue;
        const double odd = (double)(2 * stored->codes[j] + 1) * (double)block->layout->unit;
        const double per_d = odd * sub_block->scale_unit;
        const double scale = per_d * (double)rdl_f16_to_f32(stored->d);
        const struct rdl_cell *cell =
            &sub_block->envelope.cells[find_cell(&sub_block->envelope, 2.0 / scale)];
        a += cell->a * per_d * sub_block->error_unit;
        b += cell->b * per_d * per_d * sub_block->error_unit;
    }
    return a > 0.0 ? a / b : 0.0;
}

static void alternate(const struct rdl_code_super_block *block, struct stored *best)
{
    for (int round = 0; round < ROUNDS; round++) {
        const uint16_t before = best->d;
        try_d(block, to_f16(refit(block, best)), RDL_SCALE_CODES, best);
        if (best->d == before)
            break;
    }
}

/* Steps of binary16 about the best known d: 1024 of them are a factor of 2. */
static void scan(const struct rdl_code_super_block *block, int from, int to, int step,
                 struct stored *best)
{
    const int middle = best->d;
    for (int k = from; k <= to; k += step)
        if (middle + k > 0 && middle + k <= LARGEST_F16)
            try_d(block, (uint16_t)(middle + k), RDL_SCALE_CODES, best);
}

/* The error has broad valleys: a wide and coarse scan loses less than a narrow fine one of as many
 * steps (notes/codebook-exact.md). */
static void scan_coarsely(const struct rdl_code_super_block *block, struct stored *best)
{
    scan(block, -512, 1024, 24, best);
    scan(block, -12, 12, 4, best);
    scan(block, -3, 3, 1, best);
}

double rdl_code_sum_squares(const struct rdl_code_super_block *block)
{
    double sum = 0.0;
    for (int j = 0; j < block->count; j++)
        sum += block->sub_blocks[j].sum_squares * block->sub_blocks[j].error_unit;
    return sum;
}

double rdl_code_least_error(const struct rdl_code_super_block *block)
{
    double sum = 0.0;
    for (int j = 0; j < block->count; j++)
        if (block->sub_blocks[j].counts)
            sum += block->sub_blocks[j].least[0].after * block->sub_blocks[j].error_unit;
    return sum * (1.0 - 0x1p-40);
}

void rdl_store_code_scales(const struct rdl_code_super_block *block, enum rdl_scales scales,
                           uint16_t *d, uint8_t *codes)
{
    const double natural = natural_d(block);
    const int reach = scales == RDL_SCALES_MAX ? 1 : RDL_SCALE_CODES;
    struct stored best = {.error = rdl_code_sum_squares(block)};
    try_d(block, to_f16(natural), reach, &best);
    if (best.d != 0 && scales == RDL_SCALES_ALTERNATE)
        alternate(block, &best);
    if (best.d != 0 && scales == RDL_SCALES_JOINT)
        scan_coarsely(block, &best);
    if (best.d != 0 && scales == RDL_SCALES_JOINT_FULL)
        scan(block, -1024, 1536, 1, &best);
    *d = best.d;
    for (int j = 0; j < block->count; j++)
        codes[j] = best.codes[j];
}
