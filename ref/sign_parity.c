#include "sign_parity.h"

#include "codebooks.h"

enum {
    N = RDL_SIGN_GROUP
};

void rdl_split_signs(int n, const float *x, float *magnitudes, uint8_t *signs)
{
    for (int g = 0; g < n / N; g++) {
        unsigned mask = 0;
        for (int i = 0; i < N; i++) {
            const float value = x[N * g + i];
            magnitudes[N * g + i] = value >= 0.0f ? value : -value;
            mask |= (unsigned)!(value >= 0.0f) << i;
        }
        signs[g] = (uint8_t)mask;
    }
}

static int least_important(const float *x, const float *w)
{
    int least = 0;
    float smallest = w[0] * x[0] * x[0];
    for (int i = 1; i < N; i++) {
        const float candidate = w[i] * x[i] * x[i];
        if (candidate < smallest) {
            smallest = candidate;
            least = i;
        }
    }
    return least;
}

void rdl_make_signs_even(int n, const float *x, const float *w, float *magnitudes, uint8_t *signs)
{
    for (int g = 0; g < n / N; g++) {
        if (signs[g] == rdl_codebook_signs7[signs[g] & 127])
            continue;
        const int flipped = least_important(x + N * g, w + N * g);
        magnitudes[N * g + flipped] = -magnitudes[N * g + flipped];
        signs[g] ^= (uint8_t)(1u << flipped);
    }
}
