#include "imatrix_collect.h"

#include "evaluation.h"
#include "llama_forward.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Sums of the matrices of a model, one after another. */
struct totals {
    const struct llama_model *model;
    size_t *offsets; /* where a tensor's sums begin; one more is the end */
    double *squares;
    uint64_t *counts; /* of inputs of each tensor; 0 where it is no matrix */
    size_t *order;    /* the matrices, as they are used */
    size_t nused;
};

/* One thread's share. */
struct worker {
    struct llama_workspace space;
    struct totals chunk;
    int32_t *tokens;
    float *logits;
};

static bool totals_open(struct totals *totals, const struct llama_model *model, struct error *error)
{
    const size_t count = model->count;
    *totals = (struct totals){.model = model};
    totals->offsets = calloc(count + 1, sizeof *totals->offsets);
    totals->counts = calloc(count + 1, sizeof *totals->counts);
    totals->order = calloc(count + 1, sizeof *totals->order);
    for (size_t i = 0; totals->offsets && i < count; i++)
        totals->offsets[i + 1] =
            totals->offsets[i] + (model->tensors[i] ? (size_t)model->tensors[i]->ncols : 0);
    totals->squares =
        totals->offsets ? calloc(totals->offsets[count] + 1, sizeof *totals->squares) : NULL;
    return (totals->counts && totals->order && totals->squares) ||
           fail(error, "no memory for the sums of %zu tensors", count);
}

static void totals_close(struct totals *totals)
{
    free(totals->offsets);
    free(totals->squares);
    free(totals->counts);
    free(totals->order);
}

static size_t index_of(const struct llama_model *model, const struct tensor *tensor)
{
    size_t index = 0;
    while (model->tensors[index] != tensor)
        index++;
    return index;
}

static void take_inputs(void *context, const struct tensor *tensor, const float *inputs,
                        size_t nrows, size_t ncols)
{
    struct totals *totals = context;
    const size_t index = index_of(totals->model, tensor);
    double *squares = totals->squares + totals->offsets[index];
    if (totals->counts[index] == 0)
        totals->order[totals->nused++] = index;
    totals->counts[index] += nrows;
    for (size_t r = 0; r < nrows; r++, inputs += ncols)
        for (size_t j = 0; j < ncols; j++)
            squares[j] += (double)inputs[j] * (double)inputs[j];
}

/* Adds a chunk's sums to those of all before it, and clears them. */
static void add_chunk(struct totals *all, struct totals *chunk)
{
    const size_t count = all->model->count;
    for (size_t j = 0; j < all->offsets[count]; j++)
        all->squares[j] += chunk->squares[j];
    for (size_t i = 0; i < count; i++)
        all->counts[i] += chunk->counts[i];
    memcpy(all->order, chunk->order, chunk->nused * sizeof *chunk->order);
    all->nused = chunk->nused;
    memset(chunk->squares, 0, all->offsets[count] * sizeof *chunk->squares);
    memset(chunk->counts, 0, count * sizeof *chunk->counts);
    chunk->nused = 0;
}

/* ------------------------------------------------------------------------------------------------
 * Chunks
 */

static bool worker_open(struct worker *worker, const struct llama_model *model, uint32_t context,
                        struct error *error)
{
    *worker = (struct worker){0};
    worker->tokens = malloc(context * sizeof *worker->tokens);
    worker->logits = calloc(context, model->shape.vocabulary * sizeof *worker->logits);
    return ((worker->tokens && worker->logits) || fail(error, "no memory for a chunk")) &&
           totals_open(&worker->chunk, model, error) &&
           llama_workspace_open(&worker->space, model, context, error);
}

static void worker_close(struct worker *worker)
{
    llama_workspace_close(&worker->space);
    totals_close(&worker->chunk);
    free(worker->tokens);
    free(worker->logits);
}

static void run_chunk(struct worker *worker, const struct eval_text *text, size_t index)
{
    const uint32_t context = text->cut.context;
    const struct llama_model *model = worker->chunk.model;
    eval_text_chunk(text, index, worker->tokens);
    const struct llama_chunk chunk = {
        .tokens = worker->tokens, .count = context, .first = 0, .nrows = context};
    llama_forward(model, model->values, &chunk, &worker->space, worker->logits, take_inputs,
                  &worker->chunk);
}

/* Teams wait for the chunk before theirs only with their sums. */
static bool run_chunks(struct totals *all, const struct eval_text *text, unsigned threads,
                       struct progress *progress, struct error *error)
{
    const uint64_t work = eval_chunk_work(all->model, text);
    bool failed = false;
#pragma omp parallel num_threads((int)threads)
    {
        struct worker worker;
        struct error own;
        const bool made = worker_open(&worker, all->model, text->cut.context, &own);
#pragma omp critical(imatrix_collect)
        if (!made) {
            failed = true;
            *error = own;
        }
#pragma omp barrier
#pragma omp for ordered schedule(static, 1)
        for (size_t i = 0; i < text->chunks; i++) {
            if (failed)
                continue;
            run_chunk(&worker, text, i);
#pragma omp ordered
            {
                add_chunk(all, &worker.chunk);
                progress_add(progress, work, "running the model");
            }
        }
        worker_close(&worker);
    }
    return !failed;
}

/* ------------------------------------------------------------------------------------------------
 * The matrix
 */

static bool add_entry(struct imatrix_sums *sums, const struct totals *all, size_t index,
                      struct error *error)
{
    const struct tensor *tensor = all->model->tensors[index];
    const size_t ncols = (size_t)tensor->ncols;
    const double *squares = all->squares + all->offsets[index];
    struct imatrix_sums_entry *entry = imatrix_sums_add(sums, tensor->name, ncols, 1, false, error);
    if (!entry)
        return false;
    entry->counts[0] = (double)all->counts[index];
    for (size_t j = 0; j < ncols; j++) {
        entry->squares[j] = (float)squares[j];
        if (!isfinite(entry->squares[j])) {
            (void)fail(error, "the sum of squares of input %zu is %g", j, squares[j]);
            return tensor_fail(tensor, error);
        }
    }
    return true;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool make_matrix(struct imatrix_sums *sums, const struct totals *all,
                        const struct eval_text *text, struct error *error)
{
    *sums = (struct imatrix_sums){
        .format = IMATRIX_GGUF,
        .has_chunks = true,
        .chunks = text->chunks,
        .chunk_size = text->cut.context,
    };
    bool good = true;
    for (size_t i = 0; good && i < all->nused; i++)
        good = add_entry(sums, all, all->order[i], error);
    for (size_t i = 0; good && i < text->nparts; i++)
        good = imatrix_sums_add_dataset(sums, base_name(text->parts[i].name), error);
    good = good && imatrix_sums_index(sums, error);
    if (!good)
        imatrix_sums_free(sums);
    return good;
}

bool imatrix_collect(struct imatrix_sums *sums, const struct llama_model *model,
                     const struct eval_text *text, unsigned threads, struct progress *progress,
                     struct error *error)
{
    struct totals all;
    const bool good = totals_open(&all, model, error) &&
                      run_chunks(&all, text, threads, progress, error) &&
                      make_matrix(sums, &all, text, error);
    totals_close(&all);
    return good;
}
