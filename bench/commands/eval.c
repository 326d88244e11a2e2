/* `roundel eval`: what rounding does to a language model. */
#include "eval.h"

#include "commands.h"
#include "imatrix_input.h"
#include "kld_top.h"
#include "report.h"

#include <inttypes.h>
#include <math.h>
#include <omp.h>
#include <stdlib.h>

#define DEFAULT_MODEL "builtin:tinylm"

enum {
    DEFAULT_CHUNKS = 64,
    DEFAULT_CONTEXT = 512 /* at most */
};

const struct command eval_spec = {
    .name = "eval",
    .summary = "perplexity and KL divergence of a language model under roundings",
    .arguments = "[MODEL]",
    .options = eval_options,
    .more =
        "MODEL is a GGUF file or a llama2.c checkpoint of the llama architecture, or\n"
        "builtin:tinylm (the default). It is run in binary32. Each rounding quantizes and\n"
        "dequantizes every matrix (vectors and norms stay as they are), and the model runs again:\n"
        "the statistics say how much its predictions moved on this text. The model's own run is\n"
        "shared by all. Memory is twice the model's weights in binary32, and the logits of the\n"
        "scored tokens. Divergences are over the whole vocabulary and from binary32 logits.\n"
        "\n"
        "A matrix that the file of importance does not name is rounded without: by searches with\n"
        "weighting uniform, where a format of ggml insists on importance by ggml-fixed.\n"
        "\n"
        "Example: roundel eval --format q4_k,q3_k --rounding ggml,exact \\\n"
        "             --weighting importance --importance builtin:tinylm --brief\n",
};

/* ------------------------------------------------------------------------------------------------
 * What is open while the command works
 */

struct session {
    struct eval_settings *settings;
    const char *spec;
    struct output json;
    struct logits_writer logits;
    struct imatrix imatrix;
    struct llama_model model;
    struct eval_text text;
    struct evaluation evaluation;
    struct variant_maker maker;
    struct eval_variant *variants;
    size_t nvariants;
    struct kld_pair_report *pairs;
    size_t npairs;
    struct progress progress;
};

static void close_session(struct session *s)
{
    for (size_t i = 0; i < s->nvariants; i++)
        kld_tokens_free(&s->variants[i].tokens);
    free(s->variants);
    free(s->pairs);
    if (s->maker.model)
        variant_maker_close(&s->maker);
    evaluation_close(&s->evaluation);
    eval_text_free(&s->text);
    llama_free(&s->model);
    imatrix_free(&s->imatrix);
    logits_writer_close(&s->logits);
    output_abandon(&s->json);
}

/* ------------------------------------------------------------------------------------------------
 * Input
 */

static bool read_text(struct session *s, struct error *error)
{
    const struct eval_settings *settings = s->settings;
    const char *const default_text = EVAL_DEFAULT_TEXT;
    const bool by_default = settings->ntexts + settings->nid_files == 0;
    const char *const *texts = by_default ? &default_text : settings->texts;
    const size_t ntexts = by_default ? 1 : settings->ntexts;
    struct tokenizer tokenizer = {0};
    if (ntexts > 0 && !tokenizer_open(&tokenizer, &s->model, settings->tokenizer, error))
        return false;
    bool good = true;
    for (size_t i = 0; i < ntexts && good; i++)
        good = eval_text_add(&s->text, texts[i], &tokenizer, error);
    for (size_t i = 0; i < settings->nid_files && good; i++)
        good = eval_text_add_ids(&s->text, settings->id_files[i], s->model.shape.vocabulary, error);
    tokenizer_free(&tokenizer);
    return good;
}

/* Fills in what the user left to the model. */
static bool cut_text(struct session *s, struct error *error)
{
    struct eval_cut *cut = &s->text.cut;
    const uint32_t model = s->model.shape.context;
    *cut = s->settings->cut;
    if (cut->context == 0)
        cut->context = model < DEFAULT_CONTEXT ? model : DEFAULT_CONTEXT;
    if (cut->context < 3)
        return fail(error, "%s: a context of %" PRIu32 " tokens", s->spec, cut->context);
    if (!s->settings->first_given)
        cut->first = cut->context / 2;
    return cut->first <= cut->context - 2 ||
           fail(error,
                "position %" PRIu32 " in chunks of %" PRIu32 " tokens: none is left to score",
                cut->first, cut->context);
}

static bool open_logits(struct session *s, struct error *error)
{
    const struct eval_text *text = &s->text;
    const struct logits_shape shape = {text->cut.context, s->model.shape.vocabulary,
                                       (uint32_t)text->chunks};
    if (!s->settings->save_logits)
        return true;
    if (text->chunks > INT32_MAX)
        return fail(error, "%zu chunks are more than a logits file can hold", text->chunks);
    return logits_writer_open(&s->logits, s->settings->save_logits, &shape, text->tokens.ids,
                              s->settings->clamp, error);
}

static int open_input(struct session *s, struct error *error)
{
    const char *importance = s->settings->rounding.importance;
    if ((importance && !imatrix_input_open(importance, &s->imatrix, error)) ||
        !llama_open(&s->model, s->spec, error) || !cut_text(s, error) || !read_text(s, error))
        return STATUS_BAD_INPUT;
    return open_logits(s, error) ? STATUS_OK : STATUS_USAGE;
}

/* ------------------------------------------------------------------------------------------------
 * Work
 */

static void on_progress(void *context, uint64_t weights)
{
    progress_add(context, weights, "rounding");
}

static uint64_t total_work(const struct session *s)
{
    const uint64_t run = s->text.chunks * eval_chunk_work(&s->model, &s->text);
    uint64_t matrices = 0, work = run;
    for (size_t i = 0; i < s->model.count; i++)
        if (s->model.tensors[i] && llama_is_matrix(s->model.tensors[i]))
            matrices += tensor_numel(s->model.tensors[i]);
    for (size_t i = 0; i < s->nvariants; i++)
        work += s->variants[i].absent ? 0 : matrices + run;
    return work;
}

static unsigned threads_of(const struct eval_settings *settings)
{
    return settings->rounding.threads ? (unsigned)settings->rounding.threads
                                      : (unsigned)omp_get_max_threads();
}

static bool run_model(struct session *s, struct error *error)
{
    s->evaluation = (struct evaluation){
        .model = &s->model,
        .text = &s->text,
        .settings = s->settings->kld,
        .threads = threads_of(s->settings),
        .progress = &s->progress,
    };
    return evaluation_open(&s->evaluation, error);
}

static bool run_variant(struct session *s, struct eval_variant *variant, struct error *error)
{
    return variant_make(&s->maker, &variant->contestant, &variant->errors, error) &&
           evaluation_compare(&s->evaluation, s->maker.values, &variant->tokens, error) &&
           kld_statistics_of(&variant->tokens, &s->evaluation.settings, &variant->statistics,
                             error);
}

static bool run_variants(struct session *s, struct error *error)
{
    const struct compare_settings *rounding = &s->settings->rounding;
    s->maker = (struct variant_maker){
        .model = &s->model,
        .imatrix = rounding->importance ? &s->imatrix : NULL,
        .rules = s->settings->rules,
        .misfit = (enum misfit)rounding->misfit,
        .error_weighting = (enum rdl_weighting)rounding->error_weights,
        .go_on = rounding->go_on,
        .threads = threads_of(s->settings),
        .progress = on_progress,
        .progress_context = &s->progress,
    };
    if (!target_choose(rounding->target, &s->maker.target, error) ||
        !variant_maker_open(&s->maker, error))
        return false;
    for (size_t i = 0; i < s->nvariants; i++)
        if (!s->variants[i].absent && !run_variant(s, &s->variants[i], error))
            return fail_in(error, "%s", s->variants[i].label);
    return true;
}

static bool compare_pairs(struct session *s, struct error *error)
{
    s->pairs = calloc(s->nvariants + 1, sizeof *s->pairs);
    if (!s->pairs)
        return fail(error, "out of memory");
    for (size_t i = 0; i < s->nvariants; i++) {
        const struct eval_variant *first = &s->variants[i];
        if (first->absent || first->baseline == NO_BASELINE)
            continue;
        const struct eval_variant *second = &s->variants[first->baseline];
        s->pairs[s->npairs++] = (struct kld_pair_report){
            first->label, second->label, kld_paired_of(&first->tokens, &second->tokens)};
    }
    return true;
}

static int report(struct session *s, struct error *error)
{
    const struct eval_report all = {
        .settings = s->settings,
        .spec = s->spec,
        .model = &s->model,
        .text = &s->text,
        .evaluation = &s->evaluation,
        .variants = s->variants,
        .nvariants = s->nvariants,
        .pairs = s->pairs,
        .npairs = s->npairs,
    };
    if (s->json.file != stdout && !eval_report_print(&all))
        return fail(error, "out of memory"), STATUS_INTERNAL;
    if (!s->json.file)
        return STATUS_OK;
    return report_write(eval_report_json(&all), &s->json, error) ? STATUS_OK : STATUS_INTERNAL;
}

static bool run_all(struct session *s, struct error *error)
{
    progress_start(&s->progress, total_work(s));
    const bool good = run_model(s, error) && (s->nvariants == 0 || run_variants(s, error));
    progress_end(&s->progress);
    return good;
}

static int work(struct session *s, struct error *error)
{
    const int status = open_input(s, error);
    if (status != STATUS_OK)
        return status;
    if (!run_all(s, error))
        return STATUS_BAD_INPUT;
    if ((s->logits.row && !evaluation_write(&s->evaluation, &s->logits, error)) ||
        !compare_pairs(s, error))
        return STATUS_INTERNAL;
    return report(s, error);
}

/* ------------------------------------------------------------------------------------------------
 * The command
 */

static bool check(const struct eval_settings *s, struct error *error)
{
    const struct compare_settings *r = &s->rounding;
    const bool rounds = r->nformats > 0;
    if (!rounds && (r->nroundings > 0 || r->nweightings > 0 || r->nscales > 0))
        return fail(error, "which formats? --format names them");
    if (!rounds && s->rules.count > 0)
        return fail(error, "--rule needs --format");
    if (s->without_importance && !r->importance)
        return fail(error, "--without-importance needs --importance to do without");
    if (s->save_logits && s->first_given)
        return fail(error, "--save-logits knows no --first: its rows begin at half of the context");
    if (s->cut.split && s->nid_files > 0)
        return fail(error, "--split is for text, not for --tokens");
    if (s->tokenizer && s->ntexts == 0)
        return fail(error, "--tokenizer needs --text");
    return !r->importance || imatrix_input_check(r->importance, error);
}

/* Without formats there are no variants. */
static bool choose_variants(struct session *s, struct error *error)
{
    struct eval_settings *settings = s->settings;
    return settings->rounding.nformats == 0 ||
           eval_variants(settings, settings->rounding.importance ? &s->imatrix : NULL, &s->variants,
                         &s->nvariants, error);
}

static int start(struct session *s, struct error *error)
{
    const struct compare_settings *rounding = &s->settings->rounding;
    s->spec = rounding->ninputs > 0 ? rounding->inputs[0] : DEFAULT_MODEL;
    if (!check(s->settings, error) || !input_check(s->spec, error) || !choose_variants(s, error) ||
        (rounding->json && !output_open(&s->json, rounding->json, error)))
        return STATUS_USAGE;
    return work(s, error);
}

static int with_settings(struct eval_settings *settings, int argc, char **argv)
{
    struct error error;
    int status;
    if (!options_parse(&eval_spec, argc, argv, eval_take_option, settings, &status))
        return status;
    struct session session = {.settings = settings};
    status = start(&session, &error);
    close_session(&session);
    return status == STATUS_OK ? status : command_fail(&eval_spec, status, &error);
}

int eval_command(int argc, char **argv)
{
    const size_t room = (size_t)argc + 1;
    struct error error;
    struct eval_settings settings = {
        .rounding = {.misfit = MISFIT_FLATTEN, .inputs = calloc(room, sizeof(char *))},
        .texts = calloc(room, sizeof *settings.texts),
        .id_files = calloc(room, sizeof *settings.id_files),
        .cut = {.chunks = DEFAULT_CHUNKS},
        .kld = {.cutoff = -INFINITY, .ntops = 1, .tops = {KLD_DEFAULT_TOP}},
        .clamp = LOGITS_RANGE_LLAMA_CPP,
    };
    int status = STATUS_INTERNAL;
    if (settings.rounding.inputs && settings.texts && settings.id_files)
        status = with_settings(&settings, argc, argv);
    else
        status = command_fail(&eval_spec, status, (fail(&error, "out of memory"), &error));
    quantize_rules_free(&settings.rules);
    free(settings.rounding.inputs);
    free(settings.texts);
    free(settings.id_files);
    return status;
}
