/* A way to round small vectors: a search on a grid, or an encoder of a format on whole blocks. */
#ifndef ROUNDEL_PLOTS_PROJECTION_METHOD_H
#define ROUNDEL_PLOTS_PROJECTION_METHOD_H

#include "projection_grid.h"

/* What the weights of a format's block behind those of the vector are. */
enum projection_fill {
    FILL_ZERO,
    FILL_CONSTANT,
    FILL_RANDOM, /* uniform in [-1, 1), the same in every block */
    FILL_REPEAT, /* the vector again and again */
    FILL_COUNT
};

const char *projection_fill_name(unsigned fill);

/* Uniform in [-1, 1), a function of its arguments alone. */
float method_random(uint64_t seed, uint64_t element);

enum {
    METHOD_NAME = 128,
    METHOD_BATCH = 256 /* vectors at a time, at most */
};

struct projection_method {
    char name[METHOD_NAME]; /* "iq4_nl exact" */
    size_t n;               /* weights of a vector */
    enum rdl_target target; /* never changes a result */
    enum rdl_weighting weighting;
    bool is_format;

    /* A search on a grid. Weightings: uniform, x2, abs, rms+abs, and native, the one that formats
     * with such a grid use: sqrt(2 * mean of x^2 + x^2) for tables, rms+abs with an offset, else
     * x2. */
    struct projection_grid grid;
    enum rdl_solver solver;
    double levels[RDL_BLOCK_MAX_CODES];

    /* An encoder. */
    enum rdl_format format;
    enum rdl_rounding rounding;
    enum rdl_scales scales;
    bool importance; /* 1 for every weight; method_make() sets it where the encoder needs it */
    enum projection_fill fill;
    float constant;
    uint64_t seed; /* of FILL_RANDOM */
    void *tables;  /* owned; NULL where the format needs none */
};

/*
 * Checks that there is such a method and completes it: name, levels, tables. What the caller has
 * filled: n, target (of formats: method_target() says which), weighting, and the part of the kind.
 */
bool method_make(struct projection_method *method, struct error *error);
void method_free(struct projection_method *method);

/* What was rounded; parts that are not asked for are not filled. */
struct rounded {
    double *v;      /* batch * n: the reconstruction */
    float *weights; /* batch * n: that the search was given; all 1 where that is uniform */
    double *errors; /* of each vector (formats: of its block), in these weights */
    double *bounds; /* formats: that no block's error is below */
    uint8_t *codes; /* grids: batch * n */
    struct rdl_block_fit *fits; /* grids */
};

struct method_space {
    struct rounded rounded;
    /* Of formats: blocks of the batch, and one block's. */
    float *x, *decoded, *importance, *block_weights;
    uint8_t *blocks;
    void *scratch, *bound_scratch;
};

/* Memory for a thread; false without. */
bool method_space_make(struct method_space *space, const struct projection_method *method);
void method_space_free(struct method_space *space);

enum {
    METHOD_ERRORS = 1, /* errors, too */
    METHOD_BOUNDS = 2  /* bounds, too: formats alone */
};

/* Rounds `count` vectors, METHOD_BATCH at most. */
bool method_round(const struct projection_method *method, const float *x, size_t count,
                  unsigned wanted, struct method_space *space, struct error *error);

#endif
