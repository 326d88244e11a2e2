#include "logits_row.h"

#include "log_sum_exp.h"
#include <math.h>
#include <string.h>

enum {
    LARGEST_CODE = 65535,
    HEADER_BYTES = 2 * sizeof(float)
};

uint64_t logits_row_bytes(uint32_t vocabulary)
{
    const uint64_t even = ((uint64_t)vocabulary + 1) / 2 * 2;
    return HEADER_BYTES + even * sizeof(uint16_t);
}

/* ------------------------------------------------------------------------------------------------
 * Encoding. The order of operations, all in binary32, is that of llama.cpp's perplexity tool, so
 * that the bytes are the same.
 */

/* To nearest, ties to even. With a subnormal scale the quotient may be infinite. */
static uint16_t nearest_code(float quotient)
{
    const float shift = 12582912.0f; /* 1.5 * 2^23: the last place of the sum is 1 */
    return quotient < (float)LARGEST_CODE ? (uint16_t)((quotient + shift) - shift) : LARGEST_CODE;
}

static void put_code(uint8_t *row, uint32_t index, uint16_t code)
{
    memcpy(row + HEADER_BYTES + sizeof code * index, &code, sizeof code);
}

void logits_row_encode(const float *logits, uint32_t vocabulary, float range, uint8_t *row)
{
    const uint32_t top = index_of_largest(logits, vocabulary);
    const float max = logits[top];
    float low = max;
    for (uint32_t i = 0; i < vocabulary; i++)
        low = logits[i] < low ? logits[i] : low;
    low = low > max - range ? low : max - range;
    const float minimum = low - max - log_sum_exp_above(logits, vocabulary, max);
    const float scale = (max - low) / (float)LARGEST_CODE;
    const float inverse = 1.0f / scale;
    memcpy(row, &scale, sizeof scale);
    memcpy(row + sizeof scale, &minimum, sizeof minimum);
    for (uint32_t i = 0; i < vocabulary; i++)
        put_code(row, i,
                 scale != 0.0f && logits[i] > low ? nearest_code(inverse * (logits[i] - low)) : 0);
    if (vocabulary % 2 == 1)
        put_code(row, vocabulary, 0);
}

/* ------------------------------------------------------------------------------------------------
 * Decoding
 */

static bool check_header(float scale, float minimum, struct error *error)
{
    if (!isfinite(scale) || scale < 0.0f)
        return fail(error, "its scale is %g, must be finite and not negative", (double)scale);
    if (!isfinite(minimum) || minimum > 0.0f)
        return fail(error, "its smallest logarithm of a probability is %g, must be at most 0",
                    (double)minimum);
    return true;
}

/* The grid may round the logarithm of a probability of nearly 1 to a little above 0. */
static bool check_largest(float scale, float minimum, uint16_t largest, struct error *error)
{
    if (scale == 0.0f && largest > 0)
        return fail(error, "its scale is 0, yet it has the code %u", (unsigned)largest);
    const float top = scale * (float)largest + minimum;
    const float slack = 1e-3f + 1e-6f * -minimum;
    return top <= slack || fail(error, "it has a probability of e^%g", (double)top);
}

bool logits_row_decode(const uint8_t *row, uint32_t vocabulary, float *log_probabilities,
                       struct logits_row *facts, struct error *error)
{
    float scale, minimum;
    memcpy(&scale, row, sizeof scale);
    memcpy(&minimum, row + sizeof scale, sizeof minimum);
    if (!check_header(scale, minimum, error))
        return false;
    uint16_t largest = 0;
    for (uint32_t i = 0; i < vocabulary; i++) {
        uint16_t code;
        memcpy(&code, row + HEADER_BYTES + sizeof code * i, sizeof code);
        largest = code > largest ? code : largest;
        log_probabilities[i] = scale * (float)code + minimum;
    }
    *facts = (struct logits_row){.range = scale * (float)LARGEST_CODE, .minimum = minimum};
    return check_largest(scale, minimum, largest, error);
}
