#include "plot_kind.h"

#include <string.h>

bool plot_choose_name(const char *what, const char *value, axis_name_fn *name, unsigned *index,
                      struct error *error)
{
    const char *names[AXIS_MAX];
    const size_t count = axis_names(name, names);
    return !value || parse_name(what, value, strlen(value), names, count, index, error);
}
