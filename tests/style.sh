#!/bin/sh
# Checks the text of every file of the repository: style.sh ROOT
# One line per finding and exit status 1; 77 if all is well but clang-format is missing, which under
# CI is a finding.
# shellcheck disable=SC2013 # IFS is the end of line
set -uf
cd "$1" || exit 1
IFS='
' # file names are split at line ends only

MAX_LINES=450
MAX_REF_LINES=350
findings=0

finding() {
    echo "$1"
    findings=$((findings + 1))
}

# Files that are tracked or about to be; without git, whatever is outside the build directories.
list_files() {
    git -c safe.directory='*' ls-files --cached --others --exclude-standard 2>/dev/null ||
        find . -name .git -prune -o -path './build*' -prune -o -type f -print | sed 's|^\./||'
}

# Source text written by hand, as opposed to data.
is_source() {
    case $1 in
    data/* | tests/golden/*) return 1 ;;
    *.c | *.h | *.cc | *.S | *.def | *.inc | *.sh | *.cmake | *.in | *.md) return 0 ;;
    *.html | *.css | *.js | *.mjs | */package.json | */package-lock.json) return 0 ;;
    CMakeLists.txt | */CMakeLists.txt | CMakePresets.json) return 0 ;;
    run | .ci/run | .clang-format | .gitignore | LICENSE) return 0 ;;
    *) return 1 ;;
    esac
}

# Reports the places in the sources that match a byte pattern.
forbid() { # PATTERN NAME
    # shellcheck disable=SC2086 # one file name per line
    for place in $(LC_ALL=C grep -naP "$1" /dev/null $sources | cut -d: -f1,2); do
        finding "$place: $2"
    done
}

check_file() {
    iconv -f UTF-8 -t UTF-8 "$1" >/dev/null 2>&1 || finding "$1: not UTF-8"
    [ ! -s "$1" ] || [ -z "$(tail -c 1 "$1")" ] || finding "$1: no newline at the end"
    case $1 in
    *.md | *.def | *.inc | LICENSE) ;;
    *)
        limit=$MAX_LINES
        case $1 in ref/*) limit=$MAX_REF_LINES ;; esac
        lines=$(wc -l <"$1")
        [ "$lines" -le "$limit" ] || finding "$1: $lines lines, more than $limit"
        ;;
    esac
}

# Includes run one way: ref and simd include kernels, only the dispatch table includes ref and simd,
# and no kernel includes bench or plots.
check_includes() {
    case $1 in
    kernels/dispatch.c) check_includes_from "$1" kernels ref simd ;;
    kernels/*.[ch] | kernels/*.def) check_includes_from "$1" kernels ;;
    ref/*.[ch] | ref/*.def) check_includes_from "$1" ref kernels ;;
    simd/*.[ch] | simd/*.def) check_includes_from "$1" simd kernels ;;
    esac
}

check_includes_from() { # FILE DIRECTORY...
    including=$1
    shift
    for header in $(sed -n 's/^ *# *include *\([<"].*[>"]\).*/\1/p' "$including"); do
        is_allowed_header "$header" "$@" || finding "$including: includes $header"
    done
}

is_allowed_header() { # "NAME" or <NAME>, DIRECTORY...
    case $1 in
    # Types, limits, memory, sqrtf; intrinsics; CPU detection.
    '<assert.h>' | '<float.h>' | '<limits.h>' | '<math.h>') return 0 ;;
    '<stdbool.h>' | '<stddef.h>' | '<stdint.h>' | '<string.h>') return 0 ;;
    '<immintrin.h>' | '<arm_neon.h>' | '<cpuid.h>' | '<sys/auxv.h>') return 0 ;;
    '<'*) return 1 ;;
    esac
    name=${1#\"}
    name=${name%\"}
    shift
    for directory in "$@"; do
        [ ! -f "$directory/$name" ] || return 0
    done
    return 1
}

check_format() {
    if ! command -v clang-format >/dev/null; then
        [ "${CI:-}" != true ] || finding "clang-format is missing"
        return
    fi
    # shellcheck disable=SC2046 # one file name per line
    complaints=$(clang-format --dry-run -Werror $(echo "$sources" | grep -E '\.(c|h|cc)$') 2>&1) &&
        return
    places=$(echo "$complaints" | grep -a ' error: code should be' | cut -d: -f1,2 | sort -u)
    [ -n "$places" ] || finding "clang-format: $complaints"
    for place in $places; do
        finding "$place: not as clang-format writes it"
    done
}

# npm asks the registry that its user has set: a lock file names none.
check_locks() {
    for lock in $(echo "$sources" | grep 'package-lock\.json$'); do
        ! grep -qE 'https?:|"resolved"' "$lock" || finding "$lock: has the address of a registry"
    done
}

sources=
for file in $(list_files); do
    # A file that git lists is missing if its removal is not committed yet.
    if [ -f "$file" ] && is_source "$file"; then
        sources="$sources$file
"
        check_file "$file"
        check_includes "$file"
    fi
done
[ -n "$sources" ] || finding "no sources in $1"

# Soft hyphen, no-break space, zero-width and direction marks, word joiner, byte order mark in UTF-8.
invisible='\xC2[\xA0\xAD]|\xE2\x80[\x8B-\x8F\xA8-\xAF]|\xE2\x81[\xA0-\xAF]|\xEF\xBB\xBF'
forbid '\t' 'tab'
forbid '[ \r]$' 'trailing blank'
forbid '[\x00-\x08\x0B-\x1F\x7F]' 'control character'
forbid "$invisible" 'invisible character'
check_locks
check_format

[ $findings -eq 0 ] || exit 1
if ! command -v clang-format >/dev/null; then
    echo "skipped in part: clang-format is missing"
    exit 77
fi
