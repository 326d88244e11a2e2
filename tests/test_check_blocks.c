/* rdl_check_blocks() for every format, decoder or not: where the specification puts the scales. */
#include "roundel.h"
#include "suite.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_BYTES = 256,
    NBLOCKS = 5
};

/* Offsets of the binary16 scales, specification sections 3 to 8; -1 for none. IQ1_M and MXFP4 are
 * different and have tests of their own. */
static const struct {
    enum rdl_format format;
    int d, dmin;
} places[] = {
    {RDL_Q8_0, 0, -1},   {RDL_Q4_0, 0, -1},    {RDL_Q5_0, 0, -1},    {RDL_Q4_K, 0, 2},
    {RDL_Q5_K, 0, 2},    {RDL_Q2_K, 80, 82},   {RDL_Q3_K, 108, -1},  {RDL_Q6_K, 208, -1},
    {RDL_IQ4_NL, 0, -1}, {RDL_IQ4_XS, 0, -1},  {RDL_IQ2_XXS, 0, -1}, {RDL_IQ2_XS, 0, -1},
    {RDL_IQ2_S, 0, -1},  {RDL_IQ3_XXS, 0, -1}, {RDL_IQ3_S, 0, -1},   {RDL_IQ1_S, 0, -1},
    {RDL_TQ1_0, 52, -1}, {RDL_TQ2_0, 64, -1},
};

enum {
    NPLACES = sizeof places / sizeof places[0]
};

static const struct {
    uint16_t bits;
    bool is_finite;
} scales[] = {
    {0x0000, true},  {0x8000, true},  {0x0001, true},  {0x7BFF, true},  {0xFBFF, true},
    {0x3C00, true},  {0x7C00, false}, {0xFC00, false}, {0x7C01, false}, {0x7E00, false},
    {0xFFFF, false}, {0x7FFF, false}, {0x78FF, true},  {0x5FFF, true},
};

enum {
    NSCALES = sizeof scales / sizeof scales[0]
};

/* The block among good ones, at every place in turn. */
static void check_block(enum rdl_format format, const uint8_t *good, const uint8_t *block,
                        bool is_finite)
{
    const size_t bytes = rdl_format_info(format)->block_bytes;
    uint8_t blocks[NBLOCKS * MAX_BYTES];
    for (size_t place = 0; place < NBLOCKS; place++) {
        for (size_t b = 0; b < NBLOCKS; b++)
            memcpy(blocks + b * bytes, b == place ? block : good, bytes);
        const size_t first = rdl_check_blocks(format, blocks, NBLOCKS);
        ck_assert_msg(first == (is_finite ? NBLOCKS : place), "%s: block %zu in place of %zu",
                      rdl_format_info(format)->name, first, is_finite ? NBLOCKS : place);
    }
    ck_assert_uint_eq(rdl_check_blocks(format, blocks, 0), 0);
}

START_TEST(binary16_scales_are_found)
{
    static const uint8_t fills[] = {0x00, 0xFF, 0x7C};
    const enum rdl_format format = places[_i].format;
    const uint16_t one = 0x3C00;
    for (size_t f = 0; f < sizeof fills; f++)
        for (int field = 0; field < (places[_i].dmin < 0 ? 1 : 2); field++)
            for (int s = 0; s < NSCALES; s++) {
                uint8_t good[MAX_BYTES], block[MAX_BYTES];
                memset(good, fills[f], sizeof good);
                memcpy(good + places[_i].d, &one, sizeof one);
                if (places[_i].dmin >= 0)
                    memcpy(good + places[_i].dmin, &one, sizeof one);
                memcpy(block, good, sizeof block);
                memcpy(block + (field ? places[_i].dmin : places[_i].d), &scales[s].bits, 2);
                check_block(format, good, block, scales[s].is_finite);
            }
}
END_TEST

/* Section 7.2: bits 4i .. 4i+3 of the scale are bits 12 .. 15 of word i, at byte 48 + 2i. */
START_TEST(the_scale_of_iq1_m_is_scattered)
{
    for (int fill = 0; fill <= 0xFF; fill += 0xFF)
        for (int s = 0; s < NSCALES; s++) {
            uint8_t good[MAX_BYTES], block[MAX_BYTES];
            memset(good, fill, sizeof good);
            for (int i = 0; i < 4; i++)
                good[49 + 2 * i] = (uint8_t)((fill & 0x0F) | (0x3C00 >> 4 * i & 15) << 4);
            memcpy(block, good, sizeof block);
            for (int i = 0; i < 4; i++)
                block[49 + 2 * i] = (uint8_t)((fill & 0x0F) | (scales[s].bits >> 4 * i & 15) << 4);
            check_block(RDL_IQ1_M, good, block, scales[s].is_finite);
        }
}
END_TEST

START_TEST(only_exponent_255_of_mxfp4_is_nan)
{
    for (int fill = 0; fill <= 0xFF; fill += 0xFF)
        for (int e = 0; e <= 0xFF; e++) {
            uint8_t good[MAX_BYTES], block[MAX_BYTES];
            memset(good, fill, sizeof good);
            good[0] = 127;
            memcpy(block, good, sizeof block);
            block[0] = (uint8_t)e;
            check_block(RDL_MXFP4, good, block, e != 255);
        }
}
END_TEST

START_TEST(every_format_is_covered)
{
    bool covered[RDL_FORMAT_COUNT] = {[RDL_IQ1_M] = true, [RDL_MXFP4] = true};
    for (int i = 0; i < NPLACES; i++)
        covered[places[i].format] = true;
    for (int f = 0; f < RDL_FORMAT_COUNT; f++)
        ck_assert_msg(covered[f], "%s", rdl_format_info((enum rdl_format)f)->name);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("check blocks");
    TCase *tcase = tcase_create("check blocks");
    tcase_set_timeout(tcase, 0);
    tcase_add_loop_test(tcase, binary16_scales_are_found, 0, NPLACES);
    tcase_add_test(tcase, the_scale_of_iq1_m_is_scattered);
    tcase_add_test(tcase, only_exponent_255_of_mxfp4_is_nan);
    tcase_add_test(tcase, every_format_is_covered);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
