/* "Did you mean": the valid name that is nearest to what was typed. */
#ifndef ROUNDEL_BENCH_SUGGEST_H
#define ROUNDEL_BENCH_SUGGEST_H

#include <stddef.h>

/*
 * The name with the fewest single-character insertions, deletions and replacements from `word`,
 * ignoring ASCII case; the first of several. NULL if every name takes more than 2 of them and more
 * than half the length of the longer of the two. Only the first 63 bytes of word and names are
 * looked at.
 */
const char *suggest(const char *word, size_t length, const char *const *names, size_t count);

#endif
