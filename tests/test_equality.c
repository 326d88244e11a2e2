/*
 * The equality harness itself: it must accept correct kernels and reject each broken one of
 * broken.c, with the right complaint. And the bytes of a tensor do not depend on how its rows are
 * split.
 */
#include "broken.h"
#include "encoders.h"
#include "equality.h"
#include "fill.h"
#include "suite.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    SEED = 0x5EED
};

/* Fails the test unless the harness said what it should. */
static void check_verdict(const char *name, const char *complaint, bool agree, const char *said)
{
    if (complaint) {
        ck_assert_msg(!agree, "%s was accepted", name);
        ck_assert_msg(strstr(said, complaint) != NULL,
                      "%s: expected \"%s\" but the harness said: %s", name, complaint, said);
        ck_assert_msg(strstr(said, "seed 0x") != NULL, "no seed in: %s", said);
    } else {
        ck_assert_msg(agree, "%s", said);
    }
}

START_TEST(the_harness_judges_encoders)
{
    const struct test_encoder *test = &test_encoders[_i];
    const struct encoder_pair pair = {
        .name = test->name,
        .info = rdl_format_info(test->format),
        .with_importance = test->with_importance,
        .reference = test->reference,
        .candidate = test->candidate,
        .decode = find_decode(test->format, RDL_SCALAR),
    };
    struct error error = {""};
    const bool agree = encoders_agree(&pair, SEED, &error);
    check_verdict(test->name, test->complaint, agree, error.text);
}
END_TEST

START_TEST(the_harness_judges_decoders)
{
    const struct test_decoder *test = &test_decoders[_i];
    const struct decoder_pair pair = {
        .name = test->name,
        .info = rdl_format_info(test->format),
        .reference = test->reference,
        .candidate = test->candidate,
    };
    struct error error = {""};
    const bool agree = decoders_agree(&pair, SEED, &error);
    check_verdict(test->name, test->complaint, agree, error.text);
}
END_TEST

/* Every scalar kernel against itself: it keeps to its buffers and to the contract. */
START_TEST(encoders_keep_the_contract)
{
    size_t count;
    const struct encoder *encoder = &kernel_list(&count)[_i];
    const struct rdl_job job = encoder_job(encoder, 1, encoder->info->block_length);
    const struct encoder_pair pair = {
        .name = encoder->name,
        .info = encoder->info,
        .with_importance = encoder->with_importance,
        .reference = encoder->encode,
        .candidate = encoder->encode,
        .decode = find_decode(encoder->format, RDL_SCALAR),
        .scratch_size = job.scratch_size,
        .tables = job.tables,
    };
    struct error error;
    ck_assert_msg(encoders_agree(&pair, SEED + 1, &error), "%s", error.text);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Splitting rows
 */

enum {
    NROWS = 37,
    NBLOCKS = 3
};

static void quantize(const struct encoder *encoder, size_t nrows, const float *x,
                     const float *importance, uint8_t *blocks)
{
    struct rdl_job job = encoder_job(encoder, nrows, NBLOCKS * encoder->info->block_length);
    job.flags = RDL_GO_ON;
    const enum rdl_status status = rdl_quantize(&job, x, importance, blocks, NULL);
    ck_assert_msg(status == RDL_OK, "%s: %s", encoder->name, rdl_status_text(status));
}

START_TEST(rows_may_be_split)
{
    size_t count;
    const struct encoder *encoder = &kernel_list(&count)[_i];
    const size_t ncols = NBLOCKS * encoder->info->block_length;
    const size_t row_bytes = (size_t)NBLOCKS * encoder->info->block_bytes;
    float *x = malloc(NROWS * ncols * sizeof *x);
    float *factors = malloc(ncols * sizeof *factors);
    uint8_t *whole = malloc(NROWS * row_bytes), *parts = malloc(NROWS * row_bytes);
    ck_assert(x && factors && whole && parts);
    const float *importance = encoder->with_importance ? factors : NULL;

    struct random random = {.seed = SEED + 2};
    fill_weights(WEIGHTS_MIXED, encoder->info->max_magnitude, &random, NROWS * ncols, x);
    x[5 * ncols + 3] = NAN;
    fill_importance(IMPORTANCE_HOLES, &random, ncols, factors);
    quantize(encoder, NROWS, x, importance, whole);
    static const size_t steps[] = {1, 2, 7, 16, NROWS - 1};
    for (size_t s = 0; s < sizeof steps / sizeof *steps; s++) {
        const size_t step = steps[s];
        memset(parts, 0xAA, NROWS * row_bytes);
        for (size_t row = 0; row < NROWS; row += step) {
            const size_t nrows = row + step < NROWS ? step : NROWS - row;
            quantize(encoder, nrows, x + row * ncols, importance, parts + row * row_bytes);
        }
        ck_assert_msg(memcmp(whole, parts, NROWS * row_bytes) == 0,
                      "%s: %zu rows at a time give other bytes", encoder->name, step);
    }
    free(parts);
    free(whole);
    free(factors);
    free(x);
}
END_TEST

int main(void)
{
    size_t nencoders;
    (void)kernel_list(&nencoders);
    Suite *suite = suite_create("equality");
    TCase *tcase = tcase_create("harness");
    tcase_set_timeout(tcase, 0);
    tcase_add_loop_test(tcase, the_harness_judges_encoders, 0, (int)ntest_encoders);
    tcase_add_loop_test(tcase, the_harness_judges_decoders, 0, (int)ntest_decoders);
    suite_add_tcase(suite, tcase);
    tcase = tcase_create("library");
    tcase_set_timeout(tcase, 0);
    tcase_add_loop_test(tcase, encoders_keep_the_contract, 0, (int)nencoders);
    tcase_add_loop_test(tcase, rows_may_be_split, 0, (int)nencoders);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
