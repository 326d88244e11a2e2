# Flags of every target that holds a kernel. Exactness lives here, not in the source: gcc fuses
# products and sums into FMA by default wherever the target has it, intrinsics included, and gcc 12
# ignores the STDC pragma. No link-time optimization: it would merge units that have other flags.
# Target options follow CMAKE_C_FLAGS on the command line, so these win over a caller's CFLAGS;
# -ffp-contract comes after -fno-fast-math, which in clang resets it. Where there are debug symbols,
# kernels have line numbers only (-g1): gcc takes as long to follow variables through vector code as
# for all the rest, and in sanitized builds, which take -O2, twice as long; preset debug has them.
#
# roundel_kernel_target(TARGET [FLAG...]): the flags name the instruction set, say -mavx2. Each such
# target gets its own contraction test (tests/contraction).
set(ROUNDEL_KERNEL_FLAGS
    $<$<NOT:$<CONFIG:Debug>>:-O3> $<$<CONFIG:RelWithDebInfo>:-g1>
    -fno-fast-math -fno-math-errno -ffp-contract=off -fno-lto)
if(ROUNDEL_SANITIZE)
    list(TRANSFORM ROUNDEL_KERNEL_FLAGS REPLACE -O3 -O2)
endif()

function(roundel_kernel_target target)
    target_compile_options(${target} PRIVATE ${ROUNDEL_KERNEL_FLAGS} ${ARGN})
    set_target_properties(${target} PROPERTIES
        POSITION_INDEPENDENT_CODE ON INTERPROCEDURAL_OPTIMIZATION OFF)
    roundel_warnings(${target})
    set_property(GLOBAL APPEND PROPERTY ROUNDEL_KERNEL_TARGETS ${target})
endfunction()

# Instruction sets of the targets, as roundel.h defines them; the vector width is that of the
# vocabulary also where a compiler vectorizes a loop.
set(ROUNDEL_AVX2_FLAGS -march=x86-64-v3)
set(ROUNDEL_AVX512_FLAGS ${ROUNDEL_AVX2_FLAGS}
    -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx512vbmi -mprefer-vector-width=512)
set(ROUNDEL_NEON_FLAGS)

# roundel_simd_target(NAME SOURCE...): the sources of simd/ for AVX2, AVX512, NEON, or WIDE (tests),
# as the object library roundel_NAME in lower case. Of a source that is in ROUNDEL_NAME_OWN the target
# has its own version: simd/decode_codebook_avx512.c in place of simd/decode_codebook.c.
function(roundel_simd_target name)
    string(TOLOWER ${name} suffix)
    set(library roundel_${suffix})
    set(sources ${ARGN})
    foreach(own ${ROUNDEL_${name}_OWN})
        list(TRANSFORM sources REPLACE "/${own}\\.c$" "/${own}_${suffix}.c")
    endforeach()
    add_library(${library} OBJECT ${sources})
    target_include_directories(${library} PRIVATE
        ${PROJECT_SOURCE_DIR}/kernels ${PROJECT_SOURCE_DIR}/simd)
    target_compile_definitions(${library} PRIVATE RDL_SIMD_${name})
    roundel_kernel_target(${library} ${ROUNDEL_${name}_FLAGS})
endfunction()

# All of them that the architecture has; sets OBJECTS to what the libraries link.
function(roundel_simd_targets objects)
    set(names)
    if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
        set(names AVX2 AVX512)
    elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64)$")
        set(names NEON)
    endif()
    set(result)
    foreach(name ${names})
        roundel_simd_target(${name} ${ARGN})
        string(TOLOWER roundel_${name} library)
        list(APPEND result $<TARGET_OBJECTS:${library}>)
    endforeach()
    set(${objects} ${result} PARENT_SCOPE)
endfunction()
