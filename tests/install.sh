#!/bin/sh
# Installs the build into a temporary directory, moves it, then builds and runs programs on it, by
# find_package and by pkg-config: install.sh ROOT BUILD CC CXX [EMULATOR]
# shellcheck disable=SC2086 # the emulator is a command and its arguments, or nothing
set -eu
root=$1 build=$2 c_compiler=$3 cxx_compiler=$4 emulator=${5:-}

directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"

fail() {
    echo "$1"
    exit 1
}

# Runs a command and shows what it said only if it fails.
quietly() {
    "$@" >log 2>&1 || {
        cat log
        fail "failed: $*"
    }
}

cached() { # VARIABLE of the build's CMake cache
    sed -n "s/^$1:[A-Z]*=//p" "$build/CMakeCache.txt"
}

sanitize=$(cached ROUNDEL_SANITIZE)
flags=${sanitize:+-fsanitize=$sanitize}

quietly cmake --install "$build" --prefix "$directory/first"
mv first "moved here"
prefix="$directory/moved here"
library=$prefix/$(cached CMAKE_INSTALL_LIBDIR)

for command in roundel roundel-bench; do
    [ -x "$prefix/bin/$command" ] || fail "not installed: bin/$command"
    quietly $emulator "$prefix/bin/$command" --help
done

quietly cmake -S "$root/tests/install" -B consumers \
    -G "$(cached CMAKE_GENERATOR)" -DCMAKE_PREFIX_PATH="$prefix" \
    -DCMAKE_C_COMPILER="$c_compiler" -DCMAKE_CXX_COMPILER="$cxx_compiler" \
    -DCMAKE_TOOLCHAIN_FILE="$(cached CMAKE_TOOLCHAIN_FILE)" \
    -DCMAKE_C_FLAGS="$flags" -DCMAKE_CXX_FLAGS="$flags"
quietly cmake --build consumers
for consumer in consumer_shared consumer_static consumer_cxx; do
    quietly $emulator "consumers/$consumer"
done

export PKG_CONFIG_PATH="$library/pkgconfig"
version=$(pkg-config --modversion roundel)
quietly $emulator consumers/consumer_shared
[ "$(cat log)" = "roundel $version" ] || fail "pkg-config says $version, the library: $(cat log)"
# The words of pkg-config may be quoted: the shell has to read them.
eval "quietly \"\$c_compiler\" $flags \"\$root/tests/install/consumer.c\" -o consumer_pkg_config \
    $(pkg-config --cflags --libs roundel) -Wl,-rpath,\"\$library\""
quietly $emulator ./consumer_pkg_config
