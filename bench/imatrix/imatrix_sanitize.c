#include "imatrix_sanitize.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------
 * Bad numbers
 */

static void forget_matrix(struct imatrix_sums_entry *entry, size_t matrix)
{
    const size_t ncols = entry->nvalues / entry->nmatrices;
    memset(&entry->squares[matrix * ncols], 0, ncols * sizeof *entry->squares);
    if (entry->sums)
        memset(&entry->sums[matrix * ncols], 0, ncols * sizeof *entry->sums);
    entry->counts[matrix] = 0.0;
}

/* True if the entry keeps data, or never had bad numbers. */
static bool drop_bad_matrices(enum imatrix_format format, struct imatrix_sums_entry *entry,
                              struct notes *notes)
{
    bool dropped = false, data = false;
    for (size_t m = 0; m < entry->nmatrices; m++) {
        struct error why;
        if (!imatrix_check_matrix(format, entry, m, &why)) {
            (void)fail_in_named(&why, "entry", entry->name);
            notes_add(notes, "%s: dropped", why.text);
            forget_matrix(entry, m);
            dropped = true;
        }
        data = data || entry->counts[m] > 0.0;
    }
    return data || !dropped;
}

bool imatrix_drop_bad(struct imatrix_sums *sums, struct notes *notes, struct error *error)
{
    size_t kept = 0;
    for (size_t i = 0; i < sums->count; i++) {
        struct imatrix_sums_entry *entry = &sums->entries[i];
        if (drop_bad_matrices(sums->format, entry, notes)) {
            sums->entries[kept++] = *entry;
            continue;
        }
        char name[128];
        notes_add(notes, "entry \"%s\" has no other data and is left out",
                  escape(name, sizeof name, entry->name, strlen(entry->name)));
        imatrix_entry_free(entry);
    }
    sums->count = kept;
    return kept > 0 ? imatrix_sums_index(sums, error)
                    : fail(error, "no entry has only finite values that are not negative");
}

/* ------------------------------------------------------------------------------------------------
 * The prior
 */

/* Both formats: value * scale is the sum of squares, and what is stored is that of a mean. */
static bool add_to_values(struct imatrix_sums_entry *entry, double tokens, double scale,
                          double unscale, struct error *error)
{
    for (size_t j = 0; j < entry->nvalues; j++) {
        entry->squares[j] = (float)(((double)entry->squares[j] * scale + tokens) * unscale);
        if (!isfinite(entry->squares[j]))
            return fail(error, "value %zu is too large to add %g", j, tokens);
    }
    return true;
}

static bool add_to_entry(enum imatrix_format format, struct imatrix_sums_entry *entry,
                         double tokens, double chunk_size, struct error *error)
{
    if (format == IMATRIX_DAT) {
        /* Without calls values are means, as those of one call are. */
        const double ncall = fmax(entry->counts[0], 1.0);
        return add_to_values(entry, tokens, chunk_size, ncall / (ncall * chunk_size + tokens),
                             error);
    }
    for (size_t m = 0; m < entry->nmatrices; m++)
        entry->counts[m] += tokens;
    return add_to_values(entry, tokens, 1.0, 1.0, error);
}

bool imatrix_add_prior(struct imatrix_sums *sums, uint64_t tokens, uint64_t chunk_size,
                       struct notes *notes, struct error *error)
{
    size_t empty = 0, zeros = 0;
    for (size_t i = 0; i < sums->count; i++) {
        struct imatrix_sums_entry *entry = &sums->entries[i];
        for (size_t m = 0; m < entry->nmatrices; m++)
            empty += sums->format == IMATRIX_GGUF && entry->counts[m] <= 0.0;
        for (size_t j = 0; j < entry->nvalues; j++)
            zeros += entry->squares[j] == 0.0f;
        if (!add_to_entry(sums->format, entry, (double)tokens, (double)chunk_size, error))
            return fail_in_named(error, "entry", entry->name);
    }
    notes_add(notes, "a prior of %" PRIu64 " tokens: %zu sums were 0, %zu matrices without data",
              tokens, zeros, empty);
    return true;
}
