#!/bin/sh
# Tests count_results.sh: count_results_test.sh SCRIPT
set -eu
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT

expect() { # STATUS LINE
    status=0
    line=$(sh "$1" "$directory") || status=$?
    if [ "$status $line" != "$2 $3" ]; then
        echo "expected status and line: $2 $3"
        echo "got:                      $status $line"
        exit 1
    fi
}

test_case() { # NAME STATUS [CHILD ELEMENT]
    printf '\t<testcase name="%s" classname="%s" time="0.1" status="%s">\n' "$1" "$1" "$2"
    printf '\t\t%s\n\t\t<system-out>%s</system-out>\n\t</testcase>\n' "${3:-}" \
        '&lt;testcase name="printed" status="fail"&gt;'
}

skipped='<skipped message="SKIP_RETURN_CODE=77"/>'
{
    test_case script run
    test_case suite run
} >"$directory/ctest.xml"
printf 'ok 1 - a\nok 2 - b\nok 3 - c\n1..3\n' >"$directory/suite.tap"
printf 'ok 1 - old\n' >"$directory/not-run-now.tap"
expect "$1" 0 '4 passed, 0 failed, 0 skipped'

# A skipped or disabled test has not passed.
{
    test_case script notrun "$skipped"
    test_case disabled disabled
} >>"$directory/ctest.xml"
expect "$1" 0 '4 passed, 0 failed, 2 skipped'

# A failed suite counts test by test; a crash after the last one, a missing program and a failed
# script count as one.
printf 'ok 1 - a\nnot ok 2 - b\nnot ok 3 - c\n1..3\n' >"$directory/failing.tap"
printf 'ok 1 - a\n1..1\n' >"$directory/crashing.tap"
{
    test_case failing fail '<failure message=""/>'
    test_case crashing fail '<failure message=""/>'
    test_case not_built notrun '<skipped message="Unable to find executable"/>'
    test_case failing_script fail '<failure message=""/>'
} >>"$directory/ctest.xml"
expect "$1" 1 '6 passed, 5 failed, 2 skipped'

# A run without tests is no success.
: >"$directory/ctest.xml"
expect "$1" 1 '0 passed, 0 failed, 0 skipped'
