/* Models of the llama architecture in GGUF files. */
#include "gguf.h"
#include "llama_file.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------
 * Metadata
 */

static bool check_architecture(const struct gguf *gguf, struct error *error)
{
    char *text, shown[64];
    size_t length;
    if (!gguf_get_string(gguf, "general.architecture", &text, &length, error))
        return false;
    const bool good = length == 5 && memcmp(text, "llama", 5) == 0;
    if (!good)
        (void)fail(error, "%s: a model of the architecture '%s'; only llama can be run",
                   gguf->source->name, escape(shown, sizeof shown, text, length));
    free(text);
    return good;
}

/* Any key with this beginning. */
static const char *key_with(const struct gguf *gguf, const char *beginning)
{
    for (size_t i = 0; i < gguf->nvalues; i++)
        if (strncmp(gguf->values[i].key, beginning, strlen(beginning)) == 0)
            return gguf->values[i].key;
    return NULL;
}

static bool check_unknown(const struct gguf *gguf, struct error *error)
{
    static const char *const refused[] = {"llama.rope.scal", "llama.expert_"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        const char *key = key_with(gguf, refused[i]);
        if (key)
            return fail(error, "%s: the model has the key \"%s\", which is not supported",
                        gguf->source->name, key);
    }
    return true;
}

static bool get_dimension(const struct gguf *gguf, const char *key, uint32_t *out,
                          struct error *error)
{
    uint64_t value;
    if (!gguf_get_count(gguf, key, &value, error))
        return false;
    *out = (uint32_t)value;
    return value <= INT32_MAX ||
           fail(error, "%s: key \"%s\" is %" PRIu64, gguf->source->name, key, value);
}

static bool get_dimension_or(const struct gguf *gguf, const char *key, uint32_t otherwise,
                             uint32_t *out, struct error *error)
{
    *out = otherwise;
    return !gguf_find(gguf, key) || get_dimension(gguf, key, out, error);
}

static bool get_real(const struct gguf *gguf, const char *key, float *out, struct error *error)
{
    const struct gguf_value *value = gguf_find(gguf, key);
    if (!value)
        return fail(error, "%s: there is no key \"%s\"", gguf->source->name, key);
    if (value->type != GGUF_VALUE_F32)
        return fail(error, "%s: key \"%s\" is %s, not f32", gguf->source->name, key,
                    gguf_value_type_name(value->type));
    const uint32_t bits = (uint32_t)value->scalar;
    memcpy(out, &bits, sizeof *out);
    return true;
}

static bool get_vocabulary(const struct gguf *gguf, uint32_t *out, struct error *error)
{
    const struct gguf_value *tokens = gguf_find(gguf, "tokenizer.ggml.tokens");
    if (gguf_find(gguf, "llama.vocab_size") || !tokens)
        return get_dimension(gguf, "llama.vocab_size", out, error);
    *out = (uint32_t)tokens->count; /* at most 2^30 */
    return true;
}

/* A head is the width over the heads, in whatever words. */
static bool check_heads(const struct gguf *gguf, const struct llama_shape *shape,
                        struct error *error)
{
    static const char *const keys[] = {
        "llama.rope.dimension_count",
        "llama.attention.key_length",
        "llama.attention.value_length",
    };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        uint32_t size;
        if (!get_dimension_or(gguf, keys[i], shape->head_size, &size, error))
            return false;
        if (size != shape->head_size)
            return fail(error,
                        "%s: key \"%s\" is %" PRIu32 "; only %" PRIu32
                        ", the width over the heads, is supported",
                        gguf->source->name, keys[i], size, shape->head_size);
    }
    return true;
}

static bool read_shape(const struct gguf *gguf, struct llama_shape *s, struct error *error)
{
    float base = 10000.0f;
    *s = (struct llama_shape){0};
    if (!check_architecture(gguf, error) || !check_unknown(gguf, error) ||
        !get_dimension(gguf, "llama.block_count", &s->layers, error) ||
        !get_dimension(gguf, "llama.embedding_length", &s->width, error) ||
        !get_dimension(gguf, "llama.feed_forward_length", &s->feed_forward, error) ||
        !get_dimension(gguf, "llama.attention.head_count", &s->heads, error) ||
        !get_dimension_or(gguf, "llama.attention.head_count_kv", s->heads, &s->kv_heads, error) ||
        !get_dimension(gguf, "llama.context_length", &s->context, error) ||
        !get_vocabulary(gguf, &s->vocabulary, error) ||
        !get_real(gguf, "llama.attention.layer_norm_rms_epsilon", &s->epsilon, error))
        return false;
    if (gguf_find(gguf, "llama.rope.freq_base") &&
        !get_real(gguf, "llama.rope.freq_base", &base, error))
        return false;
    s->rope_base = (double)base;
    s->head_size = s->heads > 0 ? s->width / s->heads : 0;
    return (llama_check_shape(s, error) || fail_in(error, "%s", gguf->source->name)) &&
           check_heads(gguf, s, error);
}

bool llama_gguf_open(struct source *source, struct tensor_list *list, struct llama_shape *shape,
                     struct error *error)
{
    struct gguf gguf;
    if (!gguf_parse(source, &gguf, error))
        return false;
    const bool good = read_shape(&gguf, shape, error);
    gguf_free(&gguf);
    return good && gguf_open(source, false, list, error);
}
