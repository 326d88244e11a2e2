#include "agreement_input.h"

#include "philox.h"
#include "roundel.h"
#include "synth.h"

#include <math.h>
#include <string.h>

enum {
    GROUP = 16, /* weights that share a scale or a step */
    /* Independent random numbers of a seed: coordinate `tensor` of philox.h. */
    STREAM_WEIGHTS = 0,
    STREAM_IMPORTANCE = STREAM_WEIGHTS + AGREEMENT_WEIGHTS_COUNT,
    STREAM_BLOCKS = STREAM_IMPORTANCE + AGREEMENT_IMPORTANCE_COUNT
};

const char *agreement_weights_name(enum agreement_weights kind)
{
    static const char *const names[AGREEMENT_WEIGHTS_COUNT] = {
        [AGREEMENT_GAUSSIAN] = "gaussian", [AGREEMENT_HEAVY_TAILS] = "heavy tails",
        [AGREEMENT_ZEROS] = "zeros",       [AGREEMENT_TIES] = "ties",
        [AGREEMENT_TINY] = "tiny",         [AGREEMENT_HUGE] = "huge",
        [AGREEMENT_BAD] = "bad",
    };
    return names[kind];
}

const char *agreement_importance_name(enum agreement_importance kind)
{
    static const char *const names[AGREEMENT_IMPORTANCE_COUNT] = {
        [AGREEMENT_SPREAD] = "spread",
        [AGREEMENT_HOLES] = "holes",
        [AGREEMENT_EXTREME] = "extreme",
    };
    return names[kind];
}

const char *agreement_blocks_name(enum agreement_blocks kind)
{
    static const char *const names[AGREEMENT_BLOCKS_COUNT] = {
        [AGREEMENT_RANDOM_BYTES] = "random bytes",
        [AGREEMENT_ALL_BITS_CLEAR] = "all bits clear",
        [AGREEMENT_ALL_BITS_SET] = "all bits set",
    };
    return names[kind];
}

/* ------------------------------------------------------------------------------------------------
 * Random numbers
 */

struct stream {
    uint64_t seed;
    uint32_t number;
};

static uint64_t word_at(const struct stream *stream, size_t element, uint32_t draw)
{
    return philox(&(struct philox_point){.seed = stream->seed,
                                         .element = element,
                                         .tensor = stream->number,
                                         .draw = draw})
        .word[0];
}

/* 0 .. n - 1 */
static unsigned below(const struct stream *stream, size_t element, uint32_t draw, unsigned n)
{
    return (unsigned)(word_at(stream, element, draw) % n);
}

/* 2^k, k from low to high. */
static double power(const struct stream *stream, size_t element, uint32_t draw, int low, int high)
{
    return ldexp(1.0, low + (int)below(stream, element, draw, (unsigned)(high - low + 1)));
}

/* ------------------------------------------------------------------------------------------------
 * Weights. Draw 0 is taken by synth_fill(), draw 1 by the weight, draws 2 and 3 by its group.
 */

enum {
    DRAW_WEIGHT = 1,
    DRAW_GROUP,
    DRAW_GROUP_SIZE
};

static void fill_synth(const struct stream *stream, enum synth_distribution distribution,
                       size_t count, float *x)
{
    const struct synth synth = {
        .distribution = distribution,
        .degrees_of_freedom = 1,
        .sigma = 0.02,
        .nrows = 1,
        .ncols = count,
        .seed = stream->seed,
        .tensor = stream->number,
    };
    synth_fill(&synth, 0, count, x);
}

/*
 * Half-integers times a step; the group's first weight has the largest level of some format's codes
 * and so gives the step as its scale, for which the others are ties.
 */
static float tie(const struct stream *stream, size_t i)
{
    static const int levels[] = {1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 63, 127};
    const size_t group = i / GROUP;
    const int level = levels[below(stream, group, DRAW_GROUP, sizeof levels / sizeof *levels)];
    const double step = power(stream, group, DRAW_GROUP_SIZE, -14, 4);
    const int halves = (int)below(stream, i, DRAW_WEIGHT, (unsigned)(4 * level + 1)) - 2 * level;
    return (float)(step * (i % GROUP == 0 ? level : 0.5 * halves));
}

/* The double rounded to a float that is not above the limit, which need not be a float. */
static float limited(double x, double limit)
{
    const float rounded = (float)fmax(-limit, fmin(limit, x));
    return fabs((double)rounded) > limit ? nextafterf(rounded, 0.0f) : rounded;
}

/* Every tenth group holds one bad weight. */
static float spoiled(const struct stream *stream, size_t i, float x)
{
    static const float bad[] = {NAN, INFINITY, -INFINITY, 1e38f, -1e30f};
    const size_t group = i / GROUP;
    const unsigned place = below(stream, group, DRAW_GROUP, 10 * GROUP);
    return place == i % GROUP ? bad[below(stream, i, DRAW_WEIGHT, sizeof bad / sizeof *bad)] : x;
}

static float reshaped(const struct stream *stream, enum agreement_weights kind,
                      double max_magnitude, size_t i, float gaussian)
{
    switch (kind) {
    case AGREEMENT_ZEROS:
        if (below(stream, i, DRAW_WEIGHT, 40) == 0)
            return gaussian;
        return copysignf(0.0f, gaussian);
    case AGREEMENT_TIES:
        return tie(stream, i);
    case AGREEMENT_TINY:
        return (float)(gaussian * power(stream, i / GROUP, DRAW_GROUP, -145, -15));
    case AGREEMENT_HUGE:
        return limited(gaussian * max_magnitude * power(stream, i / GROUP, DRAW_GROUP, -8, 6),
                       max_magnitude);
    case AGREEMENT_BAD:
        return spoiled(stream, i, gaussian);
    case AGREEMENT_GAUSSIAN:
    case AGREEMENT_HEAVY_TAILS:
    case AGREEMENT_WEIGHTS_COUNT:
        break;
    }
    return gaussian;
}

void agreement_weights(enum agreement_weights kind, double max_magnitude, uint64_t seed,
                       size_t count, float *x)
{
    const struct stream stream = {seed, STREAM_WEIGHTS + (uint32_t)kind};
    if (kind == AGREEMENT_HEAVY_TAILS) {
        fill_synth(&stream, SYNTH_STUDENT_T, count, x);
        for (size_t i = 0; i < count; i++)
            x[i] = limited(x[i], max_magnitude);
        return;
    }
    fill_synth(&stream, SYNTH_GAUSSIAN, count, x);
    for (size_t i = 0; i < count; i++)
        x[i] = reshaped(&stream, kind, max_magnitude, i, x[i]);
}

/* ------------------------------------------------------------------------------------------------
 * Importance and blocks
 */

static float spread(const struct stream *stream, size_t i)
{
    return (float)((1.0 + below(stream, i, DRAW_WEIGHT, 1024) / 1024.0) *
                   power(stream, i, DRAW_GROUP, -10, 10));
}

/* Half of the groups have zeros up to a random place, and one factor in eight is zero. */
static bool is_hole(const struct stream *stream, size_t i)
{
    const unsigned zeros = below(stream, i / GROUP, DRAW_GROUP_SIZE, 2 * GROUP + 1);
    return i % GROUP + GROUP < zeros || below(stream, i, DRAW_GROUP_SIZE + 1, 8) == 0;
}

void agreement_importance(enum agreement_importance kind, uint64_t seed, size_t count,
                          float *importance)
{
    static const float extremes[] = {0.0f, 0x1p-149f, 1.0f, RDL_IMPORTANCE_MAX};
    const struct stream stream = {seed, STREAM_IMPORTANCE + (uint32_t)kind};
    for (size_t i = 0; i < count; i++) {
        if (kind == AGREEMENT_EXTREME)
            importance[i] =
                extremes[below(&stream, i, DRAW_WEIGHT, sizeof extremes / sizeof *extremes)];
        else
            importance[i] =
                kind == AGREEMENT_HOLES && is_hole(&stream, i) ? 0.0f : spread(&stream, i);
    }
}

void agreement_blocks(enum agreement_blocks kind, uint64_t seed, size_t count, uint8_t *bytes)
{
    const struct stream stream = {seed, STREAM_BLOCKS + (uint32_t)kind};
    if (kind == AGREEMENT_RANDOM_BYTES)
        for (size_t i = 0; i < count; i++)
            bytes[i] = (uint8_t)word_at(&stream, i, DRAW_WEIGHT);
    else
        memset(bytes, kind == AGREEMENT_ALL_BITS_SET ? 0xFF : 0, count);
}
