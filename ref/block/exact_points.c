#include "block/exact_points.h"

#include <math.h>
#include <string.h>

enum {
    LANES = RDL_EXACT_LANES
};

/* Magnitudes below this would lose places in products, or vanish. */
static const double least_magnitude = 0x1p-100;

void rdl_exact_weights_start(struct rdl_exact_weights *weights, int n, const double *x,
                             const double *w)
{
    weights->n = 0;
    for (int i = 0; i < n; i++)
        if (w[i] >= least_magnitude && (fabs(x[i]) >= least_magnitude || x[i] == 0.0)) {
            weights->x[weights->n] = (float)x[i];
            weights->w[weights->n++] = (float)w[i];
        }
}

static void integer_batch(const struct rdl_exact_weights *weights, float first, float last,
                          const float *t, const float *u, float *g)
{
    const float shift = 12582912.0f; /* 1.5 * 2^23: the last place of the sum is 1 */
    float sums[LANES] = {0.0f};
    for (int i = 0; i < weights->n; i++) {
        const float x = weights->x[i], w = weights->w[i];
        for (int lane = 0; lane < LANES; lane++) {
            const float y = t[lane] * x + u[lane];
            const float above = y < first ? first : y;
            const float clipped = above > last ? last : above;
            const float r = y - ((clipped + shift) - shift);
            sums[lane] += w * r * r;
        }
    }
    memcpy(g, sums, sizeof sums);
}

void rdl_exact_points(const struct rdl_exact_weights *weights, float first, float last, int count,
                      const float *t, const float *u, float *g)
{
    for (int p = 0; p < count; p += LANES)
        integer_batch(weights, first, last, t + p, u + p, g + p);
}

/* ------------------------------------------------------------------------------------------------
 * Tables
 */

/* Never decreases as y grows, whatever is rounded. */
static int bin_of(const struct rdl_exact_table *table, float y)
{
    const float bin = (y - table->origin) * table->bins_per_unit;
    const float last = (float)(RDL_EXACT_BINS - 1);
    return (int)(bin > 0.0f ? bin < last ? bin : last : 0.0f);
}

static float midpoint(const double *entries, int k)
{
    return (float)(0.5 * (entries[k] + entries[k + 1]));
}

/* Where wide bins would put y; exact enough. */
static double wide_position(const struct rdl_exact_wide_bins *bins, double y)
{
    return y * (double)bins->per_unit + (double)bins->origin;
}

/* The least value of binary32 that is not below v. */
static float rounded_up(double v)
{
    float up = (float)v;
    int32_t bits;
    if ((double)up >= v)
        return up;
    memcpy(&bits, &up, sizeof bits);
    bits = up < 0.0f ? bits - 1 : up > 0.0f ? bits + 1 : 1;
    memcpy(&up, &bits, sizeof up);
    return up;
}

static double middle_of(const float *entries, int k)
{
    return 0.5 * ((double)entries[k] + (double)entries[k + 1]);
}

/* False if a midpoint has no bin of its own, or is near the end of it. */
static bool fill_wide_bins(struct rdl_exact_table *table, int count)
{
    struct rdl_exact_wide_bins *const bins = &table->wide;
    int bin = -1;
    for (int k = 0; k < count - 1; k++) {
        const double midpoint = middle_of(table->entries, k);
        const double position = wide_position(bins, midpoint) + 0.5;
        const int next = (int)position;
        const double inside = position - (double)next;
        if (next <= bin || next > RDL_EXACT_WIDE_BINS - 2 || inside < 0.01 || inside > 0.99)
            return false;
        for (bin++; bin < next; bin++) {
            bins->midpoint[bin] = INFINITY;
            bins->entry[bin] = table->entries[k];
        }
        bins->midpoint[bin] = rounded_up(midpoint);
        bins->entry[bin] = table->entries[k];
    }
    for (bin++; bin < RDL_EXACT_WIDE_BINS; bin++) {
        bins->midpoint[bin] = INFINITY;
        bins->entry[bin] = table->entries[count - 1];
    }
    return true;
}

static void start_few(struct rdl_exact_table *table, int count)
{
    table->is_few = count <= RDL_EXACT_FEW;
    for (int k = 0; table->is_few && k < RDL_EXACT_FEW; k++)
        table->midpoints[k] = k < count - 1 ? rounded_up(middle_of(table->entries, k)) : INFINITY;
}

static void start_wide_bins(struct rdl_exact_table *table, int count)
{
    struct rdl_exact_wide_bins *const bins = &table->wide;
    const double first = middle_of(table->entries, 0);
    const double last = middle_of(table->entries, count - 2);
    bins->exist = false;
    if (count > RDL_EXACT_WIDE_BINS - 1 || !(last - first > 0x1p-20))
        return;
    for (int try = 0; try < 64 && !bins->exist; try++) {
        bins->per_unit = (float)((30.0 - 0.15 * try) / (last - first));
        bins->origin = (float)(int)(0.5 - first * (double)bins->per_unit + 1024.0) - 1024.0f;
        bins->least = (float)(-(double)bins->origin / (double)bins->per_unit);
        bins->largest = (float)((31.0 - (double)bins->origin) / (double)bins->per_unit);
        bins->exist = wide_position(bins, first) > -0.5 && fill_wide_bins(table, count);
    }
}

/*
 * The nearest entry has the number of midpoints at or below y. Those in lower bins than y are among
 * them, those in higher bins are not, and rounding a midpoint takes it past no y of binary32. The
 * entries end with copies of the last one, for bins that would look beyond it.
 */
bool rdl_exact_table_start(struct rdl_exact_table *table, const double *entries, int count)
{
    for (int k = 0; k < count; k++)
        table->entries[k] = (float)entries[k];
    const float range = midpoint(entries, count - 2) - midpoint(entries, 0);
    table->origin = midpoint(entries, 0);
    table->bins_per_unit = range > 0x1p-100f ? (float)RDL_EXACT_BINS / range : 1.0f;

    uint8_t in_bin[RDL_EXACT_BINS] = {0};
    for (int k = 0; k < count - 1; k++)
        in_bin[bin_of(table, midpoint(entries, k))]++;
    table->more = 0;
    for (int bin = 0, below = 0; bin < RDL_EXACT_BINS; bin++) {
        table->first[bin] = (uint8_t)below;
        below += in_bin[bin];
        if (in_bin[bin] > table->more)
            table->more = in_bin[bin];
    }
    for (int k = count; k < count + RDL_EXACT_MAX_MORE || k < RDL_EXACT_FEW; k++)
        table->entries[k] = table->entries[count - 1];
    start_few(table, count);
    start_wide_bins(table, count);
    return table->more <= RDL_EXACT_MAX_MORE;
}

static float distance(const struct rdl_exact_table *table, float y)
{
    const float *const entries = table->entries + table->first[bin_of(table, y)];
    float nearest = fabsf(y - entries[0]);
    for (int k = 1; k <= table->more; k++) {
        const float other = fabsf(y - entries[k]);
        nearest = other < nearest ? other : nearest;
    }
    return nearest;
}

static float wide_difference(const struct rdl_exact_wide_bins *bins, float y)
{
    const float above = y < bins->least ? bins->least : y;
    const float inside = above > bins->largest ? bins->largest : above;
    const int bin = (int)(inside * bins->per_unit + bins->origin + 0.5f);
    return y - bins->entry[bin + (y >= bins->midpoint[bin] ? 1 : 0)];
}

static void wide_batch(const struct rdl_exact_weights *weights,
                       const struct rdl_exact_wide_bins *bins, const float *t, float *g)
{
    float sums[LANES] = {0.0f};
    for (int i = 0; i < weights->n; i++) {
        const float x = weights->x[i], w = weights->w[i];
        for (int lane = 0; lane < LANES; lane++) {
            const float r = wide_difference(bins, t[lane] * x);
            sums[lane] += w * r * r;
        }
    }
    memcpy(g, sums, sizeof sums);
}

static void table_batch(const struct rdl_exact_weights *weights,
                        const struct rdl_exact_table *table, const float *t, float *g)
{
    float sums[LANES] = {0.0f};
    for (int i = 0; i < weights->n; i++) {
        const float x = weights->x[i], w = weights->w[i];
        for (int lane = 0; lane < LANES; lane++) {
            const float r = distance(table, t[lane] * x);
            sums[lane] += w * r * r;
        }
    }
    memcpy(g, sums, sizeof sums);
}

void rdl_exact_table_points(const struct rdl_exact_weights *weights,
                            const struct rdl_exact_table *table, int count, const float *t,
                            float *g)
{
    for (int p = 0; p < count; p += LANES)
        if (table->wide.exist)
            wide_batch(weights, &table->wide, t + p, g + p);
        else
            table_batch(weights, table, t + p, g + p);
}
