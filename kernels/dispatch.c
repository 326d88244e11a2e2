/* From a job to the kernel that kernels.def names for it, if the call is right. */
#include "dispatch.h"

#include "neighbours.h"
#include "searches.h"

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

#define RDL_ENCODER(format, rounding, weightings, importance, target, function)
#define RDL_DECODER(format, target, function)
#define RDL_PASSES(target, passes) [RDL_##target] = &passes,
static const struct rdl_passes *const target_passes[RDL_TARGET_COUNT] = {
#include "kernels.def"
};
#undef RDL_ENCODER
#undef RDL_DECODER
#undef RDL_PASSES

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

/* Searches run on every target that the library has anything for. */
static bool target_exists(enum rdl_target target)
{
    return (unsigned)target < RDL_TARGET_COUNT && target_passes[target];
}

unsigned rdl_encoder_support(enum rdl_format format, enum rdl_rounding rounding,
                             enum rdl_weighting weighting, enum rdl_target target)
{
    if ((unsigned)weighting >= RDL_WEIGHTING_COUNT)
        return 0;
    if (rdl_find_search(format, rounding, RDL_SCALES_DEFAULT))
        return target_exists(target) ? rdl_search_importance(weighting) : 0;
    unsigned support = 0;
    for (unsigned importance = RDL_PLAIN; importance <= RDL_WITH_IMPORTANCE; importance <<= 1)
        if (find_encoder(format, rounding, weighting, target, importance))
            support |= importance;
    return support;
}

bool rdl_scales_support(enum rdl_format format, enum rdl_rounding rounding, enum rdl_scales scales)
{
    if (rdl_find_search(format, rounding, scales))
        return true;
    return scales == RDL_SCALES_DEFAULT &&
           rdl_encoder_support(format, rounding, RDL_NATIVE, RDL_SCALAR) != 0;
}

bool rdl_decoder_support(enum rdl_format format, enum rdl_target target)
{
    return find_decoder(format, target) != NULL;
}

/* What encoders are told of the search. */
static struct rdl_rows search_of(const struct rdl_job *job)
{
    return (struct rdl_rows){
        .format = job->format,
        .rounding = job->rounding,
        .weighting = job->weighting,
        .scales = rdl_search_scales(job->format, job->rounding, job->scales),
        .target = job->target,
    };
}

size_t rdl_scratch_size(const struct rdl_job *job)
{
    const struct rdl_search *search = rdl_find_search(job->format, job->rounding, job->scales);
    if (!search)
        return 0;
    const struct rdl_rows rows = search_of(job);
    return search->scratch(&rows);
}

/* What quantize and dequantize have in common. */
static enum rdl_status check_shape(const struct rdl_job *job)
{
    const struct rdl_format_info *info = rdl_format_info(job->format);
    if (!info || (unsigned)job->target >= RDL_TARGET_COUNT ||
        (job->flags & ~(RDL_GO_ON | RDL_STREAM)))
        return RDL_UNKNOWN_VALUE;
    if (job->ncols % info->block_length != 0)
        return RDL_ROW_LENGTH;
    const size_t most = SIZE_MAX / sizeof(float);
    if (job->ncols > most || (job->ncols != 0 && job->nrows > most / job->ncols))
        return RDL_TOO_LARGE; /* a block is never larger than its weights */
    return RDL_OK;
}

static enum rdl_status check_axes(const struct rdl_job *job)
{
    if ((unsigned)job->rounding >= RDL_ROUNDING_COUNT ||
        (unsigned)job->weighting >= RDL_WEIGHTING_COUNT ||
        (unsigned)job->scales >= RDL_SCALES_COUNT)
        return RDL_UNKNOWN_VALUE;
    return rdl_scales_support(job->format, job->rounding, job->scales) ? RDL_OK : RDL_UNSUPPORTED;
}

static enum rdl_status check_memory(const struct rdl_job *job, bool needs_tables)
{
    if (job->scratch_size < rdl_scratch_size(job))
        return RDL_SCRATCH_TOO_SMALL;
    return needs_tables && !rdl_tables_match(job->format, job->tables) ? RDL_TABLES_REQUIRED
                                                                       : RDL_OK;
}

enum rdl_status rdl_job_encoder(const struct rdl_job *job, bool with_importance,
                                rdl_encode_fn **encode, struct rdl_rows *rows,
                                const struct rdl_passes **passes)
{
    enum rdl_status status = check_shape(job);
    if (status == RDL_OK)
        status = check_axes(job);
    if (status != RDL_OK)
        return status;
    const unsigned wanted = with_importance ? RDL_WITH_IMPORTANCE : RDL_PLAIN;
    const unsigned support =
        rdl_encoder_support(job->format, job->rounding, job->weighting, job->target);
    if (!support)
        return RDL_UNSUPPORTED;
    if (!(support & wanted))
        return with_importance ? RDL_IMPORTANCE_REFUSED : RDL_IMPORTANCE_REQUIRED;
    *rows = search_of(job);
    *passes = target_passes[job->target];
    const struct rdl_search *search = rdl_find_search(job->format, job->rounding, job->scales);
    if (search) {
        *encode = search->encode;
        return check_memory(job, false);
    }
    const struct encoder *encoder =
        find_encoder(job->format, job->rounding, job->weighting, job->target, wanted);
    *encode = encoder->encode;
    return check_memory(job, encoder->importance & RDL_NEEDS_TABLES);
}

/* ------------------------------------------------------------------------------------------------
 * Dequantize
 */

/*
 * Weights that are decoded at a time where they do not go straight to their place. Few, so that the
 * stores past the caches of one run are under way while the next is decoded.
 */
enum {
    RUN = 512
};

/* Where decoded weights go. */
struct sink {
    const struct rdl_passes *passes;
    enum rdl_element element;
    bool stream;
    uint8_t *to;
};

static size_t element_bytes(enum rdl_element element)
{
    return element == RDL_F32 ? sizeof(float) : sizeof(uint16_t);
}

static void put(struct sink *sink, const float *x, size_t n)
{
    const struct rdl_passes *passes = sink->passes;
    const size_t size = n * element_bytes(sink->element);
    uint16_t converted[RUN];
    const uint8_t *elements = (const uint8_t *)x;
    if (sink->element != RDL_F32) {
        uint16_t *to = sink->stream ? converted : (uint16_t *)(void *)sink->to;
        (sink->element == RDL_F16 ? passes->to_f16 : passes->to_bf16)(x, n, to);
        elements = (const uint8_t *)to;
    }
    if (sink->stream)
        passes->stream(elements, size, sink->to);
    sink->to += size;
}

/* Run by run through a buffer that stays in the nearest cache. */
static void decode_to(struct sink *sink, rdl_decode_fn *decode, const struct rdl_format_info *info,
                      const uint8_t *blocks, size_t nblocks)
{
    const size_t run_blocks = RUN / info->block_length;
    _Alignas(64) float x[RUN];
    while (nblocks > 0) {
        const size_t count = nblocks < run_blocks ? nblocks : run_blocks;
        decode(blocks, count, x);
        put(sink, x, count * info->block_length);
        blocks += count * info->block_bytes;
        nblocks -= count;
    }
    if (sink->stream)
        sink->passes->end_stream();
}

enum rdl_status rdl_dequantize(const struct rdl_job *job, const void *blocks, void *x)
{
    if (!job)
        return RDL_NULL_POINTER;
    const enum rdl_status status = check_shape(job);
    if (status != RDL_OK)
        return status;
    if ((unsigned)job->element >= RDL_ELEMENT_COUNT)
        return RDL_UNKNOWN_VALUE;
    rdl_decode_fn *decode = find_decoder(job->format, job->target);
    if (!decode)
        return RDL_UNSUPPORTED;
    if (job->nrows == 0 || job->ncols == 0)
        return RDL_OK;
    if (!blocks || !x)
        return RDL_NULL_POINTER;
    const struct rdl_format_info *info = rdl_format_info(job->format);
    const size_t nblocks = job->nrows * (job->ncols / info->block_length);
    struct sink sink = {
        .passes = target_passes[job->target],
        .element = job->element,
        .stream = job->flags & RDL_STREAM,
        .to = x,
    };
    if (sink.element == RDL_F32 && !sink.stream)
        decode(blocks, nblocks, x);
    else
        decode_to(&sink, decode, info, blocks, nblocks);
    return RDL_OK;
}
