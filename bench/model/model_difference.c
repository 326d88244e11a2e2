#include "model_difference.h"

#include "binary16.h"
#include "element.h"
#include "named.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    PIECE = 1 << 15 /* weights, a multiple of every block's length */
};

/* ------------------------------------------------------------------------------------------------
 * Causes
 */

const char *difference_cause_name(enum difference_cause cause)
{
    static const char *const names[CAUSE_COUNT] = {
        [CAUSE_LARGE] = "above 65504",
        [CAUSE_SMALL] = "below 2^-14",
        [CAUSE_PRECISION] = "other",
        [CAUSE_NONE] = "none",
    };
    return names[cause];
}

enum difference_cause difference_cause_of(float a, float b)
{
    if (fabsf(a) > 65504.0f || fabsf(b) > 65504.0f)
        return CAUSE_LARGE;
    return fabsf(a) < 0x1p-14f && fabsf(b) < 0x1p-14f ? CAUSE_SMALL : CAUSE_PRECISION;
}

static bool differ(float a, float b)
{
    return rdl_float_bits(a) != rdl_float_bits(b);
}

static void count_weights(const float *a, const float *b, size_t count,
                          struct weight_difference *difference)
{
    difference->count += count;
    for (size_t i = 0; i < count; i++)
        if (differ(a[i], b[i])) {
            difference->differing++;
            difference->causes[difference_cause_of(a[i], b[i])]++;
        }
}

/* Of all differences of a block, the first in the order of the enumeration. */
static enum difference_cause block_cause(const float *a, const float *b, size_t length)
{
    enum difference_cause first = CAUSE_NONE;
    for (size_t i = 0; i < length; i++)
        if (differ(a[i], b[i])) {
            const enum difference_cause cause = difference_cause_of(a[i], b[i]);
            first = cause < first ? cause : first;
        }
    return first;
}

/* ------------------------------------------------------------------------------------------------
 * One tensor
 */

/* Weights and bytes of a piece of one side. */
struct side {
    const struct tensor *tensor, *from; /* `from` NULL: not asked, or nothing there */
    float weights[PIECE], sources[PIECE];
    struct buffer bytes, buffer;
};

struct sides {
    struct side a, b;
};

static bool same_shape(const struct tensor *a, const struct tensor *b)
{
    return a->ndims == b->ndims && memcmp(a->dims, b->dims, a->ndims * sizeof a->dims[0]) == 0;
}

/* Bytes of a block and weights in it; false for types that are no weights, or not stored. */
static bool block_of(const struct tensor *tensor, uint32_t *length, uint32_t *bytes)
{
    *length = 1;
    *bytes = (uint32_t)element_size(tensor->kind);
    if (tensor->kind == ELEMENT_BLOCKS) {
        *length = rdl_format_info(tensor->format)->block_length;
        *bytes = rdl_format_info(tensor->format)->block_bytes;
    }
    return *bytes > 0;
}

static bool read_side(struct side *side, uint64_t first, size_t count, struct error *error)
{
    uint32_t length, bytes;
    if (!tensor_read(side->tensor, first, count, side->weights, &side->buffer, error) ||
        (side->from && !tensor_read(side->from, first, count, side->sources, &side->buffer, error)))
        return false;
    if (!block_of(side->tensor, &length, &bytes))
        return true;
    const size_t size = count / length * bytes;
    if (buffer_reserve(&side->bytes, size, error) &&
        source_read(side->tensor->source, side->tensor->offset + first / length * bytes,
                    side->bytes.bytes, size, error))
        return true;
    return tensor_fail(side->tensor, error);
}

static uint64_t count_bytes(const uint8_t *a, const uint8_t *b, size_t size)
{
    uint64_t count = 0;
    if (memcmp(a, b, size) != 0)
        for (size_t i = 0; i < size; i++)
            count += a[i] != b[i];
    return count;
}

static void count_blocks(const struct sides *sides, size_t count,
                         struct tensor_difference *difference)
{
    uint32_t length, bytes;
    if (!difference->same_type || !block_of(difference->a, &length, &bytes))
        return;
    const uint8_t *a = sides->a.bytes.bytes, *b = sides->b.bytes.bytes;
    difference->bytes += count_bytes(a, b, count / length * bytes);
    for (size_t i = 0; difference->has_blocks && i < count / length; i++) {
        if (memcmp(a + i * bytes, b + i * bytes, bytes) == 0)
            continue;
        difference->blocks++;
        if (difference->has_sources)
            difference->block_causes[block_cause(sides->a.sources + i * length,
                                                 sides->b.sources + i * length, length)]++;
    }
    if (difference->has_blocks)
        difference->nblocks += count / length;
}

static bool compare_weights(struct sides *sides, struct tensor_difference *difference,
                            struct error *error)
{
    const uint64_t numel = tensor_numel(difference->a);
    for (uint64_t first = 0; first < numel; first += PIECE) {
        const size_t count = numel - first < PIECE ? (size_t)(numel - first) : PIECE;
        if (!read_side(&sides->a, first, count, error) ||
            !read_side(&sides->b, first, count, error))
            return false;
        count_weights(sides->a.weights, sides->b.weights, count, &difference->weights);
        if (difference->has_sources)
            count_weights(sides->a.sources, sides->b.sources, count, &difference->sources);
        count_blocks(sides, count, difference);
    }
    return true;
}

/* Tensors of a type that is no weights to us. */
static bool compare_bytes(struct sides *sides, struct tensor_difference *difference,
                          struct error *error)
{
    const struct tensor *a = difference->a, *b = difference->b;
    for (uint64_t at = 0; at < a->nbytes; at += PIECE) {
        const size_t size = a->nbytes - at < PIECE ? (size_t)(a->nbytes - at) : PIECE;
        if (!source_read(a->source, a->offset + at, sides->a.weights, size, error))
            return tensor_fail(a, error);
        if (!source_read(b->source, b->offset + at, sides->b.weights, size, error))
            return tensor_fail(b, error);
        difference->bytes +=
            count_bytes((const uint8_t *)sides->a.weights, (const uint8_t *)sides->b.weights, size);
    }
    return true;
}

static bool compare_tensor(struct sides *sides, struct tensor_difference *difference,
                           struct error *error)
{
    const struct tensor *a = difference->a, *b = difference->b;
    difference->same_shape = same_shape(a, b);
    difference->same_type = strcmp(a->type, b->type) == 0 && a->swapped == b->swapped;
    if (!difference->same_shape)
        return true;
    if (difference->same_type)
        difference->nbytes = a->nbytes;
    difference->has_weights = tensor_readable(a) && tensor_readable(b);
    difference->has_blocks = difference->same_type && a->kind == ELEMENT_BLOCKS;
    if (difference->has_weights)
        return compare_weights(sides, difference, error);
    return !difference->same_type || a->nbytes != b->nbytes ||
           compare_bytes(sides, difference, error);
}

bool tensor_differs(const struct tensor_difference *tensor)
{
    return !tensor->a || !tensor->b || !tensor->same_shape || !tensor->same_type ||
           tensor->bytes > 0;
}

/* ------------------------------------------------------------------------------------------------
 * Models
 */

/* The tensors of a list by name. */
struct names {
    struct named *list;
    size_t count;
};

static bool names_make(const struct tensor_list *from, struct names *names, struct error *error)
{
    *names = (struct names){0};
    if (!from)
        return true;
    names->list = malloc((from->count + 1) * sizeof *names->list);
    if (!names->list)
        return fail(error, "no memory for %zu tensors", from->count);
    names->count = from->count;
    for (size_t i = 0; i < from->count; i++)
        names->list[i] = (struct named){from->tensors[i].name, &from->tensors[i]};
    return named_sort(names->list, names->count, "tensor", error);
}

static const struct tensor *find(const struct names *names, const char *name)
{
    return names->count > 0 ? named_find(names->list, names->count, name) : NULL;
}

struct comparison_of_models {
    const struct tensor_list *a, *b;
    struct names names_a, names_b, from_a, from_b;
    struct sides *sides;
};

static bool is_source_of(const struct tensor *from, const struct tensor *tensor)
{
    return from && same_shape(from, tensor) && tensor_readable(from);
}

static bool compare_named(struct comparison_of_models *c, struct tensor_difference *difference,
                          struct error *error)
{
    const struct tensor *a = difference->a, *b = find(&c->names_b, a->name);
    difference->b = b;
    if (!b)
        return true;
    const struct tensor *from_a = find(&c->from_a, a->name), *from_b = find(&c->from_b, a->name);
    difference->has_sources = is_source_of(from_a, a) && is_source_of(from_b, b);
    c->sides->a.tensor = a;
    c->sides->b.tensor = b;
    c->sides->a.from = difference->has_sources ? from_a : NULL;
    c->sides->b.from = difference->has_sources ? from_b : NULL;
    return compare_tensor(c->sides, difference, error);
}

static bool compare_all(struct comparison_of_models *c, struct model_difference *difference,
                        struct error *error)
{
    for (size_t i = 0; i < c->a->count; i++) {
        struct tensor_difference *tensor = &difference->tensors[difference->count++];
        tensor->a = &c->a->tensors[i];
        if (!compare_named(c, tensor, error))
            return false;
    }
    for (size_t i = 0; i < c->b->count; i++)
        if (!find(&c->names_a, c->b->tensors[i].name))
            difference->tensors[difference->count++].b = &c->b->tensors[i];
    for (size_t i = 0; i < difference->count; i++)
        difference->differing += tensor_differs(&difference->tensors[i]);
    return true;
}

bool model_difference_of(const struct tensor_list *a, const struct tensor_list *b,
                         const struct tensor_list *from_a, const struct tensor_list *from_b,
                         struct model_difference *difference, struct error *error)
{
    struct comparison_of_models c = {.a = a, .b = b, .sides = calloc(1, sizeof *c.sides)};
    *difference = (struct model_difference){0};
    difference->tensors = calloc(a->count + b->count + 1, sizeof *difference->tensors);
    bool good = (c.sides && difference->tensors) || fail(error, "out of memory");
    good = good && names_make(a, &c.names_a, error) && names_make(b, &c.names_b, error) &&
           names_make(from_a, &c.from_a, error) && names_make(from_b, &c.from_b, error) &&
           compare_all(&c, difference, error);
    free(c.names_a.list);
    free(c.names_b.list);
    free(c.from_a.list);
    free(c.from_b.list);
    if (c.sides) {
        buffer_free(&c.sides->a.bytes);
        buffer_free(&c.sides->a.buffer);
        buffer_free(&c.sides->b.bytes);
        buffer_free(&c.sides->b.buffer);
    }
    free(c.sides);
    if (!good)
        model_difference_free(difference);
    return good;
}

void model_difference_free(struct model_difference *difference)
{
    free(difference->tensors);
    *difference = (struct model_difference){0};
}
