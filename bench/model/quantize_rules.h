/* What becomes of which tensor: --rule 'REGEX=FORMAT[:ROUNDING]', the first that matches. */
#ifndef ROUNDEL_BENCH_QUANTIZE_RULES_H
#define ROUNDEL_BENCH_QUANTIZE_RULES_H

#include "error.h"
#include "roundel.h"
#include <regex.h>
#include <stdint.h>

/* What a tensor becomes. */
enum quantize_kind {
    QUANTIZE_COPY, /* stays as it is, byte for byte */
    QUANTIZE_F32,
    QUANTIZE_F16,
    QUANTIZE_BF16,
    QUANTIZE_BLOCKS
};

struct quantize_type {
    enum quantize_kind kind;
    enum rdl_format format; /* of QUANTIZE_BLOCKS */
};

/* "copy", "none" (the same), "f32", "f16", "bf16", or the name of a format. */
bool quantize_type_parse(const char *text, size_t length, struct quantize_type *type,
                         struct error *error);

const char *quantize_type_name(struct quantize_type type);

struct quantize_rule {
    char *text; /* as given */
    regex_t regex;
    struct quantize_type type;
    bool has_rounding;
    enum rdl_rounding rounding;
    uint64_t uses; /* tensors that it decided, for the caller to count */
};

struct quantize_rules {
    struct quantize_rule *rules;
    size_t count, capacity;
};

/* Appends a rule. The last "=" of the text ends the regular expression (POSIX extended), which
 * matches anywhere in a name. */
bool quantize_rules_add(struct quantize_rules *rules, const char *text, struct error *error);

/* The first rule that matches, or NULL. */
struct quantize_rule *quantize_rules_find(const struct quantize_rules *rules, const char *name);

void quantize_rules_free(struct quantize_rules *rules);

#endif
