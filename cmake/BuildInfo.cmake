# Writes build_info.h: what made this program. Included by the build, where it defines a target that
# runs this same file as a script at every build, so that the commit is the one that was built; the
# header is only touched when its text changes.
if(CMAKE_SCRIPT_MODE_FILE)
    set(commit unknown)
    if(GIT AND EXISTS ${SOURCE_DIR}/.git)
        execute_process(COMMAND ${GIT} describe --always --dirty --abbrev=12
            WORKING_DIRECTORY ${SOURCE_DIR} OUTPUT_VARIABLE described
            RESULT_VARIABLE failed OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
        if(NOT failed)
            set(commit ${described})
        endif()
    endif()
    set(text "#define BUILD_COMPILER \"${COMPILER}\"\n#define BUILD_FLAGS \"${FLAGS}\"\n#define BUILD_COMMIT \"${commit}\"\n")
    set(old "")
    if(EXISTS ${OUTPUT})
        file(READ ${OUTPUT} old)
    endif()
    if(NOT text STREQUAL old)
        file(WRITE ${OUTPUT} "${text}")
    endif()
    return()
endif()

find_package(Git QUIET)
set(build_type ${CMAKE_BUILD_TYPE})
string(TOUPPER "${build_type}" build_type_upper)
string(STRIP "${CMAKE_C_FLAGS} ${CMAKE_C_FLAGS_${build_type_upper}}" build_flags)
list(JOIN ROUNDEL_KERNEL_FLAGS " " kernel_flags)
add_custom_target(roundel_build_info
    COMMAND ${CMAKE_COMMAND} -DGIT=${GIT_EXECUTABLE} -DSOURCE_DIR=${PROJECT_SOURCE_DIR}
        -DOUTPUT=${CMAKE_CURRENT_BINARY_DIR}/build_info.h
        "-DCOMPILER=${CMAKE_C_COMPILER_ID} ${CMAKE_C_COMPILER_VERSION}"
        "-DFLAGS=${build_flags} ${kernel_flags}"
        -P ${CMAKE_CURRENT_LIST_FILE}
    BYPRODUCTS ${CMAKE_CURRENT_BINARY_DIR}/build_info.h
    VERBATIM)
