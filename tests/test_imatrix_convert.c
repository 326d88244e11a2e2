/* Importance matrices of one format made of the other, and what is said about one. */
#include "imatrix_convert.h"
#include "imatrix_fixture.h"
#include "imatrix_summary.h"
#include "suite.h"

/* Values of every kind, in two entries with different calls. */
static void put_dat(struct bytes *bytes, uint32_t ncall)
{
    static const float values[7] = {1.0f, 0.1f, 0.0f, 0x1p-149f, 3e-39f, 12345.678f, 1e30f};
    static const float others[2] = {0.3f, 7.0f};
    put_u32(bytes, 2);
    put_entry(bytes, "one", ncall, 7, values, 7);
    put_entry(bytes, "two", 77, 2, others, 2);
    put_tail(bytes, 77, "text");
}

/* ------------------------------------------------------------------------------------------------
 * Conversions
 */

static const uint32_t calls[] = {1, 3, 7, 100, 365, 1024, 32767, 999999};

START_TEST(dat_to_gguf_and_back_gives_the_same_bytes)
{
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
    Suite *suite = suite_create("imatrix_convert");
    TCase *tests = tcase_create("imatrix_convert");
    tcase_set_timeout(tests, 0);
    tcase_add_loop_test(tests, dat_to_gguf_and_back_gives_the_same_bytes, 0, COUNT(calls));
    tcase_add_test(tests, gguf_to_dat_takes_the_mean_of_each_expert);
    tcase_add_test(tests, what_a_conversion_assumes_is_said);
    tcase_add_test(tests, conversions_that_cannot_be);
    tcase_add_test(tests, a_summary_finds_experts_without_data);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
