#include "raw.h"

#include <inttypes.h>
#include <string.h>

enum {
    WEIGHT_BYTES = 4
};

/* Decimal digits at *text, which moves behind them. */
static bool parse_dimension(const char **text, uint64_t *out)
{
    const char *start = *text;
    *out = 0;
    for (; **text >= '0' && **text <= '9'; ++*text)
        if (__builtin_mul_overflow(*out, 10u, out) ||
            __builtin_add_overflow(*out, (uint64_t)(**text - '0'), out))
            return false;
    return *text > start;
}

static bool parse_shape(const char *shape, uint64_t dims[2], struct error *error)
{
    const char *text = shape;
    bool good = parse_dimension(&text, &dims[1]) && (*text == 'x' || *text == 'X');
    text++;
    if (!good || !parse_dimension(&text, &dims[0]) || *text != '\0') {
        char printable[64];
        return fail(error, "shape '%s' is not ROWSxCOLS, such as 1024x512",
                    escape(printable, sizeof printable, shape, strlen(shape)));
    }
    return true;
}

static bool describe(struct tensor *tensor, const char *shape, struct error *error)
{
    uint64_t available = tensor->source->size;
    if (!shape)
        return fail(error,
                    "raw numbers have no shape: give --shape ROWSxCOLS for %" PRIu64 " weights",
                    available / WEIGHT_BYTES);
    uint64_t dims[2];
    if (!parse_shape(shape, dims, error) || !tensor_set_dims(tensor, 2, dims, error))
        return false;
    uint64_t numel = tensor_numel(tensor);
    if (available % WEIGHT_BYTES != 0 || numel != available / WEIGHT_BYTES)
        return fail(error,
                    "%" PRIu64 "x%" PRIu64 " weights are %" PRIu64
                    " numbers of 4 bytes, but the file has %" PRIu64 " bytes",
                    dims[1], dims[0], numel, available);
    tensor->nbytes = available;
    return true;
}

bool raw_open(struct source *source, const char *name, const char *shape, struct tensor_list *list,
              struct error *error)
{
    struct tensor tensor = {.source = source, .kind = ELEMENT_F32, .type = "F32"};
    const struct tensor_list_mark mark = tensor_list_mark(list);
    const bool good = describe(&tensor, shape, error) &&
                      tensor_list_add(list, &tensor, name, strlen(name), error);
    return tensor_list_settle(list, mark, good, source, error);
}
