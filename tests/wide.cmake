# The bodies of simd/ in plain C, for tests only: the object library roundel_wide. It is a kernel target
# like the others.
list(TRANSFORM ROUNDEL_SIMD_SOURCES PREPEND ${PROJECT_SOURCE_DIR}/ OUTPUT_VARIABLE wide_sources)
roundel_simd_target(WIDE ${wide_sources})
