#!/bin/sh
# Checks that the library builds without CMake, by one call of the compiler on all its sources, and
# that a program runs on it: direct_compile.sh ROOT CC [EMULATOR]
set -eu
cd "$1"
compiler=$2 emulator=${3:-}

directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
"$compiler" -std=c11 -O2 -ffp-contract=off -fPIC -shared -Wl,--no-undefined -Ikernels -Iref \
    kernels/*.c ref/*.c -o "$directory/libroundel.so" -lm
"$compiler" -std=c11 -Ikernels tests/install/consumer.c -o "$directory/consumer" \
    -L"$directory" -lroundel -Wl,-rpath,"$directory" -lm
$emulator "$directory/consumer"
