#include "fill.h"

#include "philox.h"
#include "roundel.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

enum {
    GROUP = 16
};

uint64_t random_word(struct random *random)
{
    return philox(&(struct philox_point){.seed = random->seed, .element = random->next++}).word[0];
}

size_t random_below(struct random *random, size_t n)
{
    return (size_t)(random_word(random) % n);
}

double random_unit(struct random *random)
{
    return (double)(random_word(random) >> 11) * 0x1p-53;
}

void random_bytes(struct random *random, size_t n, uint8_t *bytes)
{
    for (size_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)random_word(random);
}

/* In [-1, 1). */
static double random_signed(struct random *random)
{
    return 2.0 * random_unit(random) - 1.0;
}

/* Nearly normal, standard deviation 1, no libm: the sum of 12 uniforms has variance 1. */
static double random_gaussian(struct random *random)
{
    double sum = -6.0;
    for (int i = 0; i < 12; i++)
        sum += random_unit(random);
    return sum;
}

/* 2^k, k uniform in low .. high. */
static double random_power(struct random *random, int low, int high)
{
    return ldexp(1.0, low + (int)random_below(random, (size_t)(high - low + 1)));
}

/* ------------------------------------------------------------------------------------------------
 * Weights
 */

const char *weights_name(enum weights weights)
{
    static const char *const names[WEIGHTS_COUNT] = {
        [WEIGHTS_GAUSSIAN] = "gaussian",   [WEIGHTS_HEAVY_TAILS] = "heavy tails",
        [WEIGHTS_SPARSE] = "sparse",       [WEIGHTS_ZEROS] = "zeros",
        [WEIGHTS_CONSTANT] = "constant",   [WEIGHTS_ALTERNATING] = "alternating",
        [WEIGHTS_SPIKE] = "spike",         [WEIGHTS_RAMP] = "ramp",
        [WEIGHTS_TIES] = "ties",           [WEIGHTS_TINY] = "tiny",
        [WEIGHTS_UNDERFLOW] = "underflow", [WEIGHTS_LARGE] = "large",
        [WEIGHTS_HUGE] = "huge",           [WEIGHTS_MIXED] = "mixed",
    };
    return names[weights];
}

/* The largest levels of the formats' codes, and of shorter ranges. */
static const double levels[] = {1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 63, 127, 128};

/* Half-integers times a power of two, and one or two elements at the ends of a range of levels:
 * the scale that these ends give divides the others without rounding. */
static void fill_ties(struct random *random, double *x)
{
    const double level = levels[random_below(random, sizeof levels / sizeof levels[0])];
    const double step = random_power(random, -14, 4);
    const double low = random_below(random, 2) ? -level : -floor(level * random_unit(random));
    const double high = random_below(random, 2) ? low + level : level;
    for (int i = 0; i < GROUP; i++)
        x[i] = step * (low + 0.5 * floor(2.0 * (high - low) * random_unit(random)));
    x[random_below(random, GROUP)] = step * low;
    x[random_below(random, GROUP)] = step * high;
}

static void fill_group(enum weights weights, double max_magnitude, struct random *random, double *x)
{
    const double c = 0.03 * random_signed(random);
    const size_t place = random_below(random, GROUP);
    for (int i = 0; i < GROUP; i++) {
        switch (weights) {
        case WEIGHTS_GAUSSIAN:
            x[i] = 0.02 * random_gaussian(random);
            break;
        case WEIGHTS_HEAVY_TAILS:
            x[i] = 0.02 * random_signed(random) / (1e-3 + random_unit(random));
            break;
        case WEIGHTS_SPARSE:
            x[i] = random_below(random, 4) ? 0.0 : 0.02 * random_gaussian(random);
            break;
        case WEIGHTS_ZEROS:
            x[i] = random_below(random, 2) ? 0.0 : -0.0;
            break;
        case WEIGHTS_CONSTANT:
            x[i] = c;
            break;
        case WEIGHTS_ALTERNATING:
            x[i] = i % 2 ? c : -c;
            break;
        case WEIGHTS_SPIKE:
            x[i] = (size_t)i == place ? c : 0.0;
            break;
        case WEIGHTS_RAMP:
            x[i] = c * (i - (double)place);
            break;
        case WEIGHTS_TINY:
            x[i] = random_signed(random) * random_power(random, -149, -90);
            break;
        case WEIGHTS_UNDERFLOW:
            x[i] = random_signed(random) * random_power(random, -32, -8);
            break;
        case WEIGHTS_LARGE:
            x[i] = 65504.0 * random_signed(random);
            break;
        case WEIGHTS_HUGE:
            x[i] = max_magnitude * random_signed(random);
            break;
        case WEIGHTS_TIES:
        case WEIGHTS_MIXED:
        case WEIGHTS_COUNT:
            abort(); /* not filled weight by weight */
        }
    }
}

static void fill_any_group(enum weights weights, double max_magnitude, struct random *random,
                           double *x)
{
    if (weights == WEIGHTS_MIXED) {
        fill_any_group((enum weights)random_below(random, WEIGHTS_TINY), max_magnitude, random, x);
        const double scale = random_power(random, -12, 12);
        const double mean = random_below(random, 2) ? 0.0 : 0.05 * random_signed(random);
        for (int i = 0; i < GROUP; i++)
            x[i] = scale * (x[i] + mean);
    } else if (weights == WEIGHTS_TIES) {
        fill_ties(random, x);
    } else {
        fill_group(weights, max_magnitude, random, x);
    }
}

void fill_weights(enum weights weights, double max_magnitude, struct random *random, size_t n,
                  float *x)
{
    /* Groups share their scale with some neighbours, so that blocks are not all dominated by one.
     */
    double scale = 1.0;
    for (size_t i = 0; i < n; i += GROUP) {
        double group[GROUP];
        fill_any_group(weights, max_magnitude, random, group);
        if (weights == WEIGHTS_HUGE && random_below(random, 4) == 0)
            scale = random_power(random, -10, 0);
        for (size_t k = 0; k < GROUP; k++) {
            /* A float that is not above the limit, which need not be a float. */
            float value = (float)(scale * group[k]);
            if (fabs((double)value) > max_magnitude)
                value = nextafterf(value, 0.0f);
            x[i + k] = value;
        }
    }
}

/* ------------------------------------------------------------------------------------------------
 * Importance
 */

const char *importances_name(enum importances importances)
{
    static const char *const names[IMPORTANCE_COUNT] = {
        [IMPORTANCE_ONES] = "ones",       [IMPORTANCE_SPREAD] = "spread",
        [IMPORTANCE_HOLES] = "holes",     [IMPORTANCE_ZEROS] = "zeros",
        [IMPORTANCE_EXTREME] = "extreme",
    };
    return names[importances];
}

static double random_importance(enum importances importances, struct random *random)
{
    static const double extremes[] = {0.0, -0.0, 0x1p-149, 0x1p-126, 1.0, RDL_IMPORTANCE_MAX};
    switch (importances) {
    case IMPORTANCE_ONES:
        return 1.0;
    case IMPORTANCE_SPREAD:
    case IMPORTANCE_HOLES:
        return (0.5 + random_unit(random)) * random_power(random, -10, 10);
    case IMPORTANCE_ZEROS:
        return 0.0;
    case IMPORTANCE_EXTREME:
        return extremes[random_below(random, sizeof extremes / sizeof extremes[0])];
    case IMPORTANCE_COUNT:
        break;
    }
    abort();
}

void fill_importance(enum importances importances, struct random *random, size_t n, float *q)
{
    for (size_t i = 0; i < n; i += GROUP) {
        /* The first `zeros` of the group: none, some, all. */
        const size_t zeros = importances == IMPORTANCE_HOLES ? random_below(random, 2 * GROUP) : 0;
        for (size_t k = 0; k < GROUP; k++) {
            const double value = random_importance(importances, random);
            const bool hole =
                importances == IMPORTANCE_HOLES &&
                ((zeros > GROUP / 2 && k < zeros - GROUP / 2) || random_below(random, 8) == 0);
            q[i + k] = hole ? 0.0f : (float)value;
        }
    }
}
