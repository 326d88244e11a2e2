/* The header of a .npy file: the text of a Python dictionary. */
#ifndef ROUNDEL_BENCH_NPY_HEADER_H
#define ROUNDEL_BENCH_NPY_HEADER_H

#include "error.h"
#include "tensor.h"

struct npy_header {
    char descr[64]; /* element type, e.g. "<f4"; printable ASCII */
    bool fortran_order;
    unsigned ndims;
    uint64_t shape[TENSOR_MAX_DIMS]; /* slowest index first, as written */
};

/*
 * Parses {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}: exactly these keys, in any
 * order, in either kind of quotes, with an optional comma at the end; integers may carry the L of
 * Python 2. Nothing is evaluated. Blanks may follow, then the newline that ends the header.
 */
bool npy_header_parse(struct npy_header *header, const char *text, size_t length,
                      struct error *error);

#endif
