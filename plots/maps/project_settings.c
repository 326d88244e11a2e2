#include "project_settings.h"

#include "philox.h"
#include "pixel_index.h"
#include "viewer.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------
 * The view
 */

static bool set_sphere_region(struct view *view, const double region[4], struct error *error)
{
    if (!(region[0] < region[1]) || !(region[1] - region[0] <= 360.0) || !(region[2] < region[3]) ||
        !(region[2] >= -90.0) || !(region[3] <= 90.0) || fabs(region[0]) > 360.0)
        return fail(error,
                    "region %g,%g,%g,%g: a longitude west of another, at most 360 degrees "
                    "apart, and a latitude south of another, both from -90 to 90",
                    region[0], region[1], region[2], region[3]);
    view->left = region[0];
    view->right = region[1];
    view->top = 90.0 - region[3];
    view->bottom = 90.0 - region[2];
    return true;
}

static bool set_face_region(struct view *view, const double region[4], struct error *error)
{
    bool inside = true;
    for (int i = 0; i < 4; i++)
        inside = inside && fabs(region[i]) <= 1e6;
    if (!inside || !(region[0] < region[1]) || !(region[2] < region[3]))
        return fail(error,
                    "region %g,%g,%g,%g: a lower and an upper value of b, and of a, up to 10^6",
                    region[0], region[1], region[2], region[3]);
    view->left = region[0];
    view->right = region[1];
    view->top = region[2]; /* rows begin with the lower a */
    view->bottom = region[3];
    return true;
}

static bool set_region(struct project_settings *s, struct view *view, struct error *error)
{
    if (!s->has_region)
        return true;
    if (s->kind == VIEW_CUBE)
        return fail(error, "a mirrored face of the cube has no regions: --projection face has");
    return s->kind == VIEW_SPHERE ? set_sphere_region(view, s->region, error)
                                  : set_face_region(view, s->region, error);
}

/* Degrees, or units of the face, are as high as they are wide. */
static double natural_height(const struct view *view)
{
    return floor((double)view->width * (view->bottom - view->top) / (view->right - view->left));
}

static bool set_height(const struct project_settings *s, struct view *view, struct error *error)
{
    const double natural = natural_height(view);
    if (s->height == 0 && !(natural >= 2.0 && natural <= VIEW_MAX_SIDE))
        return fail(error, "width %zu gives a height of %g pixels; --height sets another",
                    view->width, natural);
    view->height = s->height ? s->height : (size_t)natural;
    if (s->kind == VIEW_CUBE && (view->width != view->height || view->width < 4 || view->width % 2))
        return fail(error, "a mirrored face is square, its width even and 4 at least");
    return true;
}

static bool set_view(struct project_settings *s, struct error *error)
{
    const uint64_t width = s->width ? s->width : s->kind == VIEW_SPHERE ? 2048 : 1024;
    struct view *view = &s->projection.view;
    *view = view_whole(s->kind, width);
    view->centres = s->centres || s->viewer;
    if (!set_region(s, view, error) || !set_height(s, view, error))
        return false;
    if (s->has_rotation)
        view_rotate(view, s->rotation[0], s->rotation[1], s->rotation[2]);
    s->projection.samples = (unsigned)s->samples;
    return true;
}

/* ------------------------------------------------------------------------------------------------
 * What is rounded, and how
 */

static bool add_random(struct project_settings *s, struct error *error)
{
    struct embedding *embedding = &s->projection.embedding;
    if (embedding->nextras + s->nrandom > MAX_EXTRAS)
        return fail(error, "more than %d coordinates", MAX_EXTRAS);
    for (uint64_t i = 0; i < s->nrandom; i++)
        embedding->extras[embedding->nextras++] = method_random(s->seed, i);
    return true;
}

static bool set_roundings(struct project_settings *s, struct error *error)
{
    const char *names[AXIS_MAX];
    const size_t count = axis_names(s->ngrids ? axis_solver : axis_rounding, names);
    return parse_names(s->ngrids ? "search" : "rounding", s->roundings ? s->roundings : "exact",
                       names, count, s->choices, &s->nchoices, error);
}

static bool check_subject(struct project_settings *s, struct error *error)
{
    if (s->ngrids == 0 && s->nformats == 0)
        return fail(error, "no --grid and no --format, such as --grid iq4_nl or --format q4_k");
    if (s->ngrids > 0 && s->nformats > 0)
        return fail(error, "--grid rounds bare blocks and --format whole ones: not both");
    if (s->ngrids > 0 && (s->importance || s->scales != RDL_SCALES_DEFAULT))
        return fail(error, "grids have neither importance nor scales to store: --format has");
    if (s->weighting == RDL_WEIGHTING_COUNT)
        s->weighting = s->ngrids ? RDL_UNIFORM : RDL_NATIVE;
    return set_roundings(s, error);
}

static bool check_value(const struct project_settings *s, struct error *error)
{
    if (s->against && !pixel_value_compares(s->projection.value))
        return fail(error, "--against goes with --value excess or difference");
    if (s->projection.value != PIXEL_INDEX)
        return true;
    if (s->ngrids == 0 || s->samples > 1)
        return fail(error, "numbers of code vectors are for grids, one sample a pixel");
    for (size_t i = 0; i < s->ngrids; i++)
        if (!pixel_index_exists(&s->grids[i], embedding_length(&s->projection.embedding), error))
            return false;
    return true;
}

/* ------------------------------------------------------------------------------------------------
 * Where it goes
 */

static bool check_range(struct project_settings *s, struct error *error)
{
    const enum pixel_value value = s->projection.value;
    if (!s->has_palette)
        s->palette = value == PIXEL_DIFFERENCE ? PALETTE_DIVERGING : PALETTE_VIRIDIS;
    return !s->has_range || value != PIXEL_ANGLE || s->range[0] > 0.0 ||
           fail(error,
                "range %g,%g: colours follow the logarithm of the angle, which begins above "
                "0",
                s->range[0], s->range[1]);
}

static bool is_whole_sphere(const struct project_settings *s)
{
    const struct view *view = &s->projection.view;
    return s->kind == VIEW_SPHERE && !s->has_region && !s->has_rotation &&
           view->width == 2 * view->height;
}

static bool check_viewer(const struct project_settings *s, struct error *error)
{
    if (!s->viewer)
        return true;
    if (!is_whole_sphere(s) || s->projection.view.width > VIEWER_MAX_WIDTH)
        return fail(error,
                    "a panorama shows whole spheres, not rotated, of an even --width up to %d",
                    VIEWER_MAX_WIDTH);
    return viewer_available(error);
}

bool project_settings_check(struct project_settings *s, struct error *error)
{
    if (!target_choose(s->target_name, &s->target, error))
        return false;
    return check_subject(s, error) && set_view(s, error) && add_random(s, error) &&
           check_value(s, error) && check_range(s, error) && check_viewer(s, error);
}
