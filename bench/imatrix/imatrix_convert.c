#include "imatrix_convert.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Counts entries and keeps the first. */
struct tally {
    size_t count;
    const struct imatrix_sums_entry *first;
};

static void tally(struct tally *tally, const struct imatrix_sums_entry *entry)
{
    if (tally->count++ == 0)
        tally->first = entry;
}

/* Notes what happens in the entries, if there are any. */
static void note_entries(struct notes *notes, const struct tally *tally, const char *what)
{
    char name[128];
    if (tally->count > 0)
        notes_add(notes, "%s in %zu %s (\"%s\"%s)", what, tally->count,
                  tally->count == 1 ? "entry" : "entries",
                  escape(name, sizeof name, tally->first->name, tally->first->name_length),
                  tally->count == 1 ? "" : " ...");
}

bool imatrix_chunk_size(const struct imatrix_sums *sums, uint64_t given, uint64_t *chunk_size,
                        struct notes *notes, struct error *error)
{
    *chunk_size = sums->chunk_size > 0 ? sums->chunk_size : given;
    if (given > 0 && *chunk_size != given)
        return fail(error, "the file says that chunks have %" PRIu64 " tokens, not %" PRIu64,
                    *chunk_size, given);
    if (*chunk_size > 0)
        return true;
    if (sums->format == IMATRIX_GGUF)
        return fail(error, "the file says that chunks have 0 tokens; --chunk-size N must say it");
    notes_add(notes, "chunks of %d tokens are assumed: a .dat file does not say",
              IMATRIX_CHUNK_SIZE);
    *chunk_size = IMATRIX_CHUNK_SIZE;
    return true;
}

/* Puts a number into binary32. */
static bool store(float *place, double value, size_t column, struct error *error)
{
    *place = (float)value;
    return isfinite(*place) ||
           fail(error, "value %zu would be %g, more than binary32 holds", column, value);
}

/* ------------------------------------------------------------------------------------------------
 * From .dat
 */

static bool entry_to_gguf(struct imatrix_sums_entry *entry, uint64_t chunk_size,
                          struct error *error)
{
    const double ncall = entry->counts[0] > 0.0 ? entry->counts[0] : 1.0;
    entry->counts[0] = ncall * (double)chunk_size;
    for (size_t j = 0; j < entry->nvalues; j++)
        if (!store(&entry->squares[j], (double)entry->squares[j] * (double)chunk_size, j, error))
            return fail_in_named(error, "entry", entry->name);
    return true;
}

static void note_chunks(struct imatrix_sums *sums, struct notes *notes)
{
    if (sums->has_chunks)
        return;
    for (size_t i = 0; i < sums->count; i++)
        if (sums->entries[i].counts[0] > (double)sums->chunks)
            sums->chunks = (uint64_t)sums->entries[i].counts[0];
    sums->has_chunks = true;
    notes_add(notes,
              "the file does not say how many chunks it is of; %" PRIu64 " is taken from "
              "its entries",
              sums->chunks);
}

static bool to_gguf(struct imatrix_sums *sums, struct notes *notes, struct error *error)
{
    struct tally uncalled = {0}, inexact = {0};
    note_chunks(sums, notes);
    for (size_t i = 0; i < sums->count; i++) {
        struct imatrix_sums_entry *entry = &sums->entries[i];
        if (entry->counts[0] <= 0.0)
            tally(&uncalled, entry);
        if (!entry_to_gguf(entry, sums->chunk_size, error))
            return false;
        if ((double)(float)entry->counts[0] != entry->counts[0])
            tally(&inexact, entry);
    }
    note_entries(notes, &uncalled, "without calls, values are taken as means of one call,");
    note_entries(notes, &inexact, "numbers of tokens are rounded to binary32");
    return true;
}

/* ------------------------------------------------------------------------------------------------
 * From GGUF
 */

static double largest_count(const struct imatrix_sums_entry *entry)
{
    double largest = 0.0;
    for (size_t m = 0; m < entry->nmatrices; m++)
        largest = entry->counts[m] > largest ? entry->counts[m] : largest;
    return largest;
}

static bool values_to_dat(struct imatrix_sums_entry *entry, double ncall, struct error *error)
{
    const size_t ncols = entry->nvalues / entry->nmatrices;
    for (size_t m = 0; m < entry->nmatrices; m++) {
        const double count = entry->counts[m];
        float *squares = &entry->squares[m * ncols];
        for (size_t j = 0; j < ncols; j++)
            if (!store(&squares[j], (count > 0.0 ? (double)squares[j] / count : 1.0) * ncall,
                       m * ncols + j, error))
                return false;
    }
    return true;
}

static bool entry_to_dat(struct imatrix_sums_entry *entry, uint64_t chunk_size, struct error *error)
{
    /* A reader takes values with 0 calls as they are; the mean of no data is 1 all the same. */
    const double ncall = fmax(1.0, ceil(largest_count(entry) / (double)chunk_size));
    if (!values_to_dat(entry, ncall, error))
        return fail_in_named(error, "entry", entry->name);
    entry->nmatrices = 1;
    entry->counts[0] = ncall;
    free(entry->sums);
    entry->sums = NULL;
    return true;
}

static size_t empty_matrices(const struct imatrix_sums_entry *entry)
{
    size_t empty = 0;
    for (size_t m = 0; m < entry->nmatrices; m++)
        empty += entry->counts[m] <= 0.0;
    return empty;
}

static bool is_whole_chunks(const struct imatrix_sums_entry *entry, uint64_t chunk_size)
{
    for (size_t m = 0; m < entry->nmatrices; m++)
        if (entry->counts[m] != largest_count(entry))
            return false;
    return fmod(entry->counts[0], (double)chunk_size) == 0.0;
}

static bool join_datasets(struct imatrix_sums *sums, struct notes *notes, struct error *error)
{
    if (sums->ndatasets < 2)
        return true;
    char *joined = imatrix_datasets_text(sums);
    if (!joined)
        return fail(error, "no memory for the names of %zu data sets", sums->ndatasets);
    notes_add(notes, "the names of %zu data sets become one", sums->ndatasets);
    while (sums->ndatasets > 0)
        free(sums->datasets[--sums->ndatasets]);
    sums->datasets[sums->ndatasets++] = joined;
    return true;
}

static bool to_dat(struct imatrix_sums *sums, struct notes *notes, struct error *error)
{
    struct tally summed = {0}, merged = {0}, empty = {0};
    for (size_t i = 0; i < sums->count; i++) {
        struct imatrix_sums_entry *entry = &sums->entries[i];
        if (entry->sums)
            tally(&summed, entry);
        if (empty_matrices(entry) > 0)
            tally(&empty, entry);
        if (!is_whole_chunks(entry, sums->chunk_size))
            tally(&merged, entry);
        if (!entry_to_dat(entry, sums->chunk_size, error))
            return false;
    }
    notes_add(notes,
              "the size of chunks, %" PRIu64 " tokens, for which .dat has no place, is left out",
              sums->chunk_size);
    note_entries(notes, &merged,
                 "counts of tokens become one number of calls, which weighs otherwise in a later "
                 "merge,");
    note_entries(notes, &empty, "experts without data get importance 1, and .dat cannot tell,");
    note_entries(notes, &summed, "sums of x (.in_sum), for which .dat has no place, are left out");
    sums->chunk_size = 0;
    return join_datasets(sums, notes, error);
}

/* ------------------------------------------------------------------------------------------------
 * Both
 */

bool imatrix_convert(struct imatrix_sums *sums, enum imatrix_format format, uint64_t chunk_size,
                     struct notes *notes, struct error *error)
{
    if (sums->format == format)
        return true;
    if (!imatrix_chunk_size(sums, chunk_size, &sums->chunk_size, notes, error) ||
        !(format == IMATRIX_GGUF ? to_gguf(sums, notes, error) : to_dat(sums, notes, error)))
        return false;
    sums->format = format;
    return true;
}
