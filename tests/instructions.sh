#!/bin/sh
# Checks that every object has the instructions of its target only, so that what runs on any x86-64
# does run there: instructions.sh OBJDUMP SCALAR_OBJECT... -- AVX2_OBJECT... -- AVX512_OBJECT...
set -eu
objdump=$1
shift

directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
status=0

# The instructions of objects, one a line: "FILE: MNEMONIC OPERANDS".
disassemble() { # OBJECT
    "$objdump" -d --no-show-raw-insn "$1" |
        awk -v name="${1##*/}" 'sub(/^[^\t]*\t/, "") { gsub(/[ \t]+/, " "); print name ": " $0 }'
}

for set in scalar avx2 avx512; do
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
        disassemble "$1"
        shift
    done >"$directory/$set"
    [ $# -eq 0 ] || shift
    # Before anything is concluded from what is not in it.
    grep -q ' ret' "$directory/$set" || {
        echo "no instructions found in the objects of $set"
        status=1
    }
done

# Mnemonics of AVX and AVX-512 begin with v, those on mask registers with k; beside them what else
# x86-64-v2 and -v3 have in integer registers. TZCNT is not among them: compilers write it for BSF,
# which old CPUs take it for.
avx='^[^ ]*: (v|k(add|and|mov|not|or|shift|test|unpck|xn|xor))'
integer='^[^ ]*: (andn|bextr|blsi|blsmsk|blsr|bzhi|mulx|pdep|pext|rorx|sarx|shlx|shrx|lzcnt|movbe|popcnt|crc32)[bwlq]* '
sse='^[^ ]*: (addsub|blend|dpp|extract|hadd|hsub|insertps|lddqu|movddup|movs[hl]dup|mpsadbw|p(abs|alignr|blend|hadd|hsub|maddubs|mulhrs|shufb|sign|extr[bdq]|insr[bdq]|max(sb|sd|u[dw])|min(sb|sd|u[dw])|mov[sz]x|mulld|muldq|packusdw|test|cmpeqq|cmpgtq)|round[ps][ds])'
evex='%(zmm|k[0-7]|[xy]mm(1[6-9]|2[0-9]|3[01]))'

refuse() { # SET PATTERN TEXT
    if grep -E "$2" "$directory/$1" >"$directory/found"; then
        echo "$1 objects: $3"
        head -n 10 "$directory/found"
        status=1
    fi
}

# The same patterns must find what is there.
expect() { # SET PATTERN TEXT
    grep -Eq "$2" "$directory/$1" || {
        echo "$1 objects: no $3 found: the search is blind"
        status=1
    }
}

refuse scalar "$avx|%[yz]mm|$evex" "AVX"
refuse scalar "$integer|$sse" "instructions that x86-64 need not have"
expect avx2 "$avx" "AVX"
expect avx2 '%ymm' "vectors of 256 bits"
refuse avx2 "$evex" "AVX-512"
expect avx512 "$evex" "AVX-512"

exit $status
