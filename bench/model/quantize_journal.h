/*
 * OUT.journal: which tensors of OUT.partial are complete, so that a later run of the same request
 * can go on behind them. Lines of text: the request's hash, then the hash of each tensor in order.
 * A line that was cut short by a kill is none.
 */
#ifndef ROUNDEL_BENCH_QUANTIZE_JOURNAL_H
#define ROUNDEL_BENCH_QUANTIZE_JOURNAL_H

#include "content_hash.h"
#include "quantize_plan.h"

struct quantize_journal {
    int fd;
    char *path;
};

/* The hash of everything that the bytes of the new file depend on: this program, what is asked for,
 * and the input (`spec`, and its files by size and time of change). */
bool quantize_request_hash(const struct quantize_plan *plan,
                           const struct quantize_settings *settings, const struct tensor_list *list,
                           const char *spec, XXH128_hash_t *hash, struct error *error);

/*
 * Reads what an earlier run left: sets hashes[0 .. *done) of tensors that are complete, up to the
 * first whose bytes in `partial` are not those that were written. None where there is no journal.
 * Fails if the journal is of another request.
 */
bool quantize_journal_read(const char *out, const char *partial, XXH128_hash_t request,
                           const struct quantize_plan *plan, XXH128_hash_t *hashes, size_t *done,
                           struct error *error);

/* Begins a new journal with the tensors that are done; on false there is nothing to close. */
bool quantize_journal_open(struct quantize_journal *journal, const char *out, XXH128_hash_t request,
                           const XXH128_hash_t *hashes, size_t done, struct error *error);

bool quantize_journal_add(struct quantize_journal *journal, XXH128_hash_t hash,
                          struct error *error);

/* Closes and removes it. */
void quantize_journal_end(struct quantize_journal *journal);

#endif
