/* Axes along edges of maps (plots/drawing/edge_axis.c): which ticks and labels they have. */
#include "edge_axis.h"
#include "figure.h"
#include "suite.h"

#include <cairo.h>
#include <check.h>
#include <stdbool.h>
#include <string.h>

static const struct {
    struct edge_axis axis;
    bool upright;
    const char *labels;
} tick_cases[] = {
    {{0, 360, 0, 270, false, "°", 3}, false, "0° 45° 90° 135° 180° 225° 270° 315° 360° "},
    {{0, 360, 0, 70, false, "°", 3}, false, "0° 180° 360° "},
    {{90, -90, 0, 100, false, "°", 0}, true, "−90° −60° −30° 0° 30° 60° 90° "},
    {{0, 7.5, 0, 100, false, "°", 0}, true, "0° 1° 2° 3° 4° 5° 6° 7° "},
    {{0.99625, 1, 0, 200, false, "", 7}, false, "0.997 0.998 0.999 1.000 "},
    {{0.998, 1 - 1e-7, 0, 120, false, "", 7}, false, "0.998 0.999 1.000 "},
    {{-0.5, 0.5, 0, 30, false, "", 0}, true, "−0.5 0.0 0.5 "},
    {{0, 1e9, 0, 200, false, "", 0}, false, "0 5e+08 1e+09 "},
    {{1, 1 + 1e-15, 0, 200, false, "", 0}, false, ""},
    {{0.02, 3, 0, 240, true, "%", 7}, false, "0.02% 0.05% 0.1% 0.2% 0.5% 1% 2% "},
    {{1e-7, 1e5, 0, 100, true, "", 7}, false, "10⁻⁶ 0.001 1 1000 "},
    {{1e-7, 1e-6, 0, 240, true, "", 7}, false, "10⁻⁷ 2·10⁻⁷ 5·10⁻⁷ 10⁻⁶ "},
    {{2, 3, 0, 240, true, "°", 7}, false, "2.0° 2.2° 2.4° 2.6° 2.8° 3.0° "},
    {{1e-300, 1e300, 0, 240, true, "", 7}, false, "10⁻³⁰⁰ 10⁻²⁰⁰ 10⁻¹⁰⁰ 1 10¹⁰⁰ 10²⁰⁰ 10³⁰⁰ "},
};

START_TEST(labels_are_round_and_have_room)
{
    cairo_surface_t *page = cairo_recording_surface_create(CAIRO_CONTENT_COLOR_ALPHA, NULL);
    cairo_t *cairo = cairo_create(page);
    struct edge_tick ticks[EDGE_AXIS_TICKS];
    const struct edge_axis *axis = &tick_cases[_i].axis;
    const size_t count = edge_axis_ticks(axis, cairo, tick_cases[_i].upright, ticks);
    char labels[512] = "";
    for (size_t i = 0; i < count; i++) {
        ck_assert(i == 0 || ticks[i].value > ticks[i - 1].value);
        const double place = edge_axis_place(axis, ticks[i].value);
        ck_assert(place > axis->from - 0.5 && place < axis->to + 0.5);
        if (ticks[i].label[0])
            strcat(strcat(labels, ticks[i].label), " ");
    }
    ck_assert_str_eq(labels, tick_cases[_i].labels);
    cairo_destroy(cairo);
    cairo_surface_destroy(page);
    figure_release_caches();
}
END_TEST

int main(void)
{
    TCase *ticks = tcase_create("ticks");
    tcase_set_timeout(ticks, 0);
    tcase_add_loop_test(ticks, labels_are_round_and_have_room, 0,
                        (int)(sizeof tick_cases / sizeof *tick_cases));

    Suite *suite = suite_create("edge axis");
    suite_add_tcase(suite, ticks);
    return suite_run(suite);
}
