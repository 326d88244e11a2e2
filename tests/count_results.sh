#!/bin/sh
# Sums up one run of CTest: count_results.sh DIRECTORY
# Reads DIRECTORY/ctest.xml (ctest --output-junit) and, for each test that is a Check program,
# DIRECTORY/NAME.tap with one line per unit test. Other tests count as one. Prints the line
# `N passed, N failed, N skipped`; exit status 1 if any failed or none ran.
set -eu
awk -v directory="$1" '
    function attribute(name) {
        if (!match($0, " " name "=\"[^\"]*\"")) {
            return ""
        }
        return substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4)
    }
    function finish(    path, line, good, bad) {
        if (test == "") {
            return
        }
        path = directory "/" test ".tap"
        good = bad = tap = 0
        while ((getline line < path) > 0) {
            tap = 1
            good += line ~ /^ok /
            bad += line ~ /^not ok /
        }
        close(path)
        if (status == "run") {
            good = tap ? good : 1
        } else if (status == "disabled" || (status == "notrun" && message ~ /^SKIP_/)) {
            skipped++
        } else if (bad == 0) {
            bad = 1 # a crash, a leak at exit, a program that was not built
        }
        passed += good
        failed += bad
        test = ""
    }
    # Output of tests is escaped, so a tag in the file is one of ctest.
    /<testcase / {
        finish()
        test = attribute("name")
        status = attribute("status")
        message = ""
    }
    /<skipped / { message = attribute("message") }
    END {
        finish()
        printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
        exit failed > 0 || passed + skipped == 0
    }' "$1/ctest.xml"
