/* What `roundel kld` reports, and later whatever measures two models on one text. */
#ifndef ROUNDEL_BENCH_KLD_REPORT_H
#define ROUNDEL_BENCH_KLD_REPORT_H

#include "kld_paired.h"
#include "kld_statistics.h"
#include "logits_file.h"
#include <jansson.h>
#include <stdio.h>

/* The base by itself. */
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

struct kld_report {
    struct kld_base_report base;
    const struct kld_other_report *others;
    size_t nothers;
    bool per_chunk;
    const struct kld_paired *paired; /* of the first two; NULL for none */
};

/* In the layout of llama.cpp's perplexity tool, with more below. Where fewer than 100 tokens were
 * scored there are only running lines. */
void kld_report_print(const struct kld_report *report, FILE *out);

/* Sets the members "base", "others" and "paired" of a report; false without memory. */
bool kld_report_set_json(json_t *json, const struct kld_report *report);

#endif
