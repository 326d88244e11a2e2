/* Help texts of options that several commands take, in the same words. */
#ifndef ROUNDEL_BENCH_INPUT_HELP_H
#define ROUNDEL_BENCH_INPUT_HELP_H

#define HELP_INCLUDE   "only tensors whose name matches (POSIX extended)"
#define HELP_EXCLUDE   "no tensors whose name matches (POSIX extended)"
#define ARGUMENT_SHAPE "ROWSxCOLS"
#define HELP_SHAPE     "shape of raw binary32 files (.f32, .raw, .bin)"
#define ARGUMENT_AS    "bf16"
#define HELP_AS        "read 2-byte void elements of .npy files as bfloat16"
#define HELP_STRICT    "take oddities of a file, such as trailing bytes, as errors"
#define HELP_DIGITS    "; digits do not depend on it (default: all)"
#define HELP_JSON      "write the report as JSON (- for stdout, then no table)"

#endif
