#include "bad_data.h"

#include "equality.h"
#include "fill.h"

#include <check.h>
#include <math.h>
#include <string.h>

enum {
    NBLOCKS = BAD_ROWS * BAD_BLOCKS,
    BACKGROUND = 0xAA
};

size_t bad_length(const struct bad_tensor *tensor)
{
    return tensor->encoder->info->block_length;
}

size_t bad_ncols(const struct bad_tensor *tensor)
{
    return BAD_BLOCKS * bad_length(tensor);
}

float *bad_block(struct bad_tensor *tensor, size_t row, size_t block)
{
    return tensor->x + (row * BAD_BLOCKS + block) * bad_length(tensor);
}

float *bad_factors(struct bad_tensor *tensor, size_t block)
{
    return tensor->importance + block * bad_length(tensor);
}

void bad_tensor_init(struct bad_tensor *tensor, const struct encoder *encoder, uint64_t seed)
{
    struct random random = {.seed = seed};
    tensor->encoder = encoder;
    fill_weights(WEIGHTS_GAUSSIAN, encoder->info->max_magnitude, &random,
                 BAD_ROWS * bad_ncols(tensor), tensor->x);
    fill_importance(IMPORTANCE_SPREAD, &random, bad_ncols(tensor), tensor->importance);
}

/* ------------------------------------------------------------------------------------------------
 * The rule
 */

static bool importance_is_bad(float q)
{
    return isnan(q) || q < 0.0f || q > RDL_IMPORTANCE_MAX;
}

/* The first bad factor, or the number of columns. */
static size_t first_bad_factor(const struct bad_tensor *tensor)
{
    size_t i = 0;
    while (i < bad_ncols(tensor) && !importance_is_bad(tensor->importance[i]))
        i++;
    return i;
}

static size_t largest_of(const float *x, size_t n)
{
    size_t largest = 0;
    for (size_t i = 1; i < n; i++)
        if (fabsf(x[i]) > fabsf(x[largest]))
            largest = i;
    return largest;
}

/* What is wrong with weights before they are encoded, and where. */
static enum rdl_status judge_weights(const float *x, size_t n, double max_magnitude, size_t *column)
{
    for (*column = 0; *column < n; ++*column)
        if (isnan(x[*column]) || isinf(x[*column]))
            return isnan(x[*column]) ? RDL_WEIGHT_NAN : RDL_WEIGHT_INFINITE;
    *column = largest_of(x, n);
    return fabs((double)x[*column]) > max_magnitude ? RDL_SCALE_OVERFLOW : RDL_OK;
}

struct verdict {
    enum rdl_status status;
    size_t column; /* in the block */
};

/* Sanitises block b of a copy of the tensor. */
static void sanitise(struct bad_tensor *tensor, size_t b)
{
    float *x = bad_block(tensor, b / BAD_BLOCKS, b % BAD_BLOCKS);
    for (size_t i = 0; i < bad_length(tensor); i++)
        x[i] = isnan(x[i]) ? 0.0f : fminf(fmaxf(x[i], -65504.0f), 65504.0f);
    float *q = bad_factors(tensor, b % BAD_BLOCKS);
    for (size_t i = 0; i < bad_length(tensor); i++)
        q[i] = isnan(q[i]) || q[i] < 0.0f ? 0.0f : fminf(q[i], RDL_IMPORTANCE_MAX);
}

/* Encodes row by row. `statistics` gives the mean squares of the rows, which some formats use. */
static void encode(const struct bad_tensor *tensor, const struct bad_tensor *statistics,
                   uint8_t *blocks)
{
    const size_t ncols = bad_ncols(tensor);
    const struct rdl_job job = encoder_job(tensor->encoder, 1, ncols);
    for (size_t row = 0; row < BAD_ROWS; row++) {
        float sum = 0.0f;
        for (size_t i = 0; i < ncols; i++)
            sum += statistics->x[row * ncols + i] * statistics->x[row * ncols + i];
        const float mean_square = sum / (float)ncols;
        const struct rdl_rows rows = {
            .x = tensor->x + row * ncols,
            .importance = tensor->encoder->with_importance ? tensor->importance : NULL,
            .nrows = 1,
            .ncols = ncols,
            .mean_square = &mean_square,
            .scratch = job.scratch,
            .tables = job.tables,
        };
        tensor->encoder->encode(&rows,
                                blocks + row * BAD_BLOCKS * tensor->encoder->info->block_bytes);
    }
}

static bool overflows(const struct bad_tensor *tensor, const uint8_t *blocks, size_t b)
{
    float x[BAD_MAX_LENGTH];
    find_decode(tensor->encoder->format,
                RDL_SCALAR)(blocks + b * tensor->encoder->info->block_bytes, 1, x);
    return any_not_finite(x, bad_length(tensor));
}

/* Takes over those bad blocks of `encoded` whose scale overflows in `blocks`; returns whether there
 * were any. Rows share the importance, so that only the blocks in question are taken over. */
static bool replace_overflowing(const struct bad_tensor *tensor, const struct verdict *verdicts,
                                const uint8_t *encoded, uint8_t *blocks)
{
    const size_t bytes = tensor->encoder->info->block_bytes;
    bool any = false;
    for (size_t b = 0; b < NBLOCKS; b++)
        if (verdicts[b].status != RDL_OK && overflows(tensor, blocks, b)) {
            memcpy(blocks + b * bytes, encoded + b * bytes, bytes);
            any = true;
        }
    return any;
}

/* The end of the rule: bad blocks whose scale overflows even with sane data are encoded with every
 * importance 1, then with their weights halved again and again. */
static void encode_the_rest(const struct bad_tensor *sane, const struct bad_tensor *statistics,
                            const struct verdict *verdicts, uint8_t *blocks)
{
    struct bad_tensor rest = *sane;
    uint8_t encoded[BAD_MAX_BYTES];
    for (size_t i = 0; i < bad_ncols(&rest); i++)
        rest.importance[i] = 1.0f;
    do {
        encode(&rest, statistics, encoded);
        for (size_t i = 0; i < BAD_ROWS * bad_ncols(&rest); i++)
            rest.x[i] *= 0.5f;
    } while (replace_overflowing(sane, verdicts, encoded, blocks));
}

/* What is wrong with each block; fills the blocks as RDL_GO_ON encodes them. */
static void judge(const struct bad_tensor *tensor, struct verdict *verdicts, uint8_t *blocks)
{
    struct bad_tensor sane = *tensor;
    const size_t length = bad_length(tensor);
    for (size_t b = 0; b < NBLOCKS; b++) {
        const float *factors = tensor->importance + b % BAD_BLOCKS * length;
        bool factors_are_bad = false;
        for (size_t i = 0; i < length && tensor->encoder->with_importance; i++)
            factors_are_bad |= importance_is_bad(factors[i]);
        verdicts[b].status =
            judge_weights(tensor->x + b * length, length, tensor->encoder->info->max_magnitude,
                          &verdicts[b].column);
        if (factors_are_bad)
            verdicts[b].status = RDL_IMPORTANCE_INVALID;
        if (verdicts[b].status != RDL_OK)
            sanitise(&sane, b);
    }
    /* Blocks whose scale turns out to overflow count as they are. */
    const struct bad_tensor statistics = sane;
    encode(&sane, &statistics, blocks);
    for (size_t b = 0; b < NBLOCKS; b++)
        if (verdicts[b].status == RDL_OK && overflows(tensor, blocks, b)) {
            verdicts[b].status = RDL_SCALE_OVERFLOW;
            sanitise(&sane, b);
        }
    encode(&sane, &statistics, blocks);
    encode_the_rest(&sane, &statistics, verdicts, blocks);
}

void bad_expect(const struct bad_tensor *tensor, struct bad_expectation *expected)
{
    struct verdict verdicts[NBLOCKS];
    judge(tensor, verdicts, expected->blocks);
    expected->report = (struct rdl_report){.status = RDL_OK};
    expected->ngood = NBLOCKS;
    for (size_t b = NBLOCKS; b-- > 0;)
        if (verdicts[b].status != RDL_OK) {
            expected->ngood = b;
            expected->report.status = verdicts[b].status;
            expected->report.row = b / BAD_BLOCKS;
            expected->report.block = b % BAD_BLOCKS;
            expected->report.column = b % BAD_BLOCKS * bad_length(tensor) + verdicts[b].column;
            expected->report.bad_blocks++;
        }
    const size_t factor = first_bad_factor(tensor);
    if (tensor->encoder->with_importance && factor < bad_ncols(tensor)) {
        expected->ngood = 0;
        expected->report.status = RDL_IMPORTANCE_INVALID;
        expected->report.row = 0;
        expected->report.block = factor / bad_length(tensor);
        expected->report.column = factor;
    }
}

/* ------------------------------------------------------------------------------------------------
 * The check
 */

static bool is_background(const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (bytes[i] != BACKGROUND)
            return false;
    return true;
}

static enum rdl_status quantize(const struct bad_tensor *tensor, unsigned flags, uint8_t *blocks,
                                struct rdl_report *report)
{
    struct rdl_job job = encoder_job(tensor->encoder, BAD_ROWS, bad_ncols(tensor));
    job.flags = flags;
    memset(blocks, BACKGROUND, BAD_MAX_BYTES);
    *report = (struct rdl_report){RDL_STATUS_COUNT, 11, 12, 13, 14};
    const float *importance = tensor->encoder->with_importance ? tensor->importance : NULL;
    const enum rdl_status status = rdl_quantize(&job, tensor->x, importance, blocks, report);
    const size_t nbytes = (size_t)NBLOCKS * tensor->encoder->info->block_bytes;
    ck_assert_msg(is_background(blocks + nbytes, BAD_MAX_BYTES - nbytes), "%s: writes too much",
                  tensor->encoder->name);
    return status;
}

static void check_report(const struct rdl_report *report, const struct rdl_report *expected,
                         const char *name, const char *what)
{
    ck_assert_msg(report->status == expected->status && report->row == expected->row &&
                      report->block == expected->block && report->column == expected->column &&
                      report->bad_blocks == expected->bad_blocks,
                  "%s, %s: reports \"%s\" at row %zu, block %zu, column %zu, %zu bad blocks;"
                  " expected \"%s\" at %zu, %zu, %zu, %zu",
                  name, what, rdl_status_text(report->status), report->row, report->block,
                  report->column, report->bad_blocks, rdl_status_text(expected->status),
                  expected->row, expected->block, expected->column, expected->bad_blocks);
}

static void check_blocks(const struct bad_tensor *tensor, const uint8_t *blocks,
                         const uint8_t *expected, size_t nblocks, const char *what)
{
    const size_t bytes = tensor->encoder->info->block_bytes;
    for (size_t b = 0; b < nblocks; b++)
        if (memcmp(blocks + b * bytes, expected + b * bytes, bytes) != 0)
            ck_abort_msg("%s, %s: row %zu, block %zu has other bytes", tensor->encoder->name, what,
                         b / BAD_BLOCKS, b % BAD_BLOCKS);
}

static void check_going_on(const struct bad_tensor *tensor, const struct bad_expectation *expected,
                           const char *what)
{
    uint8_t blocks[BAD_MAX_BYTES];
    struct rdl_report report;
    ck_assert_int_eq(quantize(tensor, RDL_GO_ON, blocks, &report), RDL_OK);
    check_report(&report, &expected->report, tensor->encoder->name, what);
    check_blocks(tensor, blocks, expected->blocks, NBLOCKS, what);
    for (size_t b = 0; b < NBLOCKS; b++)
        if (overflows(tensor, blocks, b))
            ck_abort_msg("%s, %s: row %zu, block %zu is not finite", tensor->encoder->name, what,
                         b / BAD_BLOCKS, b % BAD_BLOCKS);
}

static void check_stopping(const struct bad_tensor *tensor, const struct bad_expectation *expected,
                           const char *what)
{
    uint8_t blocks[BAD_MAX_BYTES];
    struct rdl_report report, stopped = expected->report;
    stopped.bad_blocks = 0; /* none is encoded by the rule */
    const enum rdl_status status = quantize(tensor, 0, blocks, &report);
    ck_assert_msg(status == expected->report.status, "%s, %s: \"%s\" in place of \"%s\"",
                  tensor->encoder->name, what, rdl_status_text(status),
                  rdl_status_text(expected->report.status));
    check_report(&report, &stopped, tensor->encoder->name, what);
    check_blocks(tensor, blocks, expected->blocks, expected->ngood, what);
    if (status == RDL_IMPORTANCE_INVALID)
        ck_assert_msg(is_background(blocks, BAD_MAX_BYTES), "%s, %s: writes something",
                      tensor->encoder->name, what);
}

void bad_check(const struct bad_tensor *tensor, const struct bad_expectation *expected,
               const char *what)
{
    check_going_on(tensor, expected, what);
    check_stopping(tensor, expected, what);
}
