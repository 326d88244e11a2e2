/* What `roundel quantize` says. */
#ifndef ROUNDEL_BENCH_QUANTIZE_REPORT_H
#define ROUNDEL_BENCH_QUANTIZE_REPORT_H

#include "content_hash.h"
#include "output.h"
#include "quantize_plan.h"

struct quantize_report {
    const char *in, *out;
    const struct quantize_plan *plan;
    const struct quantize_settings *settings;
    bool is_gguf; /* the input */
    bool dry_run;
    const XXH128_hash_t *hashes; /* of the written tensors; NULL for a dry run */
    size_t resumed;              /* tensors that an earlier run had written */
    uint64_t bad;                /* blocks, or numbers, that were made sane */
    double seconds;
};

/* One row for each tensor, and the total; false without memory. */
bool quantize_report_plan(const struct quantize_report *report);

/* Remarks, for stderr. */
void quantize_report_notes(const struct quantize_report *report);

/* What was written, as a line. */
void quantize_report_result(const struct quantize_report *report);

/* The whole as JSON, to an open output. */
bool quantize_report_write(const struct quantize_report *report, struct output *output,
                           struct error *error);

#endif
