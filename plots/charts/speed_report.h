/* Speeds of kernels, out of a JSON report of roundel-bench. */
#ifndef ROUNDEL_PLOTS_SPEED_REPORT_H
#define ROUNDEL_PLOTS_SPEED_REPORT_H

#include "case_name.h"
#include "error.h"

/* The cases that are wanted: those with native weighting, in one thread. */
struct speed_choice {
    enum case_kind operation;   /* CASE_QUANTIZE or CASE_DEQUANTIZE */
    enum rdl_rounding rounding; /* of CASE_QUANTIZE */
    enum case_level level;
};

struct speed_report {
    struct speed_choice choice;
    /* Median weights a second, 0 where there is no such case; [1] with importance. */
    double speed[RDL_FORMAT_COUNT][RDL_TARGET_COUNT][2];
    double store; /* of plain stores, the limit of CASE_DEQUANTIZE; 0 where not wanted or not
                     measured */
    unsigned least_runs, most_runs; /* that a median is of */
    /* Where the figures come from; fit for printing. */
    char cpu[128], compiler[128], flags[512], version[64], commit[128], date[64];
    size_t failed;           /* rows of wanted cases that failed when they ran */
    size_t unknown;          /* rows whose names have no known shape */
    char first_unknown[128]; /* fit for printing */
};

/*
 * Reads the report at `path`. Where a case was repeated, the median counts: the report's own, if it
 * has aggregates. Fails, naming the file, if it is no such report or has none of the wanted cases.
 */
bool speed_report_read(struct speed_report *report, const char *path,
                       const struct speed_choice *choice, struct error *error);

#endif
