/* The order of sums over weights: exact_ops.h. */
#ifndef RDL_REF_EXACT_SUMS_H
#define RDL_REF_EXACT_SUMS_H

#include "exact_ops.h"

/* Of the 8 parts. */
static inline double rdl_exact_sum_of(const double part[RDL_EXACT_GROUP])
{
    return ((part[0] + part[4]) + (part[2] + part[6])) +
           ((part[1] + part[5]) + (part[3] + part[7]));
}

/* The end of the last group of 8. */
static inline int rdl_exact_end(int n)
{
    return (n + RDL_EXACT_GROUP - 1) / RDL_EXACT_GROUP * RDL_EXACT_GROUP;
}

#endif
