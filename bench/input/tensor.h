/*
 * Tensors of an input, and reading weights of them as binary32 a piece at a time. Nothing here
 * loads a whole file.
 */
#ifndef ROUNDEL_BENCH_TENSOR_H
#define ROUNDEL_BENCH_TENSOR_H

#include "error.h"
#include "roundel.h"
#include "source.h"

enum element_kind {
    ELEMENT_F32,
    ELEMENT_F16,
    ELEMENT_BF16,
    ELEMENT_F64,
    ELEMENT_BLOCKS, /* a quantized type that the library can decode: see `format` */
    ELEMENT_SYNTH,  /* computed, not stored: see synth.h */
    ELEMENT_OTHER   /* known to the file format, but no weights to us (integers, foreign blocks) */
};

enum {
    TENSOR_MAX_DIMS = 32
};

struct synth; /* synth.h */

struct tensor {
    char *name;       /* NUL-terminated; foreign bytes: print through escape() */
    const char *type; /* static text for tables: "F32", "BF16", "Q4_K", "I32" */
    enum element_kind kind;
    enum rdl_format format; /* of ELEMENT_BLOCKS */
    bool swapped;           /* stored big-endian (.npy only) */
    unsigned ndims;
    uint64_t dims[TENSOR_MAX_DIMS]; /* dims[0] is the row length, as in GGUF */
    uint64_t ncols, nrows;          /* dims[0], product of the others; 1 where absent */
    const struct source *source;    /* NULL for ELEMENT_SYNTH */
    uint64_t offset, nbytes;        /* of the stored data in the source */
    const struct synth *synth;
};

/* What an input holds. Owns the names, the sources and the synth recipes. */
struct tensor_list {
    struct tensor *tensors;
    size_t count, capacity;
    struct source **sources; /* each owned */
    size_t nsources;
    struct synth **synths; /* each owned */
    size_t nsynths;
    char **notes; /* remarks for the user that are no errors: trailing bytes, odd padding */
    size_t nnotes;
};

/* Weights in the tensor: ncols * nrows (checked against overflow by every reader). */
uint64_t tensor_numel(const struct tensor *tensor);

/* True for the weights of a normalisation, by name: "..._norm.weight". By default they are not
 * quantized, as tensors of one dimension are not. */
bool tensor_is_norm(const struct tensor *tensor);

/* True if tensor_read() can read it. */
bool tensor_readable(const struct tensor *tensor);

/*
 * Reads weights [first, first + count) of the tensor in storage order, as binary32 (F64 is rounded
 * to nearest, and may become infinite). For ELEMENT_BLOCKS `first` must be a multiple of the block
 * length and `count` too. `buffer` is working space that the function grows as it needs; one per
 * thread. Thread-safe otherwise. Messages name source and tensor.
 */
struct buffer {
    void *bytes;
    size_t size;
};
bool tensor_read(const struct tensor *tensor, uint64_t first, size_t count, float *out,
                 struct buffer *buffer, struct error *error);

/* Puts the names of source and tensor before the message that is there, and returns false. */
bool tensor_fail(const struct tensor *tensor, struct error *error);

/* Grows the buffer to at least `size` bytes (contents lost); false without memory. */
bool buffer_reserve(struct buffer *buffer, size_t size, struct error *error);
void buffer_free(struct buffer *buffer);

/*
 * For readers. Each appends; on false the error is filled (a note has none), the list is as before
 * and the caller still owns what it offered. Owned sources come from malloc: the list closes and
 * frees them.
 */
bool tensor_list_add(struct tensor_list *list, const struct tensor *tensor, const char *name,
                     size_t name_length, struct error *error);
bool tensor_list_own_source(struct tensor_list *list, struct source *source, struct error *error);
void tensor_list_disown_source(struct tensor_list *list, const struct source *source);
bool tensor_list_own_synth(struct tensor_list *list, struct synth *synth, struct error *error);
bool tensor_list_note(struct tensor_list *list, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Forgets all but the first `count` tensors and `nnotes` notes: a reader that fails half-way leaves
 * the list as it found it. */
void tensor_list_cut(struct tensor_list *list, size_t count, size_t nnotes);

/* The end of a reader, which took the mark when it began. If all went well the list takes the
 * source over; else it is cut back to the mark, and the name of the source put before the message.
 * Returns true if all went well, this step too. */
struct tensor_list_mark {
    size_t count, nnotes;
};
struct tensor_list_mark tensor_list_mark(const struct tensor_list *list);
bool tensor_list_settle(struct tensor_list *list, struct tensor_list_mark mark, bool good,
                        struct source *source, struct error *error);

void tensor_list_free(struct tensor_list *list);

/*
 * Fills ndims, dims, ncols and nrows; refuses more than TENSOR_MAX_DIMS dimensions and dimensions
 * whose product, zeros left out, exceeds 2^63 - 1.
 */
bool tensor_set_dims(struct tensor *tensor, unsigned ndims, const uint64_t *dims,
                     struct error *error);

#endif
