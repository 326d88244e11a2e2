#include "array.h"

#include <stdint.h>
#include <stdlib.h>

void *array_grow(void *array, size_t count, size_t *capacity, size_t element_bytes)
{
    if (count < *capacity) {
        return array;
    }
    size_t larger = *capacity + *capacity / 2 + 8;
    if (larger > SIZE_MAX / element_bytes) {
        return NULL;
    }
    void *grown = realloc(array, larger * element_bytes);
    if (grown != NULL) {
        *capacity = larger;
    }
    return grown;
}
