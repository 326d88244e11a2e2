/* From a command-line argument to tensors. */
#ifndef ROUNDEL_BENCH_INPUT_H
#define ROUNDEL_BENCH_INPUT_H

#include "tensor.h"

struct input_options {
    const char *shape; /* "ROWSxCOLS" for raw files, or NULL */
    bool as_bf16;      /* 2-byte void elements of .npy are bfloat16 */
    bool strict;       /* turn notes about odd files into errors */
};

/*
 * Appends the tensors of one input:
 *   synth:...               a synthetic tensor (synth.h)
 *   builtin:tinylm          the embedded language model
 *   NAME.gguf               GGUF v2/v3; the first part of a model in parts stands for all
 *   NAME.safetensors        safetensors
 *   NAME.safetensors.index.json   a sharded safetensors model
 *   NAME.npy                NumPy array
 *   NAME.f32, NAME.bin, NAME.raw   raw little-endian binary32, with options->shape
 * The contents decide (magic bytes); the ending only where a file has no magic.
 */
bool input_open(const char *spec, const struct input_options *options, struct tensor_list *list,
                struct error *error);

/*
 * Whether the text of a synth: or builtin: input is right, without opening it; true for all others.
 * The command line is wrong where it is not, rather than an input.
 */
bool input_check(const char *spec, struct error *error);

#endif
