/*
 * The numbers of synthetic tensors. Weight k draws 64-bit words number 0, 1, 2, ... at the Philox
 * point (seed, k, tensor): word j is half j mod 2 of draw j / 2. What each word is for is part of
 * the contract: it pins the numbers.
 */
#include "synth.h"
#include "philox.h"
#include "quantile.h"
#include <math.h>

struct word_stream {
    struct philox_point point;
    struct philox_words words;
    unsigned next; /* number of the next word */
};

static struct word_stream stream_of(const struct synth *synth, uint64_t k)
{
    return (struct word_stream){
        .point = {.seed = synth->seed, .element = k, .tensor = synth->tensor}};
}

static uint64_t next_word(struct word_stream *stream)
{
    const unsigned half = stream->next % 2;

    if (half == 0) {
        stream->point.draw = stream->next / 2;
        stream->words = philox(&stream->point);
    }
    stream->next++;
    return stream->words.word[half];
}

/*
 * Uniform on the 2^52 odd multiples of 2^-53 between -1/2 and 1/2: symmetric, never 0, never an
 * end. Exact, and so are 1/2 + q and 1/2 - |q|.
 */
static double next_centred(struct word_stream *stream)
{
    const int64_t top = (int64_t)(next_word(stream) >> 12);

    return ((double)(top - (INT64_C(1) << 51)) + 0.5) * 0x1p-52;
}

static double next_uniform(struct word_stream *stream)
{
    return 0.5 + next_centred(stream);
}

static double next_normal(struct word_stream *stream)
{
    return normal_quantile(next_centred(stream));
}

/* Inverse of the distribution function: the tail probability 1/2 - |q| is exp(-|x| / b) / 2. */
static double next_laplace(struct word_stream *stream)
{
    const double sqrt_half = 0x1.6a09e667f3bcdp-1; /* b, where the standard deviation is 1 */
    const double q = next_centred(stream);
    const double tail = q < 0.0 ? 0.5 + q : 0.5 - q;
    const double size = -natural_log(2.0 * tail) * sqrt_half;

    return q < 0.0 ? -size : size;
}

/*
 * Chi-squared: a squared normal if nu is odd, and -2 ln u for each remaining pair of degrees of
 * freedom. The logarithm is taken of products of 16 u's: u >= 2^-53, so they are at least 2^-848
 * and do not underflow.
 */
static double next_chi_squared(struct word_stream *stream, unsigned nu)
{
    const unsigned group = 16;
    double sum = 0.0;

    if (nu % 2 == 1) {
        const double z = next_normal(stream);

        sum = z * z;
    }
    for (unsigned left = nu / 2; left > 0;) {
        const unsigned n = left < group ? left : group;
        double product = 1.0;

        for (unsigned i = 0; i < n; i++)
            product *= next_uniform(stream);
        sum -= 2.0 * natural_log(product);
        left -= n;
    }
    return sum;
}

/*
 * |z| < 8.3 and chi2 > (2.7e-16)^2, so with nu = 1 the value stays below 3.1e16: times the largest
 * sigma it is far below the largest binary32 (the other distributions are tamer).
 */
static double next_student_t(struct word_stream *stream, unsigned nu)
{
    const double z = next_normal(stream);

    return z / sqrt(next_chi_squared(stream, nu) / nu);
}

static double next_sparse(struct word_stream *stream, double zero_probability)
{
    const double z = next_normal(stream);

    return next_uniform(stream) < zero_probability ? 0.0 : z;
}

static double next_with_outliers(struct word_stream *stream, uint64_t column)
{
    const double rare = 1.0 / 8192.0;
    const double z = next_normal(stream);
    double factor = next_uniform(stream) < rare ? 20.0 : 1.0;

    switch (column % 197) {
    case 41:
        factor *= 8.0;
        break;
    case 140:
        factor *= 30.0;
        break;
    default:
        break;
    }
    return factor * z;
}

static double unit_weight(const struct synth *synth, uint64_t k)
{
    const double sqrt_12 = 0x1.bb67ae8584caap1;
    struct word_stream stream = stream_of(synth, k);

    switch (synth->distribution) {
    case SYNTH_GAUSSIAN:
        return next_normal(&stream);
    case SYNTH_LAPLACE:
        return next_laplace(&stream);
    case SYNTH_STUDENT_T:
        return next_student_t(&stream, synth->degrees_of_freedom);
    case SYNTH_UNIFORM:
        return next_centred(&stream) * sqrt_12;
    case SYNTH_SPARSE:
        return next_sparse(&stream, synth->zero_probability);
    case SYNTH_OUTLIER_COLUMNS:
        return next_with_outliers(&stream, k % synth->ncols);
    }
    return 0.0;
}

void synth_fill(const struct synth *synth, uint64_t first, size_t count, float *out)
{
    for (size_t i = 0; i < count; i++)
        out[i] = (float)(synth->sigma * unit_weight(synth, first + i));
}
