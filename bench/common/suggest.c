#include "suggest.h"
#include <string.h>

enum {
    MAX_LENGTH = 63
};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static size_t smaller(size_t a, size_t b)
{
    return b < a ? b : a;
}

/* Levenshtein distance, one row of the table at a time: row[j] is for word[0..i) and name[0..j). */
static size_t distance(const char *word, size_t word_length, const char *name, size_t name_length)
{
    size_t row[MAX_LENGTH + 1];

    for (size_t j = 0; j <= name_length; j++)
        row[j] = j;
    for (size_t i = 1; i <= word_length; i++) {
        size_t diagonal = row[0]; /* row i - 1 at j - 1 */

        row[0] = i;
        for (size_t j = 1; j <= name_length; j++) {
            const size_t replaced = diagonal + (lower(word[i - 1]) != lower(name[j - 1]));

            diagonal = row[j];
            row[j] = smaller(replaced, smaller(row[j], row[j - 1]) + 1);
        }
    }
    return row[name_length];
}

/* A name that shares less than about half of its letters with the word helps nobody. */
static size_t most_edits(size_t word_length, size_t name_length)
{
    const size_t longer = word_length > name_length ? word_length : name_length;

    return longer < 4 ? 2 : longer / 2;
}

const char *suggest(const char *word, size_t length, const char *const *names, size_t count)
{
    const char *best = NULL;
    size_t best_distance = 0;

    for (size_t i = 0; i < count; i++) {
        const size_t word_length = smaller(length, MAX_LENGTH);
        const size_t name_length = smaller(strlen(names[i]), MAX_LENGTH);
        const size_t d = distance(word, word_length, names[i], name_length);

        if (d <= most_edits(word_length, name_length) && (best == NULL || d < best_distance)) {
            best = names[i];
            best_distance = d;
        }
    }
    return best;
}
