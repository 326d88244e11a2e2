/* What `roundel quantize` is asked for, and what that means for each tensor of a model. */
#ifndef ROUNDEL_BENCH_QUANTIZE_PLAN_H
#define ROUNDEL_BENCH_QUANTIZE_PLAN_H

#include "gguf.h"
#include "imatrix.h"
#include "quantize_rules.h"
#include "target_choice.h"

/* What happens to a tensor whose rows are no whole blocks of its format. */
enum quantize_misfit {
    QUANTIZE_MISFIT_ERROR,
    QUANTIZE_MISFIT_SKIP, /* it stays as it is */
    QUANTIZE_MISFIT_FALLBACK
};

struct quantize_settings {
    struct quantize_type type;
    enum rdl_rounding rounding;
    enum rdl_weighting weighting;
    enum rdl_scales scales;
    struct quantize_rules rules;
    enum quantize_misfit misfit;
    struct quantize_type fallback;
    const struct imatrix *imatrix; /* NULL for none */
    const char *imatrix_name;      /* as the user gave it */
    struct target_choice target;
    bool requantize; /* blocks may be decoded and quantized again */
    bool go_on;      /* bad weights are encoded by the library's rule, RDL_GO_ON */
};

/* Why a tensor becomes what it does. */
enum quantize_reason {
    QUANTIZE_BY_FORMAT, /* --format */
    QUANTIZE_BY_RULE,
    QUANTIZE_VECTOR,    /* one dimension: stays */
    QUANTIZE_NORM,      /* its name ends in _norm.weight: stays */
    QUANTIZE_NO_WEIGHTS /* its type holds no weights that can be read: stays */
};

struct quantize_tensor {
    const struct tensor *tensor;
    struct quantize_type type;
    const struct gguf_type *stored; /* its type in the new file */
    enum rdl_rounding rounding;     /* of QUANTIZE_BLOCKS */
    enum rdl_target target;
    const struct imatrix_entry *importance; /* NULL: without */
    uint64_t matrices; /* that have factors of their own: experts; 1 in most tensors */
    enum quantize_reason reason;
    size_t rule; /* from 0 */
    bool misfit; /* its rows fit no blocks of `wanted` */
    struct quantize_type wanted;
    uint64_t offset, nbytes; /* in the new file */
};

struct quantize_plan {
    struct quantize_tensor *tensors; /* in the order of the file */
    size_t count;
    uint8_t *head; /* of the new file: all that comes before the first tensor */
    size_t head_size;
    uint64_t size; /* of the new file, in bytes */
    uint64_t weights, old_bytes;
    uint64_t alignment;
    size_t without_importance; /* quantized tensors for which the matrix has no entry */
    bool dropped_split;        /* the input was in parts */
};

/*
 * Decides over every tensor and builds the head of the new file. `list` outlives the plan; its
 * first source is the GGUF file (or its first part) where `is_gguf`, whose metadata is carried over
 * byte for byte, but for the keys of a split. Counts the uses of the rules.
 */
bool quantize_plan_make(struct quantize_plan *plan, const struct tensor_list *list, bool is_gguf,
                        struct quantize_settings *settings, struct error *error);

void quantize_plan_free(struct quantize_plan *plan);

/* Whether formats, roundings, weighting and scales of the settings go together, whatever the
 * tensors; the command line is wrong where they do not. */
bool quantize_settings_check(const struct quantize_settings *settings, struct error *error);

/* "--format", "rule 2", "1-D": for tables. */
enum {
    QUANTIZE_REASON_TEXT = 64
};
const char *quantize_reason_text(const struct quantize_tensor *tensor,
                                 char text[QUANTIZE_REASON_TEXT]);

#endif
