# Cross build for 64-bit ARM on Debian, run under user-mode emulation. Needs crossbuild-essential-arm64,
# qemu-user and the arm64 libraries that .ci/run installs. The emulator finds the loader and libraries
# of the arm64 packages in the file system of the host; none of them is in /usr/aarch64-linux-gnu.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64)
set(ENV{PKG_CONFIG_LIBDIR} /usr/lib/aarch64-linux-gnu/pkgconfig:/usr/share/pkgconfig)
