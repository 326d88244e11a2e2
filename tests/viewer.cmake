# A panorama in a browser, opened from disk. In another build it would be the same page again.
add_executable(viewer_page viewer_page.c viewer_sample.c)
target_link_libraries(viewer_page PRIVATE roundel_plots)
roundel_warnings(viewer_page)
if(NOT ROUNDEL_SANITIZE AND NOT CMAKE_CROSSCOMPILING AND CMAKE_C_COMPILER_ID STREQUAL GNU
        AND CMAKE_BUILD_TYPE STREQUAL RelWithDebInfo)
    roundel_script_test(viewer_browser viewer_browser.sh $<TARGET_FILE:viewer_page>)
    set_tests_properties(viewer_browser PROPERTIES TIMEOUT 300)
endif()
