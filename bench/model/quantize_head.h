/* The head of a quantized model: the metadata of the old one, and what quantizing adds to it. */
#ifndef ROUNDEL_BENCH_QUANTIZE_HEAD_H
#define ROUNDEL_BENCH_QUANTIZE_HEAD_H

#include "quantize_plan.h"

/*
 * Builds plan->head and places the tensors. `old` is the GGUF file whose metadata is carried over,
 * in its order, or NULL. Keys of a split are left out. If any tensor changes, the keys
 * general.quantization_version, general.file_type and, with importance, quantize.imatrix.* replace
 * those that were there; as ggml's writer does it, they come last.
 */
bool quantize_head_make(struct quantize_plan *plan, const struct source *old,
                        const struct quantize_settings *settings, struct error *error);

#endif
