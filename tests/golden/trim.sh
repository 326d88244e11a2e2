#!/bin/sh
# Cuts golden vectors to their first rows: trim.sh SRC DST FORMAT...
#
#   SRC     directory of whole golden vectors (inputs/ and one directory per format)
#   DST     directory of the same layout: inputs and the named formats are written, formats that are
#           already there stay, MANIFEST.txt is written anew over all of them
#   FORMAT  directories of SRC, for example q4_k
#
# ROWS rows of every case are kept. Rows are quantized independently of each other, so the cut input
# gives the cut output. 4 rows of 1024 columns are 16 super-blocks, and no case has more than 16
# kinds of super-blocks or rows in its cycle; `quirks` has none, every super-block of it was chosen,
# so it stays whole. Row lengths: N for a case rowsN, 1024 for the others.
#
# For example, from the root: sh tests/golden/trim.sh /path/to/golden tests/golden q2_k q3_k
#
# Exit status: 0 done, 1 a file does not have the expected shape, 2 usage.
set -eu

ROWS=4

[ $# -ge 3 ] || {
    echo "usage: trim.sh SRC DST FORMAT..." >&2
    exit 2
}
src=$1
dst=$2
shift 2

fail() {
    echo "trim.sh: $*" >&2
    exit 1
}

size_of() { # FILE
    wc -c <"$1" | tr -d ' '
}

columns_of() { # CASE
    case $1 in
    rows*) echo "${1#rows}" ;;
    *) echo 1024 ;;
    esac
}

# Copies the share of a file that belongs to the first ROWS rows of its case. Every file of a case
# has the same number of rows, that of the input.
cut_file() { # CASE DIRECTORY/NAME
    rows=$(($(size_of "$src/inputs/$1.f32") / (4 * $(columns_of "$1"))))
    size=$(size_of "$src/$2")
    [ "$rows" -gt 0 ] || fail "$src/inputs/$1.f32: less than one row"
    row_bytes=$((size / rows))
    [ $((row_bytes * rows)) -eq "$size" ] || fail "$src/$2: $size bytes are not $rows rows"
    if [ "$1" = quirks ] || [ "$rows" -le "$ROWS" ]; then
        cp "$src/$2" "$dst/$2"
    else
        dd if="$src/$2" of="$dst/$2" bs=$((row_bytes * ROWS)) count=1 2>/dev/null
    fi
    chmod 644 "$dst/$2"
}

cut_inputs() {
    mkdir -p "$dst/inputs"
    for file in "$src"/inputs/*.f32; do
        name=${file##*/}
        case $name in
        imatrix*)
            cp "$file" "$dst/inputs/$name" # one factor per column, shared by all rows
            chmod 644 "$dst/inputs/$name"
            ;;
        *) cut_file "${name%.f32}" "inputs/$name" ;;
        esac
    done
}

cut_format() { # FORMAT
    mkdir -p "$dst/$1"
    for file in "$src/$1"/*.blk "$src/$1"/*.deq.f32; do
        [ -f "$file" ] || fail "$src/$1: no golden vectors"
        name=${file##*/}
        cut_file "${name%%.*}" "$1/$name"
    done
}

cut_inputs
for format in "$@"; do
    cut_format "$format"
done
cd "$dst"
LC_ALL=C sha256sum ./*/*.blk ./*/*.f32 | sed 's|  \./|  |' | LC_ALL=C sort -k 2 >MANIFEST.txt
