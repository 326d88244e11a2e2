/* Importance matrices made of others: conversions, merges, priors. */
#include "imatrix_builder.h"
#include "imatrix_convert.h"
#include "imatrix_merge.h"
#include "imatrix_sanitize.h"
#include "imatrix_summary.h"
#include "imatrix_write.h"
#include "suite.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Opens bytes that are right, and frees them. */
static struct imatrix_sums open_bytes(struct bytes *bytes, bool tolerant)
{
    struct source source;
    struct imatrix_sums sums;
    struct error error = {""};
    ck_assert(source_open_memory(&source, "file", bytes->data, bytes->size, &error));
    ck_assert_msg(imatrix_sums_open(&sums, &source, tolerant, &error), "%s", error.text);
    source_close(&source);
    bytes_free(bytes);
    return sums;
}

static struct imatrix_sums open_gguf(const struct gguf_matrix *matrices, size_t count,
                                     uint32_t chunk_size)
{
    struct bytes bytes = {0};
    put_gguf_imatrix(&bytes, chunk_size, matrices, count);
    return open_bytes(&bytes, true);
}

/* What imatrix_write_dat() writes; the caller frees. */
static struct bytes written(const struct imatrix_sums *sums)
{
    char *text;
    size_t size;
    struct error error = {""};
    FILE *file = open_memstream(&text, &size);
    ck_assert_msg(imatrix_write_dat(sums, file, &error), "%s", error.text);
    ck_assert_int_eq(fclose(file), 0);
    return (struct bytes){.data = (uint8_t *)text, .size = size, .capacity = size};
}

static bool has_note(const struct notes *notes, const char *word)
{
    for (size_t i = 0; i < notes->count; i++)
        if (strstr(notes->lines[i], word))
            return true;
    return false;
}

static void expect_note(const struct notes *notes, const char *word)
{
    ck_assert_msg(has_note(notes, word), "no note says \"%s\"; the first: %s", word,
                  notes->count ? notes->lines[0] : "none");
}

static void expect_error(bool good, const struct error *error, const char *word)
{
    ck_assert_msg(!good, "accepted; expected: %s", word);
    ck_assert_msg(strstr(error->text, word) != NULL, "\"%s\" does not say \"%s\"", error->text,
                  word);
}

/* Values of every kind, in two entries with different calls. */
static void put_dat(struct bytes *bytes, uint32_t calls)
{
    static const float values[7] = {1.0f, 0.1f, 0.0f, 0x1p-149f, 3e-39f, 12345.678f, 1e30f};
    static const float others[2] = {0.3f, 7.0f};
    put_u32(bytes, 2);
    put_entry(bytes, "one", calls, 7, values, 7);
    put_entry(bytes, "two", 77, 2, others, 2);
    put_tail(bytes, 77, "text");
}

/* ------------------------------------------------------------------------------------------------
 * Conversions
 */

START_TEST(dat_to_gguf_and_back_gives_the_same_bytes)
{
    static const uint32_t calls[] = {1, 3, 7, 100, 365, 1024, 32767, 999999};
    static const uint64_t sizes[] = {1, 256, 512, 4096};
    struct bytes before = {0}, file = {0};
    put_dat(&before, calls[_i]);
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        struct notes notes = {0};
        struct error error = {""};
        put_dat(&file, calls[_i]);
        struct imatrix_sums sums = open_bytes(&file, false);
        ck_assert_msg(imatrix_convert(&sums, IMATRIX_GGUF, sizes[s], &notes, &error), "%s",
                      error.text);
        ck_assert(sums.format == IMATRIX_GGUF && sums.chunk_size == sizes[s] && sums.chunks == 77);
        ck_assert(sums.entries[1].squares[1] == 7.0f * (float)sizes[s]);
        ck_assert(sums.entries[1].counts[0] == 77.0 * (double)sizes[s]);
        ck_assert(!has_note(&notes, "assumed"));
        ck_assert_msg(imatrix_convert(&sums, IMATRIX_DAT, 0, &notes, &error), "%s", error.text);
        struct bytes after = written(&sums);
        ck_assert_uint_eq(after.size, before.size);
        ck_assert_mem_eq(after.data, before.data, before.size);
        bytes_free(&after);
        notes_free(&notes);
        imatrix_sums_free(&sums);
    }
    bytes_free(&before);
}
END_TEST

static const struct gguf_matrix experts[] = {
    {"w.in_sum2", 2, 3, GGUF_F32, {3, 6, 9, 9, 1000, 0}},
    {"w.counts", 1, 3, GGUF_F32, {3, 0, 1025}},
    {"w.in_sum", 2, 3, GGUF_F32, {-1, 1, 2, 3, -4, 5}},
    {"v.in_sum2", 4, 1, GGUF_F32, {512, 1024, 0, 1}},
    {"v.counts", 1, 1, GGUF_F32, {1024}},
    {"never.in_sum2", 2, 1, GGUF_F32, {0, 0}},
    {"never.counts", 1, 1, GGUF_F32, {0}},
};

START_TEST(gguf_to_dat_takes_the_mean_of_each_expert)
{
    struct imatrix_sums sums = open_gguf(experts, 7, 512);
    struct notes notes = {0};
    struct error error = {""};
    ck_assert_msg(imatrix_convert(&sums, IMATRIX_DAT, 0, &notes, &error), "%s", error.text);
    const struct imatrix_sums_entry *w = &sums.entries[0];
    /* ceil(1025 / 512) = 3 calls; the second expert has no data, and so importance 1. */
    const float values[6] = {3.0f, 6.0f, 3.0f, 3.0f, (float)(1000.0 / 1025.0 * 3.0), 0.0f};
    ck_assert(w->counts[0] == 3.0);
    ck_assert_uint_eq(w->nmatrices, 1);
    ck_assert_mem_eq(w->squares, values, sizeof values);
    ck_assert_ptr_null(w->sums);
    const struct imatrix_sums_entry *v = &sums.entries[1];
    ck_assert(v->counts[0] == 2.0);
    ck_assert(v->squares[0] == 1.0f && v->squares[1] == 2.0f && v->squares[3] == 2.0f / 1024.0f);
    const struct imatrix_sums_entry *never = &sums.entries[2];
    ck_assert(never->counts[0] == 1.0 && never->squares[0] == 1.0f);
    ck_assert_uint_eq(sums.ndatasets, 1);
    ck_assert_str_eq(sums.datasets[0], "one, two");
    expect_note(&notes, "counts of tokens become one number of calls");
    expect_note(&notes, "cannot tell, in 2 entries (\"w\" ...)");
    expect_note(&notes, "left out in 1 entry (\"w\")");
    expect_note(&notes, "the names of 2 data sets");
    notes_free(&notes);
    imatrix_sums_free(&sums);
}
END_TEST

START_TEST(what_a_conversion_assumes_is_said)
{
    static const float one = 1.0f;
    struct bytes file = {0};
    struct notes notes = {0};
    struct error error = {""};
    put_u32(&file, 2);
    put_entry(&file, "a", 0, 1, &one, 1);
    put_entry(&file, "b", 40001, 1, &one, 1);
    struct imatrix_sums sums = open_bytes(&file, false);
    ck_assert_msg(imatrix_convert(&sums, IMATRIX_GGUF, 0, &notes, &error), "%s", error.text);
    ck_assert_uint_eq(sums.chunk_size, 512);
    ck_assert_uint_eq(sums.chunks, 40001);
    ck_assert(sums.entries[0].counts[0] == 512.0 && sums.entries[0].squares[0] == 512.0f);
    expect_note(&notes, "chunks of 512 tokens are assumed");
    expect_note(&notes, "does not say how many chunks");
    expect_note(&notes, "one call, in 1 entry (\"a\")");
    ck_assert(!has_note(&notes, "rounded to binary32"));
    notes_free(&notes);
    imatrix_sums_free(&sums);

    put_u32(&file, 1);
    put_entry(&file, "a", 16777217, 1, &one, 1);
    sums = open_bytes(&file, false);
    ck_assert(imatrix_convert(&sums, IMATRIX_GGUF, 1, &notes, &error));
    expect_note(&notes, "rounded to binary32 in 1 entry (\"a\")");
    notes_free(&notes);
    imatrix_sums_free(&sums);
}
END_TEST

START_TEST(conversions_that_cannot_be)
{
    static const float large = 3e38f;
    struct bytes file = {0};
    struct notes notes = {0};
    struct error error = {""};
    put_u32(&file, 1);
    put_entry(&file, "a", 1, 1, &large, 1);
    struct imatrix_sums sums = open_bytes(&file, false);
    expect_error(imatrix_convert(&sums, IMATRIX_GGUF, 2, &notes, &error), &error,
                 "entry \"a\": value 0 would be 6e+38");
    imatrix_sums_free(&sums);

    sums = open_gguf(experts, 7, 512);
    expect_error(imatrix_convert(&sums, IMATRIX_DAT, 256, &notes, &error), &error,
                 "chunks have 512 tokens, not 256");
    imatrix_sums_free(&sums);

    sums = open_gguf(experts, 7, 0);
    expect_error(imatrix_convert(&sums, IMATRIX_DAT, 0, &notes, &error), &error,
                 "chunks have 0 tokens");
    ck_assert(imatrix_convert(&sums, IMATRIX_DAT, 512, &notes, &error));
    imatrix_sums_free(&sums);

    static const struct gguf_matrix many[] = {{"w.in_sum2", 1, 1, GGUF_F32, {1}},
                                              {"w.counts", 1, 1, GGUF_F32, {0x1p31f}}};
    sums = open_gguf(many, 2, 1);
    FILE *file_out = tmpfile();
    ck_assert_ptr_nonnull(file_out);
    ck_assert(imatrix_convert(&sums, IMATRIX_DAT, 0, &notes, &error));
    expect_error(imatrix_write_dat(&sums, file_out, &error), &error,
                 "entry \"w\": number of calls: 2147483648");
    fclose(file_out);
    imatrix_sums_free(&sums);
    notes_free(&notes);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Merges
 */

static const char *const file_names[] = {"first", "second", "third"};

START_TEST(a_merged_file_is_the_one_made_by_hand)
{
    /* 0.1 three times is not what adding in binary32 step by step gives. */
    static const float a[2] = {0.1f, 16777216.0f}, b[2] = {0.1f, 1.0f}, c[2] = {0.1f, 1.0f};
    static const float only = 5.0f;
    const float totals[2] = {(float)(3.0 * (double)0.1f), 16777218.0f};
    struct bytes file = {0}, expected = {0};
    struct imatrix_sums inputs[3], merged;
    struct notes notes = {0};
    struct error error = {""};
    put_u32(&file, 1);
    put_entry(&file, "x", 2, 2, a, 2);
    put_tail(&file, 10, "text");
    inputs[0] = open_bytes(&file, false);
    put_u32(&file, 2);
    put_entry(&file, "y", 0, 1, &only, 1);
    put_entry(&file, "x", 3, 2, b, 2);
    put_tail(&file, 20, "more");
    inputs[1] = open_bytes(&file, false);
    put_u32(&file, 1);
    put_entry(&file, "x", 4, 2, c, 2);
    put_tail(&file, 30, "text");
    inputs[2] = open_bytes(&file, false);
    ck_assert_msg(imatrix_merge(&merged, inputs, file_names, 3, &notes, &error), "%s", error.text);
    expect_note(&notes, "1 of 2 entries are not in all");
    ck_assert_uint_eq(merged.ndatasets, 2);
    free(merged.datasets[--merged.ndatasets]); /* one name, as a .dat file has */

    put_u32(&expected, 2);
    put_entry(&expected, "x", 9, 2, totals, 2);
    put_entry(&expected, "y", 0, 1, &only, 1);
    put_tail(&expected, 60, "text");
    struct bytes made = written(&merged);
    ck_assert_uint_eq(made.size, expected.size);
    ck_assert_mem_eq(made.data, expected.data, made.size);
    bytes_free(&made);
    bytes_free(&expected);
    for (size_t i = 0; i < 3; i++)
        imatrix_sums_free(&inputs[i]);
    imatrix_sums_free(&merged);
    notes_free(&notes);
}
END_TEST

START_TEST(experts_are_merged_one_by_one)
{
    static const struct gguf_matrix others[] = {
        {"w.in_sum2", 2, 3, GGUF_F32, {1, 2, 3, 4, 5, 6}},
        {"w.counts", 1, 3, GGUF_F32, {1, 2, 3}},
        {"v.in_sum2", 4, 1, GGUF_F32, {1, 1, 1, 1}},
        {"v.counts", 1, 1, GGUF_F32, {256}},
    };
    static const float sums[6] = {4, 8, 12, 13, 1005, 6};
    struct imatrix_sums inputs[2] = {open_gguf(experts, 7, 512), open_gguf(others, 4, 256)};
    struct imatrix_sums merged;
    struct notes notes = {0};
    struct error error = {""};
    ck_assert_msg(imatrix_merge(&merged, inputs, file_names, 2, &notes, &error), "%s", error.text);
    const struct imatrix_sums_entry *w = imatrix_sums_find(&merged, "w");
    ck_assert_uint_eq(w->nmatrices, 3);
    ck_assert_mem_eq(w->squares, sums, sizeof sums);
    ck_assert(w->counts[0] == 4.0 && w->counts[1] == 2.0 && w->counts[2] == 1028.0);
    ck_assert_ptr_null(w->sums);
    ck_assert(imatrix_sums_find(&merged, "v")->counts[0] == 1280.0);
    /* 5 chunks of 512 and 5 of 256. */
    ck_assert_uint_eq(merged.chunk_size, 512);
    ck_assert_uint_eq(merged.chunks, 8);
    expect_note(&notes, "the sizes of chunks differ");
    expect_note(&notes, "left out in 1 of 3 entries");
    for (size_t i = 0; i < 2; i++)
        imatrix_sums_free(&inputs[i]);
    imatrix_sums_free(&merged);

    inputs[0] = open_gguf(experts, 3, 512);
    inputs[1] = open_gguf(experts, 3, 512);
    ck_assert(imatrix_merge(&merged, inputs, file_names, 2, &notes, &error));
    ck_assert(merged.entries[0].sums[4] == -8.0f);
    for (size_t i = 0; i < 2; i++)
        imatrix_sums_free(&inputs[i]);
    imatrix_sums_free(&merged);
    notes_free(&notes);
}
END_TEST

static const struct merge_case {
    struct gguf_matrix others[2];
    const char *word;
} merge_cases[] = {
    {{{"w.in_sum2", 2, 2, GGUF_F32, {0}}, {"w.counts", 1, 2, GGUF_F32, {0}}},
     "second: entry \"w\": 4 values, but 6 in first"},
    {{{"w.in_sum2", 2, 3, GGUF_F32, {0}}, {"w.counts", 1, 1, GGUF_F32, {0}}},
     "second: entry \"w\": 1 experts, but 3 in first"},
    {{{"w.in_sum2", 2, 3, GGUF_F32, {0, 0, 0, 0, 3.4e38f}}, {"w.counts", 1, 3, GGUF_F32, {0}}},
     NULL},
};

START_TEST(matrices_that_do_not_fit)
{
    const struct merge_case *c = &merge_cases[_i];
    struct imatrix_sums inputs[2] = {open_gguf(experts, 7, 512), open_gguf(c->others, 2, 512)};
    struct imatrix_sums merged;
    struct notes notes = {0};
    struct error error = {""};
    const bool good = imatrix_merge(&merged, inputs, file_names, 2, &notes, &error);
    if (c->word)
        expect_error(good, &error, c->word);
    else
        ck_assert_msg(good, "%s", error.text);
    if (good)
        imatrix_sums_free(&merged);
    for (size_t i = 0; i < 2; i++)
        imatrix_sums_free(&inputs[i]);
    notes_free(&notes);
}
END_TEST

START_TEST(sums_that_overflow_or_weigh_nothing)
{
    static const struct {
        float value;
        uint32_t calls;
        const char *word;
    } cases[] = {
        {3e38f, 1, "entry \"x\": the sum of value 0 is 6e+38"},
        {1.0f, 0, "first: entry \"x\": 0 calls: nothing says"},
        {1.0f, (uint32_t)-2, "first: entry \"x\": -2 calls"},
    };
    struct bytes file = {0};
    struct imatrix_sums inputs[2], merged;
    struct notes notes = {0};
    struct error error = {""};
    for (size_t i = 0; i < 2; i++) {
        put_u32(&file, 1);
        put_entry(&file, "x", cases[_i].calls, 1, &cases[_i].value, 1);
        inputs[i] = open_bytes(&file, false);
    }
    expect_error(imatrix_merge(&merged, inputs, file_names, 2, &notes, &error), &error,
                 cases[_i].word);
    for (size_t i = 0; i < 2; i++)
        imatrix_sums_free(&inputs[i]);
    notes_free(&notes);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Sanitized ones
 */

START_TEST(a_prior_is_tokens_of_one)
{
    static const float sums[6] = {8, 11, 14, 14, 1005, 5};
    float means[6];
    struct imatrix_sums gguf = open_gguf(experts, 7, 512);
    struct notes notes = {0};
    struct error error = {""};
    ck_assert_msg(imatrix_add_prior(&gguf, 5, 512, &notes, &error), "%s", error.text);
    const struct imatrix_sums_entry *w = &gguf.entries[0];
    ck_assert_mem_eq(w->squares, sums, sizeof sums);
    ck_assert(w->counts[0] == 8.0 && w->counts[1] == 5.0 && w->counts[2] == 1030.0);
    ck_assert(w->sums[1] == 1.0f);
    imatrix_means(gguf.format, w, means);
    ck_assert(means[1] == 11.0f / 8.0f && means[5] == 5.0f / 1030.0f);
    /* Without data the prior is all there is. */
    imatrix_means(gguf.format, &gguf.entries[2], means);
    ck_assert(means[0] == 1.0f && means[1] == 1.0f);
    expect_note(&notes, "a prior of 5 tokens: 4 sums were 0, 2 matrices without data");
    imatrix_sums_free(&gguf);
    notes_free(&notes);

    static const float values[2] = {6.0f, 0.0f};
    struct bytes file = {0};
    put_u32(&file, 1);
    put_entry(&file, "x", 3, 2, values, 2);
    struct imatrix_sums dat = open_bytes(&file, false);
    ck_assert(imatrix_add_prior(&dat, 64, 512, &notes, &error));
    ck_assert(dat.entries[0].counts[0] == 3.0);
    ck_assert(dat.entries[0].squares[0] == (float)(3.0 * (6.0 * 512.0 + 64.0) / 1600.0));
    ck_assert(dat.entries[0].squares[1] == (float)(3.0 * 64.0 / 1600.0));
    imatrix_sums_free(&dat);
    notes_free(&notes);
}
END_TEST

START_TEST(bad_matrices_are_dropped_by_name)
{
    static const struct gguf_matrix bad[] = {
        {"w.in_sum2", 2, 3, GGUF_F32, {1, 2, 3, NAN, 5, 6}},
        {"w.counts", 1, 3, GGUF_F32, {1, 1, NAN}},
        {"v.in_sum2", 2, 1, GGUF_F32, {INFINITY, 1}},
        {"v.counts", 1, 1, GGUF_F32, {1}},
        {"u.in_sum2", 2, 1, GGUF_F32, {4, 1}},
        {"u.counts", 1, 1, GGUF_F32, {1}},
    };
    static const float kept[6] = {1, 2, 0, 0, 0, 0};
    struct imatrix_sums sums = open_gguf(bad, 6, 512);
    struct notes notes = {0};
    struct error error = {""};
    ck_assert_msg(imatrix_drop_bad(&sums, &notes, &error), "%s", error.text);
    ck_assert_uint_eq(sums.count, 2);
    ck_assert_mem_eq(sums.entries[0].squares, kept, sizeof kept);
    ck_assert(sums.entries[0].counts[0] == 1.0 && sums.entries[0].counts[1] == 0.0 &&
              sums.entries[0].counts[2] == 0.0);
    ck_assert_ptr_null(imatrix_sums_find(&sums, "v"));
    ck_assert(imatrix_sums_find(&sums, "u")->squares[0] == 4.0f);
    ck_assert_uint_eq(notes.count, 4);
    expect_note(&notes, "entry \"w\": expert 1: value 1 is nan");
    expect_note(&notes, "entry \"w\": expert 2: the count is nan");
    expect_note(&notes, "entry \"v\": value 0 is inf");
    expect_note(&notes, "entry \"v\" has no other data and is left out");
    imatrix_sums_free(&sums);
    notes_free(&notes);

    sums = open_gguf(&bad[2], 2, 512);
    expect_error(imatrix_drop_bad(&sums, &notes, &error), &error, "no entry");
    imatrix_sums_free(&sums);
    notes_free(&notes);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Summaries
 */

START_TEST(a_summary_finds_experts_without_data)
{
    struct imatrix_sums sums = open_gguf(experts, 7, 512);
    struct imatrix_summary s;
    struct error error = {""};
    const struct imatrix_sums_entry *w = &sums.entries[0];
    ck_assert(imatrix_summarise(sums.format, w, 1.0, &s, &error));
    ck_assert(s.least_count == 0.0 && s.median_count == 3.0 && s.largest_count == 1025.0);
    ck_assert_uint_eq(s.scarce, 1);
    ck_assert_uint_eq(imatrix_next_scarce(w, 0, 1.0), 1);
    ck_assert_uint_eq(imatrix_next_scarce(w, 2, 1.0), 3);
    ck_assert(s.min == 0.0f && s.max == 2.0f && s.zeros == 1 && s.ones == 3);
    ck_assert(s.median == 1.0); /* of 0, 0.98, 1, 1, 1, 2 */
    ck_assert(imatrix_summarise(sums.format, w, 4.0, &s, &error));
    ck_assert_uint_eq(s.scarce, 2);
    imatrix_sums_free(&sums);
}
END_TEST

#define COUNT(array) (int)(sizeof(array) / sizeof(array)[0])

int main(void)
{
    Suite *suite = suite_create("imatrix_make");
    TCase *tests = tcase_create("imatrix_make");
    tcase_set_timeout(tests, 0);
    tcase_add_loop_test(tests, dat_to_gguf_and_back_gives_the_same_bytes, 0, 8);
    tcase_add_test(tests, gguf_to_dat_takes_the_mean_of_each_expert);
    tcase_add_test(tests, what_a_conversion_assumes_is_said);
    tcase_add_test(tests, conversions_that_cannot_be);
    tcase_add_test(tests, a_merged_file_is_the_one_made_by_hand);
    tcase_add_test(tests, experts_are_merged_one_by_one);
    tcase_add_loop_test(tests, matrices_that_do_not_fit, 0, COUNT(merge_cases));
    tcase_add_loop_test(tests, sums_that_overflow_or_weigh_nothing, 0, 3);
    tcase_add_test(tests, a_prior_is_tokens_of_one);
    tcase_add_test(tests, bad_matrices_are_dropped_by_name);
    tcase_add_test(tests, a_summary_finds_experts_without_data);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
