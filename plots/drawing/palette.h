/* Colours of numbers. */
#ifndef ROUNDEL_PLOTS_PALETTE_H
#define ROUNDEL_PLOTS_PALETTE_H

/* The first three are perceptually uniform, dark for low values; the last is for differences: white
 * in the middle, blue below, red above. */
enum palette {
    PALETTE_VIRIDIS,
    PALETTE_MAGMA,
    PALETTE_CIVIDIS,
    PALETTE_DIVERGING,
    PALETTE_COUNT
};

/* "viridis" ..; NULL for a value out of range: an axis_name_fn. */
const char *palette_name(unsigned palette);

/* sRGB, 0 .. 1 each, for t in 0 .. 1; a t outside has the colour of the nearer end. Between the
 * entries of the palette's table colours are linear. */
struct rgb {
    double red, green, blue;
};
struct rgb palette_colour(enum palette palette, double t);

#endif
