#include "viewer_sample.h"

#include <math.h>
#include <stdlib.h>

const char sample_hostile_title[] =
    "</script></title><script>window.broken = 1</script><!-- \"'`\\ & {{codes}} \xC3\xA9";

static double value_of(enum sample_kind kind, size_t map, double x, double y, double z)
{
    if (kind == SAMPLE_ANGLES)
        return z < -0.9 ? 0 : pow(10, 2 * z);
    if (kind == SAMPLE_NUMBERS)
        return 1000 + (x > 0) + 2 * (y > 0) + 4 * (z > 0);
    switch (map) {
    case 0:
        return 0.9 + 0.05 * x + 0.03 * y + 0.015 * z;
    case 1:
        return 0.9 - 0.04 * x + 0.05 * y - 0.02 * z;
    case 2: /* a cap without values */
        return z > 0.9 ? (double)NAN : 0.9 + 0.09 * x * y;
    default: /* edges between pixels: longitudes 45 and 225, latitude 22.5 */
        return 0.85 + (y > x ? 0.08 : 0) + (z > 0.3826834323650898 ? 0.04 : 0);
    }
}

static void fill(struct map *map, double *values, enum sample_kind kind, size_t index)
{
    static const double pi = 3.14159265358979323846;
    const size_t width = map->raster.width, height = map->raster.height;
    struct raster_statistics *s = &map->raster.statistics;
    double sum = 0, area_sum = 0, area = 0;
    *s = (struct raster_statistics){.min = INFINITY, .max = -INFINITY};
    for (size_t i = 0; i < width * height; i++) {
        const double phi = pi * ((double)(i / width) + 0.5) / (double)height;
        const double theta = 2 * pi * ((double)(i % width) + 0.5) / (double)width;
        values[i] = value_of(kind, index, sin(phi) * cos(theta), sin(phi) * sin(theta), cos(phi));
        if (isnan(values[i])) {
            s->blanks++;
            continue;
        }
        s->min = fmin(s->min, values[i]);
        s->max = fmax(s->max, values[i]);
        sum += values[i];
        area_sum += values[i] * sin(phi);
        area += sin(phi);
    }
    s->mean = sum / (double)(width * height - s->blanks);
    s->area_mean = area_sum / area;
}

static const struct colouring colourings[] = {
    [SAMPLE_COSINES] = {.low = 0.8, .high = 1, .title = "cosine", .unit = ""},
    [SAMPLE_ANGLES] =
        {.low = 0.1, .high = 100, .logarithmic = true, .title = "angle", .unit = "\xC2\xB0"},
    [SAMPLE_NUMBERS] = {.low = 1000, .high = 1007, .shuffled = true, .unit = ""},
};

void sample_make(struct sample *sample, enum sample_kind kind, size_t width)
{
    static const char *const titles[SAMPLE_MAPS] = {"iq4_nl nearest", "iq4_nl nl", "iq4_nl nlg",
                                                    sample_hostile_title};
    *sample = (struct sample){
        .count = kind == SAMPLE_COSINES ? SAMPLE_MAPS : 1,
        .colouring = colourings[kind],
    };
    for (size_t i = 0; i < sample->count; i++) {
        sample->values[i] = malloc(width * (width / 2) * sizeof(double));
        if (!sample->values[i])
            abort();
        sample->maps[i] = (struct map){
            .title = titles[i],
            .across = {"longitude", "\xC2\xB0", 0, 360},
            .down = {"latitude", "\xC2\xB0", 90, -90},
            .raster = {width, width / 2, sample->values[i], {0}},
        };
        fill(&sample->maps[i], sample->values[i], kind, i);
    }
}

void sample_free(struct sample *sample)
{
    for (int i = 0; i < SAMPLE_MAPS; i++)
        free(sample->values[i]);
}
