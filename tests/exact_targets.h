/* The operations of the exact searches that tests compare with those of RDL_SCALAR. */
#ifndef ROUNDEL_TESTS_EXACT_TARGETS_H
#define ROUNDEL_TESTS_EXACT_TARGETS_H

#include "exact_ops.h"

enum {
    EXACT_TARGETS = RDL_TARGET_COUNT + 1 /* the last one is the plain-C twin of the lanes */
};

/* NULL if this machine does not have target i. */
const struct rdl_exact_ops *exact_target_ops(int i);
const char *exact_target_name(int i);

#endif
