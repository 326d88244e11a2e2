#include "kld_estimate.h"

#include "confidence.h"
#include "moments.h"
#include <math.h>
#include <stdbool.h>

static const double coverage = 0.99;

enum {
    FEW_TOKENS = 10
};

static double half_width(double error, uint64_t count)
{
    return count < 2 ? (double)NAN : student_quantile(coverage, count - 1) * error;
}

void kld_set_error(struct kld_estimate *estimate, double error, size_t count)
{
    const bool enough = count > FEW_TOKENS;
    estimate->error = enough ? error : 0.0;
    estimate->half_99 = enough ? half_width(error, count) : (double)NAN;
}

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
    struct kld_estimate estimate = {
        .value = tokens.count > 0 ? tokens.mean : (double)NAN,
        .chunk_error = moments_standard_error(&chunks),
    };
    kld_set_error(&estimate, moments_standard_error(&tokens), series->count);
    estimate.chunk_half_99 = half_width(estimate.chunk_error, chunks.count);
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
