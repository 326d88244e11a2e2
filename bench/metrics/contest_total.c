/* What a contestant did on all tensors together. */
#include "contest.h"

#include "contest_gap.h"
#include <stdlib.h>

static void add_counts(struct outcome *total, const struct outcome *part)
{
    total->fit = FIT_ROWS;
    total->weights += part->weights;
    total->blocks += part->blocks;
    total->bytes += part->bytes;
    total->padding += part->padding;
    total->bad_blocks += part->bad_blocks;
    total->encode_seconds += part->encode_seconds;
    total->decode_seconds += part->decode_seconds;
}

bool contest_total(const struct contest *contest, size_t c, const struct outcome *outcomes,
                   size_t ntensors, struct outcome *total, struct error *error)
{
    struct error_sums *sums = malloc((ntensors + 1) * sizeof *sums);
    if (!sums)
        return fail(error, "out of memory");
    *total = (struct outcome){.fit = ntensors ? outcomes[c].fit : FIT_ABSENT};
    size_t count = 0;
    for (size_t t = 0; t < ntensors; t++) {
        const struct outcome *part = &outcomes[t * contest->count + c];
        if (!outcome_took_part(part))
            continue;
        add_counts(total, part);
        sums[count++] = part->sums;
    }
    total->sums = metrics_merge(sums, count);
    total->metrics = metrics_evaluate(&total->sums, &contest->totals[c]);
    free(sums);
    return !contest->gap || contest_gap_total(contest, c, &total->gap, error);
}
