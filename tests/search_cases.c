#include "search_cases.h"

#include "suite.h"

#include <stdio.h>
#include <stdlib.h>

bool search_exists(const struct search_case *search)
{
    return search->rounding >= RDL_FIRST_SEARCH &&
           rdl_scales_support(search->format, search->rounding, search->scales) &&
           rdl_encoder_support(search->format, search->rounding, search->weighting,
                               search->target) != 0;
}

const char *search_name(const struct search_case *search)
{
    static char name[SEARCH_NAME];
    (void)snprintf(name, sizeof name, "%s/%s/%s/%s/%s", rdl_format_info(search->format)->name,
                   rdl_rounding_name(search->rounding), rdl_weighting_name(search->weighting),
                   rdl_scales_name(search->scales), rdl_target_name(search->target));
    return name;
}

/* Of exactly this size; kept until another size is asked for. */
static void *scratch_of(size_t size)
{
    static void *memory;
    static size_t memory_size;
    if (size == 0)
        return NULL;
    if (size != memory_size) {
        free(memory);
        memory = malloc(size);
        ck_assert_ptr_nonnull(memory);
        memory_size = size;
    }
    return memory;
}

enum rdl_status search_encode(const struct search_case *search, const float *x,
                              const float *importance, size_t nrows, size_t ncols, unsigned flags,
                              uint8_t *blocks, struct rdl_report *report)
{
    struct rdl_job job = {
        .format = search->format,
        .rounding = search->rounding,
        .weighting = search->weighting,
        .scales = search->scales,
        .target = search->target,
        .nrows = nrows,
        .ncols = ncols,
        .flags = flags,
    };
    job.scratch_size = rdl_scratch_size(&job);
    job.scratch = scratch_of(job.scratch_size);
    return rdl_quantize(&job, x, importance, blocks, report);
}

void search_decode(enum rdl_format format, const uint8_t *blocks, size_t nrows, size_t ncols,
                   float *x)
{
    const struct rdl_job job = {
        .format = format, .target = RDL_SCALAR, .nrows = nrows, .ncols = ncols};
    ck_assert_int_eq(rdl_dequantize(&job, blocks, x), RDL_OK);
}

double search_error(const float *x, const float *y, const float *weights, size_t n)
{
    double error = 0.0;
    for (size_t i = 0; i < n; i++) {
        const double difference = (double)x[i] - (double)y[i];
        error += (double)weights[i] * (difference * difference);
    }
    return error;
}
