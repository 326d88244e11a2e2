/*
 * Memory between two inaccessible pages, and calls that survive touching them: an access one byte
 * outside a buffer that lies flush against such a page is seen, read or write.
 */
#ifndef ROUNDEL_TESTS_GUARD_H
#define ROUNDEL_TESTS_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Accessible pages with an inaccessible one on each side. */
struct guarded {
    uint8_t *bytes;
    size_t size; /* whole pages */
    size_t page;
};

/* Room for buffers of up to `size` bytes in every placement; false if there is no memory. */
bool guarded_open(struct guarded *memory, size_t size);
/* Nothing to do for memory that is all zeros: not opened. */
void guarded_close(struct guarded *memory);

/* Lets the program write, or makes it a fault. */
void guarded_set_writable(const struct guarded *memory, bool writable);

enum placement {
    PLACE_AT_FRONT, /* flush against the page before */
    PLACE_AT_BACK,  /* flush against the page after */
    PLACE_ASKEW,    /* between others' bytes, `offset` bytes from a multiple of 128 */
    PLACEMENT_COUNT
};

const char *placement_name(enum placement placement);

/* Where a buffer of `size` bytes lies; offset < 128. At the back, its alignment is that of its
 * size.
 */
uint8_t *guarded_place(const struct guarded *memory, size_t size, size_t offset,
                       enum placement placement);

/* True if every accessible byte outside the buffer is `byte`. */
bool guarded_all_else_is(const struct guarded *memory, const uint8_t *buffer, size_t size,
                         uint8_t byte);

/*
 * Calls function(argument); false if it was ended by a memory fault (SIGSEGV or SIGBUS), with
 * everything that it had done until then done. The function must hold no resources. Not for several
 * threads.
 */
bool survives(void (*function)(void *argument), void *argument);

#endif
