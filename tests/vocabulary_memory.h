/*
 * Checks of the operations of the vocabulary that touch memory: the right elements, and not a byte
 * beside them, at either end of accessible memory and between others' bytes. A difference fails the
 * running test.
 */
#ifndef ROUNDEL_TESTS_VOCABULARY_MEMORY_H
#define ROUNDEL_TESTS_VOCABULARY_MEMORY_H

#include "vocabulary.h"

void vocabulary_check_loads(const struct vocabulary *vocabulary);
void vocabulary_check_repeating_loads(const struct vocabulary *vocabulary);
void vocabulary_check_stores(const struct vocabulary *vocabulary);
void vocabulary_check_tables(const struct vocabulary *vocabulary);
void vocabulary_check_transpose(const struct vocabulary *vocabulary);
void vocabulary_check_tiles(const struct vocabulary *vocabulary);
void vocabulary_check_importance_tiles(const struct vocabulary *vocabulary);

#endif
