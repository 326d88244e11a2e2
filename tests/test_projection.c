/* Projections: what each option changes, and the same pixels on every target. */
#include "projection_sample.h"
#include "suite.h"

#include "portable_math.h"
#include "target_choice.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#define PI 3.14159265358979323846

/* ------------------------------------------------------------------------------------------------
 * Six small projections, the same bytes everywhere
 */

static struct projection_sample golden_sample(int number)
{
    static const struct projection_sample parts[] = {
        {.grid = "-4..3", .solver = "qx"},
        {.grid = "iq4_nl", .solver = "nlg", .weighting = RDL_NATIVE},
        {.grid = "affine:16", .solver = "qkx2", .weighting = RDL_RMS_ABS},
        {.grid = "free:16", .solver = "exact"},
        {.grid = "-8..7", .solver = "cumulative"},
        {.format = "q3_k", .rounding = "ggml", .fill = FILL_REPEAT},
    };
    struct projection_sample sample = parts[number];
    struct projection *p = &sample.projection;
    p->view = view_whole(VIEW_SPHERE, number == 3 ? 32 : number == 5 ? 16 : 64);
    p->samples = 1;
    if (number != 1 && number != 2 && number != 5)
        sample.weighting = RDL_UNIFORM;
    switch (number) {
    case 1:
        p->weighted = true;
        break;
    case 2:
        p->embedding.fourth = FOURTH_MEAN;
        p->value = PIXEL_CENTRED;
        break;
    case 3:
        p->value = PIXEL_ANGLE;
        break;
    case 4:
        view_rotate(&p->view, 10, 20, 30);
        p->view.centres = true;
        p->samples = 2;
        break;
    case 5:
        p->value = PIXEL_EXCESS;
        break;
    default:
        break;
    }
    return sample;
}

/* The same on x86-64 and AArch64; a changed search or a changed sum changes them. */
static const uint64_t golden[6] = {
    0xe20f331eb64dd714, 0x07181c4d31e1098e, 0x84d5803132552c8c,
    0x590a8474b212a48f, 0x674873a470c66674, 0xe9b4e303794bbb97,
};

START_TEST(golden_hashes_on_every_target)
{
    const unsigned targets = rdl_detect_targets() & targets_built();
    for (unsigned t = 0; t < RDL_TARGET_COUNT; t++) {
        if (!(targets >> t & 1u))
            continue;
        struct projection_sample sample = golden_sample(_i);
        sample.target = (enum rdl_target)t;
        const uint64_t hash = projection_sample_statistics(&sample).hash;
        ck_assert_msg(hash == golden[_i], "projection %d on %s: %016llx", _i,
                      rdl_target_name(sample.target), (unsigned long long)hash);
    }
}
END_TEST

START_TEST(threads_change_nothing)
{
    for (int threads = 1; threads <= 3; threads++) {
        omp_set_num_threads(threads);
        struct projection_sample sample = golden_sample(0);
        const struct raster_statistics s = projection_sample_statistics(&sample);
        ck_assert_uint_eq(s.hash, golden[0]);
    }
    omp_set_num_threads(1);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Where pixels are
 */

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

/* ------------------------------------------------------------------------------------------------
 * What pixels are
 */

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

/* Grids with and without an offset and a table, and every proven search of them. */
static const struct {
    const char *grid, *solver;
} exact_searches[] = {
    {"-4..3", "exact"},      {"-4..3", "cumulative"},     {"-4..3", "oracle"},
    {"iq4_nl", "exact"},     {"iq4_nl", "heap-nl"},       {"affine:4", "exact"},
    {"affine:4", "oracle"},  {"free:4", "exact"},         {"free:4", "oracle"},
    {"unsigned:4", "exact"}, {"positive:-4..3", "exact"},
};

START_TEST(excess_of_exact_searches_is_zero)
{
    const char *grid = exact_searches[_i].grid;
    struct projection_sample sample = projection_sample(grid, exact_searches[_i].solver, 32);
    sample.against = "exact";
    sample.projection.value = PIXEL_EXCESS;
    const struct raster_statistics s = projection_sample_statistics(&sample);
    ck_assert_msg(s.min == 0.0 && s.max == 0.0 && s.blanks == 0, "%s %s: %g .. %g, %zu blank", grid,
                  exact_searches[_i].solver, s.min, s.max, s.blanks);
}
END_TEST

START_TEST(excess_of_a_heuristic)
{
    struct projection_sample sample = projection_sample("-4..3", "q3", 32);
    sample.against = "cumulative";
    sample.projection.value = PIXEL_EXCESS;
    struct raster excess = projection_sample_make(&sample);
    sample.projection.value = PIXEL_DIFFERENCE;
    struct raster difference = projection_sample_make(&sample);
    size_t worse = 0;
    for (size_t i = 0; i < 32 * 16; i++) {
        worse += excess.values[i] > 0.0;
        ck_assert(excess.values[i] > 0.0 ? difference.values[i] < 1e-15
                                         : fabs(difference.values[i]) < 1e-15);
    }
    ck_assert_uint_gt(worse, 100);
    ck_assert_uint_lt(worse, 500);
    raster_release(&excess);
    raster_release(&difference);
}
END_TEST

START_TEST(angle_is_that_of_the_cosine)
{
    struct projection_sample sample = projection_sample("-1..1", "exact", 32);
    struct raster cosine = projection_sample_make(&sample);
    sample.projection.value = PIXEL_ANGLE;
    struct raster angle = projection_sample_make(&sample);
    for (size_t i = 0; i < 32 * 16; i++)
        ck_assert(fabs(angle.values[i] - acos(cosine.values[i]) * 180 / PI) < 1e-12);
    raster_release(&cosine);
    raster_release(&angle);
}
END_TEST

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static size_t distinct_values(const struct raster *raster)
{
    const size_t count = raster->width * raster->height;
    double *values = malloc(count * sizeof *values);
    ck_assert_ptr_nonnull(values);
    memcpy(values, raster->values, count * sizeof *values);
    qsort(values, count, sizeof *values, ascending);
    size_t distinct = 1;
    for (size_t i = 1; i < count; i++)
        distinct += values[i] != values[i - 1];
    free(values);
    return distinct;
}

/* {-1, 0, 1}^3 without 0; with 0 .. 1 and an offset, the nonconstant ones, and the constant one. */
START_TEST(index_counts_directions)
{
    struct projection_sample sample = projection_sample("-1..1", "exact", 64);
    sample.projection.value = PIXEL_INDEX;
    struct raster raster = projection_sample_make(&sample);
    ck_assert_uint_eq(distinct_values(&raster), 26);
    raster_release(&raster);
    sample = projection_sample("free:2", "exact", 64);
    sample.projection.value = PIXEL_INDEX;
    raster = projection_sample_make(&sample);
    ck_assert_uint_eq(distinct_values(&raster), 6);
    raster_release(&raster);
}
END_TEST

/* No scale >= 0 makes values that are all >= 0 out of weights that are all below 0. */
START_TEST(blank_pixels_count_in_nothing)
{
    struct projection_sample sample = projection_sample("unsigned:4", "exact", 64);
    struct raster raster = projection_sample_make(&sample);
    const struct raster_statistics *s = &raster.statistics;
    size_t blanks = 0;
    double sum = 0.0;
    for (size_t i = 0; i < 64 * 32; i++) {
        blanks += isnan(raster.values[i]);
        sum += isnan(raster.values[i]) ? 0.0 : raster.values[i];
    }
    ck_assert_uint_eq(blanks, s->blanks);
    ck_assert_uint_gt(blanks, 200);
    ck_assert(fabs(s->mean - sum / (double)(64 * 32 - blanks)) < 1e-12);
    raster_release(&raster);
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

/* Of a format, the pixel is that of the same numbers in a block of its own. */
START_TEST(formats_round_whole_blocks)
{
    static const enum projection_fill fills[] = {FILL_ZERO, FILL_CONSTANT, FILL_RANDOM,
                                                 FILL_REPEAT};
    double means[4];
    for (int i = 0; i < 4; i++) {
        struct projection_sample sample = {
            .format = "q4_0", .rounding = "nearest", .fill = fills[i]};
        sample.projection.view = view_whole(VIEW_SPHERE, 32);
        sample.projection.samples = 1;
        means[i] = projection_sample_statistics(&sample).mean;
        for (int k = 0; k < i; k++) /* zeros and copies leave the largest magnitude as it is */
            ck_assert_msg((means[k] == means[i]) == (k == 0 && i == 3), "fills %d and %d", k, i);
    }
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

static Suite *projection_suite(void)
{
    Suite *suite = suite_create("projection");
    TCase *same = tcase_create("same everywhere"), *views = tcase_create("views");
    TCase *values = tcase_create("values");
    tcase_set_timeout(same, 300);
    tcase_set_timeout(values, 300);
    tcase_add_loop_test(same, golden_hashes_on_every_target, 0, 6);
    tcase_add_test(same, threads_change_nothing);
    tcase_add_test(views, directions_of_the_sphere);
    tcase_add_test(views, directions_of_faces);
    tcase_add_test(views, rotation_moves_columns);
    tcase_add_test(views, region_is_a_part_of_the_whole);
    tcase_add_test(views, samples_are_averaged);
    tcase_add_test(views, areas_of_pixels);
    tcase_add_test(values, ideal_face_is_the_optimum_of_symmetric_integers);
    tcase_add_loop_test(values, excess_of_exact_searches_is_zero, 0,
                        sizeof exact_searches / sizeof exact_searches[0]);
    tcase_add_test(values, excess_of_a_heuristic);
    tcase_add_test(values, angle_is_that_of_the_cosine);
    tcase_add_test(values, index_counts_directions);
    tcase_add_test(values, blank_pixels_count_in_nothing);
    tcase_add_test(values, formats_round_whole_blocks);
    tcase_add_test(values, functions_are_those_of_libm);
    suite_add_tcase(suite, same);
    suite_add_tcase(suite, views);
    suite_add_tcase(suite, values);
    return suite;
}

int main(void)
{
    omp_set_num_threads(1); /* other suites run beside this one */
    return suite_run(projection_suite());
}
