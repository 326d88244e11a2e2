#include "llama_model.h"

#include "builtin.h"
#include "gguf.h"
#include "llama_file.h"
#include "source_heap.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------
 * Names and extents
 */

static const char *const outer_names[LLAMA_FIRST_LAYER] = {
    [LLAMA_TOKEN_EMBD] = "token_embd",
    [LLAMA_OUTPUT_NORM] = "output_norm",
    [LLAMA_OUTPUT] = "output",
};

static const char *const layer_names[LLAMA_LAYER_TENSORS] = {
    [LLAMA_ATTN_NORM] = "attn_norm",     [LLAMA_ATTN_Q] = "attn_q",
    [LLAMA_ATTN_K] = "attn_k",           [LLAMA_ATTN_V] = "attn_v",
    [LLAMA_ATTN_OUTPUT] = "attn_output", [LLAMA_FFN_NORM] = "ffn_norm",
    [LLAMA_FFN_GATE] = "ffn_gate",       [LLAMA_FFN_UP] = "ffn_up",
    [LLAMA_FFN_DOWN] = "ffn_down",
};

const char *llama_tensor_name(size_t index, char name[LLAMA_NAME])
{
    if (index < LLAMA_FIRST_LAYER) {
        snprintf(name, LLAMA_NAME, "%s.weight", outer_names[index]);
        return name;
    }
    const size_t inner = index - LLAMA_FIRST_LAYER;
    snprintf(name, LLAMA_NAME, "blk.%zu.%s.weight", inner / LLAMA_LAYER_TENSORS,
             layer_names[inner % LLAMA_LAYER_TENSORS]);
    return name;
}

struct llama_extent llama_extent_of(const struct llama_shape *s, size_t index)
{
    const uint64_t d = s->width, f = s->feed_forward;
    const uint64_t kv = (uint64_t)s->kv_heads * s->head_size;
    if (index == LLAMA_TOKEN_EMBD || index == LLAMA_OUTPUT)
        return (struct llama_extent){s->vocabulary, d};
    if (index == LLAMA_OUTPUT_NORM)
        return (struct llama_extent){1, d};
    switch ((enum llama_layer_tensor)((index - LLAMA_FIRST_LAYER) % LLAMA_LAYER_TENSORS)) {
    case LLAMA_ATTN_Q:
    case LLAMA_ATTN_OUTPUT:
        return (struct llama_extent){d, d};
    case LLAMA_ATTN_K:
    case LLAMA_ATTN_V:
        return (struct llama_extent){kv, d};
    case LLAMA_FFN_GATE:
    case LLAMA_FFN_UP:
        return (struct llama_extent){f, d};
    case LLAMA_FFN_DOWN:
        return (struct llama_extent){d, f};
    case LLAMA_ATTN_NORM:
    case LLAMA_FFN_NORM:
    case LLAMA_LAYER_TENSORS:
        break;
    }
    return (struct llama_extent){1, d};
}

static bool check_dimension(const char *what, uint32_t value, struct error *error)
{
    return (value > 0 && value <= INT32_MAX) ||
           fail(error, "%s is %" PRIu32 ", must be 1 to 2^31 - 1", what, value);
}

bool llama_check_shape(const struct llama_shape *s, struct error *error)
{
    if (!check_dimension("the width", s->width, error) ||
        !check_dimension("the width of the feed-forward layer", s->feed_forward, error) ||
        !check_dimension("the number of layers", s->layers, error) ||
        !check_dimension("the number of heads", s->heads, error) ||
        !check_dimension("the number of key/value heads", s->kv_heads, error) ||
        !check_dimension("the vocabulary", s->vocabulary, error) ||
        !check_dimension("the context", s->context, error))
        return false;
    if (s->width % s->heads != 0)
        return fail(error, "%" PRIu32 " heads do not divide the width %" PRIu32, s->heads,
                    s->width);
    if (s->heads % s->kv_heads != 0)
        return fail(error, "%" PRIu32 " key/value heads do not divide %" PRIu32 " heads",
                    s->kv_heads, s->heads);
    if (s->head_size % 2 != 0)
        return fail(error, "heads of %" PRIu32 ", an odd number, cannot be rotated in pairs",
                    s->head_size);
    if (!(s->epsilon > 0.0f) || !isfinite(s->epsilon))
        return fail(error, "the epsilon of the norms is %g", (double)s->epsilon);
    return (s->rope_base > 0.0 && isfinite(s->rope_base)) ||
           fail(error, "the base of the rotary positions is %g", s->rope_base);
}

/* ------------------------------------------------------------------------------------------------
 * From a list of tensors to numbered ones
 */

static struct named *sorted_tensors(const struct tensor_list *list, struct error *error)
{
    struct named *sorted = calloc(list->count + 1, sizeof *sorted);
    if (!sorted) {
        (void)fail(error, "no memory for %zu tensors", list->count);
        return NULL;
    }
    for (size_t i = 0; i < list->count; i++)
        sorted[i] = (struct named){list->tensors[i].name, &list->tensors[i]};
    if (named_sort(sorted, list->count, "tensor", error))
        return sorted;
    free(sorted);
    return NULL;
}

static bool check_extent(const struct tensor *tensor, struct llama_extent wanted,
                         struct error *error)
{
    if (tensor->ncols == wanted.columns && tensor->nrows == wanted.rows)
        return tensor_readable(tensor) ||
               fail(error, "type %s holds no weights that can be read", tensor->type);
    return fail(error,
                "%" PRIu64 " rows of %" PRIu64 ", where the model needs %" PRIu64 " of %" PRIu64,
                tensor->nrows, tensor->ncols, wanted.rows, wanted.columns);
}

static bool find_tensor(struct llama_model *model, const struct named *sorted, size_t index,
                        struct error *error)
{
    char name[LLAMA_NAME];
    llama_tensor_name(index, name);
    const struct tensor *tensor = named_find(sorted, model->list.count, name);
    model->tensors[index] = tensor;
    if (!tensor)
        return index == LLAMA_OUTPUT || fail(error, "there is no tensor \"%s\"", name);
    return check_extent(tensor, llama_extent_of(&model->shape, index), error) ||
           fail_in_named(error, "tensor", name);
}

/* What is not used would be missed: biases, experts, factors of rotary positions. */
static bool check_superfluous(const struct llama_model *model, struct error *error)
{
    const size_t used = model->count - (model->tensors[LLAMA_OUTPUT] == NULL);
    for (size_t i = 0; used < model->list.count && i < model->list.count; i++) {
        const struct tensor *tensor = &model->list.tensors[i];
        size_t k = 0;
        while (k < model->count && model->tensors[k] != tensor)
            k++;
        if (k == model->count) {
            (void)fail(error, "this kind of tensor is not supported (no biases, experts or scaled "
                              "rotary positions)");
            return fail_in_named(error, "tensor", tensor->name);
        }
    }
    return true;
}

static bool number_tensors(struct llama_model *model, struct error *error)
{
    if (model->shape.layers > model->list.count)
        return fail(error, "%" PRIu32 " layers, but %zu tensors", model->shape.layers,
                    model->list.count);
    model->count = llama_index(model->shape.layers, (enum llama_layer_tensor)0);
    model->tensors = calloc(model->count, sizeof *model->tensors);
    model->values = calloc(model->count, sizeof *model->values);
    if (!model->tensors || !model->values)
        return fail(error, "no memory for %zu tensors", model->count);
    struct named *sorted = sorted_tensors(&model->list, error);
    bool good = sorted != NULL;
    for (size_t i = 0; i < model->count && good; i++)
        good = find_tensor(model, sorted, i, error);
    free(sorted);
    return good && check_superfluous(model, error);
}

/* ------------------------------------------------------------------------------------------------
 * Weights
 */

static bool check_finite(const struct tensor *tensor, const float *values, struct error *error)
{
    const uint64_t n = tensor_numel(tensor);
    for (uint64_t i = 0; i < n; i++)
        if (!isfinite(values[i])) {
            (void)fail(error, "the weight in row %" PRIu64 ", column %" PRIu64 " is %g",
                       i / tensor->ncols, i % tensor->ncols, (double)values[i]);
            return tensor_fail(tensor, error);
        }
    return true;
}

static bool read_tensor(const struct tensor *tensor, float **values, struct buffer *buffer,
                        struct error *error)
{
    const size_t n = (size_t)tensor_numel(tensor);
    *values = malloc(n * sizeof **values);
    if (!*values) {
        (void)fail(error, "no memory for %zu weights", n);
        return tensor_fail(tensor, error);
    }
    return tensor_read(tensor, 0, n, *values, buffer, error) &&
           check_finite(tensor, *values, error);
}

static bool read_all(struct llama_model *model, struct error *error)
{
    struct buffer buffer = {0};
    bool good = true;
    for (size_t i = 0; i < model->count && good; i++)
        if (model->tensors[i])
            good = read_tensor(model->tensors[i], &model->values[i], &buffer, error);
    buffer_free(&buffer);
    if (!model->tensors[LLAMA_OUTPUT])
        model->values[LLAMA_OUTPUT] = model->values[LLAMA_TOKEN_EMBD];
    return good;
}

/* ------------------------------------------------------------------------------------------------
 * The model
 */

static struct source *open_source(const char *spec, struct error *error)
{
    static const char prefix[] = "builtin:";
    const void *bytes;
    uint64_t size;
    if (strncmp(spec, prefix, strlen(prefix)) != 0)
        return source_new_file(spec, error);
    if (builtin_find(spec + strlen(prefix), BUILTIN_MODEL, &bytes, &size))
        return source_new_memory(spec, bytes, size, error);
    (void)fail(error, "%s: no such built-in model; there is builtin:%s", spec, builtin_name(0));
    return NULL;
}

static bool open_list(struct llama_model *model, const char *spec, struct error *error)
{
    struct source *source = open_source(spec, error);
    if (!source)
        return false;
    const bool good = gguf_recognised(source)
                          ? llama_gguf_open(source, &model->list, &model->shape, error)
                          : llama2c_open(source, &model->list, &model->shape, error);
    if (!good)
        source_delete(source);
    model->source = source;
    return good;
}

bool llama_open(struct llama_model *model, const char *spec, struct error *error)
{
    *model = (struct llama_model){0};
    if (!open_list(model, spec, error))
        return false;
    if (!number_tensors(model, error)) {
        llama_free(model);
        return fail_in(error, "%s", spec);
    }
    if (read_all(model, error))
        return true;
    llama_free(model);
    return false;
}

void llama_free(struct llama_model *model)
{
    for (size_t i = 0; model->values && i < model->count; i++)
        if (model->tensors[i])
            free(model->values[i]);
    free(model->values);
    free(model->tensors);
    tensor_list_free(&model->list);
    *model = (struct llama_model){0};
}

bool llama_is_matrix(const struct tensor *tensor)
{
    return tensor->ndims > 1 && !tensor_is_norm(tensor);
}

uint64_t llama_numel(const struct llama_model *model)
{
    uint64_t total = 0;
    for (size_t i = 0; i < model->count; i++)
        if (model->tensors[i])
            total += tensor_numel(model->tensors[i]);
    return total;
}
