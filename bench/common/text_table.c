#include "text_table.h"

#include "array.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void text_table_cell(struct text_table *table, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    int written = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    char **cells = array_grow(table->cells, table->ncells, &table->capacity, sizeof *cells);
    if (cells != NULL) {
        table->cells = cells;
    }
    char *copy = cells == NULL || written < 0 ? NULL : strdup(text);
    if (copy == NULL) {
        table->failed = true;
        return;
    }
    cells[table->ncells++] = copy;
}

/* Characters of UTF-8: the bytes that do not continue one. */
static size_t width_of(const char *text)
{
    size_t width = 0;
    for (; *text != '\0'; text++) {
        width += ((unsigned char)*text & 0xC0) != 0x80;
    }
    return width;
}

static void print_blanks(size_t count, FILE *out)
{
    for (; count > 0; count--) {
        fputc(' ', out);
    }
}

static void print_cell(const struct text_table *table, size_t column, size_t width,
                       const char *text, FILE *out)
{
    const char *gap = column > 0 ? "  " : "";
    size_t blanks = width - width_of(text);
    bool left = table->columns[column].left;
    fputs(gap, out);
    print_blanks(left ? 0 : blanks, out);
    fputs(text, out);
    if (column + 1 == table->ncolumns) {
        fputc('\n', out);
    } else {
        print_blanks(left ? blanks : 0, out);
    }
}

bool text_table_print(const struct text_table *table, FILE *out)
{
    size_t *widths = calloc(table->ncolumns, sizeof *widths);
    if (widths == NULL || table->failed) {
        free(widths);
        return false;
    }
    for (size_t i = 0; i < table->ncolumns; i++) {
        widths[i] = width_of(table->columns[i].title);
    }
    for (size_t i = 0; i < table->ncells; i++) {
        size_t width = width_of(table->cells[i]);
        size_t *widest = &widths[i % table->ncolumns];
        *widest = width > *widest ? width : *widest;
    }
    for (size_t i = 0; i < table->ncolumns; i++) {
        print_cell(table, i, widths[i], table->columns[i].title, out);
    }
    for (size_t i = 0; i < table->ncells; i++) {
        size_t column = i % table->ncolumns;
        print_cell(table, column, widths[column], table->cells[i], out);
    }
    free(widths);
    return true;
}

void text_table_free(struct text_table *table)
{
    for (size_t i = 0; i < table->ncells; i++) {
        free(table->cells[i]);
    }
    free(table->cells);
    table->cells = NULL;
    table->ncells = 0;
    table->capacity = 0;
}
