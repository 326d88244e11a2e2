#include "chart_report.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *chart_directory;

void chart_setup(void)
{
    chart_directory = program_directory();
}

void chart_teardown(void)
{
    program_remove_directory(chart_directory);
}

struct program_result chart_run(const char *text, const char *options)
{
    char *path = program_file(chart_directory, "r.json", text, strlen(text));
    struct program_result result =
        program_run("plot '%s' -o '%s/f.png' %s", path, chart_directory, options);
    free(path);
    return result;
}

cairo_surface_t *chart_open(void)
{
    char path[512];
    snprintf(path, sizeof path, "%s/f.png", chart_directory);
    return chart_image_open(path);
}

cairo_surface_t *chart_plot(const char *text, const char *options)
{
    struct program_result result = chart_run(text, options);
    ck_assert_msg(result.status == 0, "%s", result.err);
    ck_assert_str_eq(result.err, "");
    program_free(&result);
    return chart_open();
}

struct chart_spot chart_find_below(cairo_surface_t *image, unsigned colour)
{
    struct chart_area area = chart_image_area(image);
    area.top = CHART_BELOW_LEGEND;
    return chart_find(image, colour, area);
}

void chart_check_steps(cairo_surface_t *image, bool up)
{
    const struct chart_spot a = chart_find_below(image, CHART_BLUE),
                            b = chart_find_below(image, CHART_VERMILLION);
    const struct chart_spot c = chart_find_below(image, CHART_GREEN);
    ck_assert_uint_gt(a.pixels, 50);
    ck_assert_uint_gt(b.pixels, 50);
    ck_assert_uint_gt(c.pixels, 50);
    /* Shapes have their middles elsewhere by a few pixels. */
    ck_assert_double_eq_tol(b.x - a.x, c.x - b.x, 4);
    ck_assert_double_eq_tol(b.y - a.y, c.y - b.y, 10);
    ck_assert_double_gt(b.x, a.x + 150);
    ck_assert_double_gt(up ? a.y - b.y : b.y - a.y, 100);
}

void chart_expect_refusal(const struct chart_refusal *refusal)
{
    char *path = program_file(chart_directory, "r.json", refusal->report, strlen(refusal->report));
    char arguments[1024];
    snprintf(arguments, sizeof arguments, "plot %s -o %s/f.png %s", path, chart_directory,
             refusal->options);
    program_expect_mistake(arguments, refusal->status, refusal->said);
    ck_assert_uint_eq(program_count_files(chart_directory), 1);
    free(path);
}
