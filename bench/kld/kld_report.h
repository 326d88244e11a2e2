/* What commands report that measure models against their base on one text. */
#ifndef ROUNDEL_BENCH_KLD_REPORT_H
#define ROUNDEL_BENCH_KLD_REPORT_H

#include "kld_paired.h"
#include "kld_statistics.h"
#include "logits_file.h"
#include <jansson.h>
#include <stdio.h>

/* The base by itself, from a file. */
struct kld_base_report {
    const char *name;
    struct logits_shape shape;
    struct kld_estimate ppl;
    double clamp; /* NaN where unknown */
    double largest_range;
    uint64_t at_minimum; /* targets */
};

/* One model against it. */
struct kld_other_report {
    const char *name;
    const struct kld_tokens *tokens;
    struct kld_statistics statistics;
    double bytes; /* size of the model; 0 where unknown */
};

/* Two models with each other. */
struct kld_pair_report {
    const char *first, *second; /* names */
    struct kld_paired values;
};

/* Long lists that a report has only where they are asked for. */
struct kld_report_lists {
    bool per_chunk; /* running statistics after each chunk; in the text, too */
    bool per_token; /* the numbers of every token */
};

struct kld_report {
    struct kld_base_report base;
    const struct kld_other_report *others;
    size_t nothers;
    struct kld_report_lists lists;
    const struct kld_pair_report *paired; /* of the first two; NULL for none */
};

/* In the layout of llama.cpp's perplexity tool, with more below. Where fewer than 100 tokens were
 * scored there are only running lines. */
void kld_report_print(const struct kld_report *report, FILE *out);

/* Parts of it. */
void kld_report_print_ppl(const char *title, const struct kld_estimate *ppl, FILE *out);
void kld_report_print_other(const struct kld_other_report *other, bool per_chunk, FILE *out);
void kld_report_print_pair(const struct kld_pair_report *pair, FILE *out);
extern const char kld_report_legend[]; /* what +- stands for: a line */

/* Sets the members "base", "others" and "paired" of a report; false without memory. */
bool kld_report_set_json(json_t *json, const struct kld_report *report);

/* Parts of it: new objects, NULL without memory. */
json_t *kld_report_other_json(const struct kld_other_report *other,
                              const struct kld_report_lists *lists);
json_t *kld_report_pair_json(const struct kld_pair_report *pair);
json_t *kld_report_estimate_json(const struct kld_estimate *estimate);

#endif
