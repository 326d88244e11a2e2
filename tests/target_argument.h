/* Programs that compare one target, their argument, with the scalar one. */
#ifndef ROUNDEL_TESTS_TARGET_ARGUMENT_H
#define ROUNDEL_TESTS_TARGET_ARGUMENT_H

#include "roundel.h"

#include <string.h>

/* Exit status where there is nothing to compare. */
#define SKIPPED 77

static inline bool target_argument(const char *name, enum rdl_target *target)
{
    for (unsigned t = 0; t < RDL_TARGET_COUNT; t++) {
        *target = (enum rdl_target)t;
        if (strcmp(name, rdl_target_name(*target)) == 0)
            return true;
    }
    return false;
}

#endif
