#include "iq1_search.h"

#include "cheapest_row.h"
#include "codebooks.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>

enum {
    MAX_N = RDL_IQ1_MAX_SUB_BLOCK,
    GROUP = RDL_IQ1_GROUP,
    LEVELS = 3
};

const float rdl_iq1_values[2][3] = {{-0.875f, 0.125f, 1.125f}, {-1.125f, -0.125f, 0.875f}};

/* Sorted weights before `first` get level 0, those before `second` level 1, the others level 2. Bit
 * 1 of `deltas` is the delta of the first half of the sub-block, bit 0 that of the second. */
struct cut {
    int first, second;
    unsigned deltas;
    float scale, score;
};

/* Scores a coding with scale num / den; keeps it if it explains strictly more. */
static inline void keep_better(float num, float den, int first, int second, unsigned deltas,
                               struct cut *best)
{
    if (!(den > 0.0f && num * num > best->score * den))
        return;
    const float scale = num / den;
    *best = (struct cut){first, second, deltas, scale, scale * num};
}

/* Positions of the weights in ascending order, equal ones in index order. */
static void sort_ascending(int n, const float *x, int *order)
{
    for (int i = 0; i < n; i++) {
        int at = i;
        for (; at > 0 && x[order[at - 1]] > x[i]; at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
}

static bool all_below(int n, const float *x, float threshold)
{
    for (int i = 0; i < n; i++)
        if (fabsf(x[i]) >= threshold)
            return false;
    return true;
}

/* ------------------------------------------------------------------------------------------------
 * From a cut to codebook rows
 */

static void set_levels(int n, const int *order, const struct cut *cut, uint8_t *levels)
{
    for (int k = 0; k < n; k++)
        levels[order[k]] = (uint8_t)((k >= cut->first) + (k >= cut->second));
}

/* The row of a group's levels, or the neighbour of least error; fills in the row's levels. */
static uint16_t choose_row(const float *x, const float *w, const float *values, float scale,
                           const struct rdl_neighbours *neighbours, uint8_t *levels, bool *off_grid)
{
    float costs[LEVELS * GROUP];
    for (int l = 0; l < LEVELS; l++)
        for (int i = 0; i < GROUP; i++) {
            const float difference = scale * values[l] - x[i];
            costs[l * GROUP + i] = w[i] * difference * difference;
        }
    unsigned point = 0;
    for (int i = GROUP - 1; i >= 0; i--)
        point = point * LEVELS + levels[i];
    *off_grid |= (neighbours->starts[point] & RDL_ON_GRID) == 0;
    const uint32_t start = neighbours->starts[point] & ~(uint32_t)RDL_ON_GRID;
    const uint32_t end = neighbours->starts[point + 1] & ~(uint32_t)RDL_ON_GRID;
    const uint16_t row =
        rdl_cheapest_row(GROUP, neighbours->rows + start, end - start, neighbours->levels, costs);
    memcpy(levels, neighbours->levels + row * GROUP, GROUP);
    return row;
}

/* The least-squares scale of the chosen rows, where it is positive. */
static float refit(int n, const float *x, const float *w, const struct rdl_iq1_fit *fit)
{
    float num = 0.0f, den = 0.0f;
    for (int i = 0; i < n; i++) {
        const float value = rdl_iq1_values[fit->delta[i / GROUP]][fit->levels[i]];
        num += w[i] * value * x[i];
        den += w[i] * value * value;
    }
    return num > 0.0f && den > 0.0f ? num / den : fit->scale;
}

/* A cut with a negative scale is turned round: values and deltas are symmetric. */
static struct rdl_iq1_fit finish(int n, const float *x, const float *w, const int *order,
                                 const struct cut *cut, const struct rdl_neighbours *neighbours)
{
    struct rdl_iq1_fit fit = {.scale = fabsf(cut->scale)};
    set_levels(n, order, cut, fit.levels);
    const bool turn = cut->scale < 0.0f;
    for (int i = 0; turn && i < n; i++)
        fit.levels[i] = (uint8_t)(2 - fit.levels[i]);
    const int groups = n / GROUP;
    bool off_grid = false;
    for (int g = 0; g < groups; g++) {
        fit.delta[g] = (uint8_t)((cut->deltas >> (g < groups / 2) & 1u) ^ turn);
        fit.rows[g] = choose_row(x + GROUP * g, w + GROUP * g, rdl_iq1_values[fit.delta[g]],
                                 fit.scale, neighbours, fit.levels + GROUP * g, &off_grid);
    }
    if (off_grid)
        fit.scale = refit(n, x, w, &fit);
    return fit;
}

void rdl_iq1_decode_group(int row, int delta, float scale, float *x)
{
    const int8_t *entries = (const int8_t *)rdl_codebook_iq1_s.entries + row * GROUP;
    const float offset = rdl_iq1_values[delta][1]; /* of the entry 0: delta; the sum is exact */
    for (int i = 0; i < GROUP; i++)
        x[i] = scale * ((float)entries[i] + offset);
}

/* ------------------------------------------------------------------------------------------------
 * The best cut
 */

struct rdl_iq1_fit rdl_iq1_s_search(const float *x, const float *w,
                                    const struct rdl_neighbours *neighbours)
{
    enum {
        N = 32
    };
    if (all_below(N, x, 1e-12f))
        return (struct rdl_iq1_fit){0};
    int order[N];
    sort_ascending(N, x, order);
    float sum_wx[N + 1] = {0.0f}, sum_w[N + 1] = {0.0f};
    for (int k = 0; k < N; k++) {
        sum_wx[k + 1] = sum_wx[k] + w[order[k]] * x[order[k]];
        sum_w[k + 1] = sum_w[k] + w[order[k]];
    }
    struct cut best = {.score = -FLT_MAX};
    for (int first = 0; first <= N; first++)
        for (int second = first; second <= N; second++)
            for (unsigned delta = 0; delta < 2; delta++) {
                const float *t = rdl_iq1_values[delta];
                const float num = (sum_wx[first] - sum_wx[0]) * t[0] +
                                  (sum_wx[second] - sum_wx[first]) * t[1] +
                                  (sum_wx[N] - sum_wx[second]) * t[2];
                const float den = (sum_w[first] - sum_w[0]) * t[0] * t[0] +
                                  (sum_w[second] - sum_w[first]) * t[1] * t[1] +
                                  (sum_w[N] - sum_w[second]) * t[2] * t[2];
                keep_better(num, den, first, second, delta ? 3 : 0, &best);
            }
    if (best.score == -FLT_MAX)
        return (struct rdl_iq1_fit){0};
    return finish(N, x, w, order, &best, neighbours);
}

/* What each sorted weight adds to a sum at each level, for one choice of deltas. */
struct terms {
    float num[LEVELS][16], den[LEVELS][16];
};

static void fill_terms(const float *x, const float *w, const int *order, unsigned deltas,
                       struct terms *terms)
{
    for (int k = 0; k < 16; k++) {
        const int i = order[k];
        const float *values = rdl_iq1_values[i < GROUP ? deltas >> 1 : deltas & 1u];
        for (int l = 0; l < LEVELS; l++) {
            terms->num[l][k] = w[i] * values[l] * x[i];
            terms->den[l][k] = w[i] * values[l] * values[l];
        }
    }
}

struct rdl_iq1_fit rdl_iq1_m_search(const float *x, const float *w,
                                    const struct rdl_neighbours *neighbours)
{
    enum {
        N = 16,
        DELTAS = 4
    };
    if (all_below(N, x, 1e-7f))
        return (struct rdl_iq1_fit){0};
    int order[N];
    sort_ascending(N, x, order);
    struct terms terms[DELTAS];
    for (unsigned deltas = 0; deltas < DELTAS; deltas++)
        fill_terms(x, w, order, deltas, &terms[deltas]);
    /* Sums are in sorted order from 0: those of the weights before the first and the second cut go
     * on from cut to cut, those behind it are added anew. */
    struct cut best = {.score = -FLT_MAX};
    float num_first[DELTAS] = {0.0f}, den_first[DELTAS] = {0.0f};
    for (int first = 0; first <= N; first++) {
        float num_second[DELTAS], den_second[DELTAS];
        memcpy(num_second, num_first, sizeof num_first);
        memcpy(den_second, den_first, sizeof den_first);
        for (int second = first; second <= N; second++)
            for (unsigned d = 0; d < DELTAS; d++) {
                float num = num_second[d], den = den_second[d];
                for (int k = second; k < N; k++) {
                    num += terms[d].num[2][k];
                    den += terms[d].den[2][k];
                }
                keep_better(num, den, first, second, d, &best);
                if (second < N) {
                    num_second[d] += terms[d].num[1][second];
                    den_second[d] += terms[d].den[1][second];
                }
            }
        for (unsigned d = 0; first < N && d < DELTAS; d++) {
            num_first[d] += terms[d].num[0][first];
            den_first[d] += terms[d].den[0][first];
        }
    }
    if (best.score == -FLT_MAX)
        return (struct rdl_iq1_fit){0};
    return finish(N, x, w, order, &best, neighbours);
}
