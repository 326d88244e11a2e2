#!/bin/sh
# Checks that the library builds without CMake, by plain calls of the compiler: kernels/ and ref/ as
# they are, simd/ once for each target with its flags; and that a program runs on it:
# direct_compile.sh ROOT CC [EMULATOR]
set -eu
cd "$1"
compiler=$2 emulator=${3:-}

directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
flags='-std=c11 -O1 -ffp-contract=off -fPIC -Ikernels'

# A target may have a version of its own: simd/NAME_avx2.c in place of simd/NAME.c.
compile_simd() { # TARGET SUFFIX [FLAG...]
    target=$1 suffix=$2
    shift 2
    for source in simd/*.c; do
        case $source in *_avx2.c | *_avx512.c | *_neon.c) continue ;; esac
        own=${source%.c}_$suffix.c
        [ ! -f "$own" ] || source=$own
        # shellcheck disable=SC2086 # flags are words
        "$compiler" $flags "$@" -Isimd "-DRDL_SIMD_$target" -c "$source" \
            -o "$directory/$target-$(basename "$source" .c).o"
    done
}

case $("$compiler" -dumpmachine) in
x86_64-*)
    compile_simd AVX2 avx2 -march=x86-64-v3
    compile_simd AVX512 avx512 -march=x86-64-v3 -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx512vbmi
    ;;
aarch64-*) compile_simd NEON neon ;;
*) exit 1 ;;
esac
# shellcheck disable=SC2086 # flags are words
"$compiler" $flags -shared -Wl,--no-undefined -Iref \
    kernels/*.c ref/*.c ref/*/*.c "$directory"/*.o -o "$directory/libroundel.so" -lm
"$compiler" -std=c11 -Ikernels tests/install/consumer.c -o "$directory/consumer" \
    -L"$directory" -lroundel -Wl,-rpath,"$directory" -lm
$emulator "$directory/consumer"
