/*
 * Blocks lie in lanes, or in parts of a kernel's work, by their number. What a block becomes may
 * not depend on that: on how many blocks there are, on its place among them, on its neighbours.
 */
#include "equality.h"

#include "fill.h"

#include <stdlib.h>
#include <string.h>

enum {
    SUPER_BLOCK = 256,
    SMALL = 18, /* every number of blocks up to this */
    MAX_BLOCKS = 193,
    NNOISES = 3
};

/* Slow builds look at some of the larger numbers of blocks, and at the largest. */
#if defined(ROUNDEL_SLOW_RUN)
#define STEP 13
#else
#define STEP 1
#endif

struct lanes {
    const struct encoder_pair *pair;
    uint64_t seed;
    size_t length, block_bytes;
    size_t nblocks;    /* three times the lanes of the widest kernels and one */
    float *x, *other;  /* nblocks blocks */
    float *noises;     /* NNOISES times as many */
    float *importance; /* as many factors */
    uint8_t *expected, *actual;
};

/* Three sets of 64 blocks or of 16 super-blocks, and one block more. */
static size_t most_blocks(const struct rdl_format_info *info)
{
    return info->block_length == SUPER_BLOCK ? 3 * 16 + 1 : MAX_BLOCKS;
}

static size_t next_number(size_t n, size_t last)
{
    const size_t step = n < SMALL ? 1 : STEP;
    return n < last && n + step > last ? last : n + step;
}

static void encode(const struct lanes *l, rdl_encode_fn *function, size_t nrows, size_t ncols,
                   const float *mean_square, const float *x, uint8_t *blocks)
{
    void *scratch = NULL;
    if (l->pair->scratch_size && !(scratch = malloc(l->pair->scratch_size)))
        abort();
    const struct rdl_rows rows = {
        .x = x,
        .importance = l->pair->with_importance ? l->importance : NULL,
        .nrows = nrows,
        .ncols = ncols,
        .mean_square = mean_square,
        .scratch = scratch,
        .tables = l->pair->tables,
    };
    memset(blocks, 0xA5, nrows * (ncols / l->length) * l->block_bytes);
    function(&rows, blocks);
    free(scratch);
}

static bool explain(const struct lanes *l, struct error *error, const char *what, size_t n,
                    size_t block)
{
    return fail(error, "%s: %s: block %zu of %zu differs (seed 0x%llx)", l->pair->name, what, block,
                n, (unsigned long long)l->seed);
}

static bool agrees(const struct lanes *l, size_t expected, size_t actual)
{
    return block_agrees(l->pair, l->expected + expected * l->block_bytes,
                        l->actual + actual * l->block_bytes);
}

/* A row of n blocks for every n: parts of one long row, whose mean square they are told. */
static bool every_number_agrees(const struct lanes *l, struct error *error)
{
    const float mean_square = 0.01f;
    encode(l, l->pair->reference, 1, l->nblocks * l->length, &mean_square, l->x, l->expected);
    for (size_t n = 1; n <= l->nblocks; n = next_number(n, l->nblocks)) {
        encode(l, l->pair->candidate, 1, n * l->length, &mean_square, l->x, l->actual);
        for (size_t b = 0; b < n; b++)
            if (!agrees(l, b, b))
                return explain(l, error, "as many blocks in a row", n, b);
    }
    return true;
}

/* The same for rows of one block. */
static bool every_number_of_rows_agrees(const struct lanes *l, struct error *error)
{
    encode(l, l->pair->reference, l->nblocks, l->length, NULL, l->x, l->expected);
    for (size_t n = 1; n <= l->nblocks; n = next_number(n, l->nblocks)) {
        encode(l, l->pair->candidate, n, l->length, NULL, l->x, l->actual);
        for (size_t b = 0; b < n; b++)
            if (!agrees(l, b, b))
                return explain(l, error, "as many rows", n, b);
    }
    return true;
}

/* Shuffled rows give shuffled blocks. */
static bool shuffled_rows_agree(const struct lanes *l, struct random *random, struct error *error)
{
    size_t from[MAX_BLOCKS];
    for (size_t i = 0; i < l->nblocks; i++) {
        const size_t k = random_below(random, i + 1);
        from[i] = from[k];
        from[k] = i;
    }
    for (size_t i = 0; i < l->nblocks; i++)
        memcpy(l->other + i * l->length, l->x + from[i] * l->length, l->length * sizeof *l->x);
    encode(l, l->pair->reference, l->nblocks, l->length, NULL, l->x, l->expected);
    encode(l, l->pair->candidate, l->nblocks, l->length, NULL, l->other, l->actual);
    for (size_t i = 0; i < l->nblocks; i++)
        if (!agrees(l, from[i], i))
            return explain(l, error, "shuffled rows", l->nblocks, i);
    return true;
}

/* One block at every place between others: zeros, the smallest and the largest numbers. */
static bool block_among_noise_agrees(const struct lanes *l, struct error *error)
{
    const size_t nvalues = l->nblocks * l->length, block_size = l->length * sizeof *l->x;
    encode(l, l->pair->reference, 1, l->length, NULL, l->x, l->expected);
    for (size_t n = 1; n <= l->nblocks; n = next_number(n, l->nblocks)) {
        float *noise = l->noises + n % NNOISES * nvalues, *place = noise + (n - 1) * l->length;
        memcpy(l->other, place, block_size);
        memcpy(place, l->x, block_size);
        encode(l, l->pair->candidate, l->nblocks, l->length, NULL, noise, l->actual);
        memcpy(place, l->other, block_size);
        if (!agrees(l, 0, n - 1))
            return explain(l, error, "among other blocks", l->nblocks, n - 1);
    }
    return true;
}

static void fill(struct lanes *l, struct random *random)
{
    static const enum weights noises[NNOISES] = {WEIGHTS_ZEROS, WEIGHTS_HUGE, WEIGHTS_TINY};
    const size_t nvalues = l->nblocks * l->length;
    fill_weights(WEIGHTS_MIXED, l->pair->info->max_magnitude, random, nvalues, l->x);
    for (size_t i = 0; i < NNOISES; i++)
        fill_weights(noises[i], l->pair->info->max_magnitude, random, nvalues,
                     l->noises + i * nvalues);
    fill_importance(IMPORTANCE_SPREAD, random, nvalues, l->importance);
}

bool lanes_agree(const struct encoder_pair *pair, uint64_t seed, struct error *error)
{
    struct lanes l = {.pair = pair,
                      .seed = seed,
                      .length = pair->info->block_length,
                      .block_bytes = pair->info->block_bytes,
                      .nblocks = most_blocks(pair->info)};
    const size_t nvalues = l.nblocks * l.length, nbytes = l.nblocks * l.block_bytes;
    l.x = malloc(nvalues * sizeof *l.x);
    l.other = malloc(nvalues * sizeof *l.other);
    l.noises = malloc(NNOISES * nvalues * sizeof *l.noises);
    l.importance = malloc(nvalues * sizeof *l.importance);
    l.expected = malloc(nbytes);
    l.actual = malloc(nbytes);
    bool agree = l.x && l.other && l.noises && l.importance && l.expected && l.actual;
    if (agree) {
        struct random random = {.seed = seed};
        fill(&l, &random);
        agree = every_number_agrees(&l, error) && every_number_of_rows_agrees(&l, error) &&
                shuffled_rows_agree(&l, &random, error) && block_among_noise_agrees(&l, error);
    } else {
        (void)fail(error, "%s: no memory for the comparison", pair->name);
    }
    free(l.actual);
    free(l.expected);
    free(l.importance);
    free(l.noises);
    free(l.other);
    free(l.x);
    return agree;
}
