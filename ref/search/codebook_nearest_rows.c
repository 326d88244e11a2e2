/*
 * Nearest rows, exactly. All rows are looked at in binary32, the groups of many units together
 * (least_rows.h), and the one that is nearest beyond doubt is measured in binary64. Where there are
 * doubts, or numbers out of range, the group is looked at on its own: heights of lines are
 * binary32, and every row that may be the highest but for rounding is measured.
 *
 * Of lines, with u = 2^-24: w x and w are rounded once, their products with g and g^2 once, and
 * three sums make a relative error of 5 u of a and b; 2 min w x g <= a, with an error of 2 u, and
 * one more rounding make 8 u a of it. t is rounded (u), t a is (u), the height is (u). Values as
 * stored differ from scale * magnitude by u of themselves, which is u t a and 2 u b in height. All
 * in all a height is wrong by less than u (11 t a + 7 b + |height|). For a row that may be the
 * highest, b <= t a - height; so 64 u (t a + |height|) for the greatest a is more than the errors
 * of two rows. Below 2^-126 roundings are absolute: 2^-120 is more than all of them.
 */
#include "binary64.h"
#include "search/codebook_group.h"

#include <math.h>

enum {
    UNIT = RDL_SIGN_GROUP,
    LANES = RDL_LEAST_LANES
};

/* What a group takes. */
struct choice {
    uint16_t row;
    int flipped; /* weight of the group, or -1 */
    double error;
};

static double top_magnitude(const struct rdl_code_rows *rows)
{
    return rows->magnitudes[rows->length == UNIT ? 2 : RDL_MAX_LEVELS - 1];
}

static struct choice measure(const struct rdl_code_rows *rows, const struct rdl_unit_search *search,
                             int group, bool wrong, uint16_t row)
{
    const double *w = search->unit.w + rows->length * group;
    const double *x = search->unit.x + rows->length * group;
    struct choice choice = {row, -1, 0.0};
    double least = INFINITY;
    for (int i = 0; i < rows->length; i++) {
        const unsigned level = rows->words[row] >> rows->bits * i & ((1u << rows->bits) - 1);
        const double value = search->values[level], difference = x[i] - value;
        choice.error += w[i] * (difference * difference);
        if (wrong && w[i] * x[i] * value < least) {
            least = w[i] * x[i] * value;
            choice.flipped = i;
        }
    }
    if (wrong)
        choice.error += 4.0 * least; /* (x + value)^2 - (x - value)^2 */
    return choice;
}

/* Of one group, by its lines. */
static struct choice nearest_by_lines(const struct rdl_code_rows *rows,
                                      const struct rdl_unit_search *search, int group, bool wrong)
{
    const double *w = search->unit.w + rows->length * group;
    const double *x = search->unit.x + rows->length * group;
    const float *a = wrong ? rows->wrong[group] : rows->a[group], *b = rows->b[group];
    const float t = (float)rdl_lesser(2.0 / search->scale, RDL_LAST_POINT);
    uint16_t list[RDL_MAX_ROWS], top;
    rdl_fill_lines(rows, &search->unit);
    rows->lines->highest(rows->rows, a, b, 1, &t, &top);
    double greatest = 0.0; /* no a is greater */
    for (int i = 0; i < rows->length; i++)
        greatest += w[i] * x[i];
    greatest *= top_magnitude(rows);
    const float height = t * a[top] - b[top];
    const double margin = 0x1p-18 * ((double)t * greatest + fabs((double)height)) + 0x1p-120;
    const size_t count =
        rows->lines->above(rows->rows, a, b, t, (float)((double)height - margin), list);
    struct choice best = measure(rows, search, group, wrong, list[0]);
    for (size_t k = 1; k < count; k++) {
        const struct choice other = measure(rows, search, group, wrong, list[k]);
        if (other.error < best.error)
            best = other;
    }
    return best;
}

/* ------------------------------------------------------------------------------------------------
 * Groups in lanes
 */

/* Those that have a wrong sign, or those that have not. */
struct lanes {
    bool wrong;
    int count;
    const struct rdl_unit_search *searches[LANES];
    int groups[LANES];
    struct choice *choices[LANES];
    struct rdl_least_tile tile;
};

static void find_rows(const struct rdl_code_rows *rows, struct lanes *lanes)
{
    uint16_t found[LANES];
    bool sure[LANES];
    rows->least(&rows->halved, &lanes->tile, lanes->wrong, found, sure);
    for (int k = 0; k < lanes->count; k++) {
        const struct rdl_unit_search *search = lanes->searches[k];
        *lanes->choices[k] = sure[k]
                                 ? measure(rows, search, lanes->groups[k], lanes->wrong, found[k])
                                 : nearest_by_lines(rows, search, lanes->groups[k], lanes->wrong);
    }
    lanes->count = 0;
}

/* Weights of factor 0 cost nothing, whatever they are. */
static double magnitude_of(const struct rdl_unit *unit, int i)
{
    return unit->w[i] > 0.0 ? unit->x[i] : 0.0;
}

static bool is_in_range(const struct rdl_code_rows *rows, const struct rdl_unit_search *search,
                        int first)
{
    const struct rdl_unit *unit = &search->unit;
    double largest = search->values[rows->halved.levels - 1];
    for (int i = first; i < first + rows->length; i++)
        largest = rdl_greater(largest, rdl_greater(unit->w[i], magnitude_of(unit, i)));
    return largest <= RDL_LEAST_LIMIT;
}

static void fill_lane(const struct rdl_code_rows *rows, const struct rdl_unit_search *search,
                      int first, int lane, struct rdl_least_tile *tile)
{
    for (size_t l = 0; l < rows->halved.levels; l++)
        tile->values[l][lane] = (float)search->values[l];
    for (int i = 0; i < rows->length; i++) {
        tile->w[i][lane] = (float)search->unit.w[first + i];
        tile->x[i][lane] = (float)magnitude_of(&search->unit, first + i);
    }
}

static void add_group(const struct rdl_code_rows *rows, const struct rdl_unit_search *search,
                      int group, struct lanes *lanes, struct choice *choice)
{
    const int lane = lanes->count;
    if (!is_in_range(rows, search, rows->length * group)) {
        *choice = nearest_by_lines(rows, search, group, lanes->wrong);
        return;
    }
    fill_lane(rows, search, rows->length * group, lane, &lanes->tile);
    lanes->searches[lane] = search;
    lanes->groups[lane] = group;
    lanes->choices[lane] = choice;
    lanes->count++;
    if (lanes->count == LANES)
        find_rows(rows, lanes);
}

/* ------------------------------------------------------------------------------------------------
 * Units
 */

/* By group, and by whether it has the wrong sign of its unit. */
struct choices {
    struct choice groups[2][2];
};

/* One group takes the wrong sign, if there is one. */
static struct rdl_unit_choice join_groups(int length, bool odd, const struct choices *choices)
{
    const int groups = UNIT / length;
    struct rdl_unit_choice result = {.flipped = -1};
    int wrong = odd ? 0 : -1;
    if (odd && groups > 1 &&
        choices->groups[1][1].error - choices->groups[1][0].error <
            choices->groups[0][1].error - choices->groups[0][0].error)
        wrong = 1;
    for (int g = 0; g < groups; g++) {
        const struct choice *choice = &choices->groups[g][g == wrong];
        result.rows[g] = choice->row;
        result.error += choice->error;
    }
    if (odd)
        result.flipped = length * wrong + choices->groups[wrong][1].flipped;
    return result;
}

void rdl_nearest_rows(const struct rdl_code_rows *rows, int count,
                      const struct rdl_unit_search *searches)
{
    const int groups = UNIT / rows->length;
    struct choices choices[RDL_UNIT_SEARCHES];
    struct lanes lanes[2] = {{.wrong = false}, {.wrong = true}};
    for (int k = 0; k < count; k++)
        for (int g = 0; g < groups; g++) {
            const bool odd = searches[k].unit.odd;
            if (groups > 1 || !odd)
                add_group(rows, &searches[k], g, &lanes[0], &choices[k].groups[g][0]);
            if (odd)
                add_group(rows, &searches[k], g, &lanes[1], &choices[k].groups[g][1]);
        }
    for (int wrong = 0; wrong < 2; wrong++)
        if (lanes[wrong].count > 0)
            find_rows(rows, &lanes[wrong]);
    for (int k = 0; k < count; k++)
        *searches[k].choice = join_groups(rows->length, searches[k].unit.odd, &choices[k]);
}
