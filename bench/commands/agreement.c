#include "agreement.h"

#include "job_memory.h"

#include <stdlib.h>
#include <string.h>

/* Rows and blocks in a row: single blocks, and tails behind several vectors of every width. */
static const struct shape {
    size_t nrows, nblocks;
} shapes[] = {{5, 1}, {3, 3}, {1, 41}};

enum {
    MAX_WEIGHTS = 41 * 256,
    MAX_BYTES = MAX_WEIGHTS / 32 * 34 /* no format has more bytes a weight than Q8_0 */
};

struct check {
    const struct agreement_options *options;
    struct agreement *agreement;
    float *x, *importance, *scalar_values, *values;
    uint8_t *scalar_blocks, *blocks;
};

static void close_check(struct check *check)
{
    free(check->x);
    free(check->importance);
    free(check->scalar_values);
    free(check->values);
    free(check->scalar_blocks);
    free(check->blocks);
}

static bool open_check(struct check *check, struct error *error)
{
    check->x = malloc(MAX_WEIGHTS * sizeof(float));
    check->importance = malloc(MAX_WEIGHTS * sizeof(float));
    check->scalar_values = malloc(MAX_WEIGHTS * sizeof(float));
    check->values = malloc(MAX_WEIGHTS * sizeof(float));
    check->scalar_blocks = malloc(MAX_BYTES);
    check->blocks = malloc(MAX_BYTES);
    if (check->x && check->importance && check->scalar_values && check->values &&
        check->scalar_blocks && check->blocks)
        return true;
    close_check(check);
    return fail(error, "out of memory for the test data");
}

/* ------------------------------------------------------------------------------------------------
 * Comparing
 */

static void keep_first(struct agreement *agreement, const struct agreement_difference *here)
{
    agreement->different++;
    if (!agreement->first.found)
        agreement->first = *here;
}

static void compare_blocks(const struct check *check, struct agreement_difference here)
{
    const struct rdl_format_info *info = rdl_format_info(here.format);
    const size_t per_row = here.ncols / info->block_length, size = info->block_bytes;
    for (size_t b = 0; b < here.nrows * per_row; b++) {
        const uint8_t *scalar = check->scalar_blocks + b * size, *block = check->blocks + b * size;
        check->agreement->blocks++;
        if (memcmp(scalar, block, size) == 0)
            continue;
        for (here.index = 0; scalar[here.index] == block[here.index];)
            here.index++;
        here.row = b / per_row;
        here.block = b % per_row;
        here.scalar = scalar[here.index];
        here.target = block[here.index];
        keep_first(check->agreement, &here);
    }
}

static uint32_t bits_of(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static bool same_value(float a, float b)
{
    return bits_of(a) == bits_of(b) || (a != a && b != b);
}

static void compare_values(const struct check *check, struct agreement_difference here)
{
    const size_t length = rdl_format_info(here.format)->block_length;
    const size_t per_row = here.ncols / length;
    for (size_t b = 0; b < here.nrows * per_row; b++) {
        const float *scalar = check->scalar_values + b * length,
                    *value = check->values + b * length;
        check->agreement->blocks++;
        for (here.index = 0; here.index < length; here.index++)
            if (!same_value(scalar[here.index], value[here.index]))
                break;
        if (here.index == length)
            continue;
        here.row = b / per_row;
        here.block = b % per_row;
        here.scalar = bits_of(scalar[here.index]);
        here.target = bits_of(value[here.index]);
        keep_first(check->agreement, &here);
    }
}

/* ------------------------------------------------------------------------------------------------
 * Encoders
 */

static bool refused(const struct rdl_job *job, enum rdl_status status, struct error *error)
{
    return fail(error, "%s on %s cannot be run: %s", rdl_format_info(job->format)->name,
                rdl_target_name(job->target), rdl_status_text(status));
}

/* Encodes what lies in check->x on one target. Bytes that the kernel leaves as they were differ
 * from those of the other target, whose `untouched` is another. */
static bool encode(const struct check *check, struct rdl_job job, enum rdl_target target,
                   const float *importance, uint8_t untouched, uint8_t *blocks, struct error *error)
{
    job.target = target;
    memset(blocks, untouched, rdl_blocks_size(job.format, job.nrows, job.ncols));
    if (!job_memory_open(&job, error))
        return false;
    const enum rdl_status status =
        check->options->quantize(&job, check->x, importance, blocks, NULL);
    job_memory_close(&job);
    return status == RDL_OK || refused(&job, status, error);
}

static bool check_encoder(const struct check *check, const struct rdl_job *job,
                          const struct agreement_difference *here, const float *importance,
                          struct error *error)
{
    if (!encode(check, *job, RDL_SCALAR, importance, 0x00, check->scalar_blocks, error) ||
        !encode(check, *job, job->target, importance, 0xFF, check->blocks, error))
        return false;
    compare_blocks(check, *here);
    return true;
}

/* One encoder on one kind of weights in one shape, with every kind of importance or with none. */
static bool check_input(const struct check *check, struct rdl_job job, bool with_importance,
                        enum agreement_weights weights, const struct shape *shape,
                        struct error *error)
{
    const struct rdl_format_info *info = rdl_format_info(job.format);
    job.nrows = shape->nrows;
    job.ncols = shape->nblocks * info->block_length;
    const uint64_t seed = check->options->seed;
    agreement_weights(weights, info->max_magnitude, seed, job.nrows * job.ncols, check->x);
    struct agreement_difference here = {
        .found = true,
        .format = job.format,
        .rounding = job.rounding,
        .weighting = job.weighting,
        .weights = agreement_weights_name(weights),
        .importance = "none",
        .nrows = job.nrows,
        .ncols = job.ncols,
    };
    if (!with_importance)
        return check_encoder(check, &job, &here, NULL, error);
    for (unsigned kind = 0; kind < AGREEMENT_IMPORTANCE_COUNT; kind++) {
        here.importance = agreement_importance_name((enum agreement_importance)kind);
        agreement_importance((enum agreement_importance)kind, seed, job.ncols, check->importance);
        if (!check_encoder(check, &job, &here, check->importance, error))
            return false;
    }
    return true;
}

static bool check_inputs(const struct check *check, const struct rdl_job *job, bool with_importance,
                         struct error *error)
{
    check->agreement->encoders++;
    for (unsigned weights = 0; weights < AGREEMENT_WEIGHTS_COUNT; weights++)
        for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
            if (!check_input(check, *job, with_importance, (enum agreement_weights)weights,
                             &shapes[s], error))
                return false;
    return true;
}

static bool check_encoders(const struct check *check, struct rdl_job job, struct error *error)
{
    for (unsigned number = 0; number < RDL_FIRST_SEARCH * RDL_WEIGHTING_COUNT; number++) {
        job.rounding = (enum rdl_rounding)(number / RDL_WEIGHTING_COUNT);
        job.weighting = (enum rdl_weighting)(number % RDL_WEIGHTING_COUNT);
        const unsigned support =
            rdl_encoder_support(job.format, job.rounding, job.weighting, job.target);
        if (((support & RDL_PLAIN) && !check_inputs(check, &job, false, error)) ||
            ((support & RDL_WITH_IMPORTANCE) && !check_inputs(check, &job, true, error)))
            return false;
    }
    return true;
}

/* ------------------------------------------------------------------------------------------------
 * Decoders
 */

static bool decode(const struct check *check, struct rdl_job job, enum rdl_target target,
                   uint8_t untouched, float *values, struct error *error)
{
    job.target = target;
    memset(values, untouched, job.nrows * job.ncols * sizeof *values);
    const enum rdl_status status = check->options->dequantize(&job, check->scalar_blocks, values);
    return status == RDL_OK || refused(&job, status, error);
}

static bool check_decoder(const struct check *check, struct rdl_job job, struct error *error)
{
    check->agreement->decoders++;
    for (unsigned number = 0; number < AGREEMENT_BLOCKS_COUNT * (sizeof shapes / sizeof *shapes);
         number++) {
        const enum agreement_blocks kind = (enum agreement_blocks)(number % AGREEMENT_BLOCKS_COUNT);
        const struct shape *shape = &shapes[number / AGREEMENT_BLOCKS_COUNT];
        job.nrows = shape->nrows;
        job.ncols = shape->nblocks * rdl_format_info(job.format)->block_length;
        agreement_blocks(kind, check->options->seed,
                         rdl_blocks_size(job.format, job.nrows, job.ncols), check->scalar_blocks);
        if (!decode(check, job, RDL_SCALAR, 0x00, check->scalar_values, error) ||
            !decode(check, job, job.target, 0x55, check->values, error))
            return false;
        compare_values(check, (struct agreement_difference){.found = true,
                                                            .decoding = true,
                                                            .format = job.format,
                                                            .blocks = agreement_blocks_name(kind),
                                                            .nrows = job.nrows,
                                                            .ncols = job.ncols});
    }
    return true;
}

/* ------------------------------------------------------------------------------------------------
 */

bool agreement_check(const struct agreement_options *options, enum rdl_target target,
                     struct agreement *agreement, struct error *error)
{
    *agreement = (struct agreement){.target = target};
    struct check check = {.options = options, .agreement = agreement};
    if (!open_check(&check, error))
        return false;
    bool done = true;
    for (unsigned format = 0; format < RDL_FORMAT_COUNT && done; format++) {
        if (!(options->formats >> format & 1u))
            continue;
        const struct rdl_job job = {
            .format = (enum rdl_format)format, .target = target, .flags = RDL_GO_ON};
        done = check_encoders(&check, job, error) &&
               (!rdl_decoder_support(job.format, target) || check_decoder(&check, job, error));
    }
    close_check(&check);
    return done;
}
