#include "figure.h"

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <errno.h>
#include <fontconfig/fontconfig.h>
#include <math.h>
#include <string.h>
#include <strings.h>

enum {
    POINTS_PER_INCH = 72,
    PIXELS_PER_INCH = 300
};

static const char *const endings[FIGURE_KIND_COUNT] = {".png", ".pdf", ".svg"};

static bool find_kind(enum figure_kind *kind, const char *path, struct error *error)
{
    const char *slash = strrchr(path, '/');
    const char *ending = strrchr(slash ? slash : path, '.');
    for (unsigned i = 0; i < FIGURE_KIND_COUNT; i++)
        if (ending && strcasecmp(ending, endings[i]) == 0) {
            *kind = (enum figure_kind)i;
            return true;
        }
    return fail(error, "'%s': the name of a figure ends in .png, .pdf or .svg", path);
}

bool figure_open(struct figure *figure, const char *path, struct error *error)
{
    return find_kind(&figure->kind, path, error) && output_open(&figure->output, path, error);
}

void figure_abandon(struct figure *figure)
{
    output_abandon(&figure->output);
}

void figure_release_caches(void)
{
    cairo_debug_reset_static_data();
    FcFini();
}

/* ------------------------------------------------------------------------------------------------
 * Surfaces
 */

/* Where a surface writes to. */
struct stream {
    FILE *file;
    int reason; /* errno of the write that failed */
};

static cairo_status_t write_bytes(void *closure, const unsigned char *bytes, unsigned size)
{
    struct stream *stream = closure;
    if (fwrite(bytes, 1, size, stream->file) == size)
        return CAIRO_STATUS_SUCCESS;
    stream->reason = errno;
    return CAIRO_STATUS_WRITE_ERROR;
}

static double pixels(double points)
{
    return points * PIXELS_PER_INCH / POINTS_PER_INCH;
}

static cairo_surface_t *open_surface(enum figure_kind kind, struct stream *stream, double width,
                                     double height)
{
    cairo_surface_t *surface = NULL;
    switch (kind) {
    case FIGURE_PNG:
        surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)lround(pixels(width)),
                                             (int)lround(pixels(height)));
        cairo_surface_set_device_scale(surface, pixels(1), pixels(1));
        break;
    case FIGURE_PDF:
        surface = cairo_pdf_surface_create_for_stream(write_bytes, stream, width, height);
        /* An empty date leaves the entry out: a file does not change with the clock. */
        cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, "");
        break;
    case FIGURE_SVG:
        surface = cairo_svg_surface_create_for_stream(write_bytes, stream, width, height);
        break;
    case FIGURE_KIND_COUNT:
        break;
    }
    return surface;
}

/* Unhinted, so that letters are as wide on the page that is thrown away as on every other. */
static void set_fonts(cairo_t *cairo)
{
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_set_font_options(cairo, options);
    cairo_font_options_destroy(options);
}

/* The height that the drawing took; *status says whether it could be drawn. */
static double draw_on(cairo_surface_t *surface, double width, figure_draw_fn *draw,
                      const void *subject, cairo_status_t *status)
{
    cairo_t *cairo = cairo_create(surface);
    cairo_set_source_rgb(cairo, 1, 1, 1);
    cairo_paint(cairo);
    set_fonts(cairo);
    const double height = draw(cairo, width, subject);
    *status = cairo_status(cairo);
    cairo_destroy(cairo);
    return height;
}

static double measure(double width, figure_draw_fn *draw, const void *subject,
                      cairo_status_t *status)
{
    cairo_surface_t *surface = cairo_recording_surface_create(CAIRO_CONTENT_COLOR_ALPHA, NULL);
    const double height = draw_on(surface, width, draw, subject, status);
    cairo_surface_destroy(surface);
    return height;
}

static cairo_status_t write_surface(enum figure_kind kind, struct stream *stream, double width,
                                    double height, figure_draw_fn *draw, const void *subject)
{
    cairo_surface_t *surface = open_surface(kind, stream, width, height);
    cairo_status_t status;
    draw_on(surface, width, draw, subject, &status);
    if (status == CAIRO_STATUS_SUCCESS && kind == FIGURE_PNG)
        status = cairo_surface_write_to_png_stream(surface, write_bytes, stream);
    cairo_surface_finish(surface);
    if (status == CAIRO_STATUS_SUCCESS)
        status = cairo_surface_status(surface);
    cairo_surface_destroy(surface);
    return status;
}

bool figure_write(struct figure *figure, double width, figure_draw_fn *draw, const void *subject,
                  struct error *error)
{
    struct stream stream = {.file = figure->output.file};
    cairo_status_t status;
    const double height = measure(width, draw, subject, &status);
    if (status == CAIRO_STATUS_SUCCESS)
        status = write_surface(figure->kind, &stream, width, height, draw, subject);
    /* PDF surfaces keep failed writes to themselves. */
    if (status == CAIRO_STATUS_SUCCESS && stream.reason == 0)
        return output_commit(&figure->output, error);
    figure_abandon(figure);
    return fail(error, "cannot write '%s': %s", figure->output.path,
                stream.reason ? strerror(stream.reason) : cairo_status_to_string(status));
}
