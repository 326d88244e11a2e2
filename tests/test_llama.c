/* Models of the llama architecture: files, shapes, the forward pass. */
#include "llama_forward.h"
#include "suite.h"
#include "temp_dir.h"
#include "tiny_llama.h"

#include <math.h>

static struct tiny_llama tiny;

/* Writes the file and opens it; frees the bytes. */
static bool open_bytes(struct bytes bytes, struct llama_model *model, struct error *error)
{
    temp_write("model", bytes.data, bytes.size);
    bytes_free(&bytes);
    return llama_open(model, temp_path("model"), error);
}

static void refused(struct bytes bytes, const char *said)
{
    struct llama_model model;
    struct error error = {"opened"};
    const bool opened = open_bytes(bytes, &model, &error);
    ck_assert_msg(!opened && strstr(error.text, said), "'%s' is not in '%s'", said, error.text);
}

/* ------------------------------------------------------------------------------------------------
 * The forward pass
 */

static const int32_t some_tokens[TINY_CONTEXT] = {1,   17, 3,  255, 260, 4,  4,   9,
                                                  100, 63, 12, 264, 0,   33, 200, 5};

static void check_logits(const struct llama_model *model, uint32_t first, uint32_t nrows)
{
    static double expected[TINY_CONTEXT * TINY_VOCABULARY];
    static float logits[TINY_CONTEXT * TINY_VOCABULARY];
    const struct llama_chunk chunk = {some_tokens, TINY_CONTEXT, first, nrows};
    struct llama_workspace space;
    struct error error;
    ck_assert(llama_workspace_open(&space, model, TINY_CONTEXT, &error));
    llama_forward(model, model->values, &chunk, &space, logits, NULL, NULL);
    llama_workspace_close(&space);
    tiny_llama_logits(&tiny, some_tokens, TINY_CONTEXT, expected);
    for (uint32_t i = 0; i < nrows * TINY_VOCABULARY; i++) {
        const double value = (double)logits[i], wanted = expected[first * TINY_VOCABULARY + i];
        ck_assert_msg(fabs(value - wanted) < 2e-5, "logit %u is %.9g, not %.9g", i, value, wanted);
    }
}

/* Own and tied output, as llama2.c's file and as GGUF. */
START_TEST(logits_are_those_of_plain_loops)
{
    struct llama_model model;
    struct error error;
    tiny_llama_make(&tiny, _i % 2 == 0);
    ck_assert_msg(
        open_bytes(_i / 2 == 0 ? tiny_llama_checkpoint(&tiny) : tiny_llama_gguf(&tiny, NULL),
                   &model, &error),
        "%s", error.text);
    ck_assert(tiny.tied == (model.tensors[LLAMA_OUTPUT] == NULL));
    check_logits(&model, 0, TINY_CONTEXT);
    check_logits(&model, 7, 5);
    llama_free(&model);
}
END_TEST

/* Sums up what the hook sees. */
struct seen {
    size_t calls, rows;
    double sum[64]; /* of squares of the first column, by call */
    char names[64][64];
};

static void see(void *context, const struct tensor *tensor, const float *inputs, size_t nrows,
                size_t ncols)
{
    struct seen *seen = context;
    ck_assert_uint_eq(ncols, tensor->ncols);
    for (size_t r = 0; r < nrows; r++)
        seen->sum[seen->calls] += (double)(inputs[r * ncols] * inputs[r * ncols]);
    snprintf(seen->names[seen->calls++], 64, "%s", tensor->name);
    seen->rows += nrows;
}

START_TEST(the_hook_sees_the_inputs_of_every_matrix)
{
    static float logits[TINY_CONTEXT * TINY_VOCABULARY];
    const struct llama_chunk chunk = {some_tokens, TINY_CONTEXT, 0, TINY_CONTEXT};
    struct llama_model model;
    struct llama_workspace space;
    struct seen seen = {0};
    struct error error;
    tiny_llama_make(&tiny, false);
    ck_assert(open_bytes(tiny_llama_checkpoint(&tiny), &model, &error));
    ck_assert(llama_workspace_open(&space, &model, TINY_CONTEXT, &error));
    llama_forward(&model, model.values, &chunk, &space, logits, see, &seen);
    ck_assert_uint_eq(seen.calls, 7 * TINY_LAYERS + 1);
    ck_assert_uint_eq(seen.rows, seen.calls * TINY_CONTEXT);
    ck_assert_str_eq(seen.names[0], "blk.0.attn_q.weight");
    ck_assert_str_eq(seen.names[3], "blk.0.attn_output.weight");
    ck_assert_str_eq(seen.names[13], "blk.1.ffn_down.weight");
    ck_assert_str_eq(seen.names[14], "output.weight");
    ck_assert(seen.sum[0] == seen.sum[1] && seen.sum[1] == seen.sum[2]);
    /* The first norm's output, in double. */
    double sum = 0.0;
    for (int p = 0; p < TINY_CONTEXT; p++) {
        const float *x = tiny.embedding + some_tokens[p] * TINY_WIDTH;
        double square = 0.0;
        for (int i = 0; i < TINY_WIDTH; i++)
            square += (double)(x[i] * x[i]) / TINY_WIDTH;
        const double first = (double)(x[0] * tiny.layers[0].attn_norm[0]);
        sum += first * first / (square + 1e-5);
    }
    ck_assert_msg(fabs(seen.sum[0] / sum - 1.0) < 1e-5, "%g, not %g", seen.sum[0], sum);
    llama_workspace_close(&space);
    llama_free(&model);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Files of llama2.c
 */

static struct bytes checkpoint_with(int field, int32_t value)
{
    struct bytes bytes = tiny_llama_checkpoint(&tiny);
    memcpy(bytes.data + 4 * field, &value, sizeof value);
    return bytes;
}

static const struct {
    int field;
    int32_t value;
    const char *said;
} headers[] = {
    {0, 0, "its dim is 0"},
    {1, -1, "its hidden_dim is -1"},
    {2, INT32_MIN, "its n_layers is -2147483648"},
    {3, 0, "its n_heads is 0"},
    {4, -3, "its n_kv_heads is -3"},
    {5, 0, "its vocab_size is 0"},
    {5, INT32_MIN, "its vocab_size is -2147483648"},
    {6, 0, "its seq_len is 0"},
    {0, INT32_MAX, "do not divide the width"},
    {1, INT32_MAX, "fewer than its header announces"},
    {2, INT32_MAX, "fewer than its header announces"},
    {5, INT32_MAX, "fewer than its header announces"},
    {5, -INT32_MAX, "fewer than its header announces"},
    {6, INT32_MAX, "fewer than its header announces"},
    {2, 1, "where its header announces"},
    {6, 15, "where its header announces"},
    {3, 5, "5 heads do not divide the width 24"},
    {3, 8, "3 key/value heads do not divide 8 heads"},
    {4, 4, "4 key/value heads do not divide 6 heads"},
    {0, 18, "heads of 3, an odd number"},
    {0, 0x616b3432, "only version 0 can be read"},
};

START_TEST(headers_that_lie_are_named)
{
    tiny_llama_make(&tiny, false);
    refused(checkpoint_with(headers[_i].field, headers[_i].value), headers[_i].said);
}
END_TEST

START_TEST(cut_checkpoints_are_refused)
{
    const size_t sizes[] = {0, 1, 3, 4, 27, 28, 29, 1000};
    tiny_llama_make(&tiny, false);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct bytes bytes = tiny_llama_checkpoint(&tiny);
        bytes.size = sizes[i];
        refused(bytes, "model: ");
    }
    struct bytes shorter = tiny_llama_checkpoint(&tiny), longer = tiny_llama_checkpoint(&tiny);
    shorter.size--;
    refused(shorter, "fewer than its header announces");
    put_repeated(&longer, 0, 1);
    refused(longer, "where its header announces");
}
END_TEST

START_TEST(weights_that_are_no_numbers_are_named)
{
    tiny_llama_make(&tiny, false);
    tiny.layers[1].k[2 * TINY_WIDTH + 5] = NAN;
    refused(tiny_llama_checkpoint(&tiny), "\"blk.1.attn_k.weight\": the weight in row 2, column 5");
    tiny.layers[1].k[2 * TINY_WIDTH + 5] = 0.0f;
    tiny.output_norm[3] = -INFINITY;
    refused(tiny_llama_gguf(&tiny, NULL), "\"output_norm.weight\": the weight in row 0, column 3");
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * GGUF
 */

static const struct {
    struct tiny_faults faults;
    const char *said;
} faulty[] = {
    {{.architecture = "mamba"}, "architecture 'mamba'"},
    {{.architecture = "llama4"}, "architecture 'llama4'"},
    {{.missing_key = "general.architecture"}, "general.architecture"},
    {{.missing_key = "llama.block_count"}, "llama.block_count"},
    {{.missing_key = "llama.embedding_length"}, "llama.embedding_length"},
    {{.missing_key = "llama.context_length"}, "llama.context_length"},
    {{.missing_key = "llama.attention.head_count"}, "llama.attention.head_count"},
    {{.missing_key = "llama.attention.layer_norm_rms_epsilon"}, "layer_norm_rms_epsilon"},
    {{.missing_key = "tokenizer.ggml.tokens"}, "llama.vocab_size"},
    {{.missing_key = "llama.attention.head_count_kv"}, "\"blk.0.attn_k.weight\": 12 rows of 24"},
    {{.missing_tensor = "blk.1.ffn_up.weight"}, "there is no tensor \"blk.1.ffn_up.weight\""},
    {{.missing_tensor = "token_embd.weight"}, "there is no tensor \"token_embd.weight\""},
    {{.turned = "blk.0.ffn_down.weight"}, "\"blk.0.ffn_down.weight\": 32 rows of 24"},
    {{.tensor = "blk.0.attn_q.bias"}, "\"blk.0.attn_q.bias\": this kind of tensor"},
    {{.tensor = "blk.1.ffn_gate_exps.weight"}, "\"blk.1.ffn_gate_exps.weight\": this kind"},
    {{.tensor = "rope_freqs.weight"}, "\"rope_freqs.weight\": this kind of tensor"},
    {{.key = "llama.rope.scaling.factor", .value = 4}, "\"llama.rope.scaling.factor\""},
    {{.key = "llama.rope.scale_linear", .value = 4}, "\"llama.rope.scale_linear\""},
    {{.key = "llama.expert_count", .value = 8}, "\"llama.expert_count\""},
    {{.key = "llama.rope.dimension_count", .value = 2}, "\"llama.rope.dimension_count\" is 2"},
    {{.key = "llama.attention.key_length", .value = 8}, "\"llama.attention.key_length\" is 8"},
    {{.key = "llama.rope.freq_base", .value = 10000}, "\"llama.rope.freq_base\" is u32"},
    {{.key = "llama.vocab_size", .value = 266}, "\"token_embd.weight\": 265 rows of 24"},
    {{.key = "llama.block_count", .value = 3}, "there is no tensor \"blk.2.attn_norm.weight\""},
    {{.key = "llama.block_count", .value = 1}, "this kind of tensor"},
    {{.key = "llama.block_count", .value = 0}, "number of layers is 0"},
    {{.key = "llama.block_count", .value = INT32_MAX}, "2147483647 layers, but 21 tensors"},
    {{.key = "llama.block_count", .value = UINT32_MAX}, "\"llama.block_count\" is 4294967295"},
    {{.key = "llama.attention.head_count", .value = 0}, "number of heads is 0"},
    {{.key = "llama.attention.head_count", .value = 7}, "7 heads do not divide the width 24"},
    {{.key = "llama.attention.head_count", .value = 24}, "heads of 1, an odd number"},
    {{.key = "llama.embedding_length", .value = 0}, "the width is 0"},
    {{.key = "llama.feed_forward_length", .value = INT32_MAX}, "where the model needs 2147483647"},
};

START_TEST(faults_of_models_are_named)
{
    tiny_llama_make(&tiny, false);
    refused(tiny_llama_gguf(&tiny, &faulty[_i].faults), faulty[_i].said);
}
END_TEST

START_TEST(unknown_models_are_refused)
{
    struct llama_model model;
    struct error error;
    ck_assert(!llama_open(&model, "builtin:giantlm", &error));
    ck_assert_ptr_nonnull(strstr(error.text, "builtin:tinylm"));
    ck_assert(!llama_open(&model, "/nonexistent.gguf", &error));
    ck_assert_ptr_nonnull(strstr(error.text, "/nonexistent.gguf"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("llama");
    TCase *tcase = tcase_create("llama");
    tcase_set_timeout(tcase, 0);
    tcase_add_checked_fixture(tcase, temp_dir_make, temp_dir_remove);
    tcase_add_loop_test(tcase, logits_are_those_of_plain_loops, 0, 4);
    tcase_add_test(tcase, the_hook_sees_the_inputs_of_every_matrix);
    tcase_add_loop_test(tcase, headers_that_lie_are_named, 0, sizeof headers / sizeof *headers);
    tcase_add_test(tcase, cut_checkpoints_are_refused);
    tcase_add_test(tcase, weights_that_are_no_numbers_are_named);
    tcase_add_loop_test(tcase, faults_of_models_are_named, 0, sizeof faulty / sizeof *faulty);
    tcase_add_test(tcase, unknown_models_are_refused);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
