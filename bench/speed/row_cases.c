#include "row_cases.h"

#include "gap_blocks.h"
#include "least_rows.h"
#include "microbench.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    TILES = 64, /* so many that branches cannot be learnt by heart */
    GROUP = RDL_LEAST_WEIGHTS,
    SEED = 1234
};

static const struct {
    enum rdl_format format;
    const struct rdl_codebook *codebook;
    bool even_signs;
} formats[ROW_FORMATS] = {
    {RDL_IQ2_XXS, &rdl_codebook_iq2_xxs, true}, {RDL_IQ2_XS, &rdl_codebook_iq2_xs, true},
    {RDL_IQ2_S, &rdl_codebook_iq2_s, false},    {RDL_IQ3_XXS, &rdl_codebook_iq3_xxs, true},
    {RDL_IQ3_S, &rdl_codebook_iq3_s, false},
};

struct row_state {
    const struct row_case *row_case;
    struct rdl_halved_codebook codebook;
    struct rdl_least_tile tiles[TILES];
    uint16_t rows[RDL_LEAST_LANES];
    bool sure[RDL_LEAST_LANES];
};

static void close_state(void *working_set)
{
    free(working_set);
}

/* The largest value is about that of the best scale of gaussian weights, or half as large again. */
static void fill_lane(struct gap_source *source, const struct rdl_halved_codebook *codebook,
                      size_t lane, struct rdl_least_tile *tile)
{
    float x[GROUP], w[GROUP];
    gap_source_block(source, GAP_GAUSSIAN, GAP_IMPORTANCE, GROUP, x, w);
    for (size_t i = 0; i < GROUP; i++) {
        tile->x[i][lane] = fabsf(x[i]);
        tile->w[i][lane] = w[i];
    }
    const float step = (float)(gap_source_word(source) % 16) / 16.0f;
    const float scale = (1.4f + 0.7f * step) / codebook->magnitudes[codebook->levels - 1];
    for (size_t l = 0; l < codebook->levels; l++)
        tile->values[l][lane] = scale * codebook->magnitudes[l];
}

static void *open_state(const void *user, const char **problem)
{
    struct row_state *state = calloc(1, sizeof *state);
    *problem = "out of memory";
    if (!state)
        return NULL;
    state->row_case = user;
    for (size_t f = 0; f < ROW_FORMATS; f++)
        if (formats[f].format == state->row_case->format)
            rdl_halve_codebook(formats[f].codebook, &state->codebook);
    struct gap_source source = {.state = SEED};
    for (size_t t = 0; t < TILES; t++)
        for (size_t k = 0; k < RDL_LEAST_LANES; k++)
            fill_lane(&source, &state->codebook, k, &state->tiles[t]);
    return state;
}

static const char *find_rows(void *working_set)
{
    struct row_state *state = working_set;
    rdl_least_rows_fn *find = rdl_least_rows_of(state->row_case->target);
    for (size_t t = 0; t < TILES; t++)
        find(&state->codebook, &state->tiles[t], state->row_case->wrong, state->rows, state->sure);
    return NULL;
}

static bool add_case(struct row_cases *cases, struct row_case row_case, struct error *error)
{
    struct row_case *added = &cases->cases[cases->count++];
    *added = row_case;
    char name[96];
    (void)snprintf(name, sizeof name, "nearest_row/%s%s/%s", rdl_format_info(row_case.format)->name,
                   row_case.wrong ? "+sign" : "", rdl_target_name(row_case.target));
    const struct microbench_case microbench_case = {
        .name = name,
        .user = added,
        .setup = open_state,
        .run = find_rows,
        .teardown = close_state,
        .items = TILES * RDL_LEAST_LANES,
        .bytes = TILES * sizeof(struct rdl_least_tile),
    };
    return microbench_register(&microbench_case) ||
           fail(error, "out of memory for the list of cases");
}

bool row_cases_register(struct row_cases *cases, unsigned targets, struct error *error)
{
    cases->count = 0;
    for (size_t f = 0; f < ROW_FORMATS; f++)
        for (unsigned target = 0; target < RDL_TARGET_COUNT; target++) {
            struct row_case row_case = {formats[f].format, (enum rdl_target)target, false};
            if (!(targets >> target & 1u))
                continue;
            if (!add_case(cases, row_case, error))
                return false;
            row_case.wrong = true;
            if (formats[f].even_signs && !add_case(cases, row_case, error))
                return false;
        }
    return true;
}
