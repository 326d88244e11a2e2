#include "projection_view.h"

#include "portable_math.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const kind_names[VIEW_KIND_COUNT] = {
    [VIEW_SPHERE] = "equirectangular",
    [VIEW_FACE] = "face",
    [VIEW_CUBE] = "cube",
};

const char *view_kind_name(unsigned kind)
{
    return kind < VIEW_KIND_COUNT ? kind_names[kind] : NULL;
}

struct view view_whole(enum view_kind kind, size_t width)
{
    struct view view = {.kind = kind, .width = width, .height = width};
    if (kind == VIEW_SPHERE) {
        view.height = width / 2;
        view.right = 360.0;
        view.bottom = 180.0;
    } else {
        view.left = view.top = -1.0;
        view.right = view.bottom = 1.0;
    }
    view_rotate(&view, 0.0, 0.0, 0.0);
    return view;
}

static void multiply(double product[3][3], double a[3][3], double b[3][3])
{
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            product[i][j] = a[i][0] * b[0][j] + a[i][1] * b[1][j] + a[i][2] * b[2][j];
}

void view_rotate(struct view *view, double yaw, double pitch, double roll)
{
    const struct sine_cosine z = portable_sine_cosine(yaw), y = portable_sine_cosine(pitch);
    const struct sine_cosine x = portable_sine_cosine(roll);
    double about_z[3][3] = {{z.cosine, -z.sine, 0}, {z.sine, z.cosine, 0}, {0, 0, 1}};
    double about_y[3][3] = {{y.cosine, 0, y.sine}, {0, 1, 0}, {-y.sine, 0, y.cosine}};
    double about_x[3][3] = {{1, 0, 0}, {0, x.cosine, -x.sine}, {0, x.sine, x.cosine}};
    double both[3][3];
    multiply(both, about_y, about_x);
    multiply(view->rotation, about_z, both);
}

struct map_axis view_across(const struct view *view)
{
    if (view->kind == VIEW_SPHERE)
        return (struct map_axis){"longitude", "°", view->left, view->right};
    return (struct map_axis){view->kind == VIEW_FACE ? "b" : "i", "", view->left, view->right};
}

struct map_axis view_down(const struct view *view)
{
    if (view->kind == VIEW_SPHERE)
        return (struct map_axis){"latitude", "°", 90.0 - view->top, 90.0 - view->bottom};
    return (struct map_axis){view->kind == VIEW_FACE ? "a" : "j", "", view->top, view->bottom};
}

/* ------------------------------------------------------------------------------------------------
 * Samples
 */

/* Where sample `index` of a line is, in pixels: those of a pixel spread evenly over it. */
static double place_of(const struct view_columns *columns, size_t index)
{
    const size_t pixel = index / columns->samples, sample = index % columns->samples;
    const double within = ((double)sample + 0.5) / columns->samples;
    return (double)pixel + (columns->view->centres ? within : within - 0.5);
}

/* From `first` to `last`, both of them pixels unless pixels are centres. */
static double between(const struct view *view, double first, double last, double place, size_t size)
{
    const double intervals = view->centres ? (double)size : (double)(size - 1);
    return first + (last - first) * place / intervals;
}

bool view_columns_make(struct view_columns *columns, const struct view *view, unsigned samples)
{
    const size_t count = view->width * samples;
    *columns = (struct view_columns){
        .view = view,
        .samples = samples,
        .sine = malloc(count * sizeof(double)),
        .cosine = malloc(count * sizeof(double)),
    };
    if (!columns->sine || !columns->cosine) {
        view_columns_free(columns);
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const double turn = place_of(columns, i) / (double)view->width;
        const struct sine_cosine longitude =
            portable_sine_cosine(view->left + (view->right - view->left) * turn);
        columns->sine[i] = longitude.sine;
        columns->cosine[i] = longitude.cosine;
    }
    return true;
}

void view_columns_free(struct view_columns *columns)
{
    free(columns->sine);
    free(columns->cosine);
    columns->sine = columns->cosine = NULL;
}

typedef void line_fn(const struct view_columns *columns, size_t line, size_t first, size_t count,
                     struct direction *directions);

static void sphere_line(const struct view_columns *columns, size_t line, size_t first, size_t count,
                        struct direction *directions)
{
    const struct view *view = columns->view;
    const struct sine_cosine polar = portable_sine_cosine(
        between(view, view->top, view->bottom, place_of(columns, line), view->height));
    for (size_t i = 0; i < count; i++)
        directions[i] = (struct direction){
            .x = polar.sine * columns->cosine[first + i],
            .y = polar.sine * columns->sine[first + i],
            .z = polar.cosine,
        };
}

static void face_line(const struct view_columns *columns, size_t line, size_t first, size_t count,
                      struct direction *directions)
{
    const struct view *view = columns->view;
    const double a = between(view, view->top, view->bottom, place_of(columns, line), view->height);
    for (size_t i = 0; i < count; i++)
        directions[i] = (struct direction){
            .x = a,
            .y = between(view, view->left, view->right, place_of(columns, first + i), view->width),
            .z = 1.0,
        };
}

/* How far a sample is from the middle, in the mirrored halves of a side. */
static double from_middle(const struct view *view, double place)
{
    const double half = (double)(view->width / 2);
    const double pixels = view->centres ? fabs(place - half) : fabs(place + 0.5 - half) - 0.5;
    return fabs(pixels) / (view->centres ? half : half - 1.0);
}

static void cube_line(const struct view_columns *columns, size_t line, size_t first, size_t count,
                      struct direction *directions)
{
    const double j = from_middle(columns->view, place_of(columns, line));
    for (size_t s = 0; s < count; s++) {
        const double i = from_middle(columns->view, place_of(columns, first + s));
        const double length = sqrt(1.0 + i * i + j * j);
        directions[s] = (struct direction){1.0 / length, i / length, j / length};
    }
}

static bool is_rotated(const struct view *view)
{
    static const double none[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            if (view->rotation[i][j] != none[i][j])
                return true;
    return false;
}

void view_directions(const struct view_columns *columns, size_t line, size_t first, size_t count,
                     struct direction *directions)
{
    static line_fn *const lines[VIEW_KIND_COUNT] = {
        [VIEW_SPHERE] = sphere_line,
        [VIEW_FACE] = face_line,
        [VIEW_CUBE] = cube_line,
    };
    lines[columns->view->kind](columns, line, first, count, directions);
    if (!is_rotated(columns->view))
        return;
    const double(*r)[3] = columns->view->rotation;
    for (size_t i = 0; i < count; i++) {
        const struct direction d = directions[i];
        directions[i] = (struct direction){
            .x = r[0][0] * d.x + r[0][1] * d.y + r[0][2] * d.z,
            .y = r[1][0] * d.x + r[1][1] * d.y + r[1][2] * d.z,
            .z = r[2][0] * d.x + r[2][1] * d.y + r[2][2] * d.z,
        };
    }
}

/* ------------------------------------------------------------------------------------------------
 * Areas
 */

/* A plane at distance 1 is seen under its area times the cube of the cosine. */
static double plane_area(double a, double b)
{
    const double square = 1.0 + a * a + b * b;
    return 1.0 / (square * sqrt(square));
}

static double area_on_face(const struct view *view, double row, double column)
{
    if (view->kind == VIEW_CUBE)
        return plane_area(from_middle(view, row), from_middle(view, column));
    return plane_area(between(view, view->top, view->bottom, row, view->height),
                      between(view, view->left, view->right, column, view->width));
}

void view_areas(const struct view *view, size_t row, double *areas)
{
    const double offset = view->centres ? 0.5 : 0.0, y = (double)row + offset;
    const struct sine_cosine polar =
        portable_sine_cosine(between(view, view->top, view->bottom, y, view->height));
    for (size_t column = 0; column < view->width; column++)
        areas[column] =
            view->kind == VIEW_SPHERE ? polar.sine : area_on_face(view, y, (double)column + offset);
}
