/* safetensors headers that try to take much memory or a deep stack. */
#include "safetensors_file.h"
#include "suite.h"

#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))

#define NOTHING "\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}"

/* Opens { members }, as the file that it makes. */
static void expect_members(struct bytes *members, const char *what, const char *word)
{
    struct bytes file = {0};
    put_u64(&file, members->size + 2);
    put_text(&file, "{");
    put(&file, members->data, members->size);
    put_text(&file, "}");
    expect(&file, what, word);
    bytes_free(members);
}

START_TEST(many_tensors_without_data)
{
    struct bytes members = {0};
    for (unsigned i = 0; i < 1000000; i++) {
        char name[32];
        snprintf(name, sizeof name, "%s\"t%u", i > 0 ? "," : "", i);
        put_text(&members, name);
        put_text(&members, NOTHING);
    }
    expect_members(&members, "10^6 tensors", "more tensors than the 0 bytes of data explain");
}
END_TEST

START_TEST(thousands_of_tensors_are_normal)
{
    struct bytes members = {0};
    for (unsigned i = 0; i < 5000; i++) {
        char name[32];
        snprintf(name, sizeof name, "%s\"t%u", i > 0 ? "," : "", i);
        put_text(&members, name);
        put_text(&members, NOTHING);
    }
    expect_members(&members, "5000 tensors", NULL);
}
END_TEST

START_TEST(many_metadata)
{
    struct bytes members = {0};
    put_text(&members, "\"__metadata__\":{");
    for (unsigned i = 0; i < 1000000; i++) {
        char member[32];
        snprintf(member, sizeof member, "%s\"%u\":\"\"", i > 0 ? "," : "", i);
        put_text(&members, member);
    }
    put_text(&members, "}");
    expect_members(&members, "10^6 metadata", "more than 16384 members");
}
END_TEST

static const struct {
    size_t length;
    const char *word;
} metadata_lengths[] = {{1000000, NULL}, {10000000, "the limit is"}};

START_TEST(long_metadata)
{
    struct bytes members = {0};
    put_text(&members, "\"__metadata__\":{\"a\":\"");
    put_repeated(&members, 'x', metadata_lengths[_i].length);
    put_text(&members, "\"}");
    expect_members(&members, "a long value", metadata_lengths[_i].word);
}
END_TEST

static const struct {
    size_t length;
    const char *word;
} name_lengths[] = {{65535, NULL}, {65536, "the limit is 65535"}, {1 << 20, "the limit is"}};

START_TEST(long_names)
{
    struct bytes members = {0};
    put_text(&members, "\"");
    put_repeated(&members, 'k', name_lengths[_i].length);
    put_text(&members, NOTHING);
    expect_members(&members, "a long name", name_lengths[_i].word);
}
END_TEST

START_TEST(deep_nesting)
{
    static const char *const places[] = {"\"t\":", "\"__metadata__\":", "\"t\":{\"shape\":"};
    static const char brackets[] = {'[', '{'};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        for (size_t j = 0; j < sizeof brackets; j++) {
            struct bytes members = {0};
            put_text(&members, places[i]);
            put_repeated(&members, (uint8_t)brackets[j], 100000);
            expect_members(&members, places[i], "too deeply");
        }
    }
}
END_TEST

START_TEST(long_entries)
{
    struct bytes members = {0};
    put_text(&members, "\"t\":{\"x\":[0");
    for (unsigned i = 0; i < 1000000; i++) {
        put_text(&members, ",0");
    }
    put_text(&members, "],\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}");
    expect_members(&members, "a long entry", "the limit is 4096");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("safetensors_bombs");
    TCase *all = tcase_create("bombs");
    tcase_set_timeout(all, 0);
    tcase_add_checked_fixture(all, count_jansson, NULL);
    tcase_add_test(all, many_tensors_without_data);
    tcase_add_test(all, thousands_of_tensors_are_normal);
    tcase_add_test(all, many_metadata);
    tcase_add_loop_test(all, long_metadata, 0, COUNT(metadata_lengths));
    tcase_add_loop_test(all, long_names, 0, COUNT(name_lengths));
    tcase_add_test(all, deep_nesting);
    tcase_add_test(all, long_entries);
    suite_add_tcase(suite, all);

    return suite_run(suite);
}
