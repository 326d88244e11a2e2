/* Golden vectors: what this build makes of them. */
#include "golden.h"

#include "array.h"
#include "job_memory.h"

#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------
 * Comparing
 */

static void compare_blocks(const struct golden_case *golden, const struct golden_data *data,
                           const uint8_t *actual, struct golden_tally *tally)
{
    const struct rdl_format_info *info = rdl_format_info(golden->format);
    const size_t blocks_per_row = golden->ncols / info->block_length;
    for (size_t b = 0; b < data->nrows * blocks_per_row; b++) {
        const uint8_t *p = data->blocks + b * info->block_bytes;
        const uint8_t *q = actual + b * info->block_bytes;
        if (memcmp(p, q, info->block_bytes) == 0) {
            tally->blocks_equal++;
            continue;
        }
        if (tally->blocks_different++ > 0)
            continue;
        size_t byte = 0;
        while (p[byte] == q[byte])
            byte++;
        tally->first_block = (struct golden_difference){
            .row = b / blocks_per_row,
            .block = b % blocks_per_row,
            .index = byte,
            .expected = p[byte],
            .actual = q[byte],
        };
        memcpy(tally->first_block.name, golden->name, sizeof golden->name);
    }
}

static uint32_t bits_of(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static void compare_values(const struct golden_case *golden, const struct golden_data *data,
                           const float *actual, struct golden_tally *tally)
{
    const size_t length = rdl_format_info(golden->format)->block_length;
    for (size_t i = 0; i < data->nrows * golden->ncols; i++) {
        const uint32_t p = bits_of(data->decoded[i]), q = bits_of(actual[i]);
        if (p == q) {
            tally->values_equal++;
            continue;
        }
        if (tally->values_different++ > 0)
            continue;
        tally->first_value = (struct golden_difference){
            .row = i / golden->ncols,
            .block = i % golden->ncols / length,
            .index = i % length,
            .expected = p,
            .actual = q,
        };
        memcpy(tally->first_value.name, golden->name, sizeof golden->name);
    }
}

/* A buffer that differs from what is expected in every byte, so that one that is never written
 * shows. */
static void *complement_of(const void *expected, size_t nbytes)
{
    uint8_t *bytes = malloc(nbytes);
    if (bytes)
        for (size_t i = 0; i < nbytes; i++)
            bytes[i] = (uint8_t) ~((const uint8_t *)expected)[i];
    return bytes;
}

/* ------------------------------------------------------------------------------------------------
 * Computing
 */

static struct rdl_job job_of(const struct golden_case *golden, const struct golden_data *data,
                             enum rdl_target target)
{
    return (struct rdl_job){
        .format = golden->format,
        .rounding = golden_kind_rounding(golden->kind),
        .weighting = RDL_NATIVE,
        .target = target,
        .nrows = data->nrows,
        .ncols = golden->ncols,
    };
}

static bool encode(struct rdl_job *job, const struct golden_data *data, uint8_t *blocks,
                   struct error *error)
{
    if (!job_memory_open(job, error))
        return false;
    struct rdl_report report;
    const enum rdl_status status = rdl_quantize(job, data->x, data->importance, blocks, &report);
    job_memory_close(job);
    return status == RDL_OK || fail(error, "cannot be encoded: %s (row %zu, column %zu)",
                                    rdl_status_text(status), report.row, report.column);
}

static bool check_encoder(const struct golden_case *golden, const struct golden_data *data,
                          struct golden_tally *tally, struct error *error)
{
    uint8_t *blocks = complement_of(data->blocks, data->blocks_bytes);
    if (!blocks)
        return fail(error, "out of memory for %zu bytes", data->blocks_bytes);
    struct rdl_job job = job_of(golden, data, tally->target);
    const bool encoded = encode(&job, data, blocks, error);
    if (encoded)
        compare_blocks(golden, data, blocks, tally);
    free(blocks);
    return encoded;
}

static bool check_decoder(const struct golden_case *golden, const struct golden_data *data,
                          struct golden_tally *tally, struct error *error)
{
    const size_t nbytes = data->nrows * golden->ncols * sizeof(float);
    float *values = complement_of(data->decoded, nbytes);
    if (!values)
        return fail(error, "out of memory for %zu bytes", nbytes);
    const struct rdl_job job = job_of(golden, data, tally->target);
    const enum rdl_status status = rdl_dequantize(&job, data->blocks, values);
    if (status == RDL_OK)
        compare_values(golden, data, values, tally);
    free(values);
    return status == RDL_OK || fail(error, "cannot be decoded: %s", rdl_status_text(status));
}

static bool check_case(const struct golden_case *golden, const struct golden_data *data,
                       struct golden_tally *tally, struct error *error)
{
    tally->ncases++;
    if ((tally->encodes && !check_encoder(golden, data, tally, error)) ||
        (tally->decodes && !check_decoder(golden, data, tally, error)))
        return fail_in(error, "%s: case %s, %s", rdl_format_info(golden->format)->name,
                       golden->name, golden_kind_name(golden->kind));
    return true;
}

/* ------------------------------------------------------------------------------------------------
 * Tallies
 */

static bool add_tally(struct golden_result *result, const struct golden_tally *tally,
                      struct error *error)
{
    struct golden_tally *grown =
        array_grow(result->tallies, result->count, &result->capacity, sizeof *tally);
    if (!grown)
        return fail(error, "out of memory");
    result->tallies = grown;
    result->tallies[result->count++] = *tally;
    return true;
}

/* Starts the tallies of a format and kind: one per target that has a kernel, at least one. */
static bool start_tallies(const struct golden_case *golden, unsigned targets,
                          struct golden_result *result, struct error *error)
{
    const unsigned needed =
        golden_kind_has_importance(golden->kind) ? RDL_WITH_IMPORTANCE : RDL_PLAIN;
    const size_t before = result->count;
    for (unsigned t = 0; t < RDL_TARGET_COUNT; t++) {
        const enum rdl_target target = (enum rdl_target)t;
        const struct golden_tally tally = {
            .format = golden->format,
            .kind = golden->kind,
            .target = target,
            .encodes = rdl_encoder_support(golden->format, golden_kind_rounding(golden->kind),
                                           RDL_NATIVE, target) &
                       needed,
            .decodes = rdl_decoder_support(golden->format, target),
        };
        if ((targets >> t & 1u) && (tally.encodes || tally.decodes) &&
            !add_tally(result, &tally, error))
            return false;
    }
    const struct golden_tally skipped = {.format = golden->format, .kind = golden->kind};
    return result->count > before || add_tally(result, &skipped, error);
}

static bool check_list(const char *directory, const struct golden_list *list, unsigned targets,
                       struct golden_result *result, struct error *error)
{
    size_t first = 0; /* tally of the current format and kind */
    for (size_t i = 0; i < list->count; i++) {
        const struct golden_case *golden = &list->cases[i];
        if (i == 0 || golden->format != golden[-1].format || golden->kind != golden[-1].kind) {
            first = result->count;
            if (!start_tallies(golden, targets, result, error))
                return false;
        }
        struct golden_data data;
        if (!golden_load(directory, golden, &data, error))
            return false;
        bool good = true;
        for (size_t t = first; t < result->count && good; t++)
            good = check_case(golden, &data, &result->tallies[t], error);
        golden_free(&data);
        if (!good)
            return fail_in(error, "%s", directory);
    }
    return true;
}

bool golden_check(const char *directory, unsigned targets, struct golden_result *result,
                  struct error *error)
{
    *result = (struct golden_result){0};
    struct golden_list list;
    if (!golden_list(directory, &list, error))
        return false;
    const bool good = check_list(directory, &list, targets, result, error);
    golden_list_free(&list);
    if (!good)
        golden_result_free(result);
    return good;
}

void golden_result_free(struct golden_result *result)
{
    free(result->tallies);
    *result = (struct golden_result){0};
}
