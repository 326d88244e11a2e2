#include "options.h"

#include "roundel_block.h"
#include "suggest.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    MAX_OPTIONS = 48,
    HELP_COLUMN = 28,
    FIRST_ID = 0x100, /* added to ids: above characters, and 1 for a word that is no option */
    ID_HELP = 0x1000
};

/* The letter that stands for the option; NUL if there is none. */
static char letter_of(const struct command *command, const struct option_spec *option)
{
    const char initial = option->name[0];
    if (!command->letters || !strchr(command->letters, initial))
        return '\0';
    const struct option_spec *first = command->options;
    while (first->name[0] != initial)
        first++;
    return first == option ? initial : '\0';
}

static void print_option(char letter, const char *name, const char *argument, const char *help)
{
    char left[96], dash[] = "-?, ";
    dash[1] = letter;
    snprintf(left, sizeof left, "  %s--%s%s%s", letter ? dash : "", name, argument ? " " : "",
             argument ? argument : "");
    printf("%-*s %s\n", HELP_COLUMN, left, help);
}

static void print_help(const struct command *command)
{
    printf("Usage: roundel %s [OPTION...] %s\n\n%s\n\nOptions:\n", command->name,
           command->arguments, command->summary);
    for (const struct option_spec *o = command->options; o->id; o++)
        print_option(letter_of(command, o), o->name, o->argument, o->help);
    print_option('\0', "help", NULL, "this text");
    if (command->more)
        printf("\n%s", command->more);
    if (command->more_help) {
        putchar('\n');
        command->more_help();
    }
}

void append_choices(struct error *error, const char *const *names, size_t count)
{
    size_t used = strlen(error->text);
    for (size_t i = 0; i < count && used < sizeof error->text; i++)
        used += (size_t)snprintf(error->text + used, sizeof error->text - used, "%s%s",
                                 i ? ", " : "", names[i]);
}

/* " did you mean 'NAME'?", the name after `dashes`; empty where none is near. */
static const char *did_you_mean(char text[128], const char *dashes, const char *word, size_t length,
                                const char *const *names, size_t count)
{
    const char *near = suggest(word, length, names, count);
    text[0] = '\0';
    if (near)
        snprintf(text, 128, " did you mean '%s%s'?", dashes, near);
    return text;
}

static bool unknown_option(const struct command *command, const char *word, struct error *error)
{
    const char *names[MAX_OPTIONS];
    size_t count = 0;
    for (const struct option_spec *o = command->options; o->id; o++)
        names[count++] = o->name;
    names[count++] = "help";
    const char *bare = word + strspn(word, "-");
    const size_t length = strcspn(bare, "=");
    char shown[128], hint[128];
    escape(shown, sizeof shown, word, strlen(word));
    if (*did_you_mean(hint, "--", bare, length, names, count))
        return fail(error, "unknown option '%s';%s", shown, hint);
    fail(error, "unknown option '%s'; choices: ", shown);
    append_choices(error, names, count);
    return false;
}

/* The option for a value of getopt_long()'s, which is 0 for an unknown name; the list's end if
 * there is none. */
static const struct option_spec *option_by_id(const struct command *command, int value)
{
    const struct option_spec *o = command->options;
    while (o->id && FIRST_ID + o->id != value && (value == 0 || letter_of(command, o) != value))
        o++;
    return o;
}

int command_fail(const struct command *command, int status, const struct error *error)
{
    fflush(stdout);
    fprintf(stderr, "roundel %s: %s\n", command->name, error->text);
    return status;
}

static bool wrong(const struct command *command, const struct error *error, int *status)
{
    *status = command_fail(command, STATUS_USAGE, error);
    return false;
}

/* The library's view of the options: every one as --name, the id as its value. */
static void fill_getopt(const struct command *command, struct option long_options[MAX_OPTIONS])
{
    size_t count = 0;
    for (const struct option_spec *o = command->options; o->id; o++)
        long_options[count++] = (struct option){
            o->name, o->argument ? required_argument : no_argument, NULL, FIRST_ID + o->id};
    long_options[count++] = (struct option){"help", no_argument, NULL, ID_HELP};
    long_options[count] = (struct option){NULL, 0, NULL, 0};
}

/* The library's view of the letters. "-": words that are no options come in their order; ":": a
 * missing value is told from an unknown option. */
static void fill_letters(const struct command *command, char letters[3 + 2 * MAX_OPTIONS + 1])
{
    char *end = stpcpy(letters, "-:h");
    for (const struct option_spec *o = command->options; o->id; o++)
        if (letter_of(command, o)) {
            *end++ = letter_of(command, o);
            if (o->argument)
                *end++ = ':';
        }
    *end = '\0';
}

bool options_parse(const struct command *command, int argc, char **argv, option_fn *take,
                   void *context, int *status)
{
    struct option long_options[MAX_OPTIONS];
    fill_getopt(command, long_options);
    char letters[3 + 2 * MAX_OPTIONS + 1];
    fill_letters(command, letters);
    struct error error;
    opterr = 0;
    optind = 0; /* glibc: start over */
    for (;;) {
        const int at = optind ? optind : 1;
        const int id = getopt_long(argc, argv, letters, long_options, NULL);
        if (id == -1)
            break;
        if (id == ID_HELP || id == 'h') {
            print_help(command);
            *status = STATUS_OK;
            return false;
        }
        if (id == ':') {
            const struct option_spec *o = option_by_id(command, optopt);
            fail(&error, "option '--%s' needs a value: %s", o->name, o->argument);
            return wrong(command, &error, status);
        }
        if (id == '?') {
            if (option_by_id(command, optopt)->id)
                fail(&error, "option '--%s' takes no value", option_by_id(command, optopt)->name);
            else
                unknown_option(command, argv[at], &error);
            return wrong(command, &error, status);
        }
        if (!take(context, option_by_id(command, id)->id, optarg, &error))
            return wrong(command, &error, status);
    }
    for (int i = optind; i < argc; i++)
        if (!take(context, 0, argv[i], &error))
            return wrong(command, &error, status);
    return true;
}

bool parse_number(const char *what, const char *text, uint64_t low, uint64_t high, uint64_t *value,
                  struct error *error)
{
    char *end = NULL;
    errno = 0;
    const unsigned long long number = strtoull(text, &end, 10);
    if (!isdigit((unsigned char)text[0]) || *end || errno || number < low || number > high) {
        char shown[64];
        return fail(error, "%s '%s' is no whole number from %llu to %llu", what,
                    escape(shown, sizeof shown, text, strlen(text)), (unsigned long long)low,
                    (unsigned long long)high);
    }
    *value = number;
    return true;
}

static bool unknown_name(const char *what, const char *text, size_t length,
                         const char *const *names, size_t count, struct error *error)
{
    char shown[128], hint[128];
    escape(shown, sizeof shown, text, length);
    const bool near = *did_you_mean(hint, "", text, length, names, count);
    fail(error, "unknown %s '%s';%s %s: ", what, shown, hint, near ? "Choices" : "choices");
    append_choices(error, names, count);
    return false;
}

bool parse_name(const char *what, const char *text, size_t length, const char *const *names,
                size_t count, unsigned *index, struct error *error)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(names[i]) == length && strncasecmp(names[i], text, length) == 0) {
            *index = (unsigned)i;
            return true;
        }
    return unknown_name(what, text, length, names, count, error);
}

static void add_once(unsigned index, unsigned *indices, size_t *nindices)
{
    for (size_t i = 0; i < *nindices; i++)
        if (indices[i] == index)
            return;
    indices[(*nindices)++] = index;
}

bool parse_names(const char *what, const char *text, const char *const *names, size_t count,
                 unsigned *indices, size_t *nindices, struct error *error)
{
    *nindices = 0;
    if (strcasecmp(text, "all") == 0) {
        for (unsigned i = 0; i < count; i++)
            add_once(i, indices, nindices);
        return true;
    }
    for (const char *word = text;; word++) {
        const size_t length = strcspn(word, ",");
        unsigned index;
        if (!parse_name(what, word, length, names, count, &index, error))
            return false;
        add_once(index, indices, nindices);
        word += length;
        if (!*word)
            return true;
    }
}

const char *axis_format(unsigned value)
{
    const struct rdl_format_info *info = rdl_format_info((enum rdl_format)value);
    return info ? info->name : NULL;
}

const char *axis_rounding(unsigned value)
{
    return rdl_rounding_name((enum rdl_rounding)value);
}

const char *axis_weighting(unsigned value)
{
    return rdl_weighting_name((enum rdl_weighting)value);
}

const char *axis_target(unsigned value)
{
    return rdl_target_name((enum rdl_target)value);
}

const char *axis_solver(unsigned value)
{
    return rdl_solver_name((enum rdl_solver)value);
}

size_t axis_names(axis_name_fn *name, const char *names[AXIS_MAX])
{
    size_t count = 0;
    while (count < AXIS_MAX && (names[count] = name((unsigned)count)))
        count++;
    return count;
}

bool parse_axis(const char *what, const char *text, axis_name_fn *name, unsigned *index,
                struct error *error)
{
    const char *names[AXIS_MAX];
    const size_t count = axis_names(name, names);
    return parse_name(what, text, strlen(text), names, count, index, error);
}
