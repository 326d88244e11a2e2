/* Projections: for which direction each pixel stands. */
#include "portable_math.h"
#include "projection_sample.h"
#include "suite.h"

#include <math.h>
#include <omp.h>

#define PI 3.14159265358979323846

static struct direction direction_at(const struct view *view, size_t row, size_t column)
{
    struct view_columns columns;
    struct direction direction;
    ck_assert(view_columns_make(&columns, view, 1));
    view_directions(&columns, row, column, 1, &direction);
    view_columns_free(&columns);
    return direction;
}

static void expect_direction(struct direction d, double x, double y, double z)
{
    ck_assert_msg(fabs(d.x - x) < 1e-15 && fabs(d.y - y) < 1e-15 && fabs(d.z - z) < 1e-15,
                  "(%g, %g, %g), not (%g, %g, %g)", d.x, d.y, d.z, x, y, z);
}

START_TEST(directions_of_the_sphere)
{
    struct view view = view_whole(VIEW_SPHERE, 16);
    expect_direction(direction_at(&view, 0, 5), 0, 0, 1);
    expect_direction(direction_at(&view, 7, 5), 0, 0, -1);
    const double polar = PI * 2 / 7, theta = 2 * PI * 3 / 16;
    expect_direction(direction_at(&view, 2, 3), sin(polar) * cos(theta), sin(polar) * sin(theta),
                     cos(polar));
    view.centres = true;
    const double centre = PI * 0.5 / 8, turned = 2 * PI * 4.5 / 16;
    expect_direction(direction_at(&view, 0, 4), sin(centre) * cos(turned),
                     sin(centre) * sin(turned), cos(centre));
    view_rotate(&view, 90, 0, 0); /* +x goes to +y */
    expect_direction(direction_at(&view, 0, 4), -sin(centre) * sin(turned),
                     sin(centre) * cos(turned), cos(centre));
    view_rotate(&view, 0, 90, 0); /* +z goes to +x */
    expect_direction(direction_at(&view, 0, 4), cos(centre), sin(centre) * sin(turned),
                     -sin(centre) * cos(turned));
    view_rotate(&view, 0, 0, 90); /* +y goes to +z */
    expect_direction(direction_at(&view, 0, 4), sin(centre) * cos(turned), -cos(centre),
                     sin(centre) * sin(turned));
}
END_TEST

START_TEST(directions_of_faces)
{
    struct view face = view_whole(VIEW_FACE, 5);
    face.top = 0.0;
    face.bottom = 2.0;
    expect_direction(direction_at(&face, 0, 0), 0, -1, 1);
    expect_direction(direction_at(&face, 4, 4), 2, 1, 1);
    expect_direction(direction_at(&face, 1, 3), 0.5, 0.5, 1);
    const struct view cube = view_whole(VIEW_CUBE, 8);
    for (size_t column = 0; column < 8; column++) { /* 1, 2/3, 1/3, 0, 0, 1/3, 2/3, 1 */
        const double i = (column < 4 ? 3 - (double)column : (double)column - 4) / 3, j = 1.0 / 3;
        const double length = sqrt(1 + i * i + j * j);
        expect_direction(direction_at(&cube, 2, column), 1 / length, i / length, j / length);
    }
}
END_TEST

/* Columns of a whole turn repeat after a quarter, and rotation by a quarter moves them by as many:
 * exactly, as everything is computed from the same reduced angles. */
START_TEST(rotation_moves_columns)
{
    enum {
        W = 32
    };
    struct projection_sample plain = projection_sample("-2..1", "cumulative", W), turned = plain;
    view_rotate(&turned.projection.view, 90, 0, 0);
    struct raster a = projection_sample_make(&plain), b = projection_sample_make(&turned);
    for (size_t i = 0; i < W * W / 2; i++) {
        const size_t row = i / W, column = i % W;
        ck_assert(a.values[row * W + (column + W / 4) % W] == b.values[i]);
    }
    raster_release(&a);
    raster_release(&b);
}
END_TEST

START_TEST(region_is_a_part_of_the_whole)
{
    struct projection_sample whole = projection_sample("-2..1", "cumulative", 64), part = whole;
    whole.projection.view.height = 33; /* rows every 5.625 degrees, like columns */
    struct view *view = &part.projection.view;
    *view = (struct view){.kind = VIEW_SPHERE,
                          .width = 16,
                          .height = 9,
                          .left = 90,
                          .right = 180,
                          .top = 45,
                          .bottom = 90};
    view_rotate(view, 0, 0, 0);
    struct raster a = projection_sample_make(&whole), b = projection_sample_make(&part);
    for (size_t i = 0; i < 16 * 9; i++)
        ck_assert(a.values[(8 + i / 16) * 64 + 16 + i % 16] == b.values[i]);
    raster_release(&a);
    raster_release(&b);
}
END_TEST

/* With centres, 2 x 2 samples of a pixel are the four pixels of an image twice as wide. */
START_TEST(samples_are_averaged)
{
    struct projection_sample coarse = projection_sample("-2..1", "cumulative", 32);
    struct projection_sample fine = projection_sample("-2..1", "cumulative", 64);
    coarse.projection.view.centres = fine.projection.view.centres = true;
    coarse.projection.samples = 2;
    struct raster a = projection_sample_make(&coarse), b = projection_sample_make(&fine);
    for (size_t i = 0; i < 32 * 16; i++) {
        const double *corner = b.values + i / 32 * 128 + i % 32 * 2;
        const double mean = (corner[0] + corner[1] + corner[64] + corner[65]) / 4;
        ck_assert(fabs(a.values[i] - mean) < 1e-15);
    }
    raster_release(&a);
    raster_release(&b);
}
END_TEST

/* The area of a face is a sixth of the sphere, whatever part of it a pixel has. */
START_TEST(areas_of_pixels)
{
    enum {
        W = 200
    };
    struct view face = view_whole(VIEW_FACE, W), sphere = view_whole(VIEW_SPHERE, W);
    double areas[W], all = 0.0;
    face.centres = sphere.centres = true;
    for (size_t row = 0; row < W; row++) {
        view_areas(&face, row, areas);
        for (size_t column = 0; column < W; column++)
            all += areas[column] * 4 / (W * W);
    }
    ck_assert(fabs(all - 4 * PI / 6) < 1e-4);
    view_areas(&sphere, 25, areas);
    ck_assert(fabs(areas[7] - sin(PI * 25.5 / 100)) < 1e-15);
}
END_TEST

/* The largest cosine to a direction (1, i/m, j/m), m = 1 .. most, 0 <= i, j <= m. */
static double best_cosine(struct direction d, int most)
{
    double best = -1.0;
    for (int m = 1; m <= most; m++)
        for (int i = 0; i <= m; i++)
            for (int j = 0; j <= m; j++) {
                const double dot = d.x * m + d.y * i + d.z * j;
                best = fmax(best, dot / sqrt((double)(m * m + i * i + j * j)));
            }
    return best;
}

START_TEST(ideal_face_is_the_optimum_of_symmetric_integers)
{
    struct projection_sample sample = projection_sample("-3..3", "exact", 16);
    sample.projection.view = view_whole(VIEW_CUBE, 16);
    struct raster raster = projection_sample_make(&sample);
    for (size_t i = 0; i < 16 * 16; i++) {
        const struct direction d = direction_at(&sample.projection.view, i / 16, i % 16);
        ck_assert_msg(fabs(raster.values[i] - best_cosine(d, 3)) < 1e-7, "pixel %zu: %.9f", i,
                      raster.values[i]);
    }
    raster_release(&raster);
}
END_TEST

START_TEST(functions_are_those_of_libm)
{
    for (int i = -2000; i <= 2000; i++) {
        const double degrees = 0.37 * i, radians = degrees * PI / 180;
        const struct sine_cosine sc = portable_sine_cosine(degrees);
        ck_assert(fabs(sc.sine - sin(radians)) < 1e-14 && fabs(sc.cosine - cos(radians)) < 1e-14);
        const double cosine = i / 2000.0;
        ck_assert(fabs(portable_arc_cosine(cosine) - acos(cosine) * 180 / PI) < 1e-13);
        ck_assert(fabs(portable_log(exp(0.1 * i)) - 0.1 * i) < 1e-13 * 200);
    }
    for (int quarter = -4; quarter <= 4; quarter++) {
        const struct sine_cosine sc = portable_sine_cosine(90.0 * quarter);
        ck_assert(fabs(sc.sine) + fabs(sc.cosine) == 1.0);
    }
    ck_assert(portable_log(0.0) == -INFINITY && portable_log(-1.0) == -INFINITY);
}
END_TEST

static Suite *projection_view_suite(void)
{
    Suite *suite = suite_create("projection_view");
    TCase *tests = tcase_create("views");
    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, functions_are_those_of_libm);
    tcase_add_test(tests, directions_of_the_sphere);
    tcase_add_test(tests, directions_of_faces);
    tcase_add_test(tests, rotation_moves_columns);
    tcase_add_test(tests, region_is_a_part_of_the_whole);
    tcase_add_test(tests, samples_are_averaged);
    tcase_add_test(tests, areas_of_pixels);
    tcase_add_test(tests, ideal_face_is_the_optimum_of_symmetric_integers);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    omp_set_num_threads(1); /* other suites run beside this one */
    return suite_run(projection_view_suite());
}
