/* The only unit that includes Random123, so that its macros and warnings stay here. */
#include "philox.h"
#include <Random123/philox.h>

struct philox_words philox(const struct philox_point *point)
{
    const philox4x32_key_t key = {{(uint32_t)point->seed, (uint32_t)(point->seed >> 32)}};
    const philox4x32_ctr_t counter = {
        {(uint32_t)point->element, (uint32_t)(point->element >> 32), point->tensor, point->draw}};
    const philox4x32_ctr_t out = philox4x32_R(10, counter, key);
    const struct philox_words words = {
        {out.v[0] | (uint64_t)out.v[1] << 32, out.v[2] | (uint64_t)out.v[3] << 32}};

    return words;
}
