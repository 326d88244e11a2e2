/*
 * A small golden directory that a test may spoil: case `edge` of the trimmed set in the repository,
 * as q8_0 plain and as q4_k imatrix. Names are relative to the directory.
 */
#ifndef ROUNDEL_TESTS_GOLDEN_COPY_H
#define ROUNDEL_TESTS_GOLDEN_COPY_H

#include <stddef.h>
#include <stdint.h>

#define GOLDEN_SET ROUNDEL_SOURCE_DIR "/tests/golden"

struct golden_copy {
    char root[32];
    char names[32][96]; /* of all that was made, in order */
    size_t count;
};

/* Every function fails the test where it cannot do its work. */
void golden_copy_open(struct golden_copy *copy);
void golden_copy_close(struct golden_copy *copy);

void golden_copy_add_directory(struct golden_copy *copy, const char *name);

/* Writes a new file. */
void golden_copy_add(struct golden_copy *copy, const char *name, const void *bytes, size_t size);

/* Copies a file of the trimmed set, under another name. */
void golden_copy_take(struct golden_copy *copy, const char *name, const char *from);

void golden_copy_remove(struct golden_copy *copy, const char *name);
void golden_copy_truncate(struct golden_copy *copy, const char *name, size_t size);

/* Inverts the bits of the mask in one byte; returns what it was. */
uint8_t golden_copy_flip(struct golden_copy *copy, const char *name, size_t offset, uint8_t mask);

#endif
