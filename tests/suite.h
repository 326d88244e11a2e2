/* The end of every test program. */
#ifndef ROUNDEL_TESTS_SUITE_H
#define ROUNDEL_TESTS_SUITE_H

#include "error.h" /* before check.h, which has a macro named as its function fail() */

#include <check.h>
#include <stdlib.h>

/* Runs the suite and releases it; returns the exit status of the program. */
static inline int suite_run(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
