/* Which searches there are for which format. */
#include "searches.h"

struct row {
    struct rdl_search search;
    unsigned grid, scales;
    bool listed;
};

static const struct row rows[RDL_FORMAT_COUNT] = {
#define RDL_SEARCH(format, grid, scales, function, scratch)                                        \
    [RDL_##format] = {{function, scratch}, grid, scales, true},
#include "searches.def"
};

/* ------------------------------------------------------------------------------------------------
 * Roundings and solvers
 */

bool rdl_rounding_solver(enum rdl_rounding rounding, enum rdl_solver *solver)
{
    static const unsigned char solvers[RDL_ROUNDING_COUNT] = {
#define RDL_SOLVER(solver, name, kinds, table_kinds, exact, function, scratch)                     \
    [RDL_##solver] = RDL_SOLVE_##solver,
#include "solvers.def"
#undef RDL_SOLVER
        [RDL_JOINT] = RDL_SOLVE_EXACT,
    };
    if (rounding < RDL_FIRST_SEARCH || rounding >= RDL_ROUNDING_COUNT || rounding == RDL_LSQK)
        return false;
    *solver = (enum rdl_solver)solvers[rounding];
    return true;
}

static bool has_solver(enum rdl_format format, enum rdl_rounding rounding)
{
    const struct row *row = &rows[format];
    const size_t length = rdl_format_info(format)->sub_block_length;
    enum rdl_solver solver;
    if (row->grid == 0)
        return rounding == RDL_EXACT || rounding == RDL_JOINT;
    if (rounding == RDL_LSQK)
        return row->grid == 1u << RDL_BLOCK_AFFINE;
    if (!rdl_rounding_solver(rounding, &solver))
        return false;
    for (unsigned kind = 0; kind < RDL_BLOCK_KIND_COUNT; kind++)
        for (unsigned table = 0; table <= 1; table++)
            if (row->grid == 1u << (kind + table * RDL_BLOCK_KIND_COUNT))
                return length <=
                       rdl_solver_max_length(solver, (enum rdl_block_kind)kind, table != 0);
    return false;
}

/* ------------------------------------------------------------------------------------------------
 * Scales
 */

static enum rdl_scales default_scales(const struct row *row, enum rdl_rounding rounding)
{
    if (rounding == RDL_JOINT && (row->scales >> RDL_SCALES_JOINT & 1u))
        return RDL_SCALES_JOINT;
    if (row->scales >> RDL_SCALES_EXHAUSTIVE & 1u)
        return RDL_SCALES_EXHAUSTIVE;
    return RDL_SCALES_MAX;
}

enum rdl_scales rdl_search_scales(enum rdl_format format, enum rdl_rounding rounding,
                                  enum rdl_scales scales)
{
    return scales == RDL_SCALES_DEFAULT ? default_scales(&rows[format], rounding) : scales;
}

/* `lsqk` stores scales its own way, and `joint` is a name for two ways of doing so. */
static bool has_scales(const struct row *row, enum rdl_rounding rounding, enum rdl_scales scales)
{
    if (scales == RDL_SCALES_DEFAULT)
        return true;
    if (rounding == RDL_LSQK)
        return false;
    if (rounding == RDL_JOINT && scales < RDL_SCALES_JOINT)
        return false;
    return row->scales >> scales & 1u;
}

/* ------------------------------------------------------------------------------------------------
 * Searches
 */

const struct rdl_search *rdl_find_search(enum rdl_format format, enum rdl_rounding rounding,
                                         enum rdl_scales scales)
{
    if ((unsigned)format >= RDL_FORMAT_COUNT || rounding < RDL_FIRST_SEARCH ||
        (unsigned)rounding >= RDL_ROUNDING_COUNT || (unsigned)scales >= RDL_SCALES_COUNT)
        return NULL;
    const struct row *row = &rows[format];
    return row->listed && has_solver(format, rounding) && has_scales(row, rounding, scales)
               ? &row->search
               : NULL;
}

unsigned rdl_search_importance(enum rdl_weighting weighting)
{
    const bool needs = weighting == RDL_IMPORTANCE || weighting == RDL_IMPORTANCE_RMS;
    return needs ? RDL_WITH_IMPORTANCE : RDL_PLAIN | RDL_WITH_IMPORTANCE;
}
