/* Sharded safetensors models: right ones, and indexes that do not agree with their shards. */
#include "safetensors.h"
#include "source_heap.h"

#include "hostile.h"
#include "suite.h"
#include "temp_dir.h"

/* A file of I8 tensors, each with as many elements as its name has bytes. */
static void write_shard(const char *file, const char *const *names)
{
    struct bytes header = {0};
    unsigned end = 0;
    for (size_t i = 0; names[i] != NULL; i++) {
        char text[256];
        unsigned size = (unsigned)strlen(names[i]);
        snprintf(text, sizeof text,
                 "%c\"%s\":{\"dtype\":\"I8\",\"shape\":[%u],\"data_offsets\":[%u,%u]}",
                 i > 0 ? ',' : '{', names[i], size, end, end + size);
        put_text(&header, text);
        end += size;
    }
    put_text(&header, "}");
    struct bytes whole = {0};
    put_u64(&whole, header.size);
    put(&whole, header.data, header.size);
    put_repeated(&whole, 1, end);
    temp_write(file, whole.data, whole.size);
    bytes_free(&header);
    bytes_free(&whole);
}

static void write_model(void)
{
    static const char *const first[] = {"alpha", "b", NULL};
    static const char *const second[] = {"c", "delta", NULL};
    static const char *const third[] = {"b", NULL};
    temp_dir_make();
    write_shard("m-1.safetensors", first);
    write_shard("m-2.safetensors", second);
    write_shard("double.safetensors", third);
    temp_write("broken.safetensors", "broken", 6);
}

static bool opens(const char *index, size_t length, struct tensor_list *list, struct error *error)
{
    temp_write("m.safetensors.index.json", index, length);
    struct source *source = source_new_file(temp_path("m.safetensors.index.json"), error);
    ck_assert_msg(source != NULL, "%s", error->text);
    bool good = safetensors_index_open(source, list, error);
    if (!good) {
        source_delete(source);
        ck_assert_uint_eq(list->count, 0);
        ck_assert_ptr_nonnull(strstr(error->text, "/m.safetensors.index.json: "));
    }
    return good;
}

#define MAP(text) "{\"weight_map\":{" text "}}"
#define ONE       "\"alpha\":\"m-1.safetensors\",\"b\":\"m-1.safetensors\""
#define TWO       "\"c\":\"m-2.safetensors\",\"delta\":\"m-2.safetensors\""

static const struct index_case {
    const char *what;
    const char *index;
    const char *word; /* of the message; NULL: accepted */
} index_cases[] = {
    {"both", MAP(ONE "," TWO), NULL},
    {"both, mixed", MAP(TWO "," ONE), NULL},
    {"with metadata", "{\"metadata\":{\"total_size\":12},\"weight_map\":{" ONE "}} \n", NULL},
    {"one", MAP(TWO), NULL},
    {"none", MAP(""), NULL},
    {"no map", "{\"metadata\":{}}", "weight_map is missing"},
    {"two maps", "{\"weight_map\":{},\"weight_map\":{}}", "two members weight_map"},
    {"the map an array", "{\"weight_map\":[]}", "weight_map"},
    {"the map a string", "{\"weight_map\":\"m-1.safetensors\"}", "weight_map"},
    {"empty", "", "'{'"},
    {"an array", "[]", "'{'"},
    {"open", "{\"weight_map\":{" ONE "}", "'}'"},
    {"text behind", MAP(ONE) "x", "closing brace"},
    {"metadata no JSON", "{\"metadata\":{]},\"weight_map\":{" ONE "}}", "JSON"},
    {"file a number", MAP("\"alpha\":1"), "string"},
    {"file null", MAP("\"alpha\":null"), "string"},
    {"path upwards", MAP("\"alpha\":\"../m-1.safetensors\""), "no plain file name"},
    {"absolute path", MAP("\"alpha\":\"/etc/passwd\""), "no plain file name"},
    {"path downwards", MAP("\"alpha\":\"a/b\""), "no plain file name"},
    {"escaped slash", MAP("\"alpha\":\"..\\u002fm-1.safetensors\""), "no plain file name"},
    {"backslash", MAP("\"alpha\":\"..\\\\m-1.safetensors\""), "no plain file name"},
    {"dots", MAP("\"alpha\":\"..\""), "no plain file name"},
    {"dot", MAP("\"alpha\":\".\""), "no plain file name"},
    {"empty name", MAP("\"alpha\":\"\""), "no plain file name"},
    {"control bytes", MAP("\"alpha\":\"a\\u001b[31m\""), "no plain file name"},
    {"no such file", MAP("\"alpha\":\"m-3.safetensors\""), "m-3.safetensors: No such file"},
    {"broken shard", MAP("\"alpha\":\"broken.safetensors\""), "broken.safetensors: 6 bytes"},
    {"itself", MAP("\"alpha\":\"m.safetensors.index.json\""), "header of"},
    {"not in its shard", MAP(ONE ",\"c\":\"m-1.safetensors\""), "\"c\": is not in m-1"},
    {"in the other shard", MAP(ONE "," TWO ",\"e\":\"m-2.safetensors\""), "\"e\": is not in m-2"},
    {"shards swapped", MAP("\"alpha\":\"m-2.safetensors\",\"c\":\"m-1.safetensors\""),
     "\"alpha\": is not in m-2"},
    {"mapped twice", MAP(ONE ",\"b\":\"m-1.safetensors\""), "\"b\": is mapped twice"},
    {"missing in the index", MAP("\"alpha\":\"m-1.safetensors\""),
     "\"b\": is in m-1.safetensors, but not in the index"},
    {"in two shards", MAP(ONE ",\"b\":\"double.safetensors\""), "\"b\": the name occurs twice"},
};

START_TEST(indexes)
{
    const struct index_case *c = &index_cases[_i];
    struct error error = {""};
    struct tensor_list list = {0};
    bool good = opens(c->index, strlen(c->index), &list, &error);
    tensor_list_free(&list);
    if (c->word == NULL) {
        ck_assert_msg(good, "%s: refused: %s", c->what, error.text);
        return;
    }
    ck_assert_msg(!good, "%s: accepted", c->what);
    ck_assert_msg(strstr(error.text, c->word) != NULL, "%s: \"%s\" does not say \"%s\"", c->what,
                  error.text, c->word);
}
END_TEST

START_TEST(tensors_come_shard_after_shard)
{
    static const char *const names[] = {"alpha", "b", "c", "delta"};
    static const char index[] = MAP(TWO "," ONE);
    struct error error;
    struct tensor_list list = {0};
    ck_assert_msg(opens(index, sizeof index - 1, &list, &error), "%s", error.text);
    ck_assert_uint_eq(list.count, 4);
    for (size_t i = 0; i < 4; i++) {
        ck_assert_str_eq(list.tensors[i].name, names[i]);
        ck_assert_uint_eq(list.tensors[i].nbytes, strlen(names[i]));
        ck_assert_ptr_nonnull(
            strstr(list.tensors[i].source->name, i < 2 ? "/m-1.safetensors" : "/m-2.safetensors"));
    }
    tensor_list_free(&list);
}
END_TEST

START_TEST(a_million_entries)
{
    struct bytes index = {0};
    struct error error;
    struct tensor_list list = {0};
    put_text(&index, "{\"weight_map\":{");
    for (unsigned i = 0; i < 1000000; i++) {
        char entry[64];
        snprintf(entry, sizeof entry, "%s\"%u\":\"f%u\"", i > 0 ? "," : "", i, i);
        put_text(&index, entry);
    }
    put_text(&index, "}}");
    ck_assert(!opens((const char *)index.data, index.size, &list, &error));
    ck_assert_msg(strstr(error.text, "more than 10000 files") != NULL, "%s", error.text);
    tensor_list_free(&list);
    bytes_free(&index);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("safetensors_index");
    TCase *all = tcase_create("indexes");
    tcase_set_timeout(all, 0);
    tcase_add_checked_fixture(all, write_model, temp_dir_remove);
    tcase_add_loop_test(all, indexes, 0, (int)(sizeof index_cases / sizeof index_cases[0]));
    tcase_add_test(all, tensors_come_shard_after_shard);
    tcase_add_test(all, a_million_entries);
    suite_add_tcase(suite, all);

    return suite_run(suite);
}
