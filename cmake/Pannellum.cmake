# Puts pannellum, which shows panoramas, where the build takes it from:
# cmake -DSOURCE_DIR=plots/viewer -DOUTPUT_DIR=DIR -P Pannellum.cmake
# Writes pannellum.js, pannellum.css and pannellum.licence. Where npm is missing or finds no registry
# they are empty, the build goes on, and --viewer says what is missing.
find_program(NPM npm)

# Sets `failure`, empty if pannellum is in OUTPUT_DIR/node_modules.
function(install_pannellum)
    if(NOT NPM)
        set(failure "npm is missing" PARENT_SCOPE)
        return()
    endif()
    file(COPY ${SOURCE_DIR}/package.json ${SOURCE_DIR}/package-lock.json DESTINATION ${OUTPUT_DIR})
    execute_process(COMMAND ${NPM} ci --ignore-scripts --no-audit --no-fund --no-update-notifier
        WORKING_DIRECTORY ${OUTPUT_DIR} TIMEOUT 180
        OUTPUT_VARIABLE said ERROR_VARIABLE said RESULT_VARIABLE status)
    if(status EQUAL 0)
        set(failure "" PARENT_SCOPE)
    else()
        set(failure "npm ci failed (${status}): ${said}" PARENT_SCOPE)
    endif()
endfunction()

install_pannellum()
set(package ${OUTPUT_DIR}/node_modules/pannellum)
foreach(part pannellum.js:build/pannellum.js pannellum.css:build/pannellum.css
        pannellum.licence:COPYING)
    string(REPLACE ":" ";" part ${part})
    list(GET part 0 name)
    list(GET part 1 from)
    if(failure)
        file(WRITE ${OUTPUT_DIR}/${name} "")
    else()
        configure_file(${package}/${from} ${OUTPUT_DIR}/${name} COPYONLY)
        file(TOUCH ${OUTPUT_DIR}/${name})
    endif()
endforeach()
if(failure)
    message("pannellum is not there, so that this build writes no panoramas: ${failure}")
endif()
