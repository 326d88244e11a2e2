#include "first_failure.h"

void first_failure_keep(struct first_failure *failure, uint64_t item, const struct error *error)
{
#pragma omp critical(first_failure)
    if (item < failure->item) {
        failure->item = item;
        *failure->error = *error;
    }
}

bool first_failure_is_before(const struct first_failure *failure, uint64_t item)
{
    uint64_t first;
#pragma omp critical(first_failure)
    first = failure->item;
    return first < item;
}
