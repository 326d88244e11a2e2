#include "quantize_stream.h"

#include "job_memory.h"
#include "options.h"
#include "progress.h"
#include "quantize_rows.h"
#include <omp.h>
#include <stdatomic.h>
#include <stdlib.h>

/* A piece between the thread that makes it and the one that writes it. */
struct slot {
    struct quantize_worker worker;
    bool made;
    struct error error;
};

/* With several slots for each thread, none waits for another that is held up. Tasks take memory
 * that not every runtime bounds, so that all are waited for now and then. */
enum {
    SLOTS_PER_THREAD = 4,
    ROUNDS = 16 /* uses of every slot between two waits */
};

struct run {
    struct quantize_stream *stream;
    struct slot *slots;
    unsigned nthreads, nslots;
    uint64_t next_slot;
    void *tables[RDL_FORMAT_COUNT];
    XXH3_state_t *hash; /* of the tensor that is being written */
    uint64_t written;   /* bytes of it */
    struct progress progress;
    atomic_int status; /* of the first failure */
    struct error *error;
};

/* ------------------------------------------------------------------------------------------------
 * One tensor
 */

static bool has_failed(const struct run *run)
{
    return atomic_load(&run->status) != STATUS_OK;
}

static void set_failed(struct run *run, int status, const struct error *error)
{
    *run->error = *error;
    atomic_store(&run->status, status);
}

static void make_piece(struct run *run, const struct quantize_pieces *pieces, uint64_t index,
                       struct slot *slot)
{
    const struct quantize_tensor *t = pieces->tensor;
    const void *tables = t->type.kind == QUANTIZE_BLOCKS ? run->tables[t->type.format] : NULL;
    slot->made = !has_failed(run) && quantize_piece(run->stream->settings, tables, pieces, index,
                                                    &slot->worker, &slot->error);
}

/* This and finish_tensor() are called in the order of the file, one at a time. */
static void put_piece(struct run *run, const struct quantize_tensor *t, const struct slot *slot)
{
    const struct quantize_worker *worker = &slot->worker;
    struct error error;
    if (has_failed(run))
        return;
    if (!slot->made) {
        set_failed(run, STATUS_BAD_INPUT, &slot->error);
        return;
    }
    XXH3_128bits_update(run->hash, worker->bytes, worker->size);
    if (!partial_write(run->stream->file, t->offset + run->written, worker->bytes, worker->size,
                       &error))
        set_failed(run, STATUS_INTERNAL, &error);
    run->written += worker->size;
    progress_add(&run->progress, worker->size, t->tensor->name);
}

/* Up to the next tensor, or to the end of the file. */
static bool put_padding(struct run *run, const struct quantize_tensor *t, struct error *error)
{
    const struct quantize_plan *plan = run->stream->plan;
    const bool last = t == &plan->tensors[plan->count - 1];
    const uint64_t end = t->offset + t->nbytes, next = last ? plan->size : t[1].offset;
    static const uint8_t zeros[4096];
    for (uint64_t at = end; at < next;) {
        const size_t size = next - at < sizeof zeros ? (size_t)(next - at) : sizeof zeros;
        if (!partial_write(run->stream->file, at, zeros, size, error))
            return false;
        at += size;
    }
    return true;
}

static void finish_tensor(struct run *run, size_t index)
{
    struct quantize_stream *stream = run->stream;
    struct error error;
    if (has_failed(run))
        return;
    stream->hashes[index] = XXH3_128bits_digest(run->hash);
    if (!put_padding(run, &stream->plan->tensors[index], &error) ||
        !quantize_journal_add(stream->journal, stream->hashes[index], &error))
        set_failed(run, STATUS_INTERNAL, &error);
    XXH3_128bits_reset(run->hash);
    run->written = 0;
}

/* Pieces are made as slots become free, by whatever thread has time, and put in their order. One
 * thread calls this and makes the tasks; in their dependences `run` stands for the file. */
static void put_tensor(struct run *run, size_t index)
{
    const struct quantize_tensor *t = &run->stream->plan->tensors[index];
    const struct quantize_pieces pieces = quantize_pieces_of(t);
    for (uint64_t i = 0; i < pieces.count && !has_failed(run); i++) {
        struct slot *slot = &run->slots[run->next_slot++ % run->nslots];
#pragma omp task depend(inout : slot[0]) firstprivate(i, slot, pieces)
        make_piece(run, &pieces, i, slot);
#pragma omp task depend(inout : slot[0]) depend(inout : run[0]) firstprivate(slot)
        put_piece(run, t, slot);
        if (run->next_slot % (ROUNDS * run->nslots) == 0) {
#pragma omp taskwait
        }
    }
#pragma omp task depend(inout : run[0]) firstprivate(index)
    finish_tensor(run, index);
}

/* ------------------------------------------------------------------------------------------------
 * The file
 */

static uint64_t bytes_to_write(const struct quantize_stream *stream)
{
    uint64_t bytes = 0;
    for (size_t i = stream->done; i < stream->plan->count; i++)
        bytes += stream->plan->tensors[i].nbytes;
    return bytes;
}

/* Behind the tensors that are done already. */
static uint64_t begin_of_rest(const struct quantize_stream *stream)
{
    const struct quantize_plan *plan = stream->plan;
    return stream->done == 0             ? plan->head_size
           : stream->done == plan->count ? plan->size
                                         : plan->tensors[stream->done].offset;
}

static bool make_tables(struct run *run, struct error *error)
{
    const struct quantize_plan *plan = run->stream->plan;
    for (size_t i = run->stream->done; i < plan->count; i++) {
        const struct quantize_type type = plan->tensors[i].type;
        if (type.kind == QUANTIZE_BLOCKS && !run->tables[type.format] &&
            !job_tables_make(type.format, &run->tables[type.format], error))
            return false;
    }
    return true;
}

static void put_tensors(struct run *run)
{
    const size_t count = run->stream->plan->count;
#pragma omp parallel num_threads(run->nthreads)
#pragma omp single
    for (size_t i = run->stream->done; i < count && !has_failed(run); i++)
        put_tensor(run, i);
}

static void put_all(struct run *run)
{
    struct quantize_stream *stream = run->stream;
    const struct quantize_plan *plan = stream->plan;
    struct error error;
    progress_start(&run->progress, bytes_to_write(stream));
    XXH3_128bits_reset(run->hash);
    if (!make_tables(run, &error) || !partial_cut(stream->file, begin_of_rest(stream), &error) ||
        !partial_expect_room(stream->file, plan->size, &error) ||
        !partial_write(stream->file, 0, plan->head, plan->head_size, &error))
        set_failed(run, STATUS_INTERNAL, &error);
    else
        put_tensors(run);
    progress_end(&run->progress);
}

static void free_run(struct run *run)
{
    for (unsigned i = 0; run->slots && i < run->nslots; i++) {
        run->stream->bad += run->slots[i].worker.bad;
        quantize_worker_free(&run->slots[i].worker);
    }
    for (unsigned i = 0; i < RDL_FORMAT_COUNT; i++)
        free(run->tables[i]);
    free(run->slots);
    XXH3_freeState(run->hash);
}

int quantize_stream_run(struct quantize_stream *stream, struct error *error)
{
    struct run run = {
        .stream = stream,
        .nthreads = (unsigned)omp_get_max_threads(),
        .hash = XXH3_createState(),
        .status = STATUS_OK,
        .error = error,
    };
    run.nslots = SLOTS_PER_THREAD * run.nthreads;
    run.slots = calloc(run.nslots, sizeof *run.slots);
    if (run.slots && run.hash) {
        put_all(&run);
    } else {
        (void)fail(error, "out of memory");
        run.status = STATUS_INTERNAL;
    }
    free_run(&run);
    return run.status;
}
