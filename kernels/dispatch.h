/* What the entry points ask of the dispatch table. */
#ifndef RDL_DISPATCH_H
#define RDL_DISPATCH_H

#include "kernel.h"

/* Checks all of a job to quantize but its data; if the result is RDL_OK, sets *encode, *passes and
 * what rows are told of the search. */
enum rdl_status rdl_job_encoder(const struct rdl_job *job, bool with_importance,
                                rdl_encode_fn **encode, struct rdl_rows *rows,
                                const struct rdl_passes **passes);

#endif
