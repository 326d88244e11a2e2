/* Writes the new file: rows are read and quantized by all threads, and written in their order. */
#ifndef ROUNDEL_BENCH_QUANTIZE_STREAM_H
#define ROUNDEL_BENCH_QUANTIZE_STREAM_H

#include "content_hash.h"
#include "partial_file.h"
#include "quantize_journal.h"
#include "quantize_plan.h"

struct quantize_stream {
    const struct quantize_plan *plan;
    const struct quantize_settings *settings;
    struct partial_file *file;
    struct quantize_journal *journal;
    XXH128_hash_t *hashes; /* of the tensors' bytes, one for each; those before `done` are known */
    size_t done;           /* tensors that are in the file already */
    uint64_t bad;          /* blocks, or numbers, that were made sane; set by the run */
};

/*
 * Writes head and tensors and fills the hashes. Memory: a few rows for each thread (OpenMP's number
 * of them), tables of formats. The result is an exit status; the first bad row of the first bad
 * tensor makes the error, whatever the number of threads.
 */
int quantize_stream_run(struct quantize_stream *stream, struct error *error);

#endif
