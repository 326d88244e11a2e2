/* Neighbour tables against their definition, and the calls that build them. */
#include "neighbours.h"

#include "codebooks.h"
#include "suite.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_ROWS = 2048,
    BACKGROUND = 0xAA,
    BEHIND = 64, /* bytes after the tables, which nobody may touch */
    STRIDE = 5   /* from one point to the next, where lists are looked at one by one */
};

/* Points off the grid, entries of all their lists, the longest: the table of the specification,
 * section 7.2. */
static const struct expectation {
    enum rdl_format format;
    const struct rdl_codebook *codebook;
    int distances;
    unsigned points, off_grid, entries, longest;
} expectations[] = {
    {RDL_IQ2_XXS, &rdl_codebook_iq2_xxs, 2, RDL_POINTS_8, 6305, 113157, 150},
    {RDL_IQ2_XS, &rdl_codebook_iq2_xs, 2, RDL_POINTS_8, 6049, 181721, 292},
    {RDL_IQ2_S, &rdl_codebook_iq2_s, 1, RDL_POINTS_8, 5537, 44716, 70},
    {RDL_IQ3_XXS, &rdl_codebook_iq3_xxs, 2, RDL_POINTS_4, 3840, 18985, 36},
    {RDL_IQ3_S, &rdl_codebook_iq3_s, 3, RDL_POINTS_4, 3584, 24733, 38},
    {RDL_IQ1_S, &rdl_codebook_iq1_s, 3, RDL_POINTS_8, 4513, 327721, 205},
    {RDL_IQ1_M, &rdl_codebook_iq1_s, 3, RDL_POINTS_8, 4513, 327721, 205},
};

enum {
    NEXPECTATIONS = sizeof expectations / sizeof expectations[0],
    NWITH_RUNS = 5 /* all but IQ1 */
};

/* The tables of a format in memory of their own. */
static uint8_t *build(enum rdl_format format, int background)
{
    const size_t size = rdl_tables_size(format);
    uint8_t *tables = malloc(size + BEHIND);
    ck_assert_ptr_nonnull(tables);
    memset(tables, background, size + BEHIND);
    ck_assert_int_eq(rdl_tables_build(format, tables, size), RDL_OK);
    for (int i = 0; i < BEHIND; i++)
        ck_assert_int_eq(tables[size + (size_t)i], background);
    return tables;
}

struct list {
    bool on_grid;
    unsigned count;
    const uint16_t *rows;
};

static struct list list_of(const struct rdl_neighbours *neighbours, unsigned point)
{
    const unsigned start = neighbours->starts[point] & ~(unsigned)RDL_ON_GRID;
    const unsigned end = neighbours->starts[point + 1] & ~(unsigned)RDL_ON_GRID;
    return (struct list){
        .on_grid = (neighbours->starts[point] & RDL_ON_GRID) != 0,
        .count = end - start,
        .rows = neighbours->rows + start,
    };
}

START_TEST(lists_have_the_lengths_of_the_specification)
{
    const struct expectation *e = &expectations[_i];
    uint8_t *tables = build(e->format, BACKGROUND);
    const struct rdl_neighbours neighbours = rdl_neighbours(tables);
    unsigned off_grid = 0, entries = 0, longest = 0;
    for (unsigned point = 0; point < e->points; point++) {
        const struct list list = list_of(&neighbours, point);
        if (list.on_grid)
            continue;
        off_grid++;
        entries += list.count;
        longest = list.count > longest ? list.count : longest;
    }
    ck_assert_uint_eq(off_grid, e->off_grid);
    ck_assert_uint_eq(entries, e->entries);
    ck_assert_uint_eq(longest, e->longest);
    free(tables);
}
END_TEST

START_TEST(levels_are_those_of_the_codebook)
{
    const struct expectation *e = &expectations[_i];
    uint8_t *tables = build(e->format, BACKGROUND);
    const uint8_t *levels = rdl_neighbours(tables).levels;
    for (int row = 0; row < e->codebook->rows; row++)
        for (int i = 0; i < e->codebook->length; i++)
            ck_assert_int_eq(*levels++, rdl_codebook_level(e->codebook, row, i));
    free(tables);
}
END_TEST

/* Squared distances of a point to all rows, counted in levels. */
static void measure(const struct rdl_codebook *codebook, unsigned point, int *distances)
{
    for (int row = 0; row < codebook->rows; row++) {
        unsigned rest = point;
        distances[row] = 0;
        for (int i = 0; i < codebook->length; i++) {
            const int level = (int)(rest % codebook->levels);
            const int difference = level - rdl_codebook_level(codebook, row, i);
            distances[row] += difference * difference;
            rest /= codebook->levels;
        }
    }
}

/* The largest of the n smallest distinct distances. */
static int limit_of(const int *distances, int nrows, int n)
{
    int limit = -1;
    for (int k = 0; k < n; k++) {
        int next = 1 << 20;
        for (int row = 0; row < nrows; row++)
            if (distances[row] > limit && distances[row] < next)
                next = distances[row];
        limit = next;
    }
    return limit;
}

static void check_list(const struct expectation *e, unsigned point, const struct list *list)
{
    int distances[MAX_ROWS];
    measure(e->codebook, point, distances);
    const int nearest = limit_of(distances, e->codebook->rows, 1);
    const int limit = nearest == 0 ? 0 : limit_of(distances, e->codebook->rows, e->distances);
    unsigned near = 0;
    for (int row = 0; row < e->codebook->rows; row++)
        near += distances[row] <= limit;
    ck_assert_int_eq(list->on_grid, nearest == 0);
    ck_assert_uint_eq(list->count, near);
    for (unsigned k = 0; k < list->count; k++) {
        ck_assert_int_le(distances[list->rows[k]], limit);
        if (k == 0)
            continue;
        const uint16_t last = list->rows[k - 1], row = list->rows[k];
        ck_assert(distances[last] < distances[row] ||
                  (distances[last] == distances[row] && last < row));
    }
}

START_TEST(lists_are_as_defined)
{
    const struct expectation *e = &expectations[_i];
    uint8_t *tables = build(e->format, BACKGROUND);
    const struct rdl_neighbours neighbours = rdl_neighbours(tables);
    for (unsigned point = 0; point < e->points; point += STRIDE) {
        const struct list list = list_of(&neighbours, point);
        check_list(e, point, &list);
    }
    free(tables);
}
END_TEST

/* The levels of a row in one number: two bits for each of 8 weights, three for each of 4. */
static unsigned word_of(const struct rdl_codebook *codebook, int row)
{
    unsigned word = 0, place = 1;
    for (int i = 0; i < codebook->length; i++) {
        word += place * rdl_codebook_level(codebook, row, i);
        place *= codebook->length == 8 ? 4 : 8;
    }
    return word;
}

/* Lane by lane, all runs of a list are the list, and its last row again and again. */
static void check_runs(const struct expectation *e, const struct list *list, const uint16_t *words,
                       unsigned nruns)
{
    ck_assert_uint_eq(nruns, (list->count + RDL_RUN - 1) / RDL_RUN);
    unsigned place = 0;
    for (unsigned lane = 0; lane < RDL_RUN; lane++)
        for (unsigned run = 0; run < nruns; run++, place++) {
            const unsigned last = list->count - 1;
            const int row = list->rows[place < last ? place : last];
            ck_assert_uint_eq(words[run * RDL_RUN + lane], word_of(e->codebook, row));
        }
}

START_TEST(runs_are_the_lists)
{
    const struct expectation *e = &expectations[_i];
    uint8_t *tables = build(e->format, BACKGROUND);
    const struct rdl_neighbours neighbours = rdl_neighbours(tables);
    unsigned next = 0;
    for (unsigned point = 0; point < e->points; point++) {
        const struct list list = list_of(&neighbours, point);
        const unsigned first = neighbours.spans[point] >> 8, n = neighbours.spans[point] & 255;
        ck_assert_uint_eq(first, next);
        check_runs(e, &list, neighbours.words + (size_t)first * RDL_RUN, n);
        next = first + n;
    }
    free(tables);
}
END_TEST

START_TEST(bytes_do_not_depend_on_memory)
{
    const enum rdl_format format = expectations[_i].format;
    uint8_t *one = build(format, 0x00), *other = build(format, 0xFF);
    ck_assert(memcmp(one, other, rdl_tables_size(format)) == 0);
    free(other);
    free(one);
}
END_TEST

/* Formats with another codebook are told apart. */
START_TEST(tables_match_their_format)
{
    const struct expectation *e = &expectations[_i];
    uint8_t *tables = build(e->format, BACKGROUND);
    ck_assert(!rdl_tables_match(e->format, NULL));
    for (int k = 0; k < NEXPECTATIONS; k++)
        ck_assert_int_eq(rdl_tables_match(expectations[k].format, tables),
                         expectations[k].codebook == e->codebook);
    ck_assert(!rdl_tables_match(RDL_Q4_K, tables));
    free(tables);
}
END_TEST

START_TEST(wrong_calls_write_nothing)
{
    uint8_t untouched[16];
    memset(untouched, BACKGROUND, sizeof untouched);
    ck_assert_uint_eq(rdl_tables_size(RDL_FORMAT_COUNT), 0);
    ck_assert_int_eq(rdl_tables_build(RDL_FORMAT_COUNT, untouched, sizeof untouched),
                     RDL_UNKNOWN_VALUE);
    ck_assert_int_eq(rdl_tables_build((enum rdl_format) - 1, untouched, sizeof untouched),
                     RDL_UNKNOWN_VALUE);
    ck_assert_int_eq(rdl_tables_build(RDL_IQ2_S, NULL, SIZE_MAX), RDL_NULL_POINTER);
    ck_assert_int_eq(rdl_tables_build(RDL_IQ2_S, untouched, sizeof untouched),
                     RDL_TABLES_TOO_SMALL);
    for (size_t i = 0; i < sizeof untouched; i++)
        ck_assert_int_eq(untouched[i], BACKGROUND);
}
END_TEST

START_TEST(other_formats_have_no_tables)
{
    ck_assert_uint_eq(rdl_tables_size(RDL_Q4_K), 0);
    ck_assert_uint_eq(rdl_tables_size(RDL_IQ4_NL), 0);
    ck_assert_int_eq(rdl_tables_build(RDL_Q4_K, NULL, 0), RDL_OK);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("neighbours");
    TCase *tests = tcase_create("tables");
    tcase_set_timeout(tests, 300);
    tcase_add_loop_test(tests, lists_have_the_lengths_of_the_specification, 0, NEXPECTATIONS);
    tcase_add_loop_test(tests, levels_are_those_of_the_codebook, 0, NEXPECTATIONS);
    tcase_add_loop_test(tests, lists_are_as_defined, 0, NEXPECTATIONS);
    tcase_add_loop_test(tests, runs_are_the_lists, 0, NWITH_RUNS);
    tcase_add_loop_test(tests, bytes_do_not_depend_on_memory, 0, NEXPECTATIONS);
    tcase_add_loop_test(tests, tables_match_their_format, 0, NEXPECTATIONS);
    tcase_add_test(tests, wrong_calls_write_nothing);
    tcase_add_test(tests, other_formats_have_no_tables);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
