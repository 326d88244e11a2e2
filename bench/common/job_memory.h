/* The memory that an encoder wants from its caller: scratch, and the tables of its format. */
#ifndef ROUNDEL_BENCH_JOB_MEMORY_H
#define ROUNDEL_BENCH_JOB_MEMORY_H

#include "error.h"
#include "roundel.h"

/* Allocates what a job to quantize wants and sets its members; on false there is nothing to free.
 */
bool job_memory_open(struct rdl_job *job, struct error *error);
/* The same for a team of threads (team.h). */
bool job_memory_open_team(struct rdl_job *job, unsigned nthreads, struct error *error);
void job_memory_close(struct rdl_job *job);

/* The tables alone, which any number of threads may share; NULL where the format has none. Free
 * them with free(). */
bool job_tables_make(enum rdl_format format, void **tables, struct error *error);

#endif
