/* The command `roundel`: finds the subcommand. */
#include "roundel.h"
#include "commands.h"
#include "suggest.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const struct command *spec;
    command_fn *run;
} commands[] = {
    {&compare_spec, compare_command},   {&gap_table_spec, gap_table_command},
    {&inspect_spec, inspect_command},   {&verify_spec, verify_command},
    {&quantize_spec, quantize_command}, {&imatrix_spec, imatrix_command},
    {&eval_spec, eval_command},         {&kld_spec, kld_command},
    {&project_spec, project_command},   {&plot_spec, plot_command},
    {&targets_spec, targets_command},
};

enum {
    COMMANDS = sizeof commands / sizeof commands[0]
};

static void print_help(FILE *out)
{
    fprintf(out, "Usage: roundel COMMAND [OPTION...] [ARGUMENT...]\n\n"
                 "Block quantization of neural-network weights, measured.\n\nCommands:\n");
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(out, "  %-10s %s\n", commands[i].spec->name, commands[i].spec->summary);
    fprintf(out, "\n'roundel COMMAND --help' tells more; 'roundel --version' the version.\n"
                 "Exit status: 0 ok, 1 a comparison or verification failed, 2 usage, 3 bad input, "
                 "4 internal.\n");
}

static int unknown_command(const char *word)
{
    const char *names[COMMANDS];
    for (size_t i = 0; i < COMMANDS; i++)
        names[i] = commands[i].spec->name;
    char shown[128];
    fprintf(stderr, "roundel: unknown command '%s'; ",
            escape(shown, sizeof shown, word, strlen(word)));
    const char *near = suggest(word, strlen(word), names, COMMANDS);
    if (near) {
        fprintf(stderr, "did you mean '%s'?\n", near);
        return STATUS_USAGE;
    }
    fprintf(stderr, "choices: ");
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(stderr, "%s%s", i ? ", " : "", names[i]);
    fprintf(stderr, "; microbenchmarks are the program roundel-bench\n");
    return STATUS_USAGE;
}

/* Output that did not reach its file is a failure, even if the command went well. */
static int finish(int status)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    perror("roundel: cannot write to standard output");
    return status == STATUS_OK ? STATUS_INTERNAL : status;
}

int main(int argc, char **argv)
{
    /* A file that may not grow is an error of its write, like a full disk, and no reason to die. */
    signal(SIGXFSZ, SIG_IGN);
    if (argc < 2) {
        print_help(stderr);
        return STATUS_USAGE;
    }
    const char *word = argv[1];
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0) {
        print_help(stdout);
        return finish(STATUS_OK);
    }
    if (strcmp(word, "--version") == 0) {
        printf("roundel %s\n", rdl_version());
        return finish(STATUS_OK);
    }
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(word, commands[i].spec->name) == 0)
            return finish(commands[i].run(argc - 1, argv + 1));
    return unknown_command(word);
}
