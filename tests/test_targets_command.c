/* `roundel targets` (targets.c): its report against a made-up machine and the capability query. */
#include "targets.h"

#include "combinations.h"
#include "commands.h"
#include "program.h"
#include "roundel.h"
#include "suite.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct target_choice scalar_only = {.detected = 1u << RDL_SCALAR,
                                                 .offered = 1u << RDL_SCALAR};

static json_t *machine_report(const char *description, const struct target_choice *choice)
{
    struct topology topology;
    struct error error;
    ck_assert_int_eq(setenv("HWLOC_SYNTHETIC", description, 1), 0);
    ck_assert_msg(topology_open(&topology, &error), "%s", error.text);
    json_t *report = targets_json(&topology, choice);
    ck_assert_ptr_nonnull(report);
    topology_close(&topology);
    unsetenv("HWLOC_SYNTHETIC");
    return report;
}

static uint64_t whole(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    ck_assert_msg(json_is_integer(value), "no whole number '%s'", key);
    return (uint64_t)json_integer_value(value);
}

START_TEST(the_machine_is_reported)
{
    json_t *report = machine_report("pack:2 l2:2(size=1048576) core:2 pu:2", &scalar_only);
    const json_t *topology = json_object_get(report, "topology");
    ck_assert_str_eq(json_string_value(json_object_get(report, "cpu")), "unknown");
    ck_assert_uint_eq(whole(topology, "packages"), 2);
    ck_assert_uint_eq(whole(topology, "numa_nodes"), 1);
    ck_assert_uint_eq(whole(topology, "cores"), 8);
    ck_assert_uint_eq(whole(topology, "hardware_threads"), 16);
    ck_assert_uint_gt(whole(topology, "memory_bytes"), 0);
    const json_t *caches = json_object_get(topology, "caches");
    ck_assert_uint_eq(json_array_size(caches), 1);
    const json_t *cache = json_array_get(caches, 0);
    ck_assert_uint_eq(whole(cache, "level"), 2);
    ck_assert_uint_eq(whole(cache, "bytes"), 1048576);
    ck_assert_uint_eq(whole(cache, "line_bytes"), 64);
    ck_assert_uint_eq(whole(cache, "count"), 4);
    ck_assert_uint_eq(whole(cache, "shared_by"), 4);
    json_decref(report);
}
END_TEST

START_TEST(detected_targets_are_reported)
{
    const unsigned detected = 1u << RDL_SCALAR | 1u << RDL_AVX512;
    const struct target_choice choice = {.detected = detected, .offered = 1u << RDL_SCALAR};
    json_t *report = machine_report("pu:1", &choice);
    const json_t *targets = json_object_get(report, "targets");
    ck_assert_uint_eq(json_array_size(targets), RDL_TARGET_COUNT);
    for (unsigned i = 0; i < RDL_TARGET_COUNT; i++) {
        const json_t *target = json_array_get(targets, i);
        ck_assert_str_eq(json_string_value(json_object_get(target, "name")),
                         rdl_target_name((enum rdl_target)i));
        ck_assert_int_eq(json_is_true(json_object_get(target, "detected")),
                         (detected & 1u << i) != 0);
    }
    json_decref(report);
}
END_TEST

/* Index of a name; asserts that there is one. */
static unsigned index_of(const json_t *object, const char *key, axis_name_fn *name)
{
    const char *text = json_string_value(json_object_get(object, key));
    ck_assert_msg(text != NULL, "no '%s'", key);
    for (unsigned i = 0; name(i); i++)
        if (strcmp(name(i), text) == 0)
            return i;
    ck_abort_msg("unknown %s '%s'", key, text);
}

/* Support of encoders as the report has it; each mentioned once. */
static unsigned reported[RDL_FORMAT_COUNT][RDL_FIRST_SEARCH][RDL_WEIGHTING_COUNT][RDL_TARGET_COUNT];

static void read_encoders(const json_t *report)
{
    size_t i;
    json_t *encoder;
    json_array_foreach(json_object_get(report, "encoders"), i, encoder)
    {
        unsigned *support = &reported[index_of(encoder, "format", axis_format)][index_of(
            encoder, "rounding", axis_rounding)][index_of(encoder, "weighting", axis_weighting)]
                                     [index_of(encoder, "target", axis_target)];
        ck_assert_uint_eq(*support, 0);
        if (json_is_true(json_object_get(encoder, "plain")))
            *support |= RDL_PLAIN;
        if (json_is_true(json_object_get(encoder, "importance")))
            *support |= RDL_WITH_IMPORTANCE;
    }
}

START_TEST(encoders_are_those_of_the_capability_query)
{
    json_t *report = machine_report("pu:1", &scalar_only);
    read_encoders(report);
    for (unsigned f = 0; f < RDL_FORMAT_COUNT; f++)
        for (unsigned r = 0; r < RDL_FIRST_SEARCH; r++)
            for (unsigned w = 0; w < RDL_WEIGHTING_COUNT; w++)
                for (unsigned t = 0; t < RDL_TARGET_COUNT; t++)
                    ck_assert_uint_eq(reported[f][r][w][t],
                                      rdl_encoder_support((enum rdl_format)f, (enum rdl_rounding)r,
                                                          (enum rdl_weighting)w,
                                                          (enum rdl_target)t));
    json_decref(report);
}
END_TEST

/* The names of a list, as bits of their places on the axis. */
static uint64_t set_of(const json_t *names, axis_name_fn *axis)
{
    uint64_t set = 0;
    size_t i;
    const json_t *name;
    json_array_foreach(names, i, name)
    {
        unsigned value = 0;
        while (axis(value) && strcmp(axis(value), json_string_value(name)) != 0)
            value++;
        ck_assert_ptr_nonnull(axis(value));
        set |= UINT64_C(1) << value;
    }
    return set;
}

START_TEST(searches_are_those_of_the_capability_query)
{
    json_t *report = machine_report("pu:1", &scalar_only);
    const json_t *searches = json_object_get(report, "searches");
    ck_assert_uint_eq(json_array_size(searches), RDL_FORMAT_COUNT);
    for (unsigned f = 0; f < RDL_FORMAT_COUNT; f++) {
        const enum rdl_format format = (enum rdl_format)f;
        uint64_t roundings = 0, scales = 0;
        for (unsigned r = RDL_FIRST_SEARCH; r < RDL_ROUNDING_COUNT; r++) {
            if (rdl_encoder_support(format, (enum rdl_rounding)r, RDL_UNIFORM, RDL_SCALAR))
                roundings |= UINT64_C(1) << r;
            for (unsigned s = 1; s < RDL_SCALES_COUNT; s++)
                if (rdl_scales_support(format, (enum rdl_rounding)r, (enum rdl_scales)s))
                    scales |= UINT64_C(1) << s;
        }
        const json_t *row = json_array_get(searches, f);
        ck_assert_str_eq(json_string_value(json_object_get(row, "format")), axis_format(f));
        ck_assert_uint_eq(set_of(json_object_get(row, "roundings"), axis_rounding), roundings);
        ck_assert_uint_eq(set_of(json_object_get(row, "scales"), axis_scales), scales);
    }
    json_decref(report);
}
END_TEST

START_TEST(decoders_are_those_of_the_capability_query)
{
    json_t *report = machine_report("pu:1", &scalar_only);
    bool decodes[RDL_FORMAT_COUNT][RDL_TARGET_COUNT] = {{false}};
    size_t i;
    json_t *decoder;
    json_array_foreach(json_object_get(report, "decoders"), i, decoder)
    {
        bool *entry = &decodes[index_of(decoder, "format", axis_format)]
                              [index_of(decoder, "target", axis_target)];
        ck_assert(!*entry);
        *entry = true;
    }
    for (unsigned f = 0; f < RDL_FORMAT_COUNT; f++)
        for (unsigned t = 0; t < RDL_TARGET_COUNT; t++)
            ck_assert_int_eq(decodes[f][t],
                             rdl_decoder_support((enum rdl_format)f, (enum rdl_target)t));
    json_decref(report);
}
END_TEST

static const json_t *format_of(const json_t *report, enum rdl_format format)
{
    const json_t *entry = json_array_get(json_object_get(report, "formats"), format);
    ck_assert_uint_eq(index_of(entry, "format", axis_format), format);
    return entry;
}

/* Every format has a row, and the row says how much of it each target has. */
START_TEST(formats_are_summed_up)
{
    json_t *report = machine_report("pu:1", &scalar_only);
    ck_assert_uint_eq(json_array_size(json_object_get(report, "formats")), RDL_FORMAT_COUNT);
    for (unsigned f = 0; f < RDL_FORMAT_COUNT; f++) {
        const json_t *entry = format_of(report, (enum rdl_format)f);
        const json_t *targets = json_object_get(entry, "targets");
        ck_assert_uint_eq(json_array_size(targets), RDL_TARGET_COUNT);
        for (unsigned t = 0; t < RDL_TARGET_COUNT; t++) {
            const json_t *target = json_array_get(targets, t);
            uint64_t encoders = 0;
            for (unsigned r = 0; r < RDL_FIRST_SEARCH; r++)
                for (unsigned w = 0; w < RDL_WEIGHTING_COUNT; w++) {
                    const unsigned support =
                        rdl_encoder_support((enum rdl_format)f, (enum rdl_rounding)r,
                                            (enum rdl_weighting)w, (enum rdl_target)t);
                    encoders += (support & RDL_PLAIN) / RDL_PLAIN;
                    encoders += (support & RDL_WITH_IMPORTANCE) / RDL_WITH_IMPORTANCE;
                }
            ck_assert_uint_eq(index_of(target, "target", axis_target), t);
            ck_assert_uint_eq(whole(target, "encoders"), encoders);
            ck_assert(t != RDL_SCALAR || whole(entry, "encoders") == encoders);
            ck_assert_int_eq(json_is_true(json_object_get(target, "decodes")),
                             rdl_decoder_support((enum rdl_format)f, (enum rdl_target)t));
        }
        const json_t *on = json_object_get(entry, "encodes_on");
        ck_assert_uint_eq(json_array_size(on), 1);
        ck_assert_str_eq(json_string_value(json_array_get(on, 0)), "scalar");
        ck_assert_str_eq(json_string_value(json_object_get(entry, "decodes_on")), "scalar");
    }
    json_decref(report);
}
END_TEST

/* A target without kernels in this build runs nothing, and nothing takes its place. */
START_TEST(forced_target_is_reported)
{
    enum rdl_target foreign = RDL_SCALAR;
    for (unsigned t = 0; t < RDL_TARGET_COUNT; t++)
        if (!(targets_built() >> t & 1u))
            foreign = (enum rdl_target)t;
    ck_assert_int_ne(foreign, RDL_SCALAR);
    const struct target_choice forced = {
        .offered = 1u << RDL_SCALAR | 1u << foreign, .forced = true, .target = foreign};
    json_t *report = machine_report("pu:1", &forced);
    ck_assert_uint_eq(index_of(report, "forced", axis_target), foreign);
    for (unsigned f = 0; f < RDL_FORMAT_COUNT; f++) {
        const json_t *entry = format_of(report, (enum rdl_format)f);
        ck_assert_uint_eq(json_array_size(json_object_get(entry, "encodes_on")), 0);
        ck_assert(json_is_null(json_object_get(entry, "decodes_on")));
    }
    json_decref(report);
    report = machine_report("pu:1", &scalar_only);
    ck_assert(json_is_null(json_object_get(report, "forced")));
    json_decref(report);
}
END_TEST

static size_t count_lines_with(const char *text, const char *part)
{
    size_t lines = 0;
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1) {
        const char *found = strstr(line, part);
        lines += found && found < line + strcspn(line, "\n");
    }
    return lines;
}

START_TEST(tables_have_their_rows)
{
    struct program_result table = program_run("targets --target scalar");
    ck_assert_int_eq(table.status, 0);
    ck_assert_uint_eq(count_lines_with(table.out, "scalar  yes, forced"), 1);
    for (unsigned f = 0; f < RDL_FORMAT_COUNT; f++) {
        char start[32];
        snprintf(start, sizeof start, "\n%-8s all ", axis_format(f));
        ck_assert_msg(strstr(table.out, start) != NULL, "%s", start);
    }
    program_free(&table);
    struct program_result kernels = program_run("targets --kernels");
    ck_assert_int_eq(kernels.status, 0);
    ck_assert_uint_eq(count_lines_with(kernels.out, "(decode)"), RDL_FORMAT_COUNT);
    ck_assert_uint_eq(count_lines_with(kernels.out, "ggml-reduced"), 1);
    program_free(&kernels);
}
END_TEST

START_TEST(the_command_writes_a_report)
{
    char path[] = "/tmp/test_targets.XXXXXX";
    const int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    close(fd);
    char name[] = "targets", option[] = "--json";
    char *argv[] = {name, option, path, NULL};
    ck_assert_ptr_nonnull(freopen("/dev/null", "w", stdout));
    ck_assert_int_eq(targets_command(3, argv), STATUS_OK);
    json_error_t error;
    json_t *report = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    ck_assert_msg(report != NULL, "line %d: %s", error.line, error.text);
    unlink(path);
    ck_assert_str_eq(
        json_string_value(json_object_get(json_object_get(report, "roundel"), "command")),
        "targets");
    const json_t *scalar = json_array_get(json_object_get(report, "targets"), 0);
    ck_assert(json_is_true(json_object_get(scalar, "detected")));
    json_decref(report);
}
END_TEST

START_TEST(mistakes_are_usage_errors)
{
    char name[] = "targets", positional[] = "file", option[] = "--jsn", json[] = "--json";
    ck_assert_ptr_nonnull(freopen("/dev/null", "w", stderr));
    ck_assert_int_eq(targets_command(2, (char *[]){name, positional, NULL}), STATUS_USAGE);
    ck_assert_int_eq(targets_command(2, (char *[]){name, option, NULL}), STATUS_USAGE);
    ck_assert_int_eq(targets_command(2, (char *[]){name, json, NULL}), STATUS_USAGE);
}
END_TEST

int main(void)
{
    TCase *report = tcase_create("report");
    tcase_set_timeout(report, 0);
    tcase_add_test(report, the_machine_is_reported);
    tcase_add_test(report, detected_targets_are_reported);
    tcase_add_test(report, encoders_are_those_of_the_capability_query);
    tcase_add_test(report, searches_are_those_of_the_capability_query);
    tcase_add_test(report, decoders_are_those_of_the_capability_query);
    tcase_add_test(report, formats_are_summed_up);
    tcase_add_test(report, forced_target_is_reported);

    TCase *command = tcase_create("command");
    tcase_set_timeout(command, 0);
    tcase_add_test(command, tables_have_their_rows);
    tcase_add_test(command, the_command_writes_a_report);
    tcase_add_test(command, mistakes_are_usage_errors);

    Suite *suite = suite_create("targets_command");
    suite_add_tcase(suite, report);
    suite_add_tcase(suite, command);
    return suite_run(suite);
}
