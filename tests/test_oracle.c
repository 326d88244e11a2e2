/*
 * The oracle of blocks: against printed values (with `exact`), against all assignments of codes,
 * and against the same enumeration in its simplest form.
 */
#include "oracle_samples.h"
#include "suite.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

enum {
    MAX_N = RDL_BLOCK_MAX_LENGTH,
#ifdef ROUNDEL_SLOW_RUN
    RANDOM_CASES = 50,
    REPEATS = 1,
    LENGTH_STEP = 3 /* each kind of sample in one of three lengths */
#else
    RANDOM_CASES = 600,
    REPEATS = 2,
    LENGTH_STEP = 1
#endif
};

static double value_of(const struct rdl_block *block, int code)
{
    return block->grid.entries ? (double)block->grid.entries[code]
                               : (double)(block->grid.first + code);
}

/* ------------------------------------------------------------------------------------------------
 * Printed values
 */

/* The number of a test is that of one of these. */
static const enum rdl_solver solvers[] = {RDL_SOLVE_ORACLE, RDL_SOLVE_EXACT};

enum {
    SOLVERS = sizeof solvers / sizeof solvers[0]
};

static const float vectors[4][8] = {
    {1.0f, -0.5f, 0.25f, 0.75f, -1.25f, 0.125f, -0.875f, 0.625f},
    {0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f, 0.7f, 1.9f},
    {-3, -1, 0, 2, 5, 7, -4, 6},
    {2.5f, 2.25f, 2.75f, 3.5f, 2.0f, 3.0f, 2.125f, 2.875f},
};

static const float factors[2][8] = {{1, 1, 1, 1, 1, 1, 1, 1}, {1, 2, 3, 4, 4, 3, 2, 1}};

/* Rows: vector 0 with both factors, then vector 1 .. */
static const double scale_errors[8][5] = {
    {.442708333, .058510638, .058510638, .011871936, .015415900},
    {1.217633929, .163934426, .163934426, .026942728, .033250785},
    {1.400000025, .150000004, .207142841, .032173907, .018296465},
    {2.248823440, .330789489, .487599967, .074863000, .050899876},
    {15, 1.647058824, 2.714285714, 0, .208976845},
    {36.181818182, 2.936936937, 5.015384615, 0, .615138358},
    {1.781250000, .421630859, .569411058, .089906958, .143880625},
    {5.914843750, .937406994, 1.353703704, .235768687, .330492489},
};

/* Columns: 2, 4, 16 codes, each with any offset and with none above 0. */
static const double offset_errors[8][6] = {
    {.8, .8, .154211957, .154211957, .007344335, .007344335},
    {1.893229167, 1.893229167, .296332465, .296332465, .015241123, .015241123},
    {.279999998, 1.400000025, .141999994, .207142841, .006966476, .007228915},
    {.521052628, 2.248823440, .382499967, .486330904, .012681818, .023015462},
    {24, 24, 3.578947368, 3.578947368, 0, 0},
    {63.791666667, 63.791666667, 10.407331976, 10.407331976, 0, 0},
    {.460937500, 1.781250000, .089348592, .569411058, 0, .021835774},
    {1.320707071, 5.914843750, .216222426, 1.353703704, 0, .036200025},
};

/* With 16 codes: scale and offset, any and none above 0. */
static const double offset_fits[8][4] = {
    {.185627341, -1.237359551, .185627341, -1.237359551},
    {.151391555, -1.235436660, .151391555, -1.235436660},
    {.121095664, .087980386, .128915660, -.040963843},
    {.113636362, .164090919, .128092781, -.032989677},
    {1, -4, 1, -4},
    {1, -4, 1, -4},
    {.125, 2, .242677824, -.135460251},
    {.125, 2, .243927126, -.160804656},
};

/* Half of the ninth, or the tenth, digit behind the point, and a little for the comparison. */
#define ck_assert_digits(value, printed, digits)                                                   \
    ck_assert_double_eq_tol(value, printed, 0.5 * pow(10.0, -(digits)) + 1e-14)

START_TEST(small_vectors_without_offset)
{
    const struct rdl_block_grid grids[5] = {
        integers(RDL_BLOCK_SIGNED, -1, 3), integers(RDL_BLOCK_SIGNED, -4, 8),
        integers(RDL_BLOCK_POSITIVE, -4, 8), integers(RDL_BLOCK_SIGNED, -8, 16), iq4_grid};
    uint8_t codes[MAX_N];
    for (int row = 0; row < 8; row++)
        for (int g = 0; g < 5; g++) {
            const struct rdl_block block = {8, vectors[row / 2], factors[row % 2], grids[g]};
            ck_assert_digits(solve_block(solvers[_i], &block, codes).error, scale_errors[row][g],
                             9);
        }
}
END_TEST

START_TEST(small_vectors_with_offset)
{
    static const int counts[3] = {2, 4, 16};
    uint8_t codes[MAX_N];
    for (int row = 0; row < 8; row++)
        for (int column = 0; column < 6; column++) {
            const enum rdl_block_kind kind = column % 2 ? RDL_BLOCK_AFFINE : RDL_BLOCK_FREE;
            const struct rdl_block block = {8, vectors[row / 2], factors[row % 2],
                                            integers(kind, 0, counts[column / 2])};
            const struct rdl_block_fit fit = solve_block(solvers[_i], &block, codes);
            ck_assert_digits(fit.error, offset_errors[row][column], 9);
            if (counts[column / 2] != 16)
                continue;
            ck_assert_digits(fit.scale, offset_fits[row][2 * (column % 2)], 9);
            /* Where codes are left over, all may be shifted. */
            const double offset = offset_fits[row][2 * (column % 2) + 1];
            ck_assert_digits(remainder(fit.offset - offset, fit.scale), 0.0, 9);
        }
}
END_TEST

/* Error and scale of 16 integers; of the table; error, scale and offset of 16 codes. */
static const double generated[3][7] = {
    {.2637469933, -.2688171613, .1887310710, -.0200468334, .1531140765, .2820810720, -1.8030570561},
    {.3380251394, -.3559005713, .2091596437, .0256367012, .2546465445, .3270479027, -2.2037472194},
    {.1914807325, .2593052419, .1413449194, .0164015492, .1320268283, .2704200182, -2.0771497205},
};

START_TEST(generated_blocks)
{
    struct gap_source source = {.state = 1234};
    for (int b = 0; b < 3; b++) {
        float x[32], w[32];
        uint8_t codes[MAX_N];
        gap_source_block(&source, GAP_GAUSSIAN, GAP_UNIFORM, 32, x, w);
        const double *expected = generated[b];
        struct rdl_block block = {32, x, w, integers(RDL_BLOCK_SIGNED, -8, 16)};
        struct rdl_block_fit fit = solve_block(solvers[_i], &block, codes);
        ck_assert_digits(fit.error, expected[0], 10);
        ck_assert_digits(fit.scale, expected[1], 10);
        block.grid = iq4_grid;
        fit = solve_block(solvers[_i], &block, codes);
        ck_assert_digits(fit.error, expected[2], 10);
        ck_assert_digits(fit.scale, expected[3], 10);
        for (int k = 0; k < 2; k++) {
            block.grid = integers(k ? RDL_BLOCK_FREE : RDL_BLOCK_AFFINE, 0, 16);
            fit = solve_block(solvers[_i], &block, codes);
            ck_assert_digits(fit.error, expected[4], 10);
            ck_assert_digits(fit.scale, expected[5], 10);
            ck_assert_digits(fit.offset, expected[6], 10);
        }
    }
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * All assignments
 */

/* Of codes with scale s and offset b. */
static double error_of_line(const struct rdl_block *block, const int *codes, double s, double b)
{
    double error = 0.0;
    for (size_t i = 0; i < block->n; i++) {
        const double d = (double)block->x[i] - s * value_of(block, codes[i]) - b;
        error += (double)block->weights[i] * d * d;
    }
    return error;
}

static double error_without_offset(const struct rdl_block *block, const int *codes)
{
    double a = 0.0, b = 0.0;
    for (size_t i = 0; i < block->n; i++) {
        const double v = value_of(block, codes[i]), w = (double)block->weights[i];
        a += w * v * (double)block->x[i];
        b += w * v * v;
    }
    const bool none = b == 0.0 || (a < 0.0 && block->grid.kind != RDL_BLOCK_SIGNED);
    return error_of_line(block, codes, none ? 0.0 : a / b, 0.0);
}

static double error_of_codes(const struct rdl_block *block, const int *codes)
{
    if (!has_offset(&block->grid))
        return error_without_offset(block, codes);
    double weight = 0.0, x = 0.0, v = 0.0, vv = 0.0, xv = 0.0;
    int first = -1;
    bool constant = true;
    for (size_t i = 0; i < block->n; i++) {
        weight += (double)block->weights[i];
        x += (double)block->weights[i] * (double)block->x[i];
        v += (double)block->weights[i] * codes[i];
    }
    for (size_t i = 0; i < block->n; i++) {
        const double d = codes[i] - v / weight;
        if (block->weights[i] > 0.0f) {
            constant &= first < 0 || codes[i] == first;
            first = codes[i];
        }
        vv += (double)block->weights[i] * d * d;
        xv += (double)block->weights[i] * d * ((double)block->x[i] - x / weight);
    }
    const double scale = !constant && xv > 0.0 ? xv / vv : 0.0;
    const double offset = x / weight - scale * v / weight;
    if (block->grid.kind == RDL_BLOCK_AFFINE && offset > 0.0)
        return error_without_offset(block, codes);
    return error_of_line(block, codes, scale, offset);
}

static bool next_assignment(const struct rdl_block *block, int *codes)
{
    for (size_t i = 0; i < block->n; i++) {
        if (++codes[i] < block->grid.count)
            return true;
        codes[i] = 0;
    }
    return false;
}

static double brute_force(const struct rdl_block *block)
{
    int codes[MAX_N] = {0};
    double least = INFINITY;
    do {
        least = fmin(least, error_of_codes(block, codes));
    } while (next_assignment(block, codes));
    return least;
}

static void check_against(double (*other)(const struct rdl_block *block),
                          const struct sample *sample, size_t n, struct rdl_block_grid grid,
                          double tolerance)
{
    uint8_t codes[MAX_N];
    const struct rdl_block block = {n, sample->x, sample->w, grid};
    const double error = solve_oracle(&block, codes).error, expected = other(&block);
    ck_assert_msg(fabs(error - expected) <= tolerance * sum_squares(&block),
                  "kind %d, %d codes, n = %zu: %.17g, should be %.17g", grid.kind, grid.count, n,
                  error, expected);
}

/* Four entries in any place: to one side of 0, far apart; often -1 and 1 are the first two. */
static void draw_entries(struct gap_source *source, float *entries)
{
    const bool signs = gap_source_word(source) % 4 == 0;
    entries[0] = signs ? -1.0f : -8.0f + (float)(gap_source_word(source) % 12);
    for (int k = 1; k < 4; k++)
        entries[k] = entries[k - 1] +
                     (signs && k == 1 ? 2.0f : 0.25f * (float)(1 + gap_source_word(source) % 24));
}

START_TEST(all_assignments)
{
    struct gap_source source = {.state = 1};
    for (int i = 0; i < RANDOM_CASES; i++) {
        struct sample sample;
        float entries[4];
        const size_t n = (size_t)(3 + i % 5 - (i % 5 == 4 && i % 4));
        draw_sample(&source, i / 5, n, &sample);
        draw_entries(&source, entries);
        for (enum rdl_block_kind kind = RDL_BLOCK_SIGNED; kind <= RDL_BLOCK_POSITIVE; kind++) {
            for (int count = 2; count <= 4; count++)
                check_against(brute_force, &sample, n,
                              (struct rdl_block_grid){kind, count, 0, entries}, 1e-10);
            check_against(brute_force, &sample, n, integers(kind, -(i % 4), 4), 1e-10);
        }
        for (int count = 2; count <= 4; count++)
            for (enum rdl_block_kind kind = RDL_BLOCK_UNSIGNED; kind <= RDL_BLOCK_FREE; kind++)
                check_against(brute_force, &sample, n, integers(kind, 0, count), 1e-10);
    }
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * The simple form of the enumeration with an offset: no sums carried on, both codes of the pivot
 * after every event
 */

struct crossing {
    double time;
    int element, step;
};

static int by_time(const void *left, const void *right)
{
    const struct crossing *const a = left, *const b = right;
    return a->time != b->time ? (a->time > b->time) - (a->time < b->time) : a->element - b->element;
}

static void try_both(const struct rdl_block *block, size_t pivot, int level, int *codes,
                     double *least)
{
    for (int code = level; code <= level + 1; code++) {
        for (size_t i = 0; i < block->n; i++)
            if (block->x[i] == block->x[pivot])
                codes[i] = code;
        *least = fmin(*least, error_of_codes(block, codes));
    }
}

static void walk(const struct rdl_block *block, size_t pivot, int level, double *least)
{
    struct crossing crossings[32 * 16];
    int codes[MAX_N], count = 0;
    for (size_t j = 0; j < block->n; j++) {
        const double apart = (double)block->x[j] - (double)block->x[pivot];
        const int limit = apart > 0.0 ? block->grid.count - 2 - level : level;
        codes[j] = level + (apart > 0.0);
        for (int d = 1; apart != 0.0 && d <= limit; d++)
            crossings[count++] = (struct crossing){d / fabs(apart), (int)j, apart > 0.0 ? 1 : -1};
    }
    qsort(crossings, (size_t)count, sizeof *crossings, by_time);
    try_both(block, pivot, level, codes, least);
    for (int c = 0; c < count; c++) {
        codes[crossings[c].element] += crossings[c].step;
        try_both(block, pivot, level, codes, least);
    }
}

static double simple_enumeration(const struct rdl_block *block)
{
    double least = INFINITY;
    for (size_t pivot = 0; pivot < block->n; pivot++)
        for (int level = 0; level < block->grid.count - 1; level++)
            walk(block, pivot, level, &least);
    return least;
}

START_TEST(simple_form)
{
    static const size_t lengths[3] = {9, 16, 32};
    struct gap_source source = {.state = 2};
    for (int i = 0; i < SAMPLE_KINDS * REPEATS; i++)
        for (int l = i % LENGTH_STEP; l < 3; l += LENGTH_STEP) {
            struct sample sample;
            draw_sample(&source, i, lengths[l], &sample);
            for (enum rdl_block_kind kind = RDL_BLOCK_AFFINE; kind <= RDL_BLOCK_FREE; kind++) {
                check_against(simple_enumeration, &sample, lengths[l], integers(kind, 0, 4), 1e-9);
                check_against(simple_enumeration, &sample, lengths[l], integers(kind, 0, 16), 1e-9);
            }
        }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("oracle");
    TCase *tcase = tcase_create("values");
    tcase_set_timeout(tcase, 300.0);
    tcase_add_loop_test(tcase, small_vectors_without_offset, 0, SOLVERS);
    tcase_add_loop_test(tcase, small_vectors_with_offset, 0, SOLVERS);
    tcase_add_loop_test(tcase, generated_blocks, 0, SOLVERS);
    tcase_add_test(tcase, all_assignments);
    tcase_add_test(tcase, simple_form);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
