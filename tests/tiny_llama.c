#include "tiny_llama.h"

#include "gguf_builder.h"
#include <math.h>
#include <stdio.h>

/* ------------------------------------------------------------------------------------------------
 * Weights
 */

static uint32_t state;

static float draw(float low, float high)
{
    state = state * 1664525u + 1013904223u;
    return low + (high - low) * (float)(state >> 8) / 16777216.0f;
}

static void fill(float *values, size_t count, float low, float high)
{
    for (size_t i = 0; i < count; i++)
        values[i] = draw(low, high);
}

#define FILL(array, low, high) fill(array, sizeof(array) / sizeof *(array), low, high)

void tiny_llama_make(struct tiny_llama *model, bool tied)
{
    state = 7;
    model->tied = tied;
    FILL(model->embedding, -1.0f, 1.0f);
    for (int l = 0; l < TINY_LAYERS; l++) {
        struct tiny_layer *layer = &model->layers[l];
        FILL(layer->attn_norm, 0.5f, 1.5f);
        FILL(layer->q, -0.4f, 0.4f);
        FILL(layer->k, -0.4f, 0.4f);
        FILL(layer->v, -0.4f, 0.4f);
        FILL(layer->output, -0.4f, 0.4f);
        FILL(layer->ffn_norm, 0.5f, 1.5f);
        FILL(layer->gate, -0.4f, 0.4f);
        FILL(layer->down, -0.4f, 0.4f);
        FILL(layer->up, -0.4f, 0.4f);
    }
    FILL(model->output_norm, 0.5f, 1.5f);
    FILL(model->output, -0.5f, 0.5f);
    if (tied)
        memcpy(model->output, model->embedding, sizeof model->output);
}

/* ------------------------------------------------------------------------------------------------
 * Files
 */

#define PUT(bytes, array) put(bytes, array, sizeof(array))

struct bytes tiny_llama_checkpoint(const struct tiny_llama *model)
{
    const int32_t header[7] = {TINY_WIDTH,    TINY_FORWARD,
                               TINY_LAYERS,   TINY_HEADS,
                               TINY_KV_HEADS, model->tied ? TINY_VOCABULARY : -TINY_VOCABULARY,
                               TINY_CONTEXT};
    struct bytes bytes = {0};
    PUT(&bytes, header);
    PUT(&bytes, model->embedding);
#define PUT_LAYERS(member)                                                                         \
    for (int l = 0; l < TINY_LAYERS; l++)                                                          \
    PUT(&bytes, model->layers[l].member)
    PUT_LAYERS(attn_norm);
    PUT_LAYERS(q);
    PUT_LAYERS(k);
    PUT_LAYERS(v);
    PUT_LAYERS(output);
    PUT_LAYERS(ffn_norm);
    PUT_LAYERS(gate);
    PUT_LAYERS(down);
    PUT_LAYERS(up);
    PUT(&bytes, model->output_norm);
    put_repeated(&bytes, 0, TINY_CONTEXT * TINY_HEAD * sizeof(float));
    if (!model->tied)
        PUT(&bytes, model->output);
    return bytes;
}

/* A tensor table under construction, and the data behind it. */
struct table {
    const struct tiny_faults *faults;
    struct bytes infos, data;
    uint64_t count;
};

static bool is(const char *a, const char *b)
{
    return a && strcmp(a, b) == 0;
}

static void put_matrix(struct table *table, const char *name, const float *values, uint64_t nrows,
                       uint64_t ncols)
{
    if (is(table->faults->missing_tensor, name))
        return;
    const bool turned = is(table->faults->turned, name);
    const uint64_t dims[2] = {turned ? nrows : ncols, turned ? ncols : nrows};
    put_tensor_named(&table->infos, name, strlen(name), nrows == 1 ? 1 : 2, dims, GGUF_F32,
                     table->data.size);
    put(&table->data, values, nrows * ncols * sizeof *values);
    put_padding(&table->data, 32);
    table->count++;
}

static void put_layer(struct table *table, const struct tiny_layer *layer, int number)
{
    const struct {
        const char *name;
        const float *values;
        uint64_t nrows, ncols;
    } parts[] = {
        {"attn_norm", layer->attn_norm, 1, TINY_WIDTH},
        {"attn_q", layer->q, TINY_WIDTH, TINY_WIDTH},
        {"attn_k", layer->k, TINY_KV, TINY_WIDTH},
        {"attn_v", layer->v, TINY_KV, TINY_WIDTH},
        {"attn_output", layer->output, TINY_WIDTH, TINY_WIDTH},
        {"ffn_norm", layer->ffn_norm, 1, TINY_WIDTH},
        {"ffn_gate", layer->gate, TINY_FORWARD, TINY_WIDTH},
        {"ffn_down", layer->down, TINY_WIDTH, TINY_FORWARD},
        {"ffn_up", layer->up, TINY_FORWARD, TINY_WIDTH},
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        char name[64];
        snprintf(name, sizeof name, "blk.%d.%s.weight", number, parts[i].name);
        put_matrix(table, name, parts[i].values, parts[i].nrows, parts[i].ncols);
    }
}

static void put_tensors(struct table *table, const struct tiny_llama *model)
{
    /* In another order than a model is read. */
    put_matrix(table, "output_norm.weight", model->output_norm, 1, TINY_WIDTH);
    for (int l = TINY_LAYERS - 1; l >= 0; l--)
        put_layer(table, &model->layers[l], l);
    if (!model->tied)
        put_matrix(table, "output.weight", model->output, TINY_VOCABULARY, TINY_WIDTH);
    put_matrix(table, "token_embd.weight", model->embedding, TINY_VOCABULARY, TINY_WIDTH);
    if (table->faults->tensor)
        put_matrix(table, table->faults->tensor, model->output_norm, 1, TINY_WIDTH);
}

/* Metadata under construction. */
struct keys {
    const struct tiny_faults *faults;
    struct bytes bytes;
    uint64_t count;
};

static bool wanted(struct keys *keys, const char *key)
{
    if (is(keys->faults->missing_key, key) || is(keys->faults->key, key))
        return false;
    keys->count++;
    return true;
}

static void key_u32(struct keys *keys, const char *key, uint32_t value)
{
    if (wanted(keys, key))
        put_key_u32(&keys->bytes, key, value);
}

static void key_f32(struct keys *keys, const char *key, float value)
{
    if (wanted(keys, key)) {
        put_key(&keys->bytes, key, GGUF_VALUE_F32);
        put_f32(&keys->bytes, value);
    }
}

static void key_string(struct keys *keys, const char *key, const char *value)
{
    if (wanted(keys, key))
        put_key_string(&keys->bytes, key, value);
}

static void key_false(struct keys *keys, const char *key)
{
    if (wanted(keys, key)) {
        put_key(&keys->bytes, key, GGUF_VALUE_BOOL);
        put_repeated(&keys->bytes, 0, 1);
    }
}

/* After bytes and control tokens: pieces of "the cat", in SentencePiece's spelling. */
static const char *const pieces[] = {"\xe2\x96\x81", "t", "h", "e", "th", "\xe2\x96\x81th"};
static const float scores[] = {-5.0f, -6.0f, -6.0f, -6.0f, -1.0f, -2.0f};

static void token_text(const struct tiny_faults *faults, int id, char text[64])
{
    static const char *const control[] = {"<unk>", "<s>", "</s>"};
    if (id < 3)
        snprintf(text, 64, "%s", control[id]);
    else if (id < 3 + 256)
        snprintf(text, 64, "<0x%02X>", (unsigned)(id - 3));
    else
        snprintf(text, 64, "%s", pieces[id - 3 - 256]);
    if (id == TINY_VOCABULARY - 1 && faults->text_of_last)
        snprintf(text, 64, "%s", faults->text_of_last);
}

static int32_t token_type(const struct tiny_faults *faults, int id)
{
    if (id == TINY_VOCABULARY - 1 && faults->type_of_last)
        return faults->type_of_last;
    return id == 0 ? 2 : id < 3 ? 3 : id < 3 + 256 ? 6 : 1;
}

static void key_vocabulary(struct keys *keys)
{
    struct bytes *bytes = &keys->bytes;
    const struct tiny_faults *faults = keys->faults;
    key_string(keys, "tokenizer.ggml.model", faults->kind ? faults->kind : "llama");
    if (wanted(keys, "tokenizer.ggml.tokens")) {
        put_key_array(bytes, "tokenizer.ggml.tokens", GGUF_VALUE_STRING, TINY_VOCABULARY);
        for (int id = 0; id < TINY_VOCABULARY; id++) {
            char text[64];
            token_text(faults, id, text);
            put_string(bytes, text);
        }
    }
    if (wanted(keys, "tokenizer.ggml.scores")) {
        const int count = TINY_VOCABULARY - faults->few_scores;
        put_key_array(bytes, "tokenizer.ggml.scores", GGUF_VALUE_F32, (uint64_t)count);
        for (int id = 0; id < count; id++)
            put_f32(bytes, id < 3 + 256 ? 0.0f : scores[id - 3 - 256]);
    }
    if (wanted(keys, "tokenizer.ggml.token_type")) {
        put_key_array(bytes, "tokenizer.ggml.token_type", GGUF_VALUE_I32, TINY_VOCABULARY);
        for (int id = 0; id < TINY_VOCABULARY; id++)
            put_u32(bytes, (uint32_t)token_type(faults, id));
    }
    key_u32(keys, "tokenizer.ggml.bos_token_id", 1);
    key_false(keys, "tokenizer.ggml.add_space_prefix");
}

static void put_keys(struct keys *keys)
{
    key_string(keys, "general.architecture",
               keys->faults->architecture ? keys->faults->architecture : "llama");
    key_u32(keys, "llama.block_count", TINY_LAYERS);
    key_u32(keys, "llama.embedding_length", TINY_WIDTH);
    key_u32(keys, "llama.feed_forward_length", TINY_FORWARD);
    key_u32(keys, "llama.attention.head_count", TINY_HEADS);
    key_u32(keys, "llama.attention.head_count_kv", TINY_KV_HEADS);
    key_u32(keys, "llama.context_length", TINY_CONTEXT);
    key_f32(keys, "llama.attention.layer_norm_rms_epsilon", 1e-5f);
    key_vocabulary(keys);
    if (keys->faults->key) {
        put_key_u32(&keys->bytes, keys->faults->key, keys->faults->value);
        keys->count++;
    }
}

struct bytes tiny_llama_gguf(const struct tiny_llama *model, const struct tiny_faults *faults)
{
    static const struct tiny_faults none;
    struct table table = {.faults = faults ? faults : &none};
    struct keys keys = {.faults = table.faults};
    struct bytes bytes = {0};
    put_tensors(&table, model);
    put_keys(&keys);
    put_header(&bytes, 3, table.count, keys.count);
    put(&bytes, keys.bytes.data, keys.bytes.size);
    put(&bytes, table.infos.data, table.infos.size);
    put_padding(&bytes, 32);
    put(&bytes, table.data.data, table.data.size);
    bytes_free(&keys.bytes);
    bytes_free(&table.infos);
    bytes_free(&table.data);
    return bytes;
}

/* ------------------------------------------------------------------------------------------------
 * Logits
 */

static void times(const float *matrix, int nrows, int ncols, const double *x, double *y)
{
    for (int r = 0; r < nrows; r++) {
        y[r] = 0.0;
        for (int c = 0; c < ncols; c++)
            y[r] += (double)matrix[r * ncols + c] * x[c];
    }
}

static void norm(const float *gain, const double *x, double *y)
{
    double square = 0.0;
    for (int i = 0; i < TINY_WIDTH; i++)
        square += x[i] * x[i] / TINY_WIDTH;
    for (int i = 0; i < TINY_WIDTH; i++)
        y[i] = x[i] * (double)gain[i] / sqrt(square + (double)1e-5f);
}

static void rotate(double *x, int nheads, int position)
{
    for (int h = 0; h < nheads; h++)
        for (int i = 0; i < TINY_HEAD; i += 2) {
            double *pair = x + h * TINY_HEAD + i;
            const double angle = position * pow(10000.0, -(double)i / TINY_HEAD);
            const double a = pair[0], b = pair[1];
            pair[0] = a * cos(angle) - b * sin(angle);
            pair[1] = a * sin(angle) + b * cos(angle);
        }
}

/* Keys and values of all positions so far. */
struct cache {
    double k[TINY_LAYERS][TINY_CONTEXT][TINY_KV], v[TINY_LAYERS][TINY_CONTEXT][TINY_KV];
};

static void attend(const struct cache *cache, int layer, int position, const double *q, double *out)
{
    for (int h = 0; h < TINY_HEADS; h++) {
        const int kv = h / (TINY_HEADS / TINY_KV_HEADS) * TINY_HEAD;
        double weight[TINY_CONTEXT], sum = 0.0;
        for (int r = 0; r <= position; r++) {
            double score = 0.0;
            for (int i = 0; i < TINY_HEAD; i++)
                score += q[h * TINY_HEAD + i] * cache->k[layer][r][kv + i];
            weight[r] = exp(score / sqrt(TINY_HEAD));
            sum += weight[r];
        }
        for (int i = 0; i < TINY_HEAD; i++) {
            out[h * TINY_HEAD + i] = 0.0;
            for (int r = 0; r <= position; r++)
                out[h * TINY_HEAD + i] += weight[r] / sum * cache->v[layer][r][kv + i];
        }
    }
}

static void run_layer(const struct tiny_layer *layer, struct cache *cache, int number, int position,
                      double *x)
{
    double h[TINY_WIDTH], q[TINY_WIDTH], heads[TINY_WIDTH], add[TINY_WIDTH];
    double gate[TINY_FORWARD], up[TINY_FORWARD];
    norm(layer->attn_norm, x, h);
    times(layer->q, TINY_WIDTH, TINY_WIDTH, h, q);
    times(layer->k, TINY_KV, TINY_WIDTH, h, cache->k[number][position]);
    times(layer->v, TINY_KV, TINY_WIDTH, h, cache->v[number][position]);
    rotate(q, TINY_HEADS, position);
    rotate(cache->k[number][position], TINY_KV_HEADS, position);
    attend(cache, number, position, q, heads);
    times(layer->output, TINY_WIDTH, TINY_WIDTH, heads, add);
    for (int i = 0; i < TINY_WIDTH; i++)
        x[i] += add[i];
    norm(layer->ffn_norm, x, h);
    times(layer->gate, TINY_FORWARD, TINY_WIDTH, h, gate);
    times(layer->up, TINY_FORWARD, TINY_WIDTH, h, up);
    for (int i = 0; i < TINY_FORWARD; i++)
        up[i] *= gate[i] / (1.0 + exp(-gate[i]));
    times(layer->down, TINY_WIDTH, TINY_FORWARD, up, add);
    for (int i = 0; i < TINY_WIDTH; i++)
        x[i] += add[i];
}

void tiny_llama_logits(const struct tiny_llama *model, const int32_t *tokens, int count,
                       double *logits)
{
    static struct cache cache;
    for (int p = 0; p < count; p++) {
        double x[TINY_WIDTH], h[TINY_WIDTH];
        for (int i = 0; i < TINY_WIDTH; i++)
            x[i] = (double)model->embedding[tokens[p] * TINY_WIDTH + i];
        for (int l = 0; l < TINY_LAYERS; l++)
            run_layer(&model->layers[l], &cache, l, p, x);
        norm(model->output_norm, x, h);
        times(model->output, TINY_VOCABULARY, TINY_WIDTH, h, logits + p * TINY_VOCABULARY);
    }
}
