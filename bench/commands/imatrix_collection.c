/* `roundel imatrix collect`. */
#include "imatrix_actions.h"

#include "commands.h"
#include "evaluation.h"
#include "imatrix_collect.h"

#include <inttypes.h>
#include <omp.h>

enum {
    DEFAULT_CONTEXT = 512 /* at most */
};

static bool read_texts(const struct imatrix_request *request, const struct llama_model *model,
                       struct eval_text *text, struct error *error)
{
    struct tokenizer tokenizer;
    if (!tokenizer_open(&tokenizer, model, request->tokenizer, error))
        return false;
    bool good = true;
    for (size_t i = 0; good && i < request->ntexts; i++)
        good = eval_text_add(text, request->texts[i], &tokenizer, error);
    tokenizer_free(&tokenizer);
    return good;
}

static uint32_t context_of(const struct imatrix_request *request, const struct llama_model *model)
{
    const uint32_t context = model->shape.context;
    if (request->context > 0)
        return (uint32_t)request->context;
    return context < DEFAULT_CONTEXT ? context : DEFAULT_CONTEXT;
}

/* The rest of a text that is no whole chunk is not read. */
static void note_rest(const struct eval_text *text, struct notes *notes)
{
    for (size_t i = 0; i < text->nparts; i++) {
        const struct eval_part *part = &text->parts[i];
        const size_t read = part->chunks * text->cut.context;
        if (read < part->tokens)
            notes_add(notes, "%s: %zu of %zu tokens were read, in chunks of %" PRIu32, part->name,
                      read, part->tokens, text->cut.context);
    }
}

static bool collect(const struct imatrix_request *request, const struct llama_model *model,
                    struct imatrix_sums *sums, struct notes *notes, struct error *error)
{
    const unsigned threads =
        request->threads ? (unsigned)request->threads : (unsigned)omp_get_max_threads();
    struct eval_text text = {
        .cut = {.context = context_of(request, model), .chunks = request->chunks}};
    struct progress progress;
    bool good = read_texts(request, model, &text, error);
    if (good) {
        note_rest(&text, notes);
        progress_start(&progress, text.chunks * eval_chunk_work(model, &text));
        good = imatrix_collect(sums, model, &text, threads, &progress, error);
        progress_end(&progress);
    }
    eval_text_free(&text);
    return good;
}

int imatrix_collect_action(const struct imatrix_request *request, struct imatrix_outputs *outputs)
{
    struct llama_model model;
    struct imatrix_sums sums;
    struct notes notes = {0};
    struct error error;
    if (!llama_open(&model, request->inputs[0], &error))
        return command_fail(&imatrix_spec, STATUS_BAD_INPUT, &error);
    int status = STATUS_BAD_INPUT;
    if (collect(request, &model, &sums, &notes, &error)) {
        status = imatrix_write_made(request, &sums, &notes, outputs);
        imatrix_sums_free(&sums);
    } else {
        (void)command_fail(&imatrix_spec, status, &error);
    }
    notes_free(&notes);
    llama_free(&model);
    return status;
}
