/* Names of the cases of roundel-bench, taken apart. */
#ifndef ROUNDEL_PLOTS_CASE_NAME_H
#define ROUNDEL_PLOTS_CASE_NAME_H

#include "roundel.h"

enum case_kind {
    CASE_QUANTIZE,   /* quantize/FORMAT/ROUNDING[:WEIGHTING][+importance]/TARGET/LEVEL */
    CASE_DEQUANTIZE, /* dequantize/FORMAT/TARGET/LEVEL */
    CASE_MEMCPY,     /* memcpy/LEVEL */
    CASE_STORE,      /* store/LEVEL */
    CASE_READ,       /* read/LEVEL */
    CASE_KIND_COUNT
};

enum case_level {
    CASE_LEVEL_L1,
    CASE_LEVEL_L2,
    CASE_LEVEL_L3,
    CASE_LEVEL_DRAM,
    CASE_LEVEL_COUNT
};

/* What a kind does not name is 0. */
struct case_name {
    enum case_kind kind;
    enum rdl_format format;
    enum rdl_rounding rounding;
    enum rdl_weighting weighting;
    bool importance;
    enum rdl_target target;
    enum case_level level;
};

/* False if the name has another shape. */
bool case_name_parse(struct case_name *name, const char *text);

/* As names spell them; NULL for a value out of range. */
const char *case_kind_name(unsigned kind);
const char *case_level_name(unsigned level);

#endif
