#include "report.h"

#include "build_info.h"
#include "roundel.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *report_compiler(void)
{
    return BUILD_COMPILER;
}

const char *report_flags(void)
{
    return BUILD_FLAGS;
}

const char *report_commit(void)
{
    return BUILD_COMMIT;
}

json_t *report_new(const char *command)
{
    return json_pack("{s:{s:s, s:s, s:s, s:s, s:s}}", "roundel", "command", command, "version",
                     rdl_version(), "compiler", report_compiler(), "flags", report_flags(),
                     "commit", report_commit());
}

json_t *report_real(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

json_t *report_string(const char *text)
{
    json_t *string = json_string(text);
    if (string)
        return string;
    const size_t size = 4 * strlen(text) + 1;
    char *escaped = malloc(size);
    if (escaped)
        string = json_string(escape(escaped, size, text, strlen(text)));
    free(escaped);
    return string;
}

json_t *report_targets(unsigned targets)
{
    json_t *names = json_array();
    for (unsigned t = 0; names && t < RDL_TARGET_COUNT; t++)
        if ((targets >> t & 1u) &&
            json_array_append_new(names, json_string(rdl_target_name((enum rdl_target)t))) != 0) {
            json_decref(names);
            names = NULL;
        }
    return names;
}

bool report_write(json_t *report, struct output *output, struct error *error)
{
    bool written = report || fail(error, "out of memory for the report");
    if (written && (json_dumpf(report, output->file, JSON_INDENT(2) | JSON_PRESERVE_ORDER) != 0 ||
                    fputc('\n', output->file) == EOF))
        written = fail(error, "cannot write the report to '%s'", output->path);
    if (written)
        written = output_commit(output, error);
    else
        output_abandon(output);
    json_decref(report);
    return written;
}
