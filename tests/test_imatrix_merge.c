/* Importance matrices made of others: merges, priors, bad numbers dropped. */
#include "imatrix_fixture.h"
#include "imatrix_merge.h"
#include "imatrix_sanitize.h"
#include "suite.h"

#include <math.h>

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

static const struct {
    float value;
    uint32_t calls;
    const char *word;
} bad_sums[] = {
    {3e38f, 1, "entry \"x\": the sum of value 0 is 6e+38"},
    {1.0f, 0, "first: entry \"x\": 0 calls: nothing says"},
    {1.0f, (uint32_t)-2, "first: entry \"x\": -2 calls"},
};

START_TEST(sums_that_overflow_or_weigh_nothing)
{
    struct bytes file = {0};
    struct imatrix_sums inputs[2], merged;
    struct notes notes = {0};
    struct error error = {""};
    for (size_t i = 0; i < 2; i++) {
        put_u32(&file, 1);
        put_entry(&file, "x", bad_sums[_i].calls, 1, &bad_sums[_i].value, 1);
        inputs[i] = open_bytes(&file, false);
    }
    expect_error(imatrix_merge(&merged, inputs, file_names, 2, &notes, &error), &error,
                 bad_sums[_i].word);
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

#define COUNT(array) (int)(sizeof(array) / sizeof(array)[0])

int main(void)
{
    Suite *suite = suite_create("imatrix_merge");
    TCase *tests = tcase_create("imatrix_merge");
    tcase_set_timeout(tests, 0);
    tcase_add_test(tests, a_merged_file_is_the_one_made_by_hand);
    tcase_add_test(tests, experts_are_merged_one_by_one);
    tcase_add_loop_test(tests, matrices_that_do_not_fit, 0, COUNT(merge_cases));
    tcase_add_loop_test(tests, sums_that_overflow_or_weigh_nothing, 0, COUNT(bad_sums));
    tcase_add_test(tests, a_prior_is_tokens_of_one);
    tcase_add_test(tests, bad_matrices_are_dropped_by_name);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
