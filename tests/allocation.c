#include "allocation.h"

#include <stdbool.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

static size_t ncalls;
static size_t nbytes;
static size_t failing_call = ALLOCATION_NEVER_FAILS;

void allocation_watch(size_t fails_at)
{
    ncalls = 0;
    nbytes = 0;
    failing_call = fails_at;
}

size_t allocation_bytes(void)
{
    return nbytes;
}

static bool allowed(size_t size)
{
    nbytes += size;
    return ncalls++ != failing_call;
}

void *__wrap_malloc(size_t size)
{
    return allowed(size) ? __real_malloc(size) : NULL;
}

void *__wrap_calloc(size_t count, size_t size)
{
    return allowed(count * size) ? __real_calloc(count, size) : NULL;
}

void *__wrap_realloc(void *old, size_t size)
{
    return allowed(size) ? __real_realloc(old, size) : NULL;
}
