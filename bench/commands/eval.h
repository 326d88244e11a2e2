/* What `roundel eval` was asked for, and what it found out. */
#ifndef ROUNDEL_BENCH_EVAL_H
#define ROUNDEL_BENCH_EVAL_H

#include "compare_settings.h"
#include "evaluation.h"
#include "kld_report.h"
#include "variant.h"

struct eval_settings {
    struct compare_settings rounding; /* what is shared with `compare`; inputs[0] is the model */
    /* With room for every word of the command line. */
    const char **texts, **id_files;
    size_t ntexts, nid_files;
    const char *tokenizer; /* NULL for none */
    struct eval_cut cut;   /* context 0: not given */
    bool first_given;
    struct kld_settings kld;
    struct quantize_rules rules;
    bool without_importance, brief, per_chunk, per_token;
    const char *save_logits;
    float clamp; /* of saved logits */
};

extern const struct option_spec eval_options[];

/* An option_fn: `context` is a struct eval_settings. */
bool eval_take_option(void *context, int id, const char *value, struct error *error);

enum {
    EVAL_LABEL = 160
};

/* One way to round the model, and what it does to it. */
struct eval_variant {
    struct contestant contestant;
    char label[EVAL_LABEL]; /* "q4_k exact:uniform" */
    bool importance;        /* the encoder takes it */
    size_t baseline;        /* variant that it is compared with; NO_BASELINE for none */
    const char *absent;     /* why there is none; NULL where there is */
    struct variant_errors errors;
    struct kld_tokens tokens;
    struct kld_statistics statistics;
};

/*
 * The variants that the settings name, in the order of compare_contestants(). Each is compared with
 * the baseline of its format; one that takes no importance with the baseline without it, if that is
 * there. The array is the caller's to free, on false too.
 */
bool eval_variants(struct eval_settings *settings, const struct imatrix *imatrix,
                   struct eval_variant **variants, size_t *count, struct error *error);

struct eval_report {
    const struct eval_settings *settings;
    const char *spec; /* of the model */
    const struct llama_model *model;
    const struct eval_text *text;
    const struct evaluation *evaluation;
    const struct eval_variant *variants;
    size_t nvariants;
    const struct kld_pair_report *pairs;
    size_t npairs;
};

/* -ln p of the model's own targets, over one text, or over all. */
struct kld_estimate eval_perplexity(const struct eval_report *report);
struct kld_estimate eval_part_perplexity(const struct eval_report *report, size_t part);

/* How many tensors of the model a rule decided. */
size_t eval_rule_tensors(const struct eval_report *report, size_t rule);

/* False without memory. */
bool eval_report_print(const struct eval_report *report);

/* A new object, or NULL without memory. */
json_t *eval_report_json(const struct eval_report *report);

#endif
