/*
 * One row of a logits file: the logarithms of the probabilities of all tokens of the vocabulary at
 * one position, on a grid of 16 bits.
 *
 *     binary32 scale, binary32 minimum, u16 code[V], one u16 without meaning where V is odd
 *
 * says ln p[i] = scale * code[i] + minimum. Numbers are little-endian, as the host has them.
 */
#ifndef ROUNDEL_BENCH_LOGITS_ROW_H
#define ROUNDEL_BENCH_LOGITS_ROW_H

#include "error.h"
#include <stdint.h>

/* Widest range of logarithms that the writers of two engines keep; what is lower is raised to the
 * end of it, the clamp. */
#define LOGITS_RANGE_LLAMA_CPP    16.0f
#define LOGITS_RANGE_IK_LLAMA_CPP 24.0f

/* Bytes of a row. */
uint64_t logits_row_bytes(uint32_t vocabulary);

/*
 * Encodes the finite logits of one position; they need not be normalised, and may be logarithms of
 * probabilities as well. `row` has logits_row_bytes().
 */
void logits_row_encode(const float *logits, uint32_t vocabulary, float range, uint8_t *row);

/* What a decoded row tells of its encoding. */
struct logits_row {
    float range;   /* from the smallest to the largest number the row can hold: at most the clamp */
    float minimum; /* a value equal to it has code 0, and may have been raised to it */
};

/*
 * Decodes a row into `vocabulary` logarithms of probabilities. Refuses what no writer makes: a
 * scale or a minimum that is no finite number of the right sign, codes without a scale, a
 * probability above 1.
 */
bool logits_row_decode(const uint8_t *row, uint32_t vocabulary, float *log_probabilities,
                       struct logits_row *facts, struct error *error);

#endif
