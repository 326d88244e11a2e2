# vocabulary_TARGET: test_vocabulary.c with vocabulary_ops.c for vectors of 1, 2, 3 and 4 registers, which
# get exactly the flags of the kernels of the target.
foreach(target avx2 avx512 neon wide)
    if(NOT TARGET roundel_${target})
        continue()
    endif()
    set(objects)
    foreach(registers RANGE 1 4)
        set(library vocabulary_${target}_${registers})
        add_library(${library} OBJECT vocabulary_ops.c)
        foreach(property COMPILE_OPTIONS INCLUDE_DIRECTORIES)
            set_property(TARGET ${library} PROPERTY ${property}
                $<TARGET_PROPERTY:roundel_${target},${property}>)
        endforeach()
        string(TOUPPER ${target} name)
        target_compile_definitions(${library} PRIVATE
            RDL_SIMD_${name} RDL_REGISTERS=${registers})
        list(APPEND objects $<TARGET_OBJECTS:${library}>)
    endforeach()
    add_executable(test_vocabulary_${target}
        test_vocabulary.c vocabulary_memory.c fill.c guard.c ${objects})
    target_link_libraries(test_vocabulary_${target} PRIVATE roundel_bench PkgConfig::CHECK)
    target_compile_options(test_vocabulary_${target} PRIVATE -ffp-contract=off -fno-math-errno)
    roundel_warnings(test_vocabulary_${target})
    roundel_run_test(vocabulary_${target} test_vocabulary_${target})
    roundel_slow_test(vocabulary_${target})
endforeach()
