#include "raster_run.h"

#include "first_failure.h"
#include "raster_sums.h"
#include "spool.h"

#include <omp.h>
#include <stdlib.h>
#include <xxhash.h>

enum {
    ROWS_PER_THREAD = 16 /* of a band: threads wait for the slowest at its end */
};

/* Rows that are made together. */
struct band {
    size_t rows;
    double *values;           /* rows * width */
    struct raster_sums *sums; /* of each row */
};

struct run {
    const struct raster_source *source;
    struct band band;
    struct raster_sums sums;
    XXH64_state_t *hash;
    struct spool spool;
    bool keep, good;
    const struct raster_sink *sink;
    struct progress *progress;
    struct error *error;
    struct first_failure failure; /* of the rows */
};

static void run_free(struct run *run)
{
    free(run->band.values);
    free(run->band.sums);
    XXH64_freeState(run->hash);
    spool_close(&run->spool);
}

static bool run_make(struct run *run)
{
    const size_t rows = (size_t)omp_get_max_threads() * ROWS_PER_THREAD;
    run->band.rows = rows < run->source->height ? rows : run->source->height;
    run->band.values = malloc(run->band.rows * run->source->width * sizeof(double));
    run->band.sums = malloc(run->band.rows * sizeof *run->band.sums);
    run->hash = XXH64_createState();
    if (!run->band.values || !run->band.sums || !run->hash || XXH64_reset(run->hash, 0) != XXH_OK)
        return fail(run->error, "out of memory for rows of %zu pixels", run->source->width);
    return !run->keep || spool_open(&run->spool, run->error);
}

static void make_row(struct run *run, void *thread, double *areas, size_t first, size_t i)
{
    struct error error = {"out of memory"};
    double *values = run->band.values + i * run->source->width;
    if (thread && areas &&
        run->source->row(run->source->subject, thread, first + i, values, areas, &error))
        run->band.sums[i] = raster_row_sums(run->source->width, values, areas);
    else
        first_failure_keep(&run->failure, first + i, &error);
}

/* A band that is complete, its rows in order. */
static void take_band(struct run *run, size_t rows)
{
    const size_t size = rows * run->source->width * sizeof(double);
    run->good = run->failure.item == NO_FAILURE;
    if (!run->good)
        return;
    for (size_t i = 0; i < rows; i++)
        raster_sums_add(&run->sums, &run->band.sums[i]);
    XXH64_update(run->hash, run->band.values, size);
    if (run->keep && !spool_write(&run->spool, run->band.values, size, run->error))
        run->good = false;
    if (run->good && run->sink)
        run->good = run->sink->rows(run->sink->context, rows, run->band.values, run->error);
    progress_add(run->progress, rows, run->source->name);
}

static void make_rows(struct run *run)
{
    const size_t height = run->source->height;
#pragma omp parallel
    {
        void *thread = run->source->open(run->source->subject);
        double *areas = malloc(run->source->width * sizeof(double));
        bool good = true;
        for (size_t first = 0; good && first < height; first += run->band.rows) {
            const size_t rest = height - first,
                         rows = rest < run->band.rows ? rest : run->band.rows;
#pragma omp for schedule(dynamic, 1)
            for (size_t i = 0; i < rows; i++)
                make_row(run, thread, areas, first, i);
#pragma omp single
            take_band(run, rows);
            good = run->good; /* nobody writes it before the next loop */
#pragma omp barrier
        }
        free(areas);
        if (thread)
            run->source->close(thread);
    }
}

static bool finish(struct run *run, struct raster *raster)
{
    const size_t size = run->source->width * run->source->height * sizeof(double);
    *raster = (struct raster){.width = run->source->width, .height = run->source->height};
    raster->statistics = raster_statistics_of(&run->sums, XXH64_digest(run->hash));
    if (run->keep)
        raster->values = spool_map(&run->spool, size, run->error);
    return !run->keep || raster->values;
}

bool raster_make(struct raster *raster, const struct raster_source *source, bool keep,
                 const struct raster_sink *sink, struct progress *progress, struct error *error)
{
    struct run run = {
        .source = source,
        .spool = {-1},
        .keep = keep,
        .sink = sink,
        .good = true,
        .progress = progress,
        .error = error,
        .failure = {NO_FAILURE, error},
    };
    *raster = (struct raster){0};
    run.good = run_make(&run);
    if (run.good)
        make_rows(&run);
    const bool made = run.good && finish(&run, raster);
    run_free(&run);
    return made;
}

void raster_release(struct raster *raster)
{
    spool_unmap(raster->values, raster->width * raster->height * sizeof(double));
    raster->values = NULL;
}
