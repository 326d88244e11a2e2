#include "projection_grid.h"

#include "options.h"
#include "suggest.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Kinds by the word before the colon. */
static const struct {
    const char *word;
    enum rdl_block_kind kind;
} level_kinds[] = {
    {"unsigned:", RDL_BLOCK_UNSIGNED},
    {"affine:", RDL_BLOCK_AFFINE},
    {"free:", RDL_BLOCK_FREE},
};

/* -half .. half by the number of levels. */
static const struct {
    const char *name;
    int half;
} symmetric_grids[] = {
    {"ternary", 1},   {"pentary", 2},     {"heptary", 3},         {"enneary", 4},
    {"hendecary", 5}, {"pentadecary", 7}, {"tricontahenary", 15},
};

enum {
    LEVEL_KINDS = sizeof level_kinds / sizeof level_kinds[0],
    SYMMETRIC_GRIDS = sizeof symmetric_grids / sizeof symmetric_grids[0],
    TEXT = 2048 /* a table of 256 values */
};

static bool read_integer(const char *text, char **end, long *value)
{
    errno = 0;
    *value = strtol(text, end, 10);
    return *end != text && errno == 0 && labs(*value) < RDL_BLOCK_MAX_CODES;
}

/* "A..B" */
static bool read_integers(struct projection_grid *grid, const char *text)
{
    long first, last;
    char *end;
    if (!read_integer(text, &end, &first) || strncmp(end, "..", 2) != 0 ||
        !read_integer(end + 2, &end, &last) || *end || first > 0 || last < 0 || first == last ||
        last - first >= RDL_BLOCK_MAX_CODES)
        return false;
    grid->first = (int)first;
    grid->count = (int)(last - first + 1);
    return true;
}

static bool read_levels(struct projection_grid *grid, const char *text)
{
    long count;
    char *end;
    if (!read_integer(text, &end, &count) || *end || count < 2)
        return false;
    grid->count = (int)count;
    return true;
}

/* "V/V/..", increasing */
static bool read_table(struct projection_grid *grid, const char *text)
{
    grid->table = true;
    for (const char *word = text; grid->count < RDL_BLOCK_MAX_CODES; word++) {
        char *end;
        const float value = strtof(word, &end);
        if (end == word || !isfinite(value) ||
            (grid->count > 0 && !(value > grid->entries[grid->count - 1])))
            return false;
        grid->entries[grid->count++] = value;
        if (!*end)
            return grid->count >= 2;
        if (*end != '/')
            return false;
        word = end;
    }
    return false;
}

static bool read_format(struct projection_grid *grid, const char *text)
{
    struct rdl_block_grid of_format;
    for (unsigned f = 0; f < RDL_FORMAT_COUNT; f++)
        if (strcasecmp(text, axis_format(f)) == 0 &&
            rdl_format_grid((enum rdl_format)f, &of_format)) {
            grid->kind = of_format.kind;
            grid->count = of_format.count;
            grid->first = of_format.first;
            grid->table = of_format.entries != NULL;
            if (grid->table)
                memcpy(grid->entries, of_format.entries, (size_t)grid->count * sizeof(float));
            return true;
        }
    return false;
}

static bool read_symmetric(struct projection_grid *grid, const char *text)
{
    for (size_t i = 0; i < SYMMETRIC_GRIDS; i++)
        if (strcasecmp(text, symmetric_grids[i].name) == 0) {
            grid->first = -symmetric_grids[i].half;
            grid->count = 2 * symmetric_grids[i].half + 1;
            return true;
        }
    return false;
}

static bool read_grid(struct projection_grid *grid, const char *text)
{
    for (size_t i = 0; i < LEVEL_KINDS; i++) {
        const size_t length = strlen(level_kinds[i].word);
        if (strncasecmp(text, level_kinds[i].word, length) == 0) {
            grid->kind = level_kinds[i].kind;
            return read_levels(grid, text + length);
        }
    }
    grid->kind = RDL_BLOCK_SIGNED;
    if (strncasecmp(text, "table:", 6) == 0)
        return read_table(grid, text + 6);
    if (strncasecmp(text, "positive:", 9) == 0) {
        grid->kind = RDL_BLOCK_POSITIVE;
        return read_integers(grid, text + 9);
    }
    return read_integers(grid, text) || read_symmetric(grid, text) || read_format(grid, text);
}

static bool unknown(const char *text, struct error *error)
{
    const char *names[RDL_FORMAT_COUNT + SYMMETRIC_GRIDS + LEVEL_KINDS] = {NULL};
    size_t count = 0;
    struct rdl_block_grid grid;
    for (unsigned f = 0; f < RDL_FORMAT_COUNT; f++)
        if (rdl_format_grid((enum rdl_format)f, &grid))
            names[count++] = axis_format(f);
    const size_t formats = count;
    for (size_t i = 0; i < SYMMETRIC_GRIDS; i++)
        names[count++] = symmetric_grids[i].name;
    for (size_t i = 0; i < LEVEL_KINDS; i++)
        names[count++] = level_kinds[i].word;
    char shown[64];
    escape(shown, sizeof shown, text, strlen(text));
    const char *near = suggest(text, strlen(text), names, count);
    fail(error, "unknown grid '%s';%s%s%s choices: " PROJECTION_GRID_HELP ": ", shown,
         near ? " did you mean '" : "", near ? near : "", near ? "'?" : "");
    append_choices(error, names, formats);
    return false;
}

bool projection_grid_parse(struct projection_grid *grid, const char *text, size_t length,
                           struct error *error)
{
    char copy[TEXT];
    if (length >= sizeof copy)
        return fail(error, "a grid with a name of %zu bytes", length);
    memcpy(copy, text, length);
    copy[length] = '\0';
    *grid = (struct projection_grid){.kind = RDL_BLOCK_SIGNED};
    if (!read_grid(grid, copy))
        return unknown(copy, error);
    escape(grid->name, sizeof grid->name, copy, length);
    return true;
}

struct rdl_block_grid projection_grid_view(const struct projection_grid *grid)
{
    return (struct rdl_block_grid){
        .kind = grid->kind,
        .count = grid->count,
        .first = grid->first,
        .entries = grid->table ? grid->entries : NULL,
    };
}

void projection_grid_levels(const struct projection_grid *grid, double levels[RDL_BLOCK_MAX_CODES])
{
    for (int k = 0; k < grid->count; k++)
        levels[k] = grid->table ? (double)grid->entries[k] : (double)(grid->first + k);
}
