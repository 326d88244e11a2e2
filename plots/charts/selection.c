#include "selection.h"

#include <string.h>

static const struct {
    const char *what;
    enum plot_option option;
    axis_name_fn *name;
} axes[SELECTION_AXES] = {
    [SELECTION_FORMAT] = {"format", PLOT_FORMAT, axis_format},
    [SELECTION_ROUNDING] = {"rounding", PLOT_ROUNDING, axis_rounding},
    [SELECTION_WEIGHTING] = {"weighting", PLOT_WEIGHTING, axis_weighting},
};

bool selection_choose(struct selection *selection, const struct plot_request *request,
                      struct error *error)
{
    for (unsigned a = 0; a < SELECTION_AXES; a++) {
        const char *names[AXIS_MAX], *text = request->options[axes[a].option];
        const size_t count = axis_names(axes[a].name, names);
        selection->count[a] = 0;
        if (text && !parse_names(axes[a].what, text, names, count, selection->wanted[a],
                                 &selection->count[a], error))
            return false;
    }
    return true;
}

static bool takes(const struct selection *selection, unsigned a, const char *name)
{
    for (size_t i = 0; i < selection->count[a]; i++)
        if (strcmp(axes[a].name(selection->wanted[a][i]), name) == 0)
            return true;
    return selection->count[a] == 0;
}

bool selection_takes(const struct selection *selection, const char *const names[SELECTION_AXES])
{
    for (unsigned a = 0; a < SELECTION_AXES; a++)
        if (!takes(selection, a, names[a]))
            return false;
    return true;
}
