/* Any bytes are safe to decode, always the same way, to values within the format's range. */
#include "encoders.h"
#include "equality.h"
#include "fill.h"
#include "suite.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_LENGTH = 256,
    MAX_BYTES = 4 * MAX_LENGTH,
    RANDOM_BLOCKS = 20000
};

static const struct decoder *decoder_number(int i)
{
    size_t count;
    return &decoder_list(&count)[i];
}

static void decode(const struct decoder *decoder, const uint8_t *block, float *x)
{
    const struct rdl_job job = decoder_job(decoder, 1, decoder->info->block_length);
    if (rdl_dequantize(&job, block, x) != RDL_OK)
        ck_abort_msg("%s: refuses to decode", decoder->name);
}

/* 0x00, 0xff, random bytes and extreme scales, at guard pages, against itself. */
START_TEST(any_bytes_are_safe)
{
    const struct decoder *decoder = decoder_number(_i);
    const struct decoder_pair pair = {
        .name = decoder->name,
        .info = decoder->info,
        .reference = decoder->decode,
        .candidate = decoder->decode,
    };
    struct error error;
    ck_assert_msg(decoders_agree(&pair, 0xB17E5, &error), "%s", error.text);
}
END_TEST

START_TEST(zeros_decode_to_zeros)
{
    const struct decoder *decoder = decoder_number(_i);
    const uint8_t block[MAX_BYTES] = {0};
    float x[MAX_LENGTH];
    decode(decoder, block, x);
    /* Byte 0 of MXFP4 is the exponent of a scale that is never zero; its codes are zero. */
    for (size_t i = 0; i < decoder->info->block_length; i++)
        ck_assert_msg(x[i] == 0.0f, "%s: value %zu is %a", decoder->name, i, (double)x[i]);
}
END_TEST

/* Bit 6 of the upper byte is the top bit of the exponent, wherever in a block a binary16 or an
 * eight-bit exponent is stored: without it no scale is infinite. */
START_TEST(finite_scales_give_finite_values)
{
    const struct decoder *decoder = decoder_number(_i);
    struct random random = {.seed = 0xF1417E};
    for (int n = 0; n < RANDOM_BLOCKS; n++) {
        uint8_t block[MAX_BYTES];
        float x[MAX_LENGTH];
        random_bytes(&random, decoder->info->block_bytes, block);
        for (size_t i = 0; i < decoder->info->block_bytes; i++)
            block[i] &= 0xBF;
        decode(decoder, block, x);
        if (any_not_finite(x, decoder->info->block_length))
            ck_abort_msg("%s: random block %d is not finite", decoder->name, n);
    }
}
END_TEST

static void check_magnitudes(const struct decoder *decoder, const uint8_t *block)
{
    float x[MAX_LENGTH];
    decode(decoder, block, x);
    for (size_t i = 0; i < decoder->info->block_length; i++)
        if (isfinite(x[i]) && fabs((double)x[i]) > decoder->info->max_magnitude)
            ck_abort_msg("%s: value %zu is %.9g, more than max_magnitude %.9g", decoder->name, i,
                         (double)x[i], decoder->info->max_magnitude);
}

/* The largest finite scales of both signs at every place that a binary16 or two could have, among
 * bytes that make all codes largest, smallest or random. */
START_TEST(no_value_exceeds_max_magnitude)
{
    const struct decoder *decoder = decoder_number(_i);
    const size_t nbytes = decoder->info->block_bytes;
    struct random random = {.seed = 0x3A6};
    for (size_t place = 0; place + 2 <= nbytes; place++)
        for (unsigned signs = 0; signs < 4; signs++)
            for (int fill = 0; fill < 3; fill++) {
                uint8_t block[MAX_BYTES + 2];
                memset(block, fill == 0 ? 0xFF : 0x00, nbytes);
                if (fill == 2)
                    random_bytes(&random, nbytes, block);
                const uint8_t first[] = {0xFF, signs & 1 ? 0xFB : 0x7B};
                const uint8_t second[] = {0xFF, signs & 2 ? 0xFB : 0x7B};
                memcpy(block + place, first, 2);
                if (place + 4 <= nbytes)
                    memcpy(block + place + 2, second, 2);
                check_magnitudes(decoder, block);
            }
    for (int n = 0; n < RANDOM_BLOCKS; n++) {
        uint8_t block[MAX_BYTES];
        random_bytes(&random, nbytes, block);
        check_magnitudes(decoder, block);
    }
}
END_TEST

/* An exponent byte of 255 is NaN by the standard of the format. The largest value, 12 * 2^(e -
 * 128), is below 2^128 up to e = 252. */
static void check_exponents(const struct decoder *decoder)
{
    for (unsigned e = 0; e < 256; e++) {
        uint8_t block[MAX_BYTES];
        float x[MAX_LENGTH];
        memset(block, 0x77, decoder->info->block_bytes);
        block[0] = (uint8_t)e;
        decode(decoder, block, x);
        ck_assert_int_eq(any_not_finite(x, decoder->info->block_length), e > 252);
        ck_assert_int_eq(rdl_check_blocks(decoder->format, block, 1) == 1, e != 255);
    }
}

/* The check of stored scales and the values agree: a binary16 scale that is infinite or NaN spoils
 * its block, zero codes included, and nothing else does. MXFP4 has an exponent instead. */
START_TEST(checked_blocks_are_the_finite_ones)
{
    const struct decoder *decoder = decoder_number(_i);
    if (decoder->format == RDL_MXFP4) {
        check_exponents(decoder);
        return;
    }
    static const uint8_t edges[][2] = {{0x00, 0x7C}, {0x01, 0xFC}, {0x00, 0x7E}, {0xFF, 0x7B}};
    const size_t nbytes = decoder->info->block_bytes;
    struct random random = {.seed = 0xC4EC};
    for (int n = 0; n < RANDOM_BLOCKS; n++) {
        uint8_t block[MAX_BYTES];
        float x[MAX_LENGTH];
        random_bytes(&random, nbytes, block);
        for (size_t i = 0; i + 1 < nbytes; i += 2)
            if (random_below(&random, 3) == 0)
                memcpy(block + i, edges[random_below(&random, 4)], 2);
        decode(decoder, block, x);
        const bool finite = !any_not_finite(x, decoder->info->block_length);
        if (finite != (rdl_check_blocks(decoder->format, block, 1) == 1))
            ck_abort_msg("%s: block %d is %sfinite", decoder->name, n, finite ? "" : "not ");
    }
}
END_TEST

int main(void)
{
    size_t ndecoders;
    (void)decoder_list(&ndecoders);
    Suite *suite = suite_create("decode");
    TCase *tcase = tcase_create("decode");
    tcase_set_timeout(tcase, 0);
    tcase_add_loop_test(tcase, any_bytes_are_safe, 0, (int)ndecoders);
    tcase_add_loop_test(tcase, zeros_decode_to_zeros, 0, (int)ndecoders);
    tcase_add_loop_test(tcase, finite_scales_give_finite_values, 0, (int)ndecoders);
    tcase_add_loop_test(tcase, no_value_exceeds_max_magnitude, 0, (int)ndecoders);
    tcase_add_loop_test(tcase, checked_blocks_are_the_finite_ones, 0, (int)ndecoders);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
