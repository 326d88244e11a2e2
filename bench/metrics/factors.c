#include "factors.h"

static bool check_factors(const struct pieces *pieces, const struct piece *piece,
                          const float *factors, struct error *error)
{
    for (size_t i = 0; i < piece->length; i++)
        if (!(factors[i] >= 0.0f && factors[i] <= RDL_IMPORTANCE_MAX)) {
            const uint64_t at = piece->first + i;
            return fail(error, "row %llu, column %llu: %g is no factor, which is 0 to %g",
                        (unsigned long long)(at / pieces->ncols),
                        (unsigned long long)(at % pieces->ncols), (double)factors[i],
                        (double)RDL_IMPORTANCE_MAX);
        }
    return true;
}

bool factors_read(const struct factors *factors, const struct pieces *pieces,
                  const struct piece *piece, float *out, struct buffer *buffer, struct error *error)
{
    if (factors->weights)
        return tensor_read(factors->weights, piece->first, piece->length, out, buffer, error) &&
               (check_factors(pieces, piece, out, error) || tensor_fail(factors->weights, error));
    const float *columns = factors->columns->values + piece->matrix * pieces->ncols;
    uint64_t column = piece->column;
    for (size_t i = 0; i < piece->length; i++) {
        out[i] = columns[column];
        column = column + 1 == pieces->ncols ? 0 : column + 1;
    }
    return true;
}

enum rdl_status factors_quantize(const struct factors *factors, const struct rdl_job *job,
                                 const float *x, const float *importance, uint8_t *blocks,
                                 struct rdl_report *report)
{
    if (!factors->weights || !importance || job->nrows == 1)
        return rdl_quantize(job, x, importance, blocks, report);
    const struct rdl_format_info *info = rdl_format_info(job->format);
    struct rdl_job row = *job;
    row.nrows = 1;
    uint64_t bad_blocks = 0;
    enum rdl_status status = RDL_OK;
    for (size_t r = 0; r < job->nrows && status == RDL_OK; r++) {
        const size_t at = r * job->ncols;
        status = rdl_quantize(&row, x + at, importance + at,
                              blocks + at / info->block_length * info->block_bytes, report);
        report->row = r;
        bad_blocks += report->bad_blocks;
    }
    report->bad_blocks = bad_blocks;
    return status;
}
