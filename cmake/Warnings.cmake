# The warnings of every C target, after zstd's and libdeflate's lists. -Wfloat-equal is left out on
# purpose: the formats define their bytes by exact comparisons with zero. ROUNDEL_WERROR is for CI.
option(ROUNDEL_WERROR "Treat warnings as errors" OFF)

set(ROUNDEL_C_WARNINGS
    -Wall -Wextra -Wpedantic -Wcast-align -Wcast-qual -Wformat=2 -Wimplicit-fallthrough
    -Wmissing-prototypes -Wpointer-arith -Wredundant-decls -Wshadow -Wstrict-prototypes
    -Wswitch-enum -Wundef -Wvla)
set(ROUNDEL_CXX_WARNINGS -Wall -Wextra -Wshadow -Wundef)

function(roundel_warnings target)
    target_compile_options(${target} PRIVATE
        $<$<COMPILE_LANGUAGE:C>:${ROUNDEL_C_WARNINGS}>
        $<$<COMPILE_LANGUAGE:CXX>:${ROUNDEL_CXX_WARNINGS}>
        $<$<BOOL:${ROUNDEL_WERROR}>:-Werror>)
endfunction()
