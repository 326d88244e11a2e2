#!/bin/sh
# Checks that the codebooks in C are what their script makes of the numbers: codebooks.sh ROOT
set -eu
cd "$1/kernels/codebooks"

directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
sh ./generate.sh "$directory"
status=0
for table in *.inc "$directory"/*.inc; do
    name=$(basename "$table")
    cmp "$name" "$directory/$name" || status=1
done
exit $status
