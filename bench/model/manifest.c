#include "manifest.h"

#include "array.h"
#include "gguf.h"
#include "input.h"
#include "report.h"
#include "tensor_shape.h"
#include <stdlib.h>
#include <string.h>

static const char head_name[] = "(metadata)";

static json_t *hash_json(XXH128_hash_t hash)
{
    char text[CONTENT_HASH_TEXT];
    return json_string(content_hash_text(hash, text));
}

/* ------------------------------------------------------------------------------------------------
 * Writing
 */

static json_t *entry_json(const struct tensor *tensor, const char *type, uint64_t nbytes,
                          XXH128_hash_t hash)
{
    return json_pack("{s:o, s:s, s:o, s:I, s:o}", "name", report_string(tensor->name), "type", type,
                     "shape", tensor_shape_json(tensor), "bytes", (json_int_t)nbytes, "xxh3_128",
                     hash_json(hash));
}

static json_t *head_json(uint64_t nbytes, XXH128_hash_t hash)
{
    return json_pack("{s:I, s:o}", "bytes", (json_int_t)nbytes, "xxh3_128", hash_json(hash));
}

bool manifest_write(const struct quantize_plan *plan, const XXH128_hash_t *hashes, const char *file,
                    struct output *output, struct error *error)
{
    const char *slash = strrchr(file, '/');
    json_t *tensors = json_array();
    bool good = tensors;
    for (size_t i = 0; i < plan->count && good; i++) {
        const struct quantize_tensor *t = &plan->tensors[i];
        good = json_array_append_new(
                   tensors, entry_json(t->tensor, t->stored->name, t->nbytes, hashes[i])) == 0;
    }
    json_t *report = report_new("quantize");
    json_object_set_new(report, "file", report_string(slash ? slash + 1 : file));
    json_object_set_new(report, "bytes", json_integer((json_int_t)plan->size));
    json_object_set_new(report, "head",
                        head_json(plan->head_size, XXH3_128bits(plan->head, plan->head_size)));
    if (json_object_set_new(report, "tensors", tensors) != 0 || !good) {
        json_decref(report);
        report = NULL;
    }
    return report_write(report, output, error);
}

/* ------------------------------------------------------------------------------------------------
 * Reading
 */

/* The manifest, and its tensors by name. */
struct manifest {
    json_t *root, *by_name;
    const json_t *head;
};

static void manifest_close(struct manifest *manifest)
{
    json_decref(manifest->by_name);
    json_decref(manifest->root);
}

static bool index_tensors(struct manifest *manifest, struct error *error)
{
    json_t *tensors = json_object_get(manifest->root, "tensors");
    manifest->head = json_object_get(manifest->root, "head");
    if (!json_is_array(tensors) || !json_is_object(manifest->head))
        return fail(error, "no manifest: it has no \"head\" and \"tensors\"");
    manifest->by_name = json_object();
    for (size_t i = 0; i < json_array_size(tensors); i++) {
        json_t *tensor = json_array_get(tensors, i);
        const char *name = json_string_value(json_object_get(tensor, "name"));
        if (!name)
            return fail(error, "no manifest: tensor %zu has no name", i);
        if (json_object_get(manifest->by_name, name)) {
            (void)fail(error, "it is there twice");
            return fail_in_named(error, "tensor", name);
        }
        if (json_object_set(manifest->by_name, name, tensor) != 0)
            return fail(error, "out of memory");
    }
    return true;
}

static bool manifest_open(const char *path, struct manifest *manifest, struct error *error)
{
    struct source source; /* for its checks: jansson would wait for a FIFO */
    *manifest = (struct manifest){0};
    if (!source_open_file(&source, path, error))
        return false;
    source_close(&source);
    json_error_t reason;
    manifest->root = json_load_file(path, JSON_REJECT_DUPLICATES, &reason);
    bool good = manifest->root || fail(error, "no JSON: line %d: %s", reason.line, reason.text);
    good = good && index_tensors(manifest, error);
    if (!good) {
        manifest_close(manifest);
        return fail_in(error, "%s", path);
    }
    return true;
}

/* ------------------------------------------------------------------------------------------------
 * Comparing
 */

const char *manifest_outcome_text(enum manifest_outcome outcome)
{
    static const char *const texts[] = {
        [MANIFEST_SAME] = "same",
        [MANIFEST_OTHER_BYTES] = "other bytes",
        [MANIFEST_OTHER_TYPE] = "other type or shape",
        [MANIFEST_MISSING] = "not in the model",
        [MANIFEST_UNKNOWN] = "not in the manifest",
    };
    return texts[outcome];
}

static bool add_check(struct manifest_result *result, const char *name,
                      enum manifest_outcome outcome, struct error *error)
{
    char *copy = strdup(name);
    struct manifest_check *checks =
        array_grow(result->checks, result->count, &result->capacity, sizeof *checks);
    if (checks)
        result->checks = checks;
    if (!copy || !checks) {
        free(copy);
        return fail(error, "out of memory");
    }
    checks[result->count++] = (struct manifest_check){copy, outcome};
    result->differing += outcome != MANIFEST_SAME;
    return true;
}

/* What an entry says about bytes that the model has. */
static bool hash_outcome(const json_t *entry, const struct source *source, uint64_t offset,
                         uint64_t nbytes, enum manifest_outcome *outcome, struct error *error)
{
    XXH128_hash_t hash;
    char text[CONTENT_HASH_TEXT];
    if (!content_hash_range(source, offset, nbytes, &hash, error))
        return fail_in(error, "%s", source->name);
    const char *wanted = json_string_value(json_object_get(entry, "xxh3_128"));
    *outcome = wanted && strcmp(wanted, content_hash_text(hash, text)) == 0 ? MANIFEST_SAME
                                                                            : MANIFEST_OTHER_BYTES;
    return true;
}

static bool is_same_kind(const json_t *entry, const struct tensor *tensor)
{
    const char *type = json_string_value(json_object_get(entry, "type"));
    json_t *shape = tensor_shape_json(tensor);
    const bool same =
        type && strcmp(type, tensor->type) == 0 &&
        json_equal(shape, json_object_get(entry, "shape")) &&
        json_integer_value(json_object_get(entry, "bytes")) == (json_int_t)tensor->nbytes;
    json_decref(shape);
    return same;
}

static bool check_tensor(struct manifest *manifest, const struct tensor *tensor,
                         struct manifest_result *result, struct error *error)
{
    json_t *name = report_string(tensor->name);
    if (!name)
        return fail(error, "out of memory");
    const json_t *entry = json_object_get(manifest->by_name, json_string_value(name));
    enum manifest_outcome outcome = entry ? MANIFEST_OTHER_TYPE : MANIFEST_UNKNOWN;
    bool good = true;
    if (entry && is_same_kind(entry, tensor))
        good = hash_outcome(entry, tensor->source, tensor->offset, tensor->nbytes, &outcome, error);
    good = good && add_check(result, tensor->name, outcome, error);
    json_object_del(manifest->by_name, json_string_value(name));
    json_decref(name);
    return good;
}

static bool check_head(const struct manifest *manifest, const struct source *model,
                       struct manifest_result *result, struct error *error)
{
    struct gguf gguf;
    if (!gguf_parse(model, &gguf, error))
        return false;
    const uint64_t size = gguf.data_offset < model->size ? gguf.data_offset : model->size;
    gguf_free(&gguf);
    enum manifest_outcome outcome;
    return hash_outcome(manifest->head, model, 0, size, &outcome, error) &&
           add_check(result, head_name, outcome, error);
}

static bool check_model(struct manifest *manifest, const struct tensor_list *list,
                        struct manifest_result *result, struct error *error)
{
    if (!check_head(manifest, list->sources[0], result, error))
        return false;
    for (size_t i = 0; i < list->count; i++)
        if (!check_tensor(manifest, &list->tensors[i], result, error))
            return false;
    const char *name;
    json_t *rest;
    json_object_foreach(manifest->by_name, name,
                        rest) if (!add_check(result, name, MANIFEST_MISSING, error)) return false;
    return true;
}

bool manifest_check(const char *manifest, const char *model, struct manifest_result *result,
                    struct error *error)
{
    *result = (struct manifest_result){0};
    struct manifest opened;
    if (!manifest_open(manifest, &opened, error))
        return false;
    const struct input_options options = {0};
    struct tensor_list list = {0};
    bool good = input_open(model, &options, &list, error);
    if (good && !(list.nsources > 0 && gguf_recognised(list.sources[0])))
        good = fail(error, "%s: is no GGUF file", model);
    good = good && check_model(&opened, &list, result, error);
    tensor_list_free(&list);
    manifest_close(&opened);
    if (!good)
        manifest_result_free(result);
    return good;
}

void manifest_result_free(struct manifest_result *result)
{
    for (size_t i = 0; i < result->count; i++)
        free(result->checks[i].name);
    free(result->checks);
    *result = (struct manifest_result){0};
}
