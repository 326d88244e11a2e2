#include "vocabulary_memory.h"

#include "fill.h"
#include "guard.h"

#include <check.h>
#include <string.h>

enum {
    SEED = 0x3E3,
    BACKGROUND = 0x5A,
    MAX_LENGTH = 32, /* of a sub-block in a tile */
    TILE = MAX_LENGTH * VOCABULARY_MAX_LANES
};

/* A call of any of the operations, for survives(). */
struct call {
    const struct vocabulary *vocabulary;
    size_t number;         /* of the load, store or table */
    const void *source;    /* of a load, a transposition or a tile; the table */
    void *destination;     /* of a store or a transposition */
    const uint32_t *lanes; /* to store; indices */
    uint32_t *result;      /* of a load or a table */
    size_t from_stride, to_stride;
    size_t n, ncols, first, count;
    float *tile;
};

static void check_survives(void (*function)(void *argument), struct call *call, const char *name,
                           enum placement placement)
{
    ck_assert_msg(survives(function, call), "%s, %zu lanes: touches memory outside, %s", name,
                  call->vocabulary->lanes, placement_name(placement));
}

/* ------------------------------------------------------------------------------------------------
 * Loads and stores
 */

static void call_load(void *argument)
{
    const struct call *call = argument;
    call->vocabulary->loads[call->number].load(call->source, call->result);
}

static uint32_t element_at(const uint8_t *bytes, size_t size, size_t i)
{
    uint32_t word = 0; /* little-endian */
    memcpy(&word, bytes + i * size, size);
    return word;
}

/* The only load that extends a sign. */
static uint32_t sign_extended(uint32_t byte)
{
    return byte & 0x80u ? byte | 0xFFFFFF00u : byte;
}

void vocabulary_check_loads(const struct vocabulary *vocabulary)
{
    struct guarded memory;
    ck_assert(guarded_open(&memory, sizeof(uint32_t) * VOCABULARY_MAX_LANES));
    struct random random = {.seed = SEED};
    for (size_t n = 0; n < 100 * VOCABULARY_LOADS; n++)
        for (int p = 0; p < PLACEMENT_COUNT; p++) {
            uint32_t result[VOCABULARY_MAX_LANES];
            struct call call = {
                .vocabulary = vocabulary, .number = n % VOCABULARY_LOADS, .result = result};
            const char *name = vocabulary->loads[call.number].name;
            const size_t size = vocabulary->loads[call.number].size;
            random_bytes(&random, memory.size, memory.bytes);
            const uint8_t *bytes =
                guarded_place(&memory, size * vocabulary->lanes, size, (enum placement)p);
            call.source = bytes;
            check_survives(call_load, &call, name, (enum placement)p);
            for (size_t i = 0; i < vocabulary->lanes; i++) {
                uint32_t expected = element_at(bytes, size, i);
                if (strcmp(name, "load_i8") == 0)
                    expected = sign_extended(expected);
                if (result[i] != expected)
                    ck_abort_msg("%s: lane %zu is 0x%08x, expected 0x%08x", name, i, result[i],
                                 expected);
            }
        }
    guarded_close(&memory);
}

static void call_repeating_load(void *argument)
{
    const struct call *call = argument;
    call->vocabulary->load_32_bytes(call->source, call->result);
}

/* At most 32 bytes are read; a wider register gets them again. */
void vocabulary_check_repeating_loads(const struct vocabulary *vocabulary)
{
    const size_t all = vocabulary->width * sizeof(uint32_t), nbytes = all < 32 ? all : 32;
    struct guarded memory;
    ck_assert(guarded_open(&memory, nbytes));
    struct random random = {.seed = SEED};
    random_bytes(&random, memory.size, memory.bytes);
    for (int p = 0; p < PLACEMENT_COUNT; p++) {
        uint32_t result[VOCABULARY_MAX_LANES];
        const uint8_t *bytes = guarded_place(&memory, nbytes, 1, (enum placement)p);
        struct call call = {.vocabulary = vocabulary, .source = bytes, .result = result};
        check_survives(call_repeating_load, &call, "load_32_bytes", (enum placement)p);
        for (size_t i = 0; i < vocabulary->width; i++)
            ck_assert_uint_eq(result[i], element_at(bytes, 4, i % (nbytes / 4)));
    }
    guarded_close(&memory);
}

static void call_store(void *argument)
{
    const struct call *call = argument;
    call->vocabulary->stores[call->number].store(call->destination, call->lanes);
}

void vocabulary_check_stores(const struct vocabulary *vocabulary)
{
    struct guarded memory;
    ck_assert(guarded_open(&memory, sizeof(uint32_t) * VOCABULARY_MAX_LANES));
    struct random random = {.seed = SEED};
    for (size_t n = 0; n < 100 * VOCABULARY_STORES; n++)
        for (int p = 0; p < PLACEMENT_COUNT; p++) {
            uint32_t lanes[VOCABULARY_MAX_LANES];
            struct call call = {
                .vocabulary = vocabulary, .number = n % VOCABULARY_STORES, .lanes = lanes};
            const char *name = vocabulary->stores[call.number].name;
            const size_t size = vocabulary->stores[call.number].size;
            const size_t nbytes = size * vocabulary->lanes;
            random_bytes(&random, sizeof lanes, (uint8_t *)lanes);
            memset(memory.bytes, BACKGROUND, memory.size);
            /* Streams keep to multiples of their registers. */
            const size_t offset = strcmp(name, "stream") == 0 ? 0 : size;
            uint8_t *bytes = guarded_place(&memory, nbytes, offset, (enum placement)p);
            call.destination = bytes;
            check_survives(call_store, &call, name, (enum placement)p);
            ck_assert_msg(guarded_all_else_is(&memory, bytes, nbytes, BACKGROUND),
                          "%s writes beside its elements", name);
            for (size_t i = 0; i < vocabulary->lanes; i++)
                if (memcmp(bytes + i * size, &lanes[i], size) != 0)
                    ck_abort_msg("%s: lane %zu of 0x%08x is wrong", name, i, lanes[i]);
        }
    guarded_close(&memory);
}

/* ------------------------------------------------------------------------------------------------
 * Tables
 */

static void call_table(void *argument)
{
    const struct call *call = argument;
    call->vocabulary->tables[call->number].look_up(call->source, call->lanes, call->result);
}

void vocabulary_check_tables(const struct vocabulary *vocabulary)
{
    enum {
        GATHERED = 1000
    };
    struct guarded memory;
    ck_assert(guarded_open(&memory, sizeof(uint32_t) * GATHERED));
    struct random random = {.seed = SEED};
    for (size_t n = 0; n < 100 * VOCABULARY_TABLES; n++)
        for (int p = 0; p < PLACEMENT_COUNT; p++) {
            uint32_t index[VOCABULARY_MAX_LANES], result[VOCABULARY_MAX_LANES];
            struct call call = {.vocabulary = vocabulary,
                                .number = n % VOCABULARY_TABLES,
                                .lanes = index,
                                .result = result};
            const char *name = vocabulary->tables[call.number].name;
            const bool gathers = vocabulary->tables[call.number].length == 0;
            const size_t length = gathers ? GATHERED : vocabulary->tables[call.number].length;
            const size_t modulus = gathers ? GATHERED : vocabulary->tables[call.number].modulus;
            const size_t first = vocabulary->tables[call.number].first;
            random_bytes(&random, memory.size, memory.bytes);
            for (size_t i = 0; i < vocabulary->lanes; i++)
                index[i] =
                    (uint32_t)(gathers ? random_below(&random, length) : random_word(&random));
            const uint8_t *table =
                guarded_place(&memory, length * sizeof *result, sizeof *result, (enum placement)p);
            call.source = table;
            check_survives(call_table, &call, name, (enum placement)p);
            for (size_t i = 0; i < vocabulary->lanes; i++) {
                const uint32_t expected =
                    element_at(table, sizeof expected, first + index[i] % modulus);
                if (result[i] != expected)
                    ck_abort_msg("%s[0x%08x] is 0x%08x, expected 0x%08x", name, index[i], result[i],
                                 expected);
            }
        }
    guarded_close(&memory);
}

/* ------------------------------------------------------------------------------------------------
 * Transposition
 */

static void call_transpose(void *argument)
{
    const struct call *call = argument;
    call->vocabulary->transpose(call->source, call->from_stride, call->destination,
                                call->to_stride);
}

/* The destination holds what the source says, and zeros between its rows. */
static bool is_transposed(size_t width, const uint8_t *from, size_t from_stride, const uint8_t *to,
                          size_t to_stride)
{
    for (size_t row = 0; row < width; row++)
        for (size_t k = 0; k < to_stride && row * to_stride + k < (width - 1) * to_stride + width;
             k++) {
            const uint32_t expected =
                k < width ? element_at(from, sizeof expected, k * from_stride + row) : 0;
            if (element_at(to, sizeof expected, row * to_stride + k) != expected)
                return false;
        }
    return true;
}

void vocabulary_check_transpose(const struct vocabulary *vocabulary)
{
    enum {
        MAX_STRIDE = 256
    };
    const size_t width = vocabulary->width;
    const size_t strides[] = {width, width + 1, width + 3, 2 * width, 32, 64, MAX_STRIDE};
    struct guarded from_memory, to_memory;
    ck_assert(guarded_open(&from_memory, sizeof(float) * MAX_STRIDE * VOCABULARY_MAX_LANES));
    ck_assert(guarded_open(&to_memory, sizeof(float) * MAX_STRIDE * VOCABULARY_MAX_LANES));
    struct random random = {.seed = SEED};
    random_bytes(&random, from_memory.size, from_memory.bytes);
    for (size_t s = 0; s < 49; s++)
        for (int p = 0; p < PLACEMENT_COUNT; p++) {
            struct call call = {
                .vocabulary = vocabulary,
                .from_stride = strides[s % 7],
                .to_stride = strides[s / 7],
            };
            const size_t from_size = ((width - 1) * call.from_stride + width) * sizeof(float);
            const size_t to_size = ((width - 1) * call.to_stride + width) * sizeof(float);
            memset(to_memory.bytes, 0, to_memory.size);
            const uint8_t *from =
                guarded_place(&from_memory, from_size, sizeof(float), (enum placement)p);
            uint8_t *to = guarded_place(&to_memory, to_size, sizeof(float), (enum placement)p);
            call.source = from;
            call.destination = to;
            check_survives(call_transpose, &call, "transpose", (enum placement)p);
            ck_assert_msg(guarded_all_else_is(&to_memory, to, to_size, 0) &&
                              is_transposed(width, from, call.from_stride, to, call.to_stride),
                          "transpose: strides %zu, %zu", call.from_stride, call.to_stride);
        }
    guarded_close(&to_memory);
    guarded_close(&from_memory);
}

/* ------------------------------------------------------------------------------------------------
 * Tiles
 */

static void call_tile(void *argument)
{
    const struct call *call = argument;
    call->vocabulary->tile_load(call->n, call->source, call->count, call->tile);
}

static void call_importance_tile(void *argument)
{
    const struct call *call = argument;
    call->vocabulary->tile_load_importance(call->n, call->source, call->ncols, call->first,
                                           call->count, call->tile);
}

/* Weight i of lane k is that of sub-block first + k, sub-blocks counted modulo ncols / n; zero from
 * lane `count` on; nothing is written behind the tile. */
static void check_tile(const struct call *call, const char *name)
{
    const size_t lanes = call->vocabulary->lanes;
    for (size_t k = 0; k < lanes; k++)
        for (size_t i = 0; i < call->n; i++) {
            uint32_t expected = 0, actual;
            if (k < call->count)
                expected = element_at(call->source, sizeof expected,
                                      ((call->first + k) * call->n + i) % call->ncols);
            memcpy(&actual, &call->tile[i * lanes + k], sizeof actual);
            if (actual != expected)
                ck_abort_msg(
                    "%s: n %zu, ncols %zu, first %zu, count %zu: weight %zu of lane %zu of "
                    "%zu is 0x%08x, expected 0x%08x",
                    name, call->n, call->ncols, call->first, call->count, i, k, lanes, actual,
                    expected);
        }
    for (size_t i = call->n * lanes; i < TILE + 1; i++)
        if (memcmp(&call->tile[i], &(uint32_t){0x5A5A5A5A}, 4) != 0)
            ck_abort_msg("%s writes behind the tile", name);
}

static void check_placed_tile(struct call *call, struct guarded *memory,
                              void (*function)(void *argument), const char *name)
{
    static float tile[TILE + 1];
    call->tile = tile;
    for (int p = 0; p < PLACEMENT_COUNT; p++) {
        memset(tile, BACKGROUND, sizeof tile);
        call->source =
            guarded_place(memory, call->ncols * sizeof(float), sizeof(float), (enum placement)p);
        check_survives(function, call, name, (enum placement)p);
        check_tile(call, name);
    }
}

void vocabulary_check_tiles(const struct vocabulary *vocabulary)
{
    struct guarded memory;
    ck_assert(guarded_open(&memory, TILE * sizeof(float)));
    struct random random = {.seed = SEED};
    random_bytes(&random, memory.size, memory.bytes);
    for (size_t n = 16; n <= MAX_LENGTH; n += 16)
        for (size_t count = 1; count <= vocabulary->lanes; count++) {
            struct call call = {
                .vocabulary = vocabulary, .n = n, .count = count, .ncols = count * n};
            check_placed_tile(&call, &memory, call_tile, "tile_load");
        }
    guarded_close(&memory);
}

void vocabulary_check_importance_tiles(const struct vocabulary *vocabulary)
{
    const size_t lanes = vocabulary->lanes;
    const size_t widths[] = {1, 2, 3, 5, 8, lanes - 1, lanes, lanes + 1, 2 * lanes};
    struct guarded memory;
    ck_assert(guarded_open(&memory, 2 * TILE * sizeof(float)));
    struct random random = {.seed = SEED};
    random_bytes(&random, memory.size, memory.bytes);
    for (size_t n = 16; n <= MAX_LENGTH; n += 16)
        for (size_t w = 0; w < sizeof widths / sizeof widths[0]; w++)
            for (size_t count = 1; count <= lanes; count += (lanes + 6) / 7) {
                struct call call = {.vocabulary = vocabulary,
                                    .n = n,
                                    .count = count,
                                    .first = random_below(&random, 100),
                                    .ncols = widths[w] * n};
                check_placed_tile(&call, &memory, call_importance_tile, "tile_load_importance");
            }
    guarded_close(&memory);
}
