/* roundel verify: does this build, on this machine, give the bytes it should? */
#include "verify.h"

#include "commands.h"
#include "golden_hashes.h"
#include "input_help.h"

#include <stdio.h>
#include <string.h>

enum {
    OPTION_GOLDEN = 1,
    OPTION_TARGET,
    OPTION_JSON,
    OPTION_PRINT_HASHES
};

static const struct option_spec options[] = {
    {OPTION_GOLDEN, "golden", "DIR", "compare with the golden vectors of a directory"},
    {OPTION_TARGET, "target", "NAME", "one instruction set; default: all there are here"},
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
        "in DIR/FORMAT/ is encoded and decoded, and all bytes are compared; formats that are not\n"
        "implemented are skipped. Exit status 1 if something differs.\n"
        "\n"
        "Example: roundel verify --golden tests/golden --target scalar\n",
};

struct request {
    struct verify_options verify;
    const char *json; /* NULL, "-" or a path */
    bool print_hashes;
};

static bool has_kernel(enum rdl_format format, enum rdl_target target)
{
    for (unsigned r = 0; r < RDL_ROUNDING_COUNT; r++)
        for (unsigned w = 0; w < RDL_WEIGHTING_COUNT; w++)
            if (rdl_encoder_support(format, (enum rdl_rounding)r, (enum rdl_weighting)w, target))
                return true;
    return rdl_decoder_support(format, target);
}

/* The targets that this machine has and the library has a kernel for. */
static unsigned usable_targets(void)
{
    unsigned targets = 0;
    for (unsigned t = 0; t < RDL_TARGET_COUNT; t++)
        for (unsigned f = 0; f < RDL_FORMAT_COUNT; f++)
            if (has_kernel((enum rdl_format)f, (enum rdl_target)t))
                targets |= 1u << t;
    return targets & rdl_detect_targets();
}

static bool take_target(const char *value, unsigned *targets, struct error *error)
{
    const char *names[AXIS_MAX];
    const size_t count = axis_names(axis_target, names);
    unsigned target;
    if (!parse_name("target", value, strlen(value), names, count, &target, error))
        return false;
    const unsigned usable = usable_targets();
    *targets = 1u << target;
    if (*targets & usable)
        return true;
    fail(error, "target '%s' is not available here; choices: ", names[target]);
    size_t used = strlen(error->text);
    for (unsigned t = 0; t < count && used < sizeof error->text; t++)
        if (usable >> t & 1u)
            used += (size_t)snprintf(error->text + used, sizeof error->text - used, "%s%s",
                                     usable & ((1u << t) - 1) ? ", " : "", names[t]);
    return false;
}

static bool take(void *context, int id, const char *value, struct error *error)
{
    struct request *request = context;
    char shown[128];
    switch (id) {
    case OPTION_GOLDEN:
        request->verify.golden = value;
        return true;
    case OPTION_TARGET:
        return take_target(value, &request->verify.targets, error);
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

static int run(const struct request *request, struct error *error)
{
    if (request->print_hashes)
        return golden_hashes_print(stdout, error) ? STATUS_OK : STATUS_INTERNAL;
    return request->verify.golden ? verify_golden(&request->verify, error)
                                  : verify_hashes(&request->verify, error);
}

int verify_command(int argc, char **argv)
{
    struct request request = {.verify.targets = usable_targets()};
    switch (options_parse(&verify_spec, argc, argv, take, &request)) {
    case OPTIONS_HELP_SHOWN:
        return STATUS_OK;
    case OPTIONS_WRONG:
        return STATUS_USAGE;
    case OPTIONS_OK:
        break;
    }
    struct error error;
    if (request.print_hashes && (request.verify.golden || request.json)) {
        fail(&error, "--print-hashes goes with no --golden and no --json");
        return command_fail(&verify_spec, STATUS_USAGE, &error);
    }
    struct output json = {0};
    if (request.json) {
        if (!output_open(&json, request.json, &error))
            return command_fail(&verify_spec, STATUS_USAGE, &error);
        request.verify.json = &json;
    }
    const int status = run(&request, &error);
    output_abandon(&json);
    return status == STATUS_OK || status == STATUS_DIFFERENT
               ? status
               : command_fail(&verify_spec, status, &error);
}
