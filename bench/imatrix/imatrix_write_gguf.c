/* The GGUF importance matrix, in the layout of ggml's writer; imatrix_gguf.c says what is in it. */
#include "imatrix_write.h"

#include "gguf_parse.h"
#include "gguf_writer.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    ALIGNMENT = 32
};

static bool put_keys(struct gguf_writer *head, const struct imatrix_sums *sums, struct error *error)
{
    if (sums->chunks > UINT32_MAX || sums->chunk_size > UINT32_MAX)
        return fail(error, "%" PRIu64 " chunks of %" PRIu64 " tokens are too many for a GGUF",
                    sums->chunks, sums->chunk_size);
    gguf_writer_string(head, "general.type", "imatrix");
    gguf_writer_strings(head, "imatrix.datasets", sums->datasets, sums->ndatasets);
    gguf_writer_u32(head, "imatrix.chunk_count", (uint32_t)sums->chunks);
    gguf_writer_u32(head, "imatrix.chunk_size", (uint32_t)sums->chunk_size);
    return true;
}

/* NAME + suffix, a row for each matrix; ggml writes no dimensions of 1 behind the first. */
static bool put_tensor(struct gguf_writer *head, const struct imatrix_sums_entry *entry,
                       const char *suffix, size_t ncols, struct error *error)
{
    const uint64_t dims[2] = {ncols, entry->nmatrices};
    const size_t size = entry->name_length + strlen(suffix) + 1;
    struct tensor tensor = {.name = malloc(size)};
    uint64_t offset, nbytes;
    if (!tensor.name)
        return fail(error, "no memory for a name");
    snprintf(tensor.name, size, "%s%s", entry->name, suffix);
    const bool good =
        tensor_set_dims(&tensor, entry->nmatrices > 1 ? 2 : 1, dims, error) &&
        gguf_writer_tensor(head, &tensor, gguf_type_find(GGUF_F32), &offset, &nbytes, error);
    free(tensor.name);
    return good;
}

static bool put_tensors(struct gguf_writer *head, const struct imatrix_sums *sums,
                        struct error *error)
{
    for (size_t i = 0; i < sums->count; i++) {
        const struct imatrix_sums_entry *entry = &sums->entries[i];
        const size_t ncols = entry->nvalues / entry->nmatrices;
        if (!put_tensor(head, entry, ".in_sum2", ncols, error) ||
            !put_tensor(head, entry, ".counts", 1, error) ||
            (entry->sums && !put_tensor(head, entry, ".in_sum", ncols, error)))
            return false;
    }
    return true;
}

static void write_values(const float *values, size_t count, FILE *file)
{
    const size_t nbytes = count * sizeof *values;
    fwrite(values, 1, nbytes, file);
    for (uint64_t i = nbytes; i < gguf_pad(nbytes, ALIGNMENT); i++)
        putc(0, file);
}

static bool write_counts(const struct imatrix_sums_entry *entry, FILE *file, struct error *error)
{
    float *counts = malloc(entry->nmatrices * sizeof *counts);
    if (!counts)
        return fail(error, "no memory for %zu counts", entry->nmatrices);
    for (size_t m = 0; m < entry->nmatrices; m++)
        counts[m] = (float)entry->counts[m];
    write_values(counts, entry->nmatrices, file);
    free(counts);
    return true;
}

static bool write_data(const struct imatrix_sums *sums, FILE *file, struct error *error)
{
    for (size_t i = 0; i < sums->count; i++) {
        const struct imatrix_sums_entry *entry = &sums->entries[i];
        write_values(entry->squares, entry->nvalues, file);
        if (!write_counts(entry, file, error))
            return false;
        if (entry->sums)
            write_values(entry->sums, entry->nvalues, file);
    }
    return true;
}

bool imatrix_write_gguf(const struct imatrix_sums *sums, FILE *file, struct error *error)
{
    struct gguf_writer head;
    uint8_t *bytes = NULL;
    size_t size;
    if (!gguf_writer_open(&head, ALIGNMENT, error))
        return false;
    bool good = put_keys(&head, sums, error) && put_tensors(&head, sums, error) &&
                gguf_writer_finish(&head, &bytes, &size, error);
    gguf_writer_close(&head);
    if (good) {
        fwrite(bytes, 1, size, file);
        good = write_data(sums, file, error);
    }
    free(bytes);
    return good;
}
