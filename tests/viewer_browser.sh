#!/bin/sh
# Opens a panorama from disk in headless Chromium: viewer_browser.sh VIEWER_PAGE [SCREENSHOT_DIR]
# Exit status 77 where Chromium or npm is missing, which under CI is a failure.
set -eu
cd "$(dirname "$0")"

missing() {
    echo "$1"
    [ "${CI:-}" != true ] || exit 1
    exit 77
}

directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
command -v npm >/dev/null || missing "npm is missing"
command -v node >/dev/null || missing "node is missing"
chromium=$(command -v chromium) || missing "chromium is missing"
"$1" "$directory/cosines.html" "$directory/angles.html" "$directory/numbers.html" \
    2>"$directory/error" || missing "$(cat "$directory/error")"
node viewer_browser.mjs "$chromium" "$directory" "${2:-}"
