#include "vocabulary.h"

#include "tile.h"

/* ------------------------------------------------------------------------------------------------
 * Vectors from and to words
 */

RDL_INLINE vf load_F(const uint32_t *p)
{
    float x[RDL_LANES];
    memcpy(x, p, sizeof x);
    return v_load(x);
}

RDL_INLINE vi load_I(const uint32_t *p)
{
    int32_t x[RDL_LANES];
    memcpy(x, p, sizeof x);
    return v_iload(x);
}

RDL_INLINE vm load_M(const uint32_t *p)
{
    return v_ieq(v_and(load_I(p), v_iset(1)), v_iset(1));
}

RDL_INLINE void store_F(uint32_t *p, vf a)
{
    float x[RDL_LANES];
    v_store(x, a);
    memcpy(p, x, sizeof x);
}

RDL_INLINE void store_I(uint32_t *p, vi a)
{
    int32_t x[RDL_LANES];
    v_istore(x, a);
    memcpy(p, x, sizeof x);
}

RDL_INLINE void store_M(uint32_t *p, vm a)
{
    store_I(p, v_iselect(a, v_iset(1), v_iset(0)));
}

/* ------------------------------------------------------------------------------------------------
 * Lane by lane
 */

#define ARGUMENTS_F   load_F(a + i)
#define ARGUMENTS_I   load_I(a + i)
#define ARGUMENTS_FF  load_F(a + i), load_F(b + i)
#define ARGUMENTS_II  load_I(a + i), load_I(b + i)
#define ARGUMENTS_IM  load_I(a + i), load_M(b + i)
#define ARGUMENTS_MM  load_M(a + i), load_M(b + i)
#define ARGUMENTS_MFF load_M(a + i), load_F(b + i), load_F(c + i)
#define ARGUMENTS_MII load_M(a + i), load_I(b + i), load_I(c + i)

#define OP(name, result, arguments, same)                                                          \
    static void op_##name(size_t n, const uint32_t *a, const uint32_t *b, const uint32_t *c,       \
                          uint32_t *results)                                                       \
    {                                                                                              \
        (void)b;                                                                                   \
        (void)c;                                                                                   \
        for (size_t i = 0; i < n; i += RDL_LANES)                                                  \
            store_##result(results + i, v_##name(ARGUMENTS_##arguments));                          \
    }
#include "vocabulary.def"
#undef OP

/* ------------------------------------------------------------------------------------------------
 * Scalar operands
 */

static void op_set(uint32_t x, uint32_t *result)
{
    float value;
    memcpy(&value, &x, sizeof value);
    store_F(result, v_set(value));
}

static void op_iset(uint32_t x, uint32_t *result)
{
    store_I(result, v_iset((int32_t)x));
}

static void op_shl(const uint32_t *a, int count, uint32_t *result)
{
    store_I(result, v_shl(load_I(a), count));
}

static void op_shr(const uint32_t *a, int count, uint32_t *result)
{
    store_I(result, v_shr(load_I(a), count));
}

static void op_clamp(const uint32_t *a, int low, int high, uint32_t *result)
{
    store_I(result, v_clamp(load_I(a), low, high));
}

#define CLAMP(r) r_clamp(r, low, high)
RDL_LANES_OP(vi, clamp_registers(vi a, int low, int high), RDL_MAP1(CLAMP, a))

static void op_clamp_registers(const uint32_t *a, int low, int high, uint32_t *result)
{
    store_I(result, clamp_registers(load_I(a), low, high));
}

static int op_any(const uint32_t *mask)
{
    return v_any(load_M(mask));
}

/* ------------------------------------------------------------------------------------------------
 * Two vectors to one
 */

static void op_evens(const uint32_t *a, const uint32_t *b, uint32_t *result)
{
    store_F(result, v_evens(load_F(a), load_F(b)));
}

static void op_odds(const uint32_t *a, const uint32_t *b, uint32_t *result)
{
    store_F(result, v_odds(load_F(a), load_F(b)));
}

/* ------------------------------------------------------------------------------------------------
 * Memory
 */

#define LOAD(name, type, result)                                                                   \
    static void op_##name(const void *p, uint32_t *lanes)                                          \
    {                                                                                              \
        store_##result(lanes, v_##name((const type *)p));                                          \
    }
LOAD(load, float, F)
LOAD(iload, int32_t, I)
LOAD(load_u8, uint8_t, I)
LOAD(load_i8, uint8_t, I)
LOAD(load_u16, uint16_t, I)

/* One register after another. */
static void op_load_bytes(const void *p, uint32_t *lanes)
{
    for (size_t i = 0; i < RDL_LANES; i += RDL_WIDTH) {
        int32_t x[RDL_WIDTH];
        r_istore(x, r_load_bytes((const uint8_t *)p + i * sizeof *x));
        memcpy(lanes + i, x, sizeof x);
    }
}

static void op_load_32_bytes(const void *p, uint32_t *lanes)
{
    int32_t x[RDL_WIDTH];
    r_istore(x, r_load_32_bytes(p));
    memcpy(lanes, x, sizeof x);
}

static void op_stream(void *p, const uint32_t *lanes)
{
    for (size_t i = 0; i < RDL_LANES; i += RDL_WIDTH) {
        int32_t x[RDL_WIDTH];
        memcpy(x, lanes + i, sizeof x);
        r_stream((uint8_t *)p + i * sizeof *x, r_iload(x));
    }
    r_end_stream();
}

#define STORE(name, type, argument)                                                                \
    static void op_##name(void *p, const uint32_t *lanes)                                          \
    {                                                                                              \
        v_##name((type *)p, load_##argument(lanes));                                               \
    }
STORE(store, float, F)
STORE(istore, int32_t, I)
STORE(store_u8, uint8_t, I)
STORE(store_u16, uint16_t, I)

#define LOOK_UP(name, type, result)                                                                \
    static void op_##name(const void *table, const uint32_t *index, uint32_t *lanes)               \
    {                                                                                              \
        store_##result(lanes, v_##name((const type *)table, load_I(index)));                       \
    }
LOOK_UP(gather, float, F)
LOOK_UP(igather, int32_t, I)
LOOK_UP(table16, float, F)
LOOK_UP(table8, float, F)
LOOK_UP(table4, float, F)

#define QUARTER(number)                                                                            \
    static void op_quarter##number(const void *table, const uint32_t *index, uint32_t *lanes)      \
    {                                                                                              \
        store_F(lanes, v_table16_quarter((const float *)table, number, load_I(index)));            \
    }
QUARTER(0)
QUARTER(1)
QUARTER(2)
QUARTER(3)

static void op_transpose(const float *from, size_t from_stride, float *to, size_t to_stride)
{
    r_transpose(from, from_stride, to, to_stride);
}

static void op_tile_load(size_t n, const float *x, size_t count, float *tile)
{
    tile_load(n, x, count, tile);
}

static void op_tile_load_importance(size_t n, const float *importance, size_t ncols, size_t first,
                                    size_t count, float *tile)
{
    tile_load_importance(n, importance, ncols, first, count, tile);
}

/* ------------------------------------------------------------------------------------------------
 * All of it
 */

#define TEXT_OF(x)         #x
#define TEXT(x)            TEXT_OF(x)
#define JOINED_OF(a, b)    a##b
#define JOINED(a, b)       JOINED_OF(a, b)
#define VOCABULARY_OF_THIS JOINED(vocabulary_, RDL_REGISTERS)

const struct vocabulary VOCABULARY_OF_THIS = {
    .target = &TEXT(RDL_TARGET_NAME(target))[sizeof "target"],
    .width = RDL_WIDTH,
    .lanes = RDL_LANES,
    .op =
        {
#define OP(name, result, arguments, same) [OP_##name] = op_##name,
#include "vocabulary.def"
#undef OP
        },
    .set = op_set,
    .iset = op_iset,
    .shl = op_shl,
    .shr = op_shr,
    .clamp = op_clamp,
    .clamp_registers = op_clamp_registers,
    .any = op_any,
    .evens = op_evens,
    .odds = op_odds,
    .load_32_bytes = op_load_32_bytes,
    .loads = {{"load", 4, op_load},
              {"iload", 4, op_iload},
              {"load_u8", 1, op_load_u8},
              {"load_i8", 1, op_load_i8},
              {"load_u16", 2, op_load_u16},
              {"load_bytes", 4, op_load_bytes}},
    .stores = {{"store", 4, op_store},
               {"istore", 4, op_istore},
               {"store_u8", 1, op_store_u8},
               {"store_u16", 2, op_store_u16},
               {"stream", 4, op_stream}},
    .tables = {{"gather", 0, 0, 0, op_gather},
               {"igather", 0, 0, 0, op_igather},
               {"table16", 16, 16, 0, op_table16},
               {"table8", 8, 8, 0, op_table8},
               {"table4", 4, 4, 0, op_table4},
               {"table16_quarter", 16, 4, 0, op_quarter0},
               {"table16_quarter", 16, 4, 4, op_quarter1},
               {"table16_quarter", 16, 4, 8, op_quarter2},
               {"table16_quarter", 16, 4, 12, op_quarter3}},
    .transpose = op_transpose,
    .tile_load = op_tile_load,
    .tile_load_importance = op_tile_load_importance,
};
