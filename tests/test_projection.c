/* Projections: what each option changes, and the same pixels on every target. */
#include "projection_sample.h"
#include "suite.h"

#include "pixel_index.h"
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

/* Three weights have few breakpoints; lanes solve them too, from some number on. */
START_TEST(exact_is_the_same_in_lanes)
{
    static const char *const grids[] = {"-1..1", "-2..2",  "-4..3",
                                        "-8..7", "iq4_nl", "table:0/1/3/9"};
    const unsigned targets = rdl_detect_targets() & targets_built();
    struct projection_sample sample = projection_sample(grids[_i], "exact", 64);
    sample.target = RDL_SCALAR;
    const uint64_t hash = projection_sample_statistics(&sample).hash;
    for (unsigned t = RDL_SCALAR + 1; t < RDL_TARGET_COUNT; t++)
        if (targets >> t & 1u) {
            sample.target = (enum rdl_target)t;
            ck_assert_uint_eq(projection_sample_statistics(&sample).hash, hash);
        }
}
END_TEST

START_TEST(threads_change_nothing)
{
    double mean = 0.0, area_mean = 0.0;
    for (int threads = 1; threads <= 3; threads++) {
        omp_set_num_threads(threads);
        struct projection_sample sample = golden_sample(0);
        const struct raster_statistics s = projection_sample_statistics(&sample);
        ck_assert_uint_eq(s.hash, golden[0]);
        ck_assert(threads == 1 || (s.mean == mean && s.area_mean == area_mean));
        mean = s.mean;
        area_mean = s.area_mean;
    }
    omp_set_num_threads(1);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * What pixels are
 */

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
    struct projection_sample sample = projection_sample("ternary", "exact", 64);
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

static double index_of(const char *grid, const uint8_t codes[3], double scale)
{
    struct projection_grid g;
    struct error error;
    double levels[RDL_BLOCK_MAX_CODES];
    ck_assert(projection_grid_parse(&g, grid, strlen(grid), &error));
    projection_grid_levels(&g, levels);
    return pixel_index(&g, levels, 3, codes, scale);
}

START_TEST(index_is_that_of_a_direction)
{
    static const uint8_t one[] = {3, 2, 1}, two[] = {4, 2, 0}, minus[] = {1, 2, 3};
    ck_assert(index_of("-2..2", one, 1) == index_of("-2..2", two, 1));
    ck_assert(index_of("-2..2", one, 1) == index_of("-2..2", minus, -1));
    ck_assert(index_of("-2..2", one, 1) != index_of("-2..2", minus, 1));
    static const uint8_t low[] = {0, 1, 0}, high[] = {2, 3, 2}, far[] = {1, 3, 1};
    ck_assert(index_of("affine:4", low, 1) == index_of("affine:4", high, 1));
    ck_assert(index_of("affine:4", low, 1) == index_of("affine:4", far, 1));
    ck_assert(index_of("unsigned:4", low, 1) != index_of("unsigned:4", high, 1));
    ck_assert(index_of("table:0/0.5/1/2", low, 1) != index_of("table:0/0.5/1/2", high, 1));
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

static Suite *projection_suite(void)
{
    Suite *suite = suite_create("projection");
    TCase *same = tcase_create("same everywhere");
    TCase *values = tcase_create("values");
    tcase_set_timeout(same, 300);
    tcase_set_timeout(values, 300);
    tcase_add_loop_test(same, golden_hashes_on_every_target, 0, 6);
    tcase_add_loop_test(same, exact_is_the_same_in_lanes, 0, 6);
    tcase_add_test(same, threads_change_nothing);
    tcase_add_loop_test(values, excess_of_exact_searches_is_zero, 0,
                        sizeof exact_searches / sizeof exact_searches[0]);
    tcase_add_test(values, excess_of_a_heuristic);
    tcase_add_test(values, angle_is_that_of_the_cosine);
    tcase_add_test(values, index_counts_directions);
    tcase_add_test(values, index_is_that_of_a_direction);
    tcase_add_test(values, blank_pixels_count_in_nothing);
    tcase_add_test(values, formats_round_whole_blocks);
    suite_add_tcase(suite, same);
    suite_add_tcase(suite, values);
    return suite;
}

int main(void)
{
    omp_set_num_threads(1); /* other suites run beside this one */
    return suite_run(projection_suite());
}
