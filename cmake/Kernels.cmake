# Flags of every target that holds a kernel. Exactness lives here, not in the source: gcc fuses
# products and sums into FMA by default wherever the target has it, intrinsics included, and gcc 12
# ignores the STDC pragma. No link-time optimization: it would merge units that have other flags.
# Target options follow CMAKE_C_FLAGS on the command line, so these win over a caller's CFLAGS;
# -ffp-contract comes after -fno-fast-math, which in clang resets it.
#
# roundel_kernel_target(TARGET [FLAG...]): the flags name the instruction set, say -mavx2. Each such
# target gets its own contraction test (tests/contraction).
set(ROUNDEL_KERNEL_FLAGS
    $<$<NOT:$<CONFIG:Debug>>:-O3> -fno-fast-math -fno-math-errno -ffp-contract=off -fno-lto)

function(roundel_kernel_target target)
    target_compile_options(${target} PRIVATE ${ROUNDEL_KERNEL_FLAGS} ${ARGN})
    set_target_properties(${target} PROPERTIES
        POSITION_INDEPENDENT_CODE ON INTERPROCEDURAL_OPTIMIZATION OFF)
    roundel_warnings(${target})
    set_property(GLOBAL APPEND PROPERTY ROUNDEL_KERNEL_TARGETS ${target})
endfunction()
