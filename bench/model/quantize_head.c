#include "quantize_head.h"

#include "file_type.h"
#include "gguf_split.h"
#include "gguf_writer.h"
#include <stdlib.h>
#include <string.h>

/* GGML_QNT_VERSION of ggml.h; it changes when the blocks of a format do. */
enum {
    QUANTIZATION_VERSION = 2,
    DEFAULT_ALIGNMENT = 32
};

static const char version_key[] = "general.quantization_version";
static const char file_type_key[] = "general.file_type";
static const char imatrix_prefix[] = "quantize.imatrix.";
static const char split_prefix[] = "split.";

static bool starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool any_changes(const struct quantize_plan *plan)
{
    for (size_t i = 0; i < plan->count; i++)
        if (plan->tensors[i].type.kind != QUANTIZE_COPY)
            return true;
    return false;
}

static bool uses_importance(const struct quantize_plan *plan)
{
    for (size_t i = 0; i < plan->count; i++)
        if (plan->tensors[i].importance)
            return true;
    return false;
}

static bool is_replaced(const char *key)
{
    return strcmp(key, version_key) == 0 || strcmp(key, file_type_key) == 0 ||
           starts_with(key, imatrix_prefix);
}

static bool carry_over(struct quantize_plan *plan, struct gguf_writer *writer,
                       const struct gguf *old, struct error *error)
{
    const bool changes = any_changes(plan);
    for (size_t i = 0; i < old->nvalues; i++) {
        const struct gguf_value *value = &old->values[i];
        const bool split = starts_with(value->key, split_prefix);
        plan->dropped_split |= split;
        if (!split && !(changes && is_replaced(value->key)) &&
            !gguf_writer_copy(writer, old, value, error))
            return false;
    }
    return true;
}

/* The type of most weights, of those that most files are made of; of equals, the first in the
 * file. */
static bool main_file_type(const struct quantize_plan *plan, uint32_t *file_type)
{
    enum {
        TYPES = 256
    };
    uint64_t weights[TYPES] = {0};
    uint32_t most = TYPES;
    for (size_t i = 0; i < plan->count; i++) {
        const uint32_t id = plan->tensors[i].stored->id;
        if (id < TYPES)
            weights[id] += tensor_numel(plan->tensors[i].tensor);
    }
    for (size_t i = 0; i < plan->count; i++) {
        const uint32_t id = plan->tensors[i].stored->id;
        if (id < TYPES && (most == TYPES || weights[id] > weights[most]))
            most = id;
    }
    return most < TYPES && file_type_of(most, file_type);
}

static void put_quantization(const struct quantize_plan *plan, struct gguf_writer *writer,
                             const struct quantize_settings *settings)
{
    uint32_t file_type;
    gguf_writer_u32(writer, version_key, QUANTIZATION_VERSION);
    if (main_file_type(plan, &file_type))
        gguf_writer_u32(writer, file_type_key, file_type);
    if (!uses_importance(plan))
        return;
    const struct imatrix *imatrix = settings->imatrix;
    gguf_writer_string(writer, "quantize.imatrix.file", settings->imatrix_name);
    if (imatrix->dataset && imatrix->dataset[0])
        gguf_writer_string(writer, "quantize.imatrix.dataset", imatrix->dataset);
    gguf_writer_u32(writer, "quantize.imatrix.entries_count", (uint32_t)imatrix->count);
    if (imatrix->chunks > 0)
        gguf_writer_u32(writer, "quantize.imatrix.chunks_count", (uint32_t)imatrix->chunks);
}

static bool put_tensors(struct quantize_plan *plan, struct gguf_writer *writer, struct error *error)
{
    for (size_t i = 0; i < plan->count; i++) {
        struct quantize_tensor *t = &plan->tensors[i];
        if (!gguf_writer_tensor(writer, t->tensor, t->stored, &t->offset, &t->nbytes, error))
            return false;
        if (t->type.kind == QUANTIZE_COPY && t->nbytes != t->tensor->nbytes) {
            (void)fail(error, "%llu bytes of %s are not what its shape takes",
                       (unsigned long long)t->tensor->nbytes, t->stored->name);
            return tensor_fail(t->tensor, error);
        }
    }
    return true;
}

static bool build(struct quantize_plan *plan, struct gguf_writer *writer, const struct gguf *old,
                  const struct quantize_settings *settings, struct error *error)
{
    if (old && !carry_over(plan, writer, old, error))
        return false;
    if (any_changes(plan))
        put_quantization(plan, writer, settings);
    if (!put_tensors(plan, writer, error) ||
        !gguf_writer_finish(writer, &plan->head, &plan->head_size, error))
        return false;
    for (size_t i = 0; i < plan->count; i++)
        plan->tensors[i].offset += plan->head_size;
    plan->size = plan->head_size + writer->data_bytes;
    plan->alignment = writer->alignment;
    return true;
}

/* A later part has not the metadata of the model. */
static bool parse_old(const struct source *old, struct gguf *gguf, struct error *error)
{
    struct gguf_split split;
    if (!gguf_parse(old, gguf, error))
        return false;
    if (gguf_split_of(gguf, &split, error) &&
        (split.number == 0 || fail(error, "%s: part %u of %u of a model; give its first part",
                                   old->name, (unsigned)split.number + 1, (unsigned)split.count)))
        return true;
    gguf_free(gguf);
    return false;
}

bool quantize_head_make(struct quantize_plan *plan, const struct source *old,
                        const struct quantize_settings *settings, struct error *error)
{
    struct gguf gguf = {.alignment = DEFAULT_ALIGNMENT};
    struct gguf_writer writer;
    if (old && !parse_old(old, &gguf, error))
        return false;
    bool good = gguf_writer_open(&writer, gguf.alignment, error);
    if (good) {
        good = build(plan, &writer, old ? &gguf : NULL, settings, error);
        gguf_writer_close(&writer);
    }
    gguf_free(&gguf);
    return good;
}
