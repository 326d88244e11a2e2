#include "team.h"

/* Parts of the scratch do not share cache lines. */
enum {
    CACHE_LINE = 64
};

bool team_pin(const struct topology *topology, unsigned first, unsigned nthreads,
              struct error *error)
{
    bool pinned = true;
#pragma omp parallel for num_threads(nthreads) schedule(static, 1)
    for (unsigned thread = 0; thread < nthreads; thread++) {
        struct error local;
        if (!topology_pin_thread(topology, topology_slot_from(topology, first, thread), &local)) {
#pragma omp critical(team_pin)
            {
                *error = local;
                pinned = false;
            }
        }
    }
    return pinned;
}

/* ------------------------------------------------------------------------------------------------
 * Rows and memory of a thread
 */

/* The first row of a thread's run, or nrows for thread number nthreads: the remainder of the
 * division goes to the first threads, a row each. */
static size_t first_row(size_t nrows, unsigned nthreads, unsigned thread)
{
    const size_t each = nrows / nthreads, more = nrows % nthreads;
    return thread * each + (thread < more ? thread : more);
}

static size_t scratch_part(const struct rdl_job *job)
{
    return (rdl_scratch_size(job) + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
}

size_t team_scratch_size(const struct rdl_job *job, unsigned nthreads)
{
    return nthreads * scratch_part(job);
}

static struct rdl_job job_of_thread(const struct rdl_job *job, unsigned nthreads, unsigned thread)
{
    struct rdl_job part = *job;
    part.nrows =
        first_row(job->nrows, nthreads, thread + 1) - first_row(job->nrows, nthreads, thread);
    /* Too little scratch is refused by the library, part by part. */
    part.scratch_size = job->scratch_size / nthreads / CACHE_LINE * CACHE_LINE;
    if (job->scratch)
        part.scratch = (uint8_t *)job->scratch + thread * part.scratch_size;
    return part;
}

/* True if there are rows that can be shared out; else the library says what is wrong, if anything
 * is. */
static bool can_be_split(const struct rdl_job *job, const void *from, const void *to)
{
    return job && from && to && rdl_blocks_size(job->format, job->nrows, job->ncols) != 0;
}

/* ------------------------------------------------------------------------------------------------
 * The calls
 */

/* What a thread has to say, in row order: a report of a later thread counts where the earlier ones
 * have nothing. */
struct verdict {
    enum rdl_status status;
    struct rdl_report report;
};

static void merge(struct verdict *all, const struct verdict *part, size_t row)
{
    if (all->status == RDL_OK)
        all->status = part->status;
    const size_t bad_blocks = all->report.bad_blocks + part->report.bad_blocks;
    if (all->report.status == RDL_OK && part->report.status != RDL_OK) {
        all->report = part->report;
        all->report.row += row;
    }
    all->report.bad_blocks = bad_blocks;
}

enum rdl_status team_quantize(unsigned nthreads, const struct rdl_job *job, const float *x,
                              const float *importance, void *blocks, struct rdl_report *report)
{
    if (!can_be_split(job, x, blocks))
        return rdl_quantize(job, x, importance, blocks, report);
    const size_t row_bytes = rdl_blocks_size(job->format, 1, job->ncols);
    struct verdict all = {.status = RDL_OK, .report = {.status = RDL_OK}};
#pragma omp parallel for num_threads(nthreads) schedule(static, 1) ordered
    for (unsigned thread = 0; thread < nthreads; thread++) {
        const size_t row = first_row(job->nrows, nthreads, thread);
        const struct rdl_job part = job_of_thread(job, nthreads, thread);
        struct verdict verdict;
        verdict.status = rdl_quantize(&part, x + row * job->ncols, importance,
                                      (uint8_t *)blocks + row * row_bytes, &verdict.report);
#pragma omp ordered
        merge(&all, &verdict, row);
    }
    if (report)
        *report = all.report;
    return all.status;
}

static size_t element_bytes(enum rdl_element element)
{
    return element == RDL_F32 ? sizeof(float) : sizeof(uint16_t);
}

enum rdl_status team_dequantize(unsigned nthreads, const struct rdl_job *job, const void *blocks,
                                void *x)
{
    if (!can_be_split(job, x, blocks))
        return rdl_dequantize(job, blocks, x);
    const size_t row_bytes = rdl_blocks_size(job->format, 1, job->ncols);
    const size_t row_size = job->ncols * element_bytes(job->element);
    enum rdl_status status = RDL_OK; /* of a wrong call, the same in every thread */
#pragma omp parallel for num_threads(nthreads) schedule(static, 1)
    for (unsigned thread = 0; thread < nthreads; thread++) {
        const size_t row = first_row(job->nrows, nthreads, thread);
        const struct rdl_job part = job_of_thread(job, nthreads, thread);
        const enum rdl_status verdict = rdl_dequantize(
            &part, (const uint8_t *)blocks + row * row_bytes, (uint8_t *)x + row * row_size);
        if (verdict != RDL_OK) {
#pragma omp atomic write
            status = verdict;
        }
    }
    return status;
}
