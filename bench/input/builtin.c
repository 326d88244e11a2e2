#include "builtin.h"
#include <stddef.h>
#include <string.h>

/* builtin.S */
extern const unsigned char builtin_tinylm_model[], builtin_tinylm_imatrix[];
extern const unsigned char builtin_bronte_text[];
extern const uint64_t builtin_tinylm_model_size, builtin_tinylm_imatrix_size;
extern const uint64_t builtin_bronte_text_size;

struct builtin {
    const char *name;
    enum builtin_kind kind;
    const unsigned char *bytes;
    const uint64_t *size;
};

static const struct builtin builtins[] = {
    {"tinylm", BUILTIN_MODEL, builtin_tinylm_model, &builtin_tinylm_model_size},
    {"tinylm", BUILTIN_IMATRIX, builtin_tinylm_imatrix, &builtin_tinylm_imatrix_size},
    {"bronte", BUILTIN_TEXT, builtin_bronte_text, &builtin_bronte_text_size},
};

static const char *const names[] = {"tinylm"};

bool builtin_find(const char *name, enum builtin_kind kind, const void **bytes, uint64_t *size)
{
    for (size_t i = 0; i < sizeof(builtins) / sizeof(builtins[0]); i++) {
        const struct builtin *builtin = &builtins[i];

        if (builtin->kind == kind && strcmp(builtin->name, name) == 0) {
            *bytes = builtin->bytes;
            *size = *builtin->size;
            return true;
        }
    }
    return false;
}

const char *builtin_name(unsigned index)
{
    return index < sizeof(names) / sizeof(names[0]) ? names[index] : NULL;
}
