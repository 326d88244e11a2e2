#include "weighting.h"

#include <math.h>

enum {
    SIGMA_RUN = 256
};

bool weighting_needs_importance(enum rdl_weighting weighting)
{
    return weighting == RDL_IMPORTANCE || weighting == RDL_IMPORTANCE_RMS;
}

static double mean_square(const float *x, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += (double)x[i] * (double)x[i];
    return sum / (double)n;
}

static float error_weight(enum rdl_weighting weighting, float x, float importance, double sigma2)
{
    switch (weighting) {
    case RDL_X2:
        return x * x;
    case RDL_ABS:
        return fabsf(x);
    case RDL_RMS_ABS:
        return (float)(sqrt(sigma2) + fabs((double)x));
    case RDL_IMPORTANCE:
        return importance;
    case RDL_IMPORTANCE_RMS:
        return (float)((double)importance * sqrt(sigma2 + (double)x * (double)x));
    case RDL_UNIFORM:
    case RDL_NATIVE:
    case RDL_WEIGHTING_COUNT:
        break;
    }
    return 1.0f;
}

void error_weights(enum rdl_weighting weighting, const float *x, const float *importance, size_t n,
                   float *w)
{
    for (size_t start = 0; start < n; start += SIGMA_RUN) {
        const size_t length = n - start < SIGMA_RUN ? n - start : SIGMA_RUN;
        const double sigma2 = mean_square(x + start, length);
        for (size_t i = start; i < start + length; i++)
            w[i] = error_weight(weighting, x[i], importance ? importance[i] : 1.0f, sigma2);
    }
}
