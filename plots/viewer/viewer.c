#include "viewer.h"
#include "output.h"
#include "viewer_codes.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* viewer.S; pannellum's are empty where the build could not fetch it. */
#define EMBEDDED(name)                                                                             \
    extern const unsigned char name[];                                                             \
    extern const uint64_t name##_size
EMBEDDED(viewer_page);
EMBEDDED(viewer_css);
EMBEDDED(viewer_js);
EMBEDDED(viewer_pannellum_css);
EMBEDDED(viewer_pannellum_js);
EMBEDDED(viewer_pannellum_licence);

bool viewer_available(struct error *error)
{
    return viewer_pannellum_js_size > 0 ||
           fail(error, "a panorama needs pannellum, and this program was built without it: install "
                       "npm and build in a new directory");
}

/* ------------------------------------------------------------------------------------------------
 * What the script of the page gets to know
 */

struct page {
    FILE *file;
    const struct map *maps;
    size_t count;
    const struct viewer_codes *codes; /* of each map */
    const struct colouring *colouring;
    const char *title;
};

/* Bytes that are no UTF-8 are shown as escapes; null for none. */
static json_t *text_json(const char *text)
{
    char escaped[1024];
    if (!text)
        return json_null();
    json_t *string = json_string(text);
    return string ? string : json_string(escape(escaped, sizeof escaped, text, strlen(text)));
}

/* null for what is no number: the mean of a map of blanks. */
static json_t *number_json(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *palette_json(enum palette palette)
{
    enum {
        COLOURS = 256
    };
    char digits[COLOURS * 6 + 1];
    for (int i = 0; i < COLOURS; i++) {
        const struct rgb c = palette_colour(palette, i / (COLOURS - 1.0));
        snprintf(digits + 6 * i, 7, "%02x%02x%02x", (unsigned)lround(255 * c.red) & 255,
                 (unsigned)lround(255 * c.green) & 255, (unsigned)lround(255 * c.blue) & 255);
    }
    return json_string(digits);
}

static json_t *colouring_json(const struct colouring *colouring)
{
    return json_pack("{s:o, s:o, s:o, s:b, s:b, s:o, s:o}", "palette",
                     palette_json(colouring->palette), "low", number_json(colouring->low), "high",
                     number_json(colouring->high), "logarithmic", colouring->logarithmic,
                     "shuffled", colouring->shuffled, "title", text_json(colouring->title), "unit",
                     text_json(colouring->unit));
}

/* Without memory the array becomes NULL, and so does all that it gets into. */
static void append(json_t **array, json_t *item)
{
    if (json_array_append_new(*array, item) == 0)
        return;
    json_decref(*array);
    *array = NULL;
}

static json_t *numbers_json(const struct viewer_codes *codes)
{
    if (!codes->numbers)
        return json_null();
    json_t *numbers = json_array();
    for (size_t i = 0; i < codes->count; i++)
        append(&numbers, json_real(codes->numbers[i]));
    return numbers;
}

static json_t *map_json(const struct map *map, const struct viewer_codes *codes)
{
    const struct raster_statistics *s = &map->raster.statistics;
    return json_pack("{s:o, s:o, s:o, s:o, s:b, s:b, s:o, s:o, s:o, s:o, s:I}", "title",
                     text_json(map->title), "numbers", numbers_json(codes), "first",
                     number_json(codes->first), "last", number_json(codes->last), "logarithmic",
                     codes->logarithmic, "floor", codes->floor, "min", number_json(s->min), "mean",
                     number_json(s->mean), "areaMean", number_json(s->area_mean), "max",
                     number_json(s->max), "blanks", (json_int_t)s->blanks);
}

static json_t *page_json(const struct page *page)
{
    json_t *maps = json_array();
    for (size_t i = 0; i < page->count; i++)
        append(&maps, map_json(&page->maps[i], &page->codes[i]));
    return json_pack("{s:I, s:I, s:o, s:o}", "width", (json_int_t)page->maps[0].raster.width,
                     "height", (json_int_t)page->maps[0].raster.height, "colouring",
                     colouring_json(page->colouring), "maps", maps);
}

/* ------------------------------------------------------------------------------------------------
 * Parts of the page
 */

static void put_html(FILE *file, const char *text)
{
    for (; *text; text++)
        switch (*text) {
        case '<':
            fputs("&lt;", file);
            break;
        case '>':
            fputs("&gt;", file);
            break;
        case '&':
            fputs("&amp;", file);
            break;
        default:
            putc(*text, file);
        }
}

static bool put_title(const struct page *page)
{
    json_t *text = text_json(page->title);
    if (text)
        put_html(page->file, json_string_value(text));
    json_decref(text);
    return text != NULL;
}

/* A script ends at the first "</script", whatever that is part of: no "<" is left. */
static bool put_data(const struct page *page)
{
    json_t *json = page_json(page);
    char *text = json ? json_dumps(json, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
    json_decref(json);
    if (!text)
        return false;
    for (const char *c = text; *c; c++)
        if (*c == '<')
            fputs("\\u003c", page->file);
        else
            putc(*c, page->file);
    free(text);
    return true;
}

static bool put_codes(const struct page *page)
{
    for (size_t i = 0; i < page->count; i++) {
        fprintf(page->file, "<script type=\"text/plain\" id=\"codes-%zu\">", i);
        viewer_codes_write(page->file, &page->codes[i], &page->maps[i].raster);
        fputs("</script>\n", page->file);
    }
    return true;
}

/* What {{name}} of page.html stands for: an embedded file, or what a function writes. */
static const struct part {
    const char *name;
    bool (*put)(const struct page *page); /* false: no memory */
    const unsigned char *bytes;
    const uint64_t *size;
} parts[] = {
    {"title", put_title, NULL, NULL},
    {"data", put_data, NULL, NULL},
    {"codes", put_codes, NULL, NULL},
    {"viewer.css", NULL, viewer_css, &viewer_css_size},
    {"viewer.js", NULL, viewer_js, &viewer_js_size},
    {"pannellum.css", NULL, viewer_pannellum_css, &viewer_pannellum_css_size},
    {"pannellum.js", NULL, viewer_pannellum_js, &viewer_pannellum_js_size},
    {"pannellum.licence", NULL, viewer_pannellum_licence, &viewer_pannellum_licence_size},
};

static bool put_part(const struct page *page, const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        const struct part *part = &parts[i];
        if (strlen(part->name) != length || memcmp(part->name, name, length) != 0)
            continue;
        if (part->put)
            return part->put(page);
        fwrite(part->bytes, 1, *part->size, page->file);
    }
    return true;
}

static bool put_page(const struct page *page)
{
    const char *at = (const char *)viewer_page, *const end = at + viewer_page_size;
    while (at < end) {
        if (end - at < 2 || memcmp(at, "{{", 2) != 0) {
            putc(*at++, page->file);
            continue;
        }
        const char *name = at + 2, *behind = memchr(name, '}', (size_t)(end - name));
        if (!put_part(page, name, (size_t)(behind - name)))
            return false;
        at = behind + 2;
    }
    return true;
}

/* ------------------------------------------------------------------------------------------------
 * The file
 */

static bool check_maps(const struct map *maps, size_t count, const struct colouring *colouring,
                       struct error *error)
{
    if (count == 0)
        return fail(error, "a panorama needs a map");
    const size_t width = maps[0].raster.width;
    for (size_t i = 0; i < count; i++) {
        const struct raster *raster = &maps[i].raster;
        if (raster->width != width)
            return fail(error, "the maps of a panorama are of one size, not %zu and %zu wide",
                        width, raster->width);
        if (width < 2 || width > VIEWER_MAX_WIDTH || raster->height != width / 2 || width % 2)
            return fail(error,
                        "a map of a panorama is twice as wide as high and at most %d wide, not "
                        "%zu by %zu",
                        VIEWER_MAX_WIDTH, width, raster->height);
    }
    if (!isfinite(colouring->low) || !isfinite(colouring->high) ||
        colouring->low >= colouring->high || (colouring->logarithmic && colouring->low <= 0))
        return fail(error, "no colours from %g to %g", colouring->low, colouring->high);
    return true;
}

static bool write_page(struct page *page, const char *path, struct error *error)
{
    struct output output;
    if (!output_open(&output, path, error))
        return false;
    page->file = output.file;
    if (put_page(page))
        return output_commit(&output, error);
    output_abandon(&output);
    return fail(error, "cannot write '%s': %s", path, strerror(ENOMEM));
}

bool viewer_write(const char *path, const struct map *maps, size_t count,
                  const struct colouring *colouring, const char *title, struct error *error)
{
    if (!viewer_available(error) || !check_maps(maps, count, colouring, error))
        return false;
    struct viewer_codes *codes = calloc(count, sizeof *codes);
    if (!codes)
        return fail(error, "no memory for %zu maps", count);
    size_t coded = 0;
    while (coded < count && viewer_codes_for(&codes[coded], &maps[coded], colouring, error))
        coded++;
    struct page page = {
        .maps = maps, .count = count, .codes = codes, .colouring = colouring, .title = title};
    const bool done = coded == count && write_page(&page, path, error);
    while (coded > 0)
        viewer_codes_free(&codes[--coded]);
    free(codes);
    return done;
}
