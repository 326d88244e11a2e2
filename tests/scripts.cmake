# Tests of the tree and of what the build installs: shell scripts, each one test. Exit status 77 means
# skipped.
function(roundel_script_test name script)
    add_test(NAME ${name} COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/${script} ${ARGN})
    set_tests_properties(${name} PROPERTIES SKIP_RETURN_CODE 77)
endfunction()

list(JOIN CMAKE_CROSSCOMPILING_EMULATOR " " emulator)

roundel_script_test(count_results count_results_test.sh
    ${CMAKE_CURRENT_SOURCE_DIR}/count_results.sh)
roundel_script_test(codebook_sources codebooks.sh ${PROJECT_SOURCE_DIR})
roundel_script_test(style style.sh ${PROJECT_SOURCE_DIR})
roundel_script_test(install install.sh ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR}
    ${CMAKE_C_COMPILER} ${CMAKE_CXX_COMPILER} "${emulator}")
roundel_script_test(tutorial tutorial.sh ${PROJECT_SOURCE_DIR}
    $<TARGET_FILE:roundel> $<TARGET_FILE:roundel-bench> "${emulator}")

# Sanitizers add symbols and data of their own, and direct_compile takes none; the other builds check
# these.
if(NOT ROUNDEL_SANITIZE)
    roundel_script_test(direct_compile direct_compile.sh
        ${PROJECT_SOURCE_DIR} ${CMAKE_C_COMPILER} "${emulator}")
    roundel_script_test(symbols symbols.sh ${PROJECT_SOURCE_DIR}/kernels
        $<TARGET_FILE:roundel_static> $<TARGET_FILE:roundel_shared>
        ${CMAKE_NM} ${CMAKE_OBJDUMP})
endif()

if(TARGET roundel_avx2)
    add_test(NAME instructions COMMAND_EXPAND_LISTS
        COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/instructions.sh ${CMAKE_OBJDUMP}
        $<TARGET_OBJECTS:roundel_objects> --
        $<TARGET_OBJECTS:roundel_avx2> -- $<TARGET_OBJECTS:roundel_avx512>)
endif()
