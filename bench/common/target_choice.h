/* Which target runs a kernel: the one that the user forces, or the best that there is. */
#ifndef ROUNDEL_BENCH_TARGET_CHOICE_H
#define ROUNDEL_BENCH_TARGET_CHOICE_H

#include "error.h"
#include "roundel.h"

#define HELP_TARGET "run on one instruction set (default: the best there is)"

struct target_choice {
    unsigned detected; /* set of bits 1u << target: rdl_detect_targets() */
    unsigned offered;  /* those of them that this build has kernels for */
    bool forced;
    enum rdl_target target; /* where one is forced */
};

/*
 * `name` is what --target asks for, or NULL: then the environment variable RDL_TARGET decides,
 * unless it is empty. False if that is no target, or none that is offered; the error names those
 * that are.
 */
bool target_choose(const char *name, struct target_choice *choice, struct error *error);

/* The targets to run on where all are to run: a set of bits, the forced one alone if there is one.
 */
unsigned target_set(const struct target_choice *choice);

/* The targets that this build has a kernel for, as a set of bits; not all of them run here. */
unsigned targets_built(void);

/* True if the target's encoder exists and works wherever the scalar one does, with importance and
 * without. */
bool target_has_encoder(enum rdl_format format, enum rdl_rounding rounding,
                        enum rdl_weighting weighting, enum rdl_target target);

/*
 * Sets the target on which an encoder or a decoder runs: the forced one, else the last of enum
 * rdl_target that is offered and has the kernel. False if there is none; *target then is the forced
 * one, or RDL_SCALAR.
 */
bool choose_encoder_target(const struct target_choice *choice, enum rdl_format format,
                           enum rdl_rounding rounding, enum rdl_weighting weighting,
                           enum rdl_target *target);
bool choose_decoder_target(const struct target_choice *choice, enum rdl_format format,
                           enum rdl_target *target);

#endif
