/* Models on texts: what is scored, and what rounding changes. */
#include "eval_text.h"
#include "evaluation.h"
#include "quantile.h"
#include "suite.h"
#include "temp_dir.h"
#include "tiny_llama.h"
#include "variant.h"

#include <math.h>

static struct llama_model model; /* of the present test */

static void close_model(void)
{
    llama_free(&model);
    temp_dir_remove();
}

static void open_builtin(void)
{
    struct error error;
    ck_assert_msg(llama_open(&model, "builtin:tinylm", &error), "%s", error.text);
}

static void open_bytes(struct bytes bytes)
{
    struct error error;
    temp_write("model", bytes.data, bytes.size);
    bytes_free(&bytes);
    ck_assert_msg(llama_open(&model, temp_path("model"), &error), "%s", error.text);
}

/* The text of a file, or of the program. */
static struct eval_text text_of(const char *spec, struct eval_cut cut)
{
    struct eval_text text = {.cut = cut};
    struct tokenizer tokenizer;
    struct error error;
    ck_assert_msg(tokenizer_open(&tokenizer, &model, NULL, &error), "%s", error.text);
    ck_assert_msg(eval_text_add(&text, spec, &tokenizer, &error), "%s", error.text);
    tokenizer_free(&tokenizer);
    return text;
}

static struct evaluation evaluate(const struct eval_text *text, unsigned threads)
{
    struct evaluation evaluation = {
        .model = &model,
        .text = text,
        .settings = {.cutoff = -INFINITY, .ntops = 1, .tops = {40}},
        .threads = threads,
    };
    struct error error;
    ck_assert_msg(evaluation_open(&evaluation, &error), "%s", error.text);
    return evaluation;
}

static double mean(const float *values, size_t count)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++)
        sum += (double)values[i];
    return sum / (double)count;
}

/* ------------------------------------------------------------------------------------------------
 * The built-in model, against what PyTorch says of it: a forward pass in binary32, log-softmax in
 * binary64.
 */

START_TEST(first_tokens_have_the_reference_likelihoods)
{
    const double expected[] = {2.190495, 2.500563, 0.446799, 3.932715, 5.031204,
                               0.591735, 1.608923, 0.185247, 4.477613, 0.512259};
    open_builtin();
    struct eval_text text =
        text_of(EVAL_DEFAULT_TEXT, (struct eval_cut){.context = 11, .chunks = 1});
    struct evaluation e = evaluate(&text, 1);
    ck_assert_uint_eq(e.rows, 10);
    for (int i = 0; i < 10; i++)
        ck_assert_msg(fabs((double)e.nll[i] - expected[i]) < 1e-4, "token %d: %.6f, not %.6f", i,
                      (double)e.nll[i], expected[i]);
    evaluation_close(&e);
    eval_text_free(&text);
}
END_TEST

/* Of the 64 chunks whose mean is PyTorch's to 3e-8, the first two. */
START_TEST(whole_chunks_have_the_reference_mean)
{
    const double expected = 1.2987534;
    open_builtin();
    struct eval_text text =
        text_of(EVAL_DEFAULT_TEXT, (struct eval_cut){.context = 256, .first = 128, .chunks = 2});
    struct evaluation e = evaluate(&text, 2);
    ck_assert_uint_eq(e.rows, 254);
    ck_assert_msg(fabs(mean(e.nll, e.rows) - expected) < 1e-6, "%.8f", mean(e.nll, e.rows));
    evaluation_close(&e);
    eval_text_free(&text);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Texts
 */

START_TEST(texts_are_cut_into_chunks)
{
    open_builtin();
    temp_write("text", "abcdefghijklm", 13);
    struct eval_text text = text_of(temp_path("text"), (struct eval_cut){.context = 4, .first = 2});
    ck_assert_uint_eq(text.chunks, 3);
    ck_assert_uint_eq(text.parts[0].tokens, 13);
    ck_assert_uint_eq(eval_rows_per_chunk(&text), 1);
    for (int i = 0; i < 12; i++)
        ck_assert_int_eq(text.tokens.ids[i], 3 + 'a' + i);
    eval_text_free(&text);
    text = text_of(temp_path("text"), (struct eval_cut){.context = 4, .first = 2, .chunks = 2});
    ck_assert_uint_eq(text.chunks, 2);
    eval_text_free(&text);
}
END_TEST

START_TEST(parts_of_a_text_are_chunks)
{
    static const char stories[] = "--\nabcde \n-- fg\n--hijk--  lmnopqrstu";
    open_builtin();
    temp_write("text", stories, sizeof stories - 1);
    struct eval_text text =
        text_of(temp_path("text"), (struct eval_cut){.context = 4, .first = 0, .split = "--"});
    ck_assert_uint_eq(text.chunks, 3);
    ck_assert_uint_eq(text.parts[0].too_short, 1);
    const char expected[] = "abcdhijklmno";
    for (int i = 0; i < 12; i++)
        ck_assert_int_eq(text.tokens.ids[i], 3 + expected[i]);
    eval_text_free(&text);
}
END_TEST

static void ids_refused(const char *file, size_t size, const char *said)
{
    struct eval_text text = {.cut = {.context = 3, .first = 1}};
    struct error error = {"read"};
    temp_write("ids", file, size);
    ck_assert_msg(!eval_text_add_ids(&text, temp_path("ids"), 260, &error) &&
                      strstr(error.text, said) && strstr(error.text, "ids: "),
                  "'%s' is not in '%s'", said, error.text);
    eval_text_free(&text);
}

START_TEST(tokens_come_from_a_file_too)
{
    struct eval_text text = {.cut = {.context = 3, .first = 1}};
    struct error error;
    temp_write("ids", " 0 259\n7\t1\r\n2 3 4", 16);
    ck_assert(eval_text_add_ids(&text, temp_path("ids"), 260, &error));
    ck_assert_uint_eq(text.chunks, 2);
    ck_assert_int_eq(text.tokens.ids[1], 259);
    ck_assert_int_eq(text.tokens.ids[5], 3);
    eval_text_free(&text);
    ids_refused("1 2 x", 5, "'x' is no number");
    ids_refused("1 2 -3", 6, "'-3' is no number");
    ids_refused("1 2 3.5", 7, "'3.5' is no number");
    ids_refused("1 2 260", 7, "token 260 is none of a vocabulary of 260");
    ids_refused("1 2 99999999999999999999", 24, "is none of");
    ids_refused("1 2\0003", 5, "NUL");
    ids_refused("1 2", 3, "2 tokens, where a chunk has 3");
    ids_refused("", 0, "0 tokens");
}
END_TEST

/* The token that begins a text stands in for the first of every chunk. */
START_TEST(chunks_begin_as_texts_do)
{
    static double logits[TINY_CONTEXT * TINY_VOCABULARY];
    static struct tiny_llama tiny;
    tiny_llama_make(&tiny, true);
    open_bytes(tiny_llama_gguf(&tiny, NULL));
    temp_write("text", "the th het eth", 14);
    struct eval_text text = text_of(temp_path("text"), (struct eval_cut){.context = 4, .first = 2});
    struct evaluation e = evaluate(&text, 1);
    ck_assert(text.begins && text.chunks == 2);
    ck_assert_int_ne(text.tokens.ids[4], 1);
    const int32_t second[] = {1, text.tokens.ids[5], text.tokens.ids[6], text.tokens.ids[7]};
    tiny_llama_logits(&tiny, second, 4, logits);
    double sum = 0.0;
    for (int i = 0; i < TINY_VOCABULARY; i++)
        sum += exp(logits[2 * TINY_VOCABULARY + i]);
    const double expected = log(sum) - logits[2 * TINY_VOCABULARY + second[3]];
    ck_assert_msg(fabs((double)e.nll[1] - expected) < 2e-5, "%.7f, not %.7f", (double)e.nll[1],
                  expected);
    evaluation_close(&e);
    eval_text_free(&text);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Variants
 */

static struct variant_maker open_maker(unsigned threads, enum misfit misfit)
{
    struct variant_maker maker = {.model = &model, .misfit = misfit, .threads = threads};
    struct error error;
    ck_assert_msg(variant_maker_open(&maker, &error), "%s", error.text);
    return maker;
}

static const struct contestant q8_0 = {
    .format = RDL_Q8_0,
    .rounding = RDL_NEAREST,
    .exists = true,
    .available = true,
};

static struct kld_tokens compare(const struct evaluation *e, float *const *values)
{
    struct kld_tokens tokens = {0};
    struct error error;
    ck_assert_msg(evaluation_compare(e, values, &tokens, &error), "%s", error.text);
    return tokens;
}

START_TEST(a_model_is_no_distance_from_itself)
{
    open_builtin();
    struct eval_text text =
        text_of(EVAL_DEFAULT_TEXT, (struct eval_cut){.context = 24, .first = 8, .chunks = 2});
    struct evaluation e = evaluate(&text, 2);
    struct kld_tokens tokens = compare(&e, model.values);
    ck_assert_uint_eq(tokens.count, 30);
    for (size_t i = 0; i < tokens.count; i++) {
        const struct kld_token *t = &tokens.items[i];
        ck_assert(t->nll == t->nll_base && t->same_top && t->delta_p == 0.0f);
        ck_assert(fabs(t->kld) < 1e-6 && fabsf(t->nll - e.nll[i]) < 2e-6f);
    }
    kld_tokens_free(&tokens);
    evaluation_close(&e);
    eval_text_free(&text);
}
END_TEST

START_TEST(eight_bits_are_near)
{
    open_builtin();
    struct eval_text text =
        text_of(EVAL_DEFAULT_TEXT, (struct eval_cut){.context = 24, .first = 8, .chunks = 2});
    struct evaluation e = evaluate(&text, 2);
    struct variant_maker maker = open_maker(2, MISFIT_ERROR);
    struct variant_errors errors;
    struct error error;
    ck_assert(variant_make(&maker, &q8_0, &errors, &error));
    struct kld_tokens tokens = compare(&e, maker.values);
    double sum = 0.0;
    for (size_t i = 0; i < tokens.count; i++)
        sum += tokens.items[i].kld;
    ck_assert_msg(sum / 30 > 1e-7 && sum / 30 < 1e-4, "%g", sum / 30);
    ck_assert(variant_bits_per_weight(&errors) == 8.5);
    /* All but 13 vectors of 256. */
    ck_assert_uint_eq(errors.weights, 4855040 - 13 * 256);
    ck_assert_uint_eq(errors.model_bytes, errors.weights / 32 * 34 + 13 * 256 * 4);
    ck_assert(fabs(variant_rmse(&errors) - 2.2579e-4) < 1e-8);
    kld_tokens_free(&tokens);
    variant_maker_close(&maker);
    evaluation_close(&e);
    eval_text_free(&text);
}
END_TEST

/* Weights and divergences, bit for bit. */
START_TEST(threads_change_no_digit)
{
    open_builtin();
    struct eval_text text =
        text_of(EVAL_DEFAULT_TEXT, (struct eval_cut){.context = 16, .first = 8, .chunks = 5});
    struct kld_tokens tokens[2];
    struct variant_errors errors[2];
    for (unsigned i = 0; i < 2; i++) {
        struct evaluation e = evaluate(&text, 1 + 2 * i);
        struct variant_maker maker = open_maker(1 + 2 * i, MISFIT_ERROR);
        struct error error;
        ck_assert(variant_make(&maker, &q8_0, &errors[i], &error));
        tokens[i] = compare(&e, maker.values);
        variant_maker_close(&maker);
        evaluation_close(&e);
    }
    for (size_t i = 0; i < tokens[0].count; i++) {
        const struct kld_token *a = &tokens[0].items[i], *b = &tokens[1].items[i];
        ck_assert(a->kld == b->kld && a->nll == b->nll && a->nll_base == b->nll_base);
        ck_assert(a->tops[0].kld == b->tops[0].kld && a->rank == b->rank);
    }
    ck_assert(errors[0].sums.ee == errors[1].sums.ee && errors[0].sums.wee == errors[1].sums.wee);
    kld_tokens_free(&tokens[0]);
    kld_tokens_free(&tokens[1]);
    eval_text_free(&text);
}
END_TEST

START_TEST(matrices_change_and_vectors_stay)
{
    static struct tiny_llama tiny;
    struct variant_errors errors;
    struct error error;
    tiny_llama_make(&tiny, true);
    open_bytes(tiny_llama_checkpoint(&tiny));
    struct variant_maker maker = open_maker(1, MISFIT_FLATTEN);
    ck_assert(variant_make(&maker, &q8_0, &errors, &error));
    ck_assert_uint_eq(errors.matrices, 1 + 7 * TINY_LAYERS);
    ck_assert_uint_eq(errors.skipped, 0);
    /* The tied matrix is rounded once, and used in both places. */
    ck_assert_ptr_eq(maker.values[LLAMA_OUTPUT], maker.values[LLAMA_TOKEN_EMBD]);
    ck_assert_ptr_ne(maker.values[LLAMA_OUTPUT], model.values[LLAMA_OUTPUT]);
    ck_assert_ptr_eq(maker.values[LLAMA_OUTPUT_NORM], model.values[LLAMA_OUTPUT_NORM]);
    double ee = 0.0, largest = 0.0;
    for (size_t i = 0; i < model.count; i++)
        for (size_t k = 0; model.tensors[i] && k < tensor_numel(model.tensors[i]); k++) {
            const double e = (double)maker.values[i][k] - (double)model.values[i][k];
            ee += e * e;
            largest = fmax(largest, fabs(e));
        }
    ck_assert(ee > 0.0 && fabs(ee / errors.sums.ee - 1.0) < 1e-12);
    ck_assert(largest < 1.0 / 127);
    variant_maker_close(&maker);
    /* Rows of 24 fit no block of 32, those of 32 do. */
    maker = open_maker(1, MISFIT_SKIP);
    ck_assert(variant_make(&maker, &q8_0, &errors, &error));
    ck_assert_uint_eq(errors.skipped, 1 + 6 * TINY_LAYERS);
    ck_assert_uint_eq(errors.matrices, TINY_LAYERS);
    variant_maker_close(&maker);
    maker = open_maker(1, MISFIT_ERROR);
    ck_assert(!variant_make(&maker, &q8_0, &errors, &error));
    ck_assert_ptr_nonnull(strstr(error.text, "token_embd.weight"));
    variant_maker_close(&maker);
}
END_TEST

/* Importance for one matrix. */
START_TEST(a_matrix_without_importance_is_rounded_without)
{
    struct contestant c = {
        .format = RDL_IQ2_XXS, .rounding = RDL_GGML, .exists = true, .available = true};
    static float ones[TINY_FORWARD];
    static struct tiny_llama tiny;
    struct imatrix imatrix = {.format = "dat"};
    struct imatrix_entry entry = {.values = ones, .nvalues = TINY_FORWARD, .nmatrices = 1};
    struct named by_name = {"blk.0.ffn_down.weight", &entry};
    struct variant_errors errors;
    struct error error;
    for (int i = 0; i < TINY_FORWARD; i++)
        ones[i] = 1.0f;
    imatrix.by_name = &by_name;
    imatrix.count = 1;
    tiny_llama_make(&tiny, true);
    open_bytes(tiny_llama_checkpoint(&tiny));
    struct variant_maker maker = open_maker(1, MISFIT_FLATTEN);
    ck_assert(!variant_possible(&maker, &c));
    maker.imatrix = &imatrix;
    ck_assert(variant_possible(&maker, &c));
    ck_assert_msg(variant_make(&maker, &c, &errors, &error), "%s", error.text);
    ck_assert_uint_eq(errors.without_importance, 7 * TINY_LAYERS);
    ck_assert_uint_eq(errors.matrices, 1 + 7 * TINY_LAYERS);
    c.plain = true;
    ck_assert(!variant_possible(&maker, &c));
    c = q8_0;
    c.rounding = RDL_EXACT;
    c.weighting = RDL_IMPORTANCE;
    ck_assert(variant_make(&maker, &c, &errors, &error));
    ck_assert_uint_eq(errors.without_importance, 7 * TINY_LAYERS);
    variant_maker_close(&maker);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("eval");
    TCase *tcase = tcase_create("eval");
    tcase_set_timeout(tcase, 0);
    tcase_add_checked_fixture(tcase, temp_dir_make, close_model);
    tcase_add_test(tcase, first_tokens_have_the_reference_likelihoods);
    if (!*ROUNDEL_EMULATOR)
        tcase_add_test(tcase, whole_chunks_have_the_reference_mean);
    tcase_add_test(tcase, texts_are_cut_into_chunks);
    tcase_add_test(tcase, parts_of_a_text_are_chunks);
    tcase_add_test(tcase, tokens_come_from_a_file_too);
    tcase_add_test(tcase, chunks_begin_as_texts_do);
    tcase_add_test(tcase, a_model_is_no_distance_from_itself);
    tcase_add_test(tcase, eight_bits_are_near);
    tcase_add_test(tcase, threads_change_no_digit);
    tcase_add_test(tcase, matrices_change_and_vectors_stay);
    tcase_add_test(tcase, a_matrix_without_importance_is_rounded_without);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
