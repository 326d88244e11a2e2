/*
 * Checkpoints of llama2.c, version 0: seven little-endian i32 (dim, hidden_dim, n_layers, n_heads,
 * n_kv_heads, vocab_size, seq_len), then arrays of binary32 without padding, each over all layers.
 * A negative vocab_size means that the output has a matrix of its own, at the end. Source: export
 * and loader of llama2.c (A. Karpathy).
 */
#include "cursor.h"
#include "llama_file.h"

#include <inttypes.h>
#include <string.h>

enum {
    DIM,
    HIDDEN_DIM,
    N_LAYERS,
    N_HEADS,
    N_KV_HEADS,
    VOCAB_SIZE,
    SEQ_LEN,
    HEADER_FIELDS,
    HEADER_BYTES = 4 * HEADER_FIELDS
};

static const char *const field_names[HEADER_FIELDS] = {
    [DIM] = "dim",         [HIDDEN_DIM] = "hidden_dim", [N_LAYERS] = "n_layers",
    [N_HEADS] = "n_heads", [N_KV_HEADS] = "n_kv_heads", [VOCAB_SIZE] = "vocab_size",
    [SEQ_LEN] = "seq_len",
};

/* "ak42": what later versions of the format begin with. */
static const int32_t later_magic = 0x616b3432;

/* ------------------------------------------------------------------------------------------------
 * Header
 */

static bool read_header(const struct source *source, int32_t header[HEADER_FIELDS],
                        struct error *error)
{
    struct cursor cursor;
    cursor_init(&cursor, source, 0);
    for (size_t i = 0; i < HEADER_FIELDS; i++)
        if (!cursor_i32(&cursor, &header[i], field_names[i], error))
            return false;
    if (header[0] == later_magic)
        return fail(error, "version %" PRId32 " of llama2.c's format; only version 0 can be read",
                    header[1]);
    for (size_t i = 0; i < HEADER_FIELDS; i++)
        if (header[i] == 0 || header[i] == INT32_MIN || (header[i] < 0 && i != VOCAB_SIZE))
            return fail(error, "no GGUF file, and as a checkpoint of llama2.c its %s is %" PRId32,
                        field_names[i], header[i]);
    return true;
}

static struct llama_shape shape_of(const int32_t header[HEADER_FIELDS])
{
    const int32_t vocabulary = header[VOCAB_SIZE];
    return (struct llama_shape){
        .width = (uint32_t)header[DIM],
        .feed_forward = (uint32_t)header[HIDDEN_DIM],
        .layers = (uint32_t)header[N_LAYERS],
        .heads = (uint32_t)header[N_HEADS],
        .kv_heads = (uint32_t)header[N_KV_HEADS],
        .head_size = (uint32_t)(header[DIM] / header[N_HEADS]),
        .vocabulary = (uint32_t)(vocabulary < 0 ? -vocabulary : vocabulary),
        .context = (uint32_t)header[SEQ_LEN],
        .epsilon = 1e-5f,
        .rope_base = 10000.0,
    };
}

/* ------------------------------------------------------------------------------------------------
 * Arrays
 */

/* A walk over the arrays; without a list it only measures. */
struct walk {
    const struct llama_shape *shape;
    const struct source *source;
    struct tensor_list *list;
    uint64_t position; /* bytes */
};

static bool past(const struct walk *walk, uint64_t rows, uint64_t columns, struct error *error)
{
    /* Both are below 2^31. */
    const uint64_t numel = rows * columns;
    return numel <= (walk->source->size - walk->position) / sizeof(float) ||
           fail(error, "its %" PRIu64 " bytes are fewer than its header announces",
                walk->source->size);
}

static bool take(struct walk *walk, size_t index, struct error *error)
{
    const struct llama_extent extent = llama_extent_of(walk->shape, index);
    if (!past(walk, extent.rows, extent.columns, error))
        return false;
    const uint64_t dims[2] = {extent.columns, extent.rows};
    char name[LLAMA_NAME];
    struct tensor tensor = {
        .type = "F32",
        .kind = ELEMENT_F32,
        .source = walk->source,
        .offset = walk->position,
        .nbytes = extent.rows * extent.columns * sizeof(float),
    };
    walk->position += tensor.nbytes;
    llama_tensor_name(index, name);
    return !walk->list || (tensor_set_dims(&tensor, extent.rows > 1 ? 2 : 1, dims, error) &&
                           tensor_list_add(walk->list, &tensor, name, strlen(name), error));
}

static bool take_layers(struct walk *walk, enum llama_layer_tensor kind, struct error *error)
{
    for (uint32_t layer = 0; layer < walk->shape->layers; layer++)
        if (!take(walk, llama_index(layer, kind), error))
            return false;
    return true;
}

/* Cosines and sines, which nobody reads. */
static bool skip_rotations(struct walk *walk, struct error *error)
{
    const uint64_t rows = walk->shape->context, columns = walk->shape->head_size;
    if (!past(walk, rows, columns, error))
        return false;
    walk->position += rows * columns * sizeof(float);
    return true;
}

static bool take_all(struct walk *walk, bool own_output, struct error *error)
{
    static const enum llama_layer_tensor order[] = {
        LLAMA_ATTN_NORM, LLAMA_ATTN_Q,   LLAMA_ATTN_K,   LLAMA_ATTN_V, LLAMA_ATTN_OUTPUT,
        LLAMA_FFN_NORM,  LLAMA_FFN_GATE, LLAMA_FFN_DOWN, LLAMA_FFN_UP,
    };
    walk->position = HEADER_BYTES;
    if (!take(walk, LLAMA_TOKEN_EMBD, error))
        return false;
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        if (!take_layers(walk, order[i], error))
            return false;
    if (!take(walk, LLAMA_OUTPUT_NORM, error) || !skip_rotations(walk, error) ||
        (own_output && !take(walk, LLAMA_OUTPUT, error)))
        return false;
    return walk->position == walk->source->size ||
           fail(error, "%" PRIu64 " bytes, where its header announces %" PRIu64, walk->source->size,
                walk->position);
}

bool llama2c_open(struct source *source, struct tensor_list *list, struct llama_shape *shape,
                  struct error *error)
{
    int32_t header[HEADER_FIELDS];
    if (!read_header(source, header, error))
        return fail_in(error, "%s", source->name);
    *shape = shape_of(header);
    const bool own_output = header[VOCAB_SIZE] < 0;
    struct walk walk = {.shape = shape, .source = source};
    if (!llama_check_shape(shape, error) || !take_all(&walk, own_output, error))
        return fail_in(error, "%s", source->name);
    const struct tensor_list_mark mark = tensor_list_mark(list);
    walk.list = list;
    return tensor_list_settle(list, mark, take_all(&walk, own_output, error), source, error);
}
