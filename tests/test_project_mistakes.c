/* `roundel project`: bad requests end in one clear line and leave no file. */
#include "program.h"
#include "suite.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

static char *directory;

static void make_directory(void)
{
    directory = program_directory();
}

static void remove_directory(void)
{
    program_remove_directory(directory);
}

static const char *path_of(const char *name)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    return path;
}

#define SMALL "project --grid -4..3 --width 32"

static const struct {
    const char *arguments, *said;
    int status;
} mistakes[] = {
    {"project", "no --grid and no --format", 2},
    {"project --grid -4..3 --width 1", "width '1' is no whole number from 2 to 65536", 2},
    {"project --grid -4..3 --width 2", "height of 1 pixels", 2},
    {"project --grid -4..3 --range nan,1", "range 'nan,1' is not 2 finite numbers", 2},
    {"project --grid -4..3 --range 1,0", "does not go up", 2},
    {"project --grid -4..3 --value angle --range 0,1", "logarithm", 2},
    {"project --grid iq4_ml", "did you mean 'iq4_nl'?", 2},
    {"project --grid 3..7", "unknown grid '3..7'", 2},
    {"project --grid -200..200", "unknown grid '-200..200'", 2},
    {"project --grid affine:1", "unknown grid 'affine:1'", 2},
    {"project --grid affine:9999999999999999999", "unknown grid", 2},
    {"project --grid table:0/1/1", "unknown grid 'table:0/1/1'", 2},
    {"project --grid table:0/nan", "unknown grid", 2},
    {"project --grid -4..3 --rounding nl", "'nl' does not work on grid '-4..3'", 2},
    {"project --grid -4..3,-8..7 --rounding qx,nl", "'nl' works on none of these", 2},
    {"project --grid -4..3 --format q4_k", "not both", 2},
    {"project --format iq2_xxs --rounding ggml --weighting x2", "no rounding 'ggml'", 2},
    {"project --grid -4..3 --weighting importance", "no importance", 2},
    {"project --grid affine:4 --rounding qkx2 --random 60 --fourth sum --constant 1,2",
     "more than 60 coordinates", 2},
    {"project --format q4_0 --random 40", "blocks of q4_0 have 32 weights, not 43", 2},
    {"project --grid -4..3 --value index --supersample 2", "one sample a pixel", 2},
    {"project --grid -32..31 --value index --random 30", "too many numbers", 2},
    {"project --grid -4..3 --against qx", "--against goes with", 2},
    {"project --grid -4..3 --value excess --against bogus", "unknown rounding 'bogus'", 2},
    {"project --grid -4..3 --region 0,90,0", "region '0,90,0' is not 4 finite numbers", 2},
    {"project --grid -4..3 --region 90,0,0,90", "west", 2},
    {"project --grid -4..3 --region 0,90,-91,0", "south", 2},
    {"project --grid -4..3 --projection face --region 0,1e39,0,1", "up to 10^6", 2},
    {"project --grid -4..3 --projection cube --width 9", "its width even", 2},
    {"project --grid -4..3 --fill constant", "constant:V", 2},
    {"project --format q4_0 --fill constant:1e6", "too large for the format's scale", 2},
    {"project --format q4_0 --fill constant:1e7", "beyond 10^6", 2},
    {"project --grid -4..3 -o x.jpg", "does not end in .png", 2},
    {"project --grid -4..3 -o /nonexistent/x.png", "cannot write '/nonexistent/x.png'", 2},
    {"project --grid -4..3 --viewer x.html --rotate 1,2,3", "not rotated", 2},
    {"project --sweep 1,1", "one value only", 2},
    {"project --sweep 1,2 --grid -4..3", "no grid", 2},
    {"project --asymmetry -o x.pdf", "makes no image", 2},
    {"project --asymmetry --grid -1..1", "no grid", 2},
    {"project --grid ternery", "did you mean 'ternary'?", 2},
    {"project --grid -4..3 --importance", "neither importance nor scales", 2},
    {"project --format q4_0 --rounding exact --scales joint", "no scales 'joint'", 2},
    {"project surprise", "no argument is expected, but there is 'surprise'", 2},
    {"project --grid -4..3 --width 32 --json /dev/full", "cannot write '/dev/full'", 4},
};

START_TEST(mistakes_are_one_line)
{
    program_expect_mistake(mistakes[_i].arguments, mistakes[_i].status, mistakes[_i].said);
}
END_TEST

/* The device that is always full has the names of all kinds of files. */
START_TEST(full_disk_leaves_nothing)
{
    static const char *const names[] = {"a.png", "a.npy", "a.pdf", "a.svg"};
    for (int i = 0; i < 4; i++) {
        char arguments[512];
        ck_assert_int_eq(symlink("/dev/full", path_of(names[i])), 0);
        snprintf(arguments, sizeof arguments, SMALL " --range 0.9,1 -o %s", path_of(names[i]));
        program_expect_mistake(arguments, 4, "No space left on device");
        snprintf(arguments, sizeof arguments, SMALL " -o %s", path_of(names[i]));
        program_expect_mistake(arguments, 4, "No space left on device");
        ck_assert_int_eq(unlink(path_of(names[i])), 0);
        ck_assert_uint_eq(program_count_files(directory), 0);
    }
}
END_TEST

START_TEST(missing_temporary_directory)
{
    char arguments[512];
    setenv("TMPDIR", "/nonexistent", 1);
    snprintf(arguments, sizeof arguments, SMALL " -o %s", path_of("a.png"));
    program_expect_mistake(arguments, 4, "cannot write a temporary file in '/nonexistent'");
    unsetenv("TMPDIR");
    ck_assert_uint_eq(program_count_files(directory), 0);
}
END_TEST

/* As on a disk with room for one kilobyte: a signal that is ignored makes the write fail. */
START_TEST(no_room_for_values)
{
    const struct rlimit limit = {1024, 1024};
    char arguments[512];
    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    snprintf(arguments, sizeof arguments, SMALL " -o %s", path_of("a.png"));
    program_expect_mistake(arguments, 4, "cannot write a temporary file in");
    ck_assert_uint_eq(program_count_files(directory), 0);
}
END_TEST

#ifdef ROUNDEL_SLOW_RUN
enum {
    MISTAKES = 5
};
#else
enum {
    MISTAKES = sizeof mistakes / sizeof mistakes[0]
};
#endif

static Suite *project_mistakes_suite(void)
{
    Suite *suite = suite_create("project_mistakes");
    TCase *tests = tcase_create("mistakes");
    tcase_set_timeout(tests, 300);
    tcase_add_checked_fixture(tests, make_directory, remove_directory);
    tcase_add_loop_test(tests, mistakes_are_one_line, 0, MISTAKES);
    tcase_add_test(tests, full_disk_leaves_nothing);
    tcase_add_test(tests, missing_temporary_directory);
    tcase_add_test(tests, no_room_for_values);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    return suite_run(project_mistakes_suite());
}
