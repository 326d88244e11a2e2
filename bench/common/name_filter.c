#include "name_filter.h"

static bool set(regex_t *compiled, bool *has, const char *option, const char *regex,
                struct error *error)
{
    if (*has)
        regfree(compiled);
    const int code = regcomp(compiled, regex, REG_EXTENDED | REG_NOSUB);
    *has = code == 0;
    if (code == 0)
        return true;
    char reason[128];
    regerror(code, compiled, reason, sizeof reason);
    return fail(error, "%s '%s' is no regular expression: %s", option, regex, reason);
}

bool name_filter_include(struct name_filter *filter, const char *regex, struct error *error)
{
    return set(&filter->include, &filter->has_include, "--include", regex, error);
}

bool name_filter_exclude(struct name_filter *filter, const char *regex, struct error *error)
{
    return set(&filter->exclude, &filter->has_exclude, "--exclude", regex, error);
}

bool name_filter_takes(const struct name_filter *filter, const char *name)
{
    if (filter->has_include && regexec(&filter->include, name, 0, NULL, 0) != 0)
        return false;
    return !filter->has_exclude || regexec(&filter->exclude, name, 0, NULL, 0) != 0;
}

void name_filter_free(struct name_filter *filter)
{
    if (filter->has_include)
        regfree(&filter->include);
    if (filter->has_exclude)
        regfree(&filter->exclude);
    *filter = (struct name_filter){0};
}
