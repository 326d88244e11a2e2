/*
 * Defects of kernels that do 16 super-blocks at a time, one in each lane: around the reference of
 * Q4_K, which gets the blocks of a slab as rows of their own.
 */
#include "broken.h"

#include <string.h>

enum {
    LENGTH = 256,
    BYTES = 144,
    SLAB = 16
};

/* `count` blocks from number `first` on, rows after rows. */
struct slab {
    const struct rdl_rows *rows;
    size_t first, count;
    uint8_t *blocks; /* the first */
};

static const float *block_x(const struct slab *slab, size_t lane)
{
    return slab->rows->x + (slab->first + lane) * LENGTH;
}

static void encode_lane(const struct slab *slab, rdl_encode_fn *encode, size_t source, size_t lane)
{
    const size_t column = (slab->first + lane) * LENGTH % slab->rows->ncols;
    const struct rdl_rows row = {
        .x = block_x(slab, source),
        .importance = slab->rows->importance ? slab->rows->importance + column : NULL,
        .nrows = 1,
        .ncols = LENGTH,
    };
    encode(&row, slab->blocks + lane * BYTES);
}

static bool is_zero(const struct slab *slab, size_t lane)
{
    for (size_t i = 0; i < LENGTH; i++)
        if (block_x(slab, lane)[i] != 0.0f)
            return false;
    return true;
}

/* ------------------------------------------------------------------------------------------------
 * Defects: each spoils a slab that is right
 */

static void nothing(const struct slab *slab)
{
    (void)slab;
}

/* One shuffle too many: a lane gets the scale of the next. */
static void mixed_lanes(const struct slab *slab)
{
    if (slab->count == SLAB)
        memcpy(slab->blocks + 11 * BYTES, slab->blocks + 12 * BYTES, 2);
}

/* The lanes that are stored are counted wrong where a slab has one. */
static void garbage_in_the_tail(const struct slab *slab)
{
    if (slab->first > 0 && slab->count == 1)
        memset(slab->blocks, 0x77, BYTES);
}

/* Padding has nothing to search for, and ends the search of the last block as well. */
static void padding_leaks(const struct slab *slab)
{
    if (slab->count < SLAB && slab->count > 8)
        encode_lane(slab, rdl_q4_k_encode_nearest, slab->count - 1, slab->count - 1);
}

/* Any lane that is done ends the search, where all should be. */
static void a_zero_block_ends_the_search(const struct slab *slab)
{
    bool any = false;
    for (size_t lane = 0; lane < slab->count; lane++)
        any |= is_zero(slab, lane);
    for (size_t lane = 0; any && lane < slab->count; lane++)
        encode_lane(slab, rdl_q4_k_encode_nearest, lane, lane);
}

/* The maximum of all lanes in place of that of each. */
static void a_large_block_hides_small_ones(const struct slab *slab)
{
    for (size_t lane = 1; lane < slab->count; lane++)
        if (block_x(slab, lane - 1)[0] > 1e6f && block_x(slab, lane)[0] < 1.0f)
            memset(slab->blocks + lane * BYTES, 0, BYTES);
}

/* A pointer that is not moved on after the second slab. */
static void the_second_slab_again(const struct slab *slab)
{
    if (slab->first == 2 * SLAB) {
        struct slab before = *slab;
        before.first -= SLAB;
        for (size_t lane = 0; lane < slab->count; lane++)
            encode_lane(&before, rdl_q4_k_encode_ggml, lane, lane);
    }
}

/* The last lane of a full slab reads the block before. */
static void a_lane_too_early(const struct slab *slab)
{
    if (slab->count == SLAB)
        encode_lane(slab, rdl_q4_k_encode_ggml, SLAB - 2, SLAB - 1);
}

static void by_slabs(const struct rdl_rows *rows, void (*spoil)(const struct slab *),
                     uint8_t *blocks)
{
    const size_t total = rows->nrows * (rows->ncols / LENGTH);
    for (size_t first = 0; first < total; first += SLAB) {
        const struct slab slab = {
            .rows = rows,
            .first = first,
            .count = total - first < SLAB ? total - first : SLAB,
            .blocks = blocks + first * BYTES,
        };
        for (size_t lane = 0; lane < slab.count; lane++)
            encode_lane(&slab, rdl_q4_k_encode_ggml, lane, lane);
        spoil(&slab);
    }
}

#define BY_SLABS(defect)                                                                           \
    static void encode_##defect(const struct rdl_rows *rows, uint8_t *blocks)                      \
    {                                                                                              \
        by_slabs(rows, defect, blocks);                                                            \
    }
BY_SLABS(nothing)
BY_SLABS(mixed_lanes)
BY_SLABS(garbage_in_the_tail)
BY_SLABS(padding_leaks)
BY_SLABS(a_zero_block_ends_the_search)
BY_SLABS(a_large_block_hides_small_ones)
BY_SLABS(the_second_slab_again)
BY_SLABS(a_lane_too_early)

#define TEST(defect, complaint, importance)                                                        \
    {                                                                                              \
#defect, complaint, RDL_Q4_K, importance, rdl_q4_k_encode_ggml, encode_##defect            \
    }

const struct test_encoder lane_encoders[] = {
    TEST(nothing, NULL, false),
    TEST(nothing, NULL, true),
    TEST(mixed_lanes, "block", false),
    TEST(garbage_in_the_tail, "block", true),
    TEST(padding_leaks, "block", false),
    TEST(a_zero_block_ends_the_search, "block", true),
    TEST(a_large_block_hides_small_ones, "block", false),
    TEST(the_second_slab_again, "block", true),
    TEST(a_lane_too_early, "block", false),
};
const size_t nlane_encoders = sizeof lane_encoders / sizeof lane_encoders[0];
