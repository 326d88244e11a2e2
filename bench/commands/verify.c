/* roundel verify: are the bytes what they should be, of this build on this machine, of a file? */
#include "verify.h"

#include "commands.h"
#include "golden_hashes.h"
#include "input_help.h"
#include "target_choice.h"

#include <stdio.h>
#include <string.h>

enum {
    OPTION_GOLDEN = 1,
    OPTION_TARGETS_AGREE,
    OPTION_MANIFEST,
    OPTION_SEED,
    OPTION_TARGET,
    OPTION_JSON,
    OPTION_PRINT_HASHES
};

static const struct option_spec options[] = {
    {OPTION_GOLDEN, "golden", "DIR", "compare with the golden vectors of a directory"},
    {OPTION_TARGETS_AGREE, "targets-agree", NULL, "compare all targets with scalar"},
    {OPTION_MANIFEST, "manifest", "FILE", "compare MODEL with the hashes of its tensors"},
    {OPTION_SEED, "seed", "S", "seed of the data of --targets-agree (default: 0)"},
    {OPTION_TARGET, "target", "T", "check one instruction set (default: all there are here)"},
    {OPTION_JSON, "json", "FILE", HELP_JSON},
    {OPTION_PRINT_HASHES, "print-hashes", NULL, "write the hashes of this build, as C source"},
    {0, NULL, NULL, NULL},
};

const struct command verify_spec = {
    .name = "verify",
    .summary = "check the bytes of this build on this machine, or those of a model",
    .arguments = "[MODEL]",
    .options = options,
    .more =
        "Without --golden, every encoder and decoder runs over a fixed tensor, and the hashes of\n"
        "what comes out are compared with those built into the program. With --golden, every case\n"
        "in DIR/FORMAT/ is encoded and decoded, and all bytes are compared; formats without a\n"
        "kernel are skipped. With --targets-agree, every encoder and decoder of the targets of "
        "this\n"
        "machine is compared with the scalar one on random and hostile data: heavy tails, zeros,\n"
        "ties, tiny, huge and bad weights, several kinds of importance, random blocks. Each says\n"
        "which targets ran; RDL_TARGET in the environment stands for --target.\n"
        "\n"
        "With --manifest, the tensors of a GGUF model are compared with what `roundel quantize\n"
        "--manifest` wrote of them. Exit status 1 if something differs.\n"
        "\n"
        "Example: roundel verify --golden tests/golden --target scalar\n",
};

struct request {
    struct verify_options verify;
    const char *target, *json; /* NULL, or as given */
    bool targets_agree, print_hashes, seed_given;
};

static bool take(void *context, int id, const char *value, struct error *error)
{
    struct request *request = context;
    char shown[128];
    switch (id) {
    case OPTION_GOLDEN:
        request->verify.golden = value;
        return true;
    case OPTION_TARGET:
        request->target = value;
        return true;
    case OPTION_MANIFEST:
        request->verify.manifest = value;
        return true;
    case OPTION_TARGETS_AGREE:
        request->targets_agree = true;
        return true;
    case OPTION_SEED:
        request->seed_given = true;
        return parse_number("seed", value, 0, INT64_MAX, &request->verify.seed, error);
    case OPTION_JSON:
        request->json = value;
        return true;
    case OPTION_PRINT_HASHES:
        request->print_hashes = true;
        return true;
    default:
        break;
    }
    const char **models = request->verify.models;
    if (models[0])
        return fail(error, "one argument too many: '%s'",
                    escape(shown, sizeof shown, value, strlen(value)));
    models[0] = value;
    return true;
}

bool verify_prints_table(const struct verify_options *verify)
{
    return !verify->json || verify->json->file != stdout;
}

static bool models_make_sense(const struct verify_options *verify, struct error *error)
{
    char shown[128];
    const char *model = verify->models[0];
    if (verify->manifest)
        return model || fail(error, "--manifest needs the MODEL to compare with it");
    return !model ||
           fail(error,
                "takes no argument '%s' without --manifest; a directory of golden vectors is "
                "--golden DIR",
                escape(shown, sizeof shown, model, strlen(model)));
}

static bool request_makes_sense(const struct request *request, struct error *error)
{
    if (request->print_hashes &&
        (request->verify.golden || request->targets_agree || request->json))
        return fail(error, "--print-hashes goes with no --golden, --targets-agree or --json");
    if (request->verify.golden && request->targets_agree)
        return fail(error, "--golden and --targets-agree are two checks; ask for one at a time");
    if (request->seed_given && !request->targets_agree)
        return fail(error, "--seed is for the data of --targets-agree");
    if (request->verify.manifest &&
        (request->verify.golden || request->targets_agree || request->print_hashes))
        return fail(error, "--manifest goes with no --golden, --targets-agree or --print-hashes");
    return models_make_sense(&request->verify, error);
}

static int run(const struct request *request, struct error *error)
{
    if (request->print_hashes)
        return golden_hashes_print(stdout, error) ? STATUS_OK : STATUS_INTERNAL;
    if (request->verify.manifest)
        return verify_manifest(&request->verify, error);
    if (request->targets_agree)
        return verify_agreement(&request->verify, error);
    return request->verify.golden ? verify_golden(&request->verify, error)
                                  : verify_hashes(&request->verify, error);
}

int verify_command(int argc, char **argv)
{
    struct request request = {.verify.seed = 0};
    int status;
    if (!options_parse(&verify_spec, argc, argv, take, &request, &status))
        return status;
    struct error error;
    struct target_choice choice;
    struct output json = {0};
    if (!request_makes_sense(&request, &error) || !target_choose(request.target, &choice, &error) ||
        (request.json && !output_open(&json, request.json, &error)))
        return command_fail(&verify_spec, STATUS_USAGE, &error);
    request.verify.targets = target_set(&choice);
    request.verify.json = request.json ? &json : NULL;
    status = run(&request, &error);
    output_abandon(&json);
    return status == STATUS_OK || status == STATUS_DIFFERENT
               ? status
               : command_fail(&verify_spec, status, &error);
}
