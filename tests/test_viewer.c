/* Panoramas: what a page holds (plots/viewer/viewer.c). viewer_browser.mjs opens one. */
#include "error.h"
#include "suite.h"
#include "temp_dir.h"
#include "viewer.h"
#include "viewer_codes.h"
#include "viewer_sample.h"

#include <check.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    WIDTH = 64,
    HEIGHT = WIDTH / 2
};

static struct sample sample;
static struct error error;

static void setup(void)
{
    temp_dir_make();
    sample_make(&sample, SAMPLE_COSINES, WIDTH);
    error.text[0] = '\0';
}

static void teardown(void)
{
    sample_free(&sample);
    temp_dir_remove();
}

static size_t count_files(void)
{
    size_t count = 0;
    DIR *directory = opendir(temp_dir);
    ck_assert_ptr_nonnull(directory);
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(directory);
    return count;
}

/* ------------------------------------------------------------------------------------------------
 * Pages
 */

static bool write_page(const char *name, const struct map *maps, size_t count, const char *title)
{
    return viewer_write(temp_path(name), maps, count, &sample.colouring, title, &error);
}

/* What is in a file of the directory; the caller frees it. */
static char *read_page(const char *name)
{
    FILE *file = fopen(temp_path(name), "rb");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fseek(file, 0, SEEK_END), 0);
    const size_t size = (size_t)ftell(file);
    rewind(file);
    char *page = malloc(size + 1);
    ck_assert_ptr_nonnull(page);
    ck_assert_uint_eq(fread(page, 1, size, file), size);
    page[size] = '\0';
    ck_assert_uint_eq(strlen(page), size);
    fclose(file);
    return page;
}

/* The page of the sample; the caller frees it. */
static char *sample_page(const char *title)
{
    ck_assert_msg(write_page("page.html", sample.maps, SAMPLE_MAPS, title), "%s", error.text);
    ck_assert_uint_eq(count_files(), 1);
    return read_page("page.html");
}

static size_t count_of(const char *text, const char *what)
{
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, what)) != NULL; at++)
        count++;
    return count;
}

/* The text between `before` and the next `behind`; the caller frees it. */
static char *between(const char *page, const char *before, const char *behind)
{
    const char *from = strstr(page, before);
    ck_assert_msg(from != NULL, "no %s", before);
    from += strlen(before);
    const char *to = strstr(from, behind);
    ck_assert_ptr_nonnull(to);
    return strndup(from, (size_t)(to - from));
}

static json_t *data_of(const char *page)
{
    char *text = between(page, "<script type=\"application/json\" id=\"data\">", "</script>");
    json_error_t mistake;
    json_t *data = json_loads(text, JSON_REJECT_DUPLICATES, &mistake);
    ck_assert_msg(data != NULL, "%s", mistake.text);
    free(text);
    return data;
}

static double number_of(const json_t *object, const char *key)
{
    const json_t *number = json_object_get(object, key);
    ck_assert_msg(json_is_number(number), "%s", key);
    return json_number_value(number);
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    ck_assert_msg(text != NULL, "%s", key);
    return text;
}

START_TEST(page_needs_nothing_else)
{
    sample.maps[3].title = "iq4_nl exact";
    char *page = sample_page("Four roundings");
    ck_assert_int_eq(strncmp(page, "<!doctype html>\n", 16), 0);
    ck_assert_ptr_nonnull(strstr(page, "<title>Four roundings</title>"));
    ck_assert_ptr_nonnull(strstr(page, "<h1>Four roundings</h1>"));
    ck_assert_ptr_nonnull(strstr(page, "default-src 'none'"));
    /* No element that loads something, and every part in its place. */
    ck_assert_uint_eq(count_of(page, "<script src"), 0);
    ck_assert_uint_eq(count_of(page, "<link"),
                      count_of(page, "<link rel=\"icon\" href=\"data:,\">"));
    ck_assert_uint_eq(count_of(page, "@import"), 0);
    static const char *const places[] = {"{{title", "{{data", "{{codes", "{{viewer", "{{pannellum"};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        ck_assert_uint_eq(count_of(page, places[i]), 0);
    ck_assert_ptr_nonnull(strstr(page, "window.pannellum="));
    ck_assert_ptr_nonnull(strstr(page, ".pnlm-container{"));
    ck_assert_ptr_nonnull(strstr(page, "Permission is hereby granted, free of charge"));
    ck_assert_ptr_nonnull(strstr(page, "window.panorama = "));
    free(page);
}
END_TEST

START_TEST(data_are_those_of_the_maps)
{
    char *page = sample_page("t");
    json_t *data = data_of(page);
    const json_t *maps = json_object_get(data, "maps");
    const json_t *colouring = json_object_get(data, "colouring");
    ck_assert(number_of(data, "width") == WIDTH);
    ck_assert(number_of(data, "height") == HEIGHT);
    ck_assert(number_of(colouring, "low") == 0.8 && number_of(colouring, "high") == 1);
    ck_assert_str_eq(text_of(colouring, "title"), "cosine");
    ck_assert_uint_eq(strlen(text_of(colouring, "palette")), 256 * 6);
    ck_assert_int_eq(strncmp(text_of(colouring, "palette"), "440154", 6), 0); /* viridis */
    ck_assert_uint_eq(json_array_size(maps), SAMPLE_MAPS);
    for (size_t i = 0; i < SAMPLE_MAPS; i++) {
        const json_t *map = json_array_get(maps, i);
        const struct raster_statistics *s = &sample.maps[i].raster.statistics;
        ck_assert_str_eq(text_of(map, "title"), sample.maps[i].title);
        ck_assert(number_of(map, "min") == s->min && number_of(map, "max") == s->max);
        ck_assert(number_of(map, "first") == s->min && number_of(map, "last") == s->max);
        ck_assert(number_of(map, "mean") == s->mean);
        ck_assert(number_of(map, "areaMean") == s->area_mean);
        ck_assert(number_of(map, "blanks") == (double)s->blanks);
    }
    json_decref(data);
    free(page);
}
END_TEST

static unsigned letter_value(char letter)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = strchr(alphabet, letter);
    ck_assert(letter && at);
    return (unsigned)(at - alphabet);
}

/* The code at `index` of base64 text. */
static unsigned code_in(const char *text, size_t index)
{
    unsigned code = 0;
    for (size_t byte = 2 * index; byte < 2 * index + 2; byte++) {
        const char *group = text + byte / 3 * 4;
        unsigned bits = 0;
        for (int i = 0; i < 4; i++)
            bits = bits << 6 | (group[i] == '=' ? 0 : letter_value(group[i]));
        code |= (bits >> (16 - 8 * (byte % 3)) & 255) << 8 * (byte % 2);
    }
    return code;
}

/* Every value comes back to half a step. */
START_TEST(values_are_those_of_the_maps)
{
    char *page = sample_page("t");
    for (size_t i = 0; i < SAMPLE_MAPS; i++) {
        char tag[64];
        snprintf(tag, sizeof tag, "<script type=\"text/plain\" id=\"codes-%zu\">", i);
        char *text = between(page, tag, "</script>");
        const struct raster_statistics *s = &sample.maps[i].raster.statistics;
        const size_t count = WIDTH * HEIGHT;
        const double step = (s->max - s->min) / (VIEWER_LAST - VIEWER_FIRST);
        ck_assert_uint_eq(strlen(text), (2 * count + 2) / 3 * 4);
        for (size_t k = 0; k < count; k++) {
            const double value = sample.values[i][k];
            const unsigned code = code_in(text, k);
            if (isnan(value))
                ck_assert_uint_eq(code, VIEWER_BLANK);
            else
                ck_assert_double_eq_tol(s->min + (code - 1.0) * step, value, 0.5000001 * step);
        }
        free(text);
    }
    free(page);
}
END_TEST

START_TEST(numbers_are_in_the_page)
{
    sample_free(&sample);
    sample_make(&sample, SAMPLE_NUMBERS, WIDTH);
    ck_assert(write_page("page.html", sample.maps, 1, "t"));
    char *page = read_page("page.html");
    json_t *data = data_of(page);
    const json_t *map = json_array_get(json_object_get(data, "maps"), 0);
    const json_t *numbers = json_object_get(map, "numbers");
    ck_assert_uint_eq(json_array_size(numbers), 8);
    for (size_t i = 0; i < 8; i++)
        ck_assert(json_real_value(json_array_get(numbers, i)) == 1000 + (double)i);
    ck_assert(json_is_true(json_object_get(json_object_get(data, "colouring"), "shuffled")));
    ck_assert(json_is_null(json_object_get(json_object_get(data, "colouring"), "title")));
    json_decref(data);
    free(page);
}
END_TEST

/* Titles are text wherever they stand: they neither end nor begin anything. */
START_TEST(hostile_titles_are_text)
{
    char *plain = sample_page("t"), *page = sample_page(sample_hostile_title);
    ck_assert_uint_eq(count_of(page, "</script"), count_of(plain, "</script"));
    ck_assert_uint_eq(count_of(page, "<script"), count_of(plain, "<script"));
    ck_assert_uint_eq(count_of(page, "<!--"), count_of(plain, "<!--"));
    ck_assert_uint_eq(count_of(page, "</title"), 1);
    ck_assert_uint_eq(count_of(page, "id=\"codes-"), SAMPLE_MAPS);
    ck_assert_ptr_nonnull(strstr(page, "<title>&lt;/script&gt;&lt;/title&gt;"));
    ck_assert_ptr_nonnull(strstr(page, " &amp; {{codes}} \xC3\xA9</title>"));
    free(plain);
    free(page);
}
END_TEST

START_TEST(bytes_that_are_no_text_are_shown)
{
    sample.maps[0].title = "\xFFmap";
    char *page = sample_page("caf\xE9");
    ck_assert_ptr_nonnull(strstr(page, "<title>caf\\xe9</title>"));
    json_t *data = data_of(page);
    ck_assert_str_eq(text_of(json_array_get(json_object_get(data, "maps"), 0), "title"),
                     "\\xffmap");
    json_decref(data);
    free(page);
}
END_TEST

START_TEST(map_of_blanks_has_no_statistics)
{
    for (size_t k = 0; k < WIDTH * HEIGHT; k++)
        sample.values[0][k] = (double)NAN;
    struct raster_statistics *s = &sample.maps[0].raster.statistics;
    s->min = s->max = s->mean = s->area_mean = (double)NAN;
    char *page = sample_page("t");
    json_t *data = data_of(page);
    const json_t *map = json_array_get(json_object_get(data, "maps"), 0);
    ck_assert(json_is_null(json_object_get(map, "mean")));
    ck_assert(number_of(map, "first") == 0);
    json_decref(data);
    free(page);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Mistakes
 */

static void expect_mistake(bool done, const char *said)
{
    ck_assert(!done);
    ck_assert_msg(strstr(error.text, said) != NULL, "%s", error.text);
    ck_assert_ptr_null(strchr(error.text, '\n'));
    ck_assert_uint_eq(count_files(), 0);
}

START_TEST(unsuitable_maps_are_refused)
{
    struct map *maps = sample.maps;
    expect_mistake(write_page("p.html", maps, 0, "t"), "needs a map");
    maps[1].raster.width = 128;
    expect_mistake(write_page("p.html", maps, 2, "t"), "of one size, not 64 and 128 wide");
    maps[0].raster.height = 16;
    expect_mistake(write_page("p.html", maps, 1, "t"), "not 64 by 16");
    for (size_t width = 0; width < 4; width++) {
        maps[0].raster.width = width;
        maps[0].raster.height = width / 2;
        if (width != 2)
            expect_mistake(write_page("p.html", maps, 1, "t"), "twice as wide as high");
    }
    maps[0].raster.width = 8194;
    maps[0].raster.height = 4097;
    expect_mistake(write_page("p.html", maps, 1, "t"), "at most 8192 wide");
}
END_TEST

START_TEST(ranges_without_colours_are_refused)
{
    static const struct {
        double low, high;
        bool logarithmic;
    } bad[] = {{1, 1, false},        {2, 1, false},         {(double)NAN, 1, false},
               {0, INFINITY, false}, {-INFINITY, 0, false}, {0, 1, true}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        sample.colouring.low = bad[i].low;
        sample.colouring.high = bad[i].high;
        sample.colouring.logarithmic = bad[i].logarithmic;
        expect_mistake(write_page("p.html", sample.maps, 1, "t"), "no colours from ");
    }
}
END_TEST

START_TEST(infinite_values_are_named)
{
    sample.values[1][3 * WIDTH + 5] = -INFINITY;
    expect_mistake(write_page("p.html", sample.maps, 2, "t"),
                   "map \"iq4_nl nl\": row 3, column 5: the value is infinite");
}
END_TEST

START_TEST(files_that_cannot_be_written_are_named)
{
    const char *title = "t";
    bool done = viewer_write("/nowhere/p.html", sample.maps, 1, &sample.colouring, title, &error);
    expect_mistake(done, "cannot write '/nowhere/p.html': No such file or directory");
    done = viewer_write("/dev/full", sample.maps, 1, &sample.colouring, title, &error);
    expect_mistake(done, "cannot write '/dev/full': ");
}
END_TEST

static Suite *viewer_suite(void)
{
    Suite *suite = suite_create("viewer");
    TCase *pages = tcase_create("pages");
    tcase_add_checked_fixture(pages, setup, teardown);
    tcase_set_timeout(pages, 60);
    tcase_add_test(pages, page_needs_nothing_else);
    tcase_add_test(pages, data_are_those_of_the_maps);
    tcase_add_test(pages, values_are_those_of_the_maps);
    tcase_add_test(pages, numbers_are_in_the_page);
    tcase_add_test(pages, hostile_titles_are_text);
    tcase_add_test(pages, bytes_that_are_no_text_are_shown);
    tcase_add_test(pages, map_of_blanks_has_no_statistics);
    tcase_add_test(pages, unsuitable_maps_are_refused);
    tcase_add_test(pages, ranges_without_colours_are_refused);
    tcase_add_test(pages, infinite_values_are_named);
    tcase_add_test(pages, files_that_cannot_be_written_are_named);
    suite_add_tcase(suite, pages);
    return suite;
}

/* Exit status 77: skipped, where the build has no pannellum. */
int main(void)
{
    if (!viewer_available(&error)) {
        puts(error.text);
        return 77;
    }
    return suite_run(viewer_suite());
}
