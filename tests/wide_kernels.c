/* kernels.def lists the functions of the wide twin. */
#define RDL_SIMD_WIDE
#include "wide_kernels.h"

#include <stdio.h>

/* A value of the enumeration that stands for no target of the library. */
#define RDL_WIDE RDL_TARGET_COUNT

#define RDL_ENCODER(format, rounding, weightings, importance, target, function)                    \
    {RDL_##format, RDL_##rounding, weightings, importance, RDL_##target, function},
#define RDL_DECODER(format, target, function)
static const struct {
    enum rdl_format format;
    enum rdl_rounding rounding;
    unsigned weightings, importance;
    enum rdl_target target;
    rdl_encode_fn *encode;
} encoder_rows[] = {
#include "kernels.def"
};
#undef RDL_ENCODER
#undef RDL_DECODER

#define RDL_ENCODER(format, rounding, weightings, importance, target, function)
#define RDL_DECODER(format, target, function) {RDL_##format, RDL_##target, function},
static const struct {
    enum rdl_format format;
    enum rdl_target target;
    rdl_decode_fn *decode;
} decoder_rows[] = {
#include "kernels.def"
};
#undef RDL_ENCODER
#undef RDL_DECODER

enum {
    NENCODER_ROWS = sizeof encoder_rows / sizeof encoder_rows[0],
    NDECODER_ROWS = sizeof decoder_rows / sizeof decoder_rows[0]
};

static struct encoder encoders[2 * NENCODER_ROWS];
static struct decoder decoders[NDECODER_ROWS];
static size_t nencoders, ndecoders;

static bool is_listed(rdl_encode_fn *encode, bool with_importance)
{
    for (size_t i = 0; i < nencoders; i++)
        if (encoders[i].encode == encode && encoders[i].with_importance == with_importance)
            return true;
    return false;
}

static enum rdl_weighting first_weighting(unsigned weightings)
{
    unsigned first = 0;
    while (!(weightings >> first & 1u))
        first++;
    return (enum rdl_weighting)first;
}

static void add_encoder(size_t row, bool with_importance)
{
    struct encoder *encoder = &encoders[nencoders++];
    *encoder = (struct encoder){
        .format = encoder_rows[row].format,
        .rounding = encoder_rows[row].rounding,
        .weighting = first_weighting(encoder_rows[row].weightings),
        .target = RDL_WIDE,
        .with_importance = with_importance,
        .encode = encoder_rows[row].encode,
        .info = rdl_format_info(encoder_rows[row].format),
    };
    (void)snprintf(encoder->name, sizeof encoder->name, "%s/%s/%s/wide%s", encoder->info->name,
                   rdl_rounding_name(encoder->rounding), rdl_weighting_name(encoder->weighting),
                   with_importance ? " with importance" : "");
}

const struct encoder *wide_encoder_list(size_t *count)
{
    if (nencoders == 0)
        for (size_t row = 0; row < NENCODER_ROWS; row++)
            for (unsigned i = RDL_PLAIN; i <= RDL_WITH_IMPORTANCE; i <<= 1)
                if (encoder_rows[row].target == RDL_WIDE && (encoder_rows[row].importance & i) &&
                    !is_listed(encoder_rows[row].encode, i == RDL_WITH_IMPORTANCE))
                    add_encoder(row, i == RDL_WITH_IMPORTANCE);
    *count = nencoders;
    return encoders;
}

const struct decoder *wide_decoder_list(size_t *count)
{
    if (ndecoders == 0)
        for (size_t row = 0; row < NDECODER_ROWS; row++)
            if (decoder_rows[row].target == RDL_WIDE) {
                struct decoder *decoder = &decoders[ndecoders++];
                *decoder = (struct decoder){
                    .format = decoder_rows[row].format,
                    .target = RDL_WIDE,
                    .decode = decoder_rows[row].decode,
                    .info = rdl_format_info(decoder_rows[row].format),
                };
                (void)snprintf(decoder->name, sizeof decoder->name, "%s/wide", decoder->info->name);
            }
    *count = ndecoders;
    return decoders;
}
