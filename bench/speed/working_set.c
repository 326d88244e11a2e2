#include "working_set.h"

#include "synth.h"

#include <stdlib.h>
#include <string.h>

enum {
    CACHE_LINE = 64,
    /* 52 ms for an encoder of 5 Mweights/s; 64 rows of 4096. */
    STEP_WEIGHTS = 1 << 18,
    /* Fewer rows than this, and the row is too long for the level. */
    LEAST_ROWS = 4
};

static const uint64_t DRAM_LEAST = UINT64_C(64) << 20;
static const uint64_t DRAM_MOST = UINT64_C(1) << 30;

const char *memory_level_name(enum memory_level level)
{
    static const char *const names[LEVEL_COUNT] = {"L1", "L2", "L3", "DRAM"};
    return level < LEVEL_COUNT ? names[level] : NULL;
}

static uint64_t dram_bytes(const struct topology *topology, unsigned core)
{
    uint64_t largest = 0;
    for (unsigned level = 1; level <= TOPOLOGY_CACHE_LEVELS; level++) {
        const uint64_t size = topology_cache_size(topology, core, level);
        largest = size > largest ? size : largest;
    }
    if (largest >= DRAM_MOST / 4)
        return DRAM_MOST;
    return 4 * largest < DRAM_LEAST ? DRAM_LEAST : 4 * largest;
}

uint64_t working_set_bytes(const struct topology *topology, unsigned core, enum memory_level level)
{
    if (level == LEVEL_DRAM)
        return dram_bytes(topology, core);
    return topology_cache_size(topology, core, (unsigned)level + 1) / 2;
}

static size_t smaller(size_t a, size_t b)
{
    return b < a ? b : a;
}

struct working_set_plan plan_working_set(uint64_t bytes, size_t extra)
{
    static const size_t lengths[] = {4096, 1024, 256};
    struct working_set_plan plan = {0};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        const size_t weights_bytes = lengths[i] * sizeof(float);
        plan.ncols = lengths[i];
        plan.row_bytes = lengths[i] / 256 * extra;
        plan.nrows = bytes > weights_bytes
                         ? (size_t)((bytes - weights_bytes) / (weights_bytes + plan.row_bytes))
                         : 0;
        if (plan.nrows >= LEAST_ROWS)
            break;
    }
    if (plan.nrows == 0)
        plan.nrows = 1;
    plan.rows_per_step = smaller(plan.nrows, STEP_WEIGHTS / plan.ncols);
    plan.nrows -= plan.nrows % plan.rows_per_step;
    return plan;
}

static void fill_weights(float *weights, size_t count)
{
    static const struct synth gaussian = {.distribution = SYNTH_GAUSSIAN, .sigma = 0.02};
    const size_t fresh = smaller(count, STEP_WEIGHTS);
    synth_fill(&gaussian, 0, fresh, weights);
    for (size_t filled = fresh; filled < count; filled += smaller(fresh, count - filled))
        memcpy(weights + filled, weights, smaller(fresh, count - filled) * sizeof(float));
}

bool working_set_open(struct working_set *set, const struct working_set_plan *plan)
{
    const size_t weights_bytes = plan->nrows * plan->ncols * sizeof(float); /* whole lines */
    const size_t blocks_bytes = plan->nrows * plan->row_bytes;
    void *memory;
    if (posix_memalign(&memory, CACHE_LINE, weights_bytes + blocks_bytes) != 0)
        return false;
    *set = (struct working_set){
        .plan = *plan,
        .weights = memory,
        .blocks = (uint8_t *)memory + weights_bytes,
    };
    fill_weights(set->weights, plan->nrows * plan->ncols);
    memset(set->blocks, 0, blocks_bytes);
    return true;
}

void working_set_close(struct working_set *set)
{
    free(set->weights);
    set->weights = NULL;
}

size_t working_set_step(struct working_set *set)
{
    const size_t row = set->next_row;
    set->next_row += set->plan.rows_per_step;
    if (set->next_row == set->plan.nrows)
        set->next_row = 0;
    return row;
}

float *sample_importance(size_t ncols)
{
    static const struct synth gaussian = {.distribution = SYNTH_GAUSSIAN, .sigma = 1, .tensor = 1};
    float *importance = malloc(ncols * sizeof *importance);
    if (!importance)
        return NULL;
    synth_fill(&gaussian, 0, ncols, importance);
    for (size_t i = 0; i < ncols; i++)
        importance[i] = 0.05f + importance[i] * importance[i];
    return importance;
}
