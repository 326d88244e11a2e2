#include "imatrix_actions.h"

#include "commands.h"
#include "imatrix_convert.h"
#include "imatrix_input.h"
#include "imatrix_merge.h"
#include "imatrix_report.h"
#include "imatrix_sanitize.h"
#include "imatrix_write.h"
#include "report.h"

#include <stdlib.h>
#include <string.h>

static int fails(int status, const struct error *error)
{
    return command_fail(&imatrix_spec, status, error);
}

/* ------------------------------------------------------------------------------------------------
 * Actions that look
 */

typedef bool print_fn(const struct imatrix_report *report, FILE *out);
typedef json_t *describe_fn(const struct imatrix_report *report);

/* How an action tells what is in a file. */
struct look {
    print_fn *print;
    describe_fn *describe;
    double limit;
    bool text;
    json_t *inputs; /* an array that grows */
    bool failed;    /* out of memory */
};

static bool open_report(struct imatrix_report *report, const char *path, const struct look *look,
                        const struct name_filter *filter, struct error *error)
{
    struct source source;
    if (!imatrix_input_source(&source, path, error))
        return false;
    const bool good = imatrix_report_open(report, path, &source, filter, look->limit, error);
    source_close(&source);
    return good;
}

static int look_at(const char *path, const struct name_filter *filter, struct look *look)
{
    struct imatrix_report report;
    struct error error;
    if (!open_report(&report, path, look, filter, &error))
        return fails(STATUS_BAD_INPUT, &error);
    if ((look->text && !look->print(&report, stdout)) ||
        json_array_append_new(look->inputs, look->describe(&report)) != 0)
        look->failed = true;
    imatrix_report_free(&report);
    return STATUS_OK;
}

/* Files behind a bad one are looked at all the same. */
static int look_at_all(const struct imatrix_request *request, struct imatrix_outputs *outputs,
                       struct look *look)
{
    struct error error;
    json_t *report = report_new("imatrix");
    int status = STATUS_OK;
    look->text = outputs->json.file != stdout;
    look->inputs = json_array();
    look->failed = !report || json_object_set_new(report, "inputs", look->inputs) != 0 ||
                   json_object_set_new(report, "action", json_string(request->action)) != 0;
    for (size_t i = 0; !look->failed && i < request->ninputs; i++) {
        const int one = look_at(request->inputs[i], &request->filter, look);
        status = one > status ? one : status;
    }
    if (look->failed) {
        json_decref(report);
        (void)fail(&error, "out of memory");
        return fails(STATUS_INTERNAL, &error);
    }
    if (outputs->json.file)
        return report_write(report, &outputs->json, &error) ? status
                                                            : fails(STATUS_INTERNAL, &error);
    json_decref(report);
    return status;
}

int imatrix_info_action(const struct imatrix_request *request, struct imatrix_outputs *outputs)
{
    struct look look = {
        .print = imatrix_report_print, .describe = imatrix_report_json, .limit = 1.0};
    return look_at_all(request, outputs, &look);
}

int imatrix_coverage_action(const struct imatrix_request *request, struct imatrix_outputs *outputs)
{
    struct look look = {.print = imatrix_coverage_print,
                        .describe = imatrix_coverage_json,
                        .limit = (double)request->min_tokens};
    return look_at_all(request, outputs, &look);
}

/* ------------------------------------------------------------------------------------------------
 * Actions that write
 */

static bool read_matrix(struct imatrix_sums *sums, const char *path, bool tolerant,
                        struct error *error)
{
    struct source source;
    if (!imatrix_input_source(&source, path, error))
        return false;
    const bool good = imatrix_sums_open(sums, &source, tolerant, error);
    source_close(&source);
    return good;
}

/* The input's oddities, which no output has. */
static void note_unknown(const struct imatrix_sums *sums, const char *path, struct notes *notes)
{
    char shown[128];
    if (sums->nunknown > 0)
        notes_add(notes, "%s: %zu other keys and tensors are left out: \"%s\"%s", path,
                  sums->nunknown, escape(shown, sizeof shown, sums->unknown, strlen(sums->unknown)),
                  sums->nunknown > 1 ? " ..." : "");
}

static json_t *made_json(const struct imatrix_request *request, const struct imatrix_sums *sums,
                         const struct notes *notes)
{
    json_t *report = report_new("imatrix");
    json_t *made = imatrix_head_json(sums);
    const bool good =
        report && made &&
        json_object_set_new(made, "entries", json_integer((json_int_t)sums->count)) == 0 &&
        json_object_set_new(made, "notes", notes_json(notes)) == 0 &&
        json_object_set_new(report, "action", json_string(request->action)) == 0 &&
        json_object_set_new(report, "output", report_string(request->output)) == 0 &&
        json_object_set(report, "matrix", made) == 0;
    json_decref(made);
    if (good)
        return report;
    json_decref(report);
    return NULL;
}

int imatrix_write_made(const struct imatrix_request *request, struct imatrix_sums *sums,
                       struct notes *notes, struct imatrix_outputs *outputs)
{
    struct error error;
    if (!imatrix_convert(sums, request->format, request->chunk_size, notes, &error) ||
        !imatrix_write(sums, outputs->matrix.file, &error)) {
        (void)fail_in(&error, "%s", request->output);
        return fails(STATUS_BAD_INPUT, &error);
    }
    if (!output_commit(&outputs->matrix, &error))
        return fails(STATUS_INTERNAL, &error);
    if (outputs->json.file != stdout) {
        printf("%s: ", request->output);
        imatrix_print_head(sums, sums->count, stdout);
    }
    fflush(stdout);
    notes_print(notes, "imatrix");
    if (outputs->json.file &&
        !report_write(made_json(request, sums, notes), &outputs->json, &error))
        return fails(STATUS_INTERNAL, &error);
    return STATUS_OK;
}

int imatrix_convert_action(const struct imatrix_request *request, struct imatrix_outputs *outputs)
{
    struct imatrix_sums sums;
    struct notes notes = {0};
    struct error error;
    if (!read_matrix(&sums, request->inputs[0], false, &error))
        return fails(STATUS_BAD_INPUT, &error);
    note_unknown(&sums, request->inputs[0], &notes);
    const int status = imatrix_write_made(request, &sums, &notes, outputs);
    notes_free(&notes);
    imatrix_sums_free(&sums);
    return status;
}

static bool sanitize(const struct imatrix_request *request, struct imatrix_sums *sums,
                     struct notes *notes, struct error *error)
{
    uint64_t chunk_size = 1; /* GGUF counts tokens */
    if (request->drop_bad && !imatrix_drop_bad(sums, notes, error))
        return false;
    if (request->prior == 0)
        return true;
    if (sums->format == IMATRIX_DAT &&
        !imatrix_chunk_size(sums, request->chunk_size, &chunk_size, notes, error))
        return false;
    return imatrix_add_prior(sums, request->prior, chunk_size, notes, error);
}

int imatrix_sanitize_action(const struct imatrix_request *request, struct imatrix_outputs *outputs)
{
    struct imatrix_sums sums;
    struct notes notes = {0};
    struct error error;
    int status = STATUS_BAD_INPUT;
    if (!read_matrix(&sums, request->inputs[0], request->drop_bad, &error))
        return fails(STATUS_BAD_INPUT, &error);
    note_unknown(&sums, request->inputs[0], &notes);
    if (sanitize(request, &sums, &notes, &error)) {
        status = imatrix_write_made(request, &sums, &notes, outputs);
    } else {
        (void)fail_in(&error, "%s", request->inputs[0]);
        (void)fails(status, &error);
    }
    notes_free(&notes);
    imatrix_sums_free(&sums);
    return status;
}

/* Files of both formats are added as GGUF has it. */
static bool make_alike(const struct imatrix_request *request, struct imatrix_sums *inputs,
                       struct notes *notes, struct error *error)
{
    bool any_gguf = false;
    for (size_t i = 0; i < request->ninputs; i++)
        any_gguf = any_gguf || inputs[i].format == IMATRIX_GGUF;
    for (size_t i = 0; any_gguf && i < request->ninputs; i++)
        if (!imatrix_convert(&inputs[i], IMATRIX_GGUF, request->chunk_size, notes, error))
            return fail_in(error, "%s", request->inputs[i]);
    return true;
}

static int merge(const struct imatrix_request *request, struct imatrix_sums *inputs,
                 size_t *ninputs, struct notes *notes, struct imatrix_outputs *outputs)
{
    struct imatrix_sums merged;
    struct error error;
    for (; *ninputs < request->ninputs; ++*ninputs) {
        if (!read_matrix(&inputs[*ninputs], request->inputs[*ninputs], false, &error))
            return fails(STATUS_BAD_INPUT, &error);
        note_unknown(&inputs[*ninputs], request->inputs[*ninputs], notes);
    }
    if (!make_alike(request, inputs, notes, &error) ||
        !imatrix_merge(&merged, inputs, request->inputs, request->ninputs, notes, &error))
        return fails(STATUS_BAD_INPUT, &error);
    const int status = imatrix_write_made(request, &merged, notes, outputs);
    imatrix_sums_free(&merged);
    return status;
}

int imatrix_merge_action(const struct imatrix_request *request, struct imatrix_outputs *outputs)
{
    struct imatrix_sums *inputs = calloc(request->ninputs, sizeof *inputs);
    struct notes notes = {0};
    struct error error;
    size_t ninputs = 0;
    if (!inputs)
        return fails(STATUS_INTERNAL, (fail(&error, "out of memory"), &error));
    const int status = merge(request, inputs, &ninputs, &notes, outputs);
    for (size_t i = 0; i < ninputs; i++)
        imatrix_sums_free(&inputs[i]);
    free(inputs);
    notes_free(&notes);
    return status;
}
