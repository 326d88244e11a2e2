#include "contest_workspace.h"

#include <stdlib.h>

enum {
    SHORTEST_BLOCK = 32
};

void workspace_free(struct workspace *space, size_t contestants)
{
    for (size_t c = 0; space->block_errors && c < contestants; c++) {
        free(space->block_errors[c].plain);
        free(space->block_errors[c].weighted);
    }
    free(space->block_errors);
    free(space->histogram);
    free(space->x);
    free(space->importance);
    free(space->w);
    free(space->y);
    free(space->blocks);
    free(space->scratch);
    free(space->bound_scratch);
    buffer_free(&space->read_buffer);
    *space = (struct workspace){0};
}

bool workspace_make(struct workspace *space, size_t contestants, size_t piece_numel,
                    size_t scratch_size, size_t bound_scratch_size)
{
    const size_t n = piece_numel + WORKSPACE_PADDING;
    const size_t nblocks = n / SHORTEST_BLOCK;
    *space = (struct workspace){
        .x = malloc(n * sizeof(float)),
        .importance = malloc(n * sizeof(float)),
        .w = malloc(n * sizeof(float)),
        .y = malloc(n * sizeof(float)),
        .blocks = malloc(n * sizeof(float)), /* no block is larger than its weights */
        .block_errors = calloc(contestants, sizeof(struct block_errors)),
        .histogram = malloc(sizeof(struct error_histogram)),
        .scratch = malloc(scratch_size + 1), /* never of size 0 */
        .scratch_size = scratch_size,
        .bound_scratch = malloc(bound_scratch_size + 1),
    };
    bool made = space->x && space->importance && space->w && space->y && space->blocks &&
                space->block_errors && space->histogram && space->scratch && space->bound_scratch;
    for (size_t c = 0; made && c < contestants; c++) {
        space->block_errors[c].plain = malloc(nblocks * sizeof(double));
        space->block_errors[c].weighted = malloc(nblocks * sizeof(double));
        made = space->block_errors[c].plain && space->block_errors[c].weighted;
    }
    if (!made)
        workspace_free(space, contestants);
    return made;
}
