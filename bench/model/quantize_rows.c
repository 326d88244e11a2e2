#include "quantize_rows.h"

#include "binary16.h"
#include "element.h"
#include <float.h>
#include <math.h>
#include <stdio.h>

/* Large enough that calls and reads cost nothing, small enough that threads share out a tensor. */
enum {
    PIECE_WEIGHTS = 1 << 15,
    PIECE_BYTES = 1 << 18 /* a multiple of every element's size */
};

static uint64_t divide_up(uint64_t number, uint64_t by)
{
    return number / by + (number % by != 0);
}

struct quantize_pieces quantize_pieces_of(const struct quantize_tensor *tensor)
{
    struct quantize_pieces pieces = {.tensor = tensor};
    const uint64_t ncols = tensor->tensor->ncols;
    if (tensor->type.kind == QUANTIZE_COPY) {
        pieces.count = divide_up(tensor->nbytes, PIECE_BYTES);
        return pieces;
    }
    pieces.rows_of_matrix = tensor->tensor->nrows / tensor->matrices;
    pieces.rows_of_piece = ncols < PIECE_WEIGHTS && ncols > 0 ? PIECE_WEIGHTS / ncols : 1;
    pieces.pieces_of_matrix = divide_up(pieces.rows_of_matrix, pieces.rows_of_piece);
    pieces.count = ncols > 0 ? tensor->matrices * pieces.pieces_of_matrix : 0;
    return pieces;
}

void quantize_worker_free(struct quantize_worker *worker)
{
    buffer_free(&worker->weights);
    buffer_free(&worker->read);
    buffer_free(&worker->out);
    buffer_free(&worker->scratch);
}

/* ------------------------------------------------------------------------------------------------
 * Bad weights
 */

static bool fail_at(const struct tensor *tensor, uint64_t index, const char *what,
                    struct error *error)
{
    (void)fail(error, "row %llu, column %llu: %s", (unsigned long long)(index / tensor->ncols),
               (unsigned long long)(index % tensor->ncols), what);
    return tensor_fail(tensor, error);
}

/* `first` is the number of x[0] in the tensor. */
static bool check_finite(const struct tensor *tensor, uint64_t first, const float *x, size_t count,
                         struct error *error)
{
    for (size_t i = 0; i < count; i++)
        if (!isfinite(x[i]))
            return fail_at(tensor, first + i,
                           rdl_status_text(isnan(x[i]) ? RDL_WEIGHT_NAN : RDL_WEIGHT_INFINITE),
                           error);
    return true;
}

/* ------------------------------------------------------------------------------------------------
 * Copies
 */

static bool check_copy(const struct tensor *tensor, uint64_t offset, struct quantize_worker *worker,
                       struct error *error)
{
    const size_t size = element_size(tensor->kind);
    if (size == 0)
        return true;
    const size_t count = worker->size / size;
    if (!buffer_reserve(&worker->weights, count * sizeof(float), error))
        return false;
    element_to_f32(tensor->kind, tensor->swapped, worker->bytes, count, worker->weights.bytes);
    return check_finite(tensor, offset / size, worker->weights.bytes, count, error);
}

static bool copy_piece(const struct quantize_settings *settings,
                       const struct quantize_pieces *pieces, uint64_t index,
                       struct quantize_worker *worker, struct error *error)
{
    const struct tensor *tensor = pieces->tensor->tensor;
    const uint64_t offset = index * PIECE_BYTES;
    const uint64_t left = tensor->nbytes - offset;
    worker->size = left < PIECE_BYTES ? (size_t)left : PIECE_BYTES;
    if (!buffer_reserve(&worker->out, worker->size, error) ||
        !source_read(tensor->source, tensor->offset + offset, worker->out.bytes, worker->size,
                     error))
        return tensor_fail(tensor, error);
    worker->bytes = worker->out.bytes;
    return settings->go_on || check_copy(tensor, offset, worker, error);
}

/* ------------------------------------------------------------------------------------------------
 * Numbers
 */

/* Rounds to nearest, ties to even: adding 0x7FFF plus the lowest kept bit does that, with a carry
 * into the exponent where it belongs. NaN is the caller's business. */
static uint16_t bf16_of(float x)
{
    const uint32_t bits = rdl_float_bits(x);
    return (uint16_t)((bits + 0x7FFFu + (bits >> 16 & 1u)) >> 16);
}

static const float largest_bf16 = 0x1.FEp127f;
static const float largest_f16 = 65504.0f;

static float largest_of(enum quantize_kind kind)
{
    return kind == QUANTIZE_F16 ? largest_f16 : kind == QUANTIZE_BF16 ? largest_bf16 : FLT_MAX;
}

/* Whether x rounds to a finite number of the type. */
static bool is_representable(enum quantize_kind kind, float x)
{
    if (kind == QUANTIZE_F16)
        return (rdl_f32_to_f16(x) & 0x7C00u) != 0x7C00u;
    if (kind == QUANTIZE_BF16)
        return (bf16_of(x) & 0x7F80u) != 0x7F80u;
    return isfinite(x);
}

static bool too_large(const struct quantize_tensor *t, uint64_t index, float x, struct error *error)
{
    char what[96];
    snprintf(what, sizeof what, "%.9g is beyond the range of %s, whose largest number is %.9g",
             (double)x, quantize_type_name(t->type), (double)largest_of(t->type.kind));
    return fail_at(t->tensor, index, what, error);
}

/* Makes the weights fit the type, or says which do not. */
static bool make_representable(const struct quantize_settings *settings,
                               const struct quantize_tensor *t, uint64_t first, size_t count,
                               struct quantize_worker *worker, struct error *error)
{
    float *x = worker->weights.bytes;
    if (!settings->go_on && !check_finite(t->tensor, first, x, count, error))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!isnan(x[i]) && is_representable(t->type.kind, x[i]))
            continue;
        if (!settings->go_on)
            return too_large(t, first + i, x[i], error);
        x[i] = isnan(x[i]) ? 0.0f : copysignf(largest_of(t->type.kind), x[i]);
        worker->bad++;
    }
    return true;
}

static bool convert(const struct quantize_settings *settings, const struct quantize_tensor *t,
                    uint64_t first, size_t count, struct quantize_worker *worker,
                    struct error *error)
{
    if (!make_representable(settings, t, first, count, worker, error))
        return false;
    const float *x = worker->weights.bytes;
    if (t->type.kind == QUANTIZE_F32) {
        worker->bytes = worker->weights.bytes;
        worker->size = count * sizeof *x;
        return true;
    }
    worker->size = count * sizeof(uint16_t);
    if (!buffer_reserve(&worker->out, worker->size, error))
        return tensor_fail(t->tensor, error);
    uint16_t *out = worker->out.bytes;
    for (size_t i = 0; i < count; i++)
        out[i] = t->type.kind == QUANTIZE_F16 ? rdl_f32_to_f16(x[i]) : bf16_of(x[i]);
    worker->bytes = worker->out.bytes;
    return true;
}

/* ------------------------------------------------------------------------------------------------
 * Blocks
 */

static bool bad_data(const struct quantize_tensor *t, uint64_t first_row, enum rdl_status status,
                     const struct rdl_report *report, struct error *error)
{
    const struct tensor *tensor = t->tensor;
    const char *text = rdl_status_text(status);
    if (status == RDL_WEIGHT_NAN || status == RDL_WEIGHT_INFINITE)
        return fail_at(tensor, (first_row + report->row) * tensor->ncols + report->column, text,
                       error);
    if (status == RDL_IMPORTANCE_INVALID)
        (void)fail(error, "importance of column %zu: %s", report->column, text);
    else if (report->status != RDL_OK)
        (void)fail(error, "row %llu, column %zu: %s (%s)",
                   (unsigned long long)(first_row + report->row), report->column, text,
                   quantize_type_name(t->type));
    else
        (void)fail(error, "%s: %s", quantize_type_name(t->type), text);
    return tensor_fail(tensor, error);
}

static bool quantize(const struct quantize_settings *settings, const void *tables,
                     const struct quantize_tensor *t, uint64_t matrix, uint64_t first_row,
                     size_t nrows, struct quantize_worker *worker, struct error *error)
{
    const struct tensor *tensor = t->tensor;
    struct rdl_job job = {
        .format = t->type.format,
        .rounding = t->rounding,
        .weighting = settings->weighting,
        .scales = settings->scales,
        .target = t->target,
        .nrows = nrows,
        .ncols = (size_t)tensor->ncols,
        .flags = settings->go_on ? RDL_GO_ON : 0,
        .tables = tables,
    };
    job.scratch_size = rdl_scratch_size(&job);
    worker->size = rdl_blocks_size(job.format, job.nrows, job.ncols);
    if (!buffer_reserve(&worker->scratch, job.scratch_size, error) ||
        !buffer_reserve(&worker->out, worker->size, error))
        return tensor_fail(tensor, error);
    job.scratch = worker->scratch.bytes;
    worker->bytes = worker->out.bytes;
    struct rdl_report report = {.status = RDL_OK};
    const float *importance = t->importance ? t->importance->values + matrix * tensor->ncols : NULL;
    const enum rdl_status status =
        rdl_quantize(&job, worker->weights.bytes, importance, worker->out.bytes, &report);
    worker->bad += report.bad_blocks;
    return status == RDL_OK || bad_data(t, first_row, status, &report, error);
}

/* ------------------------------------------------------------------------------------------------
 */

bool quantize_piece(const struct quantize_settings *settings, const void *tables,
                    const struct quantize_pieces *pieces, uint64_t index,
                    struct quantize_worker *worker, struct error *error)
{
    const struct quantize_tensor *t = pieces->tensor;
    if (t->type.kind == QUANTIZE_COPY)
        return copy_piece(settings, pieces, index, worker, error);
    const uint64_t matrix = index / pieces->pieces_of_matrix;
    const uint64_t row = index % pieces->pieces_of_matrix * pieces->rows_of_piece;
    const uint64_t left = pieces->rows_of_matrix - row;
    const size_t nrows = (size_t)(left < pieces->rows_of_piece ? left : pieces->rows_of_piece);
    const uint64_t first_row = matrix * pieces->rows_of_matrix + row;
    size_t count, size;
    if (__builtin_mul_overflow(nrows, t->tensor->ncols, &count) ||
        __builtin_mul_overflow(count, sizeof(float), &size) ||
        !buffer_reserve(&worker->weights, size, error)) {
        (void)fail(error, "no memory for a row");
        return tensor_fail(t->tensor, error);
    }
    if (!tensor_read(t->tensor, first_row * t->tensor->ncols, count, worker->weights.bytes,
                     &worker->read, error))
        return false;
    if (t->type.kind == QUANTIZE_BLOCKS)
        return quantize(settings, tables, t, matrix, first_row, nrows, worker, error);
    return convert(settings, t, first_row * t->tensor->ncols, count, worker, error);
}
