#include "raster_sums.h"

#include <math.h>
#include <stdbool.h>

struct raster_sums raster_row_sums(size_t width, const double *values, const double *areas)
{
    struct raster_sums sums = {.min = (double)INFINITY, .max = -(double)INFINITY};
    for (size_t i = 0; i < width; i++) {
        if (isnan(values[i])) {
            sums.blanks++;
            continue;
        }
        sums.min = values[i] < sums.min ? values[i] : sums.min;
        sums.max = values[i] > sums.max ? values[i] : sums.max;
        sums.sum += values[i];
        sums.weighted += areas[i] * values[i];
        sums.area += areas[i];
        sums.count++;
    }
    return sums;
}

void raster_sums_add(struct raster_sums *all, const struct raster_sums *row)
{
    if (all->count + all->blanks == 0) {
        *all = *row;
        return;
    }
    all->min = row->min < all->min ? row->min : all->min;
    all->max = row->max > all->max ? row->max : all->max;
    all->sum += row->sum;
    all->weighted += row->weighted;
    all->area += row->area;
    all->count += row->count;
    all->blanks += row->blanks;
}

struct raster_statistics raster_statistics_of(const struct raster_sums *sums, uint64_t hash)
{
    const bool any = sums->count > 0;
    return (struct raster_statistics){
        .min = any ? sums->min : (double)NAN,
        .max = any ? sums->max : (double)NAN,
        .mean = any ? sums->sum / (double)sums->count : (double)NAN,
        .area_mean = sums->area > 0.0 ? sums->weighted / sums->area : (double)NAN,
        .blanks = sums->blanks,
        .hash = hash,
    };
}
