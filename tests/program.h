/* Runs a built command as a user would, and keeps what it said. */
#ifndef ROUNDEL_TESTS_PROGRAM_H
#define ROUNDEL_TESTS_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>

struct program_result {
    int status;      /* exit status; -1 if the program was killed by a signal */
    char *out, *err; /* NUL-terminated; owned */
};

/*
 * Runs `roundel ARGUMENTS` through the shell (with the emulator, if this is a cross build): quoting
 * is the caller's. Fails the test where that is impossible.
 */
struct program_result program_run(const char *arguments, ...) __attribute__((format(printf, 1, 2)));

void program_free(struct program_result *result);

/* Runs it and expects the exit status, and one line on stderr that has `said` in it. */
void program_expect_mistake(const char *arguments, int status, const char *said);

/* A new empty directory for one test; removed, with the files in it, by program_remove_directory().
 */
char *program_directory(void);
void program_remove_directory(char *directory);
/* How many files are in it. */
size_t program_count_files(const char *directory);

/* Writes a file into the directory; returns its path, which the caller frees. */
char *program_file(const char *directory, const char *name, const void *bytes, size_t size);

#endif
