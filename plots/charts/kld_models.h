/* Models and how far they are from their base, out of reports of `roundel eval` and `roundel kld`.
 */
#ifndef ROUNDEL_PLOTS_KLD_MODELS_H
#define ROUNDEL_PLOTS_KLD_MODELS_H

#include "report_file.h"
#include "selection.h"

enum {
    KLD_TEXT = 96,
    KLD_MOST_FILES = 64
};

/* With its interval of 99 %; both ends are the value where there is none. */
struct kld_value {
    double value, low, high;
};

/* What a chart may want of a model besides its divergence. */
enum kld_wish {
    KLD_NO_WISH,
    KLD_BITS,  /* bits_per_weight */
    KLD_ERROR, /* weighted_rmse */
    KLD_TOKENS /* per_token */
};

struct kld_model {
    char format[KLD_TEXT];   /* the model's name where the report tells no format; these are ... */
    char rounding[KLD_TEXT]; /* ... fit for printing. "exact:x2"; empty where there is none */
    double bits, error;      /* 0 where the report has none */
    struct kld_value mean, tail; /* of the divergence, in nats: of all tokens, of the top 5 % */
    const json_t *tokens;        /* array of the divergences, in a tree; NULL where there is none */
};

struct kld_models {
    struct kld_model *list;
    size_t count, capacity;
    struct report_origin origin; /* of the first report */
    char below[256];             /* a title: of what model and text; fit for printing */
    size_t absent;               /* models of which the report tells only why there is none */
    json_t *trees[KLD_MOST_FILES];
    size_t ntrees;
};

/* Reads all models that the selection takes, at least one. Fails, naming the file and the model, if
 * one has not what the chart wishes for. */
bool kld_models_read(struct kld_models *models, const struct plot_request *request,
                     const struct selection *selection, enum kld_wish wish, struct error *error);

void kld_models_free(struct kld_models *models);

#endif
