#include "solver_cases.h"

#include "microbench.h"
#include "solver.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    NBLOCKS = 1024,    /* so many that branches cannot be learnt by heart */
    SOME_BLOCKS = 256, /* of the exact search */
    FEW_BLOCKS = 64,
    MAX_N = 32,
    SHORT_N = 3,
    SEED = 1234
};

static const struct {
    const char *name;
    enum gap_weights weights;
} weightings[] = {{"uniform", GAP_UNIFORM}, {"importance", GAP_IMPORTANCE}};

enum {
    NWEIGHTINGS = sizeof weightings / sizeof weightings[0]
};

_Static_assert(2 * GAP_GRID_COUNT * NWEIGHTINGS * RDL_SOLVER_COUNT * RDL_TARGET_COUNT <=
                   SOLVER_CASES,
               "all cases have room");

struct solver_state {
    const struct solver_case *solver_case;
    void *scratch;
    float x[NBLOCKS * MAX_N], w[NBLOCKS * MAX_N];
    uint8_t codes[NBLOCKS * MAX_N];
    struct rdl_block_fit fits[NBLOCKS];
};

static void close_state(void *working_set)
{
    struct solver_state *state = working_set;
    free(state->scratch);
    free(state);
}

static void *open_state(const void *user, const char **problem)
{
    const struct solver_case *solver_case = user;
    const struct gap_grid *grid = solver_case->grid;
    *problem = "out of memory";
    struct solver_state *state = malloc(sizeof *state);
    if (!state)
        return NULL;
    state->solver_case = solver_case;
    state->scratch =
        malloc(rdl_block_scratch_size(solver_case->solver, &grid->grid, solver_case->n) + 1);
    struct gap_source source = {.state = SEED};
    for (size_t b = 0; b < solver_case->blocks; b++)
        gap_source_block(&source, GAP_GAUSSIAN, solver_case->weights, solver_case->n,
                         state->x + b * solver_case->n, state->w + b * solver_case->n);
    if (state->scratch)
        return state;
    close_state(state);
    return NULL;
}

static const char *run_solver(void *working_set)
{
    struct solver_state *state = working_set;
    const struct gap_grid *grid = state->solver_case->grid;
    const struct rdl_block first = {
        .n = state->solver_case->n, .x = state->x, .weights = state->w, .grid = grid->grid};
    struct rdl_solver_options options =
        rdl_solver_defaults(state->solver_case->solver, &grid->grid);
    options.target = state->solver_case->target;
    size_t count = state->solver_case->blocks;
    const enum rdl_status status =
        rdl_blocks_solve(state->solver_case->solver, &count, &first, &options, state->scratch,
                         state->codes, state->fits);
    return status == RDL_OK ? NULL : rdl_status_text(status);
}

/* Whether a target other than the scalar one makes a difference. */
static bool has_code(enum rdl_solver solver, enum rdl_target target)
{
    return target == RDL_SCALAR || rdl_solver_has_lanes(solver, target) ||
           solver == RDL_SOLVE_EXACT;
}

static bool add_case(struct solver_cases *cases, struct solver_case solver_case,
                     const char *weighting, struct error *error)
{
    struct solver_case *added = &cases->cases[cases->count++];
    *added = solver_case;
    char name[96];
    (void)snprintf(name, sizeof name, "solve/%s/%s/%zu/%s/%s", rdl_solver_name(solver_case.solver),
                   solver_case.grid->name, solver_case.n, weighting,
                   rdl_target_name(solver_case.target));
    const size_t weights = solver_case.blocks * solver_case.n;
    const struct microbench_case microbench_case = {
        .name = name,
        .user = added,
        .setup = open_state,
        .run = run_solver,
        .teardown = close_state,
        .items = weights,
        .bytes = weights * (2 * sizeof(float) + 1),
    };
    return microbench_register(&microbench_case) ||
           fail(error, "out of memory for the list of cases");
}

/* Of one solver on one target and grid. */
static bool add_cases(struct solver_cases *cases, enum rdl_solver solver, enum rdl_target target,
                      size_t g, struct error *error)
{
    const bool is_heuristic = solver < RDL_SOLVE_ALT;
    const size_t lengths[] = {gap_grids[g].n, SHORT_N};
    for (size_t l = 0; l < (is_heuristic ? 2 : 1); l++)
        for (size_t i = 0; i < NWEIGHTINGS; i++) {
            const struct solver_case solver_case = {
                .solver = solver,
                .target = target,
                .grid = &gap_grids[g],
                .weights = weightings[i].weights,
                .n = lengths[l],
                .blocks = is_heuristic                ? NBLOCKS
                          : solver == RDL_SOLVE_EXACT ? SOME_BLOCKS
                                                      : FEW_BLOCKS,
            };
            if (!add_case(cases, solver_case, weightings[i].name, error))
                return false;
        }
    return true;
}

static bool is_case(enum rdl_solver solver, enum rdl_target target, size_t g)
{
    return has_code(solver, target) &&
           rdl_solver_support(solver, gap_grids[g].grid.kind, gap_grids[g].grid.entries != NULL);
}

bool solver_cases_register(struct solver_cases *cases, unsigned targets, struct error *error)
{
    cases->count = 0;
    for (int solver = 0; solver < RDL_SOLVER_COUNT; solver++)
        for (int target = 0; target < RDL_TARGET_COUNT; target++)
            for (size_t g = 0; g < GAP_GRID_COUNT; g++)
                if ((targets >> target & 1u) &&
                    is_case((enum rdl_solver)solver, (enum rdl_target)target, g) &&
                    !add_cases(cases, (enum rdl_solver)solver, (enum rdl_target)target, g, error))
                    return false;
    return true;
}
