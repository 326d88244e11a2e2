#include "kld_estimate.h"

#include "confidence.h"
#include "moments.h"
#include <math.h>
#include <stdbool.h>

static const double coverage = 0.99;

enum {
    FEW_TOKENS = 10
};

struct kld_estimate kld_mean(const struct kld_series *series)
{
    struct moments tokens = {0}, chunks = {0}, chunk = {0};
    for (size_t i = 0; i < series->count; i++) {
        const double value = series->value(series->data, i);
        moments_add(&tokens, value);
        moments_add(&chunk, value);
        if (chunk.count == series->per_chunk) {
            moments_add(&chunks, chunk.mean); /* chunks are of one size */
            chunk = (struct moments){0};
        }
    }
    const bool enough = tokens.count > FEW_TOKENS;
    struct kld_estimate estimate = {
        .value = tokens.count > 0 ? tokens.mean : (double)NAN,
        .error = enough ? moments_standard_error(&tokens) : 0.0,
        .half_99 = (double)NAN,
        .chunk_error = moments_standard_error(&chunks),
        .chunk_half_99 = (double)NAN,
    };
    if (enough)
        estimate.half_99 = student_quantile(coverage, tokens.count - 1) * estimate.error;
    if (chunks.count > 1)
        estimate.chunk_half_99 =
            student_quantile(coverage, chunks.count - 1) * estimate.chunk_error;
    return estimate;
}

struct kld_estimate kld_derived(const struct kld_estimate *from, double value, double factor)
{
    return (struct kld_estimate){
        .value = value,
        .error = factor * from->error,
        .half_99 = factor * from->half_99,
        .chunk_error = factor * from->chunk_error,
        .chunk_half_99 = factor * from->chunk_half_99,
    };
}
