#include "asymmetry_laws.h"

#include "report_file.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

bool asymmetry_takes(const char *list, const char *name)
{
    const size_t length = strlen(name);
    if (!list)
        return true;
    for (;;) {
        const size_t item = strcspn(list, ",");
        if (item == length && strncasecmp(list, name, length) == 0)
            return true;
        if (!list[item])
            return false;
        list += item + 1;
    }
}

/* For a message: the laws that there are. */
static void name_laws(const json_t *laws, struct error *error)
{
    for (size_t i = 0; i < json_array_size(laws); i++) {
        const char *law = json_string_value(json_object_get(json_array_get(laws, i), "law"));
        const size_t used = strlen(error->text);
        char shown[64];
        if (law)
            snprintf(error->text + used, sizeof error->text - used, "%s%s", i ? ", " : "",
                     escape(shown, sizeof shown, law, strlen(law)));
    }
}

static bool read_laws(struct curves *curves, const json_t *laws, const struct plot_request *request,
                      asymmetry_law_fn *add, struct error *error)
{
    bool any = false;
    if (json_array_size(laws) == 0)
        return fail(error, "no array \"laws\": roundel project --asymmetry --json writes it");
    for (size_t i = 0; i < json_array_size(laws); i++) {
        const json_t *json = json_array_get(laws, i);
        const char *law = report_get_string(json, "law", error);
        char shown[64];
        if (!law)
            return fail_in(error, "\"laws\": number %zu", i);
        if (!asymmetry_takes(request->options[PLOT_LAW], law))
            continue;
        any = true;
        if (!add(curves, json, escape(shown, sizeof shown, law, strlen(law)), request, error))
            return fail_in_named(error, "law", law);
    }
    if (any)
        return true;
    fail(error, "no law is what --law says; choices: ");
    name_laws(laws, error);
    return false;
}

bool asymmetry_laws_read(struct curves *curves, const struct plot_request *request,
                         asymmetry_law_fn *add, struct error *error)
{
    json_t *tree = report_open(request->paths[0], "project", &curves->origin, error);
    if (!tree)
        return false;
    const bool read = read_laws(curves, json_object_get(tree, "laws"), request, add, error) ||
                      fail_in(error, "%s", request->paths[0]);
    json_decref(tree);
    return read;
}
