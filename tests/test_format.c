/* The format table against the specification of the formats, and the names of everything. */
#include "roundel.h"
#include "suite.h"

#include <check.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Specification, section 2: id in GGUF, weights and bytes of a block, bits per weight, kind; the
 * length of sub-blocks with a coded scale of their own (the block where there are none). */
static const struct {
    enum rdl_format format;
    const char *ggml_name;
    unsigned gguf_type, block_length, block_bytes;
    double bits_per_weight;
    enum rdl_grid grid;
    unsigned sub_block_length;
} specified[] = {
    {RDL_Q4_0, "Q4_0", 2, 32, 18, 4.5, RDL_GRID_SYMMETRIC, 32},
    {RDL_Q5_0, "Q5_0", 6, 32, 22, 5.5, RDL_GRID_SYMMETRIC, 32},
    {RDL_Q8_0, "Q8_0", 8, 32, 34, 8.5, RDL_GRID_SYMMETRIC, 32},
    {RDL_Q2_K, "Q2_K", 10, 256, 84, 2.625, RDL_GRID_AFFINE, 16},
    {RDL_Q3_K, "Q3_K", 11, 256, 110, 3.4375, RDL_GRID_SYMMETRIC, 16},
    {RDL_Q4_K, "Q4_K", 12, 256, 144, 4.5, RDL_GRID_AFFINE, 32},
    {RDL_Q5_K, "Q5_K", 13, 256, 176, 5.5, RDL_GRID_AFFINE, 32},
    {RDL_Q6_K, "Q6_K", 14, 256, 210, 6.5625, RDL_GRID_SYMMETRIC, 16},
    {RDL_IQ2_XXS, "IQ2_XXS", 16, 256, 66, 2.0625, RDL_GRID_CODEBOOK, 32},
    {RDL_IQ2_XS, "IQ2_XS", 17, 256, 74, 2.3125, RDL_GRID_CODEBOOK, 16},
    {RDL_IQ3_XXS, "IQ3_XXS", 18, 256, 98, 3.0625, RDL_GRID_CODEBOOK, 32},
    {RDL_IQ1_S, "IQ1_S", 19, 256, 50, 1.5625, RDL_GRID_TERNARY, 32},
    {RDL_IQ4_NL, "IQ4_NL", 20, 32, 18, 4.5, RDL_GRID_TABLE, 32},
    {RDL_IQ3_S, "IQ3_S", 21, 256, 110, 3.4375, RDL_GRID_CODEBOOK, 32},
    {RDL_IQ2_S, "IQ2_S", 22, 256, 82, 2.5625, RDL_GRID_CODEBOOK, 16},
    {RDL_IQ4_XS, "IQ4_XS", 23, 256, 136, 4.25, RDL_GRID_TABLE, 32},
    {RDL_IQ1_M, "IQ1_M", 29, 256, 56, 1.75, RDL_GRID_TERNARY, 16},
    {RDL_TQ1_0, "TQ1_0", 34, 256, 54, 1.6875, RDL_GRID_TERNARY, 256},
    {RDL_TQ2_0, "TQ2_0", 35, 256, 66, 2.0625, RDL_GRID_TERNARY, 256},
    {RDL_MXFP4, "MXFP4", 39, 32, 17, 4.25, RDL_GRID_TABLE, 32},
};

enum {
    NSPECIFIED = sizeof specified / sizeof specified[0]
};

static bool is_lower_of(const char *name, const char *upper)
{
    size_t i = 0;
    while (name[i] && name[i] == tolower((unsigned char)upper[i]))
        i++;
    return name[i] == '\0' && upper[i] == '\0';
}

START_TEST(formats_are_as_specified)
{
    const struct rdl_format_info *info = rdl_format_info(specified[_i].format);
    ck_assert_ptr_nonnull(info);
    ck_assert_str_eq(info->ggml_name, specified[_i].ggml_name);
    ck_assert_msg(is_lower_of(info->name, info->ggml_name), "%s is not %s in lower case",
                  info->name, info->ggml_name);
    ck_assert_uint_eq(info->gguf_type, specified[_i].gguf_type);
    ck_assert_uint_eq(info->block_length, specified[_i].block_length);
    ck_assert_uint_eq(info->block_bytes, specified[_i].block_bytes);
    ck_assert_uint_eq(info->sub_block_length, specified[_i].sub_block_length);
    ck_assert(info->bits_per_weight == specified[_i].bits_per_weight);
    ck_assert_int_eq(info->grid, specified[_i].grid);
    ck_assert(info->max_magnitude > 0.0);
    /* The library compares weights with it in binary32. */
    ck_assert((double)(float)info->max_magnitude == info->max_magnitude);
}
END_TEST

START_TEST(every_format_is_specified_once)
{
    bool seen[RDL_FORMAT_COUNT] = {false};
    for (int i = 0; i < NSPECIFIED; i++) {
        ck_assert(!seen[specified[i].format]);
        seen[specified[i].format] = true;
    }
    ck_assert_int_eq(NSPECIFIED, RDL_FORMAT_COUNT);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Sizes
 */

START_TEST(sizes_are_counted_in_blocks)
{
    const enum rdl_format format = (enum rdl_format)_i;
    const struct rdl_format_info *info = rdl_format_info(format);
    const size_t length = info->block_length, bytes = info->block_bytes;
    ck_assert_uint_eq(rdl_blocks_size(format, 1, length), bytes);
    ck_assert_uint_eq(rdl_blocks_size(format, 7, 5 * length), 35 * bytes);
    ck_assert_uint_eq(rdl_blocks_size(format, 0, length), 0);
    ck_assert_uint_eq(rdl_blocks_size(format, 0, SIZE_MAX / length * length), 0);
    ck_assert_uint_eq(rdl_blocks_size(format, 3, 0), 0);
    ck_assert_uint_eq(rdl_blocks_size(format, SIZE_MAX, 0), 0);
    for (size_t ncols = 1; ncols < 3 * length; ncols++)
        if (ncols % length != 0)
            ck_assert_uint_eq(rdl_blocks_size(format, 1, ncols), 0);
}
END_TEST

START_TEST(sizes_that_overflow_are_zero)
{
    const enum rdl_format format = (enum rdl_format)_i;
    const struct rdl_format_info *info = rdl_format_info(format);
    const size_t length = info->block_length, bytes = info->block_bytes;
    const size_t most_blocks = SIZE_MAX / bytes;
    ck_assert_uint_eq(rdl_blocks_size(format, most_blocks, length), most_blocks * bytes);
    ck_assert_uint_eq(rdl_blocks_size(format, most_blocks + 1, length), 0);
    ck_assert_uint_eq(rdl_blocks_size(format, SIZE_MAX, length), 0);
    ck_assert_uint_eq(rdl_blocks_size(format, most_blocks / 3, 3 * length),
                      most_blocks / 3 * 3 * bytes);
    ck_assert_uint_eq(rdl_blocks_size(format, most_blocks / 3 + 1, 3 * length), 0);
    /* Products that wrap around to something small. */
    ck_assert_uint_eq(rdl_blocks_size(format, SIZE_MAX / 2 + 1, 2 * length), 0);
    const size_t longest = SIZE_MAX / length; /* blocks in the longest row */
    const size_t expected = longest <= most_blocks ? longest * bytes : 0;
    ck_assert_uint_eq(rdl_blocks_size(format, 1, longest * length), expected);
    ck_assert_uint_eq(rdl_blocks_size(format, SIZE_MAX, longest * length), 0);
}
END_TEST

START_TEST(no_block_is_larger_than_its_weights)
{
    const struct rdl_format_info *info = rdl_format_info((enum rdl_format)_i);
    ck_assert_uint_le(info->block_bytes, info->block_length * sizeof(float));
    ck_assert_uint_eq(info->block_length % info->sub_block_length, 0);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Names
 */

static const char *format_name(int value)
{
    const struct rdl_format_info *info = rdl_format_info((enum rdl_format)value);
    return info ? info->name : NULL;
}

static const char *rounding_name(int value)
{
    return rdl_rounding_name((enum rdl_rounding)value);
}

static const char *weighting_name(int value)
{
    return rdl_weighting_name((enum rdl_weighting)value);
}

static const char *target_name(int value)
{
    return rdl_target_name((enum rdl_target)value);
}

static const char *grid_name(int value)
{
    return rdl_grid_name((enum rdl_grid)value);
}

static const char *status_text(int value)
{
    return rdl_status_text((enum rdl_status)value);
}

static const struct {
    const char *(*name)(int value);
    int count;
    bool is_word; /* a name for command lines, in place of a sentence */
} enumerations[] = {
    {format_name, RDL_FORMAT_COUNT, true},       {rounding_name, RDL_ROUNDING_COUNT, true},
    {weighting_name, RDL_WEIGHTING_COUNT, true}, {target_name, RDL_TARGET_COUNT, true},
    {grid_name, RDL_GRID_COUNT, true},           {status_text, RDL_STATUS_COUNT, false},
};

enum {
    NENUMERATIONS = sizeof enumerations / sizeof enumerations[0]
};

START_TEST(every_value_has_a_name_of_its_own)
{
    for (int i = 0; i < enumerations[_i].count; i++) {
        const char *name = enumerations[_i].name(i);
        ck_assert_msg(name && name[0], "value %d has no name", i);
        for (int j = 0; j < i; j++)
            ck_assert_str_ne(name, enumerations[_i].name(j));
        for (const char *c = name; enumerations[_i].is_word && *c; c++)
            ck_assert_msg(isgraph((unsigned char)*c) && !isupper((unsigned char)*c) && *c != ',',
                          "\"%s\" is no word in lower case", name);
        ck_assert_msg(name[strlen(name) - 1] != '.', "\"%s\" ends in a full stop", name);
    }
}
END_TEST

START_TEST(other_values_have_no_name)
{
    static const int offsets[] = {0, 1, 1000, 1 << 16, 1 << 24};
    for (size_t i = 0; i < sizeof offsets / sizeof offsets[0]; i++)
        ck_assert_ptr_null(enumerations[_i].name(enumerations[_i].count + offsets[i]));
    ck_assert_ptr_null(enumerations[_i].name(-1));
    ck_assert_ptr_null(enumerations[_i].name(-2147483647 - 1));
    ck_assert_ptr_null(enumerations[_i].name(2147483647));
}
END_TEST

START_TEST(version_is_that_of_the_header)
{
    char version[64];
    (void)snprintf(version, sizeof version, "%d.%d.%d", RDL_VERSION_MAJOR, RDL_VERSION_MINOR,
                   RDL_VERSION_PATCH);
    ck_assert_str_eq(rdl_version(), version);
}
END_TEST

START_TEST(unknown_formats_have_no_size)
{
    ck_assert_uint_eq(rdl_blocks_size(RDL_FORMAT_COUNT, 1, 256), 0);
    ck_assert_uint_eq(rdl_blocks_size((enum rdl_format) - 1, 1, 256), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("format");
    TCase *tcase = tcase_create("format");
    tcase_set_timeout(tcase, 0);
    tcase_add_loop_test(tcase, formats_are_as_specified, 0, NSPECIFIED);
    tcase_add_test(tcase, every_format_is_specified_once);
    tcase_add_loop_test(tcase, sizes_are_counted_in_blocks, 0, RDL_FORMAT_COUNT);
    tcase_add_loop_test(tcase, sizes_that_overflow_are_zero, 0, RDL_FORMAT_COUNT);
    tcase_add_loop_test(tcase, no_block_is_larger_than_its_weights, 0, RDL_FORMAT_COUNT);
    tcase_add_loop_test(tcase, every_value_has_a_name_of_its_own, 0, NENUMERATIONS);
    tcase_add_loop_test(tcase, other_values_have_no_name, 0, NENUMERATIONS);
    tcase_add_test(tcase, version_is_that_of_the_header);
    tcase_add_test(tcase, unknown_formats_have_no_size);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
