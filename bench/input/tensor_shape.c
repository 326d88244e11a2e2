#include "tensor_shape.h"

#include <inttypes.h>
#include <stdio.h>

const char *tensor_shape_text(const struct tensor *tensor, char *out, size_t size)
{
    snprintf(out, size, "()");
    size_t used = 0;
    for (unsigned i = tensor->ndims; i > 0 && used < size; i--)
        used += (size_t)snprintf(out + used, size - used, "%s%" PRIu64, used > 0 ? "x" : "",
                                 tensor->dims[i - 1]);
    return out;
}

json_t *tensor_shape_json(const struct tensor *tensor)
{
    json_t *shape = json_array();
    for (unsigned i = tensor->ndims; i > 0; i--) {
        if (json_array_append_new(shape, json_integer((json_int_t)tensor->dims[i - 1])) != 0) {
            json_decref(shape);
            return NULL;
        }
    }
    return shape;
}
