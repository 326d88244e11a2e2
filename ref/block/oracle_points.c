#include "block/oracle_points.h"

static void add_point(struct rdl_points *points, double x, double w)
{
    int place = points->count;
    while (place > 0 && points->x[place - 1] >= x)
        place--;
    if (place < points->count && points->x[place] == x) {
        points->w[place] += w;
        return;
    }
    for (int i = points->count++; i > place; i--) {
        points->x[i] = points->x[i - 1];
        points->w[i] = points->w[i - 1];
    }
    points->x[place] = x;
    points->w[place] = w;
}

static int heaviest(const struct rdl_points *points)
{
    int best = 0;
    for (int i = 1; i < points->count; i++)
        if (points->w[i] > points->w[best])
            best = i;
    return best;
}

/* Relative to the point that the mean is near to: narrow blocks far from 0 would lose places. */
static void centre(struct rdl_points *points)
{
    const double origin = points->x[heaviest(points)];
    double sum = 0.0;
    for (int i = 0; i < points->count; i++) {
        points->weight += points->w[i];
        sum += points->w[i] * (points->x[i] - origin);
    }
    const double mean = sum / points->weight;
    for (int i = 0; i < points->count; i++)
        points->wx[i] = points->w[i] * (points->x[i] - origin - mean);
    points->mean = origin + mean;
}

void rdl_gather_points(const struct rdl_block *block, struct rdl_points *points)
{
    points->count = 0;
    points->weight = 0.0;
    for (size_t i = 0; i < block->n; i++)
        if (block->weights[i] > 0.0f)
            add_point(points, (double)block->x[i], (double)block->weights[i]);
    centre(points);
}
