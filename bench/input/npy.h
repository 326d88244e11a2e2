/* NumPy .npy files, versions 1.0 to 3.0. */
#ifndef ROUNDEL_BENCH_NPY_H
#define ROUNDEL_BENCH_NPY_H

#include "tensor.h"

struct npy_options {
    bool as_bf16; /* 2-byte void elements are bfloat16 */
    bool strict;  /* bytes behind the data are an error, not a note */
};

/*
 * Appends the one tensor of the file under the given name. Weights are f2, f4 and f8 of either byte
 * order; integers and booleans become ELEMENT_OTHER; every other element type is refused, as is an
 * array in Fortran order whose order matters. On success the list owns the source (from malloc); on
 * failure the list is as before and the caller closes and frees the source. Messages name the file.
 */
bool npy_open(struct source *source, const char *name, const struct npy_options *options,
              struct tensor_list *list, struct error *error);

/* True if the first bytes are .npy's magic. */
bool npy_recognised(const struct source *source);

#endif
