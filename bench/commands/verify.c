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
    OPTION_COMPARE,
    OPTION_SOURCE,
    OPTION_SEED,
    OPTION_TARGET,
    OPTION_JSON,
    OPTION_PRINT_HASHES
};

static const struct option_spec options[] = {
    {OPTION_GOLDEN, "golden", "DIR", "compare with the golden vectors of a directory"},
    {OPTION_TARGETS_AGREE, "targets-agree", NULL, "compare all targets with scalar"},
    {OPTION_MANIFEST, "manifest", "FILE", "compare MODEL with the hashes of its tensors"},
    {OPTION_COMPARE, "compare", NULL, "compare two models, tensor by tensor"},
    {OPTION_SOURCE, "source", "FILE",
     "what the first MODEL of --compare was quantized from, and once more\n"
     "                             for the second"},
    {OPTION_SEED, "seed", "S", "seed of the data of --targets-agree (default: 0)"},
    {OPTION_TARGET, "target", "T", "check one instruction set (default: all there are here)"},
    {OPTION_JSON, "json", "FILE", HELP_JSON},
    {OPTION_PRINT_HASHES, "print-hashes", NULL, "write the hashes of this build, as C source"},
    {0, NULL, NULL, NULL},
};

const struct command verify_spec = {
    .name = "verify",
    .summary = "check the bytes of this build on this machine, or those of a model",
    .arguments = "[MODEL [MODEL]]",
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
        "--manifest` wrote of them. With --compare, those of two models (of any kind that inspect\n"
        "reads): bytes, blocks and weights that differ, and how many of the weights are beyond\n"
        "the range of binary16 (above 65504), below its normal numbers (2^-14), or other ones;\n"
        "with --source twice, those weights are of the sources, and the blocks that differ are\n"
        "counted by what differs in their source. Exit status 1 if something differs.\n"
        "\n"
        "Example: roundel verify --golden tests/golden --target scalar\n",
};

struct request {
    struct verify_options verify;
    const char *target, *json; /* NULL, or as given */
    bool targets_agree, print_hashes, seed_given, compare;
};

static bool take_one_of_two(const char *what, const char *paths[2], unsigned *count,
                            const char *path, struct error *error)
{
    char shown[128];
    if (*count == 2)
        return fail(error, "a third %s: '%s'", what,
                    escape(shown, sizeof shown, path, strlen(path)));
    paths[(*count)++] = path;
    return true;
}

static bool take(void *context, int id, const char *value, struct error *error)
{
    struct request *request = context;
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
    case OPTION_COMPARE:
        request->compare = true;
        return true;
    case OPTION_SOURCE:
        return take_one_of_two("--source", request->verify.sources, &request->verify.nsources,
                               value, error);
    default:
        return take_one_of_two("argument", request->verify.models, &request->verify.nmodels, value,
                               error);
    }
}

bool verify_prints_table(const struct verify_options *verify)
{
    return !verify->json || verify->json->file != stdout;
}

static bool models_make_sense(const struct request *request, struct error *error)
{
    const struct verify_options *verify = &request->verify;
    char shown[128];
    if (verify->nsources > 0 && !request->compare)
        return fail(error, "--source goes with --compare");
    if (verify->nsources == 1)
        return fail(error, "--source is wanted for each of the two models, or for none");
    if (request->compare)
        return verify->nmodels == 2 || fail(error, "--compare wants two models");
    if (verify->manifest)
        return verify->nmodels == 1 ||
               fail(error, "--manifest needs the one MODEL to compare with it");
    return verify->nmodels == 0 ||
           fail(error,
                "takes no argument '%s' without --manifest or --compare; a directory of golden "
                "vectors is --golden DIR",
                escape(shown, sizeof shown, verify->models[0], strlen(verify->models[0])));
}

static bool request_makes_sense(const struct request *request, struct error *error)
{
    if (request->print_hashes &&
        (request->verify.golden || request->targets_agree || request->json))
        return fail(error, "--print-hashes goes with no --golden, --targets-agree or --json");
    const unsigned checks = (request->verify.golden != NULL) + request->targets_agree +
                            (request->verify.manifest != NULL) + request->compare +
                            request->print_hashes;
    if (checks > 1)
        return fail(error, "--golden, --targets-agree, --manifest, --compare and --print-hashes "
                           "are several checks; ask for one at a time");
    if (request->seed_given && !request->targets_agree)
        return fail(error, "--seed is for the data of --targets-agree");
    return models_make_sense(request, error);
}

static int run(const struct request *request, struct error *error)
{
    if (request->print_hashes)
        return golden_hashes_print(stdout, error) ? STATUS_OK : STATUS_INTERNAL;
    if (request->compare)
        return verify_compare(&request->verify, error);
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
