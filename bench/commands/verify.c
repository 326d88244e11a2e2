/* roundel verify: does this build, on this machine, give the bytes it should? */
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
    OPTION_SEED,
    OPTION_TARGET,
    OPTION_JSON,
    OPTION_PRINT_HASHES
};

static const struct option_spec options[] = {
    {OPTION_GOLDEN, "golden", "DIR", "compare with the golden vectors of a directory"},
    {OPTION_TARGETS_AGREE, "targets-agree", NULL, "compare all targets with scalar"},
    {OPTION_SEED, "seed", "S", "seed of the data of --targets-agree (default: 0)"},
    {OPTION_TARGET, "target", "T", "check one instruction set (default: all there are here)"},
    {OPTION_JSON, "json", "FILE", HELP_JSON},
    {OPTION_PRINT_HASHES, "print-hashes", NULL, "write the hashes of this build, as C source"},
    {0, NULL, NULL, NULL},
};

const struct command verify_spec = {
    .name = "verify",
    .summary = "check that this build gives the right bytes on this machine",
    .arguments = "",
    .options = options,
    .more =
        "Without --golden, every encoder and decoder runs over a fixed tensor, and the hashes of\n"
        "what comes out are compared with those built into the program. With --golden, every case\n"
        "in DIR/FORMAT/ is encoded and decoded, and all bytes are compared; formats without a\n"
        "kernel are skipped. With --targets-agree, every encoder and decoder of the targets of "
        "this\n"
        "machine is compared with the scalar one on random and hostile data: heavy tails, zeros,\n"
        "ties, tiny, huge and bad weights, several kinds of importance, random blocks. Each says\n"
        "which targets ran; RDL_TARGET in the environment stands for --target. Exit status 1 if\n"
        "something differs.\n"
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
        return fail(error, "takes no argument '%s'; a directory of golden vectors is --golden DIR",
                    escape(shown, sizeof shown, value, strlen(value)));
    }
}

bool verify_prints_table(const struct verify_options *verify)
{
    return !verify->json || verify->json->file != stdout;
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
    return true;
}

static int run(const struct request *request, struct error *error)
{
    if (request->print_hashes)
        return golden_hashes_print(stdout, error) ? STATUS_OK : STATUS_INTERNAL;
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
