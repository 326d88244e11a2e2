#include "contest.h"

#include "clock.h"
#include "contest_gap.h"
#include "contest_workspace.h"
#include "first_failure.h"
#include "job_memory.h"
#include "weighting.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

struct run {
    struct contest *contest;
    const struct tensor *tensor;
    const struct factors *factors;
    enum rdl_weighting error_weighting;
    struct pieces pieces;
    struct outcome *outcomes;
    struct error_sums *sums;      /* [contestant * pieces + piece] */
    uint64_t *hashes;             /* of the pieces */
    struct first_failure failure; /* of the pieces */
};

/* ------------------------------------------------------------------------------------------------
 * One piece
 */

static bool load_piece(struct run *run, struct workspace *space, const struct piece *piece,
                       struct error *error)
{
    const size_t n = piece->length;
    if (!tensor_read(run->tensor, piece->first, n, space->x, &space->read_buffer, error))
        return false;
    memset(space->x + n, 0, WORKSPACE_PADDING * sizeof(float));
    const bool has_factors = factors_exist(run->factors);
    if (has_factors && !factors_read(run->factors, &run->pieces, piece, space->importance,
                                     &space->read_buffer, error))
        return false;
    memset(space->importance + n, 0, WORKSPACE_PADDING * sizeof(float));
    error_weights(run->error_weighting, space->x, has_factors ? space->importance : NULL, n,
                  space->w);
    return true;
}

/* The rows that a contestant sees: the tensor's own where the piece has whole ones, else one long
 * row of blocks. */
static struct rdl_job job_for(const struct run *run, const struct workspace *space, size_t c,
                              const struct piece *piece)
{
    const struct contestant *contestant = &run->contest->contestants[c];
    const size_t block = rdl_format_info(contestant->format)->block_length;
    struct rdl_job job = {
        .format = contestant->format,
        .rounding = contestant->rounding,
        .scales = contestant->scales,
        .weighting = contestant->weighting,
        .target = contestant->target,
        .nrows = 1,
        .ncols = (piece->length + block - 1) / block * block,
        .flags = run->contest->go_on ? RDL_GO_ON : 0,
        .scratch = space->scratch,
        .scratch_size = space->scratch_size,
        .tables = run->contest->tables[contestant->format],
    };
    if (run->outcomes[c].fit == FIT_ROWS && piece->column == 0 &&
        piece->length % run->pieces.ncols == 0) {
        job.nrows = (size_t)(piece->length / run->pieces.ncols);
        job.ncols = (size_t)run->pieces.ncols;
    }
    return job;
}

static bool bad_data(const struct run *run, const struct piece *piece, const struct rdl_job *job,
                     enum rdl_status status, const struct rdl_report *report, struct error *error)
{
    if (report->status == RDL_OK)
        return fail(error, "%s: %s", rdl_format_info(job->format)->name, rdl_status_text(status));
    const uint64_t at = piece->first + report->row * job->ncols + report->column;
    const uint64_t row = at / run->pieces.ncols, column = at % run->pieces.ncols;
    if (status == RDL_IMPORTANCE_INVALID)
        return fail(error, "column %llu: %s", (unsigned long long)column, rdl_status_text(status));
    return fail(error, "row %llu, column %llu: %s (%s)", (unsigned long long)row,
                (unsigned long long)column, rdl_status_text(status),
                rdl_format_info(job->format)->name);
}

/* Times and counts of one piece, added to the outcome by the caller in a critical section. */
struct piece_cost {
    double encode_seconds, decode_seconds;
    uint64_t bytes, blocks, padding, bad_blocks;
};

static unsigned encoder_support(const struct contestant *c)
{
    return rdl_encoder_support(c->format, c->rounding, c->weighting, c->target);
}

static bool has_importance(const struct run *run, const struct contestant *contestant)
{
    return factors_exist(run->factors) && !contestant->plain;
}

static bool encode_and_decode(const struct run *run, struct workspace *space, size_t c,
                              const struct piece *piece, struct piece_cost *cost,
                              struct error *error)
{
    const struct rdl_job job = job_for(run, space, c, piece);
    const struct contestant *contestant = &run->contest->contestants[c];
    const bool with_importance =
        has_importance(run, contestant) && (encoder_support(contestant) & RDL_WITH_IMPORTANCE);
    struct rdl_report report;
    const double start = thread_seconds();
    enum rdl_status status =
        factors_quantize(run->factors, &job, space->x, with_importance ? space->importance : NULL,
                         space->blocks, &report);
    const double middle = thread_seconds();
    struct rdl_job decode_job = job;
    decode_job.target = contestant->decode_target;
    if (status == RDL_OK)
        status = rdl_dequantize(&decode_job, space->blocks, space->y);
    const double end = thread_seconds();
    if (status != RDL_OK)
        return bad_data(run, piece, &job, status, &report, error);
    const struct rdl_format_info *info = rdl_format_info(job.format);
    const uint64_t encoded = job.nrows * job.ncols;
    *cost = (struct piece_cost){
        .encode_seconds = middle - start,
        .decode_seconds = end - middle,
        .bytes = encoded / info->block_length * info->block_bytes,
        .blocks = encoded / info->block_length,
        .padding = encoded - piece->length,
        .bad_blocks = report.bad_blocks,
    };
    return true;
}

static void measure_gap(const struct run *run, const struct workspace *space, size_t c,
                        const struct piece *piece)
{
    const struct rdl_job job = job_for(run, space, c, piece);
    const struct gap_piece measured = {
        .job = &job,
        .x = space->x,
        .y = space->y,
        .importance = factors_exist(run->factors) ? space->importance : NULL,
        .matrix = piece->matrix,
        .start = piece->first - piece->matrix * run->pieces.matrix_numel,
        .scratch = space->bound_scratch,
    };
    contest_gap_measure(run->contest, c, &measured);
}

static void add_cost(struct outcome *outcome, uint64_t weights, const struct piece_cost *cost)
{
    outcome->weights += weights;
    outcome->blocks += cost->blocks;
    outcome->bytes += cost->bytes;
    outcome->padding += cost->padding;
    outcome->bad_blocks += cost->bad_blocks;
    outcome->encode_seconds += cost->encode_seconds;
    outcome->decode_seconds += cost->decode_seconds;
}

static bool run_contestant(struct run *run, struct workspace *space, size_t c, uint64_t index,
                           const struct piece *piece, struct error *error)
{
    const struct contestant *contestant = &run->contest->contestants[c];
    struct error_sums *sums = &run->sums[c * run->pieces.count + index];
    const struct block_errors *errors = &space->block_errors[c];
    struct piece_cost cost = {0};
    if (!encode_and_decode(run, space, c, piece, &cost, error))
        return tensor_fail(run->tensor, error);
    const struct metrics_input input = {
        .x = space->x,
        .y = space->y,
        .w = space->w,
        .n = piece->length,
        .block_length = rdl_format_info(contestant->format)->block_length,
        .first = piece->first,
    };
    memset(space->histogram, 0, sizeof *space->histogram);
    metrics_piece(&input, sums, space->histogram, errors->plain, errors->weighted);
    if (contestant->baseline != NO_BASELINE &&
        outcome_took_part(&run->outcomes[contestant->baseline])) {
        const struct block_errors *base = &space->block_errors[contestant->baseline];
        paired_add(&sums->paired, errors->plain, base->plain, cost.blocks);
        paired_add(&sums->paired_weighted, errors->weighted, base->weighted, cost.blocks);
    }
    if (run->contest->gap)
        measure_gap(run, space, c, piece);
    if (run->contest->values)
        run->contest->values(run->contest->values_context, c, piece, space->y);
#pragma omp critical(contest_outcome)
    {
        add_cost(&run->outcomes[c], piece->length, &cost);
        histogram_merge(&run->contest->histograms[c], space->histogram);
    }
    return true;
}

static bool run_piece(struct run *run, struct workspace *space, uint64_t index, struct error *error)
{
    const struct piece piece = piece_at(&run->pieces, index);
    if (!load_piece(run, space, &piece, error))
        return false;
    run->hashes[index] = XXH3_64bits(space->x, piece.length * sizeof(float));
    for (size_t c = 0; c < run->contest->count; c++) {
        if (outcome_took_part(&run->outcomes[c]) &&
            !run_contestant(run, space, c, index, &piece, error))
            return false;
    }
    return true;
}

/* ------------------------------------------------------------------------------------------------
 * All pieces
 */

/* The most scratch that a contestant wants for any row of a piece. */
static size_t scratch_size(const struct run *run)
{
    size_t most = 0;
    for (size_t c = 0; c < run->contest->count; c++) {
        const struct contestant *contestant = &run->contest->contestants[c];
        const struct rdl_job job = {
            .format = contestant->format,
            .rounding = contestant->rounding,
            .scales = contestant->scales,
            .weighting = contestant->weighting,
            .target = contestant->target,
            .ncols = (size_t)run->pieces.piece_numel + WORKSPACE_PADDING,
        };
        const size_t size = contestant->available ? rdl_scratch_size(&job) : 0;
        most = size > most ? size : most;
    }
    return most;
}

static void run_pieces(struct run *run, contest_progress_fn *progress, void *context)
{
#pragma omp parallel num_threads((int)run->contest->threads)
    {
        struct workspace space;
        struct error error;
        const bool made =
            workspace_make(&space, run->contest->count, (size_t)run->pieces.piece_numel,
                           scratch_size(run), contest_gap_scratch(run->contest));
        if (!made) {
            fail(&error, "out of memory");
            first_failure_keep(&run->failure, 0, &error);
        }
#pragma omp for schedule(dynamic, 1)
        for (uint64_t index = 0; index < run->pieces.count; index++) {
            if (!made || first_failure_is_before(&run->failure, index))
                continue;
            if (!run_piece(run, &space, index, &error))
                first_failure_keep(&run->failure, index, &error);
#pragma omp critical(contest_progress)
            if (progress)
                progress(context, piece_at(&run->pieces, index).length);
        }
        if (made)
            workspace_free(&space, run->contest->count);
    }
}

static bool evaluate(struct run *run, struct error *error)
{
    for (size_t c = 0; c < run->contest->count; c++) {
        struct outcome *outcome = &run->outcomes[c];
        if (!outcome_took_part(outcome))
            continue;
        struct error_histogram *histogram = &run->contest->histograms[c];
        outcome->sums = metrics_merge(run->sums + c * run->pieces.count, (size_t)run->pieces.count);
        outcome->metrics = metrics_evaluate(&outcome->sums, histogram);
        histogram_merge(&run->contest->totals[c], histogram);
        if (run->contest->gap && !contest_gap_evaluate(run->contest, c, &outcome->gap, error))
            return false;
    }
    return true;
}

/* ------------------------------------------------------------------------------------------------
 * The contest
 */

static bool fit_contestants(struct run *run, struct error *error)
{
    for (size_t c = 0; c < run->contest->count; c++) {
        const struct contestant *contestant = &run->contest->contestants[c];
        struct outcome *outcome = &run->outcomes[c];
        if (!contestant->available)
            continue;
        const struct rdl_format_info *info = rdl_format_info(contestant->format);
        if (!has_importance(run, contestant) && !(encoder_support(contestant) & RDL_PLAIN)) {
            outcome->fit = FIT_NEEDS_IMPORTANCE;
            continue;
        }
        outcome->fit = FIT_ROWS;
        if (run->tensor->ncols % info->block_length == 0)
            continue;
        if (run->contest->misfit == MISFIT_ERROR)
            return fail(error,
                        "rows of %llu weights are no multiple of the %u weights of a %s block "
                        "(--on-misfit flatten or skip)",
                        (unsigned long long)run->tensor->ncols, info->block_length, info->name);
        outcome->fit = run->contest->misfit == MISFIT_SKIP ? FIT_SKIPPED : FIT_FLATTENED;
    }
    return true;
}

static enum rdl_weighting choose_error_weighting(const struct contest *contest, bool has_importance)
{
    if (contest->error_weighting != RDL_NATIVE)
        return contest->error_weighting;
    return has_importance ? RDL_IMPORTANCE : RDL_X2;
}

static bool allocate(struct run *run, struct error *error)
{
    const size_t npieces = (size_t)run->pieces.count;
    run->sums = calloc(npieces * run->contest->count + 1, sizeof *run->sums);
    run->hashes = calloc(npieces + 1, sizeof *run->hashes);
    memset(run->contest->histograms, 0, run->contest->count * sizeof *run->contest->histograms);
    return (run->sums && run->hashes) || fail(error, "out of memory");
}

static bool prepare(struct run *run, struct error *error)
{
    if (!factors_exist(run->factors) && weighting_needs_importance(run->contest->error_weighting))
        return fail(error, "the error weights need importance, and there is none");
    const uint64_t matrices = imatrix_matrices(run->factors->columns, run->tensor, error);
    if (matrices == 0)
        return false;
    run->pieces = pieces_of(run->tensor, matrices);
    if (!fit_contestants(run, error) || !allocate(run, error))
        return false;
    return !run->contest->gap || contest_gap_begin(run->contest, run->tensor, matrices, error);
}

bool contest_open(struct contest *contest, struct error *error)
{
    contest->histograms = calloc(contest->count, sizeof *contest->histograms);
    contest->totals = calloc(contest->count, sizeof *contest->totals);
    bool opened = (contest->histograms && contest->totals) || fail(error, "out of memory");
    for (size_t c = 0; c < contest->count && opened; c++) {
        const enum rdl_format format = contest->contestants[c].format;
        if (!contest->tables[format])
            opened = job_tables_make(format, &contest->tables[format], error);
    }
    if (!opened)
        contest_close(contest);
    return opened;
}

void contest_close(struct contest *contest)
{
    free(contest->histograms);
    free(contest->totals);
    contest->histograms = contest->totals = NULL;
    for (size_t f = 0; f < RDL_FORMAT_COUNT; f++) {
        free(contest->tables[f]);
        contest->tables[f] = NULL;
    }
}

bool contest_run(struct contest *contest, const struct tensor *tensor,
                 const struct factors *factors, struct outcome *outcomes,
                 struct contest_input *input, contest_progress_fn *progress, void *context,
                 struct error *error)
{
    struct run run = {
        .contest = contest,
        .tensor = tensor,
        .factors = factors,
        .error_weighting = choose_error_weighting(contest, factors_exist(factors)),
        .outcomes = outcomes,
        .failure = {NO_FAILURE, error},
    };
    memset(outcomes, 0, contest->count * sizeof *outcomes);
    bool done = prepare(&run, error) || tensor_fail(tensor, error);
    if (done) {
        run_pieces(&run, progress, context);
        done = run.failure.item == NO_FAILURE;
    }
    if (done && (done = evaluate(&run, error)))
        *input = (struct contest_input){
            .hash = XXH3_64bits(run.hashes, (size_t)run.pieces.count * sizeof *run.hashes),
            .has_importance = factors_exist(factors),
            .error_weighting = run.error_weighting,
        };
    free(run.sums);
    free(run.hashes);
    return done;
}
