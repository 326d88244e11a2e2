#include "contest_gap.h"

#include "roundel_block.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum {
    LONGEST_BLOCK = 256
};

/* A bound that nobody has computed yet; bounds are >= 0, or NaN where there is none. */
static const double unknown = -1.0;

/* Of one contestant, over the sampled blocks of all tensors so far. */
struct gap_series {
    size_t group; /* the first contestant with the same weights of the same blocks, who has their
                     bounds */
    size_t first, count, capacity; /* the last tensor's are `count`, from `first` on */
    double *errors;                /* NaN where there is no figure */
    double *bounds;                /* of the first in the group */
    struct gap_sample sample;      /* of the last tensor */
    uint64_t matrix_blocks;        /* blocks in one of its matrices */
};

/* ------------------------------------------------------------------------------------------------
 * Memory
 */

enum rdl_weighting contest_gap_weighting(const struct contest_gap *gap,
                                         const struct contestant *contestant)
{
    return gap->weighting != RDL_NATIVE ? gap->weighting : contestant->weighting;
}

static bool takes_importance(const struct contestant *c)
{
    return rdl_encoder_support(c->format, c->rounding, c->weighting, c->target) &
           RDL_WITH_IMPORTANCE;
}

static bool same_bounds(const struct contest_gap *gap, const struct contestant *a,
                        const struct contestant *b)
{
    return a->format == b->format &&
           contest_gap_weighting(gap, a) == contest_gap_weighting(gap, b) &&
           takes_importance(a) == takes_importance(b);
}

bool contest_gap_open(struct contest_gap *gap, const struct contest *contest, struct error *error)
{
    gap->series = calloc(contest->count + 1, sizeof *gap->series);
    if (!gap->series)
        return fail(error, "out of memory");
    for (size_t c = 0; c < contest->count; c++) {
        size_t *group = &gap->series[c].group;
        while (!same_bounds(gap, &contest->contestants[*group], &contest->contestants[c]))
            ++*group;
    }
    return true;
}

void contest_gap_close(struct contest_gap *gap, size_t contestants)
{
    for (size_t c = 0; gap->series && c < contestants; c++) {
        free(gap->series[c].errors);
        free(gap->series[c].bounds);
    }
    free(gap->series);
    gap->series = NULL;
}

size_t contest_gap_scratch(const struct contest *contest)
{
    size_t most = 0;
    for (size_t c = 0; contest->gap && c < contest->count; c++) {
        const size_t size = rdl_block_bound_scratch_size(contest->contestants[c].format);
        most = size > most ? size : most;
    }
    return most;
}

static bool grow(double **values, size_t size, double value, size_t from)
{
    double *grown = realloc(*values, size * sizeof *grown);
    if (!grown)
        return false;
    *values = grown;
    for (size_t i = from; i < size; i++)
        grown[i] = value;
    return true;
}

/* ------------------------------------------------------------------------------------------------
 * The sample of a tensor
 */

static struct gap_sample sample_of(const struct contest_gap *gap, const struct tensor *tensor,
                                   uint64_t blocks)
{
    return (struct gap_sample){
        .seed = gap->seed,
        .tensor = (uint32_t)XXH3_64bits(tensor->name, strlen(tensor->name)),
        .blocks = blocks,
        .count = gap->most < blocks ? gap->most : blocks,
    };
}

/* Contestants of a group have the same blocks, so that the places of one are those of all. */
bool contest_gap_begin(struct contest *contest, const struct tensor *tensor, uint64_t nmatrices,
                       struct error *error)
{
    const uint64_t matrix = tensor_numel(tensor) / nmatrices;
    for (size_t c = 0; c < contest->count; c++) {
        const enum rdl_format format = contest->contestants[c].format;
        const uint64_t length = rdl_format_info(format)->block_length;
        struct gap_series *s = &contest->gap->series[c];
        s->first += s->count;
        s->matrix_blocks = (matrix + length - 1) / length;
        s->sample = sample_of(contest->gap, tensor, s->matrix_blocks * nmatrices);
        s->count = (size_t)s->sample.count;
        const size_t size = s->first + s->count;
        if (s->count > 0 && (!grow(&s->errors, size, NAN, s->first) ||
                             (s->group == c && !grow(&s->bounds, size, unknown, s->first))))
            return fail(error, "out of memory for the excess of %zu blocks (--sample takes fewer)",
                        size);
    }
    return true;
}

/* ------------------------------------------------------------------------------------------------
 * Blocks
 */

/* The row whose mean square was taken last. */
struct last_row {
    const float *x; /* NULL at first */
    float mean_square;
};

/* Summed as the library does it. */
static float mean_square(const float *x, size_t n)
{
    float sum = 0.0f;
    for (size_t i = 0; i < n; i++)
        sum += x[i] * x[i];
    return sum / (float)n;
}

static bool weights_of(const struct gap_piece *piece, enum rdl_weighting weighting, size_t place,
                       struct last_row *last, float weights[LONGEST_BLOCK], double *unit)
{
    const struct rdl_job *job = piece->job;
    const float *row = piece->x + place / job->ncols * job->ncols;
    if (row != last->x)
        *last = (struct last_row){row, mean_square(row, job->ncols)};
    return rdl_block_weights(job->format, weighting, piece->x + place,
                             piece->importance ? piece->importance + place : NULL,
                             last->mean_square, weights, unit) == RDL_OK;
}

static double error_of(const float *x, const float *y, const float *weights, size_t n)
{
    double error = 0.0;
    for (size_t i = 0; i < n; i++) {
        const double difference = (double)x[i] - (double)y[i];
        error += (double)weights[i] * (difference * difference);
    }
    return error;
}

/* Errors and bounds are those of the weights as they are defined: times the unit. */
static void measure_block(const struct contest *contest, size_t c, const struct gap_piece *piece,
                          size_t place, size_t slot, struct last_row *last)
{
    const struct contestant *contestant = &contest->contestants[c];
    struct gap_series *series = contest->gap->series;
    double *bound = &series[series[c].group].bounds[slot];
    const float *x = piece->x + place;
    float weights[LONGEST_BLOCK];
    double unit;
    if (!weights_of(piece, contest_gap_weighting(contest->gap, contestant), place, last, weights,
                    &unit)) {
        *bound = NAN;
        return;
    }
    if (*bound == unknown) {
        const bool found = rdl_block_bound(contestant->format, contest->gap->target, x, weights,
                                           piece->scratch, bound) == RDL_OK;
        *bound = found ? *bound * unit : NAN; /* bad data, which the contest counts */
    }
    series[c].errors[slot] = unit * error_of(x, piece->y + place, weights,
                                             rdl_format_info(contestant->format)->block_length);
}

void contest_gap_measure(struct contest *contest, size_t c, const struct gap_piece *piece)
{
    const struct gap_series *s = &contest->gap->series[c];
    const size_t length = rdl_format_info(contest->contestants[c].format)->block_length;
    const size_t nblocks = piece->job->nrows * piece->job->ncols / length;
    if (s->count == 0 || nblocks == 0)
        return;
    const uint64_t first = piece->matrix * s->matrix_blocks + piece->start / length;
    struct last_row last = {0};
    const uint64_t last_run = gap_sample_run(&s->sample, first + nblocks - 1);
    for (uint64_t run = gap_sample_run(&s->sample, first); run <= last_run; run++) {
        const uint64_t block = gap_sample_block(&s->sample, run);
        if (block >= first && block - first < nblocks)
            measure_block(contest, c, piece, (size_t)(block - first) * length,
                          s->first + (size_t)run, &last);
    }
}

/* ------------------------------------------------------------------------------------------------
 * Statistics
 */

static bool evaluate(const struct contest *contest, size_t c, size_t first, size_t count,
                     struct gap_stats *stats, struct error *error)
{
    const struct gap_series *s = &contest->gap->series[c];
    const double *bounds = contest->gap->series[s->group].bounds;
    double *room = malloc((3 * count + 1) * sizeof *room);
    if (!room)
        return fail(error, "out of memory");
    double *errors = room, *optima = room + count;
    size_t n = 0;
    for (size_t i = first; i < first + count; i++) {
        if (!isfinite(s->errors[i]) || !(bounds[i] >= 0.0))
            continue;
        errors[n] = s->errors[i];
        optima[n++] = bounds[i];
    }
    *stats = gap_stats(n, errors, optima, room + 2 * count);
    free(room);
    return true;
}

bool contest_gap_evaluate(const struct contest *contest, size_t c, struct gap_stats *stats,
                          struct error *error)
{
    const struct gap_series *s = &contest->gap->series[c];
    return evaluate(contest, c, s->first, s->count, stats, error);
}

bool contest_gap_total(const struct contest *contest, size_t c, struct gap_stats *stats,
                       struct error *error)
{
    const struct gap_series *s = &contest->gap->series[c];
    return evaluate(contest, c, 0, s->first + s->count, stats, error);
}
