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
#if defined(ROUNDEL_SLOW_RUN)
    KERNEL_STEP = 3, /* of the scalar kernels against themselves, which other builds take all */
#else
    KERNEL_STEP = 1,
#endif
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

static void judge_encoder(const struct test_encoder *test)
{
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

START_TEST(the_harness_judges_encoders)
{
    judge_encoder(&test_encoders[_i]);
}
END_TEST

START_TEST(the_harness_judges_lanes)
{
    judge_encoder(&lane_encoders[_i]);
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

/* Every scalar kernel against itself: it keeps to its buffers and to the contract. test_targets
 * asks the others. */
START_TEST(encoders_keep_the_contract)
{
    size_t count;
    const struct encoder *encoder = &kernel_list(&count)[_i];
    if (encoder->target != RDL_SCALAR || _i % KERNEL_STEP != 0)
        return;
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

/* ------------------------------------------------------------------------------------------------
 * Bad rows among good ones
 */

/* Every third row has a NaN, an infinity, or a weight too large: the blocks of the others stay. */
START_TEST(good_rows_keep_their_bytes)
{
    size_t count;
    const struct encoder *encoder = &kernel_list(&count)[_i];
    const size_t ncols = NBLOCKS * encoder->info->block_length;
    const size_t row_bytes = (size_t)NBLOCKS * encoder->info->block_bytes;
    float *x = malloc(NROWS * ncols * sizeof *x);
    float *importance = malloc(ncols * sizeof *importance);
    uint8_t *good = malloc(NROWS * row_bytes), *mixed = malloc(NROWS * row_bytes);
    ck_assert(x && importance && good && mixed);

    struct random random = {.seed = SEED + 3};
    fill_weights(WEIGHTS_GAUSSIAN, encoder->info->max_magnitude, &random, NROWS * ncols, x);
    fill_importance(IMPORTANCE_SPREAD, &random, ncols, importance);
    const float *factors = encoder->with_importance ? importance : NULL;
    quantize(encoder, NROWS, x, factors, good);
    static const float bad[] = {NAN, -INFINITY, INFINITY, 3e38f};
    for (size_t row = 0; row < NROWS; row += 3)
        for (size_t i = row; i < ncols; i += 31)
            x[row * ncols + i] = bad[i % 4];
    quantize(encoder, NROWS, x, factors, mixed);
    for (size_t row = 0; row < NROWS; row++)
        if (row % 3 != 0)
            ck_assert_msg(memcmp(good + row * row_bytes, mixed + row * row_bytes, row_bytes) == 0,
                          "%s: row %zu is another beside bad rows", encoder->name, row);
    free(mixed);
    free(good);
    free(importance);
    free(x);
}
END_TEST

/* In a row with one bad block the others stay, where weights do not depend on the whole row. */
START_TEST(good_blocks_keep_their_bytes)
{
    enum {
        NBAD = 19 /* blocks in the row */
    };
    size_t count;
    const struct encoder *encoder = &kernel_list(&count)[_i];
    if ((encoder->format == RDL_Q4_0 || encoder->format == RDL_Q5_0) && encoder->with_importance)
        return;
    const size_t length = encoder->info->block_length, bytes = encoder->info->block_bytes;
    static float x[NBAD * 256], importance[NBAD * 256];
    static uint8_t good[NBAD * 1024], mixed[NBAD * 1024];
    struct random random = {.seed = SEED + 4};
    fill_weights(WEIGHTS_GAUSSIAN, encoder->info->max_magnitude, &random, NBAD * length, x);
    fill_importance(IMPORTANCE_SPREAD, &random, NBAD * length, importance);
    const float *factors = encoder->with_importance ? importance : NULL;
    struct rdl_job job = encoder_job(encoder, 1, NBAD * length);
    job.flags = RDL_GO_ON;
    ck_assert_int_eq(rdl_quantize(&job, x, factors, good, NULL), RDL_OK);
    for (size_t b = 0; b < NBAD; b++) {
        float *weight = &x[b * length + b];
        const float before = *weight;
        *weight = b % 2 ? NAN : INFINITY;
        ck_assert_int_eq(rdl_quantize(&job, x, factors, mixed, NULL), RDL_OK);
        *weight = before;
        memcpy(mixed + b * bytes, good + b * bytes, bytes);
        ck_assert_msg(memcmp(good, mixed, NBAD * bytes) == 0,
                      "%s: other blocks change with block %zu", encoder->name, b);
    }
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
    tcase_add_loop_test(tcase, the_harness_judges_lanes, 0, (int)nlane_encoders);
    tcase_add_loop_test(tcase, the_harness_judges_decoders, 0, (int)ntest_decoders);
    suite_add_tcase(suite, tcase);
    tcase = tcase_create("library");
    tcase_set_timeout(tcase, 0);
    tcase_add_loop_test(tcase, encoders_keep_the_contract, 0, (int)nencoders);
    tcase_add_loop_test(tcase, rows_may_be_split, 0, (int)nencoders);
    tcase_add_loop_test(tcase, good_rows_keep_their_bytes, 0, (int)nencoders);
    tcase_add_loop_test(tcase, good_blocks_keep_their_bytes, 0, (int)nencoders);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
