#include "raster_png.h"

#include <errno.h>
#include <math.h>
#include <png.h>
#include <stdlib.h>
#include <string.h>

enum {
    COLOURS = 255,   /* of 8 bits */
    BLANK = COLOURS, /* behind them */
    BAND = 64        /* rows that get their colours together, on all cores */
};

/* Of 16 bits, for pixels that are transparent; no palette has it. */
static const uint16_t blank_rgb[3] = {0xffff, 0, 0xffff};

/* ------------------------------------------------------------------------------------------------
 * Colours
 */

static void paint_8(const struct colouring *colouring, const double *values, size_t width,
                    uint8_t *row)
{
    for (size_t i = 0; i < width; i++) {
        const double t = colouring_place(colouring, values[i]);
        const double inside = t > 0.0 ? (t < 1.0 ? t : 1.0) : 0.0;
        row[i] = isnan(values[i]) ? BLANK : (uint8_t)(inside * (COLOURS - 1) + 0.5);
    }
}

static uint8_t *put_16(uint8_t *bytes, unsigned value)
{
    *bytes++ = (uint8_t)(value >> 8);
    *bytes++ = (uint8_t)value;
    return bytes;
}

static unsigned channel_16(double share)
{
    return (unsigned)(share * 65535.0 + 0.5);
}

static void paint_16(const struct colouring *colouring, const double *values, size_t width,
                     uint8_t *row)
{
    for (size_t i = 0; i < width; i++) {
        const struct rgb c =
            palette_colour(colouring->palette, colouring_place(colouring, values[i]));
        const bool blank = isnan(values[i]);
        row = put_16(row, blank ? blank_rgb[0] : channel_16(c.red));
        row = put_16(row, blank ? blank_rgb[1] : channel_16(c.green));
        row = put_16(row, blank ? blank_rgb[2] : channel_16(c.blue));
    }
}

/* ------------------------------------------------------------------------------------------------
 * Files
 */

struct raster_png {
    struct output *output;
    size_t width, height, row_bytes;
    const struct colouring *colouring;
    unsigned bits;
    uint8_t *rows; /* BAND of them */
    png_struct *png;
    png_info *info;
    int reason; /* errno of the write that failed */
};

static void write_bytes(png_struct *png, png_byte *bytes, size_t size)
{
    struct raster_png *image = png_get_io_ptr(png);
    if (fwrite(bytes, 1, size, image->output->file) == size)
        return;
    image->reason = errno;
    png_error(png, "write");
}

static void flush(png_struct *png)
{
    (void)png;
}

static void leave(png_struct *png, png_const_charp message)
{
    (void)message;
    png_longjmp(png, 1);
}

static void ignore(png_struct *png, png_const_charp message)
{
    (void)png;
    (void)message;
}

static png_byte to_8(double share)
{
    return (png_byte)(share * 255.0 + 0.5);
}

static void write_palette(struct raster_png *image)
{
    png_color colours[COLOURS + 1] = {{0, 0, 0}};
    png_byte alpha[COLOURS + 1];
    memset(alpha, 0xff, sizeof alpha);
    for (int i = 0; i < COLOURS; i++) {
        const struct rgb c = palette_colour(image->colouring->palette, (double)i / (COLOURS - 1));
        colours[i] = (png_color){to_8(c.red), to_8(c.green), to_8(c.blue)};
    }
    alpha[BLANK] = 0;
    png_set_PLTE(image->png, image->info, colours, COLOURS + 1);
    png_set_tRNS(image->png, image->info, alpha, COLOURS + 1, NULL);
}

static void write_blank_16(struct raster_png *image)
{
    const png_color_16 blank = {.red = blank_rgb[0], .green = blank_rgb[1], .blue = blank_rgb[2]};
    png_set_tRNS(image->png, image->info, NULL, 0, &blank);
}

/* Nothing local is used behind the jump, here and below. */
static bool write_header(struct raster_png *image)
{
    const bool wide = image->bits == 16;
    if (setjmp(png_jmpbuf(image->png)) != 0)
        return false;
    png_set_write_fn(image->png, image, write_bytes, flush);
    png_set_IHDR(image->png, image->info, (png_uint_32)image->width, (png_uint_32)image->height,
                 wide ? 16 : 8, wide ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_PALETTE,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (wide)
        write_blank_16(image);
    else
        write_palette(image);
    png_set_sRGB(image->png, image->info, PNG_sRGB_INTENT_PERCEPTUAL);
    png_write_info(image->png, image->info);
    return true;
}

static bool write_rows(struct raster_png *image, size_t rows)
{
    if (setjmp(png_jmpbuf(image->png)) != 0)
        return false;
    for (size_t i = 0; i < rows; i++)
        png_write_row(image->png, image->rows + i * image->row_bytes);
    return true;
}

static bool is_ascii(const char *text)
{
    while (*text > 0)
        text++;
    return !*text;
}

static void set_notes(struct raster_png *image, const struct png_note *notes, size_t nnotes)
{
    png_text texts[RASTER_PNG_MOST_NOTES];
    memset(texts, 0, sizeof texts);
    for (size_t i = 0; i < nnotes; i++) {
        union {
            const char *read_only;
            char *text;
        } keyword = {notes[i].keyword}, text = {notes[i].text};
        texts[i].compression =
            is_ascii(text.read_only) ? PNG_TEXT_COMPRESSION_NONE : PNG_ITXT_COMPRESSION_NONE;
        texts[i].key = keyword.text;
        texts[i].text = text.text;
    }
    png_set_text(image->png, image->info, texts, (int)nnotes);
}

static bool write_end(struct raster_png *image, const struct png_note *notes, size_t nnotes)
{
    if (setjmp(png_jmpbuf(image->png)) != 0)
        return false;
    set_notes(image, notes, nnotes);
    png_write_end(image->png, image->info);
    return true;
}

/* ------------------------------------------------------------------------------------------------
 * Images
 */

static bool cannot_write(const struct raster_png *image, struct error *error)
{
    return fail(error, "cannot write '%s': %s", image->output->path,
                image->reason ? strerror(image->reason) : "out of memory");
}

static bool allocate(struct raster_png *image)
{
    image->png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, leave, ignore);
    image->info = image->png ? png_create_info_struct(image->png) : NULL;
    image->rows = malloc(BAND * image->row_bytes);
    return image->info && image->rows;
}

struct raster_png *raster_png_begin(struct output *output, size_t width, size_t height,
                                    const struct colouring *colouring, unsigned bits,
                                    struct error *error)
{
    struct raster_png *image = calloc(1, sizeof *image);
    if (!image) {
        (void)fail(error, "out of memory");
        return NULL;
    }
    *image = (struct raster_png){
        .output = output,
        .width = width,
        .height = height,
        .row_bytes = width * (bits == 16 ? 6 : 1),
        .colouring = colouring,
        .bits = bits,
    };
    if (allocate(image) && write_header(image))
        return image;
    (void)cannot_write(image, error);
    raster_png_free(image);
    return NULL;
}

static void paint_band(struct raster_png *image, size_t rows, const double *values)
{
    const size_t width = image->width;
#pragma omp parallel for
    for (size_t i = 0; i < rows; i++) {
        if (image->bits == 16)
            paint_16(image->colouring, values + i * width, width,
                     image->rows + i * image->row_bytes);
        else
            paint_8(image->colouring, values + i * width, width,
                    image->rows + i * image->row_bytes);
    }
}

bool raster_png_add(struct raster_png *image, size_t rows, const double *values,
                    struct error *error)
{
    for (size_t first = 0; first < rows; first += BAND) {
        const size_t rest = rows - first, some = rest < BAND ? rest : BAND;
        paint_band(image, some, values + first * image->width);
        if (!write_rows(image, some))
            return cannot_write(image, error);
    }
    return true;
}

bool raster_png_end(struct raster_png *image, const struct png_note *notes, size_t nnotes,
                    struct error *error)
{
    if (!write_end(image, notes, nnotes))
        return cannot_write(image, error);
    return output_commit(image->output, error);
}

void raster_png_free(struct raster_png *image)
{
    if (!image)
        return;
    png_destroy_write_struct(&image->png, &image->info);
    free(image->rows);
    free(image);
}
