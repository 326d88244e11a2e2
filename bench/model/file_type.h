/* The number by which llama.cpp calls a file of mostly one tensor type. */
#ifndef ROUNDEL_BENCH_FILE_TYPE_H
#define ROUNDEL_BENCH_FILE_TYPE_H

#include <stdbool.h>
#include <stdint.h>

/* Sets the value of general.file_type for files whose weights are mostly of a GGUF tensor type;
 * false if there is no such number. */
bool file_type_of(uint32_t gguf_type, uint32_t *file_type);

#endif
