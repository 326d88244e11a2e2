/* The format table. */
#include "roundel.h"

#include <float.h>

/*
 * max_magnitude of a format with a binary16 scale: 65504 (the largest binary16 number) times the
 * largest scale code times the largest level; one level more for the min of affine formats.
 */
#define SCALE_MAX 65504.0

/* How a block stores its scale, at a byte offset. */
enum scale_kind {
    HALF,       /* a binary16 number */
    TWO_HALVES, /* two of them: scale and min */
    NIBBLES,    /* a binary16 number in the top nibbles of four 16-bit words */
    EXPONENT    /* a byte whose 255 is NaN */
};

struct format {
    struct rdl_format_info info;
    enum scale_kind scale_kind;
    uint8_t scale_at;
};

#define FORMAT(name, ggml_name, type, length, bytes, sub, grid, magnitude, kind, at)               \
    {                                                                                              \
        {name, ggml_name, type, length, bytes, sub, 8.0 * (bytes) / (length), grid, magnitude},    \
            kind, at                                                                               \
    }

static const struct format formats[RDL_FORMAT_COUNT] = {
    /* clang-format off */
    [RDL_Q8_0]    = FORMAT("q8_0",    "Q8_0",     8,  32,  34,  32, RDL_GRID_SYMMETRIC, SCALE_MAX * 128, HALF, 0),
    [RDL_Q4_K]    = FORMAT("q4_k",    "Q4_K",    12, 256, 144,  32, RDL_GRID_AFFINE,    SCALE_MAX * 63 * 16, TWO_HALVES, 0),
    [RDL_Q5_K]    = FORMAT("q5_k",    "Q5_K",    13, 256, 176,  32, RDL_GRID_AFFINE,    SCALE_MAX * 63 * 32, TWO_HALVES, 0),
    [RDL_IQ4_NL]  = FORMAT("iq4_nl",  "IQ4_NL",  20,  32,  18,  32, RDL_GRID_TABLE,     SCALE_MAX * 127, HALF, 0),
    [RDL_IQ2_XXS] = FORMAT("iq2_xxs", "IQ2_XXS", 16, 256,  66,  32, RDL_GRID_CODEBOOK,  SCALE_MAX * 15.5 * 0.25 * 43, HALF, 0),
    [RDL_IQ2_XS]  = FORMAT("iq2_xs",  "IQ2_XS",  17, 256,  74,  16, RDL_GRID_CODEBOOK,  SCALE_MAX * 15.5 * 0.25 * 43, HALF, 0),
    [RDL_IQ2_S]   = FORMAT("iq2_s",   "IQ2_S",   22, 256,  82,  16, RDL_GRID_CODEBOOK,  SCALE_MAX * 15.5 * 0.25 * 43, HALF, 0),
    [RDL_IQ3_XXS] = FORMAT("iq3_xxs", "IQ3_XXS", 18, 256,  98,  32, RDL_GRID_CODEBOOK,  SCALE_MAX * 15.5 * 0.5 * 62, HALF, 0),
    [RDL_IQ3_S]   = FORMAT("iq3_s",   "IQ3_S",   21, 256, 110,  32, RDL_GRID_CODEBOOK,  SCALE_MAX * 31 * 15, HALF, 0),
    [RDL_Q2_K]    = FORMAT("q2_k",    "Q2_K",    10, 256,  84,  16, RDL_GRID_AFFINE,    SCALE_MAX * 15 * 4, TWO_HALVES, 80),
    [RDL_Q3_K]    = FORMAT("q3_k",    "Q3_K",    11, 256, 110,  16, RDL_GRID_SYMMETRIC, SCALE_MAX * 32 * 4, HALF, 108),
    [RDL_Q6_K]    = FORMAT("q6_k",    "Q6_K",    14, 256, 210,  16, RDL_GRID_SYMMETRIC, SCALE_MAX * 128 * 32, HALF, 208),
    [RDL_IQ4_XS]  = FORMAT("iq4_xs",  "IQ4_XS",  23, 256, 136,  32, RDL_GRID_TABLE,     SCALE_MAX * 32 * 127, HALF, 0),
    [RDL_Q4_0]    = FORMAT("q4_0",    "Q4_0",     2,  32,  18,  32, RDL_GRID_SYMMETRIC, SCALE_MAX * 8, HALF, 0),
    [RDL_Q5_0]    = FORMAT("q5_0",    "Q5_0",     6,  32,  22,  32, RDL_GRID_SYMMETRIC, SCALE_MAX * 16, HALF, 0),
    [RDL_MXFP4]   = FORMAT("mxfp4",   "MXFP4",   39,  32,  17,  32, RDL_GRID_TABLE,     FLT_MAX, EXPONENT, 0),
    [RDL_TQ1_0]   = FORMAT("tq1_0",   "TQ1_0",   34, 256,  54, 256, RDL_GRID_TERNARY,   SCALE_MAX, HALF, 52),
    [RDL_TQ2_0]   = FORMAT("tq2_0",   "TQ2_0",   35, 256,  66, 256, RDL_GRID_TERNARY,   SCALE_MAX * 2, HALF, 64),
    [RDL_IQ1_S]   = FORMAT("iq1_s",   "IQ1_S",   19, 256,  50,  32, RDL_GRID_TERNARY,   SCALE_MAX * 15 * 1.125, HALF, 0),
    [RDL_IQ1_M]   = FORMAT("iq1_m",   "IQ1_M",   29, 256,  56,  16, RDL_GRID_TERNARY,   SCALE_MAX * 15 * 1.125, NIBBLES, 48),
    /* clang-format on */
};

const struct rdl_format_info *rdl_format_info(enum rdl_format format)
{
    return (unsigned)format < RDL_FORMAT_COUNT ? &formats[format].info : NULL;
}

size_t rdl_blocks_size(enum rdl_format format, size_t nrows, size_t ncols)
{
    const struct rdl_format_info *info = rdl_format_info(format);
    if (!info || ncols % info->block_length != 0)
        return 0;
    const size_t blocks_per_row = ncols / info->block_length;
    if (blocks_per_row > SIZE_MAX / info->block_bytes)
        return 0;
    const size_t row_bytes = blocks_per_row * info->block_bytes;
    if (row_bytes != 0 && nrows > SIZE_MAX / row_bytes)
        return 0;
    return nrows * row_bytes;
}

/* The exponent field of a binary16 number, at the top of its last byte, is not all ones. */
static bool high_byte_is_finite(unsigned high)
{
    return (high & 0x7Cu) != 0x7Cu;
}

static bool block_is_finite(const struct format *format, const uint8_t *block)
{
    const uint8_t *scale = block + format->scale_at;
    switch (format->scale_kind) {
    case HALF:
        return high_byte_is_finite(scale[1]);
    case TWO_HALVES:
        return high_byte_is_finite(scale[1]) && high_byte_is_finite(scale[3]);
    case NIBBLES: /* the exponent is in the last two */
        return high_byte_is_finite((scale[7] & 0xF0u) | scale[5] >> 4);
    case EXPONENT:
        break;
    }
    return scale[0] != 255;
}

/* Without a branch, and with what depends on the format outside of the loop: nearly always all of
 * them are. `high` is a byte offset of the upper byte of a binary16 number. */
static bool halves_are_finite(const uint8_t *high, size_t nblocks, size_t block_bytes)
{
    bool finite = true;
    for (size_t b = 0; b < nblocks; b++)
        finite &= high_byte_is_finite(high[b * block_bytes]);
    return finite;
}

static bool all_are_finite(const struct format *format, const uint8_t *blocks, size_t nblocks)
{
    const uint8_t *scale = blocks + format->scale_at;
    const size_t block_bytes = format->info.block_bytes;
    switch (format->scale_kind) {
    case HALF:
        return halves_are_finite(scale + 1, nblocks, block_bytes);
    case TWO_HALVES:
        return halves_are_finite(scale + 1, nblocks, block_bytes) &&
               halves_are_finite(scale + 3, nblocks, block_bytes);
    case NIBBLES:
    case EXPONENT:
        break;
    }
    return false;
}

size_t rdl_check_blocks(enum rdl_format format, const void *blocks, size_t nblocks)
{
    if ((unsigned)format >= RDL_FORMAT_COUNT)
        return nblocks;
    const uint8_t *block = blocks;
    if (all_are_finite(&formats[format], block, nblocks))
        return nblocks;
    size_t b = 0;
    while (b < nblocks && block_is_finite(&formats[format], block)) {
        block += formats[format].info.block_bytes;
        b++;
    }
    return b;
}
