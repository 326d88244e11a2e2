#include "hostile_blocks.h"

#include <math.h>

void hostile_block(struct gap_source *source, size_t n, float *x, float *w)
{
    const uint64_t word = gap_source_word(source);
    for (size_t i = 0; i < n; i++)
        switch (word % 32) {
        case 0:
            x[i] *= 1e-41f; /* subnormal */
            break;
        case 1:
            x[i] = x[i] > 0.0f ? 3.4e38f : -3.4e38f;
            break;
        case 2:
            w[i] = 0.0f;
            break;
        case 3:
            w[i] = i % 3 == word / 24 % 3 ? w[i] : -0.0f;
            break;
        case 4:
            w[i] = ldexpf(1.0f, (int)((word >> i % 48) % 250) - 125);
            break;
        case 5:
            x[i] = ldexpf(x[i], (int)((word >> i % 48) % 60) - 30);
            break;
        case 6:
            w[i] *= 1e30f;
            break;
        case 7:
            x[i] = (word >> i) % 8 == 0 ? x[i] : -0.0f;
            break;
        case 8: /* equal pairs, or one of them negative */
            x[i] = i % 2 ? (word % 64 < 32 ? x[i - 1] : -x[i - 1]) : x[i];
            break;
        case 9: /* all between two integers */
            x[i] = floorf(4.0f * x[i]) + 0.5f;
            break;
        case 10:
            x[i] = nextafterf(floorf(4.0f * x[i]) + 0.5f, 0.0f);
            break;
        case 11: /* codes that can be halved */
            x[i] = 2.0f * floorf(x[i]) + 1e-3f * w[i];
            break;
        case 12: /* codes that make no difference to the error */
        case 13:
            w[i] = i % 4 ? w[i] : ldexpf(w[i], -36);
            break;
        case 14:
            x[i] = (float)(4194305 + (word >> i) % 2);
            break;
        case 15:
            x[i] = roundf(16.0f * x[i]) * (word / 24 % 2 ? 0x1p-100f : 1.0f); /* ties */
            break;
        default:
            break;
        }
}
