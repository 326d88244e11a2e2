#include "project_sweep.h"

#include <stdio.h>
#include <stdlib.h>

bool project_sweep_set(struct sweep *sweep, struct project_settings *s, struct error *error)
{
    if (s->ngrids > 0 || s->nformats > 0 || s->roundings)
        return fail(error, "a sweep has --levels: no grid, format or rounding");
    if (s->viewer)
        return fail(error, "a sweep is no panorama");
    *sweep = (struct sweep){
        .n = s->nvector,
        .levels = (int)s->levels,
        .width = s->width ? s->width : 1024,
    };
    sweep->height = s->height ? s->height : sweep->width / 2;
    if (sweep->height < 2)
        return fail(error, "width %zu gives a height of %zu pixels; --height sets another",
                    sweep->width, sweep->height);
    for (size_t i = 0; i < s->nvector; i++) {
        sweep->x[i] = (float)s->vector[i];
        if (!(sweep->x[i] > -1e30f && sweep->x[i] < 1e30f))
            return fail(error, "number %g of the vector is beyond 10^30", s->vector[i]);
    }
    if (!s->has_palette)
        s->palette = PALETTE_VIRIDIS;
    return sweep_is_valid(sweep, error);
}

bool project_sweep_map(struct project_maps *maps, const struct sweep *sweep, struct error *error)
{
    *maps = (struct project_maps){
        .rows = 1,
        .columns = 1,
        .value = "squared correlation",
        .bar = "squared correlation",
        .unit = "",
        .items = calloc(1, sizeof *maps->items),
        .maps = calloc(1, sizeof *maps->maps),
    };
    if (!maps->items || !maps->maps)
        return fail(error, "out of memory");
    struct project_map *item = &maps->items[0];
    item->exists = true;
    snprintf(item->method.name, sizeof item->method.name, "%zu weights, %d levels", sweep->n,
             sweep->levels);
    maps->maps[0] = (struct map){
        .title = item->method.name,
        .across = {"position of the greatest weight", "", 0.5, sweep->levels - 0.5},
        .down = {"position of the least weight", "", -0.5, 0.5},
    };
    return true;
}
