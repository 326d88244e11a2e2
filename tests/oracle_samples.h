/* Blocks for tests of the oracle, and its call with checks of what holds for every result. */
#ifndef ROUNDEL_TESTS_ORACLE_SAMPLES_H
#define ROUNDEL_TESTS_ORACLE_SAMPLES_H

#include "gap_blocks.h"
#include "roundel_block.h"

struct sample {
    float x[RDL_BLOCK_MAX_LENGTH], w[RDL_BLOCK_MAX_LENGTH];
};

enum {
    SAMPLE_KINDS = 18
};

/*
 * Weights of one of six kinds (gaussian, integers, sixteenths, shifted up, down; outliers of so
 * small factors that w x^2 is as usual), factors of one of three (1, log-normal, the same with a
 * third of them 0): i chooses. Neither all are 0.
 */
void draw_sample(struct gap_source *source, int i, size_t n, struct sample *sample);

struct rdl_block_grid integers(enum rdl_block_kind kind, int first, int count);

/* The 16 entries of IQ4_NL. */
extern const struct rdl_block_grid iq4_grid;

bool has_offset(const struct rdl_block_grid *grid);

/* sum of w x^2 */
double sum_squares(const struct rdl_block *block);

/* One result, checked; the scratch has not a byte too much, for sanitizers to see. */
struct rdl_block_fit solve_block(enum rdl_solver solver, const struct rdl_block *block,
                                 uint8_t *codes);

/* The same by the oracle. */
struct rdl_block_fit solve_oracle(const struct rdl_block *block, uint8_t *codes);

/* Its error alone. */
double optimum(const float *x, const float *weights, size_t n, struct rdl_block_grid grid);

#endif
