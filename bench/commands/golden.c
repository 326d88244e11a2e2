/* Golden vectors: what a directory holds. */
#include "golden.h"

#include "array.h"
#include "suggest.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
    USUAL_COLUMNS = 1024,
    MAX_COLUMNS = 1 << 24,
    PATH_SIZE = 4096
};

static const struct {
    const char *name;
    enum rdl_rounding rounding;
    bool has_importance;
} kinds[GOLDEN_KIND_COUNT] = {
    [GOLDEN_PLAIN] = {"plain", RDL_GGML, false},
    [GOLDEN_IMATRIX] = {"imatrix", RDL_GGML, true},
    [GOLDEN_REF] = {"ref", RDL_GGML_REDUCED, false},
};

const char *golden_kind_name(enum golden_kind kind)
{
    return kinds[kind].name;
}

enum rdl_rounding golden_kind_rounding(enum golden_kind kind)
{
    return kinds[kind].rounding;
}

bool golden_kind_has_importance(enum golden_kind kind)
{
    return kinds[kind].has_importance;
}

/* ------------------------------------------------------------------------------------------------
 * Names
 */

/* If the text ends so, with something before it, takes the end off its length. */
static bool ends_with(const char *text, size_t *length, const char *end)
{
    const size_t n = strlen(end);
    if (*length <= n || memcmp(text + *length - n, end, n) != 0)
        return false;
    *length -= n;
    return true;
}

static bool ends_with_kind(const char *text, size_t *length, enum golden_kind *kind)
{
    for (unsigned k = 0; k < GOLDEN_KIND_COUNT; k++) {
        char end[16];
        snprintf(end, sizeof end, ".%s", kinds[k].name);
        *kind = (enum golden_kind)k;
        if (ends_with(text, length, end))
            return true;
    }
    return false;
}

/* 0 if the case is called rowsN and N is no row length. */
static size_t columns_of(const char *name)
{
    if (strncmp(name, "rows", 4) != 0)
        return USUAL_COLUMNS;
    size_t ncols = 0;
    for (const char *digit = name + 4; *digit; digit++) {
        if (*digit < '0' || *digit > '9' || ncols > MAX_COLUMNS)
            return 0;
        ncols = 10 * ncols + (size_t)(*digit - '0');
    }
    return ncols <= MAX_COLUMNS ? ncols : 0;
}

#define CASE_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

/* Reads CASE.KIND.blk or CASE.KIND.deq.f32. */
static bool parse_file_name(const char *file, struct golden_case *golden, struct error *error)
{
    size_t length = strlen(file);
    if ((!ends_with(file, &length, ".blk") && !ends_with(file, &length, ".deq.f32")) ||
        !ends_with_kind(file, &length, &golden->kind))
        return fail(error, "is not named CASE.KIND.blk or CASE.KIND.deq.f32, where KIND is "
                           "plain, imatrix or ref");
    if (length >= GOLDEN_NAME_SIZE || strspn(file, CASE_LETTERS) < length)
        return fail(error, "the name of a case has at most %d letters, digits, '_' or '-'",
                    GOLDEN_NAME_SIZE - 1);
    memcpy(golden->name, file, length);
    golden->name[length] = '\0';
    golden->ncols = columns_of(golden->name);
    const struct rdl_format_info *info = rdl_format_info(golden->format);
    if (golden->ncols == 0 || golden->ncols % info->block_length != 0)
        return fail(error, "the name of the case says no row length that is a multiple of %u",
                    info->block_length);
    return true;
}

static bool format_by_name(const char *name, enum rdl_format *format)
{
    for (unsigned f = 0; f < RDL_FORMAT_COUNT; f++)
        if (strcmp(name, rdl_format_info((enum rdl_format)f)->name) == 0) {
            *format = (enum rdl_format)f;
            return true;
        }
    return false;
}

/* ------------------------------------------------------------------------------------------------
 * Directories
 */

typedef bool entry_fn(void *context, const char *path, const char *name, struct error *error);

/* Calls `take` for every entry of a directory but hidden ones, in no particular order. */
static bool each_entry(const char *path, entry_fn *take, void *context, struct error *error)
{
    DIR *directory = opendir(path);
    if (!directory)
        return fail(error, "%s: %s", path, strerror(errno));
    bool good = true;
    while (good) {
        errno = 0;
        const struct dirent *entry = readdir(directory);
        if (!entry) {
            good = errno == 0 || fail(error, "%s: %s", path, strerror(errno));
            break;
        }
        if (entry->d_name[0] != '.')
            good = take(context, path, entry->d_name, error);
    }
    closedir(directory);
    return good;
}

struct listing {
    struct golden_list *list;
    enum rdl_format format;
};

static bool take_file(void *context, const char *path, const char *name, struct error *error)
{
    struct listing *listing = context;
    struct golden_case golden = {.format = listing->format};
    if (!parse_file_name(name, &golden, error)) {
        char shown[256];
        return fail_in(error, "%s/%s", path, escape(shown, sizeof shown, name, strlen(name)));
    }
    struct golden_list *list = listing->list;
    struct golden_case *grown =
        array_grow(list->cases, list->count, &list->capacity, sizeof *list->cases);
    if (!grown)
        return fail(error, "out of memory");
    list->cases = grown;
    list->cases[list->count++] = golden;
    return true;
}

static bool unknown_directory(const char *path, const char *name, struct error *error)
{
    const char *names[RDL_FORMAT_COUNT];
    for (unsigned f = 0; f < RDL_FORMAT_COUNT; f++)
        names[f] = rdl_format_info((enum rdl_format)f)->name;
    char shown[256];
    escape(shown, sizeof shown, name, strlen(name));
    const char *near = suggest(name, strlen(name), names, RDL_FORMAT_COUNT);
    if (!near)
        return fail(error, "%s: not a golden directory: subdirectory '%s' is no format", path,
                    shown);
    return fail(error, "%s/%s: there is no format of that name; did you mean '%s'?", path, shown,
                near);
}

static bool take_folder(void *context, const char *path, const char *name, struct error *error)
{
    char folder[PATH_SIZE];
    struct stat status;
    const int length = snprintf(folder, sizeof folder, "%s/%s", path, name);
    if (length < 0 || length >= PATH_SIZE)
        return fail(error, "%s: the path is too long", path);
    if (stat(folder, &status) != 0)
        return fail(error, "%s: %s", folder, strerror(errno));
    if (!S_ISDIR(status.st_mode) || strcmp(name, "inputs") == 0 || strcmp(name, "trace") == 0)
        return true;
    struct listing *listing = context;
    if (!format_by_name(name, &listing->format))
        return unknown_directory(path, name, error);
    const size_t before = listing->list->count;
    if (!each_entry(folder, take_file, listing, error))
        return false;
    return listing->list->count > before || fail(error, "%s: holds no golden vectors", folder);
}

static int compare_cases(const void *a, const void *b)
{
    const struct golden_case *p = a, *q = b;
    if (p->format != q->format)
        return p->format < q->format ? -1 : 1;
    if (p->kind != q->kind)
        return p->kind < q->kind ? -1 : 1;
    return strcmp(p->name, q->name);
}

/* Each case was met with two files. */
static void sort_and_unite(struct golden_list *list)
{
    qsort(list->cases, list->count, sizeof *list->cases, compare_cases);
    size_t kept = 1;
    for (size_t i = 1; i < list->count; i++)
        if (compare_cases(&list->cases[kept - 1], &list->cases[i]) != 0)
            list->cases[kept++] = list->cases[i];
    list->count = kept;
}

bool golden_list(const char *directory, struct golden_list *list, struct error *error)
{
    *list = (struct golden_list){0};
    struct listing listing = {.list = list};
    bool good = each_entry(directory, take_folder, &listing, error);
    if (good && list->count == 0)
        good = fail(error, "%s: holds no directory of a format, such as q4_k", directory);
    if (!good) {
        golden_list_free(list);
        return false;
    }
    sort_and_unite(list);
    return true;
}

void golden_list_free(struct golden_list *list)
{
    free(list->cases);
    *list = (struct golden_list){0};
}
