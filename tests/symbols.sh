#!/bin/sh
# Checks what the libraries export, need and hold: symbols.sh KERNELS STATIC SHARED NM OBJDUMP
set -eu
kernels=$1 static=$2 shared=$3 nm=$4 objdump=$5

directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
status=0

# Symbols as "NAME TYPE ..." lines; the headings of archive members end in a colon.
"$nm" -P -g "$static" | awk 'NF > 1 && !/:$/' >symbols
"$nm" -P -D --defined-only "$shared" | awk '{ print $1 }' | sort -u >exported
"$objdump" -h "$static" >sections
awk '$2 != "U" { print $1 }' symbols | sort -u >defined
awk '$2 == "U" { print $1 }' symbols | sort -u | comm -23 - defined >needed
cat "$kernels"/roundel*.h | tr "\n" " " | grep -o 'RDL_API [^;(]*(' | grep -o 'rdl_[a-z0-9_]*($' | tr -d '(' |
    sort -u >declared

# What a kernel may call: memory functions of libc, sqrtf of libm, CPU detection, and what compilers
# insert.
printf '%s\n' memchr memcmp memcpy memmove memset sqrtf getauxval \
    bcmp _GLOBAL_OFFSET_TABLE_ __stack_chk_fail __memcpy_chk __memmove_chk __memset_chk |
    sort >allowed

# The checks below compare what these files hold: none of them is empty.
for file in symbols exported sections defined declared; do
    [ -s $file ] || {
        echo "found no symbols: $file"
        status=1
    }
done

# Fails if there are lines on standard input, which name what is wrong.
none() { # TEXT
    names=$(cat)
    [ -z "$names" ] || {
        echo "$1:" && echo "$names"
        status=1
    }
}

comm -13 declared exported >wrong
none "exported by the shared library, not in the headers" <wrong
comm -23 declared exported >wrong
none "in the headers, not exported by the shared library" <wrong
awk '!/^rdl_/' defined >wrong
none "global in the static library without the prefix rdl_" <wrong
comm -23 needed allowed >wrong
none "needed from outside" <wrong

# No mutable data. Constants with addresses in them (.data.rel.ro) are read-only once loaded.
awk '$2 ~ /^\.(data|bss|tdata|tbss)/ && $2 !~ /^\.data\.rel\.ro/ && $3 !~ /^0+$/ { print $2 }' \
    sections >wrong
none "sections for mutable data in the static library" <wrong
awk '$2 == "C" { print $1 }' symbols >wrong
none "mutable data in the static library" <wrong

exit $status
