#include "neighbours.h"

#include <string.h>

#include "codebooks.h"

enum {
    MAX_ROWS = 2048,
    MAX_LENGTH = 8
};

/* What the tables of a format hold. */
struct contents {
    const struct rdl_codebook *codebook; /* NULL: the format has no tables */
    int distances;                       /* lists hold rows of this many distinct distances */
    uint32_t neighbours;                 /* entries of the lists of all points off the grid */
    uint32_t runs;                       /* of words of all lists; 0: there are no words */
};

static const struct contents contents_of[RDL_FORMAT_COUNT] = {
    [RDL_IQ2_XXS] = {&rdl_codebook_iq2_xxs, 2, 113157, 10327},
    [RDL_IQ2_XS] = {&rdl_codebook_iq2_xs, 2, 181721, 14922},
    [RDL_IQ2_S] = {&rdl_codebook_iq2_s, 1, 44716, 7310},
    [RDL_IQ3_XXS] = {&rdl_codebook_iq3_xxs, 2, 18985, 4158},
    [RDL_IQ3_S] = {&rdl_codebook_iq3_s, 3, 24733, 4218},
    [RDL_IQ1_S] = {&rdl_codebook_iq1_s, 3, 327721, 0},
    [RDL_IQ1_M] = {&rdl_codebook_iq1_s, 3, 327721, 0},
};

/* The tables in memory: this header, starts, spans, words, rows, levels. */
struct header {
    uint32_t points;
    uint32_t entries; /* of all lists, those of points on the grid included */
    uint32_t runs;
};

static struct header header_of(const struct contents *contents)
{
    return (struct header){
        .points = contents->codebook->length == 8 ? RDL_POINTS_8 : RDL_POINTS_4,
        .entries = contents->neighbours + contents->codebook->rows,
        .runs = contents->runs,
    };
}

static size_t spans_place(struct header header)
{
    return sizeof header + (header.points + 1) * sizeof(uint32_t);
}

static size_t words_place(struct header header)
{
    return spans_place(header) + (header.runs != 0 ? header.points * sizeof(uint32_t) : 0);
}

static size_t rows_place(struct header header)
{
    return words_place(header) + header.runs * RDL_RUN * sizeof(uint16_t);
}

static size_t levels_place(struct header header)
{
    return rows_place(header) + header.entries * sizeof(uint16_t);
}

struct rdl_neighbours rdl_neighbours(const void *tables)
{
    const uint8_t *bytes = (const uint8_t *)tables;
    struct header header;
    memcpy(&header, tables, sizeof header);
    return (struct rdl_neighbours){
        .starts = (const uint32_t *)(const void *)(bytes + sizeof header),
        .rows = (const uint16_t *)(const void *)(bytes + rows_place(header)),
        .levels = bytes + levels_place(header),
        .spans = (const uint32_t *)(const void *)(bytes + spans_place(header)),
        .words = (const uint16_t *)(const void *)(bytes + words_place(header)),
    };
}

/* Two formats with one codebook may share their tables. */
bool rdl_tables_match(enum rdl_format format, const void *tables)
{
    if (!tables || !contents_of[format].codebook)
        return false;
    const struct header header = header_of(&contents_of[format]);
    return memcmp(tables, &header, sizeof header) == 0;
}

size_t rdl_tables_size(enum rdl_format format)
{
    if ((unsigned)format >= RDL_FORMAT_COUNT || !contents_of[format].codebook)
        return 0;
    const struct rdl_codebook *codebook = contents_of[format].codebook;
    return levels_place(header_of(&contents_of[format])) +
           (size_t)codebook->rows * codebook->length;
}

/* ------------------------------------------------------------------------------------------------
 * Building
 */

/* A point and its distances to all rows. Points follow each other so that mostly one level changes;
 * then so does one term of each distance. */
struct walk {
    int rows, length, levels;
    uint8_t point[MAX_LENGTH];
    uint8_t row_levels[MAX_LENGTH][MAX_ROWS];
    uint8_t distances[MAX_ROWS]; /* at most 4 * 7^2 */
};

/* Starts with the point of all levels 0. */
static void start_walk(const struct rdl_codebook *codebook, struct walk *walk)
{
    *walk = (struct walk){codebook->rows, codebook->length, codebook->levels, {0}, {{0}}, {0}};
    for (int i = 0; i < walk->length; i++)
        for (int row = 0; row < walk->rows; row++) {
            const uint8_t level = rdl_codebook_level(codebook, row, i);
            walk->row_levels[i][row] = level;
            walk->distances[row] = (uint8_t)(walk->distances[row] + level * level);
        }
}

/* (level - to)^2 - (level - from)^2 = to^2 - from^2 - 2 level (to - from), modulo 256. */
static void set_level(struct walk *walk, int i, int to)
{
    const int from = walk->point[i];
    const uint8_t constant = (uint8_t)(to * to - from * from);
    const uint8_t slope = (uint8_t)(2 * (to - from));
    for (int row = 0; row < walk->rows; row++)
        walk->distances[row] =
            (uint8_t)(walk->distances[row] + constant - slope * walk->row_levels[i][row]);
    walk->point[i] = (uint8_t)to;
}

/* Goes to the point with the next number; after the last to the first. */
static void next_point(struct walk *walk)
{
    for (int i = 0; i < walk->length; i++) {
        if (walk->point[i] + 1 < walk->levels) {
            set_level(walk, i, walk->point[i] + 1);
            return;
        }
        set_level(walk, i, 0);
    }
}

/* The smallest distance from `least` up; 255, which does not occur, if there is none. */
static uint8_t next_distance(const struct walk *walk, uint8_t least)
{
    uint8_t smallest = 255;
    for (int row = 0; row < walk->rows; row++) {
        const uint8_t distance = walk->distances[row] < least ? 255 : walk->distances[row];
        smallest = distance < smallest ? distance : smallest;
    }
    return smallest;
}

/* Appends the rows at the distance. */
static uint16_t *append(const struct walk *walk, uint8_t distance, uint16_t *rows)
{
    const uint8_t *end = walk->distances + walk->rows;
    const uint8_t *found = walk->distances;
    while ((found = memchr(found, distance, (size_t)(end - found))) != NULL)
        *rows++ = (uint16_t)(found++ - walk->distances);
    return rows;
}

/* The word of each row. */
static void fill_words(const struct walk *walk, uint16_t *words)
{
    const int bits = walk->levels > 4 ? 3 : 2;
    for (int row = 0; row < walk->rows; row++) {
        unsigned word = 0;
        for (int i = 0; i < walk->length; i++)
            word |= (unsigned)walk->row_levels[i][row] << bits * i;
        words[row] = (uint16_t)word;
    }
}

/* Writes the runs of a list; returns their number. */
static uint32_t write_runs(const uint16_t *row_words, const uint16_t *rows, size_t count,
                           uint16_t *runs)
{
    const size_t n = (count + RDL_RUN - 1) / RDL_RUN;
    for (size_t i = 0; i < n * RDL_RUN; i++) {
        const size_t place = i % RDL_RUN * n + i / RDL_RUN;
        runs[i] = row_words[rows[place < count ? place : count - 1]];
    }
    return (uint32_t)n;
}

static void build_runs(const struct walk *walk, const struct rdl_neighbours *lists,
                       uint32_t npoints, uint32_t *spans, uint16_t *words)
{
    uint16_t row_words[MAX_ROWS];
    uint32_t first = 0;
    fill_words(walk, row_words);
    for (uint32_t point = 0; point < npoints; point++) {
        const uint32_t start = lists->starts[point] & ~(uint32_t)RDL_ON_GRID;
        const uint32_t end = lists->starts[point + 1] & ~(uint32_t)RDL_ON_GRID;
        const uint32_t n =
            write_runs(row_words, lists->rows + start, end - start, words + first * RDL_RUN);
        spans[point] = first << 8 | n;
        first += n;
    }
}

enum rdl_status rdl_tables_build(enum rdl_format format, void *tables, size_t size)
{
    if ((unsigned)format >= RDL_FORMAT_COUNT)
        return RDL_UNKNOWN_VALUE;
    if (rdl_tables_size(format) == 0)
        return RDL_OK;
    if (!tables)
        return RDL_NULL_POINTER;
    if (size < rdl_tables_size(format))
        return RDL_TABLES_TOO_SMALL;

    const struct contents *contents = &contents_of[format];
    const struct header header = header_of(contents);
    uint8_t *bytes = (uint8_t *)tables;
    uint32_t *starts = (uint32_t *)(void *)(bytes + sizeof header);
    uint16_t *rows = (uint16_t *)(void *)(bytes + rows_place(header));
    uint8_t *levels = bytes + levels_place(header);
    memcpy(tables, &header, sizeof header);

    struct walk walk;
    start_walk(contents->codebook, &walk);
    for (int row = 0; row < walk.rows; row++)
        for (int i = 0; i < walk.length; i++)
            *levels++ = walk.row_levels[i][row];

    uint16_t *end = rows;
    for (uint32_t point = 0; point < header.points; point++) {
        uint8_t distance = next_distance(&walk, 0);
        starts[point] = (uint32_t)(end - rows) | (distance == 0 ? RDL_ON_GRID : 0);
        end = append(&walk, distance, end);
        for (int k = 1; k < contents->distances && (starts[point] & RDL_ON_GRID) == 0; k++) {
            distance = next_distance(&walk, (uint8_t)(distance + 1));
            end = append(&walk, distance, end);
        }
        next_point(&walk);
    }
    starts[header.points] = (uint32_t)(end - rows);
    if (header.runs != 0) {
        const struct rdl_neighbours lists = rdl_neighbours(tables);
        build_runs(&walk, &lists, header.points, (uint32_t *)(void *)(bytes + spans_place(header)),
                   (uint16_t *)(void *)(bytes + words_place(header)));
    }
    return RDL_OK;
}
