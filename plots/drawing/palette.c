/*
 * The tables of viridis and magma are those of Nathaniel Smith and Stefan van der Walt (2015, CC0),
 * that of cividis of Nunez, Anderton and Renslow (PLOS ONE 13(7), 2018), in 8 bits a channel, as
 * matplotlib has them.
 */
#include "palette.h"

#include "map.h"
#include "portable_math.h"

#include <math.h>

/* Multiples of the golden section spread evenly over [0, 1), the next far from the last. */
#define GOLDEN 0.6180339887498949

enum {
    ENTRIES = 256
};

#include "palette_tables.inc"

/* As dark at both ends, so that neither sign catches the eye. */
static const uint32_t diverging[] = {0x0f2f6b, 0x2f6db5, 0x8fbbdf, 0xffffff,
                                     0xeba58c, 0xc0453b, 0x6f0f1f};

static const struct {
    const char *name;
    const uint32_t *entries;
    unsigned count;
} palettes[PALETTE_COUNT] = {
    [PALETTE_VIRIDIS] = {"viridis", viridis, ENTRIES},
    [PALETTE_MAGMA] = {"magma", magma, ENTRIES},
    [PALETTE_CIVIDIS] = {"cividis", cividis, ENTRIES},
    [PALETTE_DIVERGING] = {"diverging", diverging, sizeof diverging / sizeof diverging[0]},
};

const char *palette_name(unsigned palette)
{
    return palette < PALETTE_COUNT ? palettes[palette].name : NULL;
}

static double channel(uint32_t low, uint32_t high, double share, unsigned shift)
{
    const double a = low >> shift & 255u, b = high >> shift & 255u;
    return (a + (b - a) * share) / 255.0;
}

struct rgb palette_colour(enum palette palette, double t)
{
    const unsigned last = palettes[palette].count - 1;
    const double place = t > 0.0 ? (t < 1.0 ? t : 1.0) * last : 0.0;
    const unsigned below = place < last ? (unsigned)place : last - 1;
    const uint32_t low = palettes[palette].entries[below];
    const uint32_t high = palettes[palette].entries[below + 1];
    const double share = place - below;
    return (struct rgb){
        .red = channel(low, high, share, 16),
        .green = channel(low, high, share, 8),
        .blue = channel(low, high, share, 0),
    };
}

double colouring_place(const struct colouring *colouring, double value)
{
    const double low = colouring->low, high = colouring->high;
    if (colouring->shuffled)
        return value * GOLDEN - floor(value * GOLDEN);
    if (colouring->logarithmic)
        return portable_log(value / low) / portable_log(high / low);
    return (value - low) / (high - low);
}
