#include "exact_blocks.h"

#include <math.h>

static const char *const names[EXACT_KINDS] = {
    [EXACT_GAUSSIAN] = "gaussian",
    [EXACT_LAPLACE] = "Laplace",
    [EXACT_SIXTEENTHS] = "multiples of 1/16",
    [EXACT_INTEGERS] = "integers",
    [EXACT_CONSTANT] = "constant",
    [EXACT_ZERO] = "zero",
    [EXACT_OUTLIER] = "outlier",
    [EXACT_POSITIVE] = "all positive",
    [EXACT_NEGATIVE] = "all negative",
    [EXACT_SHIFTED_UP] = "shifted up",
    [EXACT_SHIFTED_DOWN] = "shifted down",
    [EXACT_HALF_ZERO] = "half zeros",
    [EXACT_REPRESENTABLE] = "representable",
    [EXACT_SINGLE] = "single",
    [EXACT_CUBES] = "cubes",
    [EXACT_TINY] = "tiny",
    [EXACT_HUGE] = "huge",
    [EXACT_TWO_VALUES] = "two values",
    [EXACT_NARROW] = "narrow",
    [EXACT_LIGHT_OUTLIER] = "outlier of factor 1e-6",
    [EXACT_LIGHTER_OUTLIER] = "outlier of factor 1e-9",
    [EXACT_THREE_OUTLIERS] = "three outliers",
    [EXACT_FAINT_POSITIVE] = "faint positive part",
};

const char *exact_kind_name(enum exact_kind kind)
{
    return names[kind];
}

static unsigned below(struct gap_source *source, unsigned bound)
{
    return (unsigned)(gap_source_word(source) >> 32) % bound;
}

static void draw(struct gap_source *source, enum gap_data data, size_t n, float *x)
{
    float ones[RDL_BLOCK_MAX_LENGTH];
    gap_source_block(source, data, GAP_UNIFORM, n, x, ones);
}

static double value_of(const struct rdl_block_grid *grid, unsigned code)
{
    return grid->entries ? (double)grid->entries[code] : (double)(grid->first + (int)code);
}

static void draw_representable(struct gap_source *source, const struct rdl_block_grid *grid,
                               size_t n, float *x)
{
    const float scale = (float)(1 + below(source, 1000)) / 512.0f;
    const bool has_offset = grid->kind == RDL_BLOCK_AFFINE || grid->kind == RDL_BLOCK_FREE;
    const float offset = has_offset ? -(float)below(source, 500) / 256.0f : 0.0f;
    for (size_t i = 0; i < n; i++)
        x[i] = scale * (float)value_of(grid, below(source, (unsigned)grid->count)) + offset;
}

static float changed(enum exact_kind kind, float x, size_t i, float first)
{
    switch (kind) {
    case EXACT_SIXTEENTHS:
        return rintf(16.0f * x) / 16.0f;
    case EXACT_INTEGERS:
        return rintf(2.0f * x);
    case EXACT_CONSTANT:
        return first;
    case EXACT_ZERO:
        return 0.0f;
    case EXACT_POSITIVE:
        return fabsf(x);
    case EXACT_NEGATIVE:
        return -fabsf(x);
    case EXACT_SHIFTED_UP:
        return x + 5.0f;
    case EXACT_SHIFTED_DOWN:
        return x - 5.0f;
    case EXACT_HALF_ZERO:
        return i % 2 ? 0.0f : x;
    case EXACT_CUBES:
        return x * x * x;
    case EXACT_TINY:
        return 1e-20f * x;
    case EXACT_HUGE:
        return 1e30f * x;
    case EXACT_TWO_VALUES:
        return x > 0.3f ? 1.7f : -0.45f;
    case EXACT_NARROW:
        return 100.0f + 0.01f * x;
    case EXACT_FAINT_POSITIVE:
        return x > 0.0f ? 1e-4f * x : x;
    case EXACT_GAUSSIAN:
    case EXACT_LAPLACE:
    case EXACT_OUTLIER:
    case EXACT_REPRESENTABLE:
    case EXACT_SINGLE:
    case EXACT_LIGHT_OUTLIER:
    case EXACT_LIGHTER_OUTLIER:
    case EXACT_THREE_OUTLIERS:
    case EXACT_KINDS:
        break;
    }
    return x;
}

/* What concerns one weight or a few. */
static void change_some(struct gap_source *source, enum exact_kind kind, size_t n, float *x)
{
    const size_t i = below(source, (unsigned)n), j = below(source, (unsigned)n);
    if (kind == EXACT_OUTLIER)
        x[i] *= 20.0f;
    if (kind == EXACT_LIGHT_OUTLIER || kind == EXACT_LIGHTER_OUTLIER)
        x[i] *= 1000.0f;
    if (kind == EXACT_THREE_OUTLIERS) {
        x[i] *= 10.0f;
        x[j] *= 40.0f;
        x[(i + j) % n] *= 5.0f;
    }
    for (size_t k = 0; kind == EXACT_SINGLE && k < n; k++)
        x[k] = k == i ? x[k] : 0.0f;
}

static void weigh(struct gap_source *source, struct exact_block *block, size_t n)
{
    float gaussians[RDL_BLOCK_MAX_LENGTH];
    double square = 0.0;
    draw(source, GAP_GAUSSIAN, n, gaussians);
    for (size_t i = 0; i < n; i++)
        square += (double)block->x[i] * (double)block->x[i] / (double)n;
    for (size_t i = 0; i < n; i++) {
        const double x = (double)block->x[i];
        double w = 1.0;
        if (block->weights == GAP_X2)
            w = x * x < 1e38 ? x * x : 1e38;
        if (block->weights == GAP_RMS_ABS)
            w = sqrt(square) + fabs(x);
        if (block->weights == GAP_IMPORTANCE)
            w = exp((double)gaussians[i]) * sqrt(2.0 * square + x * x);
        if (block->kind == EXACT_LIGHT_OUTLIER && fabs(x) > 50.0)
            w *= 1e-6;
        if (block->kind == EXACT_LIGHTER_OUTLIER && fabs(x) > 50.0)
            w *= 1e-9;
        block->w[i] = (float)w;
    }
}

void exact_block_draw(struct exact_block *block, struct gap_source *source, unsigned number,
                      const struct rdl_block_grid *grid, size_t n)
{
    static const enum gap_weights weights[4] = {GAP_UNIFORM, GAP_X2, GAP_RMS_ABS, GAP_IMPORTANCE};
    block->kind = (enum exact_kind)(number % EXACT_KINDS);
    block->weights = weights[number / EXACT_KINDS % 4];
    draw(source, block->kind == EXACT_LAPLACE ? GAP_LAPLACE : GAP_GAUSSIAN, n, block->x);
    if (block->kind == EXACT_REPRESENTABLE)
        draw_representable(source, grid, n, block->x);
    const float first = block->x[0];
    for (size_t i = 0; i < n; i++)
        block->x[i] = changed(block->kind, block->x[i], i, first);
    change_some(source, block->kind, n, block->x);
    weigh(source, block, n);
    for (size_t i = 0; i < n; i++)
        if (number % 5 == 4 && below(source, 3) == 0)
            block->w[i] = 0.0f;
}
