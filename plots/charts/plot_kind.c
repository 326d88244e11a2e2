#include "plot_kind.h"

#include <string.h>

bool plot_choose_name(const char *what, const char *value, axis_name_fn *name, unsigned *index,
                      struct error *error)
{
    return !value || parse_axis(what, value, name, index, error);
}
