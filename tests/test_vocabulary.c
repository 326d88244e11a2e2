/*
 * test_vocabulary [slow]: every operation of the SIMD vocabulary on one target, in vectors of one
 * to four registers, against plain C. Operations of one operand get all 2^32 words if slow, else a
 * sample of them. Exit status 77 (skipped) if this machine lacks the target.
 */
#include "vocabulary.h"

#include "binary16.h"
#include "fill.h"
#include "roundel.h"
#include "suite.h"
#include "vocabulary_memory.h"

#include <check.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define SKIPPED 77

enum {
    CHUNK = 64 * 3 * 64, /* words; a multiple of the lanes of every target */
    SEED = 0x70CAB
};

/* Of the 2^32 words, in runs that are not slow. */
#if defined(ROUNDEL_SLOW_RUN)
#define SAMPLES (1u << 17)
#else
#define SAMPLES (1u << 20)
#endif

static const struct vocabulary *const vocabularies[VOCABULARY_REGISTERS] = {
    &vocabulary_1, &vocabulary_2, &vocabulary_3, &vocabulary_4};
static bool slow;

/* ------------------------------------------------------------------------------------------------
 * What is expected of an operation in one lane: F a float, I an integer
 */

static float F(uint32_t word)
{
    return rdl_bits_float(word);
}

static uint32_t of_float(float x)
{
    return rdl_float_bits(x);
}

static int32_t I(uint32_t word)
{
    int32_t x;
    memcpy(&x, &word, sizeof x);
    return x;
}

#define EXPECT(name, value)                                                                        \
    static void expect_##name(size_t n, const uint32_t *as, const uint32_t *bs,                    \
                              const uint32_t *cs, uint32_t *result)                                \
    {                                                                                              \
        for (size_t i = 0; i < n; i++) {                                                           \
            const uint32_t a = as[i], b = bs[i], c = cs[i];                                        \
            (void)b;                                                                               \
            (void)c;                                                                               \
            result[i] = value;                                                                     \
        }                                                                                          \
    }

EXPECT(add, of_float(F(a) + F(b)))
EXPECT(sub, of_float(F(a) - F(b)))
EXPECT(mul, of_float(F(a) * F(b)))
EXPECT(div, of_float(F(a) / F(b)))
EXPECT(min, F(b) < F(a) ? b : a)
EXPECT(max, F(a) < F(b) ? b : a)
EXPECT(sqrt, of_float(sqrtf(F(a))))
EXPECT(round, of_float(rintf(F(a))))
EXPECT(abs, a & 0x7FFFFFFFu)
EXPECT(lt, F(a) < F(b))
EXPECT(le, F(a) <= F(b))
EXPECT(eq, F(a) == F(b))
EXPECT(select, a & 1 ? b : c)
EXPECT(iadd, a + b)
EXPECT(isub, a - b)
EXPECT(imul, (uint32_t)((uint64_t)a *b))
EXPECT(and, a &b)
EXPECT(or, a | b)
EXPECT(xor, a ^ b)
EXPECT(shlv, a << b)
EXPECT(shrv, a >> b)
EXPECT(imin, I(a) < I(b) ? a : b)
EXPECT(imax, I(a) > I(b) ? a : b)
EXPECT(ilt, I(a) < I(b))
EXPECT(ieq, a == b)
EXPECT(iselect, a & 1 ? b : c)
EXPECT(icount, a + (b & 1))
EXPECT(mand, a &b & 1)
EXPECT(mor, (a | b) & 1)
EXPECT(mandnot, a & ~b & 1)
EXPECT(bits, a)
EXPECT(float_of_bits, a)
EXPECT(to_float, of_float((float)I(a)))
EXPECT(truncate, (uint32_t)(int32_t)F(a))
EXPECT(to_f16, rdl_f32_to_f16(F(a)))
EXPECT(from_f16, of_float(rdl_f16_to_f32((uint16_t)a)))
EXPECT(nearest_int, (of_float(F(a) + 0x1.8p23f) & 0x7FFFFFu) - 0x400000u)

/* ------------------------------------------------------------------------------------------------
 * Comparison
 */

static bool same_BITS(uint32_t a, uint32_t b)
{
    return a == b;
}

static bool same_NUMBER(uint32_t a, uint32_t b)
{
    return a == b || (isnan(F(a)) && isnan(F(b)));
}

/* Signs are compared also of NaNs; the upper half is 0. */
static bool same_HALF(uint32_t a, uint32_t b)
{
    return a == b || (a >> 15 == b >> 15 && (a & 0x7FFFu) > 0x7C00u && (b & 0x7FFFu) > 0x7C00u);
}

struct operation {
    const char *name;
    enum lane_op_name op;
    int noperands;
    lane_op *expect;
    bool (*same)(uint32_t a, uint32_t b);
};

static const struct operation operations[OP_COUNT] = {
#define OP(name, result, arguments, same)                                                          \
    [OP_##name] = {#name, OP_##name, sizeof #arguments - 1, expect_##name, same_##same},
#include "vocabulary.def"
#undef OP
};

/* Brings a first operand into the domain of the operation. */
static uint32_t into_domain(enum lane_op_name op, uint32_t a)
{
    if (op == OP_from_f16)
        return a & 0xFFFFu;
    if (op == OP_truncate && (a & 0x7FFFFFFFu) >= 0x4F000000u) /* 2^31 */
        return a & 0x8FFFFFFFu;
    return a;
}

static uint32_t second_into_domain(enum lane_op_name op, uint32_t b)
{
    return op == OP_shlv || op == OP_shrv ? b & 31u : b;
}

static uint32_t a_words[CHUNK], b_words[CHUNK], c_words[CHUNK];

/* Compares the first n words, n a multiple of the lanes. */
static void check_words(const struct vocabulary *vocabulary, const struct operation *operation,
                        size_t n)
{
    static uint32_t expected[CHUNK], actual[CHUNK];
    memset(actual, 0xA5, n * sizeof *actual);
    operation->expect(n, a_words, b_words, c_words, expected);
    vocabulary->op[operation->op](n, a_words, b_words, c_words, actual);
    if (memcmp(expected, actual, n * sizeof *actual) == 0)
        return;
    for (size_t i = 0; i < n; i++)
        if (!operation->same(expected[i], actual[i]))
            ck_abort_msg(
                "%s of 0x%08x, 0x%08x, 0x%08x in lane %zu of %zu is 0x%08x, expected 0x%08x",
                operation->name, a_words[i], b_words[i], c_words[i], i % vocabulary->lanes,
                vocabulary->lanes, actual[i], expected[i]);
}

/* ------------------------------------------------------------------------------------------------
 * Operands
 */

static const uint32_t special[] = {
    0x00000000, 0x80000000,                                                 /* zeros */
    0x00000001, 0x80000001, 0x007FFFFF, 0x807FFFFF, 0x00400000,             /* subnormal */
    0x00800000, 0x80800000, 0x00800001, 0x01000000,                         /* smallest normal */
    0x7F800000, 0xFF800000,                                                 /* infinities */
    0x7FC00000, 0xFFC00000, 0x7F800001, 0xFFBFFFFF, 0x7FFFFFFF, 0xFFFFFFFF, /* NaNs */
    0x7F7FFFFF, 0xFF7FFFFF, 0x7F000000, 0x7EFFFFFF,                         /* largest */
    0x3F800000, 0xBF800000, 0x3F7FFFFF, 0x3F800001, 0x40400000,             /* 1, 3 */
    0x3F000000, 0xBF000000, 0x3EFFFFFF, 0x3F000001, 0x3FC00000, 0xC0200000, /* ties: .5, 1.5 */
    0x4AFFFFFF, 0x4B000000, 0x4B000001, 0xCB000000, 0x4B7FFFFF, 0x4B800001, /* 2^23, 2^24 */
    0x4A7FFFFD, 0x4A800000, 0x4A800001, 0xCA800001, 0x4B400000, 0xCB400000, /* 2^22 */
    0x4EFFFFFF, 0x4F000000, 0xCF000000, 0xCF000001, 0x4F800000,             /* 2^31, 2^32 */
    0x477FE000, 0x477FEFFF, 0x477FF000, 0x38800000, 0x387FC000, 0x33000000, /* binary16 */
    0x33000001, 0x33800000, 0xB3000000, 0x33C00000,                         /* its subnormals */
    0x00000002, 0x0000FFFF, 0x00010000, 0x12345678, 0xFFFF0000, 0x55555555, /* integers */
};

enum {
    NSPECIAL = sizeof special / sizeof special[0]
};

/* Lanes are powers of two, or three times that. */
_Static_assert(NSPECIAL % 2 == 1, "in all pairs in turn, a word is always in the same lane");

/* Some relative of a: rounding, cancellation and comparison are hard there. */
static uint32_t near_word(struct random *random, uint32_t a)
{
    const uint32_t steps = (uint32_t)random_below(random, 5) - 2;
    return (a + steps) ^ (random_below(random, 2) ? 0x80000000u : 0);
}

/* The k-th triple: all pairs of special words, then random words and their relatives. */
static void set_operands(struct random *random, size_t k, size_t i)
{
    const uint32_t word = (uint32_t)random_word(random);
    if (k < (size_t)NSPECIAL * NSPECIAL) {
        a_words[i] = special[k % NSPECIAL];
        b_words[i] = special[k / NSPECIAL];
    } else {
        a_words[i] = (uint32_t)random_word(random);
        b_words[i] = k % 2 ? near_word(random, a_words[i]) : word;
    }
    c_words[i] = word;
}

START_TEST(operands_of_every_kind)
{
    const struct vocabulary *vocabulary = vocabularies[_i];
    for (size_t o = 0; o < OP_COUNT; o++) {
        struct random random = {.seed = SEED};
        for (size_t k = 0; k < 5 * CHUNK; k += CHUNK) {
            for (size_t i = 0; i < CHUNK; i++) {
                set_operands(&random, k + i, i);
                a_words[i] = into_domain(operations[o].op, a_words[i]);
                b_words[i] = second_into_domain(operations[o].op, b_words[i]);
            }
            check_words(vocabulary, &operations[o], CHUNK);
        }
    }
}
END_TEST

START_TEST(any_lane)
{
    const struct vocabulary *vocabulary = vocabularies[_i];
    uint32_t mask[VOCABULARY_MAX_LANES] = {0};
    ck_assert_int_eq(vocabulary->any(mask), 0);
    for (size_t i = 0; i < vocabulary->lanes; i++) {
        mask[i] = 1;
        ck_assert_int_ne(vocabulary->any(mask), 0);
        mask[i] = 0;
    }
    for (size_t i = 0; i < vocabulary->lanes; i++)
        mask[i] = 1;
    ck_assert_int_ne(vocabulary->any(mask), 0);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * One operand
 */

/* Words in an order that looks random: an odd factor permutes the 2^32. */
static void check_all_words(const struct vocabulary *vocabulary, const struct operation *operation,
                            uint64_t count)
{
    memset(b_words, 0, sizeof b_words);
    memset(c_words, 0, sizeof c_words);
    for (uint64_t k = 0; k < count; k += CHUNK) {
        for (uint32_t i = 0; i < CHUNK; i++)
            a_words[i] = into_domain(operation->op, ((uint32_t)k + i) * 2654435761u);
        check_words(vocabulary, operation, CHUNK);
    }
}

START_TEST(all_words)
{
    const struct operation *operation = &operations[_i];
    if (operation->noperands != 1)
        return;
    if (slow)
        check_all_words(vocabularies[0], operation, 1ull << 32);
    for (int r = 0; r < VOCABULARY_REGISTERS; r++)
        check_all_words(vocabularies[r], operation, SAMPLES);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Scalar operands
 */

START_TEST(the_same_value_in_all_lanes)
{
    const struct vocabulary *vocabulary = vocabularies[_i];
    for (size_t s = 0; s < NSPECIAL; s++) {
        uint32_t set[VOCABULARY_MAX_LANES], iset[VOCABULARY_MAX_LANES];
        vocabulary->set(special[s], set);
        vocabulary->iset(special[s], iset);
        for (size_t i = 0; i < vocabulary->lanes; i++) {
            if (set[i] != special[s] || iset[i] != special[s])
                ck_abort_msg("set 0x%08x gives 0x%08x, iset 0x%08x", special[s], set[i], iset[i]);
        }
    }
}
END_TEST

START_TEST(shifts)
{
    const struct vocabulary *vocabulary = vocabularies[_i];
    struct random random = {.seed = SEED};
    for (int count = 0; count < 32; count++)
        for (int repetition = 0; repetition < 20; repetition++) {
            uint32_t a[VOCABULARY_MAX_LANES], left[VOCABULARY_MAX_LANES],
                right[VOCABULARY_MAX_LANES];
            random_bytes(&random, sizeof a, (uint8_t *)a);
            vocabulary->shl(a, count, left);
            vocabulary->shr(a, count, right);
            for (size_t i = 0; i < vocabulary->lanes; i++) {
                if (left[i] != a[i] << count || right[i] != a[i] >> count)
                    ck_abort_msg("0x%08x by %d: shl gives 0x%08x, shr 0x%08x", a[i], count, left[i],
                                 right[i]);
            }
        }
}
END_TEST

START_TEST(every_other_lane)
{
    const struct vocabulary *vocabulary = vocabularies[_i];
    uint32_t both[2 * VOCABULARY_MAX_LANES], evens[VOCABULARY_MAX_LANES];
    uint32_t odds[VOCABULARY_MAX_LANES];
    for (uint32_t i = 0; i < 2 * vocabulary->lanes; i++)
        both[i] = 0x40000000u + i;
    vocabulary->evens(both, both + vocabulary->lanes, evens);
    vocabulary->odds(both, both + vocabulary->lanes, odds);
    for (size_t i = 0; i < vocabulary->lanes; i++) {
        ck_assert_uint_eq(evens[i], both[2 * i]);
        ck_assert_uint_eq(odds[i], both[2 * i + 1]);
    }
}
END_TEST

START_TEST(clamps)
{
    static const int bounds[][2] = {{0, 15}, {-32, 31}, {-4, 3}, {5, 5}, {INT32_MIN, INT32_MAX}};
    const struct vocabulary *vocabulary = vocabularies[_i];
    struct random random = {.seed = SEED};
    for (size_t n = 0; n < 1000; n++) {
        const int low = bounds[n % 5][0], high = bounds[n % 5][1];
        uint32_t a[VOCABULARY_MAX_LANES], v[VOCABULARY_MAX_LANES], r[VOCABULARY_MAX_LANES];
        for (size_t i = 0; i < vocabulary->lanes; i++)
            a[i] = n % 2 ? (uint32_t)random_below(&random, 100) - 50 : special[(n + i) % NSPECIAL];
        vocabulary->clamp(a, low, high, v);
        vocabulary->clamp_registers(a, low, high, r);
        for (size_t i = 0; i < vocabulary->lanes; i++) {
            const int expected = I(a[i]) < low ? low : I(a[i]) > high ? high : I(a[i]);
            if (I(v[i]) != expected || I(r[i]) != expected)
                ck_abort_msg("%d clamped to %d .. %d: v_clamp gives %d, r_clamp %d", I(a[i]), low,
                             high, I(v[i]), I(r[i]));
        }
    }
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Memory
 */

START_TEST(loads)
{
    vocabulary_check_loads(vocabularies[_i]);
    vocabulary_check_repeating_loads(vocabularies[_i]);
}
END_TEST

START_TEST(stores)
{
    vocabulary_check_stores(vocabularies[_i]);
}
END_TEST

START_TEST(tables)
{
    vocabulary_check_tables(vocabularies[_i]);
}
END_TEST

START_TEST(transposition)
{
    vocabulary_check_transpose(vocabularies[_i]);
}
END_TEST

START_TEST(tiles)
{
    vocabulary_check_tiles(vocabularies[_i]);
}
END_TEST

START_TEST(tiles_of_importance)
{
    vocabulary_check_importance_tiles(vocabularies[_i]);
}
END_TEST

static bool machine_has(const char *target)
{
    if (strcmp(target, "wide") == 0)
        return true;
    for (unsigned t = 0; t < RDL_TARGET_COUNT; t++)
        if (strcmp(target, rdl_target_name((enum rdl_target)t)) == 0)
            return rdl_detect_targets() >> t & 1u;
    return false;
}

int main(int argc, char **argv)
{
    slow = argc > 1 && strcmp(argv[1], "slow") == 0;
    if (!machine_has(vocabulary_1.target)) {
        printf("skipped: this machine does not offer %s\n", vocabulary_1.target);
        return SKIPPED;
    }
    printf("%s, operations of one operand: %s\n", vocabulary_1.target,
           slow ? "all 2^32 words" : "a sample of the 2^32 words (all of them in slow runs)");
    Suite *suite = suite_create("vocabulary");
    TCase *tcase = tcase_create(vocabulary_1.target);
    tcase_set_timeout(tcase, 0);
    tcase_add_loop_test(tcase, all_words, 0, OP_COUNT);
    tcase_add_loop_test(tcase, operands_of_every_kind, 0, VOCABULARY_REGISTERS);
    tcase_add_loop_test(tcase, any_lane, 0, VOCABULARY_REGISTERS);
    tcase_add_loop_test(tcase, the_same_value_in_all_lanes, 0, VOCABULARY_REGISTERS);
    tcase_add_loop_test(tcase, shifts, 0, VOCABULARY_REGISTERS);
    tcase_add_loop_test(tcase, every_other_lane, 0, VOCABULARY_REGISTERS);
    tcase_add_loop_test(tcase, clamps, 0, VOCABULARY_REGISTERS);
    tcase_add_loop_test(tcase, loads, 0, VOCABULARY_REGISTERS);
    tcase_add_loop_test(tcase, stores, 0, VOCABULARY_REGISTERS);
    tcase_add_loop_test(tcase, tables, 0, VOCABULARY_REGISTERS);
    tcase_add_loop_test(tcase, transposition, 0, VOCABULARY_REGISTERS);
    tcase_add_loop_test(tcase, tiles, 0, VOCABULARY_REGISTERS);
    tcase_add_loop_test(tcase, tiles_of_importance, 0, VOCABULARY_REGISTERS);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
