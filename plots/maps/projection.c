#include "projection.h"

#include "pixel_index.h"
#include "portable_math.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const value_names[PIXEL_VALUE_COUNT] = {
    [PIXEL_COSINE] = "cosine", [PIXEL_CENTRED] = "centred",       [PIXEL_ANGLE] = "angle",
    [PIXEL_EXCESS] = "excess", [PIXEL_DIFFERENCE] = "difference", [PIXEL_INDEX] = "index",
};

const char *pixel_value_name(unsigned value)
{
    return value < PIXEL_VALUE_COUNT ? value_names[value] : NULL;
}

bool pixel_value_compares(enum pixel_value value)
{
    return value == PIXEL_EXCESS || value == PIXEL_DIFFERENCE;
}

/* ------------------------------------------------------------------------------------------------
 * From directions to vectors
 */

size_t embedding_length(const struct embedding *embedding)
{
    return 3 + (embedding->fourth != FOURTH_NONE) + embedding->nextras;
}

static void embed(const struct embedding *embedding, const struct direction *directions,
                  size_t count, float *x)
{
    const double share = embedding->fourth == FOURTH_MEAN ? 3.0 : 1.0;
    for (size_t i = 0; i < count; i++) {
        const struct direction d = directions[i];
        *x++ = (float)d.x;
        *x++ = (float)d.y;
        *x++ = (float)d.z;
        if (embedding->fourth != FOURTH_NONE)
            *x++ = (float)(-(d.x + d.y + d.z) / share);
        for (size_t k = 0; k < embedding->nextras; k++)
            *x++ = embedding->extras[k];
    }
}

/* ------------------------------------------------------------------------------------------------
 * Values of vectors
 */

/* Undefined if either is 0. */
static double ratio_of(double xv, double vv, double xx)
{
    const double squares = vv * xx;
    if (!(squares > 0.0))
        return (double)NAN;
    const double cosine = xv / sqrt(squares);
    return cosine < 1.0 ? (cosine > -1.0 ? cosine : -1.0) : 1.0;
}

static double cosine_of(size_t n, const float *x, const float *w, const double *v)
{
    double xv = 0.0, vv = 0.0, xx = 0.0;
    for (size_t i = 0; i < n; i++) {
        const double xi = (double)x[i], wi = (double)w[i];
        xv += wi * (xi * v[i]);
        vv += wi * (v[i] * v[i]);
        xx += wi * (xi * xi);
    }
    return ratio_of(xv, vv, xx);
}

/* Squares below this part of the vector's own are rounding of the mean. */
#define CONSTANT 0x1p-80

static double centred_cosine_of(size_t n, const float *x, const float *w, const double *v)
{
    double sw = 0.0, sx = 0.0, sv = 0.0, x_square = 0.0, v_square = 0.0;
    for (size_t i = 0; i < n; i++) {
        const double xi = (double)x[i], wi = (double)w[i];
        sw += wi;
        sx += wi * xi;
        sv += wi * v[i];
        x_square += wi * (xi * xi);
        v_square += wi * (v[i] * v[i]);
    }
    const double x_mean = sx / sw, v_mean = sv / sw;
    double xv = 0.0, vv = 0.0, xx = 0.0;
    for (size_t i = 0; i < n; i++) {
        const double xc = (double)x[i] - x_mean, vc = v[i] - v_mean, wi = (double)w[i];
        xv += wi * (xc * vc);
        vv += wi * (vc * vc);
        xx += wi * (xc * xc);
    }
    if (!(xx > CONSTANT * x_square) || !(vv > CONSTANT * v_square))
        return (double)NAN;
    return ratio_of(xv, vv, xx);
}

/*
 * Errors below this part of the squares of a block are 0: scales in binary64 leave 2^-106 of them
 * where a vector is representable, and where it is not, its binary32 numbers leave 2^-48 or so.
 * With an optimum of 0, any larger error is infinitely many times it, which is no number.
 */
#define NO_ERROR 0x1p-90

/* Roundings of a reconstruction, 2^-52 of x or so, change an error sum d^2 by twice that times
 * sum |x d| <= sqrt(sum x^2 sum d^2): optima by two searches differ by no more. */
#define SAME_ERROR 0x1p-49

static double excess_of(double error, double least, double square)
{
    if (!(least > NO_ERROR * square))
        return error > NO_ERROR * square ? (double)NAN : 0.0;
    if (fabs(error - least) <= SAME_ERROR * sqrt(square * least))
        return 0.0;
    return error / least - 1.0;
}

static double square_of(size_t n, const float *x, const float *w)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += (double)w[i] * ((double)x[i] * (double)x[i]);
    return sum;
}

/* ------------------------------------------------------------------------------------------------
 * Rows
 */

/* A thread's memory. */
struct thread {
    struct view_columns columns; /* this thread's own */
    struct direction directions[METHOD_BATCH];
    float x[METHOD_BATCH * RDL_BLOCK_MAX_LENGTH];
    double values[METHOD_BATCH];
    float ones[RDL_BLOCK_MAX_LENGTH];
    struct method_space space, against;
    unsigned *counts; /* of samples that have a value, for each pixel of the row */
};

static void close_thread(void *memory)
{
    struct thread *thread = memory;
    view_columns_free(&thread->columns);
    method_space_free(&thread->space);
    method_space_free(&thread->against);
    free(thread->counts);
    free(thread);
}

static void *open_thread(const void *subject)
{
    const struct projection *p = subject;
    struct thread *thread = calloc(1, sizeof *thread);
    if (!thread)
        return NULL;
    thread->counts = calloc(p->view.width, sizeof *thread->counts);
    if (thread->counts && view_columns_make(&thread->columns, &p->view, p->samples) &&
        method_space_make(&thread->space, p->method) &&
        (!p->against || method_space_make(&thread->against, p->against))) {
        for (size_t i = 0; i < RDL_BLOCK_MAX_LENGTH; i++)
            thread->ones[i] = 1.0f;
        return thread;
    }
    close_thread(thread);
    return NULL;
}

static unsigned wanted_of(const struct projection *p)
{
    const unsigned weights = p->weighted ? METHOD_ERRORS : 0;
    if (p->value != PIXEL_EXCESS)
        return weights;
    return METHOD_ERRORS | (p->against ? 0u : METHOD_BOUNDS);
}

/* Cosines of the batch by what a method made of it. */
static void cosines(const struct projection *p, struct thread *thread,
                    const struct method_space *space, size_t count, double *values)
{
    const size_t n = p->method->n;
    for (size_t b = 0; b < count; b++) {
        const float *x = thread->x + b * n;
        const float *w = p->weighted ? thread->space.rounded.weights + b * n : thread->ones;
        const double *v = space->rounded.v + b * n;
        values[b] =
            p->value == PIXEL_CENTRED ? centred_cosine_of(n, x, w, v) : cosine_of(n, x, w, v);
    }
}

static void angles(const struct projection *p, struct thread *thread, size_t count, double *values)
{
    cosines(p, thread, &thread->space, count, values);
    for (size_t b = 0; b < count; b++)
        if (!isnan(values[b]))
            values[b] = portable_arc_cosine(values[b]);
}

static void differences(const struct projection *p, struct thread *thread, size_t count,
                        double *values)
{
    double others[METHOD_BATCH];
    cosines(p, thread, &thread->space, count, values);
    cosines(p, thread, &thread->against, count, others);
    for (size_t b = 0; b < count; b++)
        values[b] = isnan(values[b]) || isnan(others[b]) ? (double)NAN : values[b] - others[b];
}

static void excesses(const struct projection *p, struct thread *thread, size_t count,
                     double *values)
{
    const struct rounded *r = &thread->space.rounded;
    const double *least = p->against ? thread->against.rounded.errors : r->bounds;
    for (size_t b = 0; b < count; b++)
        values[b] = excess_of(
            r->errors[b], least[b],
            square_of(p->method->n, thread->x + b * p->method->n, r->weights + b * p->method->n));
}

static void indices(const struct projection *p, struct thread *thread, size_t count, double *values)
{
    const struct projection_method *m = p->method;
    const struct rounded *r = &thread->space.rounded;
    for (size_t b = 0; b < count; b++)
        values[b] = pixel_index(&m->grid, m->levels, m->n, r->codes + b * m->n, r->fits[b].scale);
}

static void plain(const struct projection *p, struct thread *thread, size_t count, double *values)
{
    cosines(p, thread, &thread->space, count, values);
}

/* From what was rounded to the numbers of the samples. */
typedef void values_fn(const struct projection *p, struct thread *thread, size_t count,
                       double *values);

static values_fn *const values_of[PIXEL_VALUE_COUNT] = {
    [PIXEL_COSINE] = plain,    [PIXEL_CENTRED] = plain,          [PIXEL_ANGLE] = angles,
    [PIXEL_EXCESS] = excesses, [PIXEL_DIFFERENCE] = differences, [PIXEL_INDEX] = indices,
};

static bool batch(const struct projection *p, struct thread *thread, size_t line, size_t first,
                  size_t count, double *values, struct error *error)
{
    const unsigned wanted = wanted_of(p);
    view_directions(&thread->columns, line, first, count, thread->directions);
    embed(&p->embedding, thread->directions, count, thread->x);
    if (!method_round(p->method, thread->x, count, wanted, &thread->space, error))
        return false;
    if (p->against && !method_round(p->against, thread->x, count, wanted, &thread->against, error))
        return false;
    values_of[p->value](p, thread, count, values);
    return true;
}

/* A line of samples, added to the pixels that they belong to. */
static bool add_line(const struct projection *p, struct thread *thread, size_t line, double *values,
                     struct error *error)
{
    const size_t total = p->view.width * p->samples;
    for (size_t first = 0; first < total; first += METHOD_BATCH) {
        const size_t count = total - first < METHOD_BATCH ? total - first : METHOD_BATCH;
        if (!batch(p, thread, line, first, count, thread->values, error))
            return false;
        for (size_t b = 0; b < count; b++)
            if (!isnan(thread->values[b])) {
                values[(first + b) / p->samples] += thread->values[b];
                thread->counts[(first + b) / p->samples]++;
            }
    }
    return true;
}

static bool make_row(const void *subject, void *memory, size_t row, double *values, double *areas,
                     struct error *error)
{
    const struct projection *p = subject;
    struct thread *thread = memory;
    const size_t width = p->view.width;
    view_areas(&p->view, row, areas);
    memset(values, 0, width * sizeof *values);
    memset(thread->counts, 0, width * sizeof *thread->counts);
    for (unsigned sample = 0; sample < p->samples; sample++)
        if (!add_line(p, thread, row * p->samples + sample, values, error))
            return false;
    for (size_t i = 0; i < width; i++)
        values[i] = thread->counts[i] ? values[i] / thread->counts[i] : (double)NAN;
    return true;
}

bool projection_try(const struct projection *projection, struct error *error)
{
    struct thread *thread = open_thread(projection);
    if (!thread)
        return fail(error, "out of memory");
    const bool tried = batch(projection, thread, 0, 0, 1, thread->values, error);
    close_thread(thread);
    return tried;
}

bool projection_make(struct raster *raster, const struct projection *projection, bool keep,
                     const struct raster_sink *sink, struct progress *progress, struct error *error)
{
    const struct raster_source source = {
        .name = projection->method->name,
        .width = projection->view.width,
        .height = projection->view.height,
        .subject = projection,
        .open = open_thread,
        .close = close_thread,
        .row = make_row,
    };
    return raster_make(raster, &source, keep, sink, progress, error);
}
