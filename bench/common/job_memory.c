#include "job_memory.h"

#include "team.h"

#include <stdlib.h>

bool job_tables_make(enum rdl_format format, void **tables, struct error *error)
{
    const size_t size = rdl_tables_size(format);
    *tables = NULL;
    if (size == 0)
        return true;
    *tables = malloc(size);
    if (!*tables)
        return fail(error, "out of memory for %zu bytes of tables", size);
    const enum rdl_status status = rdl_tables_build(format, *tables, size);
    if (status == RDL_OK)
        return true;
    free(*tables);
    *tables = NULL;
    return fail(error, "cannot build the tables of %s: %s", rdl_format_info(format)->name,
                rdl_status_text(status));
}

bool job_memory_open(struct rdl_job *job, struct error *error)
{
    return job_memory_open_team(job, 1, error);
}

bool job_memory_open_team(struct rdl_job *job, unsigned nthreads, struct error *error)
{
    void *tables;
    if (!job_tables_make(job->format, &tables, error))
        return false;
    job->tables = tables;
    job->scratch_size = team_scratch_size(job, nthreads);
    job->scratch = job->scratch_size ? malloc(job->scratch_size) : NULL;
    if (job->scratch || job->scratch_size == 0)
        return true;
    free(tables);
    return fail(error, "out of memory for %zu bytes of scratch", job->scratch_size);
}

void job_memory_close(struct rdl_job *job)
{
    free(
        (void *)(uintptr_t)job->tables); /* made by job_memory_open(), const for the library only */
    free(job->scratch);
    job->tables = job->scratch = NULL;
}
