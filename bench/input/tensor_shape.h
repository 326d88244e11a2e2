/* Shapes of tensors in reports: the slowest dimension first, as NumPy and PyTorch print them. */
#ifndef ROUNDEL_BENCH_TENSOR_SHAPE_H
#define ROUNDEL_BENCH_TENSOR_SHAPE_H

#include "tensor.h"
#include <jansson.h>

/* "64x128x3"; a scalar is "()"; cut where `size` ends. Returns `out`. */
const char *tensor_shape_text(const struct tensor *tensor, char *out, size_t size);

/* The same as an array; NULL without memory. */
json_t *tensor_shape_json(const struct tensor *tensor);

#endif
