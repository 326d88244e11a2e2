#include "statistics.h"

#include "pieces.h"
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <omp.h>
#include <stdlib.h>

/* Sums over some weights. m2, m3, m4 are the sums of powers of the deviations from the mean. */
struct sums {
    uint64_t finite, zeros, subnormals, nans, infinities;
    uint64_t first_bad; /* weight number, if nans + infinities > 0 */
    float bad_value;
    float min, max; /* infinities the wrong way round without finite weights */
    double mean, square, m2, m3, m4;
};

static const struct sums no_sums = {.min = INFINITY, .max = -INFINITY};

static bool has_bad(const struct sums *sums)
{
    return sums->nans + sums->infinities > 0;
}

/* ------------------------------------------------------------------------------------------------
 * One piece
 */

static void count_kinds(struct sums *sums, uint64_t first, const float *x, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        float magnitude = fabsf(x[i]);
        if (magnitude <= FLT_MAX) {
            sums->finite++;
            sums->zeros += magnitude == 0.0f;
            sums->subnormals += magnitude > 0.0f && magnitude < FLT_MIN;
            sums->min = x[i] < sums->min ? x[i] : sums->min;
            sums->max = x[i] > sums->max ? x[i] : sums->max;
            continue;
        }
        if (!has_bad(sums)) {
            sums->first_bad = first + i;
            sums->bad_value = x[i];
        }
        sums->nans += isnan(x[i]) != 0;
        sums->infinities += isinf(x[i]) != 0;
    }
}

/* Two passes, so that nothing cancels. Nothing overflows: 2^63 fourth powers of 2^129 are 2^579. */
static void sum_powers(struct sums *sums, const float *x, size_t count)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++) {
        sum += fabsf(x[i]) <= FLT_MAX ? (double)x[i] : 0.0;
    }
    sums->mean = sum / (double)sums->finite;
    for (size_t i = 0; i < count; i++) {
        if (fabsf(x[i]) <= FLT_MAX) {
            double deviation = (double)x[i] - sums->mean;
            double squared = deviation * deviation;
            sums->square += (double)x[i] * (double)x[i];
            sums->m2 += squared;
            sums->m3 += squared * deviation;
            sums->m4 += squared * squared;
        }
    }
}

static struct sums sums_of(uint64_t first, const float *x, size_t count)
{
    struct sums sums = no_sums;
    count_kinds(&sums, first, x, count);
    if (sums.finite > 0) {
        sum_powers(&sums, x, count);
    }
    return sums;
}

/* ------------------------------------------------------------------------------------------------
 * Pieces together
 */

/*
 * Merges the moments of b into a, where a comes first. Pebay, "Formulas for robust, one-pass
 * parallel computation of covariances and arbitrary-order statistical moments", SAND2008-6212
 * (2008), 2.1.
 */
static void merge_moments(struct sums *a, const struct sums *b)
{
    double na = (double)a->finite;
    double nb = (double)b->finite;
    double n = na + nb;
    double delta = b->mean - a->mean;
    double step = delta / n;
    double term = delta * step * na * nb;
    a->m4 += b->m4 + term * step * step * (na * na - na * nb + nb * nb) +
             6.0 * step * step * (na * na * b->m2 + nb * nb * a->m2) +
             4.0 * step * (na * b->m3 - nb * a->m3);
    a->m3 += b->m3 + term * step * (na - nb) + 3.0 * step * (na * b->m2 - nb * a->m2);
    a->m2 += b->m2 + term;
    a->mean += step * nb;
    a->square += b->square;
}

static void merge(struct sums *a, const struct sums *b)
{
    if (a->finite == 0) {
        a->mean = b->mean;
        a->square = b->square;
        a->m2 = b->m2;
        a->m3 = b->m3;
        a->m4 = b->m4;
    } else if (b->finite > 0) {
        merge_moments(a, b);
    }
    if (!has_bad(a)) {
        a->first_bad = b->first_bad;
        a->bad_value = b->bad_value;
    }
    a->min = b->min < a->min ? b->min : a->min;
    a->max = b->max > a->max ? b->max : a->max;
    a->finite += b->finite;
    a->zeros += b->zeros;
    a->subnormals += b->subnormals;
    a->nans += b->nans;
    a->infinities += b->infinities;
}

static void finish(const struct tensor *tensor, const struct sums *sums,
                   struct statistics *statistics)
{
    double n = (double)sums->finite;
    *statistics = (struct statistics){
        .count = tensor_numel(tensor),
        .finite = sums->finite,
        .zeros = sums->zeros,
        .subnormals = sums->subnormals,
        .nans = sums->nans,
        .infinities = sums->infinities,
        .min = (double)NAN,
        .max = (double)NAN,
        .mean = (double)NAN,
        .rms = (double)NAN,
        .kurtosis = (double)NAN,
    };
    if (sums->finite > 0) {
        statistics->min = (double)sums->min;
        statistics->max = (double)sums->max;
        statistics->mean = sums->mean;
        statistics->rms = sqrt(sums->square / n);
        /* 0 / 0 where all weights are the same: their mean is exact, no deviation is left. */
        statistics->kurtosis = n * sums->m4 / (sums->m2 * sums->m2);
    }
    if (has_bad(sums)) {
        statistics->bad = (struct bad_weight){
            .row = sums->first_bad / tensor->ncols,
            .column = sums->first_bad % tensor->ncols,
            .value = sums->bad_value,
        };
    }
}

/* ------------------------------------------------------------------------------------------------
 * The tensor
 */

/* What one thread needs. */
struct worker {
    struct buffer weights, bytes;
    struct error error;
    bool failed;
};

static void scan_piece(const struct tensor *tensor, struct piece piece, struct worker *worker,
                       struct sums *sums)
{
    if (worker->failed ||
        !buffer_reserve(&worker->weights, piece.length * sizeof(float), &worker->error) ||
        !tensor_read(tensor, piece.first, piece.length, worker->weights.bytes, &worker->bytes,
                     &worker->error)) {
        worker->failed = true;
        return;
    }
    *sums = sums_of(piece.first, worker->weights.bytes, piece.length);
}

/* Takes the pieces a batch at a time, one batch after the other merged in order. */
static void scan_pieces(const struct tensor *tensor, struct worker *workers, int nworkers,
                        struct sums *total)
{
    enum {
        BATCH = 64
    };
    struct pieces pieces = pieces_of(tensor, 1);
    bool failed = false;
    for (uint64_t first = 0; first < pieces.count && !failed; first += BATCH) {
        struct sums batch[BATCH];
        uint64_t left = pieces.count - first;
        int count = left < BATCH ? (int)left : BATCH;
#pragma omp parallel for num_threads(nworkers) schedule(dynamic)
        for (int i = 0; i < count; i++) {
            scan_piece(tensor, piece_at(&pieces, first + (uint64_t)i),
                       &workers[omp_get_thread_num()], &batch[i]);
        }
        for (int i = 0; i < nworkers; i++) {
            failed = failed || workers[i].failed;
        }
        for (int i = 0; i < count && !failed; i++) {
            merge(total, &batch[i]);
        }
    }
}

bool statistics_of(const struct tensor *tensor, struct statistics *statistics, struct error *error)
{
    int nworkers = omp_get_max_threads();
    struct worker *workers = calloc((size_t)nworkers, sizeof *workers);
    if (workers == NULL) {
        return fail(error, "no memory for %d threads", nworkers);
    }
    struct sums total = no_sums;
    scan_pieces(tensor, workers, nworkers, &total);
    bool good = true;
    for (int i = 0; i < nworkers; i++) {
        if (good && workers[i].failed) {
            *error = workers[i].error;
            good = false;
        }
        buffer_free(&workers[i].weights);
        buffer_free(&workers[i].bytes);
    }
    free(workers);
    if (good) {
        finish(tensor, &total, statistics);
    }
    return good;
}
