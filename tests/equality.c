#include "equality.h"

#include "fill.h"
#include "guard.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Rows and blocks in a row: one block, tails, odd row counts, more than two full sets of lanes: 16
 * super-blocks, or 64 blocks of 32 weights. */
enum {
    NSHAPES = 10,
    SUPER_BLOCK = 256,
    MAX_SUPER_BLOCKS = 66,
    MAX_BLOCKS = 200
};

static const struct shape {
    size_t nrows, nblocks;
} super_block_shapes[NSHAPES] = {{1, 1}, {1, 2}, {1, 3}, {2, 1},  {3, 1},
                                 {3, 5}, {5, 3}, {7, 2}, {1, 17}, {2, 33}},
  block_shapes[NSHAPES] = {{1, 1}, {1, 3},  {2, 1},  {3, 5},  {7, 2},
                           {1, 9}, {1, 17}, {2, 33}, {3, 47}, {1, 133}};

/* Slow builds take some of the shapes for each kind of data, and all of them over all kinds. */
#if defined(ROUNDEL_SLOW_RUN)
#define SHAPE_STEP 5
#else
#define SHAPE_STEP 1
#endif

static size_t max_blocks(const struct rdl_format_info *info)
{
    return info->block_length == SUPER_BLOCK ? MAX_SUPER_BLOCKS : MAX_BLOCKS;
}

/* What surrounds the destination and what is in it before, one for each placement: a byte that the
 * candidate does not write is different in at least two of them. */
static const uint8_t backgrounds[PLACEMENT_COUNT] = {0xAA, 0x55, 0xFF};

size_t first_different_value(const float *a, const float *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (memcmp(&a[i], &b[i], sizeof a[i]) != 0 && !(isnan(a[i]) && isnan(b[i])))
            return i;
    return n;
}

bool any_not_finite(const float *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(x[i]))
            return true;
    return false;
}

/* ------------------------------------------------------------------------------------------------
 * Encoders
 */

/* One comparison: the data, where they lie, and what to say about them. */
struct encoding {
    const struct encoder_pair *pair;
    uint64_t seed;
    enum weights weights;
    enum importances importances;
    const struct shape *shape;
    enum placement placement;
    size_t nvalues, nbytes;

    float *x, *importance; /* the originals */
    uint8_t *expected;     /* bytes of the reference */
    struct guarded x_memory, importance_memory, blocks_memory, scratch_memory;

    struct rdl_rows rows; /* for the candidate */
    uint8_t *blocks;
};

static void call_encoder(void *argument)
{
    const struct encoding *e = argument;
    e->pair->candidate(&e->rows, e->blocks);
}

static bool explain_encoding(const struct encoding *e, struct error *error, const char *what)
{
    return fail(error, "%s: %s (seed 0x%llx, weights %s, importance %s, %zu x %zu blocks, %s)",
                e->pair->name, what, (unsigned long long)e->seed, weights_name(e->weights),
                e->pair->with_importance ? importances_name(e->importances) : "none",
                e->shape->nrows, e->shape->nblocks, placement_name(e->placement));
}

static bool overflows(const struct encoder_pair *pair, const uint8_t *block)
{
    float decoded[SUPER_BLOCK];
    pair->decode(block, 1, decoded);
    return any_not_finite(decoded, pair->info->block_length);
}

bool block_agrees(const struct encoder_pair *pair, const uint8_t *expected, const uint8_t *actual)
{
    return memcmp(expected, actual, pair->info->block_bytes) == 0 ||
           (overflows(pair, expected) && overflows(pair, actual));
}

/* Compares the candidate's blocks with the reference's. */
static bool blocks_agree(const struct encoding *e, struct error *error)
{
    const size_t block_bytes = e->pair->info->block_bytes;
    for (size_t b = 0; b < e->shape->nrows * e->shape->nblocks; b++) {
        const uint8_t *expected = e->expected + b * block_bytes;
        const uint8_t *actual = e->blocks + b * block_bytes;
        if (block_agrees(e->pair, expected, actual))
            continue;
        size_t byte = 0;
        while (expected[byte] == actual[byte])
            byte++;
        struct error difference;
        (void)fail(&difference, "row %zu, block %zu, byte %zu is 0x%02x, reference 0x%02x",
                   b / e->shape->nblocks, b % e->shape->nblocks, byte, actual[byte],
                   expected[byte]);
        return explain_encoding(e, error, difference.text);
    }
    return true;
}

/* A read-only copy at the placement, askew by 0 to 3 floats. */
static const float *place_source(const struct guarded *memory, const float *values, size_t n,
                                 uint64_t seed, enum placement placement)
{
    guarded_set_writable(memory, true);
    uint8_t *place =
        guarded_place(memory, n * sizeof *values, seed % 4 * sizeof *values, placement);
    memcpy(place, values, n * sizeof *values);
    guarded_set_writable(memory, false);
    return (const float *)(const void *)place;
}

static bool placed_encoding_agrees(struct encoding *e, struct error *error)
{
    const uint8_t background = backgrounds[e->placement];
    const size_t ncols = e->nvalues / e->shape->nrows;
    e->rows = (struct rdl_rows){
        .x = place_source(&e->x_memory, e->x, e->nvalues, e->seed, e->placement),
        .importance = e->pair->with_importance ? place_source(&e->importance_memory, e->importance,
                                                              ncols, e->seed / 4, e->placement)
                                               : NULL,
        .nrows = e->shape->nrows,
        .ncols = ncols,
        .tables = e->pair->tables,
    };
    if (e->pair->scratch_size)
        e->rows.scratch = guarded_place(&e->scratch_memory, e->pair->scratch_size, 1, e->placement);
    memset(e->scratch_memory.bytes, background, e->scratch_memory.size);
    memset(e->blocks_memory.bytes, background, e->blocks_memory.size);
    e->blocks = guarded_place(&e->blocks_memory, e->nbytes, e->seed % 67, e->placement);

    if (!survives(call_encoder, e))
        return explain_encoding(e, error, "touches memory outside its buffers");
    if (!guarded_all_else_is(&e->blocks_memory, e->blocks, e->nbytes, background))
        return explain_encoding(e, error, "writes outside its blocks");
    if (e->rows.scratch && !guarded_all_else_is(&e->scratch_memory, e->rows.scratch,
                                                e->pair->scratch_size, background))
        return explain_encoding(e, error, "writes outside its scratch");
    return blocks_agree(e, error);
}

/* The same data in every placement. */
static bool encoding_agrees(struct encoding *e, struct error *error)
{
    const size_t ncols = e->shape->nblocks * e->pair->info->block_length;
    e->nvalues = e->shape->nrows * ncols;
    e->nbytes = e->shape->nrows * e->shape->nblocks * e->pair->info->block_bytes;
    struct random random = {.seed = e->seed};
    fill_weights(e->weights, e->pair->info->max_magnitude, &random, e->nvalues, e->x);
    fill_importance(e->importances, &random, ncols, e->importance);
    const struct rdl_rows rows = {
        .x = e->x,
        .importance = e->pair->with_importance ? e->importance : NULL,
        .nrows = e->shape->nrows,
        .ncols = ncols,
        .scratch = e->scratch_memory.bytes,
        .tables = e->pair->tables,
    };
    e->pair->reference(&rows, e->expected);
    for (int p = 0; p < PLACEMENT_COUNT; p++) {
        e->placement = (enum placement)p;
        if (!placed_encoding_agrees(e, error))
            return false;
    }
    return true;
}

static bool every_encoding_agrees(struct encoding *e, uint64_t seed, struct error *error)
{
    const int nimportances = e->pair->with_importance ? IMPORTANCE_COUNT : 1;
    const struct shape *shapes =
        e->pair->info->block_length == SUPER_BLOCK ? super_block_shapes : block_shapes;
    for (int w = 0; w < WEIGHTS_COUNT; w++)
        for (int i = 0; i < nimportances; i++)
            for (int s = (w + i) % SHAPE_STEP; s < NSHAPES; s += SHAPE_STEP) {
                e->weights = (enum weights)w;
                e->importances = (enum importances)i;
                e->shape = &shapes[s];
                e->seed = seed++;
                if (!encoding_agrees(e, error))
                    return false;
            }
    return true;
}

bool encoders_agree(const struct encoder_pair *pair, uint64_t seed, struct error *error)
{
    struct encoding e = {.pair = pair};
    const size_t nvalues = max_blocks(pair->info) * pair->info->block_length;
    const size_t nbytes = max_blocks(pair->info) * pair->info->block_bytes;
    e.x = malloc(nvalues * sizeof *e.x);
    e.importance = malloc(nvalues * sizeof *e.importance);
    e.expected = malloc(nbytes);
    bool agree = e.x && e.importance && e.expected &&
                 guarded_open(&e.x_memory, nvalues * sizeof(float)) &&
                 guarded_open(&e.importance_memory, nvalues * sizeof(float)) &&
                 guarded_open(&e.blocks_memory, nbytes) &&
                 guarded_open(&e.scratch_memory, pair->scratch_size);
    if (agree)
        agree = every_encoding_agrees(&e, seed, error) && lanes_agree(pair, seed, error);
    else
        (void)fail(error, "%s: no memory for the comparison", pair->name);
    guarded_close(&e.scratch_memory);
    guarded_close(&e.blocks_memory);
    guarded_close(&e.importance_memory);
    guarded_close(&e.x_memory);
    free(e.expected);
    free(e.importance);
    free(e.x);
    return agree;
}

/* ------------------------------------------------------------------------------------------------
 * Decoders
 */

/* Fills of the blocks to decode. */
static const char *const byte_fills[] = {"0x00", "0xff", "random", "edges"};

enum {
    BYTES_ZEROS,
    BYTES_ONES,
    BYTES_RANDOM,
    BYTES_EDGES, /* halves that make infinite, largest, smallest and zero scales */
    NBYTE_FILLS
};

static void fill_edges(struct random *random, size_t nbytes, uint8_t *bytes)
{
    static const uint8_t edges[][2] = {{0x00, 0x7C}, {0x00, 0xFC}, {0xFF, 0x7B}, {0xFF, 0xFB},
                                       {0x01, 0x00}, {0x00, 0x80}, {0x00, 0x00}, {0xFF, 0x03}};
    random_bytes(random, nbytes, bytes);
    for (size_t i = 0; i + 1 < nbytes; i += 2)
        if (random_below(random, 2))
            memcpy(bytes + i, edges[random_below(random, sizeof edges / sizeof edges[0])], 2);
}

struct decoding {
    const struct decoder_pair *pair;
    uint64_t seed;
    int fill;
    size_t nblocks;
    enum placement placement;

    uint8_t *original;
    float *expected;
    struct guarded blocks_memory, x_memory;

    const uint8_t *blocks; /* for the candidate */
    float *x;
};

static void call_decoder(void *argument)
{
    const struct decoding *d = argument;
    d->pair->candidate(d->blocks, d->nblocks, d->x);
}

static bool explain_decoding(const struct decoding *d, struct error *error, const char *what)
{
    return fail(error, "%s: %s (seed 0x%llx, bytes %s, %zu blocks, %s)", d->pair->name, what,
                (unsigned long long)d->seed, byte_fills[d->fill], d->nblocks,
                placement_name(d->placement));
}

static bool placed_decoding_agrees(struct decoding *d, struct error *error)
{
    const uint8_t background = backgrounds[d->placement];
    const size_t length = d->pair->info->block_length;
    const size_t nvalues = d->nblocks * length;
    const size_t nbytes = d->nblocks * d->pair->info->block_bytes;
    guarded_set_writable(&d->blocks_memory, true);
    uint8_t *blocks = guarded_place(&d->blocks_memory, nbytes, d->seed % 67, d->placement);
    memcpy(blocks, d->original, nbytes);
    guarded_set_writable(&d->blocks_memory, false);
    d->blocks = blocks;
    memset(d->x_memory.bytes, background, d->x_memory.size);
    uint8_t *x = guarded_place(&d->x_memory, nvalues * sizeof *d->x, d->seed % 4 * sizeof *d->x,
                               d->placement);
    d->x = (float *)(void *)x;

    if (!survives(call_decoder, d))
        return explain_decoding(d, error, "touches memory outside its buffers");
    if (!guarded_all_else_is(&d->x_memory, x, nvalues * sizeof *d->x, background))
        return explain_decoding(d, error, "writes outside its values");
    const size_t i = first_different_value(d->expected, d->x, nvalues);
    if (i == nvalues)
        return true;
    struct error difference;
    (void)fail(&difference, "block %zu, value %zu is %a, reference %a", i / length, i % length,
               (double)d->x[i], (double)d->expected[i]);
    return explain_decoding(d, error, difference.text);
}

static bool decoding_agrees(struct decoding *d, struct error *error)
{
    const size_t nbytes = d->nblocks * d->pair->info->block_bytes;
    struct random random = {.seed = d->seed};
    if (d->fill == BYTES_RANDOM)
        random_bytes(&random, nbytes, d->original);
    else if (d->fill == BYTES_EDGES)
        fill_edges(&random, nbytes, d->original);
    else
        memset(d->original, d->fill == BYTES_ONES ? 0xFF : 0x00, nbytes);
    d->pair->reference(d->original, d->nblocks, d->expected);
    for (int p = 0; p < PLACEMENT_COUNT; p++) {
        d->placement = (enum placement)p;
        if (!placed_decoding_agrees(d, error))
            return false;
    }
    return true;
}

static bool every_decoding_agrees(struct decoding *d, uint64_t seed, struct error *error)
{
    for (d->fill = 0; d->fill < NBYTE_FILLS; d->fill++)
        for (d->nblocks = 1; d->nblocks <= max_blocks(d->pair->info); d->nblocks++) {
            d->seed = seed++;
            if (!decoding_agrees(d, error))
                return false;
        }
    return true;
}

bool decoders_agree(const struct decoder_pair *pair, uint64_t seed, struct error *error)
{
    struct decoding d = {.pair = pair};
    const size_t nvalues = max_blocks(pair->info) * pair->info->block_length;
    const size_t nbytes = max_blocks(pair->info) * pair->info->block_bytes;
    d.original = malloc(nbytes);
    d.expected = malloc(nvalues * sizeof *d.expected);
    bool agree = d.original && d.expected && guarded_open(&d.blocks_memory, nbytes) &&
                 guarded_open(&d.x_memory, nvalues * sizeof(float));
    if (agree)
        agree = every_decoding_agrees(&d, seed, error);
    else
        (void)fail(error, "%s: no memory for the comparison", pair->name);
    guarded_close(&d.x_memory);
    guarded_close(&d.blocks_memory);
    free(d.expected);
    free(d.original);
    return agree;
}
