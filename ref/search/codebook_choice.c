#include "search/codebook_choice.h"

enum {
    UNIT = RDL_SIGN_GROUP
};

/* One of the codes of a sub-block. */
struct candidate {
    int sub_block;
    double values[RDL_MAX_LEVELS];
    struct rdl_code_choice choice;
};

static void fill_values(const struct rdl_code_rows *rows,
                        const struct rdl_code_sub_block *sub_block, double scale, double *values)
{
    for (int l = 0; l < RDL_MAX_LEVELS; l++) /* the decoder's products */
        values[l] = (double)((float)scale * (float)rows->magnitudes[l]) * sub_block->scale_unit;
}

/* Of as many candidates as there are sub-blocks, or fewer, whose codes are given. */
static void measure(const struct rdl_code_rows *rows, const struct rdl_code_super_block *block,
                    uint16_t d, int count, struct candidate *candidates)
{
    const int units = block->layout->sub_block / UNIT;
    struct rdl_unit_search searches[RDL_UNIT_SEARCHES] = {{.scale = 0.0}};
    for (int k = 0; k < count; k++) {
        struct candidate *candidate = &candidates[k];
        const struct rdl_code_sub_block *sub_block = &block->sub_blocks[candidate->sub_block];
        const double scale = rdl_stored_code_scale(block->layout, d, candidate->choice.code);
        fill_values(rows, sub_block, scale, candidate->values);
        for (int u = 0; u < units; u++)
            searches[units * k + u] =
                (struct rdl_unit_search){rdl_unit_of(sub_block, u), scale * sub_block->scale_unit,
                                         candidate->values, &candidate->choice.units[u]};
    }
    rdl_nearest_rows(rows, units * count, searches);
    for (int k = 0; k < count; k++) {
        struct rdl_code_choice *choice = &candidates[k].choice;
        choice->error = 0.0;
        for (int u = 0; u < units; u++)
            choice->error += choice->units[u].error;
    }
}

void rdl_choose_code_rows(const struct rdl_code_rows *rows,
                          const struct rdl_code_super_block *block, uint16_t d,
                          const uint8_t *codes, struct rdl_code_choice *choices)
{
    struct candidate candidates[RDL_CODEBOOK_MAX_SUB_BLOCKS];
    for (int j = 0; j < block->count; j++)
        candidates[j] = (struct candidate){.sub_block = j, .choice.code = codes[j]};
    measure(rows, block, d, block->count, candidates);
    for (int j = 0; j < block->count; j++)
        choices[j] = candidates[j].choice;
}

/* Takes the candidates that are better. */
static void try_codes(const struct rdl_code_rows *rows, const struct rdl_code_super_block *block,
                      uint16_t d, int count, struct candidate *candidates,
                      struct rdl_code_choice *choices)
{
    measure(rows, block, d, count, candidates);
    for (int k = 0; k < count; k++) {
        const struct rdl_code_choice *choice = &candidates[k].choice;
        struct rdl_code_choice *known = &choices[candidates[k].sub_block];
        if (choice->error < known->error ||
            (choice->error == known->error && choice->code < known->code))
            *known = *choice;
    }
}

void rdl_try_other_codes(const struct rdl_code_rows *rows, const struct rdl_code_super_block *block,
                         uint16_t d, struct rdl_code_choice *choices)
{
    struct candidate candidates[RDL_CODEBOOK_MAX_SUB_BLOCKS];
    int count = 0;
    for (int j = 0; j < block->count; j++) {
        const struct rdl_code_sub_block *sub_block = &block->sub_blocks[j];
        const int known = choices[j].code;
        for (int code = 0; sub_block->counts && code < RDL_SCALE_CODES; code++) {
            const double scale = rdl_stored_code_scale(block->layout, d, code);
            if (code == known ||
                rdl_code_error_bound(sub_block, scale * sub_block->scale_unit) > choices[j].error)
                continue;
            candidates[count++] = (struct candidate){.sub_block = j, .choice.code = (uint8_t)code};
            if (count == block->count) {
                try_codes(rows, block, d, count, candidates, choices);
                count = 0;
            }
        }
    }
    try_codes(rows, block, d, count, candidates, choices);
}
