#include "kld_files.h"

#include "first_failure.h"
#include "progress.h"
#include <inttypes.h>
#include <math.h>
#include <omp.h>
#include <stdlib.h>

/* Rows are read in runs of about so many bytes, or one by one if they are longer. */
enum {
    RUN_BYTES = 1 << 17
};

/* What one thread needs. */
struct worker {
    struct kld_base base;
    float *other;  /* logarithms of probabilities of a row */
    uint8_t *rows; /* a run of encoded rows of each file, the base's first */
    float largest_range;
    uint64_t at_minimum;
};

/* The work and what became of it. */
struct job {
    struct kld_files *files;
    uint64_t rows, rows_per_run, runs;
    struct worker *workers;
    int nworkers;
    struct progress progress;
    struct first_failure failure; /* of the runs */
};

/* ------------------------------------------------------------------------------------------------
 * One run of rows
 */

static bool read_run(const struct kld_files *files, uint64_t first, uint64_t count,
                     uint64_t run_bytes, uint8_t *rows, struct error *error)
{
    if (!logits_read_rows(files->base, first, count, rows, error))
        return false;
    for (size_t o = 0; o < files->nothers; o++)
        if (!logits_read_rows(&files->others[o], first, count, rows + (o + 1) * run_bytes, error))
            return false;
    return true;
}

static bool decode(const struct logits_file *file, uint64_t row, const uint8_t *bytes, float *out,
                   struct logits_row *facts, struct error *error)
{
    return logits_row_decode(bytes, file->shape.vocabulary, out, facts, error) ||
           fail_in(error, "%s: row %" PRIu64, file->source.name, row);
}

/* `bytes` are the base's; those of the others follow at distances of run_bytes. */
static bool take_row(struct kld_files *files, uint64_t row, const uint8_t *bytes,
                     uint64_t run_bytes, struct worker *worker, struct error *error)
{
    const struct logits_file *base = files->base;
    const uint32_t target = logits_target(&base->shape, base->tokens, row);
    struct logits_row facts;
    if (!decode(base, row, bytes, worker->base.log_probabilities, &facts, error))
        return false;
    const float log_probability = worker->base.log_probabilities[target];
    files->nll_base[row] = -log_probability;
    worker->at_minimum += log_probability == facts.minimum;
    worker->largest_range = fmaxf(worker->largest_range, facts.range);
    if (files->nothers > 0)
        kld_base_of_log_probabilities(&worker->base);
    for (size_t o = 0; o < files->nothers; o++) {
        bytes += run_bytes;
        if (!decode(&files->others[o], row, bytes, worker->other, &facts, error))
            return false;
        const struct kld_other other = kld_other_of_log_probabilities(worker->other);
        kld_token_of(&worker->base, &other, target, &files->tokens[o].items[row]);
    }
    return true;
}

static bool take_run(const struct job *job, uint64_t run, struct worker *worker,
                     struct error *error)
{
    struct kld_files *files = job->files;
    const uint64_t first = run * job->rows_per_run, left = job->rows - first;
    const uint64_t count = left < job->rows_per_run ? left : job->rows_per_run;
    const uint64_t row_bytes = files->base->row_bytes, run_bytes = job->rows_per_run * row_bytes;
    if (!read_run(files, first, count, run_bytes, worker->rows, error))
        return false;
    for (uint64_t i = 0; i < count; i++)
        if (!take_row(files, first + i, worker->rows + i * row_bytes, run_bytes, worker, error))
            return false;
    return true;
}

/* ------------------------------------------------------------------------------------------------
 * All runs
 */

/* Runs start in order: whichever thread is faster, the first bad one is started, and reported. */
static void take_runs(struct job *job)
{
#pragma omp parallel for num_threads(job->nworkers) schedule(dynamic)
    for (uint64_t run = 0; run < job->runs; run++) {
        if (first_failure_is_before(&job->failure, run))
            continue;
        struct error error;
        if (!take_run(job, run, &job->workers[omp_get_thread_num()], &error))
            first_failure_keep(&job->failure, run, &error);
#pragma omp critical(kld_files)
        progress_add(&job->progress, 1, job->files->base->source.name);
    }
}

static bool open_worker(struct worker *worker, const struct job *job, struct error *error)
{
    const struct kld_files *files = job->files;
    const uint32_t vocabulary = files->base->shape.vocabulary;
    const uint64_t run_bytes = job->rows_per_run * files->base->row_bytes;
    worker->other = malloc(vocabulary * sizeof *worker->other);
    worker->rows = malloc((files->nothers + 1) * run_bytes);
    return kld_base_open(&worker->base, &files->settings, vocabulary, error) &&
           ((worker->other && worker->rows) || fail(error, "no memory for rows"));
}

static void close_worker(struct worker *worker)
{
    kld_base_close(&worker->base);
    free(worker->other);
    free(worker->rows);
}

static bool open_results(struct kld_files *files, uint64_t rows, struct error *error)
{
    files->nll_base = malloc(rows * sizeof *files->nll_base);
    files->tokens = calloc(files->nothers + 1, sizeof *files->tokens);
    if (!files->nll_base || !files->tokens)
        return fail(error, "no memory for %" PRIu64 " tokens", rows);
    for (size_t o = 0; o < files->nothers; o++) {
        struct kld_tokens *tokens = &files->tokens[o];
        if (!kld_tokens_reserve(tokens, rows, error))
            return false;
        tokens->count = rows;
        tokens->per_chunk = logits_rows_per_chunk(&files->base->shape);
    }
    return true;
}

static bool run(struct job *job, struct error *error)
{
    struct kld_files *files = job->files;
    for (int i = 0; i < job->nworkers; i++)
        if (!open_worker(&job->workers[i], job, error))
            return false;
    progress_start(&job->progress, job->runs);
    take_runs(job);
    progress_end(&job->progress);
    for (int i = 0; i < job->nworkers; i++) {
        files->at_minimum += job->workers[i].at_minimum;
        files->largest_range = fmaxf(files->largest_range, job->workers[i].largest_range);
    }
    return job->failure.item == NO_FAILURE;
}

bool kld_files_read(struct kld_files *files, struct error *error)
{
    const uint64_t rows = files->base->rows, row_bytes = files->base->row_bytes;
    const uint64_t rows_per_run = row_bytes < RUN_BYTES ? RUN_BYTES / row_bytes : 1;
    const uint64_t runs = (rows - 1) / rows_per_run + 1;
    const int threads = omp_get_max_threads();
    struct job job = {
        .files = files,
        .rows = rows,
        .rows_per_run = rows_per_run,
        .runs = runs,
        .nworkers = runs < (uint64_t)threads ? (int)runs : threads,
        .failure = {NO_FAILURE, error},
    };
    kld_settings_fit(&files->settings, files->base->shape.vocabulary);
    files->largest_range = 0.0f;
    files->at_minimum = 0;
    job.workers = calloc((size_t)job.nworkers, sizeof *job.workers);
    const bool good = open_results(files, rows, error) &&
                      (job.workers || fail(error, "no memory for %d threads", job.nworkers)) &&
                      run(&job, error);
    for (int i = 0; job.workers && i < job.nworkers; i++)
        close_worker(&job.workers[i]);
    free(job.workers);
    if (!good)
        kld_files_free(files);
    return good;
}

void kld_files_free(struct kld_files *files)
{
    for (size_t o = 0; files->tokens && o < files->nothers; o++)
        kld_tokens_free(&files->tokens[o]);
    free(files->tokens);
    free(files->nll_base);
    files->tokens = NULL;
    files->nll_base = NULL;
}

double kld_files_clamp(const struct kld_files *files)
{
    const float clamps[] = {LOGITS_RANGE_LLAMA_CPP, LOGITS_RANGE_IK_LLAMA_CPP};
    for (size_t i = 0; i < sizeof clamps / sizeof *clamps; i++)
        if (fabsf(files->largest_range - clamps[i]) < 1e-3f)
            return (double)clamps[i];
    return (double)NAN;
}
