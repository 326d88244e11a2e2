/*
 * Roundings `exact` and `joint` of IQ2 and IQ3: rows and signs against all of them, scales against
 * every integer, blocks against those of `ggml`, and targets against scalar.
 */
#include "binary16.h"
#include "block/oracle_codebook.h"
#include "codebook_levels.h"
#include "gap_blocks.h"
#include "roundel.h"
#include "search/codebook_group.h"
#include "suite.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    BLOCK = 256,
#ifdef ROUNDEL_SLOW_RUN
    BLOCKS = 2,
    UNITS = 40,
#else
    BLOCKS = 12,
    UNITS = 400,
#endif
    N = BLOCK * BLOCKS,
    MAX_BYTES = 110 * BLOCKS
};

static const struct format {
    enum rdl_format format;
    const struct rdl_codebook *codebook;
    const uint16_t *words;
    bool even_signs;
    size_t sub_block;
    double unit, sigma2_factor, share; /* of the scale; of ggml's weights */
    bool root;
} formats[] = {
    {RDL_IQ2_XXS, &rdl_codebook_iq2_xxs, rdl_levels_iq2_xxs, true, 32, 0.125, 1.0, 1.0, true},
    {RDL_IQ2_XS, &rdl_codebook_iq2_xs, rdl_levels_iq2_xs, true, 16, 0.125, 1.0, 1.0, true},
    {RDL_IQ2_S, &rdl_codebook_iq2_s, rdl_levels_iq2_s, false, 16, 0.125, 2.0, 0.25, false},
    {RDL_IQ3_XXS, &rdl_codebook_iq3_xxs, rdl_levels_iq3_xxs, true, 32, 0.25, 2.0, 0.0, false},
    {RDL_IQ3_S, &rdl_codebook_iq3_s, rdl_levels_iq3_s, false, 32, 1.0, 2.0, 0.0, false},
};

enum {
    FORMATS = sizeof formats / sizeof formats[0]
};

/* ------------------------------------------------------------------------------------------------
 * Data
 */

static double uniform(struct gap_source *source)
{
    return (double)(gap_source_word(source) >> 11) * 0x1p-53;
}

enum kind {
    GAUSSIAN,
    LAPLACE,
    SPARSE,   /* zeros, also whole sub-blocks */
    OUTLIERS, /* x 1000, and sub-blocks of different size */
    EDGES,    /* subnormal and huge next to each other, -0, equal ones */
    KINDS
};

static float extreme(size_t i, double u)
{
    static const float values[] = {0.0f, -0.0f, 1e-45f, -1e-38f, 1.0f, -1.0f, 65504.0f, -3e4f};
    return i / 64 % 2 ? values[(size_t)(8.0 * u)] : i / 32 % 2 ? 0.25f : (float)(1e-7 * (u - 0.5));
}

static void draw(struct gap_source *source, enum kind kind, float *x, float *importance)
{
    for (size_t b = 0; b < N; b += 64) {
        float w[64];
        gap_source_block(source, kind == LAPLACE ? GAP_LAPLACE : GAP_GAUSSIAN, GAP_IMPORTANCE, 64,
                         x + b, w);
        for (size_t i = b; i < b + 64; i++) {
            const double u = uniform(source);
            importance[i] = w[i - b];
            if (kind == SPARSE && (u < 0.6 || b / 64 % 3 == 1))
                x[i] = 0.0f;
            if (kind == SPARSE && (u > 0.9 || b / 64 % 5 == 3))
                importance[i] = 0.0f;
            if (kind == OUTLIERS)
                x[i] *= u < 0.01 ? 1000.0f : b / 64 % 2 ? 0.01f : 1.0f;
            if (kind == EDGES) {
                x[i] = extreme(i, u);
                importance[i] = u < 0.3 ? 0.0f : u > 0.9 ? 1e16f : 1e-20f;
            }
        }
    }
}

/* ------------------------------------------------------------------------------------------------
 * Encoding
 */

struct search {
    const struct format *format;
    enum rdl_rounding rounding;
    enum rdl_scales scales;
    enum rdl_weighting weighting;
    enum rdl_target target;
};

static void encode(const struct search *search, const float *x, const float *importance,
                   uint8_t *blocks)
{
    struct rdl_job job = {
        .format = search->format->format,
        .rounding = search->rounding,
        .weighting = search->weighting,
        .scales = search->scales,
        .target = search->target,
        .nrows = 1,
        .ncols = N,
    };
    const size_t size = rdl_tables_size(job.format);
    void *tables = NULL;
    if (search->rounding == RDL_GGML_FIXED) {
        tables = malloc(size);
        ck_assert_int_eq(rdl_tables_build(job.format, tables, size), RDL_OK);
        job.tables = tables;
    }
    job.scratch_size = rdl_scratch_size(&job);
    job.scratch = job.scratch_size ? malloc(job.scratch_size) : NULL;
    ck_assert_int_eq(rdl_quantize(&job, x, importance, blocks, NULL), RDL_OK);
    free(job.scratch);
    free(tables);
}

static void decode(const struct format *format, const uint8_t *blocks, float *x)
{
    const struct rdl_job job = {.format = format->format, .nrows = 1, .ncols = N};
    ck_assert_uint_eq(rdl_check_blocks(format->format, blocks, BLOCKS), BLOCKS);
    ck_assert_int_eq(rdl_dequantize(&job, blocks, x), RDL_OK);
}

static double weight(const struct search *search, const float *block, size_t i,
                     const float *importance)
{
    const struct format *format = search->format;
    double mean_square = 0.0;
    for (size_t k = 0; k < BLOCK; k++)
        mean_square += (double)block[k] * (double)block[k] / BLOCK;
    const double x = (double)block[i];
    switch (search->weighting) {
    case RDL_X2:
        return x * x;
    case RDL_ABS:
        return fabs(x);
    case RDL_RMS_ABS:
        return sqrt(mean_square) + fabs(x);
    case RDL_IMPORTANCE:
        return (double)importance[i];
    case RDL_IMPORTANCE_RMS:
        return (double)importance[i] * sqrt(mean_square + x * x);
    case RDL_NATIVE: {
        const double sigma2 = format->sigma2_factor * mean_square;
        if (importance)
            return (double)importance[i] * sqrt(sigma2 + x * x);
        const double plain = format->share * sigma2 + x * x;
        return format->root ? sqrt(plain) : plain;
    }
    case RDL_UNIFORM:
    case RDL_WEIGHTING_COUNT:
        break;
    }
    return 1.0;
}

static void block_weights(const struct search *search, const float *block, const float *importance,
                          double *weights)
{
    for (size_t i = 0; i < BLOCK; i++)
        weights[i] = weight(search, block, i, importance);
}

static double error_of(const double *weights, const float *x, const float *decoded, size_t n)
{
    double error = 0.0;
    for (size_t i = 0; i < n; i++) {
        const double difference = (double)x[i] - (double)decoded[i];
        error += weights[i] * (difference * difference);
    }
    return error;
}

/* ------------------------------------------------------------------------------------------------
 * Rows and signs at a scale
 */

static struct rdl_code_rows code_rows(const struct format *format, enum rdl_target target,
                                      float **floats)
{
    *floats = malloc(rdl_code_rows_floats(format->codebook) * sizeof(float));
    return rdl_code_rows(format->codebook, format->words, target, *floats);
}

static void check_nearest(const struct format *format, const struct rdl_code_rows *rows,
                          struct gap_source *source, int i)
{
    float x[8], w[8];
    double magnitudes[8], factors[8], values[RDL_MAX_LEVELS];
    gap_source_block(source, GAP_GAUSSIAN, i % 2 ? GAP_IMPORTANCE : GAP_UNIFORM, 8, x, w);
    for (int k = 0; k < 8; k++) {
        if (i % 5 == 0)
            x[k] = roundf(x[k]); /* ties */
        if (i % 7 == 0)
            w[k] *= k % 3 ? 0.0f : 1.0f;
        magnitudes[k] = fabs((double)x[k]);
        factors[k] = (double)w[k];
    }
    struct rdl_codebook_block block = {format->codebook, format->even_signs, 8, x, w};
    /* A short number, so that products with magnitudes are exact in binary32. */
    struct rdl_codebook_fit fit = {.scale = (double)(1 + gap_source_word(source) % 60) / 512.0};
    if (format->format == RDL_IQ3_S)
        fit.scale *= 4.0;
    rdl_codebook_nearest(&block, &fit);
    for (int l = 0; l < RDL_MAX_LEVELS; l++)
        values[l] = fit.scale * rows->magnitudes[l];
    unsigned negative = 0;
    for (int k = 0; k < 8; k++)
        negative |= (unsigned)(x[k] < 0.0f) << k;
    const struct rdl_unit unit = {factors, magnitudes,
                                  format->even_signs && __builtin_parity(negative)};
    rdl_fill_lines(rows, &unit);
    const struct rdl_unit_choice choice = rdl_nearest_rows(rows, &unit, fit.scale, values);
    ck_assert_double_eq_tol(choice.error, rdl_codebook_error(&block, &fit), 1e-13);
    ck_assert_int_eq(choice.flipped >= 0, unit.odd);
    /* The same error from the rows, and no other. */
    struct rdl_codebook_fit chosen = {.scale = fit.scale};
    chosen.signs[0] = (uint8_t)(choice.flipped < 0 ? negative : negative ^ 1u << choice.flipped);
    for (int g = 0; g < 8 / format->codebook->length; g++)
        chosen.rows[g] = choice.rows[g];
    ck_assert_double_eq_tol(choice.error, rdl_codebook_error(&block, &chosen), 1e-13);
}

START_TEST(nearest_rows_are_nearest)
{
    struct gap_source source = {.state = 11};
    for (int f = 0; f < FORMATS; f++)
        for (unsigned t = 0; t < RDL_TARGET_COUNT; t++) {
            if (!(rdl_detect_targets() >> t & 1u))
                continue;
            float *floats;
            const struct rdl_code_rows rows = code_rows(&formats[f], (enum rdl_target)t, &floats);
            for (int i = 0; i < UNITS; i++)
                check_nearest(&formats[f], &rows, &source, i);
            free(floats);
        }
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Lines: every target has the scalar bits
 */

static void check_lines(const struct rdl_code_rows *scalar, const struct rdl_row_lines *lines,
                        const float *wx, const float *w, const float *points)
{
    static float a[2][RDL_MAX_ROWS], b[2][RDL_MAX_ROWS], wrong[2][RDL_MAX_ROWS];
    static uint16_t list[2][RDL_MAX_ROWS];
    const struct rdl_row_lines *both[2] = {scalar->lines, lines};
    uint16_t highest[2][4];
    size_t count[2];
    for (int k = 0; k < 2; k++)
        both[k]->fill(scalar->rows, scalar->words, (size_t)scalar->length, &scalar->levels, wx, w,
                      a[k], b[k], wrong[k]);
    ck_assert_mem_eq(a[0], a[1], scalar->rows * sizeof(float));
    ck_assert_mem_eq(b[0], b[1], scalar->rows * sizeof(float));
    ck_assert_mem_eq(wrong[0], wrong[1], scalar->rows * sizeof(float));
    for (size_t n = 1; n <= 4; n++) {
        for (int k = 0; k < 2; k++)
            both[k]->highest(scalar->rows, a[0], b[0], n, points, highest[k]);
        ck_assert_mem_eq(highest[0], highest[1], n * sizeof(uint16_t));
    }
    const float height = points[0] * a[0][highest[0][0]] - b[0][highest[0][0]];
    for (int k = 0; k < 2; k++)
        count[k] = both[k]->above(scalar->rows, a[0], b[0], points[0],
                                  height - 0.01f * fabsf(height), list[k]);
    ck_assert_uint_eq(count[0], count[1]);
    ck_assert_uint_ge(count[0], 1);
    ck_assert_mem_eq(list[0], list[1], count[0] * sizeof(uint16_t));
}

#if defined(ROUNDEL_WIDE_TWIN)
extern const struct rdl_row_lines rdl_row_lines_wide;
#endif

START_TEST(lines_of_all_targets_are_the_same)
{
    struct gap_source source = {.state = 12};
    for (int i = 0; i < UNITS; i++) {
        float x[8], w[8], wx[8], points[4], *floats;
        gap_source_block(&source, GAP_GAUSSIAN, GAP_IMPORTANCE, 8, x, w);
        for (int k = 0; k < 8; k++) {
            w[k] = i % 4 == 3 ? 0.0f : w[k]; /* all lines are equal: the first row */
            wx[k] = i % 4 == 2 ? w[k] : w[k] * fabsf(x[k]);
        }
        for (int k = 0; k < 4; k++)
            points[k] = (float)exp(8.0 * uniform(&source) - 2.0);
        const struct rdl_code_rows scalar = code_rows(&formats[i % FORMATS], RDL_SCALAR, &floats);
        for (unsigned t = 0; t < RDL_TARGET_COUNT; t++)
            if (rdl_detect_targets() >> t & 1u)
                check_lines(&scalar, rdl_row_lines_of((enum rdl_target)t), wx, w, points);
#if defined(ROUNDEL_WIDE_TWIN)
        check_lines(&scalar, &rdl_row_lines_wide, wx, w, points);
#endif
        free(floats);
    }
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * The encoders
 */

/* The least error of a sub-block over the 16 integers, by all rows and signs. */
static double least_error(const struct format *format, double d, const float *x,
                          const double *weights)
{
    float w[32];
    double largest = 0.0, least = INFINITY;
    for (size_t i = 0; i < format->sub_block; i++)
        largest = fmax(largest, weights[i]);
    for (size_t i = 0; i < format->sub_block; i++)
        w[i] = (float)weights[i];
    const struct rdl_codebook_block block = {format->codebook, format->even_signs,
                                             format->sub_block, x, w};
    for (int code = 0; code < 16; code++) {
        struct rdl_codebook_fit fit = {.scale = d * (2 * code + 1) * format->unit};
        rdl_codebook_nearest(&block, &fit);
        least = fmin(least, rdl_codebook_error(&block, &fit));
    }
    return least;
}

/* With weights that are binary32 numbers. */
START_TEST(integers_are_the_best_of_all)
{
    static float x[N], importance[N], decoded[N];
    static uint8_t blocks[MAX_BYTES];
    struct gap_source source = {.state = 13};
    for (int f = 0; f < FORMATS; f++)
        for (enum kind kind = GAUSSIAN; kind <= OUTLIERS; kind++) {
            const struct search search = {&formats[f], RDL_EXACT, RDL_SCALES_DEFAULT,
                                          kind == GAUSSIAN ? RDL_UNIFORM : RDL_IMPORTANCE,
                                          RDL_SCALAR};
            const size_t n = formats[f].sub_block;
            const size_t bytes = rdl_format_info(formats[f].format)->block_bytes;
            draw(&source, kind, x, importance);
            encode(&search, x, importance, blocks);
            decode(&formats[f], blocks, decoded);
            for (size_t i = 0; i < 2 * BLOCK; i += n) {
                double weights[32], squares = 0.0;
                uint16_t d;
                memcpy(&d, blocks + i / BLOCK * bytes, 2);
                for (size_t k = 0; k < n; k++) {
                    weights[k] = kind == GAUSSIAN ? 1.0 : (double)importance[i + k];
                    squares += weights[k] * (double)x[i + k] * (double)x[i + k];
                }
                const double least =
                    d ? least_error(&formats[f], (double)rdl_f16_to_f32(d), x + i, weights)
                      : squares;
                ck_assert_double_eq_tol(error_of(weights, x + i, decoded + i, n), least,
                                        1e-9 * squares + 1e-300);
            }
        }
}
END_TEST

/* Under the weights of ggml, block by block; and better ways to find d are better. */
START_TEST(never_worse_than_ggml)
{
    static const struct {
        enum rdl_rounding rounding;
        enum rdl_scales scales;
    } searches[] = {{RDL_GGML_FIXED, RDL_SCALES_DEFAULT},
                    {RDL_EXACT, RDL_SCALES_MAX},
                    {RDL_EXACT, RDL_SCALES_DEFAULT},
                    {RDL_EXACT, RDL_SCALES_ALTERNATE},
                    {RDL_JOINT, RDL_SCALES_DEFAULT}};
    enum {
        SEARCHES = sizeof searches / sizeof searches[0]
    };
    static float x[N], importance[N], decoded[N];
    static uint8_t blocks[MAX_BYTES];
    struct gap_source source = {.state = 14};
    for (int f = 0; f < FORMATS; f++)
        for (int plain = 0; plain < 2; plain++)
            for (enum kind kind = GAUSSIAN; kind <= OUTLIERS; kind++) {
                double errors[SEARCHES][BLOCKS];
                draw(&source, kind, x, importance);
                const float *factors = plain ? NULL : importance;
                for (int s = 0; s < SEARCHES; s++) {
                    const struct search search = {&formats[f], searches[s].rounding,
                                                  searches[s].scales, RDL_NATIVE, RDL_SCALAR};
                    encode(&search, x, factors, blocks);
                    decode(&formats[f], blocks, decoded);
                    for (size_t b = 0; b < BLOCKS; b++) {
                        double weights[BLOCK];
                        block_weights(&search, x + b * BLOCK, factors ? factors + b * BLOCK : NULL,
                                      weights);
                        errors[s][b] = error_of(weights, x + b * BLOCK, decoded + b * BLOCK, BLOCK);
                        const double least = s > 2 ? errors[2][b] : s > 1 ? errors[1][b] : INFINITY;
                        if (s > 1) /* MAX looks at three integers alone */
                            ck_assert_double_le(errors[s][b], errors[0][b] * (1.0 + 1e-6));
                        ck_assert_double_le(errors[s][b], least * (1.0 + 1e-6));
                    }
                }
            }
}
END_TEST

/* The sum of the optima of the sub-blocks with real scales; a spec says 15.1 % for ggml. */
START_TEST(excess_over_the_bound)
{
    static float x[N], importance[N], decoded[N];
    static uint8_t blocks[MAX_BYTES];
    const struct format *format = &formats[0];
    void *scratch = malloc(rdl_codebook_oracle_scratch(format->codebook, format->sub_block));
    struct gap_source source = {.state = 16};
    struct search search = {format, RDL_EXACT, RDL_SCALES_DEFAULT, RDL_NATIVE, RDL_SCALAR};
    double bound = 0.0, error = 0.0;
    draw(&source, GAUSSIAN, x, importance);
    encode(&search, x, importance, blocks);
    decode(format, blocks, decoded);
    for (size_t b = 0; b < N; b += BLOCK) {
        double weights[BLOCK];
        float w[BLOCK];
        block_weights(&search, x + b, importance + b, weights);
        error += error_of(weights, x + b, decoded + b, BLOCK);
        for (size_t i = 0; i < BLOCK; i++)
            w[i] = (float)weights[i];
        for (size_t i = 0; i < BLOCK; i += format->sub_block) {
            struct rdl_codebook_fit fit;
            const struct rdl_codebook_block block = {format->codebook, true, format->sub_block,
                                                     x + b + i, w + i};
            rdl_codebook_oracle(&block, scratch, &fit);
            bound += rdl_codebook_error(&block, &fit);
        }
    }
    free(scratch);
    ck_assert_double_ge(error, bound);
    ck_assert_double_le(error, 1.014 * bound);
}
END_TEST

START_TEST(targets_write_the_same_bytes)
{
    static float x[N], importance[N], decoded[N];
    static uint8_t scalar[MAX_BYTES], blocks[MAX_BYTES];
    struct gap_source source = {.state = 15};
    int round = 0;
    for (int f = 0; f < FORMATS; f++)
        for (enum kind kind = GAUSSIAN; kind < KINDS; kind++) {
            draw(&source, kind, x, importance);
            const size_t size = BLOCKS * rdl_format_info(formats[f].format)->block_bytes;
            for (unsigned w = 0; w < RDL_WEIGHTING_COUNT; w++) {
                struct search search = {&formats[f], round % 2 ? RDL_JOINT : RDL_EXACT,
                                        RDL_SCALES_DEFAULT, (enum rdl_weighting)w, RDL_SCALAR};
                round++;
                encode(&search, x, importance, scalar);
                decode(&formats[f], scalar, decoded);
                for (unsigned t = 1; t < RDL_TARGET_COUNT; t++) {
                    if (!(rdl_detect_targets() >> t & 1u))
                        continue;
                    search.target = (enum rdl_target)t;
                    encode(&search, x, importance, blocks);
                    ck_assert_mem_eq(blocks, scalar, size);
                }
            }
        }
}
END_TEST

/* Nothing to round, or nothing that counts. */
START_TEST(zeros)
{
    static float x[N], importance[N], decoded[N];
    static uint8_t blocks[MAX_BYTES];
    for (int f = 0; f < FORMATS; f++)
        for (int idle = 0; idle < 2; idle++) {
            const struct search search = {&formats[f], idle ? RDL_JOINT : RDL_EXACT,
                                          RDL_SCALES_DEFAULT, RDL_NATIVE, RDL_SCALAR};
            for (size_t i = 0; i < N; i++) {
                x[i] = idle ? (float)i : 0.0f;
                importance[i] = 0.0f;
            }
            encode(&search, x, importance, blocks);
            decode(&formats[f], blocks, decoded);
            for (size_t i = 0; i < N; i++)
                ck_assert(decoded[i] == 0.0f);
        }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("exact codebooks");
    TCase *tcase = tcase_create("exact codebooks");
    tcase_set_timeout(tcase, 300.0);
    tcase_add_test(tcase, nearest_rows_are_nearest);
    tcase_add_test(tcase, lines_of_all_targets_are_the_same);
    tcase_add_test(tcase, integers_are_the_best_of_all);
    tcase_add_test(tcase, never_worse_than_ggml);
    tcase_add_test(tcase, excess_over_the_bound);
    tcase_add_test(tcase, targets_write_the_same_bytes);
    tcase_add_test(tcase, zeros);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
