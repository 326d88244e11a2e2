#include "nearest_cases.h"

#include "microbench.h"
#include "nearest_variants.h"
#include "synth.h"
#include "working_set.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    NROWS = 16,
    NCOLS = 4096,
    NFLOATS = NROWS * NCOLS, /* so many that branches cannot be learnt by heart */
    BLOCKS_BYTES = NFLOATS / 32 * 18
};

struct nearest_state {
    const struct rdl_nearest_variant_info *info;
    struct rdl_rows rows;
    float *importance;
    float x[NFLOATS];
    uint8_t output[NFLOATS]; /* indices, or blocks */
};

static void close_state(void *working_set)
{
    struct nearest_state *state = working_set;
    free(state->importance);
    free(state);
}

static void *open_state(const struct nearest_case *nearest_case, double sigma, const char **problem)
{
    const struct synth gaussian = {.distribution = SYNTH_GAUSSIAN, .sigma = sigma};
    *problem = "out of memory";
    struct nearest_state *state = malloc(sizeof *state);
    if (!state)
        return NULL;
    state->info = rdl_nearest_variant_info(nearest_case->variant, nearest_case->target);
    state->importance = sample_importance(NCOLS);
    state->rows = (struct rdl_rows){
        .x = state->x,
        .importance = nearest_case->importance ? state->importance : NULL,
        .nrows = NROWS,
        .ncols = NCOLS,
    };
    synth_fill(&gaussian, 0, NFLOATS, state->x);
    if (state->importance)
        return state;
    close_state(state);
    return NULL;
}

/* ------------------------------------------------------------------------------------------------
 * Indices
 */

/* Of 32 gaussian numbers the largest is about 2.1 sigma; a search sends it to 120 .. 134. */
#define SEARCH_SIGMA 60.0
#define SEARCH_MAX   134.0f

static void *open_indices(const void *user, const char **problem)
{
    struct nearest_state *state = open_state(user, SEARCH_SIGMA, problem);
    for (size_t i = 0; state && i < NFLOATS; i++) {
        const float x = state->x[i];
        state->x[i] = x > SEARCH_MAX ? SEARCH_MAX : x < -SEARCH_MAX ? -SEARCH_MAX : x;
    }
    return state;
}

static const char *run_indices(void *working_set)
{
    struct nearest_state *state = working_set;
    state->info->find(NFLOATS, state->x, state->output);
    return NULL;
}

/* ------------------------------------------------------------------------------------------------
 * Encoders
 */

static void *open_encoder(const void *user, const char **problem)
{
    return open_state(user, 0.02, problem);
}

static const char *run_encoder(void *working_set)
{
    struct nearest_state *state = working_set;
    state->info->encode(&state->rows, state->output);
    return NULL;
}

/* ------------------------------------------------------------------------------------------------
 * The list
 */

static bool add_case(struct nearest_cases *cases, struct nearest_case nearest_case,
                     struct microbench_case microbench_case, struct error *error)
{
    struct nearest_case *added = &cases->cases[cases->count++];
    *added = nearest_case;
    microbench_case.user = added;
    microbench_case.teardown = close_state;
    return microbench_register(&microbench_case) ||
           fail(error, "out of memory for the list of cases");
}

static bool add_indices(struct nearest_cases *cases, struct nearest_case nearest_case,
                        struct error *error)
{
    char name[96];
    (void)snprintf(name, sizeof name, "best_index/iq4_nl/%s/%s",
                   rdl_nearest_variant_name(nearest_case.variant),
                   rdl_target_name(nearest_case.target));
    return add_case(cases, nearest_case,
                    (struct microbench_case){
                        .name = name,
                        .setup = open_indices,
                        .run = run_indices,
                        .items = NFLOATS,
                        .bytes = NFLOATS * (sizeof(float) + 1),
                    },
                    error);
}

static bool add_encoder(struct nearest_cases *cases, struct nearest_case nearest_case,
                        struct error *error)
{
    char name[96];
    (void)snprintf(name, sizeof name, "quantize/iq4_nl/ggml@%s%s/%s",
                   rdl_nearest_variant_name(nearest_case.variant),
                   nearest_case.importance ? "+importance" : "",
                   rdl_target_name(nearest_case.target));
    const size_t factors = nearest_case.importance ? NCOLS : 0;
    return add_case(cases, nearest_case,
                    (struct microbench_case){
                        .name = name,
                        .setup = open_encoder,
                        .run = run_encoder,
                        .items = NFLOATS,
                        .bytes = (NFLOATS + factors) * sizeof(float) + BLOCKS_BYTES,
                    },
                    error);
}

bool nearest_cases_register(struct nearest_cases *cases, unsigned targets, struct error *error)
{
    cases->count = 0;
    for (unsigned variant = 0; variant < RDL_NEAREST_VARIANT_COUNT; variant++)
        for (unsigned target = 0; target < RDL_TARGET_COUNT; target++) {
            struct nearest_case nearest_case = {
                .variant = (enum rdl_nearest_variant)variant,
                .target = (enum rdl_target)target,
            };
            if (!(targets >> target & 1u) ||
                !rdl_nearest_support(nearest_case.variant, nearest_case.target))
                continue;
            if (!add_indices(cases, nearest_case, error) ||
                !add_encoder(cases, nearest_case, error))
                return false;
            nearest_case.importance = true;
            if (!add_encoder(cases, nearest_case, error))
                return false;
        }
    return true;
}
