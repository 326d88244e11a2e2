/* What the formats promise about their vector codebooks. */
#include "codebooks.h"
#include "suite.h"

#include <check.h>
#include <stdlib.h>

static const struct expectation {
    const char *name;
    const struct rdl_codebook *codebook;
    int rows, length, levels;
    int entries[8]; /* by level */
} expectations[] = {
    {"iq2_xxs", &rdl_codebook_iq2_xxs, 256, 8, 3, {8, 25, 43}},
    {"iq2_xs", &rdl_codebook_iq2_xs, 512, 8, 3, {8, 25, 43}},
    {"iq2_s", &rdl_codebook_iq2_s, 1024, 8, 3, {8, 25, 43}},
    {"iq3_xxs", &rdl_codebook_iq3_xxs, 256, 4, 8, {4, 12, 20, 28, 36, 44, 52, 62}},
    {"iq3_s", &rdl_codebook_iq3_s, 512, 4, 8, {1, 3, 5, 7, 9, 11, 13, 15}},
    {"iq1_s", &rdl_codebook_iq1_s, 2048, 8, 3, {-1, 0, 1}},
};

enum {
    NEXPECTATIONS = sizeof expectations / sizeof expectations[0]
};

START_TEST(the_table_of_iq4_nl)
{
    static const int expected[16] = {-127, -104, -83, -65, -49, -35, -22, -10,
                                     1,    13,   25,  38,  53,  69,  89,  113};
    for (int k = 0; k < 16; k++) {
        ck_assert_int_eq(rdl_codebook_iq4_nl[k], expected[k]);
        ck_assert(rdl_iq4_nl_values[k] == (float)expected[k]);
    }
}
END_TEST

START_TEST(codebooks_have_their_shape)
{
    const struct expectation *e = &expectations[_i];
    ck_assert_int_eq(e->codebook->rows, e->rows);
    ck_assert_int_eq(e->codebook->length, e->length);
    ck_assert_int_eq(e->codebook->levels, e->levels);
}
END_TEST

START_TEST(every_entry_is_that_of_its_level)
{
    const struct expectation *e = &expectations[_i];
    for (int row = 0; row < e->rows; row++)
        for (int i = 0; i < e->length; i++) {
            const int level = rdl_codebook_level(e->codebook, row, i);
            const int8_t entry = ((const int8_t *)e->codebook->entries)[row * e->length + i];
            if (level >= e->levels || entry != e->entries[level])
                ck_abort_msg("%s, row %d, column %d: %d", e->name, row, i, entry);
        }
}
END_TEST

/* The number that orders rows: levels as digits, the first the lowest. */
static unsigned order(const struct rdl_codebook *codebook, int row)
{
    unsigned number = 0;
    for (int i = codebook->length - 1; i >= 0; i--)
        number = number * (codebook->length == 8 ? 4 : 8) + rdl_codebook_level(codebook, row, i);
    return number;
}

/* Ascending strictly: no two rows are the same. */
START_TEST(rows_are_sorted)
{
    const struct expectation *e = &expectations[_i];
    ck_assert_uint_eq(order(e->codebook, 0), 0);
    for (int row = 1; row < e->rows; row++)
        ck_assert_msg(order(e->codebook, row - 1) < order(e->codebook, row), "%s, row %d", e->name,
                      row);
}
END_TEST

/* The seven bits stand for themselves, and the number of set bits is even. */
START_TEST(sign_masks_are_even)
{
    for (unsigned k = 0; k < 128; k++) {
        unsigned parity = 0;
        for (unsigned bit = 0; bit < 8; bit++)
            parity ^= rdl_codebook_signs7[k] >> bit & 1u;
        ck_assert_uint_eq(rdl_codebook_signs7[k] & 127u, k);
        ck_assert_uint_eq(parity, 0);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("codebooks");
    TCase *tests = tcase_create("codebooks");
    tcase_add_test(tests, the_table_of_iq4_nl);
    tcase_add_loop_test(tests, codebooks_have_their_shape, 0, NEXPECTATIONS);
    tcase_add_loop_test(tests, every_entry_is_that_of_its_level, 0, NEXPECTATIONS);
    tcase_add_loop_test(tests, rows_are_sorted, 0, NEXPECTATIONS);
    tcase_add_test(tests, sign_masks_are_even);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
