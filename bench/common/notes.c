#include "notes.h"

#include "array.h"
#include "report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void notes_add(struct notes *notes, const char *format, ...)
{
    char text[sizeof((struct error *)NULL)->text];
    va_list arguments;
    va_start(arguments, format);
    const int written = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    char **lines = array_grow(notes->lines, notes->count, &notes->capacity, sizeof *lines);
    if (lines)
        notes->lines = lines;
    char *copy = lines && written >= 0 ? strdup(text) : NULL;
    if (copy)
        notes->lines[notes->count++] = copy;
    else
        notes->failed = true;
}

void notes_print(const struct notes *notes, const char *command)
{
    for (size_t i = 0; i < notes->count; i++)
        fprintf(stderr, "roundel %s: note: %s\n", command, notes->lines[i]);
}

json_t *notes_json(const struct notes *notes)
{
    json_t *list = notes->failed ? NULL : json_array();
    for (size_t i = 0; list && i < notes->count; i++)
        if (json_array_append_new(list, report_string(notes->lines[i])) != 0) {
            json_decref(list);
            list = NULL;
        }
    return list;
}

void notes_free(struct notes *notes)
{
    for (size_t i = 0; i < notes->count; i++)
        free(notes->lines[i]);
    free(notes->lines);
    *notes = (struct notes){0};
}
