/* `roundel project`: from options to files and text. */
#include "palette.h"
#include "program.h"
#include "suite.h"

#include <jansson.h>
#include <math.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *directory;

static void make_directory(void)
{
    directory = program_directory();
}

static void remove_directory(void)
{
    program_remove_directory(directory);
}

static const char *path_of(const char *name)
{
    static char paths[8][256];
    static unsigned next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", directory, name);
    return path;
}

/* A small map of a grid that searches differ on. */
#define SMALL "project --grid -4..3 --width 32"

static void run(const char *arguments)
{
    struct program_result result = program_run("%s", arguments);
    ck_assert_msg(result.status == 0, "'%s': %s", arguments, result.err);
    ck_assert_str_eq(result.err, "");
    program_free(&result);
}

static struct program_result output_of(const char *arguments)
{
    struct program_result result = program_run("%s", arguments);
    ck_assert_msg(result.status == 0, "'%s': %s", arguments, result.err);
    return result;
}

struct file {
    char *bytes;
    size_t size;
};

static struct file read_file(const char *path)
{
    struct file file = {malloc(1 << 20), 0};
    FILE *stream = fopen(path, "rb");
    ck_assert_msg(stream && file.bytes, "%s", path);
    file.size = fread(file.bytes, 1, 1 << 20, stream);
    ck_assert_uint_lt(file.size, 1 << 20);
    fclose(stream);
    return file;
}

static void expect_bytes(const struct file *file, const void *bytes, size_t size)
{
    for (size_t at = 0; at + size <= file->size; at++)
        if (memcmp(file->bytes + at, bytes, size) == 0)
            return;
    ck_abort_msg("not in the file: '%s'", (const char *)bytes);
}

/* The values of an array of 16 x 32. */
static double *read_values(const char *path)
{
    static const char header[] = "\x93NUMPY\x01\x00\x76\x00{'descr': '<f8', 'fortran_order': "
                                 "False, 'shape': (16, 32), }";
    struct file file = read_file(path);
    ck_assert_uint_eq(file.size, 128 + 16 * 32 * 8);
    ck_assert_mem_eq(file.bytes, header, sizeof header - 1);
    ck_assert_int_eq(file.bytes[127], '\n');
    memmove(file.bytes, file.bytes + 128, 16 * 32 * 8);
    return (double *)(void *)file.bytes;
}

/* ------------------------------------------------------------------------------------------------
 * Files
 */

/* As red, green, blue and alpha of 8 or 16 bits a channel. */
static uint16_t *read_png(const char *path, unsigned bits)
{
    png_image image = {.version = PNG_IMAGE_VERSION};
    ck_assert_msg(png_image_begin_read_from_file(&image, path), "%s", image.message);
    ck_assert_uint_eq(image.width, 32);
    ck_assert_uint_eq(image.height, 16);
    ck_assert((image.format & PNG_FORMAT_FLAG_COLORMAP) ==
              (bits == 8 ? PNG_FORMAT_FLAG_COLORMAP : 0));
    image.format = bits == 8 ? PNG_FORMAT_RGBA : PNG_FORMAT_LINEAR_RGB_ALPHA;
    uint8_t *pixels = malloc(PNG_IMAGE_SIZE(image));
    uint16_t *result = malloc(32 * 16 * 4 * sizeof *result);
    ck_assert(pixels && result);
    ck_assert_msg(png_image_finish_read(&image, NULL, pixels, 0, NULL), "%s", image.message);
    for (size_t i = 0; i < 32 * 16 * 4; i++)
        result[i] = bits == 8 ? pixels[i] : ((uint16_t *)(void *)pixels)[i];
    free(pixels);
    return result;
}

START_TEST(png_has_the_colours_of_the_values)
{
    char arguments[512];
    snprintf(arguments, sizeof arguments,
             SMALL " --rounding qx --range 0.99,1 --palette magma -o %s -o %s", path_of("a.png"),
             path_of("a.npy"));
    run(arguments);
    double *values = read_values(path_of("a.npy"));
    uint16_t *pixels = read_png(path_of("a.png"), 8);
    for (size_t i = 0; i < 32 * 16; i++) {
        const double t = floor(fmin(fmax((values[i] - 0.99) / 0.01, 0), 1) * 254 + 0.5) / 254;
        const struct rgb c = palette_colour(PALETTE_MAGMA, t);
        ck_assert_uint_eq(pixels[4 * i], lround(255 * c.red));
        ck_assert_uint_eq(pixels[4 * i + 1], lround(255 * c.green));
        ck_assert_uint_eq(pixels[4 * i + 2], lround(255 * c.blue));
        ck_assert_uint_eq(pixels[4 * i + 3], 255);
    }
    free(values);
    free(pixels);
}
END_TEST

START_TEST(blanks_are_transparent)
{
    static const unsigned depths[] = {8, 16};
    for (int k = 0; k < 2; k++) {
        char arguments[512];
        snprintf(arguments, sizeof arguments,
                 "project --grid unsigned:4 --width 32 --bits %u -o %s -o %s", depths[k],
                 path_of("a.png"), path_of("a.npy"));
        run(arguments);
        double *values = read_values(path_of("a.npy"));
        uint16_t *pixels = read_png(path_of("a.png"), depths[k]);
        size_t blanks = 0;
        for (size_t i = 0; i < 32 * 16; i++) {
            ck_assert((pixels[4 * i + 3] == 0) == isnan(values[i]));
            blanks += isnan(values[i]);
        }
        ck_assert_uint_gt(blanks, 50);
        free(values);
        free(pixels);
    }
}
END_TEST

START_TEST(png_remembers_where_it_comes_from)
{
    char arguments[512];
    snprintf(arguments, sizeof arguments, SMALL " --rounding qx -o %s --title 'a \"b\"' --json %s",
             path_of("a.png"), path_of("a.json"));
    run(arguments);
    json_t *json = json_load_file(path_of("a.json"), 0, NULL);
    const json_t *map = json_array_get(json_object_get(json, "maps"), 0);
    struct file file = read_file(path_of("a.png"));
    char minimum[64];
    snprintf(minimum, sizeof minimum, "Minimum%c%.17g", 0,
             json_real_value(json_object_get(map, "min")));
    expect_bytes(&file, minimum, 8 + strlen(minimum + 8));
    const char *hash = json_string_value(json_object_get(map, "xxh64"));
    ck_assert_ptr_nonnull(hash);
    expect_bytes(&file, hash, 16);
    static const char command[] = "Command\0roundel project --grid -4..3 --width 32 --rounding qx "
                                  "--title 'a \"b\"'";
    expect_bytes(&file, command, sizeof command - 1);
    static const char *const keys[] = {"Mean", "Area mean", "Maximum", "Software\0roundel 0."};
    for (size_t i = 0; i < 4; i++)
        expect_bytes(&file, keys[i], strlen(keys[i]) + 1);
    free(file.bytes);
    json_decref(json);
}
END_TEST

START_TEST(files_are_the_same_with_any_threads_and_target)
{
    static const char *const options[] = {"--threads 1", "--threads 3", "--target scalar"};
    struct file first = {0};
    for (int i = 0; i < 3; i++) {
        char arguments[512];
        snprintf(arguments, sizeof arguments, SMALL " --rounding qx -o %s %s", path_of("a.png"),
                 options[i]);
        run(arguments);
        struct file file = read_file(path_of("a.png"));
        if (i > 0) {
            ck_assert_uint_eq(file.size, first.size);
            ck_assert_mem_eq(file.bytes, first.bytes, file.size);
            free(file.bytes);
        } else {
            first = file;
        }
    }
    free(first.bytes);
}
END_TEST

/* With a range and no other output, rows go to the image as they are made. */
START_TEST(images_do_not_depend_on_how_they_are_made)
{
    char arguments[512];
    struct file files[2];
    for (int i = 0; i < 2; i++) {
        snprintf(arguments, sizeof arguments,
                 "project --grid unsigned:4 --width 300 --range 0.5,1 -o %s %s %s",
                 path_of("a.png"), i ? "-o" : "", i ? path_of("a.npy") : "");
        run(arguments);
        files[i] = read_file(path_of("a.png"));
    }
    ck_assert_uint_eq(files[0].size, files[1].size);
    ck_assert_mem_eq(files[0].bytes, files[1].bytes, files[0].size);
    free(files[0].bytes);
    free(files[1].bytes);
}
END_TEST

START_TEST(several_maps_are_several_files)
{
    char arguments[512];
    snprintf(arguments, sizeof arguments,
             "project --grid -4..3,iq4_nl --rounding qx,nl,nearest --width 32 -o %s -o %s -o %s",
             path_of("a.npy"), path_of("a.pdf"), path_of("a.svg"));
    struct program_result result = output_of(arguments);
    ck_assert_ptr_nonnull(strstr(result.out, "\niq4_nl  qx                -  "));
    ck_assert_ptr_nonnull(strstr(result.err,
                                 "roundel project: left out: 'qx' does not work on grid "
                                 "'iq4_nl'; choices: nearest, nearest-refit, nl, "));
    ck_assert_ptr_nonnull(strstr(result.err,
                                 ", exact\nroundel project: left out: 'nl' does not work "
                                 "on grid '-4..3'; choices: nearest, "));
    program_free(&result);
    static const char *const names[] = {
        "a--4..3-qx.npy",       "a-iq4_nl-nl.npy", "a--4..3-nearest.npy",
        "a-iq4_nl-nearest.npy", "a.pdf",           "a.svg"};
    ck_assert_uint_eq(program_count_files(directory), 6);
    for (int i = 0; i < 6; i++)
        ck_assert_msg(access(path_of(names[i]), R_OK) == 0, "%s", names[i]);
    struct file pdf = read_file(path_of("a.pdf"));
    static const char command[] = "/Subject (roundel project --grid -4..3,iq4_nl --rounding "
                                  "qx,nl,nearest --width 32)";
    expect_bytes(&pdf, command, sizeof command - 1);
    free(pdf.bytes);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Sweeps and asymmetry
 */

START_TEST(sweep_finds_the_optimum)
{
    struct program_result result = output_of("project --sweep 1,-0.5,0.25,0.75,-1.25,0.125,-0.875,"
                                             "0.625 --levels 4 --width 200 --json -");
    json_t *json = json_loads(result.out, 0, NULL);
    const json_t *optimum = json_object_get(json, "optimum");
    /* 1 - .154211957 / sum (x - mean)^2, the published error of this vector */
    const double expected = 1 - .154211957 / (4.609375 - 8 * .015625 * .015625);
    const double value = json_real_value(json_object_get(optimum, "value"));
    ck_assert_msg(fabs(value - expected) < 1e-9, "%.9f", value);
    ck_assert(json_real_value(json_object_get(json, "max")) == value);
    const json_t *vectors = json_object_get(json, "vectors");
    json_int_t pixels = 0;
    for (size_t i = 0; i < json_array_size(vectors); i++)
        pixels += json_integer_value(json_object_get(json_array_get(vectors, i), "pixels"));
    ck_assert_int_eq(pixels + json_integer_value(json_object_get(json, "blanks")), 200 * 100);
    ck_assert(json_equal(json_object_get(json_array_get(vectors, 0), "codes"),
                         json_object_get(optimum, "codes")));
    json_decref(json);
    program_free(&result);
}
END_TEST

/* Of 0, 1/4 and 1 on two levels: the middle one has the upper code where r / 4 + 3 p / 4 > 1/2. */
START_TEST(sweep_places_pixels)
{
    char arguments[512];
    snprintf(arguments, sizeof arguments, "project --sweep 0,0.25,1 --levels 2 --width 32 -o %s",
             path_of("a.npy"));
    run(arguments);
    double *values = read_values(path_of("a.npy"));
    for (int i = 0; i < 32 * 16; i++) {
        const double p = -0.5 + i / 32 / 16.0, r = 0.5 + i % 32 / 31.0;
        const double middle = p + (r - p) * 0.25;
        const double expected = middle > 0.5 ? 25.0 / 52 : 49.0 / 52;
        if (i % 32 == 0 || fabs(middle - 0.5) < 1e-9)
            continue; /* ties; where r is 1/2 all codes are 0 */
        ck_assert_msg(fabs(values[i] - expected) < 1e-12, "pixel %d: %g", i, values[i]);
    }
    free(values);
}
END_TEST

struct asymmetry {
    int law, n;
    const char *value;
};

static const struct asymmetry published[] = {
    {0, 2, "0.0000"},   {0, 3, "0.2903"},   {0, 4, "0.4248"},  {0, 5, "0.5025"},
    {0, 6, "0.5535"},   {0, 7, "0.5898"},   {0, 8, "0.6171"},  {0, 9, "0.6386"},
    {0, 10, "0.6559"},  {0, 11, "0.6704"},  {0, 12, "0.6826"}, {0, 13, "0.6930"},
    {0, 14, "0.7022"},  {0, 15, "0.7102"},  {0, 16, "0.7174"}, {0, 17, "0.7238"},
    {0, 18, "0.7296"},  {0, 19, "0.7349"},  {0, 20, "0.7397"}, {0, 21, "0.7441"},
    {0, 22, "0.7482"},  {0, 23, "0.7520"},  {0, 24, "0.7556"}, {0, 25, "0.7588"},
    {0, 26, "0.7619"},  {0, 27, "0.7648"},  {0, 28, "0.7675"}, {0, 29, "0.7701"},
    {0, 30, "0.7726"},  {0, 31, "0.7749"},  {0, 32, "0.7770"}, {0, 64, "0.8162"},
    {0, 128, "0.8437"}, {0, 256, "0.8641"}, {1, 3, "0.2555"},  {1, 4, "0.3679"},
    {1, 8, "0.5315"},   {1, 16, "0.6264"},  {1, 32, "0.6889"}, {1, 64, "0.7331"},
    {1, 256, "0.7915"}, {2, 2, "0.0000"},   {2, 32, "0.9375"},
};

static double curve_value(const json_t *law, int n)
{
    const json_t *sizes = json_object_get(law, "n"), *values = json_object_get(law, "value");
    for (size_t i = 0; i < json_array_size(sizes); i++)
        if (json_integer_value(json_array_get(sizes, i)) == n)
            return json_real_value(json_array_get(values, i));
    ck_abort_msg("no %d", n);
    return 0.0;
}

/* Published, with a standard error below .001; the rest follows by symmetry. */
static const double profile_8[8] = {-1, -.6175, -.3759, -.1798, -.0006, .1787, .3750, .6169};

START_TEST(asymmetry_has_the_published_digits)
{
    struct program_result result = output_of("project --asymmetry --blocks 4000 --json -");
    json_t *json = json_loads(result.out, 0, NULL);
    const json_t *laws = json_object_get(json, "laws");
    for (size_t i = 0; i < sizeof published / sizeof published[0]; i++) {
        const json_t *law = json_array_get(laws, (size_t)published[i].law);
        char digits[32];
        snprintf(digits, sizeof digits, "%.4f", curve_value(law, published[i].n));
        ck_assert_msg(strcmp(digits, published[i].value) == 0, "law %d, n = %d: %s, not %s",
                      published[i].law, published[i].n, digits, published[i].value);
    }
    const json_t *gaussian = json_object_get(
        json_array_get(json_object_get(json_array_get(laws, 0), "profile"), 0), "value");
    const json_t *uniform = json_object_get(
        json_array_get(json_object_get(json_array_get(laws, 2), "profile"), 0), "value");
    for (size_t k = 0; k < 8; k++) { /* 4000 blocks: five standard errors */
        ck_assert(fabs(json_real_value(json_array_get(gaussian, k)) - profile_8[k]) < .035);
        ck_assert(fabs(json_real_value(json_array_get(uniform, k)) - (-1 + 2.0 * k / 8)) < .035);
    }
    json_decref(json);
    program_free(&result);
}
END_TEST

static Suite *project_suite(void)
{
    Suite *suite = suite_create("project");
    TCase *files = tcase_create("files"), *reports = tcase_create("reports");
    tcase_set_timeout(files, 300);
    tcase_set_timeout(reports, 300);
    tcase_add_checked_fixture(files, make_directory, remove_directory);
    tcase_add_test(files, png_has_the_colours_of_the_values);
    tcase_add_test(files, blanks_are_transparent);
    tcase_add_test(files, png_remembers_where_it_comes_from);
    tcase_add_test(files, files_are_the_same_with_any_threads_and_target);
    tcase_add_test(files, images_do_not_depend_on_how_they_are_made);
    tcase_add_test(files, several_maps_are_several_files);
    tcase_add_test(reports, sweep_finds_the_optimum);
    tcase_add_test(files, sweep_places_pixels);
    tcase_add_test(reports, asymmetry_has_the_published_digits);
    suite_add_tcase(suite, files);
    suite_add_tcase(suite, reports);
    return suite;
}

int main(void)
{
    return suite_run(project_suite());
}
