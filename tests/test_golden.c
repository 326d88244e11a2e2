/* Golden vectors: the set in the repository agrees, and a spoilt one is noticed. */
#include "golden.h"
#include "golden_copy.h"
#include "suite.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const unsigned SCALAR = 1u << RDL_SCALAR;

/* ------------------------------------------------------------------------------------------------
 * The set in the repository
 */

/* Formats that were trimmed into tests/golden, with the kinds that the reference has for them. */
#define PLAIN   (1u << GOLDEN_PLAIN)
#define IMATRIX (1u << GOLDEN_IMATRIX)
#define BOTH    (PLAIN | IMATRIX)

static const struct {
    enum rdl_format format;
    unsigned kinds; /* set of 1u << kind */
} trimmed[] = {
    {RDL_Q8_0, PLAIN},      {RDL_Q4_K, BOTH},
    {RDL_Q5_K, BOTH},       {RDL_IQ4_NL, BOTH | 1u << GOLDEN_REF},
    {RDL_IQ2_XXS, IMATRIX}, {RDL_IQ2_XS, IMATRIX},
    {RDL_IQ2_S, BOTH},      {RDL_IQ3_XXS, BOTH},
    {RDL_IQ3_S, BOTH},      {RDL_Q2_K, BOTH},
    {RDL_Q3_K, BOTH},       {RDL_Q6_K, BOTH},
    {RDL_IQ4_XS, BOTH},     {RDL_Q4_0, BOTH},
    {RDL_Q5_0, BOTH},       {RDL_MXFP4, PLAIN},
    {RDL_TQ1_0, PLAIN},     {RDL_TQ2_0, PLAIN},
    {RDL_IQ1_S, IMATRIX},   {RDL_IQ1_M, BOTH},
};

static const char *const case_names[] = {
    "edge",    "gauss", "laplace", "large",    "mixed",   "outlier", "quirks",  "rows288",
    "rows768", "signs", "sparse",  "student3", "ternary", "ties",    "uniform", "zeroimp",
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* rows288 has no whole super-blocks; zeroimp is about importance. */
static bool is_expected(const char *name, enum rdl_format format, enum golden_kind kind)
{
    if (strcmp(name, "rows288") == 0)
        return rdl_format_info(format)->block_length == 32;
    if (strcmp(name, "zeroimp") == 0)
        return kind == GOLDEN_IMATRIX;
    return true;
}

static size_t columns_of(const char *name)
{
    return strcmp(name, "rows288") == 0 ? 288 : strcmp(name, "rows768") == 0 ? 768 : 1024;
}

/* Compares the next case of the list with what it should be, and its length with that of the cut.
 */
static void check_next(const struct golden_list *list, size_t *next, const char *name,
                       enum rdl_format format, enum golden_kind kind)
{
    ck_assert_msg(*next < list->count, "the list ends before %s %s %s",
                  rdl_format_info(format)->name, golden_kind_name(kind), name);
    const struct golden_case *golden = &list->cases[(*next)++];
    ck_assert_msg(golden->format == format && golden->kind == kind &&
                      strcmp(golden->name, name) == 0,
                  "%s %s %s where %s %s %s should be", rdl_format_info(golden->format)->name,
                  golden_kind_name(golden->kind), golden->name, rdl_format_info(format)->name,
                  golden_kind_name(kind), name);
    ck_assert_uint_eq(golden->ncols, columns_of(name));

    struct error error;
    struct golden_data data;
    ck_assert_msg(golden_load(GOLDEN_SET, golden, &data, &error), "%s", error.text);
    ck_assert_uint_eq(data.nrows, strcmp(name, "quirks") == 0 ? 16 : 4);
    ck_assert_int_eq(data.importance != NULL, kind == GOLDEN_IMATRIX);
    golden_free(&data);
}

START_TEST(set_is_complete)
{
    struct error error;
    struct golden_list list;
    ck_assert_msg(golden_list(GOLDEN_SET, &list, &error), "%s", error.text);
    size_t next = 0;
    for (size_t f = 0; f < COUNT(trimmed); f++)
        for (unsigned k = 0; k < GOLDEN_KIND_COUNT; k++)
            for (size_t c = 0; c < COUNT(case_names); c++)
                if ((trimmed[f].kinds >> k & 1u) &&
                    is_expected(case_names[c], trimmed[f].format, (enum golden_kind)k))
                    check_next(&list, &next, case_names[c], trimmed[f].format, (enum golden_kind)k);
    ck_assert_uint_eq(next, list.count);
    golden_list_free(&list);
}
END_TEST

START_TEST(set_agrees)
{
    struct error error;
    struct golden_result result;
    ck_assert_msg(golden_check(GOLDEN_SET, rdl_detect_targets(), &result, &error), "%s",
                  error.text);
    size_t on_scalar = 0;
    for (size_t i = 0; i < result.count; i++) {
        const struct golden_tally *tally = &result.tallies[i];
        const char *name = rdl_format_info(tally->format)->name;
        const char *kind = golden_kind_name(tally->kind);
        const char *target = rdl_target_name(tally->target);
        ck_assert_msg(tally->encodes || tally->decodes, "%s %s was skipped", name, kind);
        ck_assert_msg(tally->blocks_different == 0 && tally->values_different == 0,
                      "%s %s on %s differs", name, kind, target);
        ck_assert_int_eq(tally->encodes, tally->blocks_equal > 0);
        ck_assert_int_eq(tally->decodes, tally->values_equal > 0);
        on_scalar += tally->target == RDL_SCALAR && tally->encodes && tally->decodes;
    }
    ck_assert_uint_eq(on_scalar, 34); /* formats and kinds of the set */
    golden_result_free(&result);
}
END_TEST

/* Every format that the library encodes by `ggml` is in the set. */
START_TEST(set_covers_the_library)
{
    for (unsigned f = 0; f < RDL_FORMAT_COUNT; f++) {
        bool is_trimmed = false;
        for (size_t i = 0; i < COUNT(trimmed); i++)
            is_trimmed |= trimmed[i].format == f;
        ck_assert_msg(is_trimmed || !rdl_encoder_support((enum rdl_format)f, RDL_GGML, RDL_NATIVE,
                                                         RDL_SCALAR),
                      "tests/golden lacks %s", rdl_format_info((enum rdl_format)f)->name);
    }
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Spoilt vectors
 */

static struct golden_copy copy;

static void setup(void)
{
    golden_copy_open(&copy);
}

static void teardown(void)
{
    golden_copy_close(&copy);
}

static struct golden_result check_copy(unsigned targets)
{
    struct error error;
    struct golden_result result;
    ck_assert_msg(golden_check(copy.root, targets, &result, &error), "%s", error.text);
    ck_assert_uint_eq(result.count, 2);
    ck_assert_int_eq(result.tallies[0].format, RDL_Q8_0);
    ck_assert_int_eq(result.tallies[0].kind, GOLDEN_PLAIN);
    ck_assert_int_eq(result.tallies[1].format, RDL_Q4_K);
    ck_assert_int_eq(result.tallies[1].kind, GOLDEN_IMATRIX);
    return result;
}

static void assert_counts(const struct golden_tally *tally, uint64_t blocks, uint64_t different,
                          uint64_t different_values)
{
    ck_assert_uint_eq(tally->blocks_equal, blocks - different);
    ck_assert_uint_eq(tally->blocks_different, different);
    ck_assert_uint_eq(tally->values_equal, 4096 - different_values);
    ck_assert_uint_eq(tally->values_different, different_values);
    ck_assert_str_eq(tally->first_block.name, different ? "edge" : "");
    ck_assert_str_eq(tally->first_value.name, different_values ? "edge" : "");
}

static void assert_place(const struct golden_difference *difference, size_t row, size_t block,
                         size_t index)
{
    ck_assert_uint_eq(difference->row, row);
    ck_assert_uint_eq(difference->block, block);
    ck_assert_uint_eq(difference->index, index);
}

START_TEST(unspoilt_copy_agrees)
{
    struct golden_result result = check_copy(SCALAR);
    ck_assert_uint_eq(result.tallies[0].ncases, 1);
    assert_counts(&result.tallies[0], 128, 0, 0);
    assert_counts(&result.tallies[1], 16, 0, 0);
    golden_result_free(&result);
}
END_TEST

/* Bytes 2..33 of a Q8_0 block are its codes, so that one flipped bit is one wrong value. */
START_TEST(flipped_block_byte_is_found)
{
    const uint8_t right = golden_copy_flip(&copy, "q8_0/edge.plain.blk", (32 + 5) * 34 + 10, 0x01);
    golden_copy_flip(&copy, "q8_0/edge.plain.blk", 128 * 34 - 1, 0x80);
    struct golden_result result = check_copy(SCALAR);
    const struct golden_tally *tally = &result.tallies[0];
    assert_counts(tally, 128, 2, 2);
    assert_place(&tally->first_block, 1, 5, 10);
    ck_assert_uint_eq(tally->first_block.expected, right ^ 0x01u);
    ck_assert_uint_eq(tally->first_block.actual, right);
    assert_place(&tally->first_value, 1, 5, 8);
    assert_counts(&result.tallies[1], 16, 0, 0);
    golden_result_free(&result);
}
END_TEST

/* The last byte of the set: four bits each of the last weight and of the one 32 before. */
START_TEST(flipped_super_block_byte_is_found)
{
    golden_copy_flip(&copy, "q4_k/edge.imatrix.blk", 16 * 144 - 1, 0x11);
    struct golden_result result = check_copy(SCALAR);
    assert_counts(&result.tallies[0], 128, 0, 0);
    assert_counts(&result.tallies[1], 16, 1, 2);
    assert_place(&result.tallies[1].first_block, 3, 3, 143);
    assert_place(&result.tallies[1].first_value, 3, 3, 223);
    golden_result_free(&result);
}
END_TEST

/* The index of a zero among the expected values, behind the first row. */
static size_t find_zero(void)
{
    const struct golden_case golden = {
        .format = RDL_Q8_0, .kind = GOLDEN_PLAIN, .name = "edge", .ncols = 1024};
    struct error error;
    struct golden_data data;
    ck_assert_msg(golden_load(copy.root, &golden, &data, &error), "%s", error.text);
    size_t at = 1024;
    while (data.decoded[at] != 0.0f || signbit(data.decoded[at]))
        at++;
    ck_assert_uint_lt(at, 4096);
    golden_free(&data);
    return at;
}

START_TEST(flipped_sign_of_zero_is_found)
{
    const size_t at = find_zero();
    golden_copy_flip(&copy, "q8_0/edge.plain.deq.f32", 4 * at + 3, 0x80);
    struct golden_result result = check_copy(SCALAR);
    const struct golden_tally *tally = &result.tallies[0];
    assert_counts(tally, 128, 0, 1);
    assert_place(&tally->first_value, at / 1024, at % 1024 / 32, at % 32);
    ck_assert_uint_eq(tally->first_value.expected, 0x80000000u);
    ck_assert_uint_eq(tally->first_value.actual, 0);
    golden_result_free(&result);
}
END_TEST

START_TEST(spoilt_importance_is_found)
{
    for (size_t column = 0; column < 1024; column++) /* the exponent: twice or half */
        golden_copy_flip(&copy, "inputs/imatrix_1024.f32", 4 * column + 2,
                         column % 3 ? 0x80 : 0x00);
    struct golden_result result = check_copy(SCALAR);
    assert_counts(&result.tallies[0], 128, 0, 0);
    ck_assert_uint_gt(result.tallies[1].blocks_different, 0);
    ck_assert_uint_eq(result.tallies[1].values_different, 0);
    golden_result_free(&result);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Other directories
 */

/* Blocks of 32 do not care where a row ends. */
START_TEST(name_of_the_case_says_the_row_length)
{
    golden_copy_take(&copy, "inputs/rows64.f32", "inputs/gauss.f32");
    golden_copy_take(&copy, "q8_0/rows64.plain.blk", "q8_0/gauss.plain.blk");
    golden_copy_take(&copy, "q8_0/rows64.plain.deq.f32", "q8_0/gauss.plain.deq.f32");
    struct error error;
    struct golden_list list;
    ck_assert(golden_list(copy.root, &list, &error));
    ck_assert_uint_eq(list.count, 3);
    ck_assert_str_eq(list.cases[1].name, "rows64");
    ck_assert_uint_eq(list.cases[1].ncols, 64);
    struct golden_data data;
    ck_assert(golden_load(copy.root, &list.cases[1], &data, &error));
    ck_assert_uint_eq(data.nrows, 64);
    golden_free(&data);
    golden_list_free(&list);

    golden_copy_flip(&copy, "q8_0/rows64.plain.blk", 34 * 7 + 3, 0x01);
    struct golden_result result = check_copy(SCALAR);
    ck_assert_uint_eq(result.tallies[0].ncases, 2);
    ck_assert_uint_eq(result.tallies[0].blocks_different, 1);
    ck_assert_str_eq(result.tallies[0].first_block.name, "rows64");
    assert_place(&result.tallies[0].first_block, 3, 1, 3);
    golden_result_free(&result);
}
END_TEST

/* No target, no kernel: as for a format that nobody wrote yet. Its files are looked at all the
 * same. */
START_TEST(without_kernel_cases_are_skipped)
{
    struct golden_result result = check_copy(0);
    for (size_t i = 0; i < 2; i++) {
        ck_assert(!result.tallies[i].encodes && !result.tallies[i].decodes);
        ck_assert_uint_eq(result.tallies[i].ncases, 1);
        ck_assert_uint_eq(result.tallies[i].blocks_equal + result.tallies[i].blocks_different, 0);
    }
    golden_result_free(&result);

    struct error error;
    golden_copy_truncate(&copy, "q4_k/edge.imatrix.blk", 143);
    ck_assert(!golden_check(copy.root, 0, &result, &error));
}
END_TEST

START_TEST(what_is_beside_the_vectors_does_not_matter)
{
    golden_copy_add_directory(&copy, "trace");
    golden_copy_add(&copy, "trace/q8_0.txt", "x", 1);
    golden_copy_add(&copy, "README.md", "x", 1);
    golden_copy_add(&copy, "q8_0/.hidden", "x", 1);
    struct golden_result result = check_copy(SCALAR);
    assert_counts(&result.tallies[0], 128, 0, 0);
    golden_result_free(&result);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("golden");
    TCase *set = tcase_create("set");
    tcase_set_timeout(set, 0);
    tcase_add_test(set, set_is_complete);
    tcase_add_test(set, set_agrees);
    tcase_add_test(set, set_covers_the_library);
    suite_add_tcase(suite, set);

    TCase *spoilt = tcase_create("spoilt");
    tcase_set_timeout(spoilt, 0);
    tcase_add_checked_fixture(spoilt, setup, teardown);
    tcase_add_test(spoilt, unspoilt_copy_agrees);
    tcase_add_test(spoilt, flipped_block_byte_is_found);
    tcase_add_test(spoilt, flipped_super_block_byte_is_found);
    tcase_add_test(spoilt, flipped_sign_of_zero_is_found);
    tcase_add_test(spoilt, spoilt_importance_is_found);
    tcase_add_test(spoilt, name_of_the_case_says_the_row_length);
    tcase_add_test(spoilt, without_kernel_cases_are_skipped);
    tcase_add_test(spoilt, what_is_beside_the_vectors_does_not_matter);
    suite_add_tcase(suite, spoilt);

    return suite_run(suite);
}
