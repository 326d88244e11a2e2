#include "compare_figures.h"

#include <math.h>
#include <string.h>

enum {
    GAP_FIGURES = 8
};

/* Without blocks there is no figure. */
static double of_blocks(const struct gap_stats *stats, double value)
{
    return stats->blocks > 0 ? value : NAN;
}

size_t compare_figures(const struct comparison *comparison, const struct outcome *o,
                       struct compare_figure figures[MAX_FIGURES])
{
    const struct paired_result plain = paired_evaluate(&o->sums.paired);
    const struct paired_result weighted = paired_evaluate(&o->sums.paired_weighted);
    const double bits = o->weights ? 8.0 * (double)o->bytes / (double)o->weights : NAN;
    const struct compare_figure all[] = {
        {"weights", FIGURE_COUNT, (double)o->weights},
        {"blocks", FIGURE_COUNT, (double)o->blocks},
        {"bytes", FIGURE_COUNT, (double)o->bytes},
        {"bits_per_weight", FIGURE_REAL, bits},
        {"padding", FIGURE_COUNT, (double)o->padding},
        {"bad_blocks", FIGURE_COUNT, (double)o->bad_blocks},
        {"non_finite", FIGURE_COUNT, (double)o->sums.non_finite},
        {"rmse", FIGURE_REAL, o->metrics.rmse},
        {"relative_rmse", FIGURE_REAL, o->metrics.relative_rmse},
        {"weighted_rmse", FIGURE_REAL, o->metrics.weighted_rmse},
        {"sqnr_db", FIGURE_REAL, o->metrics.sqnr_db},
        {"cosine", FIGURE_REAL, o->metrics.cosine},
        {"max_error", FIGURE_REAL, o->metrics.max_error},
        {"error_p50", FIGURE_REAL, o->metrics.p50},
        {"error_p95", FIGURE_REAL, o->metrics.p95},
        {"error_p99", FIGURE_REAL, o->metrics.p99},
        {"error_p999", FIGURE_REAL, o->metrics.p999},
        {"mse_change", FIGURE_REAL, plain.change},
        {"mse_change_low", FIGURE_REAL, plain.low},
        {"mse_change_high", FIGURE_REAL, plain.high},
        {"weighted_mse_change", FIGURE_REAL, weighted.change},
        {"weighted_mse_change_low", FIGURE_REAL, weighted.low},
        {"weighted_mse_change_high", FIGURE_REAL, weighted.high},
        {"blocks_better", FIGURE_REAL, weighted.better},
        {"blocks_equal", FIGURE_REAL, weighted.equal},
        {"blocks_worse", FIGURE_REAL, weighted.worse},
        {"quantize_mweights_per_s", FIGURE_REAL,
         mweights_per_second(o->weights, o->encode_seconds)},
        {"dequantize_mweights_per_s", FIGURE_REAL,
         mweights_per_second(o->weights, o->decode_seconds)},
        /* Those of --gap. */
        {"gap_blocks", FIGURE_COUNT, (double)o->gap.blocks},
        {"gap_unbounded", FIGURE_COUNT, (double)o->gap.unbounded},
        {"gap_mean", FIGURE_REAL, of_blocks(&o->gap, o->gap.mean)},
        {"gap_median", FIGURE_REAL, of_blocks(&o->gap, o->gap.median)},
        {"gap_p99", FIGURE_REAL, of_blocks(&o->gap, o->gap.p99)},
        {"gap_max", FIGURE_REAL, of_blocks(&o->gap, o->gap.max)},
        {"gap_ratio_of_sums", FIGURE_REAL, of_blocks(&o->gap, o->gap.sums)},
        {"gap_optimal_share", FIGURE_REAL, of_blocks(&o->gap, o->gap.optimal)},
    };
    const size_t count = sizeof all / sizeof *all;
    memcpy(figures, all, sizeof all);
    return comparison->contest.gap ? count : count - GAP_FIGURES;
}

const char *compare_fit_name(const struct comparison *comparison, size_t c, enum fit fit)
{
    if (!comparison->contest.contestants[c].available)
        return "unavailable";
    switch (fit) {
    case FIT_ROWS:
        return "rows";
    case FIT_FLATTENED:
        return "flattened";
    case FIT_SKIPPED:
        return "skipped";
    case FIT_NEEDS_IMPORTANCE:
        return "needs importance";
    case FIT_ABSENT:
        break;
    }
    return "absent";
}
