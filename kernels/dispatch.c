/* From a job to the kernel that kernels.def names for it, if the call is right. */
#include "dispatch.h"

#include "neighbours.h"

struct encoder {
    uint8_t format, rounding, weightings, importance, target;
    rdl_encode_fn *encode;
};

struct decoder {
    uint8_t format, target;
    rdl_decode_fn *decode;
};

#define RDL_ENCODER(format, rounding, weightings, importance, target, function)                    \
    {RDL_##format, RDL_##rounding, weightings, importance, RDL_##target, function},
#define RDL_DECODER(format, target, function)
static const struct encoder encoders[] = {
#include "kernels.def"
};
#undef RDL_ENCODER
#undef RDL_DECODER

#define RDL_ENCODER(format, rounding, weightings, importance, target, function)
#define RDL_DECODER(format, target, function) {RDL_##format, RDL_##target, function},
static const struct decoder decoders[] = {
#include "kernels.def"
};
#undef RDL_ENCODER
#undef RDL_DECODER

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const struct encoder *find_encoder(enum rdl_format format, enum rdl_rounding rounding,
                                          enum rdl_weighting weighting, enum rdl_target target,
                                          unsigned importance)
{
    for (size_t i = 0; i < COUNT(encoders); i++) {
        const struct encoder *e = &encoders[i];
        if (e->format == format && e->rounding == rounding && e->target == target &&
            (e->weightings >> weighting & 1u) && (e->importance & importance))
            return e;
    }
    return NULL;
}

static rdl_decode_fn *find_decoder(enum rdl_format format, enum rdl_target target)
{
    for (size_t i = 0; i < COUNT(decoders); i++)
        if (decoders[i].format == format && decoders[i].target == target)
            return decoders[i].decode;
    return NULL;
}

unsigned rdl_encoder_support(enum rdl_format format, enum rdl_rounding rounding,
                             enum rdl_weighting weighting, enum rdl_target target)
{
    if ((unsigned)weighting >= RDL_WEIGHTING_COUNT)
        return 0;
    unsigned support = 0;
    for (unsigned importance = RDL_PLAIN; importance <= RDL_WITH_IMPORTANCE; importance <<= 1)
        if (find_encoder(format, rounding, weighting, target, importance))
            support |= importance;
    return support;
}

bool rdl_decoder_support(enum rdl_format format, enum rdl_target target)
{
    return find_decoder(format, target) != NULL;
}

size_t rdl_scratch_size(const struct rdl_job *job)
{
    (void)job;
    return 0;
}

/* What quantize and dequantize have in common. */
static enum rdl_status check_shape(const struct rdl_job *job)
{
    const struct rdl_format_info *info = rdl_format_info(job->format);
    if (!info || (unsigned)job->target >= RDL_TARGET_COUNT || (job->flags & ~RDL_GO_ON))
        return RDL_UNKNOWN_VALUE;
    if (job->ncols % info->block_length != 0)
        return RDL_ROW_LENGTH;
    const size_t most = SIZE_MAX / sizeof(float);
    if (job->ncols > most || (job->ncols != 0 && job->nrows > most / job->ncols))
        return RDL_TOO_LARGE; /* a block is never larger than its weights */
    return RDL_OK;
}

enum rdl_status rdl_job_encoder(const struct rdl_job *job, bool with_importance,
                                rdl_encode_fn **encode)
{
    const enum rdl_status status = check_shape(job);
    if (status != RDL_OK)
        return status;
    if ((unsigned)job->rounding >= RDL_ROUNDING_COUNT ||
        (unsigned)job->weighting >= RDL_WEIGHTING_COUNT)
        return RDL_UNKNOWN_VALUE;
    const unsigned wanted = with_importance ? RDL_WITH_IMPORTANCE : RDL_PLAIN;
    const struct encoder *encoder =
        find_encoder(job->format, job->rounding, job->weighting, job->target, wanted);
    if (encoder) {
        *encode = encoder->encode;
        if (job->scratch_size < rdl_scratch_size(job))
            return RDL_SCRATCH_TOO_SMALL;
        const bool needs_tables = encoder->importance & RDL_NEEDS_TABLES;
        return needs_tables && !rdl_tables_match(job->format, job->tables) ? RDL_TABLES_REQUIRED
                                                                           : RDL_OK;
    }
    if (!rdl_encoder_support(job->format, job->rounding, job->weighting, job->target))
        return RDL_UNSUPPORTED;
    return with_importance ? RDL_IMPORTANCE_REFUSED : RDL_IMPORTANCE_REQUIRED;
}

enum rdl_status rdl_dequantize(const struct rdl_job *job, const void *blocks, float *x)
{
    if (!job)
        return RDL_NULL_POINTER;
    const enum rdl_status status = check_shape(job);
    if (status != RDL_OK)
        return status;
    rdl_decode_fn *decode = find_decoder(job->format, job->target);
    if (!decode)
        return RDL_UNSUPPORTED;
    if (job->nrows == 0 || job->ncols == 0)
        return RDL_OK;
    if (!blocks || !x)
        return RDL_NULL_POINTER;
    decode(blocks, job->nrows * (job->ncols / rdl_format_info(job->format)->block_length), x);
    return RDL_OK;
}
