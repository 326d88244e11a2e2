/*
 * The points of the exact search: that binary32 is as near to g as the margins of
 * notes/exact-search.md take it to be, and that its bytes are those of single operations.
 */
#include "block/exact_points.h"
#include "exact_blocks.h"
#include "suite.h"

#include <check.h>
#include <math.h>
#include <string.h>

static const float iq4_nl[] = {-127, -104, -83, -65, -49, -35, -22, -10,
                               1,    13,   25,  38,  53,  69,  89,  113};

static double nearest_of(const float *values, int count, double y)
{
    double nearest = (double)values[0];
    for (int k = 1; k < count; k++)
        if (fabs(y - (double)values[k]) < fabs(y - nearest))
            nearest = (double)values[k];
    return nearest;
}

static double exact_g(const struct exact_block *data, size_t n, const float *values, int count,
                      double t, double u)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        const double y = t * (double)data->x[i] + u, r = y - nearest_of(values, count, y);
        sum += (double)data->w[i] * r * r;
    }
    return sum;
}

/* How far it may be off: the bounds of notes/exact-search.md, without what is added for safety. */
static double margin(const struct exact_block *data, size_t n, double t, double u, double g)
{
    double ty = 0.0;
    for (size_t i = 0; i < n; i++) {
        const double tx = fabs(t * (double)data->x[i]), y = 2.0 * tx + fabs(u);
        ty += (double)data->w[i] * y * y;
    }
    return 0x1p-24 * ((double)(n + 6) * g + 4.0 * sqrt(g * ty)) + 0x1p-40 * ty;
}

static void draw_points(struct gap_source *source, float t_max, float u_max, float *t, float *u)
{
    for (int lane = 0; lane < RDL_EXACT_LANES; lane++) {
        const uint64_t word = gap_source_word(source);
        t[lane] = t_max * ((float)(word >> 40) * 0x1p-23f - 1.0f);
        u[lane] = u_max * (float)(word & 0xFFFFFF) * 0x1p-24f;
    }
}

START_TEST(points_are_as_near_as_the_margins_say)
{
    struct gap_source source = {.state = 17};
    struct rdl_exact_table table;
    double entries[16];
    float integers[16], t[RDL_EXACT_LANES], u[RDL_EXACT_LANES], g[RDL_EXACT_LANES];
    for (int k = 0; k < 16; k++) {
        entries[k] = (double)iq4_nl[k];
        integers[k] = (float)(k - 8);
    }
    ck_assert(rdl_exact_table_start(&table, entries, 16));
    const struct rdl_block_grid grid = {RDL_BLOCK_SIGNED, 16, -8, NULL};
    for (unsigned number = 0; number < 4000; number++) {
        const size_t n = number % 2 ? 32 : 64;
        struct exact_block data;
        struct rdl_exact_weights weights = {.n = (int)n};
        exact_block_draw(&data, &source, number, &grid, n);
        if (data.kind == EXACT_HUGE || data.kind == EXACT_TINY)
            continue;
        memcpy(weights.x, data.x, n * sizeof(float));
        memcpy(weights.w, data.w, n * sizeof(float));
        const bool tabled = number % 3 == 0;
        draw_points(&source, tabled ? 100.0f : 10.0f, tabled ? 0.0f : 10.0f, t, u);
        if (tabled)
            rdl_exact_table_points(&weights, &table, RDL_EXACT_LANES, t, g);
        else
            rdl_exact_points(&weights, -8.0f, 7.0f, RDL_EXACT_LANES, t, u, g);
        for (int lane = 0; lane < RDL_EXACT_LANES; lane++) {
            const double t_lane = (double)t[lane], u_lane = (double)u[lane];
            const double exact = exact_g(&data, n, tabled ? iq4_nl : integers, 16, t_lane, u_lane);
            ck_assert_msg(fabs((double)g[lane] - exact) <= margin(&data, n, t_lane, u_lane, exact),
                          "%s, t = %g, u = %g: %.9g, exactly %.9g", exact_kind_name(data.kind),
                          t_lane, u_lane, (double)g[lane], exact);
        }
    }
}
END_TEST

/* No operation is fused with another, and no lane depends on another: the bytes are those of one
 * operation after the other. */
START_TEST(points_have_the_bytes_of_single_operations)
{
    struct gap_source source = {.state = 18};
    const struct rdl_block_grid grid = {RDL_BLOCK_FREE, 16, 0, NULL};
    for (unsigned number = 0; number < 500; number++) {
        struct exact_block data;
        struct rdl_exact_weights weights = {.n = 32};
        float t[RDL_EXACT_LANES], u[RDL_EXACT_LANES], g[RDL_EXACT_LANES];
        exact_block_draw(&data, &source, number, &grid, 32);
        memcpy(weights.x, data.x, sizeof data.x);
        memcpy(weights.w, data.w, sizeof data.w);
        draw_points(&source, 10.0f, 10.0f, t, u);
        rdl_exact_points(&weights, 0.0f, 15.0f, RDL_EXACT_LANES, t, u, g);
        for (int lane = 0; lane < RDL_EXACT_LANES; lane++) {
            volatile float sum = 0.0f;
            for (int i = 0; i < 32; i++) {
                volatile float product = t[lane] * data.x[i];
                volatile float y = product + u[lane];
                volatile float clipped = y < 0.0f ? 0.0f : y > 15.0f ? 15.0f : y;
                volatile float r = y - rintf(clipped);
                volatile float weighted = data.w[i] * r;
                volatile float square = weighted * r;
                sum = sum + square;
            }
            const float expected = sum;
            ck_assert_msg(memcmp(&expected, &g[lane], sizeof expected) == 0, "%a instead of %a",
                          (double)g[lane], (double)expected);
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("exact points");
    TCase *tcase = tcase_create("exact points");
    tcase_set_timeout(tcase, 0);
    tcase_add_test(tcase, points_are_as_near_as_the_margins_say);
    tcase_add_test(tcase, points_have_the_bytes_of_single_operations);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
