/*
 * The entry points: check the call, check the data, hand rows to the kernel that kernels.def names.
 */
#include "kernel.h"

#include "binary16.h"
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

/* Weights of bad blocks are clamped to this, the largest binary16 number. */
#define SANE_MAGNITUDE 65504.0f

/* Rows are looked at and then encoded in runs of about this many weights, while they are in cache.
 */
enum {
    RUN_WEIGHTS = 8192
};

/* The longest block of any format. */
enum {
    MAX_BLOCK = 256
};

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

/* What quantize and dequantize have in common; sets *row_bytes. */
static enum rdl_status check_shape(const struct rdl_job *job, size_t *row_bytes)
{
    const struct rdl_format_info *info = rdl_format_info(job->format);
    if (!info || (unsigned)job->target >= RDL_TARGET_COUNT || (job->flags & ~RDL_GO_ON))
        return RDL_UNKNOWN_VALUE;
    if (job->ncols % info->block_length != 0)
        return RDL_ROW_LENGTH;
    *row_bytes = rdl_blocks_size(job->format, 1, job->ncols);
    const size_t most = SIZE_MAX / sizeof(float);
    if (job->ncols > most || (job->ncols != 0 && job->nrows > most / job->ncols))
        return RDL_TOO_LARGE; /* a block is never larger than its weights */
    return RDL_OK;
}

static enum rdl_status check_encoder(const struct rdl_job *job, bool with_importance,
                                     rdl_encode_fn **encode)
{
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

/* ------------------------------------------------------------------------------------------------
 * Bad data
 */

static bool importance_is_good(float q)
{
    return q >= 0.0f && q <= RDL_IMPORTANCE_MAX; /* false for NaN */
}

/* The first bad column, or n. */
static size_t first_bad_importance(const float *importance, size_t n)
{
    size_t i = 0;
    while (i < n && importance_is_good(importance[i]))
        i++;
    return i;
}

/* True if every weight is finite and at most `limit`: ordering magnitudes as integers puts infinity
 * and NaN on top. */
static bool all_within(const float *x, size_t n, float limit)
{
    int32_t largest = 0;
    for (size_t i = 0; i < n; i++) {
        const int32_t magnitude = (int32_t)(rdl_float_bits(x[i]) & 0x7FFFFFFFu);
        largest = magnitude > largest ? magnitude : largest;
    }
    return largest <= (int32_t)rdl_float_bits(limit);
}

static size_t column_of_largest(const float *x, size_t n)
{
    size_t at = 0;
    for (size_t i = 1; i < n; i++)
        if ((rdl_float_bits(x[i]) & 0x7FFFFFFFu) > (rdl_float_bits(x[at]) & 0x7FFFFFFFu))
            at = i;
    return at;
}

/* Looks for weights that no encoder may see; sets *column to the first of them. */
static enum rdl_status check_weights(const float *x, size_t n, float largest, size_t *column)
{
    for (size_t i = 0; i < n; i++) {
        const uint32_t magnitude = rdl_float_bits(x[i]) & 0x7FFFFFFFu;
        *column = i;
        if (magnitude > 0x7F800000u)
            return RDL_WEIGHT_NAN;
        if (magnitude == 0x7F800000u)
            return RDL_WEIGHT_INFINITE;
    }
    *column = column_of_largest(x, n);
    return all_within(x + *column, 1, largest) ? RDL_OK : RDL_SCALE_OVERFLOW;
}

static float sane_weight(float x)
{
    if (x != x)
        return 0.0f;
    return x > SANE_MAGNITUDE ? SANE_MAGNITUDE : x < -SANE_MAGNITUDE ? -SANE_MAGNITUDE : x;
}

static float sane_importance(float q)
{
    if (!(q >= 0.0f))
        return 0.0f;
    return q > RDL_IMPORTANCE_MAX ? RDL_IMPORTANCE_MAX : q;
}

/* ------------------------------------------------------------------------------------------------
 * Quantize
 */

struct quantizer {
    const struct rdl_job *job;
    const struct rdl_format_info *info;
    rdl_encode_fn *encode;
    float largest; /* max_magnitude of the format */
    const float *importance;
    struct rdl_report *report;
};

static void encode_rows(const struct quantizer *q, const float *x, const float *importance,
                        size_t nrows, size_t ncols, const float *mean_square, uint8_t *blocks)
{
    const struct rdl_rows rows = {
        .x = x,
        .importance = importance,
        .nrows = nrows,
        .ncols = ncols,
        .mean_square = mean_square,
        .scratch = q->job->scratch,
        .tables = q->job->tables,
    };
    q->encode(&rows, blocks);
}

static bool is_finite(const struct quantizer *q, const uint8_t *block)
{
    return rdl_check_blocks(q->job->format, block, 1) == 1;
}

/*
 * Encodes one block as if its data were sane. A scale can overflow even then: by importance, or in
 * IQ1_M, whose smallest value is 1/8 and whose unit can be eight times the largest weight. Halving
 * the weights halves the scale; zeros, at the very end, have a zero scale in every format.
 */
static void encode_sanely(const struct quantizer *q, const float *x, const float *importance,
                          float mean_square, uint8_t *block)
{
    float weights[MAX_BLOCK], factors[MAX_BLOCK];
    const size_t n = q->info->block_length;
    for (size_t i = 0; i < n; i++) {
        weights[i] = sane_weight(x[i]);
        factors[i] = importance ? sane_importance(importance[i]) : 0.0f;
    }
    encode_rows(q, weights, importance ? factors : NULL, 1, n, &mean_square, block);
    if (importance && !is_finite(q, block)) {
        for (size_t i = 0; i < n; i++)
            factors[i] = 1.0f;
        encode_rows(q, weights, factors, 1, n, &mean_square, block);
    }
    while (!is_finite(q, block)) {
        for (size_t i = 0; i < n; i++)
            weights[i] *= 0.5f;
        encode_rows(q, weights, importance ? factors : NULL, 1, n, &mean_square, block);
    }
}

/* Encodes one block that may be bad, if it can be encoded as it is; else says why not. */
static enum rdl_status encode_block(const struct quantizer *q, const float *x,
                                    const float *importance, float mean_square, uint8_t *block,
                                    size_t *column)
{
    const size_t n = q->info->block_length;
    if (importance && (*column = first_bad_importance(importance, n)) < n)
        return RDL_IMPORTANCE_INVALID;
    const enum rdl_status status = check_weights(x, n, q->largest, column);
    if (status != RDL_OK)
        return status;
    encode_rows(q, x, importance, 1, n, &mean_square, block);
    return is_finite(q, block) ? RDL_OK : RDL_SCALE_OVERFLOW;
}

/* The mean square of a row whose bad blocks count as they will be encoded. */
static float sane_mean_square(const struct quantizer *q, const float *x)
{
    const size_t n = q->info->block_length, ncols = q->job->ncols;
    float sum = 0.0f;
    for (size_t start = 0; start < ncols; start += n) {
        size_t column;
        float weights[MAX_BLOCK];
        const bool bad = (q->importance && first_bad_importance(q->importance + start, n) < n) ||
                         check_weights(x + start, n, q->largest, &column) != RDL_OK;
        for (size_t i = 0; i < n; i++)
            weights[i] = bad ? sane_weight(x[start + i]) : x[start + i];
        sum = rdl_add_squares(sum, weights, n);
    }
    return sum / (float)ncols;
}

/* Encodes a row that is not known to be good, block by block. */
static enum rdl_status encode_suspect_row(const struct quantizer *q, const float *x, size_t row,
                                          uint8_t *blocks)
{
    const size_t length = q->info->block_length;
    const float mean_square = sane_mean_square(q, x);
    for (size_t b = 0; b < q->job->ncols / length; b++) {
        const float *block_x = x + b * length;
        const float *importance = q->importance ? q->importance + b * length : NULL;
        uint8_t *block = blocks + b * q->info->block_bytes;
        size_t column = 0;
        const enum rdl_status status =
            encode_block(q, block_x, importance, mean_square, block, &column);
        if (status == RDL_OK)
            continue;
        if (q->report->status == RDL_OK) {
            q->report->status = status;
            q->report->row = row;
            q->report->block = b;
            q->report->column = b * length + column;
        }
        if (!(q->job->flags & RDL_GO_ON))
            return status;
        q->report->bad_blocks++;
        encode_sanely(q, block_x, importance, mean_square, block);
    }
    return RDL_OK;
}

/* Encodes a row once more, block by block, if a scale of its blocks overflowed. */
static enum rdl_status look_again(const struct quantizer *q, const float *x, size_t row,
                                  uint8_t *blocks)
{
    const size_t nblocks = q->job->ncols / q->info->block_length;
    if (rdl_check_blocks(q->job->format, blocks, nblocks) == nblocks)
        return RDL_OK;
    return encode_suspect_row(q, x, row, blocks);
}

static enum rdl_status quantize_rows(const struct quantizer *q, const float *x, uint8_t *blocks,
                                     size_t row_bytes, bool importance_is_clean)
{
    const size_t nrows = q->job->nrows, ncols = q->job->ncols;
    const size_t run_rows = ncols < RUN_WEIGHTS ? RUN_WEIGHTS / ncols : 1;
    enum rdl_status status = RDL_OK;
    for (size_t row = 0; row < nrows && status == RDL_OK;) {
        size_t good = 0;
        while (importance_is_clean && good < run_rows && row + good < nrows &&
               all_within(x + (row + good) * ncols, ncols, q->largest))
            good++;
        if (good == 0) {
            status = encode_suspect_row(q, x + row * ncols, row, blocks + row * row_bytes);
            row++;
            continue;
        }
        encode_rows(q, x + row * ncols, q->importance, good, ncols, NULL, blocks + row * row_bytes);
        for (const size_t end = row + good; row < end && status == RDL_OK; row++)
            status = look_again(q, x + row * ncols, row, blocks + row * row_bytes);
    }
    return status;
}

enum rdl_status rdl_quantize(const struct rdl_job *job, const float *x, const float *importance,
                             void *blocks, struct rdl_report *report)
{
    struct rdl_report unasked;
    if (!report)
        report = &unasked;
    *report = (struct rdl_report){.status = RDL_OK};
    if (!job)
        return RDL_NULL_POINTER;

    size_t row_bytes;
    struct quantizer q = {
        .job = job,
        .info = rdl_format_info(job->format),
        .importance = importance,
        .report = report,
    };
    enum rdl_status status = check_shape(job, &row_bytes);
    if (status == RDL_OK)
        status = check_encoder(job, importance != NULL, &q.encode);
    if (status != RDL_OK)
        return status;
    q.largest = (float)q.info->max_magnitude;
    if (job->nrows == 0 || job->ncols == 0)
        return RDL_OK;
    if (!x || !blocks || (!job->scratch && rdl_scratch_size(job) != 0))
        return RDL_NULL_POINTER;

    const size_t bad = importance ? first_bad_importance(importance, job->ncols) : job->ncols;
    if (bad < job->ncols) {
        report->status = RDL_IMPORTANCE_INVALID;
        report->block = bad / q.info->block_length;
        report->column = bad;
        if (!(job->flags & RDL_GO_ON))
            return RDL_IMPORTANCE_INVALID;
    }
    return quantize_rows(&q, x, blocks, row_bytes, bad == job->ncols);
}

enum rdl_status rdl_dequantize(const struct rdl_job *job, const void *blocks, float *x)
{
    if (!job)
        return RDL_NULL_POINTER;
    size_t row_bytes;
    const enum rdl_status status = check_shape(job, &row_bytes);
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
