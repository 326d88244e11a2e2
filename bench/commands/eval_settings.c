/* The command line of `roundel eval`. */
#include "eval.h"
#include "input_help.h"
#include "kld_top.h"
#include "target_choice.h"

#include <string.h>
#include <strings.h>

enum option {
    OPTION_TEXT = COMPARE_OPTION_END,
    OPTION_TOKENS,
    OPTION_TOKENIZER,
    OPTION_CONTEXT,
    OPTION_FIRST,
    OPTION_CHUNKS,
    OPTION_SPLIT,
    OPTION_WITHOUT_IMPORTANCE,
    OPTION_RULE,
    OPTION_TOP,
    OPTION_BRIEF,
    OPTION_PER_CHUNK,
    OPTION_PER_TOKEN,
    OPTION_SAVE_LOGITS,
    OPTION_CLAMP
};

const struct option_spec eval_options[] = {
    {OPTION_TEXT, "text", "FILE", "text to evaluate on, again for more (default: builtin:bronte)"},
    {OPTION_TOKENS, "tokens", "FILE", "a text as numbers of tokens between white space"},
    {OPTION_TOKENIZER, "tokenizer", "FILE", "vocabulary of a llama2.c checkpoint (tok512.bin)"},
    {OPTION_CONTEXT, "context", "N", "tokens of a chunk (default: the model's, at most 512)"},
    {OPTION_FIRST, "first", "N", "first position that is scored (default: half of the context)"},
    {OPTION_CHUNKS, "chunks", "N", "chunks of each text, or all (default: 64)"},
    {OPTION_SPLIT, "split", "STRING",
     "cut texts there; each part gives one chunk, its first tokens"},
    {COMPARE_FORMAT, "format", "LIST", "formats to round to, or all (default: none)"},
    {COMPARE_ROUNDING, "rounding", "LIST", "roundings, or all but oracle (default: nearest,ggml)"},
    {COMPARE_SCALES, "scales", "LIST",
     "how searches store scales, or all but joint-full (default: default)"},
    {COMPARE_WEIGHTING, "weighting", "LIST",
     "weights that searches minimise, or all (default: native)"},
    {COMPARE_IMPORTANCE, "importance", "FILE", "importance matrix, or builtin:tinylm"},
    {OPTION_WITHOUT_IMPORTANCE, "without-importance", NULL,
     "roundings with weights of their own once more without it"},
    {OPTION_RULE, "rule", "REGEX=FORMAT[:ROUNDING]",
     "for tensors whose name matches, the first that does; copy: as it is"},
    {COMPARE_ERROR_WEIGHTS, "error-weights", "W",
     "weights of wRMSE (default: importance where given, else x2)"},
    {COMPARE_BASELINE, "baseline", "NAME",
     "rounding to compare with, token by token (default: the first)"},
    {COMPARE_ON_MISFIT, "on-misfit", "WHAT",
     "rows that fit no blocks: error, flatten (default) or skip"},
    {COMPARE_GO_ON, "go-on", NULL, "encode overflows by the library's rule"},
    {COMPARE_TARGET, "target", "T", HELP_TARGET " for rounding"},
    {COMPARE_THREADS, "threads", "N", "threads" HELP_DIGITS},
    {OPTION_TOP, "top", ARGUMENT_TOP, HELP_TOP},
    {OPTION_BRIEF, "brief", NULL, "only the tables, not all statistics of each rounding"},
    {OPTION_PER_CHUNK, "per-chunk", NULL, "running statistics after each chunk too"},
    {OPTION_PER_TOKEN, "per-token", NULL, "divergences of all tokens into the JSON report"},
    {OPTION_SAVE_LOGITS, "save-logits", "FILE",
     "write the model's logits as `roundel kld` reads them"},
    {OPTION_CLAMP, "clamp", "16|24",
     "range of these in nats: 16 as llama.cpp (default), 24 as ik_llama.cpp"},
    {COMPARE_JSON, "json", "FILE", HELP_JSON},
    {0, NULL, NULL, NULL},
};

enum {
    LARGEST_CONTEXT = 1 << 20
};

static bool take_context(struct eval_settings *s, const char *value, struct error *error)
{
    uint64_t number;
    if (!parse_number("context", value, 3, LARGEST_CONTEXT, &number, error))
        return false;
    s->cut.context = (uint32_t)number;
    return true;
}

static bool take_first(struct eval_settings *s, const char *value, struct error *error)
{
    uint64_t number;
    if (!parse_number("first position", value, 0, LARGEST_CONTEXT, &number, error))
        return false;
    s->cut.first = (uint32_t)number;
    s->first_given = true;
    return true;
}

static bool take_chunks(struct eval_settings *s, const char *value, struct error *error)
{
    s->cut.chunks = 0;
    return strcasecmp(value, "all") == 0 ||
           parse_number("number of chunks", value, 1, INT32_MAX, &s->cut.chunks, error);
}

static bool take_split(struct eval_settings *s, const char *value, struct error *error)
{
    s->cut.split = value;
    return *value || fail(error, "--split is empty");
}

static bool take_rule(struct eval_settings *s, const char *value, struct error *error)
{
    if (!quantize_rules_add(&s->rules, value, error))
        return false;
    const enum quantize_kind kind = s->rules.rules[s->rules.count - 1].type.kind;
    return (kind != QUANTIZE_F16 && kind != QUANTIZE_BF16) ||
           fail(error, "rule '%s': here tensors stay as they are (copy) or become blocks", value);
}

static bool take_clamp(struct eval_settings *s, const char *value, struct error *error)
{
    const bool ik = strcmp(value, "24") == 0;
    s->clamp = ik ? LOGITS_RANGE_IK_LLAMA_CPP : LOGITS_RANGE_LLAMA_CPP;
    return ik || strcmp(value, "16") == 0 || fail(error, "the clamp is 16 or 24");
}

static bool take_model(struct eval_settings *s, const char *value, struct error *error)
{
    if (s->rounding.ninputs > 0)
        return fail(error, "one MODEL at a time");
    s->rounding.inputs[s->rounding.ninputs++] = value;
    return true;
}

bool eval_take_option(void *context, int id, const char *value, struct error *error)
{
    struct eval_settings *s = context;
    if (id == 0)
        return take_model(s, value, error);
    if (id < COMPARE_OPTION_END)
        return compare_take_option(&s->rounding, id, value, error);
    switch ((enum option)id) {
    case OPTION_TEXT:
        s->texts[s->ntexts++] = value;
        return eval_text_check(value, error);
    case OPTION_TOKENS:
        s->id_files[s->nid_files++] = value;
        return true;
    case OPTION_TOKENIZER:
        s->tokenizer = value;
        return true;
    case OPTION_CONTEXT:
        return take_context(s, value, error);
    case OPTION_FIRST:
        return take_first(s, value, error);
    case OPTION_CHUNKS:
        return take_chunks(s, value, error);
    case OPTION_SPLIT:
        return take_split(s, value, error);
    case OPTION_WITHOUT_IMPORTANCE:
        s->without_importance = true;
        return true;
    case OPTION_RULE:
        return take_rule(s, value, error);
    case OPTION_TOP:
        return parse_tops(value, &s->kld, error);
    case OPTION_BRIEF:
        s->brief = true;
        return true;
    case OPTION_PER_CHUNK:
        s->per_chunk = true;
        return true;
    case OPTION_PER_TOKEN:
        s->per_token = true;
        return true;
    case OPTION_SAVE_LOGITS:
        s->save_logits = value;
        return true;
    case OPTION_CLAMP:
        return take_clamp(s, value, error);
    }
    return fail(error, "unknown option");
}
