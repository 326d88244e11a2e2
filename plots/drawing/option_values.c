#include "option_values.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool no_reals(const char *what, const char *text, size_t least, size_t most,
                     struct error *error)
{
    char shown[64];
    escape(shown, sizeof shown, text, strlen(text));
    if (least == most)
        return fail(error, "%s '%s' is not %zu finite number%s%s", what, shown, least,
                    least > 1 ? "s" : "", least > 1 ? " separated by commas" : "");
    return fail(error, "%s '%s' is not %zu to %zu finite numbers separated by commas", what, shown,
                least, most);
}

bool parse_reals(const char *what, const char *text, size_t least, size_t most, double *values,
                 size_t *count, struct error *error)
{
    *count = 0;
    for (const char *word = text;; word++) {
        char *end;
        const double value = strtod(word, &end);
        if (end == word || !isfinite(value) || *count == most)
            return no_reals(what, text, least, most, error);
        values[(*count)++] = value;
        word = end;
        if (!*word)
            return *count >= least || no_reals(what, text, least, most, error);
        if (*word != ',')
            return no_reals(what, text, least, most, error);
    }
}

bool parse_page_width(const char *text, double *width, struct error *error)
{
    static const struct {
        const char *name;
        double points;
    } units[] = {{"in", 72}, {"cm", 72 / 2.54}, {"mm", 72 / 25.4}, {"pt", 1}};
    char *unit;
    const double number = strtod(text, &unit);
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (strcmp(unit, units[i].name) == 0) {
            *width = number * units[i].points;
            if (*width >= 2.5 * 72 && *width <= 40 * 72)
                return true;
        }
    char shown[64];
    return fail(error, "size '%s' is no width from 2.5in to 40in (units: in, cm, mm, pt)",
                escape(shown, sizeof shown, text, strlen(text)));
}
