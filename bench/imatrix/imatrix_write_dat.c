/* The legacy importance matrix; imatrix_dat.c says what is in it. */
#include "imatrix_write.h"

#include <inttypes.h>
#include <string.h>

/* A number that must not be above 2^31 - 1. Errors of writing are noticed when the output is
 * committed. */
static bool put_number(FILE *file, double number, const char *what, struct error *error)
{
    if (number > INT32_MAX)
        return fail(error, "%s: %.0f is more than a .dat file can say", what, number);
    const int32_t stored = (int32_t)number;
    fwrite(&stored, sizeof stored, 1, file);
    return true;
}

static bool put_name(FILE *file, const char *name, size_t length, const char *what,
                     struct error *error)
{
    if (!put_number(file, (double)length, what, error))
        return false;
    fwrite(name, 1, length, file);
    return true;
}

static bool put_entry(FILE *file, const struct imatrix_sums_entry *entry, struct error *error)
{
    if (!put_name(file, entry->name, entry->name_length, "length of the name", error) ||
        !put_number(file, entry->counts[0], "number of calls", error) ||
        !put_number(file, (double)entry->nvalues, "number of values", error))
        return fail_in_named(error, "entry", entry->name);
    fwrite(entry->squares, sizeof *entry->squares, entry->nvalues, file);
    return true;
}

/* A name stands behind the number of chunks, so that one without chunks says 0. */
static bool put_tail(FILE *file, const struct imatrix_sums *sums, struct error *error)
{
    if (!sums->has_chunks && sums->ndatasets == 0)
        return true;
    if (!put_number(file, (double)sums->chunks, "number of chunks", error))
        return false;
    return sums->ndatasets == 0 || put_name(file, sums->datasets[0], strlen(sums->datasets[0]),
                                            "length of the data set's name", error);
}

bool imatrix_write_dat(const struct imatrix_sums *sums, FILE *file, struct error *error)
{
    if (!put_number(file, (double)sums->count, "number of entries", error))
        return false;
    for (size_t i = 0; i < sums->count; i++)
        if (!put_entry(file, &sums->entries[i], error))
            return false;
    return put_tail(file, sums, error);
}
