/* `roundel quantize` on a model with a tensor of every kind. */
#ifndef ROUNDEL_TESTS_QUANTIZE_RUN_H
#define ROUNDEL_TESTS_QUANTIZE_RUN_H

#include "model_file.h"

#include <jansson.h>

enum {
    EMBED,
    NORM_1D,
    ODD,
    EXPERTS,
    NORM_2D,
    INTEGERS,
    TENSORS,
    COLUMNS = 256,
    ROWS = 2,
    MATRICES = 3
};

extern const struct model_tensor quantize_tensors[TENSORS];

/* The importance of the experts' columns. */
float quantize_factor(size_t matrix, size_t column);

/* Writes an importance matrix with one entry, for the experts: that of so many matrices. */
void quantize_write_importance(const char *name, size_t matrices);

/* The model's three keys. */
void quantize_put_keys(struct bytes *keys);

/* A fixture: a directory with the model in.gguf and its importance matrix in.dat. */
void quantize_setup(void);
void quantize_teardown(void);
extern char *quantize_directory;

/* A path in the directory; good for seven more calls. */
const char *path_of(const char *name);

/* Writes the bytes and frees them; reads a file, which the caller frees. */
void write_file(const char *name, struct bytes *bytes);
struct bytes read_file(const char *name);
void expect_same_files(const char *a, const char *b);

/* Runs the command on paths or recipes and expects it to do well; returns the report. */
json_t *quantize(const char *in, const char *out, const char *options);
void quantize_only(const char *in, const char *out, const char *options);

/* Expects it to fail with one line that has `said` in it. */
void expect_quantize_mistake(const char *in, const char *out, const char *options, int status,
                             const char *said);

#endif
