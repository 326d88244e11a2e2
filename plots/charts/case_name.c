#include "case_name.h"

#include "options.h"

#include <string.h>

const char *case_kind_name(unsigned kind)
{
    static const char *const names[CASE_KIND_COUNT] = {"quantize", "dequantize", "memcpy", "store",
                                                       "read"};
    return kind < CASE_KIND_COUNT ? names[kind] : NULL;
}

const char *case_level_name(unsigned level)
{
    static const char *const names[CASE_LEVEL_COUNT] = {"L1", "L2", "L3", "DRAM"};
    return level < CASE_LEVEL_COUNT ? names[level] : NULL;
}

/* A piece of a name. */
struct word {
    const char *text;
    size_t length;
};

enum {
    MOST_WORDS = 5
};

/* Cuts at slashes; returns how many words there are, more than MOST_WORDS if there are more. */
static unsigned split(const char *text, struct word words[MOST_WORDS])
{
    for (unsigned count = 0; count < MOST_WORDS; count++) {
        words[count] = (struct word){text, strcspn(text, "/")};
        text += words[count].length;
        if (!*text++)
            return count + 1;
    }
    return MOST_WORDS + 1;
}

static bool is_name(struct word word, axis_name_fn *name, unsigned *value)
{
    for (unsigned i = 0; name(i); i++)
        if (strlen(name(i)) == word.length && memcmp(name(i), word.text, word.length) == 0) {
            *value = i;
            return true;
        }
    return false;
}

static bool cut_ending(struct word *word, const char *ending)
{
    const size_t length = strlen(ending);
    if (word->length < length || memcmp(word->text + word->length - length, ending, length) != 0)
        return false;
    word->length -= length;
    return true;
}

/* ROUNDING[:WEIGHTING][+importance]. From the end: weightings have a plus in their names. */
static bool parse_encoder(struct case_name *name, struct word word)
{
    name->importance = cut_ending(&word, "+importance");
    unsigned rounding, weighting = RDL_NATIVE;
    const char *colon = memchr(word.text, ':', word.length);
    if (colon) {
        const size_t length = (size_t)(colon - word.text);
        const struct word behind = {colon + 1, word.length - length - 1};
        if (!is_name(behind, axis_weighting, &weighting))
            return false;
        word.length = length;
    }
    if (!is_name(word, axis_rounding, &rounding))
        return false;
    name->rounding = (enum rdl_rounding)rounding;
    name->weighting = (enum rdl_weighting)weighting;
    return true;
}

static bool parse_kernel(struct case_name *name, struct word format_word, struct word target_word)
{
    unsigned format, target;
    if (!is_name(format_word, axis_format, &format) || !is_name(target_word, axis_target, &target))
        return false;
    name->format = (enum rdl_format)format;
    name->target = (enum rdl_target)target;
    return true;
}

bool case_name_parse(struct case_name *name, const char *text)
{
    static const unsigned words_of[CASE_KIND_COUNT] = {5, 4, 2, 2, 2};
    struct word words[MOST_WORDS];
    const unsigned count = split(text, words);
    unsigned kind, level;
    if (!is_name(words[0], case_kind_name, &kind) || count != words_of[kind] ||
        !is_name(words[count - 1], case_level_name, &level))
        return false;
    *name = (struct case_name){.kind = (enum case_kind)kind, .level = (enum case_level)level};
    switch (name->kind) {
    case CASE_QUANTIZE:
        return parse_encoder(name, words[2]) && parse_kernel(name, words[1], words[3]);
    case CASE_DEQUANTIZE:
        return parse_kernel(name, words[1], words[2]);
    case CASE_MEMCPY:
    case CASE_STORE:
    case CASE_READ:
    case CASE_KIND_COUNT:
        break;
    }
    return true;
}
