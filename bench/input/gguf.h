/*
 * GGUF v2 and v3: metadata, tensor table, tensors for reports. Layout: the GGUF document of ggml.
 * Nothing of a file is believed: every count is compared with the bytes that follow before it is
 * used, and memory grows with what was read.
 */
#ifndef ROUNDEL_BENCH_GGUF_H
#define ROUNDEL_BENCH_GGUF_H

#include "cursor.h"
#include "error.h"
#include "gguf_types.h"
#include "named.h"
#include "source.h"
#include "tensor.h"

/* ------------------------------------------------------------------------------------------------
 * Tensors
 */

/*
 * Appends the tensors of a file. Remarks about odd but readable files become notes, or errors where
 * `strict`; strict also wants zeros between the tensors. Tensors whose type the library cannot
 * decode are listed as ELEMENT_OTHER. The first part of a model in parts (gguf_split.h) stands for
 * all of them: it is the first of the list's new sources, and its tensors come first. On success
 * the list owns the source (from malloc); on failure the list's tensors are as before, it owns
 * perhaps some of the other parts, and the caller still owns the source.
 */
bool gguf_open(struct source *source, bool strict, struct tensor_list *list, struct error *error);

/* True if the first bytes are GGUF's magic. */
bool gguf_recognised(const struct source *source);

/* ------------------------------------------------------------------------------------------------
 * The parsed file
 */

enum gguf_value_type {
    GGUF_VALUE_U8,
    GGUF_VALUE_I8,
    GGUF_VALUE_U16,
    GGUF_VALUE_I16,
    GGUF_VALUE_U32,
    GGUF_VALUE_I32,
    GGUF_VALUE_F32,
    GGUF_VALUE_BOOL,
    GGUF_VALUE_STRING,
    GGUF_VALUE_ARRAY,
    GGUF_VALUE_U64,
    GGUF_VALUE_I64,
    GGUF_VALUE_F64,
    GGUF_VALUE_TYPE_COUNT
};

struct gguf_value {
    char *key; /* printable ASCII */
    enum gguf_value_type type;
    enum gguf_value_type element; /* of an array; otherwise the same as `type` */
    uint64_t count;               /* elements of an array; otherwise 1 */
    uint64_t scalar;              /* the bytes of a number, zero-extended; a bool is 0 or 1 */
    /* In the file: the number, the characters of the string, or the elements of the array. */
    uint64_t offset, nbytes;
    /* In the file: the whole record, from the length of the key to the end of the value. */
    uint64_t record, record_end;
};

struct gguf_tensor {
    char *name; /* 1 to 65535 bytes without NUL; foreign: print through escape() */
    const struct gguf_type *type;
    unsigned ndims;
    uint64_t dims[4]; /* dims[0] is the row length */
    uint64_t ncols, nrows;
    uint64_t offset, nbytes; /* in the file */
};

struct gguf {
    const struct source *source; /* must outlive this */
    uint32_t version;
    uint64_t alignment;
    uint64_t metadata_end;     /* where the tensor table ends */
    uint64_t data_offset;      /* metadata_end, padded to the alignment */
    struct gguf_value *values; /* in file order */
    size_t nvalues;
    struct gguf_tensor *tensors; /* in file order */
    size_t ntensors;
    struct named *by_key;  /* the values, sorted */
    struct named *by_name; /* the tensors, sorted */
};

/* Reads everything but the data. On false there is nothing to free. Messages name the file. */
bool gguf_parse(const struct source *source, struct gguf *gguf, struct error *error);

void gguf_free(struct gguf *gguf);

/* NULL if absent. O(log n). */
const struct gguf_value *gguf_find(const struct gguf *gguf, const char *key);
const struct gguf_tensor *gguf_find_tensor(const struct gguf *gguf, const char *name);

/* "u32", "string" */
const char *gguf_value_type_name(enum gguf_value_type type);

/* Each fails, naming file and key, if the key is absent or has another type. */

/* Any integer type, not negative. */
bool gguf_get_count(const struct gguf *gguf, const char *key, uint64_t *out, struct error *error);

/* The caller frees *text, which has a NUL after its *length bytes and may hold others. */
bool gguf_get_string(const struct gguf *gguf, const char *key, char **text, size_t *length,
                     struct error *error);

/*
 * A walk over an array of strings:
 *     for (gguf_strings_begin(...); i < strings.count; i++) { gguf_strings_next(...) }
 * `text`, with a NUL after its `length` bytes, is good until the next call.
 */
struct gguf_strings {
    uint64_t count;
    struct cursor cursor;
    struct buffer buffer;
    const char *text;
    size_t length;
};
bool gguf_strings_begin(const struct gguf *gguf, const char *key, struct gguf_strings *strings,
                        struct error *error);
bool gguf_strings_next(struct gguf_strings *strings, struct error *error);
void gguf_strings_end(struct gguf_strings *strings);

#endif
