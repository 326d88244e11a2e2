# ROUNDEL_SANITIZE=LIST builds everything, libraries and tests, with these sanitizers; the first
# finding ends the program.
set(ROUNDEL_SANITIZE "" CACHE STRING "Sanitizers for -fsanitize=, separated by commas")
if(ROUNDEL_SANITIZE)
    set(ROUNDEL_SANITIZE_FLAGS
        -fsanitize=${ROUNDEL_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    add_compile_options(${ROUNDEL_SANITIZE_FLAGS})
    add_link_options(${ROUNDEL_SANITIZE_FLAGS})
endif()
