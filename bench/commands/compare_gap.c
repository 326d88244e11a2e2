/* The table of `roundel compare --gap`: how far blocks are from the lower bound. */
#include "combinations.h"
#include "compare_tables.h"
#include "contest_gap.h"
#include "options.h"
#include "roundel_block.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    LEAST_LABEL_WIDTH = 12
};

int comparison_label_width(const struct comparison *comparison)
{
    size_t width = LEAST_LABEL_WIDTH;
    for (size_t c = 0; c < comparison->contest.count; c++) {
        char label[CONTESTANT_LABEL];
        const size_t length = strlen(contestant_label(&comparison->contest.contestants[c], label));
        width = length > width ? length : width;
    }
    return (int)width;
}

void comparison_print_label(const struct comparison *comparison, size_t c)
{
    const struct contestant *contestant = &comparison->contest.contestants[c];
    char label[CONTESTANT_LABEL];
    printf("%-8s %-*s", axis_format(contestant->format), comparison_label_width(comparison),
           contestant_label(contestant, label));
}

static void print_line(const struct comparison *comparison, size_t c, const struct gap_stats *gap)
{
    const struct contestant *contestant = &comparison->contest.contestants[c];
    comparison_print_label(comparison, c);
    printf(" %8zu %9.4g %9.4g %9.4g %9.4g %9.4g %8.2f  %s\n", gap->blocks, 100.0 * gap->mean,
           100.0 * gap->median, 100.0 * gap->p99, 100.0 * gap->max, 100.0 * gap->sums,
           100.0 * gap->optimal,
           axis_weighting(contest_gap_weighting(comparison->contest.gap, contestant)));
}

void comparison_print_gap(const struct comparison *comparison, const struct outcome *outcomes)
{
    printf("\nExcess of the weighted error over the proven optimum of real scales, in %%\n");
    printf("%-8s %-*s %8s %9s %9s %9s %9s %9s %8s  %s\n", "format",
           comparison_label_width(comparison), "rounding", "blocks", "mean", "median", "99 %",
           "max", "of sums", "optimal", "error weights");
    size_t unbounded = 0;
    for (size_t c = 0; c < comparison->contest.count; c++) {
        const struct outcome *o = &outcomes[c];
        if (o->fit != FIT_ROWS && o->fit != FIT_FLATTENED)
            continue;
        print_line(comparison, c, &o->gap);
        unbounded = o->gap.unbounded > unbounded ? o->gap.unbounded : unbounded;
    }
    if (unbounded > 0)
        printf("Up to %zu blocks have an optimum of 0 and an error: in the sums alone.\n",
               unbounded);
}
