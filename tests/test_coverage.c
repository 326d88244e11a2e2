/*
 * What runs where: no SIMD target of this architecture lacks a kernel that the project promises.
 * The table is the library's, so that any machine can look at it.
 */
#include "roundel.h"
#include "suite.h"

#include <check.h>

static const enum rdl_target targets[] = {
#if defined(__x86_64__)
    RDL_AVX2, RDL_AVX512
#elif defined(__aarch64__)
    RDL_NEON
#endif
};

static const enum rdl_format formats[] = {
    RDL_Q8_0,    RDL_Q4_K,  RDL_Q5_K, RDL_IQ4_NL, RDL_IQ2_XXS, RDL_IQ2_XS, RDL_IQ2_S,
    RDL_IQ3_XXS, RDL_IQ3_S, RDL_Q2_K, RDL_Q3_K,   RDL_Q6_K,    RDL_IQ4_XS,
};

static const enum rdl_rounding roundings[] = {RDL_NEAREST, RDL_GGML, RDL_GGML_FIXED};

enum {
    NTARGETS = sizeof targets / sizeof targets[0],
    NFORMATS = sizeof formats / sizeof formats[0],
    NROUNDINGS = sizeof roundings / sizeof roundings[0]
};

static void check_encoders(enum rdl_format format, enum rdl_rounding rounding,
                           enum rdl_target target)
{
    /* The promise is not an empty one. */
    ck_assert_uint_ne(rdl_encoder_support(format, rounding, RDL_NATIVE, RDL_SCALAR), 0);
    for (unsigned w = 0; w < RDL_WEIGHTING_COUNT; w++) {
        const enum rdl_weighting weighting = (enum rdl_weighting)w;
        const unsigned scalar = rdl_encoder_support(format, rounding, weighting, RDL_SCALAR);
        const unsigned simd = rdl_encoder_support(format, rounding, weighting, target);
        ck_assert_msg(simd == scalar, "%s/%s/%s: %s has %u, scalar %u (1 plain, 2 with importance)",
                      rdl_format_info(format)->name, rdl_rounding_name(rounding),
                      rdl_weighting_name(weighting), rdl_target_name(target), simd, scalar);
    }
}

START_TEST(encoders_are_those_of_scalar)
{
    for (int r = 0; r < NROUNDINGS; r++)
        check_encoders(formats[_i % NFORMATS], roundings[r], targets[_i / NFORMATS]);
}
END_TEST

START_TEST(every_format_is_decoded)
{
    for (unsigned f = 0; f < RDL_FORMAT_COUNT; f++)
        ck_assert_msg(rdl_decoder_support((enum rdl_format)f, targets[_i]), "%s/%s: no decoder",
                      rdl_format_info((enum rdl_format)f)->name, rdl_target_name(targets[_i]));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("coverage");
    TCase *tcase = tcase_create("coverage");
    tcase_add_loop_test(tcase, encoders_are_those_of_scalar, 0, NTARGETS * NFORMATS);
    tcase_add_loop_test(tcase, every_format_is_decoded, 0, NTARGETS);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
