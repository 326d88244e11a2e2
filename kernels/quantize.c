/* rdl_quantize(): looks at the data, hands good rows to the encoder, and deals with bad blocks. */
#include "binary16.h"
#include "dispatch.h"

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

/* Ordering magnitudes as integers puts infinity and NaN on top. */
static uint32_t magnitude(float x)
{
    return rdl_float_bits(x) & 0x7FFFFFFFu;
}

static size_t column_of_largest(const float *x, size_t n)
{
    size_t at = 0;
    for (size_t i = 1; i < n; i++)
        if (magnitude(x[i]) > magnitude(x[at]))
            at = i;
    return at;
}

/* Looks for weights that no encoder may see; sets *column to the first of them. */
static enum rdl_status check_weights(const float *x, size_t n, float largest, size_t *column)
{
    for (size_t i = 0; i < n; i++) {
        *column = i;
        if (magnitude(x[i]) > 0x7F800000u)
            return RDL_WEIGHT_NAN;
        if (magnitude(x[i]) == 0x7F800000u)
            return RDL_WEIGHT_INFINITE;
    }
    *column = column_of_largest(x, n);
    return magnitude(x[*column]) <= magnitude(largest) ? RDL_OK : RDL_SCALE_OVERFLOW;
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
    struct rdl_rows search; /* what rows are told of it */
    const struct rdl_passes *passes;
    float largest; /* max_magnitude of the format */
    const float *importance;
    struct rdl_report *report;
};

static void encode_rows(const struct quantizer *q, const float *x, const float *importance,
                        size_t nrows, size_t ncols, const float *mean_square, uint8_t *blocks)
{
    struct rdl_rows rows = q->search;
    rows.x = x;
    rows.importance = importance;
    rows.nrows = nrows;
    rows.ncols = ncols;
    rows.mean_square = mean_square;
    rows.scratch = q->job->scratch;
    rows.tables = q->job->tables;
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

/* True if every weight of a row is finite and not too large. */
static bool all_within(const struct quantizer *q, const float *x)
{
    return q->passes->largest_magnitude(x, q->job->ncols) <= magnitude(q->largest);
}

static enum rdl_status quantize_rows(const struct quantizer *q, const float *x, uint8_t *blocks,
                                     bool importance_is_clean)
{
    const size_t nrows = q->job->nrows, ncols = q->job->ncols;
    const size_t row_bytes = rdl_blocks_size(q->job->format, 1, ncols);
    const size_t run_rows = ncols < RUN_WEIGHTS ? RUN_WEIGHTS / ncols : 1;
    enum rdl_status status = RDL_OK;
    for (size_t row = 0; row < nrows && status == RDL_OK;) {
        size_t good = 0;
        while (importance_is_clean && good < run_rows && row + good < nrows &&
               all_within(q, x + (row + good) * ncols))
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

    struct quantizer q = {
        .job = job,
        .info = rdl_format_info(job->format),
        .importance = importance,
        .report = report,
    };
    const enum rdl_status status =
        rdl_job_encoder(job, importance != NULL, &q.encode, &q.search, &q.passes);
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
    return quantize_rows(&q, x, blocks, bad == job->ncols);
}
