#include "search/codebook_blocks.h"

#include "binary64.h"
#include "row_blocks.h"
#include "search/codebook_choice.h"

#include <math.h>

enum {
    UNIT = RDL_SIGN_GROUP,
    CELLS_PER_WEIGHT = 8
};

/* Scratch: the cells of all sub-blocks, and the lines of a unit. */
struct encoding {
    const struct rdl_codebook_layout *layout;
    const struct rdl_codebook_method *method;
    struct rdl_code_rows rows;
    enum rdl_weighting weighting;
    enum rdl_scales scales;
    struct rdl_cell *cells; /* CELLS_PER_WEIGHT for every weight */
    struct rdl_least *least;
};

size_t rdl_codebook_exact_scratch(const struct rdl_codebook_layout *layout,
                                  const struct rdl_rows *rows)
{
    (void)rows;
    return RDL_SUPER_BLOCK * CELLS_PER_WEIGHT *
               (sizeof(struct rdl_cell) + sizeof(struct rdl_least)) +
           rdl_code_rows_floats(layout->codebook) * sizeof(float);
}

/* ------------------------------------------------------------------------------------------------
 * Weights
 */

static double native_weight(const struct rdl_codebook_method *method, double x,
                            const float *importance, double mean_square)
{
    if (importance)
        return (double)*importance * sqrt((double)method->sigma2_factor * mean_square + x * x);
    const double weight =
        (double)method->share * (double)method->sigma2_factor * mean_square + x * x;
    return method->root ? sqrt(weight) : weight;
}

static double weight_of(const struct encoding *e, double x, const float *importance,
                        double mean_square)
{
    switch (e->weighting) {
    case RDL_NATIVE:
        return native_weight(e->method, x, importance, mean_square);
    case RDL_X2:
        return x * x;
    case RDL_ABS:
        return fabs(x);
    case RDL_RMS_ABS:
        return sqrt(mean_square) + fabs(x);
    case RDL_IMPORTANCE:
        return (double)*importance;
    case RDL_IMPORTANCE_RMS:
        return (double)*importance * sqrt(mean_square + x * x);
    case RDL_UNIFORM:
    case RDL_WEIGHTING_COUNT:
        break;
    }
    return 1.0;
}

static void fill_weights(const struct encoding *e, const float *x, const float *importance,
                         double *weights)
{
    double sum = 0.0;
    for (int i = 0; i < RDL_SUPER_BLOCK; i++)
        sum += (double)x[i] * (double)x[i];
    for (int i = 0; i < RDL_SUPER_BLOCK; i++)
        weights[i] = weight_of(e, (double)x[i], importance ? importance + i : NULL,
                               sum / (double)RDL_SUPER_BLOCK);
}

/* ------------------------------------------------------------------------------------------------
 * Sub-blocks
 */

/* Of an even number of negative weights; -0 is positive. */
static bool has_even_signs(const float *x)
{
    bool even = true;
    for (int i = 0; i < UNIT; i++)
        even ^= x[i] < 0.0f;
    return even;
}

static void fill_sub_block(const struct encoding *e, const float *x, const double *weights,
                           struct rdl_code_sub_block *sub_block)
{
    const int n = e->layout->sub_block;
    double largest = 0.0, heaviest = 0.0;
    for (int i = 0; i < n; i++) {
        const double magnitude = fabs((double)x[i]);
        heaviest = weights[i] > heaviest ? weights[i] : heaviest;
        largest = weights[i] > 0.0 && magnitude > largest ? magnitude : largest;
    }
    const double x_factor = largest > 0.0 ? rdl_inverse_power(largest) : 1.0;
    const double w_factor = heaviest > 0.0 ? rdl_inverse_power(heaviest) : 1.0;
    sub_block->counts = heaviest > 0.0;
    sub_block->sum_squares = sub_block->most_a = sub_block->least_b = 0.0;
    sub_block->scale_unit = x_factor;
    sub_block->error_unit = 1.0 / (x_factor * x_factor * w_factor);
    for (int i = 0; i < n; i++) {
        sub_block->x[i] = fabs((double)x[i]) * x_factor;
        sub_block->w[i] = weights[i] * w_factor;
        sub_block->sum_squares += sub_block->w[i] * (sub_block->x[i] * sub_block->x[i]);
    }
    for (int u = 0; u < n / UNIT; u++)
        sub_block->odd[u] = e->layout->even_signs && !has_even_signs(x + UNIT * u);
}

/*
 * The window. The best scale times the largest magnitude is about 1.6 (codebooks of 8 levels: 1.9)
 * times sum w x^2 / sum w |x|, and within 0.6 and 1.7 times that for more than 99 % of gaussian and
 * Laplace sub-blocks of any weighting.
 */
static struct rdl_window window_of(const struct encoding *e,
                                   const struct rdl_code_sub_block *sub_block)
{
    const bool few_levels = e->rows.length == UNIT;
    const double top = e->rows.magnitudes[few_levels ? 2 : RDL_MAX_LEVELS - 1];
    double sum = 0.0; /* of w x */
    for (int i = 0; i < e->layout->sub_block; i++)
        sum += sub_block->w[i] * sub_block->x[i];
    const double middle =
        2.0 * top / (few_levels ? 1.6 : 1.9) * (sum > 0.0 ? sum / sub_block->sum_squares : 1.0);
    const double first = rdl_lesser(middle / 1.7, RDL_LAST_POINT / 4.0);
    return (struct rdl_window){{first, first * 1.42, first * 2.0, first * 2.83}};
}

/* The envelope of the units' sum, which takes turns in two arrays so that it ends in `cells`. */
static void fill_envelope(const struct encoding *e, struct rdl_code_sub_block *sub_block,
                          struct rdl_cell *cells, struct rdl_least *least)
{
    enum {
        CAPACITY = CELLS_PER_WEIGHT * RDL_CODEBOOK_MAX_SUB_BLOCK
    };
    struct rdl_cell own[RDL_UNIT_CELLS], other[CAPACITY];
    const int n = e->layout->sub_block;
    struct rdl_envelope sum = {0, NULL};
    sub_block->window = window_of(e, sub_block);
    for (int u = 0; u < n / UNIT; u++) {
        const struct rdl_unit unit = rdl_unit_of(sub_block, u);
        struct rdl_cell *to = (n / UNIT - u) % 2 != 0 ? cells : other;
        rdl_fill_lines(&e->rows, &unit);
        if (u == 0) {
            sum = rdl_unit_envelope(&e->rows, &unit, &sub_block->window, to);
        } else {
            const struct rdl_envelope one =
                rdl_unit_envelope(&e->rows, &unit, &sub_block->window, own);
            sum = rdl_add_envelopes(&sum, &one, CELLS_PER_WEIGHT * n, to);
        }
    }
    const double low = e->rows.magnitudes[0];
    const double high = e->rows.magnitudes[e->rows.length == UNIT ? 2 : RDL_MAX_LEVELS - 1];
    for (int i = 0; i < n; i++) {
        sub_block->most_a += sub_block->w[i] * sub_block->x[i] * high;
        sub_block->least_b += sub_block->w[i] * (low * low);
    }
    sub_block->envelope = sum;
    sub_block->least = least;
    sub_block->best_scale = rdl_least_errors(&sum, sub_block->sum_squares, least);
}

/* ------------------------------------------------------------------------------------------------
 * Rows and signs
 */

static void store_rows(const struct encoding *e, const struct rdl_code_choice *choice,
                       const float *x, uint16_t *rows, uint8_t *signs)
{
    const int groups = UNIT / e->rows.length;
    for (int u = 0; u < e->layout->sub_block / UNIT; u++) {
        unsigned mask = 0;
        for (int i = 0; i < UNIT; i++)
            mask |= (unsigned)((x[UNIT * u + i] < 0.0f) != (i == choice->units[u].flipped)) << i;
        signs[u] = (uint8_t)mask;
        for (int g = 0; g < groups; g++)
            rows[groups * u + g] = choice->units[u].rows[g];
    }
}

/* Stores the scales and what the sub-blocks take there; returns the error. */
static double store_block(const struct encoding *e, const struct rdl_code_super_block *block,
                          const float *x, enum rdl_scales scales,
                          struct rdl_codebook_super_block *stored)
{
    const int n = e->layout->sub_block, groups = n / e->rows.length;
    struct rdl_code_choice choices[RDL_CODEBOOK_MAX_SUB_BLOCKS];
    double error = 0.0;
    *stored = (struct rdl_codebook_super_block){.d = 0};
    rdl_store_code_scales(block, scales, &stored->d, stored->scales);
    if (stored->d == 0)
        return rdl_code_sum_squares(block);
    rdl_choose_code_rows(&e->rows, block, stored->d, stored->scales, choices);
    if (e->scales != RDL_SCALES_MAX)
        rdl_try_other_codes(&e->rows, block, stored->d, choices);
    for (int j = 0; j < block->count; j++) {
        const struct rdl_code_choice *choice = &choices[j];
        stored->scales[j] = choice->code;
        store_rows(e, choice, x + n * j, stored->rows + groups * j, stored->signs + n / UNIT * j);
        error += choice->error * block->sub_blocks[j].error_unit;
    }
    return error;
}

/* Envelopes do not know all about scales out of their windows: a d that seems better than the
 * natural one has to prove it. */
static void encode_block(const struct encoding *e, const float *x, const float *importance,
                         struct rdl_codebook_super_block *stored)
{
    const int n = e->layout->sub_block;
    double weights[RDL_SUPER_BLOCK];
    struct rdl_code_super_block block;
    block.layout = e->layout;
    block.count = RDL_SUPER_BLOCK / n;
    fill_weights(e, x, importance, weights);
    for (int j = 0; j < block.count; j++) {
        fill_sub_block(e, x + n * j, weights + n * j, &block.sub_blocks[j]);
        fill_envelope(e, &block.sub_blocks[j], e->cells + CELLS_PER_WEIGHT * n * j,
                      e->least + CELLS_PER_WEIGHT * n * j);
    }
    block.least_error = rdl_code_least_error(&block);
    const bool searched = e->scales > RDL_SCALES_EXHAUSTIVE;
    const enum rdl_scales scales = searched ? RDL_SCALES_EXHAUSTIVE : e->scales;
    const double error = store_block(e, &block, x, scales, stored);
    struct rdl_codebook_super_block other;
    if (searched && store_block(e, &block, x, e->scales, &other) < error)
        *stored = other;
}

void rdl_codebook_encode_exact(const struct rdl_codebook_layout *layout,
                               const struct rdl_codebook_method *method,
                               const struct rdl_rows *rows, uint8_t *blocks)
{
    struct encoding e = {
        .layout = layout,
        .method = method,
        .weighting = rows->weighting,
        .scales = rows->scales,
        .cells = rows->scratch,
    };
    e.least = (struct rdl_least *)(void *)(e.cells + RDL_SUPER_BLOCK * CELLS_PER_WEIGHT);
    float *lines = (float *)(void *)(e.least + RDL_SUPER_BLOCK * CELLS_PER_WEIGHT);
    e.rows = rdl_code_rows(layout->codebook, layout->words, rows->target, lines);
    const size_t nblocks = rdl_count_blocks(rows, RDL_SUPER_BLOCK);
    for (size_t b = 0; b < nblocks; b++) {
        struct rdl_codebook_super_block block;
        encode_block(&e, rows->x + b * RDL_SUPER_BLOCK,
                     rdl_block_importance(rows, RDL_SUPER_BLOCK, b), &block);
        layout->pack(&block, blocks + b * layout->block_bytes);
    }
}
