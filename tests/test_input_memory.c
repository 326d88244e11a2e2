/* Without memory, at whatever allocation, inputs are refused and inspections end: no crash, no
 * leak, and never a wrong answer. */
#include "inspection.h"

#include "allocation.h"
#include "hostile.h"
#include "suite.h"
#include "temp_dir.h"
#include <jansson.h>
#include <omp.h>

static const char safetensors[] = "\66\0\0\0\0\0\0\0"
                                  "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}"
                                  "\0\0\200\77\0\0\0\100";
static const char model_index[] = "{\"weight_map\":{\"w\":\"one.safetensors\"}}";
static const char npy[] = "\x93NUMPY\1\0\100\0"
                          "{'descr': '>f4', 'fortran_order': False, 'shape': (1, 2)}      \n"
                          "\77\200\0\0\100\0\0\0 behind";
static const char dat[] = "\1\0\0\0\1\0\0\0w\1\0\0\0\1\0\0\0\0\0\200\77";

static const struct input {
    const char *name;
    const void *bytes;
    size_t size;
} inputs[] = {
    {"one.safetensors", safetensors, sizeof safetensors - 1},
    {"one.safetensors.index.json", model_index, sizeof model_index - 1},
    {"one.npy", npy, sizeof npy - 1},
    {"one.f32", "\0\0\200\77\0\0\0\100", 8},
    {"one.dat", dat, sizeof dat - 1},
};

enum {
    NINPUTS = sizeof inputs / sizeof inputs[0]
};

static void write_inputs(void)
{
    temp_dir_make();
    for (size_t i = 0; i < NINPUTS; i++) {
        temp_write(inputs[i].name, inputs[i].bytes, inputs[i].size);
    }
    json_set_alloc_funcs(malloc, free); /* those that the linker wraps */
    omp_set_num_threads(1);
}

/* Prints and reports; false if any of it found no memory. */
static bool show(const struct inspection *inspection, FILE *out)
{
    bool printed = inspection_print(inspection, out);
    json_t *json = inspection_json(inspection);
    bool reported = json != NULL;
    json_decref(json);
    return printed && reported;
}

/* Opens, scans and shows; the allocation number `failing` finds no memory. Check allocates too, so
 * its assertions come after that. */
static bool inspect(const char *path, size_t failing, FILE *out)
{
    const struct input_options options = {.shape = "1x2"};
    const struct name_filter filter = {0};
    struct inspection inspection;
    struct error error = {""};
    allocation_watch(failing);
    bool opened = inspection_open(&inspection, path, &options, &filter, &error);
    bool good = opened && show(&inspection, out);
    allocation_watch(ALLOCATION_NEVER_FAILS);
    if (!opened) {
        /* Jansson words a lack of memory as one or another mistake of the text. */
        ck_assert_msg(strstr(error.text, "memory") != NULL || strstr(error.text, "JSON: ") != NULL,
                      "%s", error.text);
        return false;
    }
    ck_assert_uint_eq(
        inspection.is_imatrix ? inspection.importance.nselected : inspection.nselected, 1);
    ck_assert(!inspection_has_bad(&inspection));
    inspection_free(&inspection);
    return good;
}

START_TEST(every_allocation_may_fail)
{
    char path[512];
    strcpy(path, temp_path(inputs[_i].name));
    FILE *out = fopen("/dev/null", "w");
    ck_assert_ptr_nonnull(out);
    size_t failing = 0;
    while (!inspect(path, failing, out)) {
        failing++;
        ck_assert_uint_lt(failing, 10000);
    }
    fclose(out);
    ck_assert_uint_gt(failing, 5);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("input_memory");
    TCase *all = tcase_create("memory");
    tcase_set_timeout(all, 0);
    tcase_add_checked_fixture(all, write_inputs, temp_dir_remove);
    tcase_add_loop_test(all, every_allocation_may_fail, 0, NINPUTS);
    suite_add_tcase(suite, all);

    return suite_run(suite);
}
