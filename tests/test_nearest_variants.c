/*
 * test_nearest_variants [slow]: every variant of the nearest IQ4_NL entry, on every target of this
 * machine and in plain C, against the definition in ref/nearest.h (test_nearest.c has that one):
 * all 2^32 floats if slow, else a sample of them and every boundary.
 */
#include "../ref/nearest.h"
#include "encoders.h"
#include "equality.h"
#include "fill.h"
#include "guard.h"
#include "nearest_variants.h"
#include "suite.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    CHUNK = 1 << 14, /* floats */
    STRIDE = 4099,   /* patterns from one sample to the next in a quick run; a prime */
    MOST = 64,       /* of cases */
    SEED = 0x16E47
};

static bool slow;

/* ------------------------------------------------------------------------------------------------
 * The variants of this machine
 */

struct variant_case {
    char name[48];
    enum rdl_nearest_variant variant;
    struct rdl_nearest_variant_info info;
};

static struct variant_case cases[MOST];
static int ncases;

static void add_case(enum rdl_nearest_variant variant, const char *target,
                     const struct rdl_nearest_variant_info *info)
{
    struct variant_case *added = &cases[ncases++];
    added->variant = variant;
    added->info = *info;
    (void)snprintf(added->name, sizeof added->name, "%s/%s", rdl_nearest_variant_name(variant),
                   target);
}

/* The wide twin, which the library does not have. */
#define RDL_NEAREST_SCALAR(variant, name)
#define RDL_NEAREST_SIMD(variant, name)                                                            \
    extern rdl_nearest_fn rdl_iq4_nl_nearest_##name##_wide;                                        \
    extern rdl_nearest_values_fn rdl_iq4_nl_values_##name##_wide;                                  \
    extern rdl_encode_fn rdl_iq4_nl_encode_##name##_wide;
#include "nearest.def"
#undef RDL_NEAREST_SIMD

static void add_wide_cases(void)
{
#define RDL_NEAREST_SIMD(variant, name)                                                            \
    add_case(RDL_NEAREST_##variant, "wide",                                                        \
             &(struct rdl_nearest_variant_info){rdl_iq4_nl_nearest_##name##_wide,                  \
                                                rdl_iq4_nl_values_##name##_wide,                   \
                                                rdl_iq4_nl_encode_##name##_wide});
#include "nearest.def"
}

static void list_cases(void)
{
    const unsigned targets = rdl_detect_targets();
    for (unsigned v = 0; v < RDL_NEAREST_VARIANT_COUNT; v++)
        for (unsigned t = 0; t < RDL_TARGET_COUNT; t++) {
            const enum rdl_nearest_variant variant = (enum rdl_nearest_variant)v;
            const enum rdl_target target = (enum rdl_target)t;
            if ((targets >> t & 1u) && rdl_nearest_support(variant, target))
                add_case(variant, rdl_target_name(target),
                         rdl_nearest_variant_info(variant, target));
        }
    add_wide_cases();
}

/* ------------------------------------------------------------------------------------------------
 * Indices and values
 */

/* The only difference between variants: no integer part of 32 bits, and not far below all values.
 */
static bool is_lost_to_lookup_table(float v)
{
    return !(v < 0x1p31f);
}

static int expected_index(enum rdl_nearest_variant variant, float v, int index)
{
    return variant == RDL_NEAREST_LOOKUP_TABLE && is_lost_to_lookup_table(v) ? 0 : index;
}

static void check_case(const struct variant_case *c, size_t n, const float *x,
                       const uint8_t *expected)
{
    static uint8_t index[CHUNK];
    static float value[CHUNK];
    c->info.find(n, x, index);
    c->info.values(n, x, value);
    for (size_t i = 0; i < n; i++) {
        const int wanted = expected_index(c->variant, x[i], expected[i]);
        if (index[i] != wanted)
            ck_abort_msg("%s: index of %a is %d, expected %d", c->name, (double)x[i], index[i],
                         wanted);
        const float entry = (float)rdl_codebook_iq4_nl[expected[i]];
        if (fabsf(x[i]) <= RDL_NEAREST_RANGE && value[i] != entry)
            ck_abort_msg("%s: value for %a is %a, expected %a", c->name, (double)x[i],
                         (double)value[i], (double)entry);
    }
}

static void check(size_t n, const float *x)
{
    static uint8_t expected[CHUNK];
    for (size_t i = 0; i < n; i++)
        expected[i] = (uint8_t)rdl_nearest_iq4_nl(x[i]);
    for (int c = 0; c < ncases; c++)
        check_case(&cases[c], n, x, expected);
}

START_TEST(all_floats)
{
    static float x[CHUNK];
    const uint64_t step = slow ? 1 : STRIDE;
    size_t n = 0, lost = 0;
    for (uint64_t bits = 0; bits <= UINT32_MAX; bits += step) {
        x[n++] = rdl_bits_float((uint32_t)bits);
        lost += is_lost_to_lookup_table(x[n - 1]);
        if (n == CHUNK) {
            check(n, x);
            n = 0;
        }
    }
    check(n, x);
    /* The lookup table is lost for 2^31 .. infinity, 0x4F000000 .. 0x7F800000, and for two times
     * 2^23 - 1 NaN. */
    if (slow)
        ck_assert_uint_eq(lost, 0x7F800000u - 0x4F000000u + 1u + 2u * 0x7FFFFFu);
}
END_TEST

/* v, its neighbours, and their opposites, in any lane. */
static void check_around(float v)
{
    float x[10];
    size_t n = 0;
    for (int sign = -1; sign <= 1; sign += 2) {
        x[n++] = (float)sign * v;
        for (int up = 0; up <= 1; up++) {
            const float next = nextafterf(v, up ? INFINITY : -INFINITY);
            x[n++] = (float)sign * next;
            x[n++] = (float)sign * nextafterf(next, up ? INFINITY : -INFINITY);
        }
    }
    check(n, x);
}

/* Midpoints, the ends of integers and halves, of bins of any variant. */
START_TEST(boundaries)
{
    for (int eighth = 0; eighth <= 8 * 300; eighth++)
        check_around(0.125f * (float)eighth);
    for (int power = -149; power <= 127; power++)
        check_around(ldexpf(1.0f, power));
    const float special[] = {INFINITY,
                             -INFINITY,
                             NAN,
                             -NAN,
                             0.0f,
                             -0.0f,
                             rdl_bits_float(0x7F800001u),
                             rdl_bits_float(0xFFFFFFFFu)};
    check(sizeof special / sizeof special[0], special);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Arrays
 */

struct call {
    const struct variant_case *c;
    size_t n;
    const float *x;
    uint8_t *index;
    float *value;
};

static void call(void *argument)
{
    const struct call *call = argument;
    call->c->info.find(call->n, call->x, call->index);
    call->c->info.values(call->n, call->x, call->value);
}

/* Every length up to three vectors and one, at the ends of pages; NaN beside numbers. */
START_TEST(arrays_of_any_length_and_place)
{
    const struct variant_case *c = &cases[_i];
    struct guarded source, indices, values;
    ck_assert(guarded_open(&source, 256) && guarded_open(&indices, 256) &&
              guarded_open(&values, 256));
    struct random random = {.seed = SEED, .next = 0};
    for (size_t n = 0; n <= 49; n++)
        for (unsigned p = 0; p < PLACEMENT_COUNT; p++) {
            const enum placement placement = (enum placement)p;
            float x[49];
            for (size_t i = 0; i < n; i++)
                x[i] = random_below(&random, 8) == 0
                           ? NAN
                           : (float)(274.0 * random_unit(&random) - 137.0);
            guarded_set_writable(&source, true);
            uint8_t *at = guarded_place(&source, n * sizeof *x, 4, placement);
            memcpy(at, x, n * sizeof *x);
            guarded_set_writable(&source, false);
            memset(indices.bytes, 0xAA, indices.size);
            memset(values.bytes, 0xAA, values.size);
            uint8_t *index = guarded_place(&indices, n, 3, placement);
            uint8_t *value = guarded_place(&values, n * sizeof *x, 4, placement);
            struct call arguments = {c, n, (const float *)(const void *)at, index,
                                     (float *)(void *)value};
            ck_assert_msg(survives(call, &arguments), "%s: %zu floats, %s: memory fault", c->name,
                          n, placement_name(placement));
            ck_assert_msg(guarded_all_else_is(&indices, index, n, 0xAA) &&
                              guarded_all_else_is(&values, value, n * sizeof *x, 0xAA),
                          "%s: %zu floats, %s: written beside", c->name, n,
                          placement_name(placement));
            for (size_t i = 0; i < n; i++) {
                const int expected = rdl_nearest_iq4_nl(x[i]);
                ck_assert_int_eq(index[i], expected_index(c->variant, x[i], expected));
                if (x[i] == x[i])
                    ck_assert(arguments.value[i] == (float)rdl_codebook_iq4_nl[expected]);
            }
        }
    guarded_close(&source);
    guarded_close(&indices);
    guarded_close(&values);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Encoders
 */

START_TEST(encoders_have_the_same_bytes)
{
    const struct variant_case *c = &cases[_i];
    for (int with_importance = 0; with_importance <= 1; with_importance++) {
        const struct encoder_pair pair = {
            .name = c->name,
            .info = rdl_format_info(RDL_IQ4_NL),
            .with_importance = with_importance != 0,
            .reference =
                find_encode(RDL_IQ4_NL, RDL_GGML, RDL_NATIVE, with_importance != 0, RDL_SCALAR),
            .candidate = c->info.encode,
            .decode = find_decode(RDL_IQ4_NL, RDL_SCALAR),
        };
        struct error error;
        ck_assert_msg(encoders_agree(&pair, SEED, &error), "%s", error.text);
    }
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * The public functions
 */

START_TEST(every_variant_is_reachable)
{
    for (unsigned v = 0; v < RDL_NEAREST_VARIANT_COUNT; v++) {
        const enum rdl_nearest_variant variant = (enum rdl_nearest_variant)v;
        ck_assert_ptr_nonnull(rdl_nearest_variant_name(variant));
        for (unsigned other = 0; other < v; other++)
            ck_assert_str_ne(rdl_nearest_variant_name(variant),
                             rdl_nearest_variant_name((enum rdl_nearest_variant)other));
        for (unsigned t = 0; t < RDL_TARGET_COUNT; t++) {
            const enum rdl_target target = (enum rdl_target)t;
            const bool built = rdl_encoder_support(RDL_IQ4_NL, RDL_GGML, RDL_NATIVE, target) != 0;
            const bool expected =
                built && (variant != RDL_NEAREST_BINARY_SEARCH || target == RDL_SCALAR);
            ck_assert_msg(rdl_nearest_support(variant, target) == expected, "%s/%s",
                          rdl_nearest_variant_name(variant), rdl_target_name(target));
        }
    }
    const float x[] = {-200.0f, 0.0f, 6.5f, 7.0f, 101.0f};
    uint8_t index[5];
    ck_assert_int_eq(rdl_iq4_nl_nearest(RDL_NEAREST_TWO_LEVEL, RDL_SCALAR, 5, x, index), RDL_OK);
    ck_assert_mem_eq(index, ((const uint8_t[]){0, 8, 8, 9, 15}), 5);
}
END_TEST

START_TEST(wrong_calls_are_refused)
{
    const enum rdl_nearest_variant variant = RDL_NEAREST_TWO_LEVEL;
    const enum rdl_nearest_variant no_variant = RDL_NEAREST_VARIANT_COUNT;
    const float x = 1.0f;
    uint8_t index = 99;
    ck_assert_ptr_null(rdl_nearest_variant_name(no_variant));
    ck_assert(!rdl_nearest_support(no_variant, RDL_SCALAR));
    ck_assert(!rdl_nearest_support(variant, RDL_TARGET_COUNT));
    ck_assert_int_eq(rdl_iq4_nl_nearest(no_variant, RDL_SCALAR, 1, &x, &index), RDL_UNKNOWN_VALUE);
    ck_assert_int_eq(rdl_iq4_nl_nearest(variant, RDL_TARGET_COUNT, 1, &x, &index),
                     RDL_UNKNOWN_VALUE);
    for (unsigned t = 0; t < RDL_TARGET_COUNT; t++) {
        const enum rdl_target target = (enum rdl_target)t;
        if (!rdl_nearest_support(RDL_NEAREST_BINARY_SEARCH, target))
            ck_assert_int_eq(rdl_iq4_nl_nearest(RDL_NEAREST_BINARY_SEARCH, target, 1, &x, &index),
                             RDL_UNSUPPORTED);
    }
    ck_assert_int_eq(rdl_iq4_nl_nearest(variant, RDL_SCALAR, 1, NULL, &index), RDL_NULL_POINTER);
    ck_assert_int_eq(rdl_iq4_nl_nearest(variant, RDL_SCALAR, 1, &x, NULL), RDL_NULL_POINTER);
    ck_assert_int_eq(rdl_iq4_nl_nearest(variant, RDL_SCALAR, 0, NULL, NULL), RDL_OK);
    ck_assert_uint_eq(index, 99);
}
END_TEST

int main(int argc, char **argv)
{
    slow = argc > 1 && strcmp(argv[1], "slow") == 0;
    list_cases();
    printf("%d variants and targets: %s\n", ncases,
           slow ? "all 2^32 floats" : "a sample of the 2^32 floats (all of them in slow runs)");
    Suite *suite = suite_create("nearest_variants");
    TCase *tcase = tcase_create("nearest_variants");
    tcase_set_timeout(tcase, 0);
    tcase_add_test(tcase, all_floats);
    tcase_add_test(tcase, boundaries);
    tcase_add_loop_test(tcase, arrays_of_any_length_and_place, 0, ncases);
    tcase_add_loop_test(tcase, encoders_have_the_same_bytes, 0, ncases);
    tcase_add_test(tcase, every_variant_is_reachable);
    tcase_add_test(tcase, wrong_calls_are_refused);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
