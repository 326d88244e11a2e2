/* The command `roundel plot`, end to end. What is drawn is read back from PNG files. */
#include "chart_image.h"
#include "error.h"
#include "hostile.h"
#include "program.h"
#include "suite.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ------------------------------------------------------------------------------------------------
 * Reports and figures of a test
 */

static char *directory, *report;

#define ROW(name, speed) "{\"run_name\": \"" name "\", \"items_per_second\": " speed "}"

static void write_report(const char *rows)
{
    char text[2048];
    const int length =
        snprintf(text, sizeof text,
                 "{\"context\": {\"date\": \"2026-11-22T09:36:41+00:00\", \"cpu\": \"Some CPU\", "
                 "\"compiler\": \"GNU 12\", \"flags\": \"-O3\", \"roundel\": \"0.1.0\", "
                 "\"commit\": \"abc\"}, \"benchmarks\": [%s]}",
                 rows);
    ck_assert_int_lt(length, (int)sizeof text);
    free(report);
    report = program_file(directory, "report.json", text, (size_t)length);
}

/* A row of three marks at equal distances, one mark above it, and two cases that are not drawn. */
static const char three_marks[] = ROW("quantize/q4_k/ggml/avx2/L2", "1e6") /**/
    "," ROW("quantize/q4_k/ggml/avx512/L2", "1e7")                         /**/
    "," ROW("quantize/q4_k/ggml/neon/L2", "1e8")                           /**/
    "," ROW("quantize/q6_k/ggml/neon/L2", "1e8")                           /**/
    "," ROW("dequantize/q4_k/avx2/L2", "1e8")                              /**/
    "," ROW("best_index/x", "1e8");

static void setup(void)
{
    directory = program_directory();
    write_report(three_marks);
}

static void teardown(void)
{
    free(report);
    report = NULL;
    program_remove_directory(directory);
}

/* The path of a file in the directory; good until the next call. */
static const char *path_of(const char *name)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    return path;
}

/* Plots the report with more options, which must work; returns what was said on stderr. */
static char *plot_and_listen(const char *name, const char *options)
{
    struct program_result result =
        program_run("plot '%s' --kind speed -o '%s' %s", report, path_of(name), options);
    ck_assert_msg(result.status == 0, "%s", result.err);
    ck_assert_str_eq(result.out, "");
    free(result.out);
    return result.err;
}

static void plot(const char *name, const char *options)
{
    free(plot_and_listen(name, options));
}

/* The bytes of a file of the directory. */
static struct bytes read_file(const char *name)
{
    FILE *file = fopen(path_of(name), "rb");
    ck_assert_ptr_nonnull(file);
    struct bytes bytes = {0};
    for (int c; (c = getc(file)) != EOF;)
        put_repeated(&bytes, (uint8_t)c, 1);
    fclose(file);
    return bytes;
}

/* ------------------------------------------------------------------------------------------------
 * What is drawn
 */

enum {
    BAND_COLOUR = 0xf4f4f4,
    BAND_X = 6 * 300 / 72,        /* pixels: left of the names */
    BELOW_LEGEND = 50 * 300 / 72, /* pixels */
    ROW_PIXELS = 12 * 300 / 72
};

static cairo_surface_t *open_png(const char *name)
{
    return chart_image_open(path_of(name));
}

/* The pixels of a colour from y = top on. */
static struct chart_spot find_spot(cairo_surface_t *image, unsigned colour, int top)
{
    struct chart_area area = chart_image_area(image);
    area.top = top;
    return chart_find(image, colour, area);
}

START_TEST(marks_are_in_their_places)
{
    plot("f.png", "");
    cairo_surface_t *image = open_png("f.png");
    const struct chart_spot avx2 = find_spot(image, CHART_BLUE, BELOW_LEGEND);
    const struct chart_spot avx512 = find_spot(image, CHART_VERMILLION, BELOW_LEGEND);
    const struct chart_spot neon = find_spot(image, CHART_GREEN, BELOW_LEGEND);
    ck_assert_uint_gt(avx2.pixels, 100);
    ck_assert_uint_gt(avx512.pixels, 100);
    ck_assert_uint_gt(neon.pixels, 200);
    /* Equal factors are equal distances, but for a pixel at each end. */
    ck_assert_double_gt(avx512.x, avx2.x + 300);
    ck_assert_double_eq_tol(neon.x - avx512.x, avx512.x - avx2.x, 2);
    ck_assert_double_eq_tol(avx512.y, avx2.y, 1);
    /* The other of the NEON marks is a row above. */
    ck_assert_double_eq_tol(neon.y, avx2.y - ROW_PIXELS / 2, 3);
    /* The first row has a band behind it, the second has none. */
    const int middle = (int)round(avx2.y);
    ck_assert_uint_eq(chart_pixel(image, BAND_X, middle), CHART_WHITE);
    ck_assert_uint_eq(chart_pixel(image, BAND_X, middle - ROW_PIXELS), BAND_COLOUR);
    cairo_surface_destroy(image);
}
END_TEST

/* One mark, and the same in the legend. */
START_TEST(the_legend_has_the_targets_of_the_chart)
{
    plot("f.png", "--operation dequantize");
    cairo_surface_t *image = open_png("f.png");
    const unsigned all = find_spot(image, CHART_BLUE, 0).pixels;
    const unsigned below = find_spot(image, CHART_BLUE, BELOW_LEGEND).pixels;
    ck_assert_uint_gt(below, 100);
    ck_assert_uint_gt(all, below + 100);
    ck_assert_uint_eq(find_spot(image, CHART_VERMILLION, 0).pixels, 0);
    ck_assert_uint_eq(find_spot(image, CHART_GREEN, 0).pixels, 0);
    cairo_surface_destroy(image);
}
END_TEST

/* The colour in the middle of the only mark. */
static unsigned middle_of_mark(const char *rows)
{
    write_report(rows);
    plot("f.png", "");
    cairo_surface_t *image = open_png("f.png");
    const struct chart_spot mark = find_spot(image, CHART_BLUE, BELOW_LEGEND);
    ck_assert_uint_gt(mark.pixels, 30);
    const unsigned middle = chart_pixel(image, (int)round(mark.x), (int)round(mark.y));
    cairo_surface_destroy(image);
    return middle;
}

START_TEST(marks_with_importance_are_open)
{
    ck_assert_uint_eq(middle_of_mark(ROW("quantize/q4_k/ggml/avx2/L2", "1e6")), CHART_BLUE);
    ck_assert_uint_eq(middle_of_mark(ROW("quantize/q4_k/ggml+importance/avx2/L2", "1e6")),
                      CHART_WHITE);
}
END_TEST

/* Whether a column of pixels is black for most of a row: no letter is so tall. */
static bool has_line(const char *rows)
{
    write_report(rows);
    plot("f.png", "--operation dequantize");
    cairo_surface_t *image = open_png("f.png");
    int most = 0;
    for (int x = 0; x < cairo_image_surface_get_width(image); x++) {
        int count = 0;
        for (int y = BELOW_LEGEND; y < BELOW_LEGEND + 2 * ROW_PIXELS; y++)
            count += chart_pixel(image, x, y) == CHART_BLACK;
        most = count > most ? count : most;
    }
    cairo_surface_destroy(image);
    return most > ROW_PIXELS / 2;
}

START_TEST(dequantization_has_the_line_of_plain_stores)
{
    ck_assert(!has_line(ROW("dequantize/q4_k/avx2/L2", "1e6") ", " ROW("store/L1", "1e7")));
    ck_assert(has_line(ROW("dequantize/q4_k/avx2/L2", "1e6") ", " ROW("store/L2", "1e7")));
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Files
 */

#define BYTES(literal)                                                                             \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }

struct text {
    const char *bytes;
    size_t length;
};

static bool contains(const struct bytes *file, struct text text)
{
    for (size_t i = 0; i + text.length <= file->size; i++)
        if (memcmp(file->data + i, text.bytes, text.length) == 0)
            return true;
    return false;
}

/* How each kind begins, and how it says that it is 7 or 3.5 inches wide. */
static const struct {
    const char *name;
    struct text beginning, wide, narrow;
} kinds[] = {
    {"f.png", BYTES("\x89PNG\r\n\x1a\n"), BYTES("IHDR\0\0\x08\x34"), BYTES("IHDR\0\0\x04\x1a")},
    {"f.pdf", BYTES("%PDF-1."), BYTES("/MediaBox [ 0 0 504 "), BYTES("/MediaBox [ 0 0 252 ")},
    {"f.SVG", BYTES("<?xml "), BYTES("width=\"504pt\""), BYTES("width=\"252pt\"")},
};

static struct bytes plot_and_read(const char *name, const char *options)
{
    plot(name, options);
    return read_file(name);
}

START_TEST(kinds_and_sizes)
{
    struct bytes wide = plot_and_read(kinds[_i].name, "");
    ck_assert_uint_gt(wide.size, 1000);
    ck_assert_mem_eq(wide.data, kinds[_i].beginning.bytes, kinds[_i].beginning.length);
    ck_assert(contains(&wide, kinds[_i].wide));
    bytes_free(&wide);
    struct bytes narrow = plot_and_read(kinds[_i].name, "--size 88.9mm");
    ck_assert(contains(&narrow, kinds[_i].narrow));
    bytes_free(&narrow);
    ck_assert_uint_eq(program_count_files(directory), 2);
}
END_TEST

START_TEST(the_same_report_makes_the_same_bytes)
{
    struct bytes first = plot_and_read(kinds[_i].name, "");
    struct bytes second = plot_and_read(kinds[_i].name, "");
    ck_assert_uint_eq(first.size, second.size);
    ck_assert_mem_eq(first.data, second.data, first.size);
    ck_assert(!contains(&first, (struct text)BYTES("CreationDate")));
    bytes_free(&first);
    bytes_free(&second);
}
END_TEST

/* Expects this exit status, and one line that says so. */
static void expect_mistake(const char *name, const char *options, int status, const char *said)
{
    char arguments[1024];
    snprintf(arguments, sizeof arguments, "plot '%s' --kind speed -o '%s' %s", report,
             path_of(name), options);
    program_expect_mistake(arguments, status, said);
}

START_TEST(a_bad_report_leaves_what_was_there)
{
    plot(kinds[_i].name, "");
    struct bytes before = read_file(kinds[_i].name);
    expect_mistake(kinds[_i].name, "--rounding ggml-fixed", 3,
                   "report.json: no case quantize/FORMAT/ggml-fixed/TARGET/L2 with a speed");
    struct bytes after = read_file(kinds[_i].name);
    ck_assert_uint_eq(before.size, after.size);
    ck_assert_mem_eq(before.data, after.data, before.size);
    ck_assert_uint_eq(program_count_files(directory), 2);
    bytes_free(&before);
    bytes_free(&after);
}
END_TEST

START_TEST(a_full_disk_is_told)
{
    write_report(ROW("quantize/q4_k/ggml/avx2/L2", "1e6"));
    ck_assert_int_eq(symlink("/dev/full", path_of(kinds[_i].name)), 0);
    expect_mistake(kinds[_i].name, "", 4, "No space left on device");
    ck_assert_uint_eq(program_count_files(directory), 2);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * The command line
 */

static const struct {
    const char *arguments, *said;
} mistakes[] = {
    {"--kind speed", "no report; 'roundel plot --help' says which commands write one"},
    {"r.json", "no --kind; choices: speed"},
    {"r.json --kind sped", "unknown kind 'sped'; did you mean 'speed'?"},
    {"r.json --kind speed", "no --output FILE.png, FILE.pdf or FILE.svg"},
    {"r.json --kind speed -o", "option '--output' needs a value: FILE"},
    {"r.json --kind speed -x f.png", "unknown option '-x'"},
    {"r.json --kind speed -o f", "'f': the name of a figure ends in .png, .pdf or .svg"},
    {"r.json --kind speed -o f.jpg", "'f.jpg': the name of a figure ends in "},
    {"r.json --kind speed -o f.png/f", "'f.png/f': the name of a figure ends in "},
    {"r.json --kind speed -o /nowhere/f.png", "cannot write '/nowhere/f.png'"},
    {"r.json s.json --kind speed -o f.png", "there is another: 's.json'"},
    {"r.json --kind speed --setting x -o f.png", "a chart of kind speed has no --setting"},
    {"r.json --kind speed -o f.png --operation store",
     "unknown operation 'store'; choices: quantize, dequantize"},
    {"r.json --kind speed -o f.png --level L4", "unknown level 'L4'; did you mean 'L1'?"},
    {"r.json --kind speed -o f.png --rounding gml", "unknown rounding 'gml'; did you mean 'ggml'?"},
    {"r.json --size 7", "size '7' is no width from 2.5in to 40in (units: in, cm, mm, pt)"},
    {"r.json --size in", "size 'in' is no width"},
    {"r.json --size 2.4in", "size '2.4in' is no width"},
    {"r.json --size 41in", "size '41in' is no width"},
    {"r.json --size nanin", "size 'nanin' is no width"},
    {"r.json --size 7inch", "size '7inch' is no width"},
};

START_TEST(mistakes_get_one_clear_line)
{
    char arguments[256];
    snprintf(arguments, sizeof arguments, "plot %s", mistakes[_i].arguments);
    program_expect_mistake(arguments, 2, mistakes[_i].said);
}
END_TEST

START_TEST(ignored_rows_are_counted)
{
    char *said = plot_and_listen("f.png", "");
    ck_assert_ptr_nonnull(
        strstr(said, "ignored 1 row(s) of other cases; the first is 'best_index/x'\n"));
    free(said);
    write_report(ROW("quantize/q4_k/ggml/avx2/L2", "1e6"));
    said = plot_and_listen("f.png", "");
    ck_assert_str_eq(said, "");
    free(said);
}
END_TEST

START_TEST(help_has_the_letter)
{
    struct program_result result = program_run("plot --help");
    ck_assert_int_eq(result.status, 0);
    ck_assert_ptr_nonnull(strstr(result.out, "\n  -o, --output FILE "));
    ck_assert_ptr_nonnull(strstr(result.out, "\n  --operation NAME "));
    ck_assert_ptr_nonnull(strstr(result.out, "Example: "));
    program_free(&result);
}
END_TEST

int main(void)
{
    const int nkinds = (int)(sizeof kinds / sizeof *kinds);
    TCase *figures = tcase_create("figures");
    tcase_set_timeout(figures, 0);
    tcase_add_checked_fixture(figures, setup, teardown);
    tcase_add_test(figures, marks_are_in_their_places);
    tcase_add_test(figures, the_legend_has_the_targets_of_the_chart);
    tcase_add_test(figures, marks_with_importance_are_open);
    tcase_add_test(figures, dequantization_has_the_line_of_plain_stores);
    tcase_add_loop_test(figures, kinds_and_sizes, 0, nkinds);
    tcase_add_loop_test(figures, the_same_report_makes_the_same_bytes, 0, nkinds);
    tcase_add_loop_test(figures, a_bad_report_leaves_what_was_there, 0, nkinds);
    tcase_add_loop_test(figures, a_full_disk_is_told, 0, nkinds);
    tcase_add_test(figures, ignored_rows_are_counted);

    TCase *command = tcase_create("command line");
    tcase_set_timeout(command, 0);
    tcase_add_loop_test(command, mistakes_get_one_clear_line, 0,
                        (int)(sizeof mistakes / sizeof *mistakes));
    tcase_add_test(command, help_has_the_letter);

    Suite *suite = suite_create("plot");
    suite_add_tcase(suite, figures);
    suite_add_tcase(suite, command);
    return suite_run(suite);
}
