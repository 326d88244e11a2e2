# The bodies of simd/ in plain C, for tests only: the object library roundel_wide. It is a kernel target
# like the others, defined beside them: what it is made of is the same for tests of every length.
roundel_simd_target(WIDE ${ROUNDEL_SIMD_SOURCES})
