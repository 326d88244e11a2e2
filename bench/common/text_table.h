/* Aligned columns of text. */
#ifndef ROUNDEL_BENCH_TEXT_TABLE_H
#define ROUNDEL_BENCH_TEXT_TABLE_H

#include <stdbool.h>
#include <stdio.h>

struct text_column {
    const char *title;
    bool left; /* names to the left, numbers to the right */
};

struct text_table {
    const struct text_column *columns;
    size_t ncolumns;
    char **cells; /* row after row */
    size_t ncells, capacity;
    bool failed; /* a cell found no memory */
};

/* Appends the next cell of the row. The text is printable UTF-8: escape() foreign bytes. */
void text_table_cell(struct text_table *table, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Prints titles and rows, columns two blanks apart; false without memory, now or for a cell. */
bool text_table_print(const struct text_table *table, FILE *out);

void text_table_free(struct text_table *table);

#endif
