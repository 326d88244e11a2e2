/* Messages (error.c) and bytes to parse (source.c). */
#include "error.h"
#include "source.h"
#include "suite.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Check has a deprecated macro of this name. */
#undef fail

/* ------------------------------------------------------------------------------------------------
 * Messages
 */

START_TEST(messages_grow_to_the_left)
{
    struct error error;
    ck_assert(!fail(&error, "value %d", 7));
    ck_assert_str_eq(error.text, "value 7");
    ck_assert(!fail_in(&error, "row %d", 3));
    ck_assert_str_eq(error.text, "row 3: value 7");
    ck_assert(!fail_in_named(&error, "tensor", "a\nb"));
    ck_assert_str_eq(error.text, "tensor \"a\\x0ab\": row 3: value 7");
    ck_assert(!fail(&error, "again %s", error.text));
    ck_assert_str_eq(error.text, "again tensor \"a\\x0ab\": row 3: value 7");
}
END_TEST

START_TEST(long_messages_are_cut)
{
    struct error error;
    char text[2000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    (void)fail(&error, "%s", text);
    ck_assert_uint_eq(strlen(error.text), sizeof error.text - 1);
    (void)fail_in(&error, "first");
    ck_assert_uint_eq(strlen(error.text), sizeof error.text - 1);
    ck_assert_int_eq(strncmp(error.text, "first: xxx", 10), 0);
}
END_TEST

static const struct escape_case {
    const char *bytes;
    size_t length;
    const char *escaped;
} escape_cases[] = {
    {"", 0, ""},
    {"blk.0.attn_q.weight", 19, "blk.0.attn_q.weight"},
    {"a\0b", 3, "a\\x00b"},
    {"\x1b[31mred\r\n\t", 11, "\\x1b[31mred\\x0d\\x0a\\x09"},
    {"\"'\\", 3, "\\x22\\x27\\x5c"},
    {"\x7f", 1, "\\x7f"},
    {"\xc3\xa9\xe2\x96\x81\xf0\x9f\x98\x80", 9, "\xc3\xa9\xe2\x96\x81\xf0\x9f\x98\x80"},
    {"\xff\xfe", 2, "\\xff\\xfe"},
    {"\xc3", 1, "\\xc3"},                            /* cut short */
    {"\xe2\x96!", 3, "\\xe2\\x96!"},                 /* broken off */
    {"\xc0\xaf", 2, "\\xc0\\xaf"},                   /* overlong */
    {"\xe0\x80\xaf", 3, "\\xe0\\x80\\xaf"},          /* overlong */
    {"\xed\xa0\x80", 3, "\\xed\\xa0\\x80"},          /* a surrogate */
    {"\xf4\x90\x80\x80", 4, "\\xf4\\x90\\x80\\x80"}, /* above U+10FFFF */
    {"\xc2\x9b", 2, "\\xc2\\x9b"},                   /* U+009B, a control sequence introducer */
    {"\xe2\x80\xae", 3, "\\xe2\\x80\\xae"},          /* U+202E, right to left override */
    {"\xe2\x80\x8b", 3, "\\xe2\\x80\\x8b"},          /* U+200B, zero width space */
    {"\xef\xbb\xbf", 3, "\\xef\\xbb\\xbf"},          /* U+FEFF, byte order mark */
};

START_TEST(escape_makes_bytes_printable)
{
    const struct escape_case *c = &escape_cases[_i];
    char out[64];
    ck_assert_ptr_eq(escape(out, sizeof out, c->bytes, c->length), out);
    ck_assert_str_eq(out, c->escaped);
}
END_TEST

START_TEST(escape_cuts_at_a_whole_character)
{
    char out[12];
    ck_assert_str_eq(escape(out, 12, "12345678901", 11), "12345678901");
    ck_assert_str_eq(escape(out, 12, "123456789012", 12), "12345678...");
    ck_assert_str_eq(escape(out, 12, "1234567\xc3\xa9 and more", 18), "1234567...");
    ck_assert_str_eq(escape(out, 12, "12345\n\n\n", 8), "12345...");
    ck_assert_str_eq(escape(out, 4, "1234", 4), "...");
    ck_assert_str_eq(escape(out, 3, "1234", 4), "");
    out[0] = '!';
    (void)escape(out, 0, "1234", 4);
    ck_assert_int_eq(out[0], '!');
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Sources
 */

static char directory[64];
static char path[128];

static void make_directory(void)
{
    strcpy(directory, "/tmp/roundel-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/file", directory);
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs("0123456789", file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

static void remove_directory(void)
{
    char other[128];
    snprintf(other, sizeof other, "%s/other", directory);
    (void)unlink(other);
    (void)unlink(path);
    ck_assert_int_eq(rmdir(directory), 0);
}

static void read_all_over(const struct source *source)
{
    struct error error;
    char out[11] = {0};
    ck_assert_uint_eq(source->size, 10);
    ck_assert(source_read(source, 0, out, 10, &error));
    ck_assert_str_eq(out, "0123456789");
    ck_assert(source_read(source, 8, out, 2, &error));
    ck_assert_int_eq(memcmp(out, "89", 2), 0);
    ck_assert(source_read(source, 10, out, 0, &error));

    static const struct {
        uint64_t offset;
        size_t count;
    } outside[] = {
        {0, 11}, {9, 2}, {10, 1}, {11, 0}, {UINT64_MAX, 1}, {UINT64_MAX, 0}, {1, SIZE_MAX},
    };
    for (size_t i = 0; i < sizeof outside / sizeof outside[0]; i++) {
        ck_assert(!source_read(source, outside[i].offset, out, outside[i].count, &error));
        ck_assert_ptr_nonnull(strstr(error.text, "the file ends at 10"));
    }
}

START_TEST(memory_and_files_read_alike)
{
    struct error error;
    struct source source;
    ck_assert(source_open_memory(&source, "memory", "0123456789", 10, &error));
    read_all_over(&source);
    source_close(&source);
    source_close(&source);

    ck_assert(source_open_file(&source, path, &error));
    ck_assert_str_eq(source.name, path);
    read_all_over(&source);
    source_close(&source);
    source_close(&source);
}
END_TEST

START_TEST(empty_memory_may_be_null)
{
    struct error error;
    struct source source;
    char out;
    ck_assert(source_open_memory(&source, "nothing", NULL, 0, &error));
    ck_assert(source_read(&source, 0, &out, 0, &error));
    ck_assert(!source_read(&source, 0, &out, 1, &error));
    source_close(&source);
}
END_TEST

START_TEST(a_file_may_become_shorter)
{
    struct error error;
    struct source source;
    char out[10];
    ck_assert(source_open_file(&source, path, &error));
    ck_assert_int_eq(truncate(path, 4), 0);
    ck_assert(source_read(&source, 0, out, 4, &error));
    ck_assert(!source_read(&source, 0, out, 10, &error));
    ck_assert_ptr_nonnull(strstr(error.text, "became shorter"));
    source_close(&source);
}
END_TEST

static void expect_refusal(const char *name, const char *word)
{
    struct error error;
    struct source source;
    ck_assert_msg(!source_open_file(&source, name, &error), "%s was opened", name);
    ck_assert_msg(strstr(error.text, name) != NULL && strstr(error.text, word) != NULL,
                  "\"%s\" does not name %s and \"%s\"", error.text, name, word);
}

START_TEST(only_regular_files_are_opened)
{
    char other[128];
    snprintf(other, sizeof other, "%s/other", directory);
    expect_refusal(other, "No such file");
    expect_refusal(directory, "a directory");
    expect_refusal("/dev/null", "a character device");
    ck_assert_int_eq(mkfifo(other, 0600), 0);
    expect_refusal(other, "a FIFO"); /* and does not wait for a writer */
    ck_assert_int_eq(unlink(other), 0);
    ck_assert_int_eq(symlink(other, other), 0);
    expect_refusal(other, "symbolic links");
}
END_TEST

START_TEST(symbolic_links_are_followed)
{
    struct error error;
    struct source source;
    char other[128];
    snprintf(other, sizeof other, "%s/other", directory);
    ck_assert_int_eq(symlink(path, other), 0);
    ck_assert(source_open_file(&source, other, &error));
    read_all_over(&source);
    source_close(&source);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("source");
    TCase *messages = tcase_create("messages");
    tcase_set_timeout(messages, 0);
    tcase_add_test(messages, messages_grow_to_the_left);
    tcase_add_test(messages, long_messages_are_cut);
    tcase_add_loop_test(messages, escape_makes_bytes_printable, 0,
                        (int)(sizeof escape_cases / sizeof escape_cases[0]));
    tcase_add_test(messages, escape_cuts_at_a_whole_character);
    suite_add_tcase(suite, messages);

    TCase *sources = tcase_create("sources");
    tcase_set_timeout(sources, 0);
    tcase_add_checked_fixture(sources, make_directory, remove_directory);
    tcase_add_test(sources, memory_and_files_read_alike);
    tcase_add_test(sources, empty_memory_may_be_null);
    tcase_add_test(sources, a_file_may_become_shorter);
    tcase_add_test(sources, only_regular_files_are_opened);
    tcase_add_test(sources, symbolic_links_are_followed);
    suite_add_tcase(suite, sources);

    return suite_run(suite);
}
