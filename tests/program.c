#include "program.h"

#include <check.h>
#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The rest of a stream as text. */
static char *read_all(FILE *file)
{
    size_t size = 0, capacity = 4096;
    char *text = malloc(capacity);
    ck_assert_ptr_nonnull(text);
    for (;;) {
        size += fread(text + size, 1, capacity - size - 1, file);
        if (size + 1 < capacity)
            break;
        capacity *= 2;
        text = realloc(text, capacity);
        ck_assert_ptr_nonnull(text);
    }
    text[size] = '\0';
    return text;
}

struct program_result program_run(const char *arguments, ...)
{
    char words[4096], command[8192], errors[] = "/tmp/roundel-test-stderr-XXXXXX";
    va_list list;
    va_start(list, arguments);
    const int length = vsnprintf(words, sizeof words, arguments, list);
    va_end(list);
    ck_assert_int_lt(length, (int)sizeof words);
    const int fd = mkstemp(errors);
    ck_assert_int_ge(fd, 0);
    snprintf(command, sizeof command, "%s '%s' %s 2>%s </dev/null", ROUNDEL_EMULATOR,
             ROUNDEL_PROGRAM, words, errors);

    struct program_result result;
    FILE *pipe = popen(command, "r");
    ck_assert_ptr_nonnull(pipe);
    result.out = read_all(pipe);
    const int status = pclose(pipe);
    result.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    FILE *error_file = fdopen(fd, "r");
    ck_assert_ptr_nonnull(error_file);
    result.err = read_all(error_file);
    fclose(error_file);
    unlink(errors);
    return result;
}

void program_free(struct program_result *result)
{
    free(result->out);
    free(result->err);
}

void program_expect_mistake(const char *arguments, int status, const char *said)
{
    struct program_result result = program_run("%s", arguments);
    ck_assert_msg(result.status == status, "'%s': exit status %d, expected %d: %s", arguments,
                  result.status, status, result.err);
    ck_assert_msg(strstr(result.err, said) != NULL, "'%s' said: %s", arguments, result.err);
    const char *newline = strchr(result.err, '\n');
    ck_assert_msg(newline && newline[1] == '\0', "not one line: %s", result.err);
    program_free(&result);
}

char *program_directory(void)
{
    char *directory = strdup("/tmp/roundel-test-XXXXXX");
    ck_assert_ptr_nonnull(directory);
    ck_assert_ptr_nonnull(mkdtemp(directory));
    return directory;
}

static char *path_in(const char *directory, const char *name)
{
    const size_t size = strlen(directory) + strlen(name) + 2;
    char *path = malloc(size);
    ck_assert_ptr_nonnull(path);
    snprintf(path, size, "%s/%s", directory, name);
    return path;
}

void program_remove_directory(char *directory)
{
    DIR *entries = opendir(directory);
    ck_assert_ptr_nonnull(entries);
    for (const struct dirent *entry; (entry = readdir(entries));) {
        char *path = path_in(directory, entry->d_name);
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            unlink(path);
        free(path);
    }
    closedir(entries);
    rmdir(directory);
    free(directory);
}

char *program_file(const char *directory, const char *name, const void *bytes, size_t size)
{
    char *path = path_in(directory, name);
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, size, file), size);
    ck_assert_int_eq(fclose(file), 0);
    return path;
}

size_t program_count_files(const char *directory)
{
    DIR *files = opendir(directory);
    ck_assert_ptr_nonnull(files);
    size_t count = 0;
    for (const struct dirent *entry; (entry = readdir(files));)
        count += entry->d_name[0] != '.';
    closedir(files);
    return count;
}
