/* Logits files: rows, bytes of whole files, and files that must be refused. */
#include "allocation.h"
#include "error.h"
#include "hostile.h"
#include "kld_example.h"
#include "kld_files.h"
#include "suite.h"
#include "temp_dir.h"

#include <math.h>
#include <omp.h>
#include <sys/stat.h>
#include <xxhash.h>

/* ------------------------------------------------------------------------------------------------
 * Rows
 */

static const struct row_case {
    float range;
    uint8_t bytes[16];
    float decoded[4];
} row_cases[] = {
    {LOGITS_RANGE_LLAMA_CPP,
     {0x80, 0x00, 0x80, 0x39, 0x82, 0x63, 0x80, 0xc1, 0xff, 0xff, 0xff, 0xcf, 0, 0, 0, 0},
     {-0.0485878f, -3.0486336f, -16.0485878f, -16.0485878f}},
    {LOGITS_RANGE_IK_LLAMA_CPP,
     {0xc0, 0x00, 0xc0, 0x39, 0x82, 0x63, 0xc0, 0xc1, 0xff, 0xff, 0xff, 0xdf, 0xaa, 0x2a, 0, 0},
     {-0.0485878f, -3.0486336f, -20.0487709f, -24.0485878f}},
};

START_TEST(rows_have_the_bytes_of_the_tools)
{
    const float logits[] = {0.0f, -3.0f, -20.0f, -30.0f};
    for (size_t i = 0; i < sizeof row_cases / sizeof *row_cases; i++) {
        const struct row_case *c = &row_cases[i];
        uint8_t row[16];
        float decoded[4];
        struct logits_row facts;
        struct error error;
        ck_assert_uint_eq(logits_row_bytes(4), sizeof row);
        logits_row_encode(logits, 4, c->range, row);
        ck_assert_mem_eq(row, c->bytes, sizeof row);
        ck_assert(logits_row_decode(row, 4, decoded, &facts, &error));
        for (int k = 0; k < 4; k++)
            ck_assert_double_eq_tol((double)decoded[k], (double)c->decoded[k], 2e-6);
        ck_assert_double_eq_tol((double)facts.range, (double)c->range, 1e-5);
        ck_assert(facts.minimum == decoded[3]);
    }
}
END_TEST

/* Logits of any size, the largest first: what is written can be read, is ordered as they are, and
 * adds up to 1. */
START_TEST(extreme_logits_make_rows_that_can_be_read)
{
    static const float cases[][3] = {
        {0.0f, 0.0f, 0.0f},           {3e38f, 3e38f, -3e38f},      {-3e38f, -3e38f, -3e38f},
        {0x1p-140f, 0.0f, 0x1p-149f}, /* the scale is 0 */
        {0x1p-126f, 0.0f, 0x1p-127f}, /* it is subnormal, its inverse infinite */
        {2e-30f, 0.0f, 1e-30f},       {1000.0f, 990.0f, -1000.0f}, {16.0f, 0.0f, 8.0f},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (uint32_t n = 1; n <= 3; n++) {
            uint8_t row[16];
            float decoded[3];
            struct logits_row facts;
            struct error error = {""};
            logits_row_encode(cases[i], n, 16.0f, row);
            ck_assert_msg(logits_row_decode(row, n, decoded, &facts, &error), "%zu: %s", i,
                          error.text);
            float scale;
            uint16_t largest;
            memcpy(&scale, row, sizeof scale);
            memcpy(&largest, row + 8, sizeof largest);
            ck_assert_uint_eq(largest, scale > 0.0f ? 65535 : 0);
            double sum = 0.0;
            for (uint32_t k = 0; k < n; k++) {
                ck_assert(cases[i][k] <= cases[i][0] || decoded[k] >= decoded[0]);
                sum += exp((double)decoded[k]);
            }
            /* Next to 3e38 there is no 3e38 - 16. */
            ck_assert_double_ge(sum, 1.0 - 2e-4);
            ck_assert(sum <= 1.0 + 2e-4 || cases[i][0] > 1e8f);
        }
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * The file of the example
 */

static struct kld_example example;

static struct bytes read_whole(const char *path)
{
    struct bytes bytes = {0};
    FILE *file = fopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    for (int c; (c = fgetc(file)) != EOF;)
        put(&bytes, &(uint8_t){(uint8_t)c}, 1);
    fclose(file);
    return bytes;
}

static struct bytes example_bytes(float range)
{
    kld_example_make(&example);
    temp_dir_make();
    kld_example_write(&example, example.base[0], range, temp_path("base.kld"));
    struct bytes bytes = read_whole(temp_path("base.kld"));
    temp_dir_remove();
    return bytes;
}

/*
 * The files that the tools' own encoder makes, SHA-256
 *     66a67fa37fd8104922215dc2fc58dccb3f8afb5c9d086c10a64fb6b5624ee61c and
 *     e163e604e48a02a78aea01e748141900076e275d2f584e7c49de7c962ab71ed7.
 */
START_TEST(files_have_the_bytes_of_the_tools)
{
    static const uint8_t first_row[] = {0xda, 0x00, 0x5a, 0x39, 0xd7, 0x4a, 0x5d, 0xc1, 0xff, 0xff,
                                        0xf1, 0x8d, 0xe5, 0xd6, 0x30, 0xd7, 0x00, 0x00, 0x00, 0x00};
    struct bytes narrow = example_bytes(LOGITS_RANGE_LLAMA_CPP);
    struct bytes wide = example_bytes(LOGITS_RANGE_IK_LLAMA_CPP);
    ck_assert_uint_eq(narrow.size, 3700);
    ck_assert_uint_eq(wide.size, 3700);
    ck_assert_mem_eq(narrow.data + 1300, first_row, sizeof first_row);
    ck_assert_uint_eq(XXH3_64bits(narrow.data, narrow.size), UINT64_C(0x67076fedfd238a4b));
    ck_assert_uint_eq(XXH3_64bits(wide.data, wide.size), UINT64_C(0x4e766c6f7c3103bf));
    bytes_free(&narrow);
    bytes_free(&wide);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Reading
 */

/* Reads the bytes to the last row, as base and as other, in memory that their size bounds. Frees
 * them. */
static bool read_bytes(struct bytes *bytes, struct kld_files *files, struct error *error)
{
    uint8_t *copy = exact_copy(bytes);
    struct source source;
    struct logits_file file;
    omp_set_num_threads(2);
    allocation_watch(ALLOCATION_NEVER_FAILS);
    ck_assert(source_open_memory(&source, "file", copy, bytes->size, error));
    bool good = logits_open(&file, &source, error);
    ck_assert_uint_le(allocation_bytes(), 64 + bytes->size);
    if (good) {
        *files = (struct kld_files){
            .settings = {.cutoff = KLD_CUTOFF, .ntops = 1, .tops = {40}},
            .base = &file,
            .others = &file,
            .nothers = 1,
        };
        good = kld_files_read(files, error);
        ck_assert_uint_le(allocation_bytes(), ((size_t)1 << 20) + 20 * bytes->size);
        logits_close(&file);
    }
    free(copy);
    bytes_free(bytes);
    return good;
}

/* `word`: part of the message, or NULL if the file is right. */
static void expect(struct bytes *bytes, const char *word)
{
    struct kld_files files = {.nothers = 1};
    struct error error = {""};
    if (read_bytes(bytes, &files, &error)) {
        ck_assert_msg(word == NULL, "accepted, where \"%s\" was expected", word);
        kld_files_free(&files);
        return;
    }
    ck_assert_msg(word != NULL, "refused: %s", error.text);
    ck_assert_msg(strncmp(error.text, "file: ", 6) == 0 && strstr(error.text, word) != NULL,
                  "\"%s\" does not say \"%s\"", error.text, word);
}

START_TEST(a_file_against_itself_is_no_distance)
{
    for (int clamp = 16; clamp <= 24; clamp += 8) {
        struct bytes bytes = example_bytes((float)clamp);
        struct kld_files files;
        struct error error;
        ck_assert(read_bytes(&bytes, &files, &error));
        ck_assert_uint_eq(files.tokens[0].count, EXAMPLE_ROWS);
        ck_assert_uint_eq(files.tokens[0].per_chunk, EXAMPLE_PER_CHUNK);
        ck_assert_uint_eq(files.settings.tops[0], EXAMPLE_VOCABULARY);
        for (int i = 0; i < EXAMPLE_ROWS; i++) {
            ck_assert(files.tokens[0].items[i].kld == 0.0);
            ck_assert(files.tokens[0].items[i].nll == files.nll_base[i]);
        }
        /* No row is as wide as 24. */
        ck_assert(clamp == 16 ? kld_files_clamp(&files) == 16.0 : isnan(kld_files_clamp(&files)));
        kld_files_free(&files);
    }
}
END_TEST

/* Four bytes of the example's file replaced. */
static struct bytes with_u32(size_t offset, uint32_t value)
{
    struct bytes bytes = example_bytes(16.0f);
    ck_assert_uint_le(offset + sizeof value, bytes.size);
    memcpy(bytes.data + offset, &value, sizeof value);
    return bytes;
}

enum {
    CONTEXT_AT = 8,
    VOCABULARY_AT = 12,
    CHUNKS_AT = 16,
    TOKENS_AT = 20,
    ROW_BYTES = 20,
    ROWS_AT = 1300,
    LAST_ROW_AT = ROWS_AT + (EXAMPLE_ROWS - 1) * ROW_BYTES
};

static const struct replaced {
    size_t offset;
    uint32_t value;
    const char *word;
} replaced[] = {
    {4, 0x5f73745f, "_logits_"},
    {CONTEXT_AT, 0, "context is 0"},
    {CONTEXT_AT, 1, "context is 1"},
    {CONTEXT_AT, 2, "context is 2"},
    {CONTEXT_AT, (uint32_t)-1, "context is -1"},
    {CONTEXT_AT, 0x7fffffff, "bytes"},
    {CONTEXT_AT, 9, "bytes"},
    {VOCABULARY_AT, 0, "vocabulary is 0"},
    {VOCABULARY_AT, (uint32_t)-5, "vocabulary is -5"},
    {VOCABULARY_AT, 0x7fffffff, "bytes"},
    {VOCABULARY_AT, 0x80000000, "vocabulary is -2147483648"},
    {VOCABULARY_AT, 7, "bytes"},
    {VOCABULARY_AT, 4, "bytes"},
    {VOCABULARY_AT, 6, NULL}, /* the padding is the code of one more token */
    {CHUNKS_AT, 0, "number of chunks is 0"},
    {CHUNKS_AT, (uint32_t)-40, "number of chunks is -40"},
    {CHUNKS_AT, 41, "bytes"},
    {CHUNKS_AT, 39, "bytes"},
    {CHUNKS_AT, 0x20000000, "bytes"}, /* 8 times that is 2^32 */
    {CHUNKS_AT, 0x20000028, "bytes"}, /* 40 of it after the overflow */
    {TOKENS_AT, (uint32_t)-1, "token 0 of chunk 0 is -1"},
    {TOKENS_AT + 4 * 17, 5, "token 1 of chunk 2 is 5"},
    {ROWS_AT - 4, 0x7fffffff, "token 7 of chunk 39 is 2147483647"},
    {ROWS_AT, 0x7fc00000, "row 0: its scale is nan"},
    {ROWS_AT, 0x7f800000, "row 0: its scale is inf"},
    {ROWS_AT + ROW_BYTES, 0xb8000000, "row 1: its scale is -"},
    {LAST_ROW_AT, 1, NULL}, /* a subnormal scale */
    {LAST_ROW_AT, 0, "row 119: its scale is 0, yet it has the code"},
    {LAST_ROW_AT, 0x7f000000, "row 119: it has a probability of e^"},
    {ROWS_AT + 4, 0x7fc00000, "row 0: its smallest logarithm of a probability is nan"},
    {ROWS_AT + 4, 0xff800000, "row 0: its smallest logarithm of a probability is -inf"},
    {ROWS_AT + 4, 0x3f800000, "row 0: its smallest logarithm of a probability is 1"},
    {ROWS_AT + 4, 0x80000000, "row 0: it has a probability of e^"},
};

START_TEST(replaced_numbers_are_named)
{
    struct bytes bytes = with_u32(replaced[_i].offset, replaced[_i].value);
    expect(&bytes, replaced[_i].word);
}
END_TEST

/* The vocabulary is odd: the last two bytes of a row mean nothing. */
START_TEST(padding_is_ignored)
{
    struct bytes bytes = example_bytes(16.0f), padded = example_bytes(16.0f);
    struct kld_files files, padded_files;
    struct error error;
    for (int row = 0; row < EXAMPLE_ROWS; row++)
        memset(padded.data + ROWS_AT + (row + 1) * ROW_BYTES - 2, 0xff, 2);
    ck_assert(read_bytes(&bytes, &files, &error));
    ck_assert(read_bytes(&padded, &padded_files, &error));
    ck_assert_mem_eq(files.nll_base, padded_files.nll_base, EXAMPLE_ROWS * sizeof(float));
    kld_files_free(&files);
    kld_files_free(&padded_files);
}
END_TEST

START_TEST(a_flat_row_is_read)
{
    struct bytes bytes = example_bytes(16.0f);
    const float row[5] = {0.0f, -1.6094379f};
    memcpy(bytes.data + ROWS_AT, row, sizeof row);
    expect(&bytes, NULL);
}
END_TEST

START_TEST(cut_files_are_refused)
{
    struct bytes whole = example_bytes(16.0f);
    for (size_t size = 0; size < whole.size; size += size < 32 ? 1 : 61) {
        struct bytes cut = {0};
        put(&cut, whole.data, size);
        expect(&cut, size < TOKENS_AT ? "in a header of 20" : "bytes");
    }
    struct bytes shorter = {0};
    put(&shorter, whole.data, whole.size - 1);
    expect(&shorter, "it has 3699 bytes");
    put_repeated(&whole, 0, 1);
    expect(&whole, "it has 3701 bytes");
}
END_TEST

START_TEST(a_big_endian_file_is_named_so)
{
    struct bytes bytes = example_bytes(16.0f);
    for (size_t at = CONTEXT_AT; at < TOKENS_AT; at += 4) {
        uint8_t *b = bytes.data + at, reversed[4] = {b[3], b[2], b[1], b[0]};
        memcpy(b, reversed, sizeof reversed);
    }
    expect(&bytes, "big-endian");
}
END_TEST

/* Of several bad rows, which different threads read, the first is named. */
START_TEST(the_first_bad_row_is_named)
{
    enum {
        VOCABULARY = 30000, /* two rows are read at a time */
        ROWS = 60
    };
    for (int i = 0; i < 10; i++) {
        struct bytes bytes = {0};
        put_text(&bytes, "_logits_");
        put_u32(&bytes, 2 * (ROWS + 1));
        put_u32(&bytes, VOCABULARY);
        put_u32(&bytes, 1);
        put_repeated(&bytes, 0, 4 * 2 * (ROWS + 1));
        for (int row = 0; row < ROWS; row++) {
            put_f32(&bytes, row >= 20 + i ? NAN : 0.0f);
            put_f32(&bytes, -10.3f);
            put_repeated(&bytes, 0, 2 * VOCABULARY);
        }
        char word[16];
        snprintf(word, sizeof word, "row %d:", 20 + i);
        expect(&bytes, word);
    }
}
END_TEST

/* Every allocation fails once. */
START_TEST(failed_allocations_are_survived)
{
    bool read = false;
    for (size_t fails_at = 0; !read; fails_at++) {
        struct bytes bytes = example_bytes(16.0f);
        struct source source;
        struct logits_file file;
        struct error error = {""};
        omp_set_num_threads(2);
        ck_assert(source_open_memory(&source, "file", bytes.data, bytes.size, &error));
        allocation_watch(fails_at);
        if (logits_open(&file, &source, &error)) {
            struct kld_files files = {.base = &file, .others = &file, .nothers = 1};
            read = kld_files_read(&files, &error);
            allocation_watch(ALLOCATION_NEVER_FAILS);
            if (read)
                kld_files_free(&files);
            logits_close(&file);
        }
        allocation_watch(ALLOCATION_NEVER_FAILS);
        ck_assert_msg(read || strstr(error.text, "memory") != NULL, "said: %s", error.text);
        ck_assert_uint_le(fails_at, 100);
        bytes_free(&bytes);
    }
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Writing
 */

START_TEST(writers_refuse_what_is_no_file)
{
    struct logits_writer writer;
    struct error error;
    temp_dir_make();
    char path[512];
    snprintf(path, sizeof path, "%s", temp_path("x.kld"));
    kld_example_make(&example);
    const struct logits_shape bad_shapes[] = {{2, 5, 40}, {8, 0, 40}, {8, 5, 0}, {8, 5, 1u << 31}};
    for (size_t i = 0; i < sizeof bad_shapes / sizeof *bad_shapes; i++)
        ck_assert(
            !logits_writer_open(&writer, path, &bad_shapes[i], example.tokens, 16.0f, &error));
    const struct logits_shape too_few_words = {8, 4, 40};
    ck_assert(!logits_writer_open(&writer, path, &too_few_words, example.tokens, 16.0f, &error));
    ck_assert_ptr_nonnull(strstr(error.text, "outside the vocabulary"));

    ck_assert(logits_writer_open(&writer, path, &example.shape, example.tokens, 16.0f, &error));
    const float nan[] = {0.0f, 1.0f, NAN, 0.0f, 0.0f};
    ck_assert(!logits_writer_add(&writer, nan, &error));
    ck_assert_ptr_nonnull(strstr(error.text, "token 2 in row 0 is nan"));
    ck_assert(logits_writer_add(&writer, example.base[0], &error));
    ck_assert(!logits_writer_commit(&writer, &error));
    ck_assert_ptr_nonnull(strstr(error.text, "1 of 120 rows"));
    logits_writer_close(&writer);
    struct stat status;
    ck_assert_int_ne(stat(path, &status), 0);
    temp_dir_remove();
}
END_TEST

START_TEST(sizes_are_those_of_real_files)
{
    const struct logits_shape llama2 = {512, 32000, 655}, llama3 = {512, 128256, 564};
    const struct logits_shape odd = {7, 5, 1}, huge = {INT32_MAX, INT32_MAX, INT32_MAX};
    const struct logits_shape long_text = {8, 1, 1u << 29}; /* 2^32 tokens */
    struct error error;
    uint64_t size;
    ck_assert(logits_file_size(&llama2, &size, &error));
    ck_assert_uint_eq(size, UINT64_C(10692277660));
    ck_assert(logits_file_size(&llama3, &size, &error));
    ck_assert_uint_eq(size, UINT64_C(36893861492));
    ck_assert_uint_eq(logits_rows_per_chunk(&llama2), 255);
    ck_assert_uint_eq(logits_rows_per_chunk(&odd), 3);
    ck_assert(logits_file_size(&long_text, &size, &error));
    ck_assert_uint_eq(size, 20 + UINT64_C(17179869184) + UINT64_C(12) * 1610612736);
    ck_assert(!logits_file_size(&huge, &size, &error));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("logits file");
    TCase *tcase = tcase_create("logits file");
    tcase_set_timeout(tcase, 0);
    tcase_add_test(tcase, rows_have_the_bytes_of_the_tools);
    tcase_add_test(tcase, extreme_logits_make_rows_that_can_be_read);
    tcase_add_test(tcase, files_have_the_bytes_of_the_tools);
    tcase_add_test(tcase, a_file_against_itself_is_no_distance);
    tcase_add_loop_test(tcase, replaced_numbers_are_named, 0, sizeof replaced / sizeof *replaced);
    tcase_add_test(tcase, padding_is_ignored);
    tcase_add_test(tcase, a_flat_row_is_read);
    tcase_add_test(tcase, cut_files_are_refused);
    tcase_add_test(tcase, a_big_endian_file_is_named_so);
    tcase_add_test(tcase, the_first_bad_row_is_named);
    tcase_add_test(tcase, failed_allocations_are_survived);
    tcase_add_test(tcase, writers_refuse_what_is_no_file);
    tcase_add_test(tcase, sizes_are_those_of_real_files);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
