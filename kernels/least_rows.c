/* Which target has which. */
#include "least_rows.h"

extern rdl_least_rows_fn rdl_least_rows;
#if defined(__x86_64__)
extern rdl_least_rows_fn rdl_least_rows_avx2, rdl_least_rows_avx512;
#elif defined(__aarch64__)
extern rdl_least_rows_fn rdl_least_rows_neon;
#endif

rdl_least_rows_fn *rdl_least_rows_of(enum rdl_target target)
{
    static rdl_least_rows_fn *const functions[RDL_TARGET_COUNT] = {
        [RDL_SCALAR] = rdl_least_rows,
#if defined(__x86_64__)
        [RDL_AVX2] = rdl_least_rows_avx2,
        [RDL_AVX512] = rdl_least_rows_avx512,
#elif defined(__aarch64__)
        [RDL_NEON] = rdl_least_rows_neon,
#endif
    };
    return functions[target];
}
