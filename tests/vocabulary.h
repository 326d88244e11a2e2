/*
 * The operations of simd/lanes.h and simd/tile.h on one target, as functions on arrays of 32-bit
 * words: test_vocabulary.c calls them without being compiled for the target. vocabulary_ops.c is
 * compiled with the flags of each target, once for each number of registers in a vector.
 */
#ifndef ROUNDEL_TESTS_VOCABULARY_H
#define ROUNDEL_TESTS_VOCABULARY_H

#include <stddef.h>
#include <stdint.h>

enum {
    VOCABULARY_REGISTERS = 4, /* vectors of 1, 2, 3 and 4 registers */
    VOCABULARY_MAX_LANES = 64,
    VOCABULARY_LOADS = 6,
    VOCABULARY_STORES = 5,
    VOCABULARY_TABLES = 9
};

/* Lane by lane on n words of each operand, n a multiple of the lanes. A mask is 1 or 0. */
typedef void lane_op(size_t n, const uint32_t *a, const uint32_t *b, const uint32_t *c,
                     uint32_t *result);

enum lane_op_name {
#define OP(name, result, arguments, same) OP_##name,
#include "vocabulary.def"
#undef OP
    OP_COUNT
};

/* The other functions do one vector. */
struct vocabulary {
    const char *target;
    size_t width, lanes;
    lane_op *op[OP_COUNT];

    void (*set)(uint32_t x, uint32_t *result);
    void (*iset)(uint32_t x, uint32_t *result);
    void (*shl)(const uint32_t *a, int count, uint32_t *result);
    void (*shr)(const uint32_t *a, int count, uint32_t *result);
    void (*clamp)(const uint32_t *a, int low, int high, uint32_t *result);
    void (*clamp_registers)(const uint32_t *a, int low, int high, uint32_t *result);
    int (*any)(const uint32_t *mask);
    void (*evens)(const uint32_t *a, const uint32_t *b, uint32_t *result);
    void (*odds)(const uint32_t *a, const uint32_t *b, uint32_t *result);

    /* Elements of `size` bytes in memory at p. */
    struct {
        const char *name;
        size_t size;
        void (*load)(const void *p, uint32_t *result);
    } loads[VOCABULARY_LOADS];
    struct {
        const char *name;
        size_t size;
        void (*store)(void *p, const uint32_t *a);
    } stores[VOCABULARY_STORES];

    /* Gives one register. */
    void (*load_32_bytes)(const void *p, uint32_t *result);

    /* Tables of `length` words, where the index counts modulo `modulus` from entry `first` on; of
     * gathers all three are 0. */
    struct {
        const char *name;
        size_t length, modulus, first;
        void (*look_up)(const void *table, const uint32_t *index, uint32_t *result);
    } tables[VOCABULARY_TABLES];

    void (*transpose)(const float *from, size_t from_stride, float *to, size_t to_stride);
    void (*tile_load)(size_t n, const float *x, size_t count, float *tile);
    void (*tile_load_importance)(size_t n, const float *importance, size_t ncols, size_t first,
                                 size_t count, float *tile);
};

extern const struct vocabulary vocabulary_1, vocabulary_2, vocabulary_3, vocabulary_4;

#endif
