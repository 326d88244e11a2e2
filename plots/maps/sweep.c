#include "sweep.h"

#include "array.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

struct span {
    float least, greatest;
};

static struct span span_of(const struct sweep *sweep)
{
    struct span span = {sweep->x[0], sweep->x[0]};
    for (size_t i = 1; i < sweep->n; i++) {
        span.least = sweep->x[i] < span.least ? sweep->x[i] : span.least;
        span.greatest = sweep->x[i] > span.greatest ? sweep->x[i] : span.greatest;
    }
    return span;
}

bool sweep_is_valid(const struct sweep *sweep, struct error *error)
{
    const struct span span = span_of(sweep);
    return span.least < span.greatest || fail(error, "the vector of a sweep has one value only");
}

/* ------------------------------------------------------------------------------------------------
 * Pixels
 */

static void codes_of(const struct sweep *sweep, const struct span *span, size_t row, size_t column,
                     uint8_t *codes)
{
    const int top = sweep->levels - 1;
    const double p = -0.5 + (double)row / (double)sweep->height;
    const double r = 0.5 + (double)top * (double)column / (double)(sweep->width - 1);
    const double least = (double)span->least, length = (double)span->greatest - least;
    for (size_t i = 0; i < sweep->n; i++) {
        const double y = ((double)sweep->x[i] - least) * (r - p) / length + p;
        const double nearest = rint(y);
        codes[i] = (uint8_t)(nearest > 0.0 ? (nearest < top ? nearest : top) : 0.0);
    }
}

static double squared_correlation(const struct sweep *sweep, const uint8_t *codes)
{
    const double n = (double)sweep->n;
    double x_mean = 0.0, q_mean = 0.0;
    for (size_t i = 0; i < sweep->n; i++) {
        x_mean += (double)sweep->x[i] / n;
        q_mean += codes[i] / n;
    }
    double xq = 0.0, xx = 0.0, qq = 0.0;
    bool constant = true;
    for (size_t i = 0; i < sweep->n; i++) {
        const double x = (double)sweep->x[i] - x_mean, q = codes[i] - q_mean;
        xq += x * q;
        xx += x * x;
        qq += q * q;
        constant = constant && codes[i] == codes[0];
    }
    return constant ? (double)NAN : xq * xq / (xx * qq);
}

static void *open_thread(const void *subject)
{
    return malloc(((const struct sweep *)subject)->n);
}

static bool make_row(const void *subject, void *thread, size_t row, double *values, double *areas,
                     struct error *error)
{
    const struct sweep *sweep = subject;
    const struct span span = span_of(sweep);
    (void)error;
    for (size_t column = 0; column < sweep->width; column++) {
        codes_of(sweep, &span, row, column, thread);
        values[column] = squared_correlation(sweep, thread);
        areas[column] = 1.0;
    }
    return true;
}

bool sweep_make(struct raster *raster, const struct sweep *sweep, bool keep,
                struct progress *progress, struct error *error)
{
    const struct raster_source source = {
        .name = "sweep",
        .width = sweep->width,
        .height = sweep->height,
        .subject = sweep,
        .open = open_thread,
        .close = free,
        .row = make_row,
    };
    return raster_make(raster, &source, keep, NULL, progress, error);
}

/* ------------------------------------------------------------------------------------------------
 * Vectors
 */

/* Vectors found by their hash: open addressing, half full at most. */
struct vector_set {
    struct sweep_vector *vectors;
    size_t count, capacity;
    uint32_t *slots; /* number of a vector + 1; 0: empty */
    size_t nslots;   /* a power of two */
};

static size_t slot_of(const struct vector_set *set, const uint8_t *codes, size_t n)
{
    size_t slot = XXH64(codes, n, 0) & (set->nslots - 1);
    while (set->slots[slot] && memcmp(set->vectors[set->slots[slot] - 1].codes, codes, n) != 0)
        slot = (slot + 1) & (set->nslots - 1);
    return slot;
}

static bool grow_slots(struct vector_set *set, size_t n)
{
    free(set->slots);
    set->nslots = set->nslots ? 2 * set->nslots : 1024;
    set->slots = calloc(set->nslots, sizeof *set->slots);
    for (size_t i = 0; set->slots && i < set->count; i++)
        set->slots[slot_of(set, set->vectors[i].codes, n)] = (uint32_t)i + 1;
    return set->slots != NULL;
}

static bool add_vector(struct vector_set *set, const struct sweep *sweep, const uint8_t *codes)
{
    if (2 * set->count >= set->nslots && !grow_slots(set, sweep->n))
        return false;
    const size_t slot = slot_of(set, codes, sweep->n);
    if (set->slots[slot]) {
        set->vectors[set->slots[slot] - 1].pixels++;
        return true;
    }
    struct sweep_vector *vectors =
        array_grow(set->vectors, set->count, &set->capacity, sizeof *vectors);
    if (!vectors)
        return false;
    set->vectors = vectors;
    struct sweep_vector *vector = &vectors[set->count++];
    memset(vector, 0, sizeof *vector);
    memcpy(vector->codes, codes, sweep->n);
    vector->value = squared_correlation(sweep, codes);
    vector->pixels = 1;
    set->slots[slot] = (uint32_t)set->count;
    return true;
}

/* The best first; constant ones, which have no value, last. */
static int better_first(const void *a, const void *b)
{
    const struct sweep_vector *x = a, *y = b;
    if (isnan(x->value) || isnan(y->value))
        return isnan(x->value) - isnan(y->value);
    if (x->value != y->value)
        return x->value > y->value ? -1 : 1;
    return memcmp(x->codes, y->codes, sizeof x->codes);
}

bool sweep_vectors(const struct sweep *sweep, struct sweep_vector **vectors, size_t *count,
                   struct error *error)
{
    struct vector_set set = {0};
    const struct span span = span_of(sweep);
    bool good = true;
    for (size_t row = 0; good && row < sweep->height; row++)
        for (size_t column = 0; good && column < sweep->width; column++) {
            uint8_t codes[SWEEP_MAX_LENGTH];
            codes_of(sweep, &span, row, column, codes);
            good = add_vector(&set, sweep, codes);
        }
    free(set.slots);
    if (!good) {
        free(set.vectors);
        return fail(error, "out of memory for the vectors of the sweep");
    }
    qsort(set.vectors, set.count, sizeof *set.vectors, better_first);
    while (set.count > 0 && isnan(set.vectors[set.count - 1].value))
        set.count--;
    *vectors = set.vectors;
    *count = set.count;
    return true;
}

bool sweep_optimum(const struct sweep *sweep, struct sweep_vector *optimum, struct error *error)
{
    const struct rdl_block block = {
        .n = sweep->n,
        .x = sweep->x,
        .grid = {.kind = RDL_BLOCK_FREE, .count = sweep->levels},
    };
    void *scratch = malloc(rdl_block_scratch_size(RDL_SOLVE_EXACT, &block.grid, block.n) + 1);
    struct rdl_block_fit fit;
    memset(optimum, 0, sizeof *optimum);
    enum rdl_status status = RDL_SCRATCH_TOO_SMALL;
    if (scratch)
        status = rdl_block_solve(RDL_SOLVE_EXACT, &block, NULL, scratch, optimum->codes, &fit);
    free(scratch);
    optimum->value = squared_correlation(sweep, optimum->codes);
    return status == RDL_OK || fail(error, "the optimum of the sweep: %s", rdl_status_text(status));
}
