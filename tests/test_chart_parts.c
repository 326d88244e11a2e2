/* Parts of charts: fronts of points, places of labels, curves, heat maps, rank correlation. */
#include "asymmetry_laws.h"
#include "curves.h"
#include "heatmap.h"
#include "label.h"
#include "rank_correlation.h"
#include "scatter.h"
#include "suite.h"

#include <cairo.h>
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static struct error error;

/* ------------------------------------------------------------------------------------------------
 * Points
 */

START_TEST(the_front_is_what_nothing_beats)
{
    static const struct {
        double x, cost;
        bool front;
    } points[] = {
        {1, 9, true}, {1, 10, false}, {2, 9, false},   {3, 4, true},
        {3, 4, true}, {4, 3.5, true}, {5, 3.6, false},
    };
    const size_t count = sizeof points / sizeof *points;
    struct scatter scatter = {.title = ""};
    for (size_t i = count; i-- > 0;) {
        const struct scatter_point point = {.x = points[i].x, .cost = points[i].cost};
        ck_assert(scatter_add(&scatter, i % 2 ? "a" : "b", &point, &error));
    }
    scatter_finish(&scatter);
    ck_assert_uint_eq(scatter.nseries, 2);
    ck_assert_uint_eq(scatter.count, count);
    for (size_t i = 0; i < count; i++) {
        ck_assert_double_eq(scatter.points[i].x, points[i].x);
        ck_assert_double_eq(scatter.points[i].cost, points[i].cost);
        ck_assert_int_eq(scatter.points[i].front, points[i].front);
    }
    scatter_free(&scatter);
}
END_TEST

START_TEST(series_must_not_look_alike)
{
    struct scatter scatter = {.title = ""};
    const struct scatter_point point = {.x = 1};
    char name[16];
    for (int i = 0; i < MARK_STYLES; i++) {
        snprintf(name, sizeof name, "s%d", i);
        ck_assert(scatter_add(&scatter, name, &point, &error));
    }
    ck_assert(!scatter_add(&scatter, "one more", &point, &error));
    ck_assert_ptr_nonnull(strstr(error.text, "more than 8 roundings ('one more' is the next)"));
    ck_assert(scatter_add(&scatter, "s7", &point, &error));
    scatter_free(&scatter);
}
END_TEST

START_TEST(curves_must_not_look_alike)
{
    for (int marks = 0; marks < 2; marks++) {
        struct curves curves = {.marks = marks == 1};
        const int most = marks ? MARK_STYLES : LINE_STYLES;
        for (int i = 0; i < most; i++)
            ck_assert_ptr_nonnull(curves_add(&curves, "c", 3, &error));
        ck_assert_ptr_null(curves_add(&curves, "one more", 3, &error));
        ck_assert_ptr_nonnull(strstr(error.text, "'one more' is the next"));
        curves_free(&curves);
    }
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Labels
 */

static bool overlap(const struct box *a, const struct box *b)
{
    return a->left < b->right && b->left < a->right && a->top < b->bottom && b->top < a->bottom;
}

/* Marks in a heap: their labels cover neither each other nor a mark, and stay inside. */
START_TEST(labels_do_not_collide)
{
    enum {
        MARKS = 12
    };
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 10, 10);
    cairo_t *cairo = cairo_create(surface);
    static struct labels labels;
    labels = labels_in(0, 0, 200, 150);
    double x[MARKS], y[MARKS];
    for (int i = 0; i < MARKS; i++) {
        x[i] = 196 - 3.0 * i;
        y[i] = 60 + 5.0 * (i % 4);
        labels_avoid_mark(&labels, x[i], y[i]);
    }
    struct box shown[MARKS];
    for (int i = 0; i < MARKS; i++) {
        label_show(&labels, cairo, x[i], y[i], 0, "iq4_nl");
        shown[i] = labels.list[labels.count - 1];
    }
    for (size_t i = 0; i < MARKS; i++) {
        ck_assert(shown[i].left >= -2 && shown[i].right <= 202);
        ck_assert(shown[i].top >= -2 && shown[i].bottom <= 152);
        ck_assert_double_gt(shown[i].right, shown[i].left + 10);
        for (size_t k = 0; k < MARKS; k++) {
            ck_assert_msg(!overlap(&shown[i], &labels.list[k]), "label %zu covers a mark", i);
            ck_assert_msg(k == i || !overlap(&shown[i], &shown[k]), "label %zu covers %zu", i, k);
        }
    }
    cairo_destroy(cairo);
    cairo_surface_destroy(surface);
    figure_release_caches();
}
END_TEST

/* A slanted line is avoided where it is, not in the whole of its rectangle. */
START_TEST(slanted_lines_are_avoided_in_pieces)
{
    static struct labels labels;
    labels = labels_in(0, 0, 100, 100);
    labels_avoid_line(&labels, 10, 10, 90, 90);
    const struct box corner = {70, 10, 90, 30}, middle = {45, 45, 55, 55};
    bool covers_middle = false;
    for (size_t i = 0; i < labels.count; i++) {
        ck_assert(!overlap(&labels.list[i], &corner));
        covers_middle |= overlap(&labels.list[i], &middle);
    }
    ck_assert(covers_middle);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Heat maps
 */

static void add(struct heatmap *heatmap, const char *name, double value)
{
    ck_assert_msg(heatmap_add(heatmap, name, value, &error), "%s", error.text);
}

START_TEST(names_have_layers_and_kinds)
{
    static struct heatmap heatmap;
    heatmap = (struct heatmap){.title = ""};
    add(&heatmap, "blk.10.attn_q.weight", 3);
    add(&heatmap, "blk.2.attn_q.weight", 7);
    add(&heatmap, "model.layers.2.mlp.experts.5.up", NAN);
    add(&heatmap, "token_embd.weight", -1);
    add(&heatmap, "tail.12", 5);
    add(&heatmap, "x2.weight", 5);
    heatmap_finish(&heatmap);
    ck_assert_uint_eq(heatmap.nlayers, 2);
    ck_assert_int_eq(heatmap.layers[0], 2);
    ck_assert_int_eq(heatmap.layers[1], 10);
    ck_assert_uint_eq(heatmap.nkinds, 2);
    ck_assert_str_eq(heatmap.kinds[0], "attn_q");
    ck_assert_str_eq(heatmap.kinds[1], "mlp.experts.5.up");
    ck_assert_int_eq(heatmap.cells[2].layer, 2);
    ck_assert_uint_eq(heatmap.cells[2].kind, 1);
    static const char *const listed[] = {"token_embd", "tail.12", "x2"};
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(heatmap.cells[3 + i].layer, HEATMAP_NO_LAYER);
        ck_assert_str_eq(heatmap.cells[3 + i].name, listed[i]);
    }
    ck_assert_double_eq(heatmap.colouring.low, -1);
    ck_assert_double_eq(heatmap.colouring.high, 7);
    heatmap_free(&heatmap);
}
END_TEST

START_TEST(one_value_has_a_scale_of_colours_too)
{
    static struct heatmap heatmap;
    heatmap = (struct heatmap){.title = ""};
    add(&heatmap, "a", 2);
    heatmap_finish(&heatmap);
    ck_assert_double_lt(heatmap.colouring.low, 2);
    ck_assert_double_gt(heatmap.colouring.high, 2);
    heatmap_free(&heatmap);
}
END_TEST

START_TEST(maps_have_limits)
{
    static struct heatmap heatmap;
    heatmap = (struct heatmap){.title = ""};
    char name[64];
    for (int i = 0; i < HEATMAP_MOST_KINDS; i++) {
        snprintf(name, sizeof name, "blk.0.kind%d", i);
        add(&heatmap, name, 1);
    }
    ck_assert(!heatmap_add(&heatmap, "blk.0.other", 1, &error));
    ck_assert_ptr_nonnull(strstr(error.text, "more than 64 kinds"));
    for (int i = 1; i < HEATMAP_MOST_LAYERS; i++) {
        snprintf(name, sizeof name, "blk.%d.kind0", i);
        add(&heatmap, name, 1);
    }
    ck_assert(!heatmap_add(&heatmap, "blk.700.kind0", 1, &error));
    ck_assert_ptr_nonnull(strstr(error.text, "more than 512 layers"));
    for (int i = 0; i < HEATMAP_MOST_LISTED; i++)
        add(&heatmap, "a", 1);
    ck_assert(!heatmap_add(&heatmap, "a", 1, &error));
    ck_assert_ptr_nonnull(strstr(error.text, "more than 400 tensors without a layer"));
    heatmap_free(&heatmap);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Others
 */

START_TEST(ranks_are_correlated)
{
    static const double up[] = {1, 20, 300, 4000, 50000}, down[] = {5, 4, 3, 2, -100};
    static const double tied[] = {1, 2, 2, 3}, line[] = {1, 2, 3, 4}, flat[] = {7, 7, 7, 7};
    ck_assert_double_eq_tol(rank_correlation(up, up, 5), 1, 1e-15);
    ck_assert_double_eq_tol(rank_correlation(up, down, 5), -1, 1e-15);
    ck_assert_double_eq_tol(rank_correlation(tied, line, 4), 4.5 / sqrt(4.5 * 5), 1e-15);
    ck_assert(isnan(rank_correlation(flat, line, 4)));
    ck_assert(isnan(rank_correlation(up, down, 1)));
}
END_TEST

START_TEST(lists_take_whole_names)
{
    ck_assert(asymmetry_takes(NULL, "uniform"));
    ck_assert(asymmetry_takes("gaussian,Uniform", "uniform"));
    ck_assert(asymmetry_takes("8,16", "8"));
    ck_assert(!asymmetry_takes("8,16", "1"));
    ck_assert(!asymmetry_takes("8,16", "160"));
    ck_assert(!asymmetry_takes("", "8"));
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("parts");
    tcase_set_timeout(tcase, 0);
    tcase_add_test(tcase, the_front_is_what_nothing_beats);
    tcase_add_test(tcase, series_must_not_look_alike);
    tcase_add_test(tcase, curves_must_not_look_alike);
    tcase_add_test(tcase, labels_do_not_collide);
    tcase_add_test(tcase, slanted_lines_are_avoided_in_pieces);
    tcase_add_test(tcase, names_have_layers_and_kinds);
    tcase_add_test(tcase, one_value_has_a_scale_of_colours_too);
    tcase_add_test(tcase, maps_have_limits);
    tcase_add_test(tcase, ranks_are_correlated);
    tcase_add_test(tcase, lists_take_whole_names);
    Suite *suite = suite_create("chart parts");
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
