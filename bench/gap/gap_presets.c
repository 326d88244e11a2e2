#include "gap_presets.h"

#include <math.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* Many blocks where the optimum is cheap, as the published tables have them. */
enum {
    SCALE_BLOCKS = 20000,
    SCALE_5_BITS = 10000,
    AFFINE_4_BITS = 2000,
    AFFINE_5_BITS = 500,
    AFFINE_2_BITS = 10000
};

static const struct gap_setting integer_settings[] = {
    {"[-8,7] uniform", &gap_grids[GAP_INT4], GAP_UNIFORM, SCALE_BLOCKS},
    {"[-4,3] uniform", &gap_grids[GAP_INT3], GAP_UNIFORM, SCALE_BLOCKS},
    {"[-8,7] x2", &gap_grids[GAP_INT4], GAP_X2, SCALE_BLOCKS},
    {"[-4,3] x2", &gap_grids[GAP_INT3], GAP_X2, SCALE_BLOCKS},
    {"[-8,7] importance", &gap_grids[GAP_INT4], GAP_IMPORTANCE, SCALE_BLOCKS},
    {"[-4,3] importance", &gap_grids[GAP_INT3], GAP_IMPORTANCE, SCALE_BLOCKS},
    {"[-16,15] importance", &gap_grids[GAP_INT5], GAP_IMPORTANCE, SCALE_5_BITS},
    {"[-32,31] x2", &gap_grids[GAP_INT6], GAP_X2, SCALE_5_BITS},
};

static const struct gap_setting table_settings[] = {
    {"iq4_nl uniform", &gap_grids[GAP_IQ4_NL], GAP_UNIFORM, SCALE_BLOCKS},
    {"iq4_nl x2", &gap_grids[GAP_IQ4_NL], GAP_X2, SCALE_BLOCKS},
    {"iq4_nl importance", &gap_grids[GAP_IQ4_NL], GAP_IMPORTANCE, SCALE_BLOCKS},
};

static const struct gap_setting affine_settings[] = {
    {"16 rms+abs", &gap_grids[GAP_AFFINE4], GAP_RMS_ABS, AFFINE_4_BITS},
    {"16 importance", &gap_grids[GAP_AFFINE4], GAP_IMPORTANCE, AFFINE_4_BITS},
    {"16 uniform", &gap_grids[GAP_AFFINE4], GAP_UNIFORM, AFFINE_4_BITS},
    {"32 rms+abs", &gap_grids[GAP_AFFINE5], GAP_RMS_ABS, AFFINE_5_BITS},
    {"32 importance", &gap_grids[GAP_AFFINE5], GAP_IMPORTANCE, AFFINE_5_BITS},
    {"4 abs", &gap_grids[GAP_AFFINE2], GAP_ABS, AFFINE_2_BITS},
    {"4 importance", &gap_grids[GAP_AFFINE2], GAP_IMPORTANCE, AFFINE_2_BITS},
};

#define METHOD(text, which)                                                                        \
    {                                                                                              \
        .name = text, .solver = RDL_SOLVE_##which                                                  \
    }
#define GRID_METHOD(text, which, first_, step_, last_, rounds_)                                    \
    {                                                                                              \
        .name = text, .solver = RDL_SOLVE_##which, .has_options = true, .options = {               \
            .first = (first_),                                                                     \
            .step = (step_),                                                                       \
            .last = (last_),                                                                       \
            .rounds = (rounds_),                                                                   \
            .incumbent = INFINITY                                                                  \
        }                                                                                          \
    }

static const struct gap_method integer_methods[] = {
    METHOD("nearest", NEAREST),
    METHOD("nearest-refit", NEAREST_REFIT),
    METHOD("qx", QX),
    METHOD("qxg", QXG),
    METHOD("q3", Q3),
    METHOD("q3-fixed", Q3_FIXED),
    METHOD("wls", WLS),
    METHOD("sort-signed", SORT_SIGNED),
    METHOD("heap", HEAP),
    METHOD("heap-signed", HEAP_SIGNED),
    METHOD("cumulative", CUMULATIVE),
    METHOD("exact", EXACT),
    {.name = "optimum of scales > 0", .solver = RDL_SOLVE_ORACLE, .positive = true},
};

static const struct gap_method table_methods[] = {
    METHOD("nearest", NEAREST), METHOD("nearest-refit", NEAREST_REFIT),
    METHOD("nl", NL),           METHOD("nlg", NLG),
    METHOD("wls", WLS),         METHOD("heap-nl-fast", HEAP_NL_FAST),
    METHOD("heap-nl", HEAP_NL), METHOD("cumulative", CUMULATIVE),
    METHOD("exact", EXACT),
};

static const struct gap_method affine_methods[] = {
    METHOD("nearest", NEAREST),
    METHOD("nearest-refit", NEAREST_REFIT),
    METHOD("qkx1", QKX1),
    METHOD("qkx2", QKX2),
    METHOD("qkx3", QKX3),
    GRID_METHOD("qkx3 -3,.02,300", QKX3, -3.0f, 0.02f, 300, 0),
    GRID_METHOD("qkx3, then alternation", QKX3, -0.9f, 0.05f, 36, 64),
    METHOD("alt", ALT),
    METHOD("wls", WLS),
    METHOD("sweep", SWEEP),
    METHOD("sweep-bases", SWEEP_BASES),
    METHOD("cumulative", CUMULATIVE),
    METHOD("exact", EXACT),
};

#define PRESET(text, description, prefix)                                                          \
    {                                                                                              \
        text, description, prefix##_settings, COUNT(prefix##_settings), prefix##_methods,          \
            COUNT(prefix##_methods)                                                                \
    }

const struct gap_preset *gap_preset(size_t index)
{
    static const struct gap_preset presets[] = {
        PRESET("integers", "scale only, grids of integers", integer),
        PRESET("table", "scale only, the IQ4_NL table", table),
        PRESET("affine", "scale and offset <= 0", affine),
    };
    return index < COUNT(presets) ? &presets[index] : NULL;
}
