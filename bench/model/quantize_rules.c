#include "quantize_rules.h"

#include "array.h"
#include "options.h"
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------
 * Types
 */

static const struct {
    const char *name;
    enum quantize_kind kind;
} plain_types[] = {
    {"copy", QUANTIZE_COPY}, {"none", QUANTIZE_COPY}, {"f32", QUANTIZE_F32},
    {"f16", QUANTIZE_F16},   {"bf16", QUANTIZE_BF16},
};

enum {
    PLAIN_TYPES = sizeof plain_types / sizeof plain_types[0]
};

bool quantize_type_parse(const char *text, size_t length, struct quantize_type *type,
                         struct error *error)
{
    const char *names[PLAIN_TYPES + AXIS_MAX];
    const size_t nformats = axis_names(axis_format, names);
    for (unsigned i = 0; i < PLAIN_TYPES; i++)
        names[nformats + i] = plain_types[i].name;
    unsigned index;
    if (!parse_name("format", text, length, names, nformats + PLAIN_TYPES, &index, error))
        return false;
    *type = index < nformats ? (struct quantize_type){QUANTIZE_BLOCKS, (enum rdl_format)index}
                             : (struct quantize_type){.kind = plain_types[index - nformats].kind};
    return true;
}

const char *quantize_type_name(struct quantize_type type)
{
    if (type.kind == QUANTIZE_BLOCKS)
        return rdl_format_info(type.format)->name;
    unsigned i = 0;
    while (plain_types[i].kind != type.kind)
        i++;
    return plain_types[i].name;
}

/* ------------------------------------------------------------------------------------------------
 * Rules
 */

static bool parse_rounding(const char *text, struct quantize_rule *rule, struct error *error)
{
    const char *names[AXIS_MAX];
    unsigned index;
    if (rule->type.kind != QUANTIZE_BLOCKS)
        return fail(error, "'%s' takes no rounding", quantize_type_name(rule->type));
    if (!parse_name("rounding", text, strlen(text), names, axis_names(axis_rounding, names), &index,
                    error))
        return false;
    rule->has_rounding = true;
    rule->rounding = (enum rdl_rounding)index;
    return true;
}

/* What follows the regular expression. */
static bool parse_action(const char *text, struct quantize_rule *rule, struct error *error)
{
    const size_t length = strcspn(text, ":");
    return quantize_type_parse(text, length, &rule->type, error) &&
           (text[length] == '\0' || parse_rounding(text + length + 1, rule, error));
}

/* Cuts the text of the rule, from malloc, at its last "=". */
static bool compile(char *text, struct quantize_rule *rule, struct error *error)
{
    char *equals = strrchr(text, '=');
    if (!equals || equals == text)
        return fail(error, "it is not of the form REGEX=FORMAT[:ROUNDING]");
    *equals = '\0';
    if (!parse_action(equals + 1, rule, error))
        return false;
    const int code = regcomp(&rule->regex, text, REG_EXTENDED | REG_NOSUB);
    if (code == 0)
        return true;
    char reason[128];
    regerror(code, &rule->regex, reason, sizeof reason);
    return fail(error, "no regular expression: %s", reason);
}

static bool make_rule(const char *text, struct quantize_rule *rule, struct error *error)
{
    char shown[128];
    char *copy = strdup(text);
    *rule = (struct quantize_rule){.text = strdup(text)};
    bool good = (copy && rule->text) || fail(error, "out of memory");
    good = good && compile(copy, rule, error);
    free(copy);
    if (!good)
        free(rule->text);
    return good || fail_in(error, "rule '%s'", escape(shown, sizeof shown, text, strlen(text)));
}

bool quantize_rules_add(struct quantize_rules *rules, const char *text, struct error *error)
{
    struct quantize_rule rule;
    if (!make_rule(text, &rule, error))
        return false;
    struct quantize_rule *grown =
        array_grow(rules->rules, rules->count, &rules->capacity, sizeof *grown);
    if (!grown) {
        regfree(&rule.regex);
        free(rule.text);
        return fail(error, "out of memory");
    }
    rules->rules = grown;
    rules->rules[rules->count++] = rule;
    return true;
}

struct quantize_rule *quantize_rules_find(const struct quantize_rules *rules, const char *name)
{
    for (size_t i = 0; i < rules->count; i++)
        if (regexec(&rules->rules[i].regex, name, 0, NULL, 0) == 0)
            return &rules->rules[i];
    return NULL;
}

void quantize_rules_free(struct quantize_rules *rules)
{
    for (size_t i = 0; i < rules->count; i++) {
        regfree(&rules->rules[i].regex);
        free(rules->rules[i].text);
    }
    free(rules->rules);
    *rules = (struct quantize_rules){0};
}
