/*
 * Golden vectors: a directory of inputs, the blocks that the reference library makes of them, and
 * the values that it decodes from these.
 *
 *   inputs/CASE.f32                weights, row after row
 *   inputs/imatrix_NCOLS.f32       importance of every case of that row length but the next
 *   inputs/imatrix_zero_1024.f32   importance of the case "zeroimp"
 *   FORMAT/CASE.KIND.blk           the blocks, without padding
 *   FORMAT/CASE.KIND.deq.f32       what they decode to
 *
 * Floats are little-endian binary32. Rows have N columns in a case named rowsN, else 1024. Beside
 * inputs/ and the formats there may be trace/ and files, which nobody looks at.
 */
#ifndef ROUNDEL_BENCH_GOLDEN_H
#define ROUNDEL_BENCH_GOLDEN_H

#include "error.h"
#include "roundel.h"

enum golden_kind {
    GOLDEN_PLAIN,   /* rounding `ggml` without importance */
    GOLDEN_IMATRIX, /* rounding `ggml` with importance */
    GOLDEN_REF,     /* rounding `ggml-reduced` without importance */
    GOLDEN_KIND_COUNT
};

/* As in file names: "plain". */
const char *golden_kind_name(enum golden_kind kind);
enum rdl_rounding golden_kind_rounding(enum golden_kind kind);
bool golden_kind_has_importance(enum golden_kind kind);

enum {
    GOLDEN_NAME_SIZE = 32
};

struct golden_case {
    enum rdl_format format;
    enum golden_kind kind;
    char name[GOLDEN_NAME_SIZE]; /* "edge" */
    size_t ncols;
};

/* ------------------------------------------------------------------------------------------------
 * What is there
 */

struct golden_list {
    struct golden_case *cases; /* by format, kind and name, each once */
    size_t count, capacity;
};

/*
 * Lists the cases of a directory. It is an error if there are none, or if a name is none of the
 * above. A case is listed if one of its files is there: golden_load() finds the one that is not.
 */
bool golden_list(const char *directory, struct golden_list *list, struct error *error);

void golden_list_free(struct golden_list *list);

/* One case in memory. */
struct golden_data {
    size_t nrows;
    float *x;          /* nrows * ncols */
    float *importance; /* ncols, or NULL if the kind has none */
    uint8_t *blocks;   /* nblocks_bytes, as expected */
    size_t blocks_bytes;
    float *decoded; /* nrows * ncols, as expected */
};

/* Reads a case; the error names the file that is missing or has another size than it should. */
bool golden_load(const char *directory, const struct golden_case *golden, struct golden_data *data,
                 struct error *error);

void golden_free(struct golden_data *data);

/* ------------------------------------------------------------------------------------------------
 * What this build makes of it
 */

/* The first place that differs. */
struct golden_difference {
    char name[GOLDEN_NAME_SIZE]; /* of the case; empty if nothing differs */
    size_t row, block;           /* its number in the row */
    size_t index;                /* byte of the block, or decoded value of the block */
    uint32_t expected, actual;   /* the byte, or the binary32 pattern */
};

/* All cases of one format and kind on one target. */
struct golden_tally {
    enum rdl_format format;
    enum golden_kind kind;
    enum rdl_target target;
    bool encodes, decodes; /* the library can; a tally with neither stands for skipped cases */
    size_t ncases;
    uint64_t blocks_equal, blocks_different; /* encoded, against the expected blocks */
    uint64_t values_equal, values_different; /* decoded from the expected blocks */
    struct golden_difference first_block, first_value;
};

struct golden_result {
    struct golden_tally *tallies; /* by format, kind and target */
    size_t count, capacity;
};

/*
 * Checks every case of a directory on each of the targets (a set of bits 1u << target that the CPU
 * has). A format and kind gets one tally per target that has a kernel for it, or a single one if
 * none has. Files are read, and their shapes checked, also where nothing is computed. False means
 * that the directory is bad: differences are no error.
 */
bool golden_check(const char *directory, unsigned targets, struct golden_result *result,
                  struct error *error);

void golden_result_free(struct golden_result *result);

#endif
