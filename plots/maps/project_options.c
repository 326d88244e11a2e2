#include "project_settings.h"

#include "combinations.h"
#include "option_values.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum {
    ID_GRID = 1,
    ID_FORMAT,
    ID_ROUNDING,
    ID_WEIGHTING,
    ID_SCALES,
    ID_IMPORTANCE,
    ID_VALUE,
    ID_AGAINST,
    ID_WEIGHTED,
    ID_PROJECTION,
    ID_WIDTH,
    ID_HEIGHT,
    ID_CENTRES,
    ID_SUPERSAMPLE,
    ID_REGION,
    ID_ROTATE,
    ID_FOURTH,
    ID_CONSTANT,
    ID_RANDOM,
    ID_FILL,
    ID_SEED,
    ID_SWEEP,
    ID_LEVELS,
    ID_ASYMMETRY,
    ID_BLOCKS,
    ID_OUTPUT,
    ID_RANGE,
    ID_PALETTE,
    ID_BITS,
    ID_SIZE,
    ID_COLUMNS,
    ID_TITLE,
    ID_CAPTION,
    ID_VIEWER,
    ID_TARGET,
    ID_THREADS,
    ID_JSON
};

const struct option_spec project_options[] = {
    {ID_GRID, "grid", "GRID,...", "grids of bare blocks"},
    {ID_FORMAT, "format", "NAME,...", "formats instead: whole blocks"},
    {ID_ROUNDING, "rounding", "NAME,...", "searches, or a format's roundings (default: exact)"},
    {ID_WEIGHTING, "weighting", "NAME", "what they minimise (grids: uniform, formats: native)"},
    {ID_SCALES, "scales", "NAME", "formats: how searches store scales"},
    {ID_IMPORTANCE, "importance", NULL, "formats: with importance, 1 for every weight"},
    {ID_VALUE, "value", "NAME", "cosine, centred, angle, excess, difference or index"},
    {ID_AGAINST, "against", "NAME", "excess and difference: over this rounding, not the optimum"},
    {ID_WEIGHTED, "weighted", NULL, "cosines in the weights of the search, not uniform ones"},
    {ID_PROJECTION, "projection", "NAME", "equirectangular, face or cube"},
    {ID_WIDTH, "width", "N", "pixels (default: 2048; cube and face: 1024)"},
    {ID_HEIGHT, "height", "N", "pixels (default: square degrees)"},
    {ID_CENTRES, "centres", NULL, "sample the centres of pixels: none at a pole"},
    {ID_SUPERSAMPLE, "supersample", "N", "N x N samples a pixel; their mean counts"},
    {ID_REGION, "region", "W,E,S,N", "degrees of longitude and latitude; face: of b and of a"},
    {ID_ROTATE, "rotate", "YAW,PITCH,ROLL", "degrees about z after y after x"},
    {ID_FOURTH, "fourth", "NAME", "fourth coordinate: mean, -(x+y+z)/3, or sum, -(x+y+z)"},
    {ID_CONSTANT, "constant", "V,...", "more coordinates, the same for all pixels"},
    {ID_RANDOM, "random", "N", "N more, uniform in [-1, 1)"},
    {ID_FILL, "fill", "NAME", "rest of a format's block: zero, constant:V, random or repeat"},
    {ID_SEED, "seed", "N", "of random coordinates, fills and samples (default: 1234)"},
    {ID_SWEEP, "sweep", "X,...", "sweep scale and offset of one vector on the grid"},
    {ID_LEVELS, "levels", "N", "of the sweep's grid (default: 4)"},
    {ID_ASYMMETRY, "asymmetry", NULL, "how one-sided scaled blocks are; no image"},
    {ID_BLOCKS, "blocks", "N", "random blocks of --asymmetry (default: 100000)"},
    {ID_OUTPUT, "output", "FILE", ".png, .npy, .pdf or .svg; as often as you like"},
    {ID_RANGE, "range", "LOW,HIGH", "values of the palette's ends (default: of all maps)"},
    {ID_PALETTE, "palette", "NAME", "viridis, magma, cividis or diverging"},
    {ID_BITS, "bits", "N", "of PNG: 8 (default) or 16"},
    {ID_SIZE, "size", "WIDTH", "of the page, in in, cm, mm or pt (default: 7in)"},
    {ID_COLUMNS, "columns", "N", "of maps on the page"},
    {ID_TITLE, "title", "TEXT", "of the page"},
    {ID_CAPTION, "caption", "TEXT", "below the maps"},
    {ID_VIEWER, "viewer", "FILE.html", "a panorama to look around in; implies --centres"},
    {ID_TARGET, "target", "NAME", HELP_TARGET},
    {ID_THREADS, "threads", "N", "threads; pixels do not depend on it (default: all)"},
    {ID_JSON, "json", "FILE", "write the statistics as JSON (- for stdout, then no table)"},
    {0, NULL, NULL, NULL},
};

/* ------------------------------------------------------------------------------------------------
 * Options one by one
 */

static bool take_axis(const char *what, axis_name_fn *name, const char *value, unsigned *index,
                      struct error *error)
{
    const char *names[AXIS_MAX];
    const size_t count = axis_names(name, names);
    return parse_name(what, value, strlen(value), names, count, index, error);
}

static bool take_grids(struct project_settings *s, const char *value, struct error *error)
{
    for (const char *word = value;; word++) {
        const size_t length = strcspn(word, ",");
        if (s->ngrids == PROJECT_MOST_GRIDS)
            return fail(error, "more than %d grids", PROJECT_MOST_GRIDS);
        if (!projection_grid_parse(&s->grids[s->ngrids++], word, length, error))
            return false;
        word += length;
        if (!*word)
            return true;
    }
}

static bool take_formats(struct project_settings *s, const char *value, struct error *error)
{
    const char *names[AXIS_MAX];
    const size_t count = axis_names(axis_format, names);
    return parse_names("format", value, names, count, s->formats, &s->nformats, error);
}

static bool take_fourth(struct embedding *embedding, const char *value, struct error *error)
{
    static const char *const names[] = {"none", "mean", "sum"};
    unsigned index;
    if (!parse_name("fourth coordinate", value, strlen(value), names, 3, &index, error))
        return false;
    embedding->fourth = (enum fourth_coordinate)index;
    return true;
}

static bool take_constants(struct embedding *embedding, const char *value, struct error *error)
{
    double values[MAX_EXTRAS];
    if (!parse_reals("constant", value, 1, MAX_EXTRAS, values, &embedding->nextras, error))
        return false;
    for (size_t i = 0; i < embedding->nextras; i++) {
        if (fabs(values[i]) > 1e6)
            return fail(error, "constant %g is beyond 10^6", values[i]);
        embedding->extras[i] = (float)values[i];
    }
    return true;
}

static bool take_fill(struct project_settings *s, const char *value, struct error *error)
{
    double constant = 0.0;
    size_t count;
    const size_t length = strcspn(value, ":");
    unsigned fill;
    const char *names[AXIS_MAX];
    const size_t nnames = axis_names(projection_fill_name, names);
    if (!parse_name("fill", value, length, names, nnames, &fill, error))
        return false;
    s->fill = (enum projection_fill)fill;
    if ((s->fill == FILL_CONSTANT) != (value[length] == ':'))
        return fail(error, "a fill is zero, constant:V, random or repeat");
    if (s->fill == FILL_CONSTANT &&
        !parse_reals("constant", value + length + 1, 1, 1, &constant, &count, error))
        return false;
    s->fill_constant = (float)constant;
    return fabs(constant) <= 1e6 || fail(error, "constant %g is beyond 10^6", constant);
}

static bool has_ending(const char *path, const char *ending)
{
    const size_t length = strlen(path), tail = strlen(ending);
    return length > tail && strcasecmp(path + length - tail, ending) == 0;
}

static bool take_place(struct project_settings *s, const char *value, struct error *error)
{
    struct place *place = &s->places[s->nplaces];
    char shown[128];
    if (s->nplaces == PROJECT_MOST_PLACES)
        return fail(error, "more than %d outputs", PROJECT_MOST_PLACES);
    place->path = value;
    if (has_ending(value, ".png"))
        place->kind = PLACE_PNG;
    else if (has_ending(value, ".npy"))
        place->kind = PLACE_NPY;
    else if (has_ending(value, ".pdf") || has_ending(value, ".svg"))
        place->kind = PLACE_FIGURE;
    else
        return fail(error, "output '%s' does not end in .png, .npy, .pdf or .svg",
                    escape(shown, sizeof shown, value, strlen(value)));
    s->nplaces++;
    return true;
}

static bool take_range(struct project_settings *s, const char *value, struct error *error)
{
    size_t count;
    if (!parse_reals("range", value, 2, 2, s->range, &count, error))
        return false;
    s->has_range = true;
    return s->range[0] < s->range[1] || fail(error, "range '%s' does not go up", value);
}

static bool take_names(struct project_settings *s, int id, const char *value, struct error *error)
{
    unsigned index = 0;
    switch (id) {
    case ID_WEIGHTING:
        if (!take_axis("weighting", axis_weighting, value, &index, error))
            return false;
        s->weighting = (enum rdl_weighting)index;
        return true;
    case ID_SCALES:
        if (!take_axis("scales", axis_scales, value, &index, error))
            return false;
        s->scales = (enum rdl_scales)index;
        return true;
    case ID_VALUE:
        if (!take_axis("value", pixel_value_name, value, &index, error))
            return false;
        s->projection.value = (enum pixel_value)index;
        return true;
    case ID_PROJECTION:
        if (!take_axis("projection", view_kind_name, value, &index, error))
            return false;
        s->kind = (enum view_kind)index;
        return true;
    default: /* ID_PALETTE */
        if (!take_axis("palette", palette_name, value, &index, error))
            return false;
        s->palette = (enum palette)index;
        s->has_palette = true;
        return true;
    }
}

static bool take_numbers(struct project_settings *s, int id, const char *value, struct error *error)
{
    size_t count;
    switch (id) {
    case ID_WIDTH:
        return parse_number("width", value, 2, VIEW_MAX_SIDE, &s->width, error);
    case ID_HEIGHT:
        return parse_number("height", value, 2, VIEW_MAX_SIDE, &s->height, error);
    case ID_SUPERSAMPLE:
        return parse_number("number of samples", value, 1, 16, &s->samples, error);
    case ID_RANDOM:
        return parse_number("number of coordinates", value, 1, MAX_EXTRAS, &s->nrandom, error);
    case ID_SEED:
        return parse_number("seed", value, 0, UINT64_MAX, &s->seed, error);
    case ID_LEVELS:
        return parse_number("number of levels", value, 2, 64, &s->levels, error);
    case ID_BLOCKS:
        return parse_number("number of blocks", value, 1, 1000000000, &s->blocks, error);
    case ID_COLUMNS:
        return parse_number("number of columns", value, 1, 16, &s->columns, error);
    case ID_THREADS:
        return parse_number("number of threads", value, 1, 1024, &s->threads, error);
    case ID_REGION:
        s->has_region = true;
        return parse_reals("region", value, 4, 4, s->region, &count, error);
    case ID_ROTATE:
        s->has_rotation = true;
        return parse_reals("rotation", value, 3, 3, s->rotation, &count, error);
    case ID_SWEEP:
        s->task = TASK_SWEEP;
        return parse_reals("vector", value, 2, PROJECT_MOST_VECTOR, s->vector, &s->nvector, error);
    default: /* ID_BITS */
        return parse_number("number of bits", value, 8, 16, &s->bits, error) &&
               (s->bits == 8 || s->bits == 16 || fail(error, "PNG has 8 or 16 bits here"));
    }
}

bool project_settings_take(void *context, int id, const char *value, struct error *error)
{
    struct project_settings *s = context;
    char shown[128];
    switch (id) {
    case 0:
        return fail(error, "no argument is expected, but there is '%s'",
                    escape(shown, sizeof shown, value, strlen(value)));
    case ID_GRID:
        return take_grids(s, value, error);
    case ID_FORMAT:
        return take_formats(s, value, error);
    case ID_ROUNDING:
        s->roundings = value;
        return true;
    case ID_AGAINST:
        s->against = value;
        return true;
    case ID_IMPORTANCE:
        s->importance = true;
        return true;
    case ID_WEIGHTED:
        s->projection.weighted = true;
        return true;
    case ID_CENTRES:
        s->centres = true;
        return true;
    case ID_FOURTH:
        return take_fourth(&s->projection.embedding, value, error);
    case ID_CONSTANT:
        return take_constants(&s->projection.embedding, value, error);
    case ID_FILL:
        return take_fill(s, value, error);
    case ID_ASYMMETRY:
        s->task = TASK_ASYMMETRY;
        return true;
    case ID_OUTPUT:
        return take_place(s, value, error);
    case ID_RANGE:
        return take_range(s, value, error);
    case ID_SIZE:
        return parse_page_width(value, &s->page_width, error);
    case ID_TITLE:
        s->title = value;
        return true;
    case ID_CAPTION:
        s->caption = value;
        return true;
    case ID_VIEWER:
        s->viewer = value;
        return true;
    case ID_TARGET:
        s->target_name = value;
        return true;
    case ID_JSON:
        s->json = value;
        return true;
    case ID_WEIGHTING:
    case ID_SCALES:
    case ID_VALUE:
    case ID_PROJECTION:
    case ID_PALETTE:
        return take_names(s, id, value, error);
    default:
        return take_numbers(s, id, value, error);
    }
}
