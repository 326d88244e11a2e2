#include "imatrix_merge.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The inputs, and room for the totals of one entry. */
struct merge {
    const struct imatrix_sums *inputs;
    const char *const *names;
    size_t ninputs;
    double *totals;
    size_t capacity;
};

/* ------------------------------------------------------------------------------------------------
 * One entry
 */

static bool fail_in_entry(const struct merge *merge, size_t input, const char *name,
                          struct error *error)
{
    (void)fail_in_named(error, "entry", name);
    return fail_in(error, "%s", merge->names[input]);
}

static bool check_shapes(const struct merge *merge, const struct imatrix_sums_entry *first,
                         size_t first_input, const struct imatrix_sums_entry *other,
                         size_t other_input, struct error *error)
{
    if (other->nvalues != first->nvalues)
        (void)fail(error, "%zu values, but %zu in %s", other->nvalues, first->nvalues,
                   merge->names[first_input]);
    else if (other->nmatrices != first->nmatrices)
        (void)fail(error, "%zu experts, but %zu in %s", other->nmatrices, first->nmatrices,
                   merge->names[first_input]);
    else
        return true;
    return fail_in_entry(merge, other_input, other->name, error);
}

/* An entry that is added to others must say what it weighs. */
static bool check_calls(const struct merge *merge, const struct imatrix_sums_entry *entry,
                        size_t input, struct error *error)
{
    if (merge->inputs[input].format == IMATRIX_GGUF || entry->counts[0] > 0.0)
        return true;
    (void)fail(error, "%g calls: nothing says how much its values weigh", entry->counts[0]);
    return fail_in_entry(merge, input, entry->name, error);
}

enum part {
    PART_SQUARES,
    PART_SUMS
};

static void add_part(double *totals, const struct imatrix_sums_entry *entry, enum part part)
{
    const float *values = part == PART_SUMS ? entry->sums : entry->squares;
    for (size_t j = 0; j < entry->nvalues; j++)
        totals[j] += (double)values[j];
}

/* The entry's part of all inputs, rounded. */
static bool total_part(struct merge *merge, const char *name, enum part part, float *out,
                       size_t nvalues, struct error *error)
{
    memset(merge->totals, 0, nvalues * sizeof *merge->totals);
    for (size_t i = 0; i < merge->ninputs; i++) {
        const struct imatrix_sums_entry *entry = imatrix_sums_find(&merge->inputs[i], name);
        if (entry)
            add_part(merge->totals, entry, part);
    }
    for (size_t j = 0; j < nvalues; j++) {
        out[j] = (float)merge->totals[j];
        if (!isfinite(out[j])) {
            (void)fail(error, "the sum of value %zu is %g, more than binary32 holds", j,
                       merge->totals[j]);
            return fail_in_named(error, "entry", name);
        }
    }
    return true;
}

/* What the inputs have of an entry. */
struct presence {
    size_t inputs, with_sums;
};

static bool look_at_all(const struct merge *merge, const struct imatrix_sums_entry *first,
                        size_t first_input, struct presence *presence, struct error *error)
{
    *presence = (struct presence){0};
    for (size_t i = first_input; i < merge->ninputs; i++) {
        const struct imatrix_sums_entry *entry = imatrix_sums_find(&merge->inputs[i], first->name);
        if (entry && i > first_input &&
            (!check_shapes(merge, first, first_input, entry, i, error) ||
             !check_calls(merge, first, first_input, error) ||
             !check_calls(merge, entry, i, error)))
            return false;
        presence->inputs += entry != NULL;
        presence->with_sums += entry && entry->sums;
    }
    return true;
}

static bool reserve(struct merge *merge, size_t nvalues, struct error *error)
{
    if (nvalues <= merge->capacity)
        return true;
    free(merge->totals);
    merge->totals = calloc(nvalues, sizeof *merge->totals);
    merge->capacity = merge->totals ? nvalues : 0;
    return merge->totals || fail(error, "no memory for %zu values", nvalues);
}

/* Adds the entry of all inputs up, if `first_input` is the first that has it. */
static bool merge_entry(struct merge *merge, const struct imatrix_sums_entry *first,
                        size_t first_input, struct imatrix_sums *merged, struct presence *presence,
                        struct error *error)
{
    if (!look_at_all(merge, first, first_input, presence, error) ||
        !reserve(merge, first->nvalues, error))
        return false;
    const bool with_sums = presence->with_sums == presence->inputs;
    struct imatrix_sums_entry *entry =
        imatrix_sums_add(merged, first->name, first->nvalues, first->nmatrices, with_sums, error);
    if (!entry)
        return false;
    for (size_t i = first_input; i < merge->ninputs; i++) {
        const struct imatrix_sums_entry *part = imatrix_sums_find(&merge->inputs[i], first->name);
        for (size_t m = 0; part && m < part->nmatrices; m++)
            entry->counts[m] += part->counts[m];
    }
    return total_part(merge, first->name, PART_SQUARES, entry->squares, entry->nvalues, error) &&
           (!with_sums ||
            total_part(merge, first->name, PART_SUMS, entry->sums, entry->nvalues, error));
}

/* ------------------------------------------------------------------------------------------------
 * All
 */

static bool is_new(const struct merge *merge, const char *name, size_t input)
{
    for (size_t i = 0; i < input; i++)
        if (imatrix_sums_find(&merge->inputs[i], name))
            return false;
    return true;
}

static bool merge_entries(struct merge *merge, struct imatrix_sums *merged, struct notes *notes,
                          struct error *error)
{
    size_t partial = 0, without_sums = 0;
    for (size_t i = 0; i < merge->ninputs; i++)
        for (size_t e = 0; e < merge->inputs[i].count; e++) {
            const struct imatrix_sums_entry *entry = &merge->inputs[i].entries[e];
            struct presence presence;
            if (!is_new(merge, entry->name, i))
                continue;
            if (!merge_entry(merge, entry, i, merged, &presence, error))
                return false;
            partial += presence.inputs < merge->ninputs;
            without_sums += presence.with_sums > 0 && presence.with_sums < presence.inputs;
        }
    if (partial > 0)
        notes_add(notes, "%zu of %zu entries are not in all of the files", partial, merged->count);
    if (without_sums > 0)
        notes_add(notes,
                  "sums of x (.in_sum), which not all of the files have, are left out in %zu of "
                  "%zu entries",
                  without_sums, merged->count);
    return true;
}

static bool has_dataset(const struct imatrix_sums *sums, const char *name)
{
    for (size_t i = 0; i < sums->ndatasets; i++)
        if (strcmp(sums->datasets[i], name) == 0)
            return true;
    return false;
}

static bool merge_datasets(const struct merge *merge, struct imatrix_sums *merged,
                           struct error *error)
{
    for (size_t i = 0; i < merge->ninputs; i++)
        for (size_t d = 0; d < merge->inputs[i].ndatasets; d++) {
            const char *name = merge->inputs[i].datasets[d];
            if (!has_dataset(merged, name) && !imatrix_sums_add_dataset(merged, name, error))
                return false;
        }
    return true;
}

/* Chunks of different sizes are counted in those of the first input. */
static bool merge_chunks(const struct merge *merge, struct imatrix_sums *merged,
                         struct notes *notes, struct error *error)
{
    double tokens = 0.0;
    bool same = true;
    merged->chunk_size = merge->inputs[0].chunk_size;
    merged->has_chunks = true;
    for (size_t i = 0; i < merge->ninputs; i++) {
        const struct imatrix_sums *input = &merge->inputs[i];
        same = same && input->chunk_size == merged->chunk_size;
        merged->has_chunks = merged->has_chunks && input->has_chunks;
        if (__builtin_add_overflow(merged->chunks, input->chunks, &merged->chunks))
            return fail(error, "%s: %" PRIu64 " chunks are too many", merge->names[i],
                        input->chunks);
        tokens += (double)input->chunks * (double)input->chunk_size;
    }
    if (!same && merged->chunk_size > 0 && tokens / (double)merged->chunk_size < 0x1p53)
        merged->chunks = (uint64_t)ceil(tokens / (double)merged->chunk_size);
    if (!same)
        notes_add(notes, "the sizes of chunks differ; chunks are counted as of %" PRIu64 " tokens",
                  merged->chunk_size);
    return true;
}

bool imatrix_merge(struct imatrix_sums *merged, const struct imatrix_sums *inputs,
                   const char *const *names, size_t ninputs, struct notes *notes,
                   struct error *error)
{
    struct merge merge = {.inputs = inputs, .names = names, .ninputs = ninputs};
    *merged = (struct imatrix_sums){.format = inputs[0].format};
    const bool good =
        merge_entries(&merge, merged, notes, error) && merge_datasets(&merge, merged, error) &&
        merge_chunks(&merge, merged, notes, error) && imatrix_sums_index(merged, error);
    free(merge.totals);
    if (!good)
        imatrix_sums_free(merged);
    return good;
}
