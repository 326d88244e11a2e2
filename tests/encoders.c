#include "encoders.h"

#include <stdio.h>
#include <stdlib.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

struct encoder_row {
    enum rdl_format format;
    enum rdl_rounding rounding;
    unsigned weightings, importance;
    enum rdl_target target;
    rdl_encode_fn *encode;
};

struct decoder_row {
    enum rdl_format format;
    enum rdl_target target;
    rdl_decode_fn *decode;
};

#define RDL_ENCODER(format, rounding, weightings, importance, target, function)                    \
    {RDL_##format, RDL_##rounding, weightings, importance, RDL_##target, function},
#define RDL_DECODER(format, target, function)
static const struct encoder_row encoder_rows[] = {
#include "kernels.def"
};
#undef RDL_ENCODER
#undef RDL_DECODER

#define RDL_ENCODER(format, rounding, weightings, importance, target, function)
#define RDL_DECODER(format, target, function) {RDL_##format, RDL_##target, function},
static const struct decoder_row decoder_rows[] = {
#include "kernels.def"
};
#undef RDL_ENCODER
#undef RDL_DECODER

rdl_encode_fn *find_encode(enum rdl_format format, enum rdl_rounding rounding,
                           enum rdl_weighting weighting, bool with_importance,
                           enum rdl_target target)
{
    const unsigned importance = with_importance ? RDL_WITH_IMPORTANCE : RDL_PLAIN;
    for (size_t i = 0; i < COUNT(encoder_rows); i++) {
        const struct encoder_row *row = &encoder_rows[i];
        if (row->format == format && row->rounding == rounding && row->target == target &&
            (row->weightings >> weighting & 1u) && (row->importance & importance))
            return row->encode;
    }
    return NULL;
}

rdl_decode_fn *find_decode(enum rdl_format format, enum rdl_target target)
{
    for (size_t i = 0; i < COUNT(decoder_rows); i++)
        if (decoder_rows[i].format == format && decoder_rows[i].target == target)
            return decoder_rows[i].decode;
    return NULL;
}

/* ------------------------------------------------------------------------------------------------
 * The lists
 */

enum {
    MAX_ENCODERS = RDL_FORMAT_COUNT * RDL_FIRST_SEARCH * RDL_WEIGHTING_COUNT * RDL_TARGET_COUNT * 2,
    MAX_DECODERS = RDL_FORMAT_COUNT * RDL_TARGET_COUNT
};

static struct encoder encoders[MAX_ENCODERS];
static struct decoder decoders[MAX_DECODERS];
static size_t nencoders, ndecoders;

static void add_encoder(struct encoder encoder)
{
    encoder.info = rdl_format_info(encoder.format);
    encoder.encode = find_encode(encoder.format, encoder.rounding, encoder.weighting,
                                 encoder.with_importance, encoder.target);
    (void)snprintf(encoder.name, sizeof encoder.name, "%s/%s/%s/%s%s", encoder.info->name,
                   rdl_rounding_name(encoder.rounding), rdl_weighting_name(encoder.weighting),
                   rdl_target_name(encoder.target),
                   encoder.with_importance ? " with importance" : "");
    encoders[nencoders++] = encoder;
}

static void add_encoders(enum rdl_format format, enum rdl_rounding rounding,
                         enum rdl_weighting weighting, enum rdl_target target)
{
    const unsigned support = rdl_encoder_support(format, rounding, weighting, target);
    for (int with_importance = 0; with_importance <= 1; with_importance++)
        if (support & (with_importance ? RDL_WITH_IMPORTANCE : RDL_PLAIN))
            add_encoder((struct encoder){
                .format = format,
                .rounding = rounding,
                .weighting = weighting,
                .target = target,
                .with_importance = with_importance != 0,
            });
}

const struct encoder *encoder_list(size_t *count)
{
    const unsigned targets = rdl_detect_targets();
    if (nencoders == 0)
        for (unsigned f = 0; f < RDL_FORMAT_COUNT; f++)
            for (unsigned r = 0; r < RDL_FIRST_SEARCH; r++)
                for (unsigned w = 0; w < RDL_WEIGHTING_COUNT; w++)
                    for (unsigned t = 0; t < RDL_TARGET_COUNT; t++)
                        if (targets >> t & 1u)
                            add_encoders((enum rdl_format)f, (enum rdl_rounding)r,
                                         (enum rdl_weighting)w, (enum rdl_target)t);
    *count = nencoders;
    return encoders;
}

static bool is_listed(const struct encoder *list, size_t count, const struct encoder *encoder)
{
    for (size_t i = 0; i < count; i++)
        if (list[i].encode == encoder->encode && list[i].target == encoder->target &&
            list[i].with_importance == encoder->with_importance)
            return true;
    return false;
}

/* Where tests take long, under emulators and sanitizers, other targets than scalar run one format
 * of each family; all of them are compared with scalar by other tests. */
static bool is_left_out(const struct encoder *encoder)
{
#if defined(ROUNDEL_SLOW_RUN)
    static const enum rdl_format families[] = {RDL_Q8_0, RDL_Q2_K, RDL_IQ4_NL, RDL_IQ2_S, RDL_Q3_K};
    bool stays = encoder->target == RDL_SCALAR;
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++)
        stays |= encoder->format == families[i];
    return !stays;
#else
    (void)encoder;
    return false;
#endif
}

const struct encoder *kernel_list(size_t *count)
{
    static struct encoder kernels[MAX_ENCODERS];
    static size_t nkernels;
    if (nkernels == 0) {
        size_t all;
        const struct encoder *list = encoder_list(&all);
        for (size_t i = 0; i < all; i++)
            if (!is_listed(kernels, nkernels, &list[i]) && !is_left_out(&list[i]))
                kernels[nkernels++] = list[i];
    }
    /* Tests fork: tables that the parent has are built once. */
    for (size_t i = 0; i < nkernels; i++)
        (void)encoder_tables(kernels[i].format);
    *count = nkernels;
    return kernels;
}

static void add_decoder(enum rdl_format format, enum rdl_target target)
{
    struct decoder *decoder = &decoders[ndecoders++];
    *decoder = (struct decoder){
        .format = format,
        .target = target,
        .decode = find_decode(format, target),
        .info = rdl_format_info(format),
    };
    (void)snprintf(decoder->name, sizeof decoder->name, "%s/%s", decoder->info->name,
                   rdl_target_name(target));
}

const struct decoder *decoder_list(size_t *count)
{
    const unsigned targets = rdl_detect_targets();
    if (ndecoders == 0)
        for (unsigned f = 0; f < RDL_FORMAT_COUNT; f++)
            for (unsigned t = 0; t < RDL_TARGET_COUNT; t++)
                if ((targets >> t & 1u) &&
                    rdl_decoder_support((enum rdl_format)f, (enum rdl_target)t))
                    add_decoder((enum rdl_format)f, (enum rdl_target)t);
    *count = ndecoders;
    return decoders;
}

/* ------------------------------------------------------------------------------------------------
 * Jobs
 */

const void *encoder_tables(enum rdl_format format)
{
    static void *tables[RDL_FORMAT_COUNT];
    const size_t size = rdl_tables_size(format);
    if (size != 0 && !tables[format]) {
        tables[format] = malloc(size);
        if (rdl_tables_build(format, tables[format], size) != RDL_OK) {
            (void)fprintf(stderr, "%s: no tables\n", rdl_format_info(format)->name);
            exit(EXIT_FAILURE);
        }
    }
    return tables[format];
}

/* More than any encoder without a solver needs. */
static _Alignas(64) unsigned char scratch[65536];

struct rdl_job encoder_job(const struct encoder *encoder, size_t nrows, size_t ncols)
{
    struct rdl_job job = {
        .format = encoder->format,
        .rounding = encoder->rounding,
        .weighting = encoder->weighting,
        .target = encoder->target,
        .nrows = nrows,
        .ncols = ncols,
        .tables = encoder_tables(encoder->format),
    };
    job.scratch_size = rdl_scratch_size(&job);
    if (job.scratch_size > sizeof scratch) {
        (void)fprintf(stderr, "%s wants %zu bytes of scratch\n", encoder->name, job.scratch_size);
        exit(EXIT_FAILURE);
    }
    job.scratch = job.scratch_size ? scratch : NULL;
    return job;
}

struct rdl_job decoder_job(const struct decoder *decoder, size_t nrows, size_t ncols)
{
    return (struct rdl_job){
        .format = decoder->format, .target = decoder->target, .nrows = nrows, .ncols = ncols};
}
