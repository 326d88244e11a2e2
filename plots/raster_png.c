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

struct writer {
    struct output *output;
    const struct raster *raster;
    const struct colouring *colouring;
    unsigned bits;
    const struct png_note *notes;
    size_t nnotes, row_bytes;
    uint8_t *rows; /* BAND of them */
    png_struct *png;
    png_info *info;
    int reason; /* errno of the write that failed */
};

static void write_bytes(png_struct *png, png_byte *bytes, size_t size)
{
    struct writer *writer = png_get_io_ptr(png);
    if (fwrite(bytes, 1, size, writer->output->file) == size)
        return;
    writer->reason = errno;
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

static void write_palette(struct writer *w)
{
    png_color colours[COLOURS + 1] = {{0, 0, 0}};
    png_byte alpha[COLOURS + 1];
    memset(alpha, 0xff, sizeof alpha);
    for (int i = 0; i < COLOURS; i++) {
        const struct rgb c = palette_colour(w->colouring->palette, (double)i / (COLOURS - 1));
        colours[i] = (png_color){to_8(c.red), to_8(c.green), to_8(c.blue)};
    }
    alpha[BLANK] = 0;
    png_set_PLTE(w->png, w->info, colours, COLOURS + 1);
    if (w->raster->statistics.blanks > 0)
        png_set_tRNS(w->png, w->info, alpha, COLOURS + 1, NULL);
}

static void write_blank_16(struct writer *w)
{
    const png_color_16 blank = {.red = blank_rgb[0], .green = blank_rgb[1], .blue = blank_rgb[2]};
    if (w->raster->statistics.blanks > 0)
        png_set_tRNS(w->png, w->info, NULL, 0, &blank);
}

static bool is_ascii(const char *text)
{
    while (*text > 0)
        text++;
    return !*text;
}

static void write_notes(struct writer *w)
{
    png_text texts[RASTER_PNG_MOST_NOTES];
    memset(texts, 0, sizeof texts);
    for (size_t i = 0; i < w->nnotes; i++) {
        union {
            const char *read_only;
            char *text;
        } keyword = {w->notes[i].keyword}, text = {w->notes[i].text};
        texts[i].compression =
            is_ascii(text.read_only) ? PNG_TEXT_COMPRESSION_NONE : PNG_ITXT_COMPRESSION_NONE;
        texts[i].key = keyword.text;
        texts[i].text = text.text;
    }
    png_set_text(w->png, w->info, texts, (int)w->nnotes);
}

static void write_header(struct writer *w)
{
    const bool wide = w->bits == 16;
    png_set_IHDR(w->png, w->info, (png_uint_32)w->raster->width, (png_uint_32)w->raster->height,
                 wide ? 16 : 8, wide ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_PALETTE,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (wide)
        write_blank_16(w);
    else
        write_palette(w);
    png_set_sRGB(w->png, w->info, PNG_sRGB_INTENT_PERCEPTUAL);
    write_notes(w);
    png_write_info(w->png, w->info);
}

static void paint_band(struct writer *w, size_t first, size_t rows)
{
    const size_t width = w->raster->width;
#pragma omp parallel for
    for (size_t i = 0; i < rows; i++) {
        const double *values = w->raster->values + (first + i) * width;
        if (w->bits == 16)
            paint_16(w->colouring, values, width, w->rows + i * w->row_bytes);
        else
            paint_8(w->colouring, values, width, w->rows + i * w->row_bytes);
    }
}

static void write_rows(struct writer *w)
{
    for (size_t first = 0; first < w->raster->height; first += BAND) {
        const size_t rest = w->raster->height - first, rows = rest < BAND ? rest : BAND;
        paint_band(w, first, rows);
        for (size_t i = 0; i < rows; i++)
            png_write_row(w->png, w->rows + i * w->row_bytes);
    }
    png_write_end(w->png, w->info);
}

/* All that may end with a jump: nothing local is used behind it. */
static bool write_image(struct writer *w)
{
    if (setjmp(png_jmpbuf(w->png)) != 0)
        return false;
    png_set_write_fn(w->png, w, write_bytes, flush);
    write_header(w);
    write_rows(w);
    return true;
}

bool raster_png_write(struct output *output, const struct raster *raster,
                      const struct colouring *colouring, unsigned bits,
                      const struct png_note *notes, size_t nnotes, struct error *error)
{
    struct writer w = {
        .output = output,
        .raster = raster,
        .colouring = colouring,
        .bits = bits,
        .notes = notes,
        .nnotes = nnotes,
        .row_bytes = raster->width * (bits == 16 ? 6 : 1),
        .png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, leave, ignore),
    };
    w.info = w.png ? png_create_info_struct(w.png) : NULL;
    w.rows = malloc(BAND * w.row_bytes);
    const bool ready = w.info && w.rows, written = ready && write_image(&w);
    png_destroy_write_struct(&w.png, &w.info);
    free(w.rows);
    if (written)
        return output_commit(output, error);
    output_abandon(output);
    return fail(error, "cannot write '%s': %s", output->path,
                w.reason ? strerror(w.reason) : "out of memory");
}
