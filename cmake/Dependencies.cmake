# The libraries of bench and tests; the kernels need none. Each is found by pkg-config or by header,
# and a missing one is an error that names its Debian package.
find_package(PkgConfig)
if(NOT PkgConfig_FOUND)
    message(FATAL_ERROR "pkg-config is missing; on Debian: apt-get install pkg-config")
endif()

# Defines the target PkgConfig::PREFIX.
macro(roundel_require_module prefix module package)
    pkg_check_modules(${prefix} QUIET IMPORTED_TARGET ${module})
    if(NOT ${prefix}_FOUND)
        message(FATAL_ERROR "${module} is missing; on Debian: apt-get install ${package}")
    endif()
endmacro()

roundel_require_module(CAIRO cairo libcairo2-dev)
roundel_require_module(FONTCONFIG fontconfig libfontconfig-dev)
roundel_require_module(PNG libpng libpng-dev)
roundel_require_module(CBLAS openblas libopenblas-dev)
roundel_require_module(JANSSON jansson libjansson-dev)
roundel_require_module(HWLOC hwloc libhwloc-dev)
roundel_require_module(XXHASH libxxhash libxxhash-dev)
roundel_require_module(BENCHMARK benchmark libbenchmark-dev)
if(BUILD_TESTING)
    roundel_require_module(CHECK check check)
endif()

find_path(RANDOM123_INCLUDE_DIR Random123/philox.h)
if(NOT RANDOM123_INCLUDE_DIR)
    message(FATAL_ERROR
        "Random123/philox.h is missing; on Debian: apt-get install librandom123-dev")
endif()

find_package(OpenMP COMPONENTS C)
if(NOT OpenMP_C_FOUND)
    message(FATAL_ERROR
        "${CMAKE_C_COMPILER} has no OpenMP; for clang on Debian: apt-get install libomp-dev")
endif()
