#include "kld_top.h"

#include "options.h"
#include <stdio.h>
#include <string.h>

bool parse_tops(const char *value, struct kld_settings *s, struct error *error)
{
    s->ntops = 0;
    for (const char *word = value;; word++) {
        char number[32];
        uint64_t top;
        const size_t length = strcspn(word, ",");
        snprintf(number, sizeof number, "%.*s", (int)(length < 31 ? length : 31), word);
        if (!parse_number("top", number, 1, INT32_MAX, &top, error))
            return false;
        if (s->ntops == KLD_MAX_TOPS)
            return fail(error, "at most %d numbers in --top", KLD_MAX_TOPS);
        s->tops[s->ntops++] = (uint32_t)top;
        word += length;
        if (!*word)
            return true;
    }
}
