#include "oracle_samples.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

static const float iq4_entries[16] = {-127, -104, -83, -65, -49, -35, -22, -10,
                                      1,    13,   25,  38,  53,  69,  89,  113};

const struct rdl_block_grid iq4_grid = {RDL_BLOCK_SIGNED, 16, 0, iq4_entries};

struct rdl_block_grid integers(enum rdl_block_kind kind, int first, int count)
{
    return (struct rdl_block_grid){kind, count, first, NULL};
}

bool has_offset(const struct rdl_block_grid *grid)
{
    return grid->kind == RDL_BLOCK_AFFINE || grid->kind == RDL_BLOCK_FREE;
}

double sum_squares(const struct rdl_block *block)
{
    double sum = 0.0;
    for (size_t i = 0; i < block->n; i++) {
        const double x = (double)block->x[i];
        sum += block->weights ? (double)block->weights[i] * x * x : x * x;
    }
    return sum;
}

static float round_to(float x, float unit)
{
    return roundf(x / unit) * unit;
}

static void make_outlier(uint64_t digits, float *x, float *w)
{
    *x *= powf(10.0f, 0.5f * (float)digits);
    *w *= powf(10.0f, -(float)digits);
}

void draw_sample(struct gap_source *source, int i, size_t n, struct sample *sample)
{
    struct sample more;
    gap_source_block(source, GAP_GAUSSIAN, GAP_UNIFORM, n, sample->x, sample->w);
    gap_source_block(source, GAP_GAUSSIAN, GAP_UNIFORM, n, more.x, more.w);
    for (size_t j = 0; j < n; j++) {
        float *const x = &sample->x[j];
        *x = i % 6 == 1 ? round_to(2.0f * *x, 1.0f) : *x;
        *x = i % 6 == 2 ? round_to(*x, 0.0625f) : *x;
        *x += i % 6 == 3 ? 3.0f : i % 6 == 4 ? -3.0f : 0.0f;
        if (i / 6 % 3 > 0)
            sample->w[j] = expf(more.x[j]);
        if (i % 6 == 5)
            make_outlier(gap_source_word(source) % 17, x, &sample->w[j]);
        if (i / 6 % 3 == 2 && gap_source_word(source) % 3 == 0)
            sample->w[j] = 0.0f;
    }
    sample->x[0] += sample->x[0] == 0.0f ? 1.0f : 0.0f;
    sample->w[0] += sample->w[0] == 0.0f ? 1.0f : 0.0f;
}

struct rdl_block_fit solve_block(enum rdl_solver solver, const struct rdl_block *block,
                                 uint8_t *codes)
{
    struct rdl_block_fit fit;
    void *scratch = malloc(rdl_block_scratch_size(solver, &block->grid, block->n));
    ck_assert_int_eq(rdl_block_solve(solver, block, NULL, scratch, codes, &fit), RDL_OK);
    free(scratch);
    for (size_t i = 0; i < block->n; i++)
        ck_assert_int_lt(codes[i], block->grid.count);
    ck_assert(isfinite(fit.scale) && isfinite(fit.offset) && fit.error >= 0.0);
    ck_assert(block->grid.kind == RDL_BLOCK_SIGNED || fit.scale >= 0.0);
    ck_assert(has_offset(&block->grid) || fit.offset == 0.0);
    ck_assert(block->grid.kind != RDL_BLOCK_AFFINE || fit.offset <= 0.0);
    return fit;
}

struct rdl_block_fit solve_oracle(const struct rdl_block *block, uint8_t *codes)
{
    return solve_block(RDL_SOLVE_ORACLE, block, codes);
}

double optimum(const float *x, const float *weights, size_t n, struct rdl_block_grid grid)
{
    uint8_t codes[RDL_BLOCK_MAX_LENGTH];
    const struct rdl_block block = {n, x, weights, grid};
    return solve_oracle(&block, codes).error;
}
