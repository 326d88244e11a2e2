/* Tokens of texts: bytes, SentencePiece's pieces, llama2.c's. */
#include "tokenizer.h"

#include "gguf.h"
#include "hostile.h"
#include "suite.h"
#include "temp_dir.h"
#include "tiny_llama.h"

#include <math.h>

static void tokens_are(const struct tokenizer *tokenizer, const char *text, size_t length,
                       const int32_t *expected, size_t count)
{
    struct token_list list = {0};
    struct error error;
    ck_assert(tokenizer_run(tokenizer, text, length, &list, &error));
    ck_assert_uint_eq(list.count, count);
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(list.ids[i] == expected[i], "token %zu is %d, not %d", i, list.ids[i],
                      expected[i]);
    token_list_free(&list);
}

#define TOKENS_ARE(tokenizer, text, ...)                                                           \
    do {                                                                                           \
        const int32_t expected_[] = {__VA_ARGS__};                                                 \
        tokens_are(tokenizer, text, sizeof(text) - 1, expected_,                                   \
                   sizeof expected_ / sizeof *expected_);                                          \
    } while (0)

/* ------------------------------------------------------------------------------------------------
 * GGUF
 */

/* The tokenizer of a model in a file, whose bytes it frees. */
static bool open_gguf(struct bytes bytes, struct tokenizer *tokenizer, struct error *error)
{
    struct llama_model model;
    temp_write("model", bytes.data, bytes.size);
    bytes_free(&bytes);
    ck_assert(llama_open(&model, temp_path("model"), error));
    const bool opened = tokenizer_open(tokenizer, &model, NULL, error);
    llama_free(&model);
    return opened;
}

static struct tiny_llama tiny;

enum {
    SPACE = 259, /* pieces of the tiny model: tiny_llama.c */
    T,
    H,
    E,
    TH,
    SPACE_TH,
    FIRST_BYTE = 3,
    BEGIN = 1
};

#define BYTE(b) (FIRST_BYTE + (b))

START_TEST(the_built_in_model_has_bytes)
{
    struct llama_model model;
    struct tokenizer tokenizer;
    struct error error;
    ck_assert(llama_open(&model, "builtin:tinylm", &error));
    ck_assert(tokenizer_open(&tokenizer, &model, NULL, &error));
    ck_assert(tokenizer.bytes_only && !tokenizer.begins && !tokenizer.space_prefix);
    /* The sign for a space is three bytes here, and a NUL is a byte. */
    TOKENS_ARE(&tokenizer, " a\n\0\xff\xe2\x96\x81", 259, BYTE('a'), BYTE('\n'), BYTE(0),
               BYTE(0xff), BYTE(0xe2), BYTE(0x96), BYTE(0x81));
    tokens_are(&tokenizer, "", 0, NULL, 0);
    tokenizer_free(&tokenizer);
    llama_free(&model);
}
END_TEST

START_TEST(pieces_join_by_score)
{
    struct tokenizer tokenizer;
    struct error error;
    tiny_llama_make(&tiny, true);
    ck_assert_msg(open_gguf(tiny_llama_gguf(&tiny, NULL), &tokenizer, &error), "%s", error.text);
    ck_assert(!tokenizer.bytes_only);
    /* "th" has a higher score than " th", which is made of it afterwards. */
    TOKENS_ARE(&tokenizer, "the", BEGIN, TH, E);
    TOKENS_ARE(&tokenizer, "e the", BEGIN, E, SPACE_TH, E);
    TOKENS_ARE(&tokenizer, " h t", BEGIN, SPACE, H, SPACE, T);
    TOKENS_ARE(&tokenizer, "tthh", BEGIN, T, TH, H);
    /* What is no piece: a letter, two bytes of a character, a byte too many, which goes with the
     * letter before it. */
    TOKENS_ARE(&tokenizer,
               "tx\xc3\xa9"
               "h",
               BEGIN, T, BYTE('x'), BYTE(0xc3), BYTE(0xa9), H);
    TOKENS_ARE(&tokenizer, "th\x80", BEGIN, T, BYTE('h'), BYTE(0x80));
    /* The sign for a space is a space. */
    TOKENS_ARE(&tokenizer, "\xe2\x96\x81t", BEGIN, SPACE, T);
    /* Control tokens are not made from text. */
    TOKENS_ARE(&tokenizer, "<s>", BEGIN, BYTE('<'), BYTE('s'), BYTE('>'));
    TOKENS_ARE(&tokenizer, "", BEGIN);
    tokenizer_free(&tokenizer);
}
END_TEST

START_TEST(a_space_comes_first_where_the_vocabulary_wants_it)
{
    const struct tiny_faults faults = {.missing_key = "tokenizer.ggml.add_space_prefix"};
    struct tokenizer tokenizer;
    struct error error;
    tiny_llama_make(&tiny, true);
    ck_assert(open_gguf(tiny_llama_gguf(&tiny, &faults), &tokenizer, &error));
    TOKENS_ARE(&tokenizer, "the", BEGIN, SPACE_TH, E);
    TOKENS_ARE(&tokenizer, " e", BEGIN, SPACE, SPACE, E);
    TOKENS_ARE(&tokenizer, "", BEGIN);
    tokenizer_free(&tokenizer);
}
END_TEST

static const struct {
    struct tiny_faults faults;
    const char *said;
} faulty[] = {
    {{.kind = "gpt2"}, "kind 'gpt2'; only 'llama'"},
    {{.missing_key = "tokenizer.ggml.model"}, "tokenizer.ggml.model"},
    {{.missing_key = "tokenizer.ggml.scores"}, "no array of f32 \"tokenizer.ggml.scores\""},
    {{.missing_key = "tokenizer.ggml.token_type"}, "no array of i32 \"tokenizer.ggml.token_type\""},
    {{.missing_key = "tokenizer.ggml.bos_token_id"}, "tokenizer.ggml.bos_token_id"},
    {{.few_scores = true}, "\"tokenizer.ggml.scores\" has 264 elements, but there are 265"},
    {{.type_of_last = 4}, "token 264 is user-defined"},
    {{.type_of_last = 6}, "token 264 shall be a byte"},
    {{.key = "tokenizer.ggml.bos_token_id", .value = 265}, "265, is none of 265"},
    {{.key = "tokenizer.ggml.add_bos_token", .value = 1}, "\"tokenizer.ggml.add_bos_token\" is no"},
};

START_TEST(faults_of_vocabularies_are_named)
{
    struct tokenizer tokenizer;
    struct error error = {"opened"};
    tiny_llama_make(&tiny, true);
    ck_assert(!open_gguf(tiny_llama_gguf(&tiny, &faulty[_i].faults), &tokenizer, &error) &&
              strstr(error.text, faulty[_i].said));
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * llama2.c
 */

/* 259 tokens without text of their own, then these. */
static const struct {
    const char *text;
    float score;
} own[] = {
    {" ", 0.0f},   {"a", 0.0f},   {"b", 0.0f},     {"\xc3\xa9", 0.0f}, {"ab", -1.0f},
    {"ba", -1.0f}, {" a", -3.0f}, {"abab", -9.0f}, {"bx", -0.5f},
};

enum {
    NOWN = sizeof own / sizeof *own,
    VOCABULARY = 259 + NOWN,
    A_SPACE = 259,
    A,
    B,
    E_ACUTE,
    AB,
    BA,
    SPACE_A,
    ABAB
};

static void put_piece(struct bytes *bytes, const char *text, float score)
{
    put_f32(bytes, score);
    put_u32(bytes, (uint32_t)strlen(text));
    put_text(bytes, text);
}

static struct bytes vocabulary(void)
{
    struct bytes bytes = {0};
    put_u32(&bytes, 6);
    for (int i = 0; i < 259; i++) {
        char text[16];
        snprintf(text, sizeof text, i < 3 ? "<%02X>" : "<0x%02X>", (unsigned)(i < 3 ? i : i - 3));
        put_piece(&bytes, text, 0.0f);
    }
    for (int i = 0; i < NOWN; i++)
        put_piece(&bytes, own[i].text, own[i].score);
    return bytes;
}

static bool read_pieces(const struct bytes *bytes, uint32_t count, struct tokenizer *tokenizer,
                        struct error *error)
{
    uint8_t *copy = exact_copy(bytes);
    struct source source;
    *tokenizer = (struct tokenizer){0};
    ck_assert(source_open_memory(&source, "memory", copy, bytes->size, error));
    const bool good = tokenizer_read_llama2c(tokenizer, &source, count, error);
    source_close(&source);
    free(copy);
    return good;
}

START_TEST(pieces_of_llama2c)
{
    struct bytes bytes = vocabulary();
    struct tokenizer tokenizer;
    struct error error;
    ck_assert_msg(read_pieces(&bytes, VOCABULARY, &tokenizer, &error), "%s", error.text);
    /* "ab" and "ba" have one score: the leftmost pair is taken. */
    TOKENS_ARE(&tokenizer, "aba", BEGIN, A_SPACE, AB, A);
    TOKENS_ARE(&tokenizer, "bab", BEGIN, A_SPACE, BA, B);
    TOKENS_ARE(&tokenizer, "abab", BEGIN, A_SPACE, ABAB);
    TOKENS_ARE(&tokenizer, "aabab", BEGIN, SPACE_A, ABAB);
    TOKENS_ARE(&tokenizer, "\xc3\xa9\xc3", BEGIN, A_SPACE, E_ACUTE, BYTE(0xc3));
    /* "bx" is a piece, but "x" is none and became a byte before. */
    TOKENS_ARE(&tokenizer, "bx", BEGIN, A_SPACE, B, BYTE('x'));
    TOKENS_ARE(&tokenizer, "", BEGIN);
    tokenizer_free(&tokenizer);
    bytes_free(&bytes);
}
END_TEST

static void refused(struct bytes bytes, uint32_t count, const char *said)
{
    struct tokenizer tokenizer;
    struct error error = {"read"};
    ck_assert_msg(!read_pieces(&bytes, count, &tokenizer, &error) && strstr(error.text, said),
                  "'%s' is not in '%s'", said, error.text);
    tokenizer_free(&tokenizer);
    bytes_free(&bytes);
}

static struct bytes vocabulary_with(size_t offset, uint32_t value)
{
    struct bytes bytes = vocabulary();
    memcpy(bytes.data + offset, &value, sizeof value);
    return bytes;
}

START_TEST(hostile_pieces_are_refused)
{
    refused(vocabulary_with(8, (uint32_t)-1), VOCABULARY, "piece 0: its length is -1");
    refused(vocabulary_with(8, 7), VOCABULARY,
            "piece 0: its length is 7, the longest shall have 6");
    refused(vocabulary_with(8, INT32_MAX), VOCABULARY, "piece 0: its length is 2147483647");
    refused(vocabulary_with(4, 0x7fc00000), VOCABULARY, "piece 0: its score is NaN");
    refused(vocabulary(), VOCABULARY + 1, "score");
    refused(vocabulary(), VOCABULARY - 1, "bytes follow the");
    refused(vocabulary(), INT32_MAX, "pieces");
    refused(vocabulary(), 258, "no tokens for all bytes");
    struct bytes huge = vocabulary_with(0, UINT32_MAX);
    const int32_t length = INT32_MAX;
    memcpy(huge.data + 8, &length, sizeof length);
    refused(huge, VOCABULARY, "piece 0");
    for (size_t size = 0; size < 40; size++) {
        struct bytes cut = vocabulary();
        cut.size = size;
        refused(cut, VOCABULARY, "");
    }
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * The rule, step by step, against random texts
 */

static int32_t naive_find(const char *text, size_t length)
{
    for (int i = 0; i < NOWN; i++)
        if (strlen(own[i].text) == length && memcmp(own[i].text, text, length) == 0)
            return 259 + i;
    return -1;
}

/* Every step looks at all pairs. Characters are single bytes here. */
static size_t naive_tokens(const char *text, size_t n, int32_t *ids)
{
    size_t start[64], length[64], count = n;
    for (size_t i = 0; i < n; i++) {
        start[i] = i;
        length[i] = 1;
        ids[i] = naive_find(text + i, 1);
    }
    for (;;) {
        size_t best = count;
        for (size_t i = 0; i + 1 < count; i++) {
            const int32_t id = ids[i] < 0 || ids[i + 1] < 0
                                   ? -1
                                   : naive_find(text + start[i], length[i] + length[i + 1]);
            if (id >= 0 &&
                (best == count ||
                 own[id - 259].score >
                     own[naive_find(text + start[best], length[best] + length[best + 1]) - 259]
                         .score))
                best = i;
        }
        if (best == count)
            break;
        ids[best] = naive_find(text + start[best], length[best] + length[best + 1]);
        length[best] += length[best + 1];
        count--;
        for (size_t i = best + 1; i < count; i++) {
            ids[i] = ids[i + 1];
            start[i] = start[i + 1];
            length[i] = length[i + 1];
        }
    }
    for (size_t i = 0; i < count; i++)
        ids[i] = ids[i] < 0 ? BYTE((uint8_t)text[start[i]]) : ids[i];
    return count;
}

START_TEST(random_texts_follow_the_rule)
{
    struct bytes bytes = vocabulary();
    struct tokenizer tokenizer;
    struct error error;
    uint32_t state = 1;
    ck_assert(read_pieces(&bytes, VOCABULARY, &tokenizer, &error));
    for (int round = 0; round < 500; round++) {
        char text[40] = " ";
        int32_t expected[41] = {BEGIN};
        const size_t n = 2 + (size_t)round % 37;
        for (size_t i = 1; i < n; i++) {
            state = state * 1664525u + 1013904223u;
            text[i] = "aabb x"[(state >> 16) % 6];
        }
        const size_t count = naive_tokens(text, n, expected + 1);
        tokens_are(&tokenizer, text + 1, n - 1, expected, count + 1);
    }
    tokenizer_free(&tokenizer);
    bytes_free(&bytes);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tokenizer");
    TCase *tcase = tcase_create("tokenizer");
    tcase_set_timeout(tcase, 0);
    tcase_add_checked_fixture(tcase, temp_dir_make, temp_dir_remove);
    tcase_add_test(tcase, the_built_in_model_has_bytes);
    tcase_add_test(tcase, pieces_join_by_score);
    tcase_add_test(tcase, a_space_comes_first_where_the_vocabulary_wants_it);
    tcase_add_loop_test(tcase, faults_of_vocabularies_are_named, 0, sizeof faulty / sizeof *faulty);
    tcase_add_test(tcase, pieces_of_llama2c);
    tcase_add_test(tcase, hostile_pieces_are_refused);
    tcase_add_test(tcase, random_texts_follow_the_rule);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
