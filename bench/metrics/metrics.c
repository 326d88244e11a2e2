#include "metrics.h"
#include "quantile.h"
#include <math.h>

/* Adds `from`, which lies behind `into`. Of equal maxima the earlier one stays. */
static void add(struct error_sums *into, const struct error_sums *from)
{
    into->n += from->n;
    into->non_finite += from->non_finite;
    into->ee += from->ee;
    into->wee += from->wee;
    into->w += from->w;
    into->xx += from->xx;
    into->yy += from->yy;
    into->xy += from->xy;
    if (from->max_error > into->max_error || into->n == from->n /* into was empty */) {
        into->max_error = from->max_error;
        into->max_index = from->max_index;
    }
    paired_merge(&into->paired, &from->paired);
    paired_merge(&into->paired_weighted, &from->paired_weighted);
}

/* Weights [begin, end) of the input: one block. */
static struct error_sums sum_block(const struct metrics_input *input, size_t begin, size_t end,
                                   struct error_histogram *histogram)
{
    struct error_sums sums = {0};

    for (size_t i = begin; i < end; i++) {
        const double x = input->x[i], y = input->y[i];
        const double w = input->w != NULL ? input->w[i] : 1.0;
        const double e = y - x;
        const double size = fabs(e);

        if (!isfinite(e)) {
            sums.non_finite++;
            continue;
        }
        if (size > sums.max_error || sums.n == 0) {
            sums.max_error = size;
            sums.max_index = input->first + i;
        }
        sums.n++;
        sums.ee += e * e;
        sums.wee += w * (e * e);
        sums.w += w;
        sums.xx += x * x;
        sums.yy += y * y;
        sums.xy += x * y;
        histogram_add(histogram, size);
    }
    return sums;
}

void metrics_piece(const struct metrics_input *input, struct error_sums *sums,
                   struct error_histogram *histogram, double *block_ee, double *block_wee)
{
    size_t block = 0;

    *sums = (struct error_sums){0};
    for (size_t begin = 0; begin < input->n; block++) {
        const size_t left = input->n - begin;
        const size_t end = begin + (left < input->block_length ? left : input->block_length);
        const struct error_sums block_sums = sum_block(input, begin, end, histogram);

        add(sums, &block_sums);
        block_ee[block] = block_sums.non_finite == 0 ? block_sums.ee : NAN;
        block_wee[block] = block_sums.non_finite == 0 ? block_sums.wee : NAN;
        begin = end;
    }
}

struct error_sums metrics_merge(const struct error_sums *pieces, size_t count)
{
    const size_t left_count = count - count / 2;

    if (count == 0)
        return (struct error_sums){0};
    if (count == 1)
        return pieces[0];

    struct error_sums left = metrics_merge(pieces, left_count);
    const struct error_sums right = metrics_merge(pieces + left_count, count - left_count);

    add(&left, &right);
    return left;
}

/* Rounding may push a cosine a little out of its range. */
static double clamp_to_one(double cosine)
{
    if (cosine > 1.0)
        return 1.0;
    return cosine < -1.0 ? -1.0 : cosine;
}

/* Our own logarithm: the same digits on every machine. */
static double decibels(double signal, double noise)
{
    const double ln_10 = 0x1.26bb1bbb55516p1;

    return noise > 0.0 ? 10.0 / ln_10 * natural_log(signal / noise) : INFINITY;
}

static double percentile(const struct error_sums *sums, const struct error_histogram *histogram,
                         unsigned per_mille)
{
    const double estimate = histogram_percentile(histogram, per_mille);

    return estimate < sums->max_error ? estimate : sums->max_error;
}

struct error_metrics metrics_evaluate(const struct error_sums *sums,
                                      const struct error_histogram *histogram)
{
    struct error_metrics m = {NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};

    if (sums->n == 0)
        return m;
    m.rmse = sqrt(sums->ee / (double)sums->n);
    m.max_error = sums->max_error;
    m.p50 = percentile(sums, histogram, 500);
    m.p95 = percentile(sums, histogram, 950);
    m.p99 = percentile(sums, histogram, 990);
    m.p999 = percentile(sums, histogram, 999);
    if (sums->w > 0.0)
        m.weighted_rmse = sqrt(sums->wee / sums->w);
    if (sums->xx > 0.0) {
        m.relative_rmse = sqrt(sums->ee / sums->xx);
        m.sqnr_db = decibels(sums->xx, sums->ee);
    }
    if (sums->xx > 0.0 && sums->yy > 0.0)
        m.cosine = clamp_to_one(sums->xy / sqrt(sums->xx * sums->yy));
    return m;
}
