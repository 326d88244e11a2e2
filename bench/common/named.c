#include "named.h"

#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
    const struct named *x = a;
    const struct named *y = b;
    return strcmp(x->name, y->name);
}

bool named_sort(struct named *list, size_t count, const char *what, struct error *error)
{
    qsort(list, count, sizeof *list, compare);
    for (size_t i = 1; i < count; i++) {
        if (strcmp(list[i - 1].name, list[i].name) == 0) {
            (void)fail(error, "the name occurs twice");
            return fail_in_named(error, what, list[i].name);
        }
    }
    return true;
}

const void *named_find(const struct named *list, size_t count, const char *name)
{
    struct named wanted = {name, NULL};
    const struct named *found = bsearch(&wanted, list, count, sizeof *list, compare);
    return found == NULL ? NULL : found->thing;
}
