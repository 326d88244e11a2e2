/* Names and sentences of the public enumerations. */
#include "roundel.h"

#define STRING_(x) #x
#define STRING(x)  STRING_(x)

static const char *const rounding_names[RDL_ROUNDING_COUNT] = {
    [RDL_NEAREST] = "nearest",
    [RDL_GGML] = "ggml",
    [RDL_GGML_FIXED] = "ggml-fixed",
    [RDL_GGML_REDUCED] = "ggml-reduced",
    [RDL_NEAREST_REFIT] = "nearest-refit",
    [RDL_QX] = "qx",
    [RDL_QXG] = "qxg",
    [RDL_Q3] = "q3",
    [RDL_Q3_FIXED] = "q3-fixed",
    [RDL_QP] = "qp",
    [RDL_NL] = "nl",
    [RDL_NLG] = "nlg",
    [RDL_QKX1] = "qkx1",
    [RDL_QKX2] = "qkx2",
    [RDL_QKX3] = "qkx3",
    [RDL_ALT] = "alt",
    [RDL_WLS] = "wls",
    [RDL_SORT] = "sort",
    [RDL_SORT_SIGNED] = "sort-signed",
    [RDL_HEAP] = "heap",
    [RDL_HEAP_SIGNED] = "heap-signed",
    [RDL_HEAP_NL] = "heap-nl",
    [RDL_HEAP_NL_FAST] = "heap-nl-fast",
    [RDL_SWEEP] = "sweep",
    [RDL_SWEEP_BASES] = "sweep-bases",
    [RDL_CUMULATIVE] = "cumulative",
    [RDL_ORACLE] = "oracle",
    [RDL_EXACT] = "exact",
    [RDL_LSQK] = "lsqk",
    [RDL_JOINT] = "joint",
};

static const char *const weighting_names[RDL_WEIGHTING_COUNT] = {
    [RDL_NATIVE] = "native",
    [RDL_UNIFORM] = "uniform",
    [RDL_X2] = "x2",
    [RDL_ABS] = "abs",
    [RDL_RMS_ABS] = "rms+abs",
    [RDL_IMPORTANCE] = "importance",
    [RDL_IMPORTANCE_RMS] = "importance*sqrt(sigma2+x2)",
};

static const char *const scales_names[RDL_SCALES_COUNT] = {
    [RDL_SCALES_DEFAULT] = "default",
    [RDL_SCALES_MAX] = "max",
    [RDL_SCALES_QP] = "qp",
    [RDL_SCALES_EXHAUSTIVE] = "exhaustive",
    [RDL_SCALES_ALTERNATE] = "alternate",
    [RDL_SCALES_JOINT] = "joint",
    [RDL_SCALES_JOINT_FULL] = "joint-full",
};

static const char *const target_names[RDL_TARGET_COUNT] = {
    [RDL_SCALAR] = "scalar",
    [RDL_AVX2] = "avx2",
    [RDL_AVX512] = "avx512",
    [RDL_NEON] = "neon",
};

static const char *const grid_names[RDL_GRID_COUNT] = {
    [RDL_GRID_SYMMETRIC] = "symmetric", [RDL_GRID_AFFINE] = "affine",   [RDL_GRID_TABLE] = "table",
    [RDL_GRID_CODEBOOK] = "codebook",   [RDL_GRID_TERNARY] = "ternary",
};

static const char *const status_texts[RDL_STATUS_COUNT] = {
    [RDL_OK] = "success",
    [RDL_NULL_POINTER] = "a required pointer is NULL",
    [RDL_UNKNOWN_VALUE] = "a format, rounding, weighting, target or flag is out of range",
    [RDL_UNSUPPORTED] = "the library has no such encoder or decoder",
    [RDL_IMPORTANCE_REQUIRED] = "this encoder needs importance",
    [RDL_IMPORTANCE_REFUSED] = "this encoder does not work with importance",
    [RDL_ROW_LENGTH] = "the row length is no multiple of the block length",
    [RDL_TOO_LARGE] = "the size in bytes overflows",
    [RDL_SCRATCH_TOO_SMALL] = "the scratch memory is too small",
    [RDL_TABLES_REQUIRED] = "this encoder needs the tables of its format",
    [RDL_TABLES_TOO_SMALL] = "the memory for the tables is too small",
    [RDL_WEIGHT_NAN] = "a weight is NaN",
    [RDL_WEIGHT_INFINITE] = "a weight is infinite",
    [RDL_SCALE_OVERFLOW] = "the weights are too large for the format's scale",
    [RDL_IMPORTANCE_INVALID] = "an importance is NaN, negative or too large",
};

const char *rdl_rounding_name(enum rdl_rounding rounding)
{
    return (unsigned)rounding < RDL_ROUNDING_COUNT ? rounding_names[rounding] : NULL;
}

const char *rdl_scales_name(enum rdl_scales scales)
{
    return (unsigned)scales < RDL_SCALES_COUNT ? scales_names[scales] : NULL;
}

const char *rdl_weighting_name(enum rdl_weighting weighting)
{
    return (unsigned)weighting < RDL_WEIGHTING_COUNT ? weighting_names[weighting] : NULL;
}

const char *rdl_target_name(enum rdl_target target)
{
    return (unsigned)target < RDL_TARGET_COUNT ? target_names[target] : NULL;
}

const char *rdl_grid_name(enum rdl_grid grid)
{
    return (unsigned)grid < RDL_GRID_COUNT ? grid_names[grid] : NULL;
}

const char *rdl_status_text(enum rdl_status status)
{
    return (unsigned)status < RDL_STATUS_COUNT ? status_texts[status] : NULL;
}

const char *rdl_version(void)
{
    return STRING(RDL_VERSION_MAJOR) "." STRING(RDL_VERSION_MINOR) "." STRING(RDL_VERSION_PATCH);
}
