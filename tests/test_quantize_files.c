/* `roundel quantize`: files that appear whole or not at all, and what is checked of them. */
#include "program.h"
#include "quantize_run.h"
#include "suite.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* One tensor is searched slowly, so that a kill finds the program at work; BEFORE of them come
 * before it, and are done in no time. */
enum {
    BEFORE = 5
};
static const char slow_request[] =
    "--format q8_0 --target scalar --rule 'blk.0.attn_k=q4_k:exact' --threads 2";

static bool exists(const char *name)
{
    return access(path_of(name), F_OK) == 0;
}

/* Starts the command; no file that it writes may grow beyond the limit. exec leaves the shell, so
 * that the process is the program itself (or its emulator). */
static pid_t start(const char *in, const char *options, rlim_t largest)
{
    char command[2048];
    snprintf(command, sizeof command, "exec %s '%s' quantize '%s' %s %s >/dev/null 2>%s",
             ROUNDEL_EMULATOR, ROUNDEL_PROGRAM, in, path_of("out.gguf"), options, path_of("said"));
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        const struct rlimit limit = {largest, RLIM_INFINITY};
        if (setrlimit(RLIMIT_FSIZE, &limit) == 0)
            execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    return child;
}

static pid_t start_slow(void)
{
    return start("builtin:tinylm", slow_request, RLIM_INFINITY);
}

/* ------------------------------------------------------------------------------------------------
 * Places
 */

START_TEST(input_is_not_overwritten)
{
    const char *in = path_of("in.gguf");
    expect_quantize_mistake(in, "in.gguf", "--format q8_0", 2, "would overwrite the input");
    ck_assert_int_eq(symlink("in.gguf", path_of("link.gguf")), 0);
    expect_quantize_mistake(in, "link.gguf", "--format q8_0", 2, "would overwrite the input");
    ck_assert_int_eq(link(in, path_of("x.gguf.partial")), 0);
    expect_quantize_mistake(in, "x.gguf", "--format q8_0", 2, "would overwrite the input");
    expect_quantize_mistake(in, "x.gguf", "--format q8_0 --dry-run", 2, "would overwrite");
}
END_TEST

START_TEST(place_that_cannot_be_written_is_named)
{
    const char *in = path_of("in.gguf");
    ck_assert_int_eq(mkdir(path_of("directory"), 0777), 0);
    expect_quantize_mistake(in, "directory", "--format q8_0", 2, "it is no regular file");
    expect_quantize_mistake(in, "none/out.gguf", "--format q8_0", 2,
                            "none/out.gguf.partial': No such file or directory");
    expect_quantize_mistake(in, "out.gguf", "--format q8_0 --manifest /nonexistent/m.json", 2,
                            "cannot write '/nonexistent/m.json'");
    ck_assert_int_eq(rmdir(path_of("directory")), 0);
    ck_assert_uint_eq(program_count_files(quantize_directory), 2);
}
END_TEST

/* Before years of work. */
START_TEST(disk_that_is_too_small_is_told_at_once)
{
    struct program_result result = program_run(
        "quantize synth:gaussian,shape=1000000000x1000000 %s --format f32", path_of("out.gguf"));
    ck_assert_int_eq(result.status, 4);
    ck_assert_ptr_nonnull(strstr(result.err, "out.gguf' would take 4000000000000224 bytes, and its "
                                             "file system has room for "));
    program_free(&result);
    ck_assert_uint_eq(program_count_files(quantize_directory), 2);
}
END_TEST

START_TEST(one_process_writes_at_a_time)
{
    const int fd = open(path_of("out.gguf.partial"), O_RDWR | O_CREAT, 0666);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(flock(fd, LOCK_EX), 0);
    expect_quantize_mistake(path_of("in.gguf"), "out.gguf", "--format q8_0", 2,
                            "is being written by another process");
    ck_assert(exists("out.gguf.partial"));
    close(fd);
    quantize_only(path_of("in.gguf"), "out.gguf", "--format q8_0");
    ck_assert(!exists("out.gguf.partial"));
}
END_TEST

/* The limit hits the head, the first tensor, a later one. */
START_TEST(full_disk_leaves_the_old_file)
{
    static const rlim_t limits[] = {5000, 50000, 1000000};
    struct bytes old = {0};
    put_text(&old, "old");
    write_file("out.gguf", &old);
    int status;
    const pid_t child = start("builtin:tinylm", "--format q8_0", limits[_i]);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    struct bytes said = read_file("said");
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 4);
    put(&said, "", 1);
    ck_assert_msg(strstr((char *)said.data, "out.gguf.partial': File too large\n") != NULL, "%s",
                  (char *)said.data);
    bytes_free(&said);
    old = read_file("out.gguf");
    ck_assert_uint_eq(old.size, 3);
    ck_assert_mem_eq(old.data, "old", 3);
    bytes_free(&old);
    ck_assert_uint_eq(program_count_files(quantize_directory), 4);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Kills
 */

/* Whole lines of the journal, less the first. */
static unsigned tensors_done(void)
{
    FILE *journal = fopen(path_of("out.gguf.journal"), "r");
    unsigned lines = 0;
    for (int c; journal && (c = getc(journal)) != EOF;)
        lines += c == '\n';
    if (journal)
        fclose(journal);
    return lines ? lines - 1 : 0;
}

/* Waits until so many tensors are complete, and kills; false if the program was faster. */
static bool kill_after(unsigned tensors)
{
    const struct timespec millisecond = {0, 1000000};
    const pid_t child = start_slow();
    int status;
    while (tensors_done() < tensors) {
        if (waitpid(child, &status, WNOHANG) == child)
            return false;
        nanosleep(&millisecond, NULL);
    }
    kill(child, SIGKILL);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status);
}

static void killed_after(unsigned tensors)
{
    for (int tries = 0; tries < 10; tries++) {
        unlink(path_of("out.gguf"));
        if (kill_after(tensors))
            return;
    }
    ck_abort_msg("the program is too fast to be killed");
}

static json_int_t resume(void)
{
    char options[256];
    json_int_t resumed;
    snprintf(options, sizeof options, "%s --resume", slow_request);
    json_t *json = quantize("builtin:tinylm", "out.gguf", options);
    ck_assert_int_eq(json_unpack(json, "{s:I}", "resumed", &resumed), 0);
    json_decref(json);
    ck_assert(!exists("out.gguf.partial") && !exists("out.gguf.journal"));
    return resumed;
}

static void flip_byte(const char *name, long offset)
{
    FILE *file = fopen(path_of(name), "r+b");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fseek(file, offset, offset < 0 ? SEEK_END : SEEK_SET), 0);
    const int byte = getc(file);
    ck_assert_int_eq(fseek(file, -1, SEEK_CUR), 0);
    putc(byte ^ 0x10, file);
    ck_assert_int_eq(fclose(file), 0);
}

/* Of a kill at work; then of one that left another byte in the second tensor that changes, a line
 * cut short, and a head of other bytes. */
START_TEST(killed_run_is_resumed)
{
    quantize_only("builtin:tinylm", "whole.gguf", slow_request);
    killed_after(BEFORE);
    ck_assert(!exists("out.gguf") && exists("out.gguf.partial"));
    ck_assert_int_ge(resume(), BEFORE);
    expect_same_files("whole.gguf", "out.gguf");

    killed_after(BEFORE);
    struct stat status;
    ck_assert_int_eq(stat(path_of("out.gguf.journal"), &status), 0);
    switch (_i) {
    case 0: { /* the third tensor, output.weight, begins behind the head and two others */
        const uint64_t blocks = 260 * 256 / 32 * 34;
        struct bytes partial = read_file("out.gguf.partial");
        bytes_free(&partial);
        flip_byte("out.gguf.partial", (long)(9727008 - 9716736 + blocks + 1024 + 500));
        ck_assert_int_eq(resume(), 2);
        break;
    }
    case 1:
        ck_assert_int_eq(truncate(path_of("out.gguf.journal"), status.st_size - 1), 0);
        ck_assert_int_ge(resume(), BEFORE - 1);
        break;
    default:
        flip_byte("out.gguf.partial", 20);
        ck_assert_int_eq(resume(), 0);
    }
    expect_same_files("whole.gguf", "out.gguf");
}
END_TEST

START_TEST(resume_knows_its_request)
{
    killed_after(BEFORE);
    expect_quantize_mistake("builtin:tinylm", "out.gguf", "--format q8_0 --resume", 3,
                            "out.gguf.journal' belongs to another request, input or version");
    ck_assert(exists("out.gguf.partial")); /* and the work of the other is still there */
    quantize_only("builtin:tinylm", "out.gguf", "--format q4_0");
    quantize_only("builtin:tinylm", "fresh.gguf", "--format q4_0 --resume");
    expect_same_files("out.gguf", "fresh.gguf");
    ck_assert(!exists("out.gguf.partial") && !exists("out.gguf.journal"));
}
END_TEST

/* At any moment: what is at OUT is the old file. */
START_TEST(kill_leaves_the_old_file)
{
    struct bytes old = {0};
    put_text(&old, "old");
    write_file("out.gguf", &old);
    const struct timespec moment = {0, 2000000 * (1 + 4 * _i)};
    const pid_t child = start_slow();
    nanosleep(&moment, NULL);
    kill(child, SIGKILL);
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    if (WIFSIGNALED(status)) {
        old = read_file("out.gguf");
        ck_assert_uint_eq(old.size, 3);
        bytes_free(&old);
    }
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Manifests
 */

static void expect_manifest(int expected, const char *said)
{
    struct program_result result =
        program_run("verify --manifest %s %s", path_of("m.json"), path_of("out.gguf"));
    ck_assert_msg(result.status == expected, "%s%s", result.out, result.err);
    ck_assert_msg(strstr(expected == 3 ? result.err : result.out, said) != NULL, "%s%s", result.out,
                  result.err);
    program_free(&result);
}

static void write_manifest(void)
{
    char options[512];
    snprintf(options, sizeof options, "--format q8_0 --manifest %s", path_of("m.json"));
    quantize_only(path_of("in.gguf"), "out.gguf", options);
}

START_TEST(manifest_tells_what_differs)
{
    write_manifest();
    expect_manifest(0, "7 parts checked, 0 differ\n");
    flip_byte("out.gguf", -1); /* of the last tensor, which has no padding */
    expect_manifest(1, "blk.0.ids  other bytes\n7 parts checked, 1 differ\n");
    flip_byte("out.gguf", -1);
    flip_byte("out.gguf", 40); /* of the first key's name */
    expect_manifest(1, "(metadata)  other bytes\n");
    quantize_only(path_of("in.gguf"), "out.gguf", "--format q8_0 --rule token=q5_0");
    expect_manifest(1, "token_embd.weight  other type or shape\n");
    quantize_only("synth:gaussian,shape=4x256", "out.gguf", "--format q8_0");
    expect_manifest(1, "not in the manifest\n");
    expect_manifest(1, "blk.0.ids                                     not in the model\n");
}
END_TEST

START_TEST(wrong_manifest_is_refused)
{
    static const struct {
        const char *text, *said;
    } cases[] = {
        {"", "no JSON"},
        {"{", "no JSON"},
        {"[]", "no manifest"},
        {"{\"head\": {}, \"tensors\": {}}", "no manifest"},
        {"{\"head\": {}, \"head\": {}, \"tensors\": []}", "no JSON"},
        {"{\"head\": {}, \"tensors\": [7]}", "no manifest: tensor 0 has no name"},
        {"{\"head\": {}, \"tensors\": [{\"name\": \"a\"}, {\"name\": \"a\"}]}",
         "tensor \"a\": it is there twice"},
    };
    write_manifest();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bytes text = {0};
        put_text(&text, cases[i].text);
        write_file("m.json", &text);
        expect_manifest(3, cases[i].said);
    }
    struct bytes text = {0};
    put_text(&text, "{\"head\": {}, \"tensors\": [{\"name\": \"blk.0.ids\", \"type\": 3}]}");
    write_file("m.json", &text);
    expect_manifest(1, "(metadata)                  other bytes\n");
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Two models
 */

START_TEST(differences_and_causes_are_counted)
{
    static const struct model_tensor one[] = {{"w", GGUF_F32, 2, {256, 4}}};
    static const float values[] = {70000.0f, 0x1.8p-20f, 0x1.001p-16f, 1.0009765625f, 1.0001f};
    static const size_t places[] = {0, 256, 300, 600, 800}; /* rows 0, 1, 1, 2, 3 */
    struct bytes file = {0}, keys = {0};
    put_model(&file, one, 1, &keys, 0);
    uint8_t *data = file.data + file.size - 4 * 1024;
    for (size_t i = 0; i < 5; i++)
        memcpy(data + 4 * places[i], &values[i], 4);
    write_file("a.gguf", &file);
    quantize_only(path_of("a.gguf"), "b.gguf", "--format f16 --go-on");
    quantize_only(path_of("a.gguf"), "a.q.gguf", "--format q6_k --go-on");
    quantize_only(path_of("b.gguf"), "b.q.gguf", "--format q6_k --go-on");
    struct program_result result =
        program_run("verify --compare %s %s", path_of("a.gguf"), path_of("b.gguf"));
    ck_assert_int_eq(result.status, 1);
    /* 0x1.8p-20 and 1.0009765625 are numbers of binary16 */
    ck_assert_ptr_nonnull(strstr(result.out, "weights that differ: 3 of 1024; above 65504 1, "
                                             "below 2^-14 1, other 1\n"));
    program_free(&result);
    result =
        program_run("verify --compare %s %s --source %s --source %s --json -", path_of("a.q.gguf"),
                    path_of("a.q.gguf"), path_of("a.gguf"), path_of("b.gguf"));
    ck_assert_int_eq(result.status, 0);
    program_free(&result);
    result = program_run("verify --compare %s %s --source %s --source %s", path_of("a.q.gguf"),
                         path_of("b.q.gguf"), path_of("a.gguf"), path_of("b.gguf"));
    ck_assert_int_eq(result.status, 1);
    ck_assert_ptr_nonnull(strstr(result.out, "1 tensors compared, 1 differ: "));
    ck_assert_ptr_nonnull(strstr(result.out, "blocks that differ, by what differs in their source: "
                                             "above 65504 1, below 2^-14 0, other 0, none 0\n"));
    program_free(&result);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("quantize_files");
    TCase *tests = tcase_create("files");
    tcase_set_timeout(tests, 0);
    tcase_add_checked_fixture(tests, quantize_setup, quantize_teardown);
    tcase_add_test(tests, input_is_not_overwritten);
    tcase_add_test(tests, place_that_cannot_be_written_is_named);
    tcase_add_loop_test(tests, full_disk_leaves_the_old_file, 0, 3);
    tcase_add_test(tests, disk_that_is_too_small_is_told_at_once);
    tcase_add_test(tests, one_process_writes_at_a_time);
#ifdef ROUNDEL_SLOW_RUN
    tcase_add_loop_test(tests, killed_run_is_resumed, 0, 1);
#else
    tcase_add_loop_test(tests, killed_run_is_resumed, 0, 3);
#endif
    tcase_add_test(tests, resume_knows_its_request);
    tcase_add_loop_test(tests, kill_leaves_the_old_file, 0, 3);
    tcase_add_test(tests, manifest_tells_what_differs);
    tcase_add_test(tests, wrong_manifest_is_refused);
    tcase_add_test(tests, differences_and_causes_are_counted);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
