#include "evaluation.h"

#include "first_failure.h"
#include "quantile.h"
#include <inttypes.h>
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------
 * One chunk
 */

/* One thread's share. */
struct worker {
    struct llama_workspace space;
    struct kld_base base;
    float *logits;   /* of a chunk */
    int32_t *tokens; /* of a chunk */
};

/* What to run, and where the results go. */
struct job {
    const struct evaluation *evaluation;
    float *const *values;
    struct kld_tokens *tokens; /* NULL: the model itself, to `logits` and `nll` */
    float *logits, *nll;
    struct first_failure failure; /* of the chunks */
};

static uint32_t target_of(const struct eval_text *text, size_t chunk, uint32_t row)
{
    const size_t at = chunk * text->cut.context + text->cut.first + row + 1;
    return (uint32_t)text->tokens.ids[at];
}

static bool check_finite(const float *logits, uint32_t vocabulary, size_t chunk, uint32_t row,
                         struct error *error)
{
    for (uint32_t i = 0; i < vocabulary; i++)
        if (!isfinite(logits[i]))
            return fail(error,
                        "the logit of token %" PRIu32 " in row %" PRIu32 " of chunk %zu is %g", i,
                        row, chunk, (double)logits[i]);
    return true;
}

static double negative_log_likelihood(const float *logits, uint32_t vocabulary, uint32_t target)
{
    double max = (double)logits[0], sum = 0.0;
    for (uint32_t i = 1; i < vocabulary; i++)
        max = (double)logits[i] > max ? (double)logits[i] : max;
    for (uint32_t i = 0; i < vocabulary; i++)
        sum += natural_exp((double)logits[i] - max);
    return max + natural_log(sum) - (double)logits[target];
}

static void compare_row(const struct job *job, struct worker *worker, const float *logits,
                        size_t row, uint32_t target)
{
    const uint32_t vocabulary = job->evaluation->model->shape.vocabulary;
    kld_base_of_logits(&worker->base, job->evaluation->logits + row * vocabulary);
    const struct kld_other other = kld_other_of_logits(logits, vocabulary);
    kld_token_of(&worker->base, &other, target, &job->tokens->items[row]);
}

static bool run_chunk(const struct job *job, size_t chunk, struct worker *worker,
                      struct error *error)
{
    const struct evaluation *e = job->evaluation;
    const uint32_t vocabulary = e->model->shape.vocabulary;
    const uint32_t nrows = eval_rows_per_chunk(e->text);
    eval_text_chunk(e->text, chunk, worker->tokens);
    const struct llama_chunk run = {
        .tokens = worker->tokens,
        .count = e->text->cut.context,
        .first = e->text->cut.first,
        .nrows = nrows,
    };
    float *logits = job->tokens ? worker->logits : job->logits + chunk * nrows * vocabulary;
    llama_forward(e->model, job->values, &run, &worker->space, logits, NULL, NULL);
    for (uint32_t r = 0; r < nrows; r++, logits += vocabulary) {
        const uint32_t target = target_of(e->text, chunk, r);
        const size_t row = chunk * nrows + r;
        if (!check_finite(logits, vocabulary, chunk, r, error))
            return false;
        if (job->tokens)
            compare_row(job, worker, logits, row, target);
        else
            job->nll[row] = (float)negative_log_likelihood(logits, vocabulary, target);
    }
    return true;
}

/* ------------------------------------------------------------------------------------------------
 * All chunks
 */

static bool open_worker(struct worker *worker, const struct evaluation *e, struct error *error)
{
    const size_t context = e->text->cut.context;
    const size_t numel = (size_t)eval_rows_per_chunk(e->text) * e->model->shape.vocabulary;
    *worker = (struct worker){0};
    worker->logits = numel <= SIZE_MAX / sizeof(float) ? malloc(numel * sizeof(float)) : NULL;
    worker->tokens = malloc(context * sizeof(int32_t));
    return ((worker->logits && worker->tokens) || fail(error, "no memory for a chunk's logits")) &&
           llama_workspace_open(&worker->space, e->model, e->text->cut.context, error) &&
           kld_base_open(&worker->base, &e->settings, e->model->shape.vocabulary, error);
}

static void close_worker(struct worker *worker)
{
    llama_workspace_close(&worker->space);
    kld_base_close(&worker->base);
    free(worker->logits);
    free(worker->tokens);
}

static void report_progress(const struct evaluation *e)
{
    if (!e->progress)
        return;
#pragma omp critical(evaluation_progress)
    progress_add(e->progress, eval_chunk_work(e->model, e->text), "running the model");
}

static bool run_chunks(struct job *job)
{
    const struct evaluation *e = job->evaluation;
    const size_t chunks = e->text->chunks;
#pragma omp parallel num_threads((int)e->threads)
    {
        struct worker worker;
        struct error error;
        const bool made = open_worker(&worker, e, &error);
        if (!made)
            first_failure_keep(&job->failure, 0, &error);
#pragma omp for schedule(dynamic, 1)
        for (size_t chunk = 0; chunk < chunks; chunk++) {
            if (!made || first_failure_is_before(&job->failure, chunk))
                continue;
            if (!run_chunk(job, chunk, &worker, &error))
                first_failure_keep(&job->failure, chunk, &error);
            report_progress(e);
        }
        close_worker(&worker);
    }
    return job->failure.item == NO_FAILURE;
}

uint64_t eval_chunk_work(const struct llama_model *model, const struct eval_text *text)
{
    /* Some 256 multiplications take the time of the search for a rounding. */
    return llama_numel(model) / 256 * text->cut.context / 8 + 1;
}

/* ------------------------------------------------------------------------------------------------
 * The calls
 */

bool evaluation_open(struct evaluation *e, struct error *error)
{
    const size_t vocabulary = e->model->shape.vocabulary;
    e->rows = e->text->chunks * eval_rows_per_chunk(e->text);
    kld_settings_fit(&e->settings, e->model->shape.vocabulary);
    const bool fits = e->rows <= SIZE_MAX / sizeof(float) / vocabulary;
    e->logits = fits ? malloc(e->rows * vocabulary * sizeof *e->logits) : NULL;
    e->nll = fits ? malloc(e->rows * sizeof *e->nll) : NULL;
    struct job job = {
        .evaluation = e,
        .values = e->model->values,
        .logits = e->logits,
        .nll = e->nll,
        .failure = {NO_FAILURE, error},
    };
    const bool good =
        ((e->logits && e->nll) ||
         fail(error, "no memory for the logits of %zu tokens; take fewer --chunks", e->rows)) &&
        run_chunks(&job);
    if (!good)
        evaluation_close(e);
    return good;
}

void evaluation_close(struct evaluation *e)
{
    free(e->logits);
    free(e->nll);
    e->logits = e->nll = NULL;
}

bool evaluation_compare(const struct evaluation *e, float *const *values, struct kld_tokens *tokens,
                        struct error *error)
{
    struct job job = {
        .evaluation = e, .values = values, .tokens = tokens, .failure = {NO_FAILURE, error}};
    if (!kld_tokens_reserve(tokens, e->rows, error))
        return false;
    tokens->count = e->rows;
    tokens->per_chunk = eval_rows_per_chunk(e->text);
    return run_chunks(&job);
}

bool evaluation_write(const struct evaluation *e, struct logits_writer *writer, struct error *error)
{
    const size_t vocabulary = e->model->shape.vocabulary;
    for (size_t row = 0; row < e->rows; row++)
        if (!logits_writer_add(writer, e->logits + row * vocabulary, error))
            return false;
    return logits_writer_commit(writer, error);
}
