/* For MAP_ANONYMOUS, which POSIX 2008 lacks. */
#define _DEFAULT_SOURCE

#include "guard.h"

#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Distance of PLACE_ASKEW from the start: more than any vector or cache line. */
enum {
    MARGIN = 128
};

bool guarded_open(struct guarded *memory, size_t size)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    memory->page = page;
    memory->size = (size + 2 * MARGIN + page - 1) / page * page;
    void *mapped =
        mmap(NULL, memory->size + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED)
        return false;
    memory->bytes = (uint8_t *)mapped + page;
    guarded_set_writable(memory, true);
    return true;
}

void guarded_close(struct guarded *memory)
{
    if (!memory->bytes)
        return;
    (void)munmap(memory->bytes - memory->page, memory->size + 2 * memory->page);
    memory->bytes = NULL;
}

void guarded_set_writable(const struct guarded *memory, bool writable)
{
    (void)mprotect(memory->bytes, memory->size, writable ? PROT_READ | PROT_WRITE : PROT_READ);
}

const char *placement_name(enum placement placement)
{
    switch (placement) {
    case PLACE_AT_FRONT:
        return "at the front guard page";
    case PLACE_AT_BACK:
        return "at the back guard page";
    case PLACE_ASKEW:
        return "askew";
    case PLACEMENT_COUNT:
        break;
    }
    return NULL;
}

uint8_t *guarded_place(const struct guarded *memory, size_t size, size_t offset,
                       enum placement placement)
{
    switch (placement) {
    case PLACE_AT_FRONT:
        return memory->bytes;
    case PLACE_AT_BACK:
        return memory->bytes + memory->size - size;
    case PLACE_ASKEW:
        return memory->bytes + MARGIN + offset;
    case PLACEMENT_COUNT:
        break;
    }
    return NULL;
}

bool guarded_all_else_is(const struct guarded *memory, const uint8_t *buffer, size_t size,
                         uint8_t byte)
{
    for (const uint8_t *p = memory->bytes; p < buffer; p++)
        if (*p != byte)
            return false;
    for (const uint8_t *p = buffer + size; p < memory->bytes + memory->size; p++)
        if (*p != byte)
            return false;
    return true;
}

static sigjmp_buf before_fault;

static void leave(int signal_number)
{
    siglongjmp(before_fault, signal_number);
}

bool survives(void (*function)(void *argument), void *argument)
{
    struct sigaction action, old_segv, old_bus;
    memset(&action, 0, sizeof action);
    action.sa_handler = leave;
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGSEGV, &action, &old_segv);
    (void)sigaction(SIGBUS, &action, &old_bus);

    volatile bool survived = false;
    if (sigsetjmp(before_fault, 1) == 0) {
        function(argument);
        survived = true;
    }
    (void)sigaction(SIGSEGV, &old_segv, NULL);
    (void)sigaction(SIGBUS, &old_bus, NULL);
    return survived;
}
