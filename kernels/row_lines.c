/* Which target has which. */
#include "row_lines.h"

extern const struct rdl_row_lines rdl_row_lines;
#if defined(__x86_64__)
extern const struct rdl_row_lines rdl_row_lines_avx2, rdl_row_lines_avx512;
#elif defined(__aarch64__)
extern const struct rdl_row_lines rdl_row_lines_neon;
#endif

const struct rdl_row_lines *rdl_row_lines_of(enum rdl_target target)
{
    static const struct rdl_row_lines *const lines[RDL_TARGET_COUNT] = {
        [RDL_SCALAR] = &rdl_row_lines,
#if defined(__x86_64__)
        [RDL_AVX2] = &rdl_row_lines_avx2,
        [RDL_AVX512] = &rdl_row_lines_avx512,
#elif defined(__aarch64__)
        [RDL_NEON] = &rdl_row_lines_neon,
#endif
    };
    return lines[target];
}
