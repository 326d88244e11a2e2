# A build for x86-64 whose tests run on an old CPU under user-mode emulation: SSE up to SSSE3, none of
# the SIMD targets. An instruction that the CPU lacks ends a test. Needs qemu-user.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-x86_64;-cpu;core2duo)
