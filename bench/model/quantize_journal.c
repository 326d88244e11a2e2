#include "quantize_journal.h"

#include "array.h"
#include "partial_file.h"
#include "report.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ------------------------------------------------------------------------------------------------
 * The request
 */

static void add_bytes(XXH3_state_t *state, const void *bytes, size_t size)
{
    XXH3_128bits_update(state, bytes, size);
}

static void add_number(XXH3_state_t *state, uint64_t number)
{
    add_bytes(state, &number, sizeof number);
}

static void add_text(XXH3_state_t *state, const char *text)
{
    add_bytes(state, text, strlen(text) + 1);
}

static void add_tensor(XXH3_state_t *state, const struct quantize_tensor *t)
{
    add_number(state, t->type.kind);
    add_number(state, t->type.format);
    add_number(state, t->rounding);
    add_number(state, t->offset);
    add_number(state, t->nbytes);
    add_number(state, t->importance ? t->importance->nvalues : 0);
    if (t->importance)
        add_bytes(state, t->importance->values,
                  t->importance->nvalues * sizeof *t->importance->values);
}

/* Contents for memory; for a file, which may be large, what changes with them. */
static bool add_source(XXH3_state_t *state, const struct source *source, struct error *error)
{
    struct stat status;
    add_number(state, source->size);
    if (source->bytes) {
        add_bytes(state, source->bytes, source->size);
        return true;
    }
    if (fstat(source->fd, &status) != 0)
        return fail(error, "%s: %s", source->name, strerror(errno));
    add_number(state, (uint64_t)status.st_mtim.tv_sec);
    add_number(state, (uint64_t)status.st_mtim.tv_nsec);
    return true;
}

bool quantize_request_hash(const struct quantize_plan *plan,
                           const struct quantize_settings *settings, const struct tensor_list *list,
                           const char *spec, XXH128_hash_t *hash, struct error *error)
{
    XXH3_state_t *state = XXH3_createState();
    if (!state)
        return fail(error, "out of memory");
    XXH3_128bits_reset(state);
    add_text(state, rdl_version());
    add_text(state, report_commit());
    add_text(state, spec);
    add_number(state, settings->weighting);
    add_number(state, settings->scales);
    add_number(state, settings->go_on);
    add_bytes(state, plan->head, plan->head_size);
    for (size_t i = 0; i < plan->count; i++)
        add_tensor(state, &plan->tensors[i]);
    bool good = true;
    for (size_t i = 0; i < list->nsources && good; i++)
        good = add_source(state, list->sources[i], error);
    *hash = XXH3_128bits_digest(state);
    XXH3_freeState(state);
    return good;
}

/* ------------------------------------------------------------------------------------------------
 * Writing
 */

static const char first_line[] = "roundel quantize journal, version 1, of request ";

static bool add_line(struct quantize_journal *journal, const char *before, XXH128_hash_t hash,
                     struct error *error)
{
    char digits[CONTENT_HASH_TEXT];
    return dprintf(journal->fd, "%s%s\n", before, content_hash_text(hash, digits)) > 0 ||
           fail(error, "cannot write '%s': %s", journal->path, strerror(errno));
}

bool quantize_journal_add(struct quantize_journal *journal, XXH128_hash_t hash, struct error *error)
{
    return add_line(journal, "", hash, error);
}

bool quantize_journal_open(struct quantize_journal *journal, const char *out, XXH128_hash_t request,
                           const XXH128_hash_t *hashes, size_t done, struct error *error)
{
    journal->path = partial_path(out, "journal", error);
    if (!journal->path)
        return false;
    journal->fd =
        open(journal->path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (journal->fd < 0) {
        (void)fail(error, "cannot write '%s': %s", journal->path, strerror(errno));
        free(journal->path);
        return false;
    }
    bool good = add_line(journal, first_line, request, error);
    for (size_t i = 0; i < done && good; i++)
        good = quantize_journal_add(journal, hashes[i], error);
    if (!good)
        quantize_journal_end(journal);
    return good;
}

void quantize_journal_end(struct quantize_journal *journal)
{
    close(journal->fd);
    unlink(journal->path);
    free(journal->path);
    journal->path = NULL;
}

/* ------------------------------------------------------------------------------------------------
 * Reading
 */

/* Takes a whole line of `digits` hexadecimal digits. */
static bool read_hash(FILE *from, XXH128_hash_t *hash)
{
    char line[CONTENT_HASH_TEXT + 1];
    unsigned long long high, low;
    char end;
    if (!fgets(line, sizeof line, from) || sscanf(line, "%16llx%16llx%c", &high, &low, &end) != 3 ||
        end != '\n')
        return false;
    *hash = (XXH128_hash_t){.low64 = low, .high64 = high};
    return true;
}

static bool is_same(const struct source *partial, const struct quantize_tensor *t,
                    XXH128_hash_t wanted)
{
    struct error ignored;
    XXH128_hash_t actual;
    return content_hash_range(partial, t->offset, t->nbytes, &actual, &ignored) &&
           XXH128_isEqual(actual, wanted);
}

static bool head_is_same(const struct source *partial, const struct quantize_plan *plan)
{
    struct error ignored;
    XXH128_hash_t actual;
    return content_hash_range(partial, 0, plan->head_size, &actual, &ignored) &&
           XXH128_isEqual(actual, XXH3_128bits(plan->head, plan->head_size));
}

static bool read_tensors(FILE *journal, const char *partial, const struct quantize_plan *plan,
                         XXH128_hash_t *hashes, size_t *done, struct error *error)
{
    struct source source;
    if (!source_open_file(&source, partial, error))
        return false;
    bool good = head_is_same(&source, plan);
    while (good && *done < plan->count) {
        good = read_hash(journal, &hashes[*done]) &&
               is_same(&source, &plan->tensors[*done], hashes[*done]);
        *done += good;
    }
    source_close(&source);
    return true;
}

static bool check_request(FILE *journal, const char *path, XXH128_hash_t request,
                          struct error *error)
{
    char text[sizeof first_line];
    XXH128_hash_t hash;
    if (fgets(text, sizeof text, journal) && strcmp(text, first_line) == 0 &&
        read_hash(journal, &hash) && XXH128_isEqual(hash, request))
        return true;
    return fail(error,
                "'%s' belongs to another request, input or version of roundel; without --resume "
                "the work begins anew",
                path);
}

bool quantize_journal_read(const char *out, const char *partial, XXH128_hash_t request,
                           const struct quantize_plan *plan, XXH128_hash_t *hashes, size_t *done,
                           struct error *error)
{
    *done = 0;
    char *path = partial_path(out, "journal", error);
    if (!path)
        return false;
    FILE *journal = fopen(path, "r");
    const bool good = !journal || (check_request(journal, path, request, error) &&
                                   read_tensors(journal, partial, plan, hashes, done, error));
    if (journal)
        fclose(journal);
    free(path);
    return good;
}
