/*
 * Encoders of IQ2_XXS, IQ2_XS, IQ2_S, IQ3_XXS and IQ3_S: super-blocks of 256 weights whose
 * sub-blocks have a 4-bit scale each and whose groups of 8 or 4 weights are rows of a vector
 * codebook. The searches have sub-blocks in their lanes but for the choice of a row, which has
 * neighbours; the coding of scales has super-blocks.
 */
#include "simd.h"

#define RDL_REGISTERS (16 / RDL_WIDTH)

#include "codebook_packing.h"
#include "codebook_scales.h"
#include "codebook_search.h"
#include "nonnegative_search.h"

/* Which groups have their rows chosen once more for the scale that a scan found. */
enum refinement {
    ALL,
    OFF_GRID,      /* those that were not on the grid */
    ALL_IF_ANY_OFF /* all or none; a scan without success counts as off the grid */
};

/* What tells one format of this kind from another; a constant wherever it is used. */
struct layout {
    size_t block_bytes;
    struct codebook_shape shape;
    bool even_signs;     /* seven of eight signs are stored, the eighth makes their number even */
    float sigma2_factor; /* sigma2 is the mean square of the super-block times this */
    struct codebook_weighing weighing;
    float threshold; /* a sub-block without a magnitude of at least this is left out */
    float fudge;     /* d is multiplied by this before it is stored */
    /* The scan starts from a scale that rounds each weight on its own to 0 .. 4, which makes a
     * magnitude of 3; if not, from the largest magnitude. */
    bool rounded_extent;
    enum refinement refinement;
    void (*pack)(const struct codebook_fields *fields, uint8_t *bytes);
};

enum {
    MAX_CELLS = RDL_SLAB * RDL_MAX_SUB_BLOCKS, /* sub-blocks of a slab */
    SIGNS = RDL_SUPER_BLOCK / SIGN_GROUP       /* masks of a super-block */
};

/* What the search found for the sub-blocks of a slab. */
struct slab {
    float scales[MAX_CELLS];
    uint8_t skipped[MAX_CELLS];
    uint16_t rows[RDL_SLAB * RDL_SUPER_BLOCK / 4];
    uint8_t signs[RDL_SLAB * SIGNS];
};

/* ------------------------------------------------------------------------------------------------
 * Search
 */

RDL_INLINE vf largest_of(size_t n, const float *tile)
{
    vf largest = v_load(tile);
    for (size_t i = 1; i < n; i++)
        largest = v_max(largest, v_load(tile + i * RDL_LANES));
    return largest;
}

/* The groups that refinement chooses anew. */
RDL_INLINE void fill_groups(const struct layout *layout, const struct codebook_target *target,
                            const struct codebook_choice *choice, struct codebook_found found,
                            int32_t *groups)
{
    const size_t ngroups = layout->shape.sub_block / layout->shape.length;
    const int unfound = layout->refinement == OFF_GRID ? 0 : 1;
    vi any = v_iset(0);
    for (size_t g = 0; g < ngroups; g++) {
        const vm on_grid = v_ieq(codebook_point_word(&layout->shape, target, g, found.inverse),
                                 v_load_u16(choice->words[g]));
        const vi off = v_iselect(on_grid, v_iset(0), v_iset(1));
        const vi group = v_iselect(found.any, off, v_iset(unfound));
        v_istore(groups + g * RDL_LANES, group);
        any = v_or(any, group);
    }
    if (layout->refinement == OFF_GRID)
        return;
    for (size_t g = 0; g < ngroups; g++)
        v_istore(groups + g * RDL_LANES, layout->refinement == ALL ? v_iset(1) : any);
}

/* Returns scales; *left_out is set for sub-blocks that are. */
RDL_INLINE vf search(const struct layout *layout, const struct rdl_neighbours *neighbours,
                     const struct codebook_target *target, struct codebook_choice *choice,
                     vm *left_out)
{
    const size_t n = layout->shape.sub_block;
    const vf largest = largest_of(n, target->magnitudes);
    *left_out = v_lt(largest, v_set(layout->threshold));
    vf extent = largest, scale;
    if (layout->rounded_extent) {
        int32_t codes[RDL_TILE];
        scale = nonnegative_search(n, 4, target->magnitudes, target->weights,
                                   NONNEGATIVE_AS_REFERENCE, codes);
        extent = v_mul(scale, v_set(3.0f));
        *left_out = v_mor(*left_out, v_le(extent, v_set(0.0f)));
    } else {
        scale = v_div(extent, v_set((float)layout->shape.scan.top));
    }
    const struct codebook_found found =
        codebook_scan(&layout->shape, neighbours, target, extent, scale, choice);
    int32_t groups[CODEBOOK_MAX_GROUPS * RDL_LANES];
    fill_groups(layout, target, choice, found, groups);
    vi any = v_iset(0);
    for (size_t g = 0; g < n / layout->shape.length; g++)
        any = v_or(any, v_iload(groups + g * RDL_LANES));
    const vm active = v_mandnot(v_lt(v_set(0.0f), found.scale), v_ieq(any, v_iset(0)));
    return codebook_refine(&layout->shape, neighbours, target, groups, active, found.scale, choice);
}

/* The points of words. */
RDL_INLINE vi point_of(size_t length, vi words)
{
    if (length == 4)
        return words;
    vi point = v_iset(0);
    for (int i = 0, place = 1; i < 8; i++, place *= 3) {
        const vi level = v_and(v_shr(words, 2 * i), v_iset(3));
        point = v_iadd(point, v_imul(level, v_iset(place)));
    }
    return point;
}

/* Words and signs of 16 sub-blocks to their places in the slab, `count` sub-blocks from s on. */
RDL_INLINE void store_found(const struct layout *layout, const struct rdl_neighbours *neighbours,
                            const struct codebook_choice *choice, const vi *signs, vm left_out,
                            size_t s, size_t count, struct slab *slab)
{
    const size_t n = layout->shape.sub_block, ngroups = n / layout->shape.length;
    for (size_t g = 0; g < ngroups; g++) {
        int32_t points[RDL_LANES];
        const vi words = v_iselect(left_out, v_iset(0), v_load_u16(choice->words[g]));
        v_istore(points, point_of(layout->shape.length, words));
        for (size_t k = 0; k < count; k++) {
            const uint32_t start = neighbours->starts[points[k]] & ~(uint32_t)RDL_ON_GRID;
            slab->rows[(s + k) * ngroups + g] = neighbours->rows[start];
        }
    }
    for (size_t h = 0; h < n / SIGN_GROUP; h++) {
        uint8_t masks[RDL_LANES];
        v_store_u8(masks, v_iselect(left_out, v_iset(0), signs[h]));
        for (size_t k = 0; k < count; k++)
            slab->signs[(s + k) * (n / SIGN_GROUP) + h] = masks[k];
    }
}

RDL_INLINE void search_slab(const struct layout *layout, const struct rdl_neighbours *neighbours,
                            const struct rdl_rows *rows, size_t first, size_t count,
                            struct slab *slab)
{
    const size_t n = layout->shape.sub_block, per_block = RDL_SUPER_BLOCK / n;
    const float *x = rows->x + first * RDL_SUPER_BLOCK;
    float sigma2[MAX_CELLS] = {0.0f};
    if (rows->importance || layout->weighing.share != 0.0f)
        slab_fill_sigma2(per_block, layout->sigma2_factor, x, count, sigma2);
    for (size_t s = 0; s < count * per_block; s += RDL_LANES) {
        const size_t rest = count * per_block - s;
        float tile[RDL_TILE], importance[RDL_TILE];
        struct codebook_target target;
        struct codebook_choice choice;
        vi signs[RDL_TILE_MAX_LENGTH / SIGN_GROUP];
        vm left_out;
        tile_load(n, x + s * n, rest, tile);
        if (rows->importance)
            tile_load_importance(n, rows->importance, rows->ncols, first * per_block + s, rest,
                                 importance);
        codebook_fill_target(n, layout->weighing, layout->even_signs, tile,
                             rows->importance ? importance : NULL, v_load(sigma2 + s), &target,
                             signs);
        const vf scale = search(layout, neighbours, &target, &choice, &left_out);
        /* A negative scale is as good as the positive one with all signs changed. */
        const vm negative = v_lt(scale, v_set(0.0f));
        for (size_t h = 0; h < n / SIGN_GROUP; h++)
            signs[h] = v_xor(signs[h], v_iselect(negative, v_iset(0xFF), v_iset(0)));
        v_store(slab->scales + s, v_select(left_out, v_set(0.0f), v_abs(scale)));
        v_store_u8(slab->skipped + s, v_iselect(left_out, v_iset(1), v_iset(0)));
        store_found(layout, neighbours, &choice, signs, left_out, s,
                    rest < RDL_LANES ? rest : RDL_LANES, slab);
    }
}

/* ------------------------------------------------------------------------------------------------
 * Encoders
 */

RDL_INLINE void encode(const struct layout *layout, bool close_gaps, const struct rdl_rows *rows,
                       uint8_t *blocks)
{
    const struct rdl_neighbours neighbours = rdl_neighbours(rows->tables);
    const size_t per_block = RDL_SUPER_BLOCK / layout->shape.sub_block;
    const size_t groups = RDL_SUPER_BLOCK / layout->shape.length;
    const size_t nblocks = rows->nrows * (rows->ncols / RDL_SUPER_BLOCK);
    for (size_t first = 0; first < nblocks; first += RDL_SLAB) {
        const size_t count = nblocks - first < RDL_SLAB ? nblocks - first : RDL_SLAB;
        struct slab slab;
        uint16_t d[RDL_SLAB];
        uint8_t scales[MAX_CELLS], positive[RDL_SLAB];
        if (count < RDL_SLAB)
            memset(&slab, 0, sizeof slab);
        search_slab(layout, &neighbours, rows, first, count, &slab);
        codebook_code_scales(per_block, slab.scales, layout->fudge, d, scales, positive);
        for (size_t k = 0; k < count; k++) {
            uint8_t *bytes = blocks + (first + k) * layout->block_bytes;
            /* The reference clears a super-block without a positive scale; the formats with full
             * signs keep the rows and signs of a search whose scale came out as zero. */
            if (layout->even_signs && !positive[k]) {
                memset(bytes, 0, layout->block_bytes);
                continue;
            }
            layout->pack(&(struct codebook_fields){d[k], scales + k * per_block,
                                                   slab.rows + k * groups, slab.signs + k * SIGNS},
                         bytes);
            if (close_gaps)
                close_iq3_s_gaps(slab.skipped + k * per_block, bytes);
        }
    }
}

#define CODEBOOK_ENCODER(format, close_gaps, name)                                                 \
    void RDL_TARGET_NAME(rdl_##format##_encode_##name)(const struct rdl_rows *rows,                \
                                                       uint8_t *blocks)                            \
    {                                                                                              \
        encode(&format##_layout, close_gaps, rows, blocks);                                        \
    }

static const struct layout iq2_xxs_layout = {
    .block_bytes = 66,
    .shape = {32, 8, {.top = 5, .last = 6, .step = 0.1f}},
    .even_signs = true,
    .sigma2_factor = 1.0f,
    .weighing = {.share = 1.0f, .root = true},
    .threshold = 1e-15f,
    .fudge = 1.0f,
    .rounded_extent = true,
    .refinement = ALL,
    .pack = pack_iq2_xxs,
};
CODEBOOK_ENCODER(iq2_xxs, false, ggml)

static const struct layout iq2_xs_layout = {
    .block_bytes = 74,
    .shape = {16, 8, {.top = 5, .last = 9, .step = 0.1f}},
    .even_signs = true,
    .sigma2_factor = 1.0f,
    .weighing = {.share = 1.0f, .root = true},
    .threshold = 1e-15f,
    .fudge = 1.0f,
    .refinement = OFF_GRID,
    .pack = pack_iq2_xs,
};
CODEBOOK_ENCODER(iq2_xs, false, ggml)

static const struct layout iq2_s_layout = {
    .block_bytes = 82,
    .shape = {16, 8, {.top = 5, .last = 9, .step = 0.1f}},
    .sigma2_factor = 2.0f,
    .weighing = {.share = 0.25f},
    .threshold = 1e-8f,
    .fudge = 0.9875f,
    .refinement = OFF_GRID,
    .pack = pack_iq2_s,
};
CODEBOOK_ENCODER(iq2_s, false, ggml)

static const struct layout iq3_xxs_layout = {
    .block_bytes = 98,
    .shape = {32, 4, {.top = 15, .last = 15, .step = 0.2f}},
    .even_signs = true,
    .sigma2_factor = 2.0f,
    .threshold = 1e-8f,
    .fudge = 1.0125f,
    .refinement = OFF_GRID,
    .pack = pack_iq3_xxs,
};
CODEBOOK_ENCODER(iq3_xxs, false, ggml)

static const struct layout iq3_s_layout = {
    .block_bytes = 110,
    .shape = {32, 4, {.top = 15, .last = 9, .step = 0.2f}},
    .sigma2_factor = 2.0f,
    .threshold = 0x1p-149f, /* only zeros are below */
    .fudge = 1.033f,
    .refinement = ALL_IF_ANY_OFF,
    .pack = pack_iq3_s,
};
CODEBOOK_ENCODER(iq3_s, true, ggml)
CODEBOOK_ENCODER(iq3_s, false, ggml_fixed)
