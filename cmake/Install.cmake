# cmake --install: both libraries, the headers, a CMake package and a pkg-config file; bench installs
# the commands. The installed tree may be moved: every path in it is relative.
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/Roundel)

set_target_properties(roundel_shared PROPERTIES EXPORT_NAME roundel)
set_target_properties(roundel_static PROPERTIES EXPORT_NAME static)
add_library(Roundel::roundel ALIAS roundel_shared)
add_library(Roundel::static ALIAS roundel_static)

install(TARGETS roundel_shared roundel_static EXPORT Roundel)
install(FILES kernels/roundel.h kernels/roundel_block.h TYPE INCLUDE)
install(FILES LICENSE TYPE DOC)

install(EXPORT Roundel NAMESPACE Roundel:: FILE RoundelConfig.cmake DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/RoundelConfigVersion.cmake
    COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/RoundelConfigVersion.cmake DESTINATION ${package_dir})

file(RELATIVE_PATH ROUNDEL_PREFIX_FROM_PC
    ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
configure_file(cmake/roundel.pc.in roundel.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/roundel.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
